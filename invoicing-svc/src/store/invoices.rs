//! Invoices: states in one table; lines in `draft_lines` until issued, then in `invoice_lines`,
//! which is never changed. Every function takes many at once: the billing run is its main caller.

mod lines;
mod list;
mod numbers;

pub use lines::{drop_drafts, lines, standing, write_drafts, write_issued};
pub use list::{Filter, Totals, due_of, list, total, totals};
pub use numbers::{Series, series, take, write as write_numbers};

use super::{code, money, not_empty, or_empty};
use crate::domain::invoices::{Invoice, InvoiceState, Issued, Sums};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;
use std::collections::HashSet;
use types::id::{BillingRunId, ClientId, InvoiceId, InvoiceLineId, OrderId};
use uuid::Uuid;

/// An invoice with what is stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceRow {
    /// The invoice as the rules know it.
    pub invoice: Invoice,
    /// Revision of the payer's requisites that it prints; none until issued.
    pub payer_revision: Option<i64>,
    /// Moment of the payment that made it paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// The order that made it.
    pub order: Option<OrderId>,
    /// Version.
    pub revision: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// An invoice to insert.
#[derive(Debug, Clone)]
pub struct NewInvoice {
    /// The invoice, in any state.
    pub invoice: Invoice,
    /// The order that made it.
    pub order: Option<OrderId>,
    /// The run that made it.
    pub run: Option<BillingRunId>,
    /// Revision of the payer's requisites, when it is issued at once.
    pub payer_revision: Option<i64>,
    /// When credit paid it as it was issued.
    pub paid_at: Option<DateTime<Utc>>,
}

/// Inserts invoices with their lines and claims; issued ones with their numbers are written by
/// [`write_issued`] after this.
///
/// # Errors
/// Those of the database; [`super::billed_periods::OVERLAP`] when a period is billed already.
pub async fn insert(
    conn: &mut PgConnection,
    all: &[NewInvoice],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let mut rows = Columns::default();
    for new in all {
        rows.push(&new.invoice)?;
    }
    let invoices = || all.iter().map(|n| &n.invoice);
    let contracts: Vec<Uuid> = invoices().map(|i| i.contract.0).collect();
    let payers: Vec<Uuid> = invoices().map(|i| i.legal_entity.0).collect();
    let sellers: Vec<Uuid> = invoices().map(|i| i.seller.0).collect();
    let currencies: Vec<String> = invoices().map(|i| i.currency.code().into()).collect();
    let kinds: Vec<String> = invoices().map(|i| i.kind.code().into()).collect();
    let clients: Vec<Uuid> = invoices().map(|i| i.client.0).collect();
    let replaces: Vec<Option<Uuid>> = invoices().map(|i| i.replaces.map(|id| id.0)).collect();
    let orders: Vec<Option<Uuid>> = all.iter().map(|n| n.order.map(|id| id.0)).collect();
    let runs: Vec<Option<Uuid>> = all.iter().map(|n| n.run.map(|id| id.0)).collect();
    let revisions: Vec<Option<i64>> = all.iter().map(|n| n.payer_revision).collect();
    let paid: Vec<Option<DateTime<Utc>>> = all.iter().map(|n| n.paid_at).collect();
    sqlx::query!(
        "insert into invoices (id, client_id, contract_id, payer_id, seller_id, currency, kind,
            state, payment_state, net, tax, total, hold_reason, issue_date, due_date, valid_until,
            replaces_id, order_id, run_id, payer_revision, applied, paid_at, created_at)
         select *, $23::timestamptz from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[],
            $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::numeric[],
            $11::numeric[], $12::numeric[], $13::text[], $14::date[], $15::date[], $16::date[],
            $17::uuid[], $18::uuid[], $19::uuid[], $20::bigint[], $21::numeric[],
            $22::timestamptz[])",
        &rows.ids,
        &clients,
        &contracts,
        &payers,
        &sellers,
        &currencies,
        &kinds,
        &rows.states,
        &rows.payment_states,
        &rows.nets,
        &rows.taxes,
        &rows.totals,
        &rows.hold_reasons,
        &rows.issued as &[Option<NaiveDate>],
        &rows.due as &[Option<NaiveDate>],
        &rows.valid_until as &[Option<NaiveDate>],
        &replaces as &[Option<Uuid>],
        &orders as &[Option<Uuid>],
        &runs as &[Option<Uuid>],
        &revisions as &[Option<i64>],
        &rows.applied,
        &paid as &[Option<DateTime<Utc>>],
        now
    )
    .execute(&mut *conn)
    .await?;
    let drafts: Vec<&Invoice> = invoices().filter(|i| i.issued.is_none()).collect();
    write_drafts(conn, &drafts).await?;
    super::billed_periods::claim(conn, &invoices().collect::<Vec<_>>()).await
}

