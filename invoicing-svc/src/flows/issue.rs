//! Issuing («выпустить»): lines and number are fixed, credit is applied, the customer is told. It
//! is a request: nothing is posted to the ledger but what credit pays.

mod credits;

use crate::{
    domain::{
        applications::{Incoming, apply_credit},
        invoices::{Invoice, InvoiceError, InvoiceKind, Numbering, PaymentState},
        products::FulfilmentPolicy,
        subscriptions::Subscription,
    },
    flows::{events, letters, paid, pay, terms::Terms},
    store::{
        self,
        allocations::Allocation,
        applications::Origin,
        invoices::{InvoiceRow, NewInvoice, Series},
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD};
use chrono::NaiveDate;
use service::{
    Failure, Frame, Text,
    feed::{self, NewEvent},
};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use types::{
    Money, Period,
    id::{AllocationId, BillingRunId, ClientId, InvoiceId, SellerId, SubscriptionId},
};

/// Where the invoices to issue are.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// Stored as drafts or held.
    Stored,
    /// Made by a run and not stored yet; all that they refer to was read to make them.
    Run(BillingRunId, &'a Terms),
}

/// Issues invoices, whose clients' accounts the caller has locked. The numbers are taken last.
///
/// # Errors
/// `FAILED_PRECONDITION` when the rules refuse one of them; those of the database.
pub async fn issue(
    conn: &mut PgConnection,
    frame: &Frame,
    rows: Vec<InvoiceRow>,
    source: Source<'_>,
) -> Result<Vec<InvoiceRow>, Failure> {
    let now = frame.clock.now();
    let read;
    let terms = match source {
        Source::Run(_, terms) => terms,
        Source::Stored => {
            read = read_terms(conn, &rows).await?;
            &read
        }
    };
    let clients: Vec<ClientId> = rows.iter().map(|r| r.invoice.client).collect();
    let zones = store::profiles::zones(conn, &clients).await?;
    let mains = current_periods(conn, &rows).await?;
    let mut credit = pay::credit_of(conn, &clients).await?;
    let (mut issued, mut applied) = (Vec::new(), Vec::new());
    for row in rows {
        let contract = terms.contract(row.invoice.contract)?;
        let zone = zones.get(&row.invoice.client).copied().unwrap_or(chrono_tz::Europe::Moscow);
        let payer_revision = Some(terms.payer(contract.legal_entity)?.revision);
        let violations = match row.invoice.kind {
            // The rules of renewals made its periods.
            InvoiceKind::Main => Vec::new(),
            _ => row.invoice.period_violations(|id, start| mains.get(&(id, start)).copied()),
        };
        // The number itself comes last: until then a place holder stands for it.
        let placeholder = Numbering { sequence: 1, number: "-".into() };
        let today = frame.clock.today(zone);
        let invoice =
            row.invoice.issue(today, contract, placeholder, violations).map_err(|e| refused(&e))?;
        let parts = credit_parts(&invoice, credit.get_mut(&invoice.client))?;
        issued.push(InvoiceRow { invoice, payer_revision, ..row });
        applied.push(parts);
    }
    write(conn, &issued, source, now).await?;
    for (row, parts) in issued.iter_mut().zip(&mut applied) {
        credits::hand_back(conn, frame, row).await?;
        if !parts.is_empty() {
            pay::apply(conn, frame, row, parts).await?;
        }
    }
    number(conn, terms, &mut issued).await?;
    let tokens = pay_tokens(conn, &issued).await?;
    tell(conn, frame, terms, &mut issued, &applied, &tokens).await?;
    Ok(issued)
}

async fn read_terms(conn: &mut PgConnection, rows: &[InvoiceRow]) -> Result<Terms, Failure> {
    let contracts: BTreeSet<_> = rows.iter().map(|r| r.invoice.contract).collect();
    let lines = rows.iter().flat_map(|r| &r.invoice.lines);
    let products: BTreeSet<_> = lines.filter_map(|l| l.product).collect();
    Terms::read(conn, contracts, products, BTreeSet::new()).await
}

/// The period of each subscription's main one (or of itself) that a line of it must end with, by
/// the day on which the line starts: a change has a line per billed period.
async fn current_periods(
    conn: &mut PgConnection,
    rows: &[InvoiceRow],
) -> Result<HashMap<(SubscriptionId, NaiveDate), Period>, Failure> {
    let lines: BTreeSet<(SubscriptionId, NaiveDate)> = rows
        .iter()
        .filter(|r| r.invoice.kind != InvoiceKind::Main)
        .flat_map(|r| &r.invoice.lines)
        .filter_map(|l| Some((l.subscription?, l.period.start())))
        .collect();
    let ids: BTreeSet<SubscriptionId> = lines.iter().map(|(id, _)| *id).collect();
    let ids: Vec<SubscriptionId> = ids.into_iter().collect();
    let own = store::subscriptions::get_all(conn, &ids).await?;
    let mains: Vec<SubscriptionId> = own.iter().filter_map(|r| r.subscription.main).collect();
    let mains: HashMap<SubscriptionId, Subscription> = store::subscriptions::get_all(conn, &mains)
        .await?
        .into_iter()
        .map(|r| (r.subscription.id, r.subscription))
        .collect();
    let own: HashMap<SubscriptionId, &Subscription> =
        own.iter().map(|r| (r.subscription.id, &r.subscription)).collect();
    let period = |(id, start)| {
        let subscription = own.get(&id)?;
        let main = subscription.main.and_then(|id| mains.get(&id));
        Some(((id, start), subscription.period_with(main, start)?))
    };
    Ok(lines.into_iter().filter_map(period).collect())
}

/// Which parts of the client's credit pay the invoice; they are taken from `credit`, so that a
/// second invoice of the same client does not take them again.
fn credit_parts(
    invoice: &Invoice,
    credit: Option<&mut Vec<Allocation>>,
) -> Result<Vec<(Allocation, Money, Origin)>, Failure> {
    let Some(credit) = credit else { return Ok(Vec::new()) };
    let sources: Vec<Incoming> = credit
        .iter()
        .map(|a| Incoming {
            allocation: a.id,
            seller: a.seller,
            legal_entity: a.payer.unwrap_or(invoice.legal_entity),
            received: a.date,
            amount: a.credit,
        })
        .collect();
    let parts = apply_credit(invoice, &sources).map_err(Failure::internal)?;
    let mut taken = Vec::new();
    for (id, amount) in parts {
        if let Some(allocation) = credit.iter_mut().find(|a| a.id == id) {
            taken.push((allocation.clone(), amount, Origin::Credit));
            allocation.credit = allocation.credit.checked_sub(amount).map_err(Failure::internal)?;
        }
    }
    Ok(taken)
}

async fn write(
    conn: &mut PgConnection,
    issued: &[InvoiceRow],
    source: Source<'_>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Failure> {
    let invoices: Vec<&Invoice> = issued.iter().map(|row| &row.invoice).collect();
    match source {
        Source::Stored => {
            store::invoices::save(conn, &issued.iter().collect::<Vec<_>>()).await?;
            store::invoices::drop_drafts(conn, &invoices).await?;
        }
        Source::Run(run, _) => {
            let new: Vec<NewInvoice> = issued
                .iter()
                .map(|row| NewInvoice {
                    invoice: row.invoice.clone(),
                    order: None,
                    run: Some(run),
                    payer_revision: row.payer_revision,
                    paid_at: None,
                })
                .collect();
            store::invoices::insert(conn, &new, now).await?;
        }
    }
    store::invoices::write_issued(conn, &invoices).await
}

/// Takes the numbers, a block per series and counter, and writes them for good.
async fn number(
    conn: &mut PgConnection,
    terms: &Terms,
    issued: &mut [InvoiceRow],
) -> Result<(), Failure> {
    let mut groups: BTreeMap<(SellerId, Option<String>), Vec<usize>> = BTreeMap::new();
    for (i, row) in issued.iter().enumerate() {
        groups.entry((row.invoice.seller, service_code(terms, &row.invoice))).or_default().push(i);
    }
    for ((seller, service), places) in groups {
        let series = store::invoices::series(conn, seller, Series::Invoice).await?;
        let service = service.as_deref();
        let key = series.counter_key(service).map_err(|e| no_service_code(&e))?;
        let count = i64::try_from(places.len()).map_err(Failure::internal)?;
        let first = store::invoices::take(conn, series.id, key, count).await?;
        for (sequence, i) in (first..).zip(&places) {
            let number = series.format.print(sequence, service).map_err(Failure::internal)?;
            if let Some(n) = issued[*i].invoice.issued.as_mut() {
                n.sequence = sequence;
                n.number = number;
            }
        }
        let numbered: Vec<(&Invoice, String)> =
            places.iter().map(|i| (&issued[*i].invoice, key.to_owned())).collect();
        store::invoices::write_numbers(conn, series.id, &numbered).await?;
    }
    Ok(())
}

/// The service code that the number of an invoice may hold: of its first product that has one.
fn service_code(terms: &Terms, invoice: &Invoice) -> Option<String> {
    let codes = invoice.lines.iter().filter_map(|l| terms.product(l.product?).ok());
    codes.map(|p| p.service_code.clone()).find(|code| !code.is_empty())
}

fn no_service_code(e: &crate::domain::number_series::NumberError) -> Failure {
    Failure::precondition(
        "SERVICE_CODE_MISSING",
        Text::new(
            "Номер счёта содержит код услуги, а у продукта его нет. Укажите код у продукта.",
            e.to_string(),
        ),
    )
}

/// Gives a page to pay on to each invoice that asks for money: 128 random bits open it.
async fn pay_tokens(
    conn: &mut PgConnection,
    issued: &[InvoiceRow],
) -> Result<HashMap<InvoiceId, String>, Failure> {
    let mut tokens = HashMap::new();
    for InvoiceRow { invoice, .. } in issued {
        if invoice.totals().map_err(Failure::internal)?.gross.is_positive() {
            tokens.insert(invoice.id, URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()));
        }
    }
    store::pay_links::insert(conn, &tokens).await?;
    Ok(tokens)
}

