//! What the invoice's template sees: checked and printed texts, nothing left to compute.

use super::{BankDetails, InvoiceDocument, InvoiceLine, Kind, Party};
use crate::labels::{self, InvoiceLabels};
use crate::qr::Symbol;
use crate::text::{code, optional, required};
use crate::{PdfError, format};
use rust_decimal::Decimal;
use serde::Serialize;

/// Most lines of one document: 65 pages, 17 s of CPU in a debug build.
const LINES_LIMIT: usize = 2000;
/// Most details of one line.
const DETAILS_LIMIT: usize = 100;
/// A line with more characters than this may be cut between pages; shorter ones stay whole.
const WHOLE_LINE: usize = 600;

#[derive(Serialize)]
pub(super) struct View {
    labels: &'static InvoiceLabels,
    language: crate::Language,
    asks: bool,
    heading: String,
    date: [i32; 3],
    due_date: Option<String>,
    seller: PartyView,
    bank: BankView,
    payer: PartyView,
    contract: Option<String>,
    with_vat: bool,
    price_label: &'static str,
    lines: Vec<LineView>,
    totals: Vec<TotalView>,
    count: String,
    amount_in_words: String,
    tax_phrase: String,
    purpose: String,
    /// A paragraph for each line that was typed.
    note: Vec<String>,
    signatories: Vec<[String; 2]>,
    qr_side_mm: Option<String>,
}

#[derive(Serialize)]
struct PartyView {
    name: String,
    inn: Option<String>,
    kpp: Option<String>,
    /// Name, tax numbers, address and telephone as one sentence.
    full: String,
}

#[derive(Serialize)]
struct BankView {
    name: String,
    bic: String,
    account: String,
    correspondent_account: Option<String>,
}

#[derive(Serialize)]
struct LineView {
    title: String,
    details: Vec<String>,
    period: Option<String>,
    quantity: String,
    unit: String,
    price: String,
    net: String,
    vat_rates: Vec<String>,
    vat_amounts: Vec<String>,
    gross: String,
    may_break: bool,
}

#[derive(Serialize)]
struct TotalView {
    label: String,
    amount: String,
    strong: bool,
}

/// Checks and prints a document.
pub(super) fn invoice(
    document: &InvoiceDocument,
    symbol: Option<&Symbol>,
) -> Result<View, PdfError> {
    let labels = labels::invoice(document.kind, document.language);
    check_sums(document)?;
    let with_vat =
        !document.vat.is_empty() || document.lines.iter().any(|line| !line.vat.is_empty());
    let lines =
        document.lines.iter().enumerate().map(|(index, line)| line_view(document, index, line));
    Ok(View {
        labels,
        language: document.language,
        asks: document.kind == Kind::Invoice,
        heading: heading(document, labels)?,
        date: date_parts(document),
        due_date: document.due_date.map(format::date),
        seller: party("seller", &document.seller, labels)?,
        bank: bank(&document.bank)?,
        payer: party("payer", &document.payer, labels)?,
        contract: contract(document, labels)?,
        with_vat,
        price_label: match (with_vat, document.prices_include_vat) {
            (false, _) => labels.price,
            (true, true) => labels.price_with_vat,
            (true, false) => labels.price_without_vat,
        },
        lines: lines.collect::<Result<_, _>>()?,
        totals: totals(document, with_vat, labels),
        count: count(document, labels),
        amount_in_words: required("amount_in_words", &document.amount_in_words)?,
        tax_phrase: optional("tax_phrase", &document.tax_phrase)?,
        purpose: match document.kind {
            Kind::Invoice => required("purpose", &document.purpose)?,
            Kind::Quote => optional("purpose", &document.purpose)?,
        },
        note: paragraphs(&document.note)?,
        signatories: signatories(document)?,
        qr_side_mm: symbol.map(|symbol| symbol.side_mm.to_string()),
    })
}

fn heading(document: &InvoiceDocument, labels: &InvoiceLabels) -> Result<String, PdfError> {
    let number = match &document.number {
        Some(number) => format!("{}\u{a0}{}", labels.number, code("number", number)?),
        None => labels.draft.to_owned(),
    };
    let date = format::long_date(document.date, document.language);
    Ok(format!("{} {number} {} {date}", labels.title, labels.dated))
}