/// The columns that change, one array each.
#[derive(Default)]
struct Columns {
    ids: Vec<Uuid>,
    states: Vec<String>,
    payment_states: Vec<String>,
    nets: Vec<Decimal>,
    taxes: Vec<Decimal>,
    totals: Vec<Decimal>,
    applied: Vec<Decimal>,
    credited: Vec<Decimal>,
    refunded: Vec<Decimal>,
    hold_reasons: Vec<String>,
    cancel_reasons: Vec<String>,
    issued: Vec<Option<NaiveDate>>,
    due: Vec<Option<NaiveDate>>,
    valid_until: Vec<Option<NaiveDate>>,
}

impl Columns {
    fn push(&mut self, i: &Invoice) -> Result<(), Failure> {
        let totals = i.totals().map_err(Failure::internal)?;
        let payment_state = match i.state {
            InvoiceState::Issued | InvoiceState::Expired => i.payment_state(),
            // Nothing can be paid before it is issued.
            _ => Ok(crate::domain::invoices::PaymentState::Open),
        };
        self.ids.push(i.id.0);
        self.states.push(i.state.code().into());
        self.payment_states.push(payment_state.map_err(Failure::internal)?.code().into());
        self.nets.push(totals.net.amount());
        self.taxes.push(totals.tax.amount());
        self.totals.push(totals.gross.amount());
        self.applied.push(i.sums.applied.amount());
        self.credited.push(i.sums.credited.amount());
        self.refunded.push(i.sums.refunded.amount());
        self.hold_reasons.push(or_empty(i.hold_reason.as_ref()).into());
        self.cancel_reasons.push(or_empty(i.cancel_reason.as_ref()).into());
        self.issued.push(i.issued.as_ref().map(|n| n.date));
        self.due.push(i.issued.as_ref().map(|n| n.due));
        self.valid_until.push(i.valid_until);
        Ok(())
    }
}

