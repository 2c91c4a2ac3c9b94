//! Money set against invoices.

use super::money;
use crate::domain::applications::Application;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;
use types::{
    Currency, Money,
    id::{AllocationId, ApplicationId, ClientId, InvoiceId},
};
use uuid::Uuid;

/// Why money was set against an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The money named the invoice.
    Allocation,
    /// It stood as credit before.
    Credit,
}

impl Origin {
    const fn code(self) -> &'static str {
        match self {
            Self::Allocation => "ALLOCATION",
            Self::Credit => "CREDIT",
        }
    }
}

/// An application with when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationRow {
    /// The application.
    pub application: Application,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Inserts applications of one client each.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    all: &[(ClientId, Application, Origin)],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let ids: Vec<Uuid> = all.iter().map(|(_, a, _)| a.id.0).collect();
    let allocations: Vec<Uuid> = all.iter().map(|(_, a, _)| a.allocation.0).collect();
    let invoices: Vec<Uuid> = all.iter().map(|(_, a, _)| a.invoice.0).collect();
    let clients: Vec<Uuid> = all.iter().map(|(client, _, _)| client.0).collect();
    let currencies: Vec<String> =
        all.iter().map(|(_, a, _)| a.amount.currency().code().into()).collect();
    let amounts: Vec<Decimal> = all.iter().map(|(_, a, _)| a.amount.amount()).collect();
    let dates: Vec<NaiveDate> = all.iter().map(|(_, a, _)| a.received).collect();
    let origins: Vec<String> = all.iter().map(|(_, _, origin)| origin.code().into()).collect();
    sqlx::query!(
        "insert into applications (id, allocation_id, invoice_id, client_id, currency, amount, date,
            origin, created_at)
         select *, $9::timestamptz from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[],
            $5::text[], $6::numeric[], $7::date[], $8::text[])",
        &ids,
        &allocations,
        &invoices,
        &clients,
        &currencies,
        &amounts,
        &dates,
        &origins,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes applications back.
///
/// # Errors
/// Those of the database.
pub async fn reverse(
    conn: &mut PgConnection,
    ids: &[ApplicationId],
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "update applications set reversed_at = $2, reverse_reason = $3
         where id = any($1) and reversed_at is null",
        &ids,
        now,
        reason
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct Row {
    id: Uuid,
    allocation_id: Uuid,
    invoice_id: Uuid,
    currency: String,
    amount: Decimal,
    date: NaiveDate,
    reversed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for ApplicationRow {
    type Error = Failure;

    fn try_from(r: Row) -> Result<Self, Failure> {
        let application = Application {
            id: r.id.into(),
            invoice: r.invoice_id.into(),
            allocation: r.allocation_id.into(),
            amount: money(r.amount, &r.currency)?,
            received: r.date,
            reversed: r.reversed_at.is_some(),
        };
        Ok(Self { application, created_at: r.created_at })
    }
}

/// Live applications of an allocation, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn of_allocation(
    conn: &mut PgConnection,
    allocation: AllocationId,
) -> Result<Vec<Application>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, allocation_id, invoice_id, currency, amount, date, reversed_at, created_at
         from applications where allocation_id = $1 and reversed_at is null order by id",
        allocation.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|r| ApplicationRow::try_from(r).map(|a| a.application)).collect()
}

/// Live applications to an invoice, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn of_invoice(
    conn: &mut PgConnection,
    invoice: InvoiceId,
) -> Result<Vec<Application>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, allocation_id, invoice_id, currency, amount, date, reversed_at, created_at
         from applications where invoice_id = $1 and reversed_at is null order by id",
        invoice.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|r| ApplicationRow::try_from(r).map(|a| a.application)).collect()
}

/// Σ of the client's credit that was applied to an invoice as it was issued, reversed or not: what
/// its document prints.
///
/// # Errors
/// Those of the database.
pub async fn credit_at_issue(
    conn: &mut PgConnection,
    invoice: InvoiceId,
    currency: Currency,
) -> Result<Money, Failure> {
    let sum = sqlx::query_scalar!(
        r#"select coalesce(sum(amount), 0) as "sum!" from applications
         where invoice_id = $1 and origin = 'CREDIT'"#,
        invoice.0
    )
    .fetch_one(conn)
    .await?;
    Money::new(sum, currency).map_err(Failure::internal)
}

/// Which applications a list has.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Only of this client.
    pub client: Option<ClientId>,
    /// Only of this invoice.
    pub invoice: Option<InvoiceId>,
}

/// Applications before one, newest first, reversed ones too.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: Filter,
    before: Option<ApplicationId>,
    limit: i64,
) -> Result<Vec<ApplicationRow>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, allocation_id, invoice_id, currency, amount, date, reversed_at, created_at
         from applications
         where ($1::uuid is null or client_id = $1) and ($2::uuid is null or invoice_id = $2)
            and ($3::uuid is null or id < $3)
         order by id desc limit $4",
        filter.client.map(|id| id.0),
        filter.invoice.map(|id| id.0),
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(ApplicationRow::try_from).collect()
}

/// How many applications a list has, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn total(conn: &mut PgConnection, filter: Filter, cap: i64) -> Result<i64, Failure> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (
            select from applications
            where ($1::uuid is null or client_id = $1) and ($2::uuid is null or invoice_id = $2)
            limit $3) as t"#,
        filter.client.map(|id| id.0),
        filter.invoice.map(|id| id.0),
        cap
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}