/// A document whose sums contradict each other must not reach anybody.
fn check_sums(document: &InvoiceDocument) -> Result<(), PdfError> {
    match document.lines.len() {
        0 => return Err(PdfError::field("lines", "at least one line is needed")),
        count if count > LINES_LIMIT => {
            let problem = format!("{count} lines; at most {LINES_LIMIT} are printed");
            return Err(PdfError::field("lines", problem));
        }
        _ => {}
    }
    let vat = sum(document.vat.iter().map(|each| each.amount))?;
    let gross = sum([document.net, vat])?;
    let left = sum([document.total, -document.credit_applied])?;
    let net_of_lines = sum(document.lines.iter().map(|line| line.net))?;
    let gross_of_lines = sum(document.lines.iter().map(|line| line.gross))?;
    if gross != document.total {
        let problem = format!("{} is not net {} and VAT {vat}", document.total, document.net);
        return Err(PdfError::field("total", problem));
    }
    if left != document.to_pay {
        let problem = format!("{} is not total less credit, {left}", document.to_pay);
        return Err(PdfError::field("to_pay", problem));
    }
    // Tax rounded per document leaves one of the two sums off by kopecks; never both.
    if net_of_lines != document.net && gross_of_lines != document.total {
        let problem = format!("the lines sum to {net_of_lines} net and {gross_of_lines} gross");
        return Err(PdfError::field("total", problem));
    }
    Ok(())
}

fn sum(values: impl IntoIterator<Item = Decimal>) -> Result<Decimal, PdfError> {
    values
        .into_iter()
        .try_fold(Decimal::ZERO, |sum, value| sum.checked_add(value))
        .ok_or_else(|| PdfError::field("total", "the sums are too large"))
}

fn date_parts(document: &InvoiceDocument) -> [i32; 3] {
    use chrono::Datelike;
    let part = |value: u32| i32::try_from(value).unwrap_or(1);
    [document.date.year(), part(document.date.month()), part(document.date.day())]
}

fn party(field: &str, party: &Party, labels: &InvoiceLabels) -> Result<PartyView, PdfError> {
    let field = |name: &str| format!("{field}.{name}");
    let code_of = |name: &str, value: &Option<String>| {
        given(value).map(|value| code(&field(name), value)).transpose()
    };
    let text_of = |name: &str, value: &Option<String>| {
        given(value).map(|value| required(&field(name), value)).transpose()
    };
    let name = required(&field("name"), &party.name)?;
    let inn = code_of("inn", &party.inn)?;
    let kpp = code_of("kpp", &party.kpp)?;
    let address = text_of("address", &party.address)?;
    let phone = text_of("phone", &party.phone)?;
    let mut full = name.clone();
    for (label, value) in
        [(labels.inn, &inn), (labels.kpp, &kpp), ("", &address), (labels.phone, &phone)]
    {
        if let Some(value) = value {
            full.push_str(", ");
            if !label.is_empty() {
                full.push_str(label);
                full.push('\u{a0}');
            }
            full.push_str(value);
        }
    }
    Ok(PartyView { name, inn, kpp, full })
}

fn paragraphs(note: &str) -> Result<Vec<String>, PdfError> {
    let typed = note.lines().map(str::trim).filter(|line| !line.is_empty());
    typed.map(|line| optional("note", line)).collect()
}

/// An empty value is none.
fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|value| !value.trim().is_empty())
}

fn bank(bank: &BankDetails) -> Result<BankView, PdfError> {
    let correspondent_account = given(&bank.correspondent_account)
        .map(|account| code("bank.correspondent_account", account))
        .transpose()?;
    Ok(BankView {
        name: required("bank.name", &bank.name)?,
        bic: code("bank.bic", &bank.bic)?,
        account: code("bank.account", &bank.account)?,
        correspondent_account,
    })
}