/// Tells the others, and does what follows where credit has paid the invoice.
async fn tell(
    conn: &mut PgConnection,
    frame: &Frame,
    terms: &Terms,
    issued: &mut [InvoiceRow],
    applied: &[Vec<(Allocation, Money, Origin)>],
    tokens: &HashMap<InvoiceId, String>,
) -> Result<(), Failure> {
    let clients: Vec<ClientId> = issued.iter().map(|r| r.invoice.client).collect();
    let languages = store::profiles::languages(conn, &clients).await?;
    // One statement for the whole chunk of a run.
    let mut told = Vec::new();
    for row in issued.iter() {
        let client = Some(row.invoice.client);
        told.push(NewEvent::new(client, &events::invoice_issued(&row.invoice)?));
        let seller = terms.seller(row.invoice.seller)?;
        let language = languages.get(&row.invoice.client).map_or("ru", String::as_str);
        let token = tokens.get(&row.invoice.id).map(String::as_str);
        let letter = letters::issued(&row.invoice, seller, token, language)?;
        told.extend(letter.map(|letter| NewEvent::new(client, &letter)));
    }
    feed::append_all(conn, frame, &told).await?;
    for (row, parts) in issued.iter_mut().zip(applied) {
        paid::request_work(conn, frame, &row.invoice, FulfilmentPolicy::OnIssue).await?;
        let state = row.invoice.payment_state().map_err(Failure::internal)?;
        if !parts.is_empty() || state == PaymentState::Paid {
            let ids: Vec<AllocationId> = parts.iter().map(|(a, _, _)| a.id).collect();
            pay::tell(conn, frame, Some(row), &ids).await?;
            pay::settle(conn, frame, row, PaymentState::Open).await?;
        }
    }
    Ok(())
}

/// Why the rules refuse.
pub(crate) fn refused(e: &InvoiceError) -> Failure {
    let reason = match e {
        InvoiceError::State { .. } => "INVOICE_STATE",
        InvoiceError::Periods(_) => "PERIOD_NOT_ALLOWED",
        InvoiceError::HasMoney => "INVOICE_HAS_MONEY",
        InvoiceError::Paid => "INVOICE_PAID",
        InvoiceError::StillValid(_) => "INVOICE_VALID",
        InvoiceError::NoValidity => "INVOICE_NO_VALIDITY",
        InvoiceError::NoLines => return Failure::invalid("lines", Text::of(e)),
        InvoiceError::LineCurrency { line, .. } => {
            return Failure::invalid(format!("lines[{line}]"), Text::of(e));
        }
        InvoiceError::NoReason => return Failure::invalid("reason", Text::of(e)),
        _ => return Failure::internal(e),
    };
    let offered = match e {
        InvoiceError::Periods(all) => all.first().map(|(_, v)| v.offered.to_string()),
        _ => None,
    };
    let failure = Failure::precondition(reason, Text::of(e));
    match offered {
        Some(day) => failure.with("offered", day),
        None => failure,
    }
}
