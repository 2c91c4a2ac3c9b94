//! What payments-svc says money is meant for, and what of it is still credit.

use super::{code, money};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;
use std::collections::HashSet;
use types::{
    Currency, Money,
    id::{AllocationId, ClientId, InvoiceId, LegalEntityId, LineId, SellerId},
};
use uuid::Uuid;

/// Money of one bank line meant for one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// Identity, given by payments-svc.
    pub id: AllocationId,
    /// The bank line.
    pub line: LineId,
    /// Whose money.
    pub client: ClientId,
    /// Whose advance.
    pub payer: Option<LegalEntityId>,
    /// To whose account it came.
    pub seller: SellerId,
    /// The invoice that it names.
    pub named: Option<InvoiceId>,
    /// How much.
    pub amount: Money,
    /// Booked by the bank.
    pub date: NaiveDate,
    /// What of it is applied to no invoice.
    pub credit: Money,
    /// Taken back.
    pub reversed: bool,
}

struct Row {
    id: Uuid,
    line_id: Uuid,
    client_id: Uuid,
    payer_id: Option<Uuid>,
    seller_id: Uuid,
    named_invoice_id: Option<Uuid>,
    currency: String,
    amount: Decimal,
    date: NaiveDate,
    credit: Decimal,
    reversed: bool,
}

impl TryFrom<Row> for Allocation {
    type Error = Failure;

    fn try_from(r: Row) -> Result<Self, Failure> {
        Ok(Self {
            id: r.id.into(),
            line: r.line_id.into(),
            client: r.client_id.into(),
            payer: r.payer_id.map(Into::into),
            seller: r.seller_id.into(),
            named: r.named_invoice_id.map(Into::into),
            amount: money(r.amount, &r.currency)?,
            date: r.date,
            credit: money(r.credit, &r.currency)?,
            reversed: r.reversed,
        })
    }
}

/// Inserts allocations, all of them credit; the caller has seen that they are not known.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    all: &[&Allocation],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let column = Columns(all);
    sqlx::query!(
        "insert into allocations (id, line_id, client_id, payer_id, seller_id, named_invoice_id,
            currency, amount, date, credit, created_at)
         select *, $11::timestamptz from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[],
            $5::uuid[], $6::uuid[], $7::text[], $8::numeric[], $9::date[], $10::numeric[])",
        &column.of(|a| a.id.0),
        &column.of(|a| a.line.0),
        &column.of(|a| a.client.0),
        &column.of(|a| a.payer.map(|id| id.0)) as &[Option<Uuid>],
        &column.of(|a| a.seller.0),
        &column.of(|a| a.named.map(|id| id.0)) as &[Option<Uuid>],
        &column.of(|a| a.amount.currency().code().to_owned()),
        &column.of(|a| a.amount.amount()),
        &column.of(|a| a.date),
        &column.of(|a| a.credit.amount()),
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct Columns<'a>(&'a [&'a Allocation]);

impl Columns<'_> {
    fn of<C>(&self, value: impl Fn(&Allocation) -> C) -> Vec<C> {
        self.0.iter().map(|allocation| value(allocation)).collect()
    }
}

/// Which of these allocations are known already.
///
/// # Errors
/// Those of the database.
pub async fn known(
    conn: &mut PgConnection,
    ids: &[AllocationId],
) -> Result<HashSet<AllocationId>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let known = sqlx::query_scalar!("select id from allocations where id = any($1)", &ids);
    Ok(known.fetch_all(conn).await?.into_iter().map(AllocationId).collect())
}

/// The allocation of an id.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: AllocationId) -> Result<Option<Allocation>, Failure> {
    let row = sqlx::query_as!(
        Row,
        "select id, line_id, client_id, payer_id, seller_id, named_invoice_id, currency, amount,
            date, credit, reversed
         from allocations where id = $1",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(Allocation::try_from).transpose()
}

/// Allocations of these clients that still hold credit, oldest money first per client.
///
/// # Errors
/// Those of the database.
pub async fn with_credit(
    conn: &mut PgConnection,
    clients: &[ClientId],
) -> Result<Vec<Allocation>, Failure> {
    let ids: Vec<Uuid> = clients.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        "select id, line_id, client_id, payer_id, seller_id, named_invoice_id, currency, amount,
            date, credit, reversed
         from allocations where client_id = any($1) and credit > 0
         order by client_id, date, id",
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Allocation::try_from).collect()
}

