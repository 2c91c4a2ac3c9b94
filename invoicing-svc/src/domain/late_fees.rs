//! Late fees (A47, A93): what a client owes for paying late. A fee is a claim of its own beside the
//! invoice, never a line of one; it posts nothing to the ledger until it is paid, like the invoice.
//!
//! Its price is debt × rate × days: of each day that was charged, what was unpaid at its end. The
//! day of the payment is free, so that it does not matter when the bank tells of it: which days are
//! charged is kept, what they cost is derived anew whenever money comes.

mod policies;

pub use policies::{LateFeePolicy, PolicyError, Terms, to_charge};

use crate::domain::applications::Incoming;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal_macros::dec;
use std::collections::BTreeSet;
use types::{
    Money, Period,
    id::{AllocationId, ClientId, InvoiceId, LateFeeId, LegalEntityId, SellerId},
    money::{MoneyError, round},
};

/// Days charged by one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargedDays {
    /// On these terms.
    pub terms: Terms,
    /// Which days.
    pub days: Period,
}

/// A late fee of one invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateFee {
    /// Identity.
    pub id: LateFeeId,
    /// The invoice that is paid late.
    pub invoice: InvoiceId,
    /// Whose.
    pub client: ClientId,
    /// To whom.
    pub seller: SellerId,
    /// Who pays.
    pub legal_entity: LegalEntityId,
    /// Which days, in order.
    pub charged: Vec<ChargedDays>,
    /// What they cost.
    pub amount: Money,
    /// Paid of it.
    pub paid: Money,
    /// It was given up.
    pub waived: bool,
}

/// What an invoice asked for, and when money came for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debt {
    /// Its total less what was credited; nothing once it is withdrawn.
    pub asked: Money,
    /// What came, by the day on which the bank received it.
    pub payments: Vec<(NaiveDate, Money)>,
}

/// Days on which one debt was overdue at one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Which days.
    pub days: Period,
    /// What was unpaid.
    pub debt: Money,
    /// Percent of it a day.
    pub daily_percent: Decimal,
    /// What they cost, exactly.
    pub price: Decimal,
}

/// How the amount of a fee comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// Its days, in order; those without a debt cost nothing and are left out.
    pub parts: Vec<Part>,
    /// What they cost before the cap.
    pub uncapped: Money,
    /// Most that is charged, percent of what the invoice asked for; none where no day is charged.
    pub cap_percent: Option<Decimal>,
    /// What is charged.
    pub amount: Money,
}

impl Debt {
    /// What was unpaid when a day ended.
    fn on(&self, day: NaiveDate) -> Result<Money, MoneyError> {
        let come = self.payments.iter().filter(|(received, _)| *received <= day);
        let paid = Money::sum(self.asked.currency(), come.map(|(_, amount)| *amount))?;
        let left = self.asked.checked_sub(paid)?;
        Ok(if left.is_negative() { Money::zero(left.currency()) } else { left })
    }

    /// What is unpaid now.
    ///
    /// # Errors
    /// [`MoneyError`] of the sums.
    pub fn left(&self) -> Result<Money, MoneyError> {
        self.on(NaiveDate::MAX)
    }

    /// What charged days cost: exact, rounded once, capped by the terms of the last of them.
    ///
    /// # Errors
    /// [`MoneyError`] of the sums.
    pub fn price(&self, charged: &[ChargedDays]) -> Result<Price, MoneyError> {
        let currency = self.asked.currency();
        let mut parts = Vec::new();
        for days in charged {
            parts.extend(self.parts(days)?);
        }
        let mut exact = Decimal::ZERO;
        for part in &parts {
            exact = exact.checked_add(part.price).ok_or(MoneyError::Overflow)?;
        }
        let uncapped = round(exact, currency);
        let cap_percent = charged.last().map(|days| days.terms.cap_percent);
        let amount = match cap_percent {
            Some(percent) => uncapped.min(round(share(self.asked, percent)?, currency))?,
            None => uncapped,
        };
        Ok(Price { parts, uncapped, cap_percent, amount })
    }

