//! Money set against invoices: clamped to what is left to pay, the rest is the client's credit.
//!
//! payments-svc says what money came and what it is meant for; only these rules apply it. Money
//! that came to one seller's account never closes another seller's invoice (A182, §1.9 item 10).

use crate::domain::{
    codes::codes,
    invoices::{Invoice, InvoiceState},
};
use chrono::NaiveDate;
use types::{
    Currency, Money,
    id::{AllocationId, ApplicationId, InvoiceId, LegalEntityId, SellerId},
    money::MoneyError,
};

/// Money of one allocation, as far as it is still to be decided about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incoming {
    /// The allocation.
    pub allocation: AllocationId,
    /// Whose account it came to.
    pub seller: SellerId,
    /// Payer whose advance it is.
    pub legal_entity: LegalEntityId,
    /// Day on which the bank received it.
    pub received: NaiveDate,
    /// What is not applied yet, above zero.
    pub amount: Money,
}

/// Money of one allocation set against one invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Application {
    /// Identity.
    pub id: ApplicationId,
    /// The invoice.
    pub invoice: InvoiceId,
    /// Where the money is from.
    pub allocation: AllocationId,
    /// How much, above zero.
    pub amount: Money,
    /// Day on which the bank received it.
    pub received: NaiveDate,
    /// Taken back; a reversed application counts for nothing and is never used again.
    pub reversed: bool,
}

/// What became of incoming money: `applied + credit = amount`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// Set against the invoice.
    pub applied: Money,
    /// Left as the client's credit with the seller.
    pub credit: Money,
}

codes! {
    /// Why money meant for an invoice became credit as a whole.
    CreditReason {
        /// It came to the account of another seller.
        PaidToOtherSeller = "PAID_TO_OTHER_SELLER",
        /// The currencies differ.
        OtherCurrency = "OTHER_CURRENCY",
        /// The invoice is not issued (any more).
        NotIssued = "NOT_ISSUED",
        /// Nothing was left to pay.
        NothingToPay = "NOTHING_TO_PAY",
    }
}

/// Sets money against an invoice: as much as is left to pay, the rest is credit.
///
/// # Errors
/// [`MoneyError`] of the sums; money that may not close the invoice is an answer, not an error.
pub fn apply(
    invoice: &Invoice,
    money: &Incoming,
) -> Result<(Applied, Option<CreditReason>), MoneyError> {
    let all_credit = |reason| {
        let zero = Money::zero(money.amount.currency());
        Ok((Applied { applied: zero, credit: money.amount }, Some(reason)))
    };
    if invoice.seller != money.seller {
        return all_credit(CreditReason::PaidToOtherSeller);
    }
    if invoice.currency != money.amount.currency() {
        return all_credit(CreditReason::OtherCurrency);
    }
    if invoice.state != InvoiceState::Issued {
        return all_credit(CreditReason::NotIssued);
    }
    let applied = money.amount.min(invoice.payable()?)?;
    if applied.is_zero() {
        return all_credit(CreditReason::NothingToPay);
    }
    Ok((Applied { applied, credit: money.amount.checked_sub(applied)? }, None))
}

/// Sets the client's credit against an invoice as it is issued: of the same seller and payer,
/// oldest money first. Answers how much of which allocation.
///
/// # Errors
/// [`MoneyError`] of the sums.
pub fn apply_credit(
    invoice: &Invoice,
    credit: &[Incoming],
) -> Result<Vec<(AllocationId, Money)>, MoneyError> {
    let mut sources: Vec<&Incoming> = credit
        .iter()
        .filter(|c| c.seller == invoice.seller && c.legal_entity == invoice.legal_entity)
        .filter(|c| c.amount.currency() == invoice.currency && c.amount.is_positive())
        .collect();
    sources.sort_by_key(|c| (c.received, c.allocation));
    let mut left = invoice.payable()?;
    let mut applied = Vec::new();
    for source in sources {
        let part = source.amount.min(left)?;
        if part.is_zero() {
            break;
        }
        applied.push((source.allocation, part));
        left = left.checked_sub(part)?;
    }
    Ok(applied)
}

/// How money comes off an invoice: applications are reversed whole, and what was too much of the
/// last of them is applied anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unapplied {
    /// Applications to reverse, newest first.
    pub reversed: Vec<ApplicationId>,
    /// How much of which allocation to apply anew.
    pub anew: Option<(AllocationId, Money)>,
}

/// Takes money off an invoice that a credit has made overpaid: newest application first.
///
/// # Errors
/// [`MoneyError`] of the sums.
pub fn unapply(applications: &[Application], over: Money) -> Result<Unapplied, MoneyError> {
    let mut live: Vec<&Application> = applications.iter().filter(|a| !a.reversed).collect();
    live.sort_by_key(|a| std::cmp::Reverse((a.received, a.id)));
    let (mut left, mut reversed) = (over, Vec::new());
    for application in live {
        if !left.is_positive() {
            break;
        }
        reversed.push(application.id);
        left = left.checked_sub(application.amount)?;
        if left.is_negative() {
            let anew = Some((application.allocation, left.negated()));
            return Ok(Unapplied { reversed, anew });
        }
    }
    Ok(Unapplied { reversed, anew: None })
}

/// Where the money of one allocation is: `allocated = applied + refunded + credit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// What payments-svc allocated.
    pub allocated: Money,
    /// Σ of applications that stand.
    pub applied: Money,
    /// Paid back.
    pub refunded: Money,
    /// The rest.
    pub credit: Money,
}

/// The applications of an allocation exceed it: the law of money is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PositionError {
    /// More is applied and refunded than was allocated.
    #[error("{used} is applied or refunded of an allocation of {allocated}")]
    Exceeded {
        /// What was allocated.
        allocated: Money,
        /// What is used of it.
        used: Money,
    },
    /// A sum.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Position {
    /// Derives the position from first facts.
    ///
    /// # Errors
    /// [`PositionError`] when more is used than there is.
    pub fn derive(
        allocated: Money,
        refunded: Money,
        applications: &[Application],
    ) -> Result<Self, PositionError> {
        let currency: Currency = allocated.currency();
        let live = applications.iter().filter(|a| !a.reversed).map(|a| a.amount);
        let applied = Money::sum(currency, live)?;
        let used = applied.checked_add(refunded)?;
        let credit = allocated.checked_sub(used)?;
        if credit.is_negative() {
            return Err(PositionError::Exceeded { allocated, used });
        }
        Ok(Self { allocated, applied, refunded, credit })
    }
}

#[cfg(test)]
mod tests;
