//! The PDF of an invoice: rendered outside of transactions, kept for issued ones.

use super::wire;
use crate::{
    domain::{
        invoices::{Invoice, InvoiceState},
        lines::{Line, LineKind},
        texts::Text,
    },
    store::{
        self,
        contracts::ContractRow,
        invoices::InvoiceRow,
        profiles::{Payer, Profile},
        sellers::SellerRow,
    },
};
use pdf::{
    BankDetails, ContractRef, InvoiceDocument, InvoiceLine, Kind, Language, Party, Signatory, Vat,
};
use proto::invoicing::v1 as pb;
use rust_decimal::Decimal;
use service::{
    Failure, Frame, Text as Answer,
    blobs::{self, BlobId},
};
use types::{
    Currency, Money,
    id::InvoiceId,
    words::{self, Style},
};

/// Everything that a document prints.
pub(in crate::api) struct Facts {
    pub(in crate::api) row: InvoiceRow,
    pub(in crate::api) seller: SellerRow,
    contract: ContractRow,
    payer: Payer,
    profile: Option<Profile>,
    /// Credit that was applied as it was issued.
    credit: Money,
}

/// The document of an invoice: a preview without number until it is issued, then the one that was
/// rendered first, for good.
pub(super) async fn get(frame: &Frame, id: InvoiceId) -> Result<pb::InvoiceDocument, Failure> {
    let mut conn = frame.pool.acquire().await?;
    if let Some((blob, filename)) = store::documents::get(&mut conn, id).await? {
        let bytes = blobs::get(&frame.pool, blob).await?;
        let bytes = bytes.ok_or_else(|| Failure::internal("a document lost its bytes"))?;
        return Ok(reply(filename, bytes.to_vec()));
    }
    let facts = read(&mut conn, id).await?;
    drop(conn);
    let issued = facts.row.invoice.issued.is_some();
    let english = facts.profile.as_ref().is_some_and(|p| p.language == "en");
    let today = frame.clock.today(chrono_tz::Europe::Moscow);
    let filename = filename(&facts.row.invoice, english);
    let document = compose(&facts, english, today)?;
    // Rendering takes its thread for a while, so it gets one of its own.
    let bytes = tokio::task::spawn_blocking(move || pdf::invoice(&document)).await;
    let bytes = bytes.map_err(Failure::internal)?.map_err(Failure::internal)?;
    if !issued {
        return Ok(reply(filename, bytes));
    }
    let mut tx = frame.begin().await?;
    let blob = blobs::put(&mut tx, &bytes).await?;
    let now = frame.clock.now();
    let kept = store::documents::keep(&mut tx, id, blob, &filename, now).await?;
    tx.commit().await?;
    if kept == blob {
        return Ok(reply(filename, bytes));
    }
    // Somebody else was faster; what was sent first is what it stays.
    let bytes = blobs::get(&frame.pool, kept).await?;
    let bytes = bytes.ok_or_else(|| Failure::internal("a document lost its bytes"))?;
    Ok(reply(filename, bytes.to_vec()))
}

pub(in crate::api) fn reply(filename: String, content: Vec<u8>) -> pb::InvoiceDocument {
    let sha256 = BlobId::of(&content).to_string();
    pb::InvoiceDocument { filename, content_type: "application/pdf".into(), content, sha256 }
}

/// Everything that the documents of an invoice print.
///
/// # Errors
/// `FAILED_PRECONDITION` when there is nothing to pay; those of the database.
pub(in crate::api) async fn read(
    conn: &mut sqlx::PgConnection,
    id: InvoiceId,
) -> Result<Facts, Failure> {
    let missing = || Failure::not_found(id.to_string());
    let row = store::invoices::get(conn, id).await?.ok_or_else(missing)?;
    let i = &row.invoice;
    if i.totals().map_err(Failure::internal)?.gross.is_negative() {
        let text = Answer::new(
            "Это кредит по прежним счетам: платить нечего, документа на оплату нет.",
            "This credits earlier invoices: there is nothing to pay and no document for it.",
        );
        return Err(Failure::precondition("NOTHING_TO_PAY", text));
    }
    let seller = store::sellers::get(conn, i.seller).await?.ok_or_else(missing)?;
    let contract = store::contracts::get(conn, i.contract).await?.ok_or_else(missing)?;
    let payer = store::profiles::payer(conn, i.legal_entity, row.payer_revision).await?;
    let payer = payer.ok_or_else(missing)?;
    let profile = store::profiles::get(conn, i.client).await?;
    let credit = store::applications::credit_at_issue(conn, id, i.currency).await?;
    Ok(Facts { seller, contract, payer, profile, credit, row })
}

