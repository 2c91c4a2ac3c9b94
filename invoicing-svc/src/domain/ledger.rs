//! The one ledger: transfers between accounts, and what follows from them.
//!
//! A row debits one account and credits another by one amount above zero, so an unbalanced row
//! cannot be written. Rows are never changed; a reversal is a row of its own.

mod balances;
mod postings;

pub use balances::{Balances, Law, LawBroken};
pub use postings::{
    Act, Advance, Party, act, advance_vat, allocated, apply as applied, late_fee_paid, offset_vat,
    rebalance, received, restore_vat, reverse,
};

use crate::domain::codes::codes;
use chrono::NaiveDate;
use types::{
    Money,
    id::{ClientId, ContractId, LegalEntityId, SellerId},
};

codes! {
    /// Kinds of accounts; each account is of one seller.
    AccountKind {
        /// Money that the bank reported (asset).
        BankClearing = "BANK_CLEARING",
        /// Money received that is not known to be anyone's (liability).
        Suspense = "SUSPENSE",
        /// Money prepaid, per legal entity and contract (liability).
        Advances = "ADVANCES",
        /// Rendered and not paid, per legal entity and contract (asset).
        Receivable = "RECEIVABLE",
        /// Rendered, without VAT once the act is posted (income).
        Revenue = "REVENUE",
        /// VAT owed (liability).
        VatPayable = "VAT_PAYABLE",
        /// VAT charged on advances and not yet offset (asset).
        VatOnAdvances = "VAT_ON_ADVANCES",
        /// Bonuses granted.
        Bonus = "BONUS",
        /// Late fees.
        Penalties = "PENALTIES",
        /// Refunds decided and not yet sent (liability).
        RefundPayable = "REFUND_PAYABLE",
        /// Differences of rounding.
        Rounding = "ROUNDING",
        /// Debts written off.
        WriteOff = "WRITE_OFF",
    }
}

/// An account: its kind, and for advances and receivable whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account {
    /// Kind.
    pub kind: AccountKind,
    /// Payer.
    pub legal_entity: Option<LegalEntityId>,
    /// Contract; empty for money that names none until it is applied.
    pub contract: Option<ContractId>,
}

impl Account {
    /// An account of the seller as a whole.
    #[must_use]
    pub const fn of_seller(kind: AccountKind) -> Self {
        Self { kind, legal_entity: None, contract: None }
    }
}

codes! {
    /// What caused a transfer.
    CauseKind {
        /// A bank line was imported.
        Received = "RECEIVED",
        /// A payment was allocated to a client.
        Allocated = "ALLOCATED",
        /// Money was set against an invoice.
        Applied = "APPLIED",
        /// An act was made.
        Act = "ACT",
        /// An earlier transfer was reversed.
        Reversal = "REVERSAL",
    }
}

/// What caused a transfer: a kind, and the resource name of the cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Kind.
    pub kind: CauseKind,
    /// Resource name, as `acts/{uuid}`.
    pub name: String,
}

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    seller: SellerId,
    client: Option<ClientId>,
    debit: Account,
    credit: Account,
    amount: Money,
    cause: Cause,
    date: NaiveDate,
}

/// A row that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// Amounts are above zero.
    #[error("a transfer moves an amount above zero; got {0}")]
    NotPositive(Money),
    /// Both sides are one account.
    #[error("a transfer moves between two accounts")]
    SameAccount,
}

impl Transfer {
    /// A row from the credited to the debited account.
    ///
    /// # Errors
    /// [`TransferError`] unless the amount is above zero and the accounts differ.
    pub fn new(
        (seller, client): (SellerId, Option<ClientId>),
        debit: Account,
        credit: Account,
        amount: Money,
        cause: Cause,
        date: NaiveDate,
    ) -> Result<Self, TransferError> {
        if !amount.is_positive() {
            return Err(TransferError::NotPositive(amount));
        }
        if debit == credit {
            return Err(TransferError::SameAccount);
        }
        Ok(Self { seller, client, debit, credit, amount, cause, date })
    }

    /// Whose books.
    #[must_use]
    pub const fn seller(&self) -> SellerId {
        self.seller
    }

    /// Whose money; none while it is unknown.
    #[must_use]
    pub const fn client(&self) -> Option<ClientId> {
        self.client
    }

    /// Account debited.
    #[must_use]
    pub const fn debit(&self) -> Account {
        self.debit
    }

    /// Account credited.
    #[must_use]
    pub const fn credit(&self) -> Account {
        self.credit
    }

    /// Amount, above zero.
    #[must_use]
    pub const fn amount(&self) -> Money {
        self.amount
    }

    /// What caused it.
    #[must_use]
    pub const fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Business date.
    #[must_use]
    pub const fn date(&self) -> NaiveDate {
        self.date
    }
}

#[cfg(test)]
mod tests;
