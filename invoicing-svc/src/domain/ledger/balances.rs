//! Balances, folded from transfers, and the law that they obey.

use super::{Account, AccountKind, Transfer};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use types::{Currency, Money, id::SellerId, money::MoneyError};

/// Balances by seller, account and currency; debit is positive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Balances(BTreeMap<(SellerId, Account, Currency), Decimal>);

impl Balances {
    /// Folds transfers.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn fold<'a>(transfers: impl IntoIterator<Item = &'a Transfer>) -> Result<Self, MoneyError> {
        let mut balances = Self::default();
        transfers.into_iter().try_for_each(|t| balances.post(t))?;
        Ok(balances)
    }

    /// Adds one transfer.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn post(&mut self, t: &Transfer) -> Result<(), MoneyError> {
        let (amount, currency) = (t.amount().amount(), t.amount().currency());
        for (account, change) in [(t.debit(), amount), (t.credit(), -amount)] {
            let balance = self.0.entry((t.seller(), account, currency)).or_default();
            *balance = balance.checked_add(change).ok_or(MoneyError::Overflow)?;
        }
        Ok(())
    }

    /// Balance of one account; debit is positive.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn of(
        &self,
        seller: SellerId,
        account: Account,
        currency: Currency,
    ) -> Result<Money, MoneyError> {
        let amount = self.0.get(&(seller, account, currency)).copied().unwrap_or_default();
        Money::new(amount, currency)
    }

    /// Σ over all accounts of a kind and a currency; debit is positive.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn of_kind(&self, kind: AccountKind, currency: Currency) -> Result<Money, MoneyError> {
        let rows = self.0.iter().filter(|((_, a, c), _)| a.kind == kind && *c == currency);
        Money::new(rows.map(|(_, amount)| *amount).sum(), currency)
    }

    /// Every balance that is not zero.
    pub fn rows(&self) -> impl Iterator<Item = (SellerId, Account, Currency, Decimal)> + '_ {
        self.0.iter().filter(|(_, b)| !b.is_zero()).map(|((s, a, c), b)| (*s, *a, *c, *b))
    }
}

/// Sums of money of one currency at one moment (design.md, "Ledger").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Law {
    /// Received from banks.
    pub received: Money,
    /// Allocated to nobody: what stands in suspense.
    pub unallocated: Money,
    /// Allocated to clients.
    pub allocated: Money,
    /// Set against invoices.
    pub applied: Money,
    /// Credit of clients.
    pub credit: Money,
    /// Paid back.
    pub refunded: Money,
    /// Allocated by payments-svc and not followed yet.
    pub in_flight: Money,
}

/// The law does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LawBroken {
    /// received ≠ unallocated + allocated.
    #[error("received {received} is not unallocated + allocated {sum}")]
    Received {
        /// Left side.
        received: Money,
        /// Right side.
        sum: Money,
    },
    /// allocated ≠ applied + credit + refunded + in flight.
    #[error("allocated {allocated} is not applied + credit + refunded + in flight {sum}")]
    Allocated {
        /// Left side.
        allocated: Money,
        /// Right side.
        sum: Money,
    },
    /// A sum.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Law {
    /// Checks: received = unallocated + allocated; allocated = applied + credit + refunded + in
    /// flight.
    ///
    /// # Errors
    /// [`LawBroken`] with both sides.
    pub fn check(&self) -> Result<(), LawBroken> {
        let sum = self.unallocated.checked_add(self.allocated)?;
        if sum != self.received {
            return Err(LawBroken::Received { received: self.received, sum });
        }
        let parts = [self.applied, self.credit, self.refunded, self.in_flight];
        let sum = Money::sum(self.allocated.currency(), parts)?;
        if sum != self.allocated {
            return Err(LawBroken::Allocated { allocated: self.allocated, sum });
        }
        Ok(())
    }
}
