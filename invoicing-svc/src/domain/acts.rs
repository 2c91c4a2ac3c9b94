//! Acts: what was rendered in a month under one contract. Settlement compares these with payments.

use crate::domain::{
    tax::{TaxDecision, Taxed},
    texts::Text,
};
use chrono::NaiveDate;
use types::{
    Currency, Period,
    id::{ActId, ClientId, ContractId, InvoiceLineId, LegalEntityId, SellerId},
    money::MoneyError,
};

/// An act of one month, legal entity and contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Identity.
    pub id: ActId,
    /// Seller.
    pub seller: SellerId,
    /// Client.
    pub client: ClientId,
    /// Payer.
    pub legal_entity: LegalEntityId,
    /// Contract.
    pub contract: ContractId,
    /// Currency.
    pub currency: Currency,
    /// First day of the month.
    pub month: NaiveDate,
    /// Date of the act: the last day of the month.
    pub date: NaiveDate,
    /// Place in its series, gapless.
    pub sequence: i64,
    /// Printed number.
    pub number: String,
    /// Lines.
    pub lines: Vec<ActLine>,
}

/// A line of an act: the piece of an invoice line that one month rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActLine {
    /// The invoice line that it is cut from.
    pub line: InvoiceLineId,
    /// First day of the month that the piece is of; unique per line (rerun is a no-op).
    pub month: NaiveDate,
    /// Name of the product.
    pub name: Text,
    /// Days.
    pub period: Period,
    /// Decision of tax.
    pub decision: TaxDecision,
    /// Amounts.
    pub amounts: Taxed,
}

impl Act {
    /// Net, tax and total: sums of the lines (G55).
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn totals(&self) -> Result<Taxed, MoneyError> {
        totals(self.currency, &self.lines)
    }
}

/// Sums of lines of acts.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn totals(currency: Currency, lines: &[ActLine]) -> Result<Taxed, MoneyError> {
    Taxed::sum(currency, lines.iter().map(|l| l.amounts))
}
