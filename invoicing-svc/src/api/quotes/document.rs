//! The PDF of a quote: rendered outside of transactions, kept once the client has been sent it.

use super::found;
use crate::{
    api::invoices::{document, wire},
    domain::{
        invoices::{Invoice, InvoiceKind},
        lines::Line,
        quotes::QuoteState,
        tax::{TaxDecision, Taxed},
        texts::Text,
    },
    flows::{accept, terms::Terms},
    store::{
        self,
        contracts::ContractRow,
        profiles::{Payer, Profile},
        quotes::QuoteRow,
        sellers::SellerRow,
    },
};
use pdf::{InvoiceDocument, InvoiceLine, Kind, Language};
use proto::invoicing::v1 as pb;
use rust_decimal::Decimal;
use service::{Failure, Frame, blobs};
use sqlx::PgConnection;
use types::{
    Money,
    id::{InvoiceId, QuoteId},
    words::{self, Style},
};

/// Everything that the document prints.
struct Facts {
    row: QuoteRow,
    seller: SellerRow,
    contract: ContractRow,
    payer: Payer,
    profile: Option<Profile>,
    /// What each line makes when it is accepted on its day, and the name of its product.
    lines: Vec<(Option<Line>, Text)>,
}

/// The document of a quote: of one that was sent, the one that was rendered first, for good.
pub(super) async fn get(frame: &Frame, id: QuoteId) -> Result<pb::InvoiceDocument, Failure> {
    let mut conn = frame.pool.acquire().await?;
    if let Some((blob, filename)) = store::quotes::document(&mut conn, id).await? {
        let bytes = blobs::get(&frame.pool, blob).await?;
        let bytes = bytes.ok_or_else(|| Failure::internal("a document lost its bytes"))?;
        return Ok(document::reply(filename, bytes.to_vec()));
    }
    let facts = read(&mut conn, id).await?;
    drop(conn);
    let sent = facts.row.sent_at.is_some();
    let english = facts.profile.as_ref().is_some_and(|p| p.language == "en");
    let number = facts.row.number;
    let filename = if english {
        format!("Quote {number}.pdf")
    } else {
        format!("Предложение {number}.pdf")
    };
    let composed = compose(facts, english)?;
    // Rendering takes its thread for a while, so it gets one of its own.
    let bytes = tokio::task::spawn_blocking(move || pdf::invoice(&composed)).await;
    let bytes = bytes.map_err(Failure::internal)?.map_err(Failure::internal)?;
    if !sent {
        return Ok(document::reply(filename, bytes));
    }
    let mut tx = frame.begin().await?;
    let blob = blobs::put(&mut tx, &bytes).await?;
    let now = frame.clock.now();
    let kept = store::quotes::keep_document(&mut tx, id, blob, &filename, now).await?;
    tx.commit().await?;
    // Somebody else may have been faster; what was sent first is what it stays.
    let bytes = blobs::get(&frame.pool, kept).await?;
    let bytes = bytes.ok_or_else(|| Failure::internal("a document lost its bytes"))?;
    Ok(document::reply(filename, bytes.to_vec()))
}

async fn read(conn: &mut PgConnection, id: QuoteId) -> Result<Facts, Failure> {
    let missing = || Failure::not_found(id.to_string());
    let row = found(conn, id).await?;
    let contract = store::contracts::get(conn, row.quote.contract).await?.ok_or_else(missing)?;
    let seller = store::sellers::get(conn, contract.contract.seller).await?.ok_or_else(missing)?;
    let payer = store::profiles::payer(conn, contract.contract.legal_entity, None).await?;
    let profile = store::profiles::get(conn, row.quote.client).await?;
    let terms = Terms::of_lines(conn, &row.offer.order.lines).await?;
    let mut lines = Vec::with_capacity(row.offer.lines.len());
    for (line, priced) in row.offer.order.lines.iter().zip(&row.offer.lines) {
        let made = accept::line(&terms, row.quote.client, line, Some(&priced.price));
        let made = made.map_err(|refused| match refused {
            accept::Refused::Failure(failure) => failure,
            accept::Refused::Line(e) => Failure::internal(e),
        })?;
        lines.push((made.accepted.line, made.name));
    }
    Ok(Facts { seller, contract, payer: payer.ok_or_else(missing)?, profile, lines, row })
}

fn compose(facts: Facts, english: bool) -> Result<InvoiceDocument, Failure> {
    let Facts { row, seller, contract, payer, lines, .. } = facts;
    let pick = |text: &Text| if english { text.en.clone() } else { text.ru.clone() };
    let shown: Vec<InvoiceLine> = lines
        .iter()
        .map(|(line, name)| match line {
            Some(line) => document::line(line, english),
            None => free(pick(name), english),
        })
        .collect();
    // What would be invoiced tells sums and taxes; it is stored nowhere.
    let charged: Vec<Line> = lines.into_iter().filter_map(|(line, _)| line).collect();
    let (net, gross, decisions) = sums(&contract, charged)?;
    let words =
        if english { words::english(gross) } else { words::russian(gross, Style::Document) };
    let (quote, draft) = (&row.quote, row.quote.state == QuoteState::Draft);
    let made = row.sent_at.unwrap_or(row.created_at).with_timezone(&chrono_tz::Europe::Moscow);
    Ok(InvoiceDocument {
        kind: Kind::Quote,
        language: if english { Language::En } else { Language::Ru },
        number: (!draft).then(|| row.number.to_string()),
        date: made.date_naive(),
        due_date: Some(quote.valid_until),
        currency: contract.contract.currency,
        bank: document::bank(&seller),
        payer: document::buyer(&payer),
        contract: Some(document::basis(&contract, english)),
        lines: shown,
        prices_include_vat: true,
        net: net.amount(),
        vat: document::vat(decisions.iter().map(|(d, t)| (d.rate.percent(), t.tax))),
        total: gross.amount(),
        credit_applied: Decimal::ZERO,
        to_pay: gross.amount(),
        amount_in_words: words.map_err(Failure::internal)?,
        tax_phrase: pick(&wire::tax_phrase(&decisions)),
        purpose: quote.subject.clone(),
        note: quote.note.clone(),
        signatories: document::signatories(&seller, english),
        qr: None,
        seller: document::party(&seller),
    })
}

/// A line that costs nothing, and that no invoice would have.
fn free(title: String, english: bool) -> InvoiceLine {
    let zero = Decimal::ZERO;
    InvoiceLine {
        title,
        details: vec![if english { "free of charge".into() } else { "бесплатно".into() }],
        period: None,
        quantity: Decimal::ONE,
        unit: if english { "pcs".into() } else { "шт".into() },
        price: zero,
        net: zero,
        vat: Vec::new(),
        gross: zero,
    }
}

/// Net, gross, and the taxes by decision.
type Sums = (Money, Money, Vec<(TaxDecision, Taxed)>);

fn sums(contract: &ContractRow, lines: Vec<Line>) -> Result<Sums, Failure> {
    if lines.is_empty() {
        let zero = Money::zero(contract.contract.currency);
        return Ok((zero, zero, Vec::new()));
    }
    let id = InvoiceId::generate();
    let invoice = Invoice::draft(id, InvoiceKind::Order, &contract.contract, lines);
    let invoice = invoice.map_err(Failure::internal)?;
    let totals = invoice.totals().map_err(Failure::internal)?;
    let decisions = invoice.tax_by_decision().map_err(Failure::internal)?;
    Ok((totals.net, totals.gross, decisions))
}