fn filename(invoice: &Invoice, english: bool) -> String {
    match (&invoice.issued, english) {
        // A number may hold characters that file names may not.
        (Some(n), false) => format!("Счёт {}.pdf", n.number.replace(['/', '\\', ':'], "-")),
        (Some(n), true) => format!("Invoice {}.pdf", n.number.replace(['/', '\\', ':'], "-")),
        (None, false) => "Счёт (черновик).pdf".into(),
        (None, true) => "Invoice (draft).pdf".into(),
    }
}

fn compose(
    facts: &Facts,
    english: bool,
    today: chrono::NaiveDate,
) -> Result<InvoiceDocument, Failure> {
    let Facts { row, seller, contract, payer, .. } = facts;
    let i = &row.invoice;
    let totals = i.totals().map_err(Failure::internal)?;
    let to_pay = totals.gross.checked_sub(facts.credit).map_err(Failure::internal)?;
    let decisions = i.tax_by_decision().map_err(Failure::internal)?;
    let pick = |text: &Text| if english { text.en.clone() } else { text.ru.clone() };
    let purpose = purpose(i, contract, &pick(&wire::tax_phrase(&decisions)), english);
    let words =
        if english { words::english(to_pay) } else { words::russian(to_pay, Style::Document) };
    let issued = i.issued.as_ref();
    let qr = payment_code(facts, to_pay, &purpose)?;
    Ok(InvoiceDocument {
        kind: Kind::Invoice,
        language: if english { Language::En } else { Language::Ru },
        number: issued.map(|n| n.number.clone()),
        date: issued.map_or(today, |n| n.date),
        due_date: issued.map(|n| n.due),
        currency: i.currency,
        seller: party(seller),
        bank: bank(seller),
        payer: buyer(payer),
        contract: Some(basis(contract, english)),
        lines: i.lines.iter().map(|l| line(l, english)).collect(),
        prices_include_vat: true,
        net: totals.net.amount(),
        vat: vat(decisions.iter().map(|(d, t)| (d.rate.percent(), t.tax))),
        total: totals.gross.amount(),
        credit_applied: facts.credit.amount(),
        to_pay: to_pay.amount(),
        amount_in_words: words.map_err(Failure::internal)?,
        tax_phrase: pick(&wire::tax_phrase(&decisions)),
        purpose,
        note: String::new(),
        signatories: signatories(seller, english),
        qr,
    })
}

pub(in crate::api) fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

pub(in crate::api) fn party(seller: &SellerRow) -> Party {
    let s = &seller.seller;
    Party {
        name: s.name.clone(),
        inn: filled(&s.inn),
        kpp: s.kpp.clone(),
        address: filled(&s.address),
        phone: None,
    }
}

pub(in crate::api) fn buyer(payer: &Payer) -> Party {
    Party {
        name: payer.title.clone(),
        inn: filled(&payer.tax_id),
        kpp: filled(&payer.kpp),
        address: filled(&payer.address),
        phone: None,
    }
}

/// The contract, as documents name it.
pub(in crate::api) fn basis(contract: &ContractRow, english: bool) -> ContractRef {
    let number = &contract.contract.number;
    let title =
        if english { format!("Contract {number}") } else { format!("Договор № {number}") };
    ContractRef { title, date: Some(contract.contract.date) }
}