    /// The charged days, cut where money came.
    fn parts(&self, charged: &ChargedDays) -> Result<Vec<Part>, MoneyError> {
        let ChargedDays { terms, days } = charged;
        let received = self.payments.iter().map(|(received, _)| *received);
        let mut cuts: BTreeSet<NaiveDate> = received.filter(|day| days.contains(*day)).collect();
        cuts.extend([days.start(), days.end()]);
        let mut parts = Vec::new();
        for (start, end) in cuts.iter().zip(cuts.iter().skip(1)) {
            let debt = self.on(*start)?;
            let Some(days) = Period::new(*start, *end).ok().filter(|_| debt.is_positive()) else {
                continue;
            };
            let daily = share(debt, terms.daily_percent)?;
            let price = daily.checked_mul(Decimal::from(days.days()));
            let price = price.ok_or(MoneyError::Overflow)?;
            parts.push(Part { days, debt, daily_percent: terms.daily_percent, price });
        }
        Ok(parts)
    }
}

fn share(of: Money, percent: Decimal) -> Result<Decimal, MoneyError> {
    of.amount().checked_mul(percent / dec!(100)).ok_or(MoneyError::Overflow)
}

impl LateFee {
    /// What is left to pay: nothing once it is waived.
    ///
    /// # Errors
    /// [`MoneyError`] of the sums.
    pub fn residual(&self) -> Result<Money, MoneyError> {
        if self.waived {
            return Ok(Money::zero(self.amount.currency()));
        }
        self.amount.checked_sub(self.paid)
    }

    /// Which money pays it, oldest first, as far as it goes: credit of the same payer with the same
    /// seller. The debt comes first (ГК РФ, art. 319), so nothing while it is unpaid.
    ///
    /// # Errors
    /// [`Unpayable`].
    pub fn pay(
        &self,
        debt: &Debt,
        credit: &[Incoming],
    ) -> Result<Vec<(AllocationId, Money)>, Unpayable> {
        let mut left = self.residual()?;
        if !left.is_positive() {
            return Err(Unpayable::Nothing);
        }
        if debt.left()?.is_positive() {
            return Err(Unpayable::Growing);
        }
        let own = credit.iter().filter(|c| {
            (c.seller, c.legal_entity) == (self.seller, self.legal_entity)
                && c.amount.currency() == left.currency()
        });
        let mut sources: Vec<&Incoming> = own.collect();
        sources.sort_by_key(|c| (c.received, c.allocation));
        let mut paid = Vec::new();
        for source in sources {
            let part = source.amount.min(left)?;
            if part.is_positive() {
                paid.push((source.allocation, part));
                left = left.checked_sub(part)?;
            }
        }
        if paid.is_empty() { Err(Unpayable::NoCredit) } else { Ok(paid) }
    }
}

/// Why nothing can be set against a fee.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unpayable {
    /// It is paid or waived.
    #[error("nothing is left to pay of this late fee")]
    Nothing,
    /// The invoice is unpaid.
    #[error("the invoice is not paid yet: pay it first, the late fee still grows")]
    Growing,
    /// The client has no money with the seller.
    #[error("the client has no credit with this seller; allocate a payment to it as credit first")]
    NoCredit,
    /// A sum.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl types::Bilingual for Unpayable {
    fn ru(&self) -> String {
        match self {
            Self::Nothing => "По этим пеням платить больше нечего.".into(),
            Self::Growing => {
                "Счёт ещё не оплачен: сначала оплачивают его, пени пока растут.".into()
            }
            Self::NoCredit => "У клиента нет аванса у этого продавца. Сначала разнесите платёж на \
                               клиента как аванс."
                .into(),
            Self::Money(e) => e.ru(),
        }
    }
}

#[cfg(test)]
mod tests;