fn contract(
    document: &InvoiceDocument,
    labels: &InvoiceLabels,
) -> Result<Option<String>, PdfError> {
    let Some(contract) = &document.contract else { return Ok(None) };
    let title = required("contract.title", &contract.title)?;
    Ok(Some(match contract.date {
        Some(date) => format!("{title} {}\u{a0}{}", labels.dated, format::date(date)),
        None => title,
    }))
}

fn signatories(document: &InvoiceDocument) -> Result<Vec<[String; 2]>, PdfError> {
    let each = document.signatories.iter().enumerate();
    each.map(|(index, signatory)| {
        let position = required(&format!("signatories[{index}].position"), &signatory.position)?;
        let name = optional(&format!("signatories[{index}].name"), &signatory.name)?;
        Ok([position, name])
    })
    .collect()
}

fn line_view(
    document: &InvoiceDocument,
    index: usize,
    line: &InvoiceLine,
) -> Result<LineView, PdfError> {
    let language = document.language;
    let labels = labels::invoice(document.kind, language);
    let field = |name: &str| format!("lines[{index}].{name}");
    if line.details.len() > DETAILS_LIMIT {
        let problem = format!("{}; at most {DETAILS_LIMIT} are printed", line.details.len());
        return Err(PdfError::field(field("details"), problem));
    }
    let title = required(&field("title"), &line.title)?;
    let details: Vec<String> = line
        .details
        .iter()
        .map(|detail| optional(&field("details"), detail))
        .collect::<Result<_, _>>()?;
    let length: usize = details.iter().chain([&title]).map(|text| text.chars().count() + 30).sum();
    let (vat_rates, vat_amounts) = if line.vat.is_empty() {
        (vec![labels.without_vat.replace(' ', "\u{a0}")], vec!["–".to_owned()])
    } else {
        let rates = line.vat.iter().map(|vat| rate(vat.rate, language));
        let amounts = line.vat.iter().map(|vat| format::money(vat.amount, language));
        (rates.collect(), amounts.collect())
    };
    Ok(LineView {
        title,
        details,
        period: line.period.map(|period| period.to_string()),
        quantity: format::quantity(line.quantity, language),
        unit: optional(&field("unit"), &line.unit)?,
        price: format::money(line.price, language),
        net: format::money(line.net, language),
        vat_rates,
        vat_amounts,
        gross: format::money(line.gross, language),
        may_break: length > WHOLE_LINE,
    })
}

fn rate(rate: Decimal, language: crate::Language) -> String {
    format!("{}\u{a0}%", format::quantity(rate, language))
}

fn totals(document: &InvoiceDocument, with_vat: bool, labels: &InvoiceLabels) -> Vec<TotalView> {
    let language = document.language;
    let money = |value| format::money(value, language);
    let row = |label: &str, amount: String| TotalView {
        label: format!("{label}:"),
        amount,
        strong: false,
    };
    let mut rows = Vec::new();
    if with_vat {
        rows.push(row(labels.subtotal_net, money(document.net)));
        for vat in &document.vat {
            let label = format!("{}\u{a0}{}", labels.vat, rate(vat.rate, language));
            rows.push(row(&label, money(vat.amount)));
        }
    } else {
        rows.push(row(labels.subtotal, money(document.total)));
    }
    if !document.credit_applied.is_zero() {
        if with_vat {
            rows.push(row(labels.total_with_vat, money(document.total)));
        }
        rows.push(row(labels.credit, money(-document.credit_applied)));
    }
    rows.push(TotalView { strong: true, ..row(labels.to_pay, money(document.to_pay)) });
    rows
}

fn count(document: &InvoiceDocument, labels: &InvoiceLabels) -> String {
    let sum = |value| format::money_with_currency(value, document.currency, document.language);
    let (count, total) = (document.lines.len(), sum(document.total));
    let mut text = format!("{} {count}, {} {total}", labels.items, labels.items_sum);
    if !document.credit_applied.is_zero() {
        // The words below are of what is left to pay: say so before them.
        text.push_str(&format!(", {} {}", labels.of_which_to_pay, sum(document.to_pay)));
    }
    text
}
