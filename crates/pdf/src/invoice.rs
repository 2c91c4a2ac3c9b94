//! «Счёт на оплату» and «Коммерческое предложение»: an invoice, or the offer of one, as a document.

mod view;

use crate::engine::{self, Job, Template};
use crate::{Language, PdfError, qr};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use types::{Currency, Period};

static TEMPLATE: LazyLock<Template> =
    LazyLock::new(|| Template::new("/invoice.typ", include_str!("../templates/invoice.typ")));

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Kind {
    /// Asks to be paid: with bank details and a QR code.
    #[default]
    Invoice,
    /// Offers: nothing is to be paid by it, so it says nothing of a bank.
    Quote,
}

/// Everything an invoice prints. Texts are taken literally (typst markup in them is just text);
/// control characters become spaces. Amounts are in [`Self::currency`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceDocument {
    /// Whether it asks or offers.
    #[serde(default)]
    pub kind: Kind,
    /// Language of the labels, numbers and dates; texts come in it already.
    pub language: Language,
    /// Number as printed, e.g. `88#728156`; `None` while it is a draft or held, and says so.
    pub number: Option<String>,
    /// Date of the document; also the creation date that the PDF names.
    pub date: NaiveDate,
    /// Last day to pay, or to accept.
    pub due_date: Option<NaiveDate>,
    /// Currency of every amount.
    pub currency: Currency,
    /// Who is to be paid.
    pub seller: Party,
    /// Where to.
    pub bank: BankDetails,
    /// Who pays.
    pub payer: Party,
    /// The contract that the invoice is for.
    pub contract: Option<ContractRef>,
    /// What is billed, in the order of printing; at least one, at most 2,000.
    pub lines: Vec<InvoiceLine>,
    /// Whether [`InvoiceLine::price`] includes VAT; names the column where VAT is charged.
    pub prices_include_vat: bool,
    /// Σ of lines without VAT.
    pub net: Decimal,
    /// VAT of the document, one entry per rate; empty when the seller charges none.
    pub vat: Vec<Vat>,
    /// Sum of the invoice, VAT included.
    pub total: Decimal,
    /// Client's credit set against the invoice when it was issued; zero prints nothing.
    pub credit_applied: Decimal,
    /// What remains to be paid: `total` − `credit_applied`.
    pub to_pay: Decimal,
    /// [`Self::to_pay`] in words, e.g. «Восемьсот шестьдесят рублей 00 копеек».
    pub amount_in_words: String,
    /// Decision on tax as a phrase, e.g. «НДС не облагается»; empty prints nothing.
    pub tax_phrase: String,
    /// Purpose of the payment, for the payer to copy; of a quote what it is about, which may be
    /// nothing.
    pub purpose: String,
    /// Words under the sums; empty prints nothing.
    #[serde(default)]
    pub note: String,
    /// Who signs, e.g. the director and the chief accountant.
    pub signatories: Vec<Signatory>,
    /// Payload of the payment QR ([`qr::Payment::payload`]); `None` prints no QR.
    pub qr: Option<String>,
}

/// A legal entity as an invoice names it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Party {
    /// Full or short official name.
    pub name: String,
    /// Tax number.
    pub inn: Option<String>,
    /// Registration reason code.
    pub kpp: Option<String>,
    /// Postal or registered address, on one line.
    pub address: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
}

/// Account of the seller.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BankDetails {
    /// Name of the bank and its town, e.g. `АО "АЛЬФА-БАНК", г. Москва`.
    pub name: String,
    /// BIC.
    pub bic: String,
    /// Account of the seller.
    pub account: String,
    /// Account of the bank with the central bank.
    pub correspondent_account: Option<String>,
}

/// The contract of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRef {
    /// What it is called, number included, e.g. `Договор № 7583`.
    pub title: String,
    /// Its date.
    pub date: Option<NaiveDate>,
}

/// One line of an invoice; its number is its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// What is sold.
    pub title: String,
    /// Details below the title, e.g. `5 GB pack: 1 x шт`; at most 100.
    pub details: Vec<String>,
    /// What time is paid for; printed inclusive, `08.02.2019–31.07.2019`.
    pub period: Option<Period>,
    /// How many.
    pub quantity: Decimal,
    /// Unit of the quantity, e.g. `шт`, `мес`.
    pub unit: String,
    /// Price of one unit; with or without VAT by [`InvoiceDocument::prices_include_vat`].
    pub price: Decimal,
    /// Sum of the line without VAT.
    pub net: Decimal,
    /// VAT of the line: one entry, or one per rate where its period crosses a change of rate
    /// (G54); empty prints «без НДС».
    pub vat: Vec<Vat>,
    /// Sum of the line with VAT.
    pub gross: Decimal,
}

/// VAT at one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vat {
    /// Rate in per cent, e.g. 20.
    pub rate: Decimal,
    /// Tax at this rate.
    pub amount: Decimal,
}

/// A place for a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatory {
    /// Position, e.g. «Руководитель».
    pub position: String,
    /// Name, e.g. `Иванов И. И.`; may be empty.
    pub name: String,
}

/// Makes the PDF of an invoice. The same document gives the same bytes.
///
/// # Errors
/// [`PdfError::Field`] names a value that is missing, too long or does not add up;
/// [`PdfError::Qr`] a payload that no symbol holds.
pub fn invoice(document: &InvoiceDocument) -> Result<Vec<u8>, PdfError> {
    let symbol = document.qr.as_deref().map(qr::draw).transpose()?;
    let view = view::invoice(document, symbol.as_ref())?;
    engine::render(Job {
        template: &TEMPLATE,
        data: serde_json::to_vec(&view).map_err(|error| PdfError::Template(error.to_string()))?,
        qr_svg: symbol.map(|symbol| symbol.svg),
        date: document.date,
        ident: format!("{:?} {:?} {}", document.kind, document.number, document.date),
    })
}