pub(in crate::api) fn bank(seller: &SellerRow) -> BankDetails {
    let bank = &seller.seller.bank;
    BankDetails {
        name: bank.bank.clone(),
        bic: bank.bic.clone(),
        account: bank.account.clone(),
        correspondent_account: filled(&bank.correspondent),
    }
}

/// Sums per rate, in order of appearance; no entry where there is no VAT.
pub(in crate::api) fn vat(rows: impl Iterator<Item = (Option<u8>, Money)>) -> Vec<Vat> {
    let mut all: Vec<Vat> = Vec::new();
    for (rate, tax) in rows {
        let Some(rate) = rate.map(Decimal::from) else { continue };
        match all.iter_mut().find(|v| v.rate == rate) {
            Some(v) => v.amount += tax.amount(),
            None => all.push(Vat { rate, amount: tax.amount() }),
        }
    }
    all
}

pub(in crate::api) fn line(l: &Line, english: bool) -> InvoiceLine {
    let pick = |text: &Text| if english { text.en.clone() } else { text.ru.clone() };
    InvoiceLine {
        title: pick(&l.name),
        details: l.detail.iter().map(pick).collect(),
        period: (l.kind != LineKind::Once).then_some(l.period),
        quantity: Decimal::from(l.quantity),
        unit: if english { "pcs".into() } else { "шт".into() },
        price: l.unit_price.amount(),
        net: l.amounts.net.amount(),
        vat: vat(l.segments.iter().map(|s| (s.decision.rate.percent(), s.amounts.tax))),
        gross: l.amounts.gross.amount(),
    }
}

/// What the payer copies into the payment order; a draft has no number to pay by yet.
fn purpose(i: &Invoice, contract: &ContractRow, tax: &str, english: bool) -> String {
    match &i.issued {
        None if english => "Draft: the number comes when the invoice is issued.".into(),
        None => "Черновик: номер появится, когда счёт будет выпущен.".into(),
        Some(n) => format!(
            "Оплата по счёту {} от {} по договору {}. {tax}",
            n.number,
            n.date.format("%d.%m.%Y"),
            contract.contract.number
        ),
    }
}

pub(in crate::api) fn signatories(seller: &SellerRow, english: bool) -> Vec<Signatory> {
    let Some(text) = &seller.seller.signatory else { return Vec::new() };
    let (position, name) = match text.rsplit_once(',') {
        Some((position, name)) => (position.trim().to_owned(), name.trim().to_owned()),
        None if english => ("Signatory".into(), text.clone()),
        None => ("Руководитель".into(), text.clone()),
    };
    vec![Signatory { position, name }]
}

/// The purpose as banks carry it, whatever language the document is in.
pub(in crate::api) fn bank_purpose(facts: &Facts) -> Result<String, Failure> {
    let i = &facts.row.invoice;
    let decisions = i.tax_by_decision().map_err(Failure::internal)?;
    Ok(purpose(i, &facts.contract, &wire::tax_phrase(&decisions).ru, false))
}

/// The payload of the payment QR: of an issued invoice in roubles with something to pay (G29).
///
/// # Errors
/// `INTERNAL` when the seller's requisites are not those of a Russian bank account.
pub(in crate::api) fn payment_code(
    facts: &Facts,
    to_pay: Money,
    purpose: &str,
) -> Result<Option<String>, Failure> {
    let i = &facts.row.invoice;
    if i.state != InvoiceState::Issued || i.currency != Currency::Rub || !to_pay.is_positive() {
        return Ok(None);
    }
    let s = &facts.seller.seller;
    let correspondent = s.bank.correspondent.as_str();
    let payment = pdf::qr::Payment {
        name: &s.name,
        account: &s.bank.account,
        bank_name: &s.bank.bank,
        bic: &s.bank.bic,
        correspondent_account: (!correspondent.is_empty()).then_some(correspondent),
        inn: &s.inn,
        kpp: s.kpp.as_deref(),
        amount: to_pay.amount(),
        purpose,
    };
    payment.payload().map(Some).map_err(Failure::internal)
}
