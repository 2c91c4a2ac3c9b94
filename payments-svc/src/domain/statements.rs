//! A bank statement as facts, whatever format it came in (payments.md §1.0).
//!
//! Readers produce these records; importing and matching never see a format.

pub mod arithmetic;
pub mod code;
pub mod verdict;

pub use code::CurrencyCode;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is said about a file or one place in it: a machine's code and a person's two texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Line of the file, from 1; 0 when the remark concerns the file as a whole.
    pub line: u32,
    /// Key of the file that is wrong, as written there; empty when none is.
    pub field: String,
    /// Stable code, such as `AMOUNT_AMBIGUOUS`.
    pub code: String,
    /// What happened and what to do, in Russian.
    pub ru: String,
    /// The same in English.
    pub en: String,
}

impl Remark {
    /// A remark about a line of the file (0: the whole file).
    pub fn new(line: usize, code: &str, ru: impl Into<String>, en: impl Into<String>) -> Self {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let field = String::new();
        Self { line, field, code: code.into(), ru: ru.into(), en: en.into() }
    }

    /// The same remark about one key of the file.
    #[must_use]
    pub fn of(self, field: &str) -> Self {
        Self { field: field.into(), ..self }
    }
}

/// Everything that a reader found in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementFile {
    /// Format, such as `1c-client-bank-exchange`.
    pub format: &'static str,
    /// Version of the format as written (`1.02`).
    pub version: Option<String>,
    /// Encoding that the bytes prove.
    pub encoding: &'static str,
    /// Encoding that the file claims.
    pub declared_encoding: Option<String>,
    /// Program or bank that wrote the file.
    pub sender: Option<String>,
    /// First day that the file says it covers.
    pub from: Option<NaiveDate>,
    /// Last day that the file says it covers.
    pub to: Option<NaiveDate>,
    /// Accounts whose statement this is, in order of first mention.
    pub accounts: Vec<String>,
    /// Balances and turnovers, one per (account, period).
    pub days: Vec<StatementDay>,
    /// Readable lines, in order of the file. A transfer between own accounts is two lines.
    pub lines: Vec<StatementLine>,
    /// Documents met, readable or not.
    pub documents: usize,
    /// Documents that could not be read, each with its line; they never stop their neighbours.
    pub bad: Vec<Remark>,
    /// Oddities that were tolerated.
    pub warnings: Vec<Remark>,
    /// Whether the mark of the end was found.
    pub has_end: bool,
}

/// Control figures of one account over one period of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementDay {
    /// Line where the figures begin.
    pub line: usize,
    /// Own account.
    pub own_account: String,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day; the first one when the file names one day only.
    pub to: Option<NaiveDate>,
    /// БИК or SWIFT code of the bank, where the file names it.
    pub bank_id: Option<String>,
    /// Currency of the account, where the file names it.
    pub currency: Option<CurrencyCode>,
    /// Balance before the first line.
    pub opening: Option<Decimal>,
    /// Σ of incoming lines as the bank declares it.
    pub turnover_in: Option<Decimal>,
    /// Σ of outgoing lines as the bank declares it.
    pub turnover_out: Option<Decimal>,
    /// Balance after the last line.
    pub closing: Option<Decimal>,
}

/// Which way the money went, seen from the own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// Money came.
    In,
    /// Money went.
    Out,
    /// Neither side is the own account: a person must look.
    Unknown,
}

/// Whether the bank stands by a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Status {
    /// The money moved.
    #[default]
    Booked,
    /// The bank may still change its mind: nothing is ever allocated of it.
    Pending,
    /// The bank takes an earlier line back; the direction is that of the money now.
    Reversal,
}

impl Status {
    /// As shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Pending => "pending",
            Self::Reversal => "reversal",
        }
    }

    /// From what is shown.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Booked, Self::Pending, Self::Reversal].into_iter().find(|s| s.as_str() == text)
    }
}

/// One line of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// Line of the file where the document begins.
    pub line: usize,
    /// Own account that the line belongs to.
    pub own_account: String,
    /// Which way the money went.
    pub direction: Direction,
    /// True when both sides are own accounts.
    pub own_transfer: bool,
    /// Whether the bank stands by it.
    pub status: Status,
    /// Amount, always above zero.
    pub amount: Decimal,
    /// Currency of the line.
    pub currency: CurrencyCode,
    /// Day on which the bank booked it.
    pub booked_on: NaiveDate,
    /// Number of the payment document.
    pub doc_no: Option<String>,
    /// Date of the payment document.
    pub doc_date: Option<NaiveDate>,
    /// Kind of document as written; direction is never derived from it.
    pub doc_kind: Option<String>,
    /// Id that the bank promises to be unique within the account.
    pub bank_unique_id: Option<String>,
    /// The bank's reference as written, unique or not.
    pub bank_reference: Option<String>,
    /// Reference that the payer gave, carried from end to end.
    pub end_to_end_id: Option<String>,
    /// Structured reference of the payer: RF, QRR, KID and the like.
    pub structured_reference: Option<String>,
    /// Why an earlier payment came back, where the bank has a field for it.
    pub return_reason: Option<String>,
    /// Whom the payer pays for, where the bank has a field for it.
    pub on_behalf: Option<Party>,
    /// УИН/УИП, the unique id of a payment or charge.
    pub uip: Option<String>,
    /// Who paid.
    pub payer: Party,
    /// Who was paid.
    pub payee: Party,
    /// Purpose as written.
    pub purpose: String,
    /// Every other key of the document, as written.
    pub raw: BTreeMap<String, String>,
}

/// One side of a payment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// Name as written, without a leading tax id.
    pub name: String,
    /// ИНН, БИН/ИИН or УНП: digits only.
    pub tax_id: Option<String>,
    /// КПП.
    pub kpp: Option<String>,
    /// Account.
    pub account: Option<String>,
    /// БИК or SWIFT code of the bank.
    pub bank_id: Option<String>,
    /// Name of the bank.
    pub bank_name: Option<String>,
}

impl StatementLine {
    /// A booked line of which nothing more is told.
    #[must_use]
    pub fn new(
        line: usize,
        own_account: &str,
        direction: Direction,
        amount: (Decimal, CurrencyCode),
        booked_on: NaiveDate,
    ) -> Self {
        Self {
            line,
            own_account: own_account.to_owned(),
            direction,
            own_transfer: false,
            status: Status::Booked,
            amount: amount.0,
            currency: amount.1,
            booked_on,
            doc_no: None,
            doc_date: None,
            doc_kind: None,
            bank_unique_id: None,
            bank_reference: None,
            end_to_end_id: None,
            structured_reference: None,
            return_reason: None,
            on_behalf: None,
            uip: None,
            payer: Party::default(),
            payee: Party::default(),
            purpose: String::new(),
            raw: BTreeMap::new(),
        }
    }

    /// The other side: who paid an incoming line, who was paid by an outgoing one.
    #[must_use]
    pub const fn counterparty(&self) -> &Party {
        match self.direction {
            Direction::In | Direction::Unknown => &self.payer,
            Direction::Out => &self.payee,
        }
    }
}

impl Direction {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
            Self::Unknown => "unknown",
        }
    }

    /// From what is stored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::In, Self::Out, Self::Unknown].into_iter().find(|d| d.as_str() == text)
    }

    /// One letter that is part of a line's identity; never change it.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::In => "I",
            Self::Out => "O",
            Self::Unknown => "U",
        }
    }
}
