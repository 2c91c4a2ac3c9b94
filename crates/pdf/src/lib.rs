//! Documents as PDF: a typed document in, the bytes of a PDF out.
//!
//! The layout is [typst](https://typst.app)'s, compiled into the program with its fonts (PT Sans,
//! OFL 1.1); nothing is read from disk or network. What a document says is decided by the
//! caller: this crate knows no business rule, it only prints values the way people of the
//! document's language write them (48 336,00 or 48,336.00). The same document gives the
//! same bytes on every machine and at any time.
//!
//! - [`invoice`]: «счёт на оплату», an invoice as Russian accountants know it, or in English; or
//!   the offer of one, «коммерческое предложение»;
//! - [`qr`]: the payment QR of GOST R 56042-2014.
//!
//! One document takes some ten milliseconds in release (some hundred in a debug build) and blocks
//! its thread: call it from `spawn_blocking`. Letters that PT Sans lacks (hieroglyphs, emoji) are
//! printed as boxes.

mod engine;
mod format;
mod invoice;
mod labels;
pub mod qr;
mod text;

pub use format::Language;
pub use invoice::{
    BankDetails, ContractRef, InvoiceDocument, InvoiceLine, Kind, Party, Signatory, Vat, invoice,
};

/// Why a document was not made.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A value of the document cannot be printed; says which one and what is wrong with it.
    #[error("{field}: {problem}")]
    Field {
        /// Path of the value, e.g. `lines[3].title`.
        field: String,
        /// What is wrong, with the limit where one is broken.
        problem: String,
    },
    /// The QR payload could not become a symbol.
    #[error("qr: {0}")]
    Qr(#[from] qr::QrError),
    /// The template failed: a bug of ours, never of the data.
    #[error("the template failed: {0}")]
    Template(String),
}

impl PdfError {
    pub(crate) fn field(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Field { field: field.into(), problem: problem.into() }
    }
}
