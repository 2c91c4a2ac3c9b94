//! Contracts: one payer (legal entity of a client) with one seller, and the terms of paying.

use crate::domain::codes::codes;
use chrono::{Days, NaiveDate};
use types::{
    Currency,
    id::{ClientId, ContractId, LegalEntityId, SellerId},
};

codes! {
    /// How the contract came about.
    ContractKind {
        /// A public offer, accepted by paying (счёт-оферта).
        Offer = "OFFER",
        /// Signed by both parties.
        Signed = "SIGNED",
    }
}

codes! {
    /// When the payer pays (features §1.9 item 18).
    PaymentTerms {
        /// Before the period.
        Prepaid = "PREPAID",
        /// After the period.
        Postpaid = "POSTPAID",
    }
}

/// Days from issue to due date that a contract grants unless it says otherwise (A194).
pub const DEFAULT_DUE_DAYS: u32 = 7;

/// A contract of a payer with a seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Identity.
    pub id: ContractId,
    /// The client whose legal entity pays.
    pub client: ClientId,
    /// The payer.
    pub legal_entity: LegalEntityId,
    /// The seller.
    pub seller: SellerId,
    /// Number as printed, unique per seller.
    pub number: String,
    /// Date of the contract.
    pub date: NaiveDate,
    /// Offer or signed.
    pub kind: ContractKind,
    /// Prepaid or postpaid.
    pub terms: PaymentTerms,
    /// Days from issue to due date of an invoice that is not a renewal.
    pub due_days: u32,
    /// Currency of its invoices.
    pub currency: Currency,
    /// Day from which nothing is billed under it, if it has ended.
    pub closed: Option<NaiveDate>,
}

/// A field of a contract that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContractError {
    /// No number, or one that is too long.
    #[error("number: 1 to 64 characters are expected")]
    Number,
    /// Term of payment out of range.
    #[error("due_days: 0 to 365 days are expected; got {0}")]
    DueDays(u32),
}

impl Contract {
    /// Checks what a form may get wrong; every violation at once.
    ///
    /// # Errors
    /// The list of [`ContractError`], never empty.
    pub fn check(&self) -> Result<(), Vec<ContractError>> {
        let mut errors = Vec::new();
        if self.number.trim().is_empty() || self.number.chars().count() > 64 {
            errors.push(ContractError::Number);
        }
        if self.due_days > 365 {
            errors.push(ContractError::DueDays(self.due_days));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Due date of an invoice issued on `issued`, when `period_start` is the first day of the
    /// renewal it bills, if it bills one.
    ///
    /// A renewal billed ahead is due on the first day of its period (A195, G18); anything else,
    /// and a renewal billed late, is due `due_days` after issue (A194, G17).
    #[must_use]
    pub fn due_date(&self, issued: NaiveDate, period_start: Option<NaiveDate>) -> NaiveDate {
        match period_start {
            Some(start) if start > issued && self.terms == PaymentTerms::Prepaid => start,
            _ => issued.checked_add_days(Days::new(u64::from(self.due_days))).unwrap_or(issued),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::cycles::tests::day;

    pub(crate) fn contract(seller: SellerId) -> Contract {
        Contract {
            id: ContractId::generate(),
            client: ClientId::generate(),
            legal_entity: LegalEntityId::generate(),
            seller,
            number: "17/2018".into(),
            date: day("2018-02-01"),
            kind: ContractKind::Signed,
            terms: PaymentTerms::Prepaid,
            due_days: DEFAULT_DUE_DAYS,
            currency: Currency::Rub,
            closed: None,
        }
    }

    /// A194, G17: an extra invoice of Friday 08.02.2019 is due on 15.02.2019.
    #[test]
    fn g17_extra_invoice_is_due_in_seven_days() {
        let c = contract(SellerId::generate());
        assert_eq!(c.due_date(day("2019-02-08"), None), day("2019-02-15"));
    }

    /// A195, G18: a renewal from 01.02.2019 issued 20 days ahead is due on its first day.
    #[test]
    fn g18_renewal_is_due_on_the_first_day_of_its_period() {
        let c = contract(SellerId::generate());
        let start = day("2019-02-01");
        assert_eq!(c.due_date(day("2019-01-12"), Some(start)), start);
        assert_eq!(c.due_date(start, Some(start)), day("2019-02-08"), "billed late");
    }

    #[test]
    fn every_violation_at_once() {
        let bad = Contract { number: " ".into(), due_days: 900, ..contract(SellerId::generate()) };
        assert_eq!(bad.check(), Err(vec![ContractError::Number, ContractError::DueDays(900)]));
    }
}