/// Saves states, sums and dates of these invoices: one statement for all.
///
/// # Errors
/// Those of the database.
pub async fn save(conn: &mut PgConnection, all: &[&InvoiceRow]) -> Result<(), Failure> {
    let mut rows = Columns::default();
    for row in all {
        rows.push(&row.invoice)?;
    }
    let paid: Vec<Option<DateTime<Utc>>> = all.iter().map(|r| r.paid_at).collect();
    let revisions: Vec<Option<i64>> = all.iter().map(|r| r.payer_revision).collect();
    sqlx::query!(
        "update invoices i set state = t.state, payment_state = t.payment_state, net = t.net,
            tax = t.tax, total = t.total, applied = t.applied, credited = t.credited,
            refunded = t.refunded, hold_reason = t.hold_reason, cancel_reason = t.cancel_reason,
            issue_date = t.issue_date, due_date = t.due_date, valid_until = t.valid_until,
            paid_at = t.paid_at, payer_revision = t.payer_revision, revision = i.revision + 1
         from unnest($1::uuid[], $2::text[], $3::text[], $4::numeric[], $5::numeric[],
            $6::numeric[], $7::numeric[], $8::numeric[], $9::numeric[], $10::text[], $11::text[],
            $12::date[], $13::date[], $14::date[], $15::timestamptz[], $16::bigint[])
            as t (id, state, payment_state, net, tax, total, applied, credited, refunded,
                hold_reason, cancel_reason, issue_date, due_date, valid_until, paid_at,
                payer_revision)
         where i.id = t.id",
        &rows.ids,
        &rows.states,
        &rows.payment_states,
        &rows.nets,
        &rows.taxes,
        &rows.totals,
        &rows.applied,
        &rows.credited,
        &rows.refunded,
        &rows.hold_reasons,
        &rows.cancel_reasons,
        &rows.issued as &[Option<NaiveDate>],
        &rows.due as &[Option<NaiveDate>],
        &rows.valid_until as &[Option<NaiveDate>],
        &paid as &[Option<DateTime<Utc>>],
        &revisions as &[Option<i64>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The client of an invoice, to lock its account before anything else is read.
///
/// # Errors
/// Those of the database.
pub async fn client_of(
    conn: &mut PgConnection,
    id: InvoiceId,
) -> Result<Option<ClientId>, Failure> {
    let client = sqlx::query_scalar!("select client_id from invoices where id = $1", id.0)
        .fetch_optional(conn)
        .await?;
    Ok(client.map(ClientId))
}

/// The invoices of these ids with their lines, in the order of ids.
///
/// # Errors
/// Those of the database.
pub async fn get_all(
    conn: &mut PgConnection,
    ids: &[InvoiceId],
) -> Result<Vec<InvoiceRow>, Failure> {
    let mut rows = heads(conn, ids).await?;
    let mut lines = lines(conn, ids).await?;
    for row in &mut rows {
        row.invoice.lines = lines.remove(&row.invoice.id).unwrap_or_default();
    }
    Ok(rows)
}

/// The invoice of an id with its lines.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: InvoiceId) -> Result<Option<InvoiceRow>, Failure> {
    Ok(get_all(conn, &[id]).await?.pop())
}

/// The invoices of these ids without lines, in the order of ids.
async fn heads(conn: &mut PgConnection, ids: &[InvoiceId]) -> Result<Vec<InvoiceRow>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select i.id, i.client_id, i.contract_id, i.payer_id, i.payer_revision, i.seller_id,
            i.currency, i.kind, i.state, i.applied, i.credited, i.refunded, i.hold_reason,
            i.issue_date, i.due_date, i.valid_until, i.paid_at, i.replaces_id, i.cancel_reason,
            i.order_id, i.revision, i.created_at, n.sequence as "sequence?", n.number as "number?"
         from invoices i left join invoice_numbers n on n.invoice_id = i.id
         where i.id = any($1) order by i.id"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            let amount = |a: Decimal| money(a, &r.currency);
            let issued = match (r.issue_date, r.due_date, r.sequence, r.number) {
                (Some(date), Some(due), Some(sequence), Some(number)) => {
                    Some(Issued { date, due, sequence, number })
                }
                _ => None,
            };
            let sums = Sums {
                applied: amount(r.applied)?,
                credited: amount(r.credited)?,
                refunded: amount(r.refunded)?,
            };
            let invoice = Invoice {
                id: r.id.into(),
                kind: code(&r.kind)?,
                client: r.client_id.into(),
                legal_entity: r.payer_id.into(),
                contract: r.contract_id.into(),
                seller: r.seller_id.into(),
                currency: code(&r.currency)?,
                state: code(&r.state)?,
                lines: Vec::new(),
                hold_reason: not_empty(r.hold_reason),
                valid_until: r.valid_until,
                issued,
                replaces: r.replaces_id.map(Into::into),
                cancel_reason: not_empty(r.cancel_reason),
                sums,
            };
            Ok(InvoiceRow {
                invoice,
                payer_revision: r.payer_revision,
                paid_at: r.paid_at,
                order: r.order_id.map(Into::into),
                revision: r.revision,
                created_at: r.created_at,
            })
        })
        .collect()
}

/// Which of these clients have paid an invoice before.
///
/// # Errors
/// Those of the database.
pub async fn who_paid(
    conn: &mut PgConnection,
    clients: &[ClientId],
) -> Result<HashSet<ClientId>, Failure> {
    let ids: Vec<Uuid> = clients.iter().map(|id| id.0).collect();
    let paid = sqlx::query_scalar!(
        r#"select id as "id!" from unnest($1::uuid[]) as given (id)
         where exists (select 1 from invoices where client_id = given.id
            and payment_state = 'PAID' and paid_at is not null)"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(paid.into_iter().map(ClientId).collect())
}

/// The invoice that holds a line, issued or not.
///
/// # Errors
/// Those of the database.
pub async fn of_line(
    conn: &mut PgConnection,
    line: InvoiceLineId,
) -> Result<Option<InvoiceId>, Failure> {
    let id = sqlx::query_scalar!(
        r#"select invoice_id as "invoice_id!" from invoice_lines where id = $1
         union all select invoice_id from draft_lines where id = $1"#,
        line.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(InvoiceId))
}