/// Saves what is credit of these allocations.
///
/// # Errors
/// Those of the database.
pub async fn save_credit(conn: &mut PgConnection, all: &[&Allocation]) -> Result<(), Failure> {
    let ids: Vec<Uuid> = all.iter().map(|a| a.id.0).collect();
    let credits: Vec<Decimal> = all.iter().map(|a| a.credit.amount()).collect();
    sqlx::query!(
        "update allocations a set credit = t.credit
         from unnest($1::uuid[], $2::numeric[]) as t (id, credit) where a.id = t.id",
        &ids,
        &credits
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks an allocation as taken back; no credit of it is left.
///
/// # Errors
/// Those of the database.
pub async fn reverse(conn: &mut PgConnection, id: AllocationId) -> Result<(), Failure> {
    sqlx::query!("update allocations set reversed = true, credit = 0 where id = $1", id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// A bank line whose money stands in suspense until it is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuspenseLine {
    /// The bank line.
    pub line: LineId,
    /// To whose account.
    pub seller: SellerId,
    /// How much, above zero.
    pub amount: Money,
    /// Booked by the bank.
    pub date: NaiveDate,
}

/// Inserts bank lines; answers those that were not known yet.
///
/// # Errors
/// Those of the database.
pub async fn insert_lines(
    conn: &mut PgConnection,
    lines: &[SuspenseLine],
) -> Result<HashSet<LineId>, Failure> {
    let ids: Vec<Uuid> = lines.iter().map(|l| l.line.0).collect();
    let sellers: Vec<Uuid> = lines.iter().map(|l| l.seller.0).collect();
    let currencies: Vec<String> =
        lines.iter().map(|l| l.amount.currency().code().to_owned()).collect();
    let amounts: Vec<Decimal> = lines.iter().map(|l| l.amount.amount()).collect();
    let dates: Vec<NaiveDate> = lines.iter().map(|l| l.date).collect();
    let inserted = sqlx::query_scalar!(
        "insert into suspense_lines (line_id, seller_id, currency, amount, date)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::numeric[], $5::date[])
         on conflict (line_id) do nothing returning line_id",
        &ids,
        &sellers,
        &currencies,
        &amounts,
        &dates
    )
    .fetch_all(conn)
    .await?;
    Ok(inserted.into_iter().map(LineId).collect())
}

/// Marks a bank line as no payment of a client; false when it was marked already or is unknown.
///
/// # Errors
/// Those of the database.
pub async fn ignore_line(conn: &mut PgConnection, line: LineId) -> Result<bool, Failure> {
    let ignored = sqlx::query!(
        "update suspense_lines set ignored = true where line_id = $1 and not ignored",
        line.0
    )
    .execute(conn)
    .await?;
    Ok(ignored.rows_affected() == 1)
}

/// Credit of a client per seller and currency.
///
/// # Errors
/// Those of the database.
pub async fn credit_of(
    conn: &mut PgConnection,
    client: ClientId,
) -> Result<Vec<(SellerId, Money)>, Failure> {
    let rows = sqlx::query!(
        r#"select seller_id, currency, sum(credit) as "credit!" from allocations
         where client_id = $1 and credit > 0 group by seller_id, currency
         order by seller_id, currency"#,
        client.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            let currency: Currency = code(&r.currency)?;
            Ok((r.seller_id.into(), Money::new(r.credit, currency).map_err(Failure::internal)?))
        })
        .collect()
}

/// Whose advance money is that names neither payer nor invoice: the payer of the client's oldest
/// contract with the seller, else the client's first legal entity.
///
/// # Errors
/// Those of the database.
pub async fn usual_payer(
    conn: &mut PgConnection,
    client: ClientId,
    seller: SellerId,
) -> Result<Option<LegalEntityId>, Failure> {
    let payer = sqlx::query_scalar!(
        r#"select coalesce(
            (select payer_id from contracts where client_id = $1 and seller_id = $2
                order by date, id limit 1),
            (select payer_id from payers where client_id = $1 order by payer_id limit 1))
            as "payer""#,
        client.0,
        seller.0
    )
    .fetch_one(conn)
    .await?;
    Ok(payer.map(Into::into))
}
