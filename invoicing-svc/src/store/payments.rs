//! Money that came from a client, by the line of the bank that it came in.

use super::money;
use chrono::NaiveDate;
use service::Failure;
use sqlx::PgConnection;
use std::collections::HashMap;
use types::{
    Money,
    id::{ClientId, InvoiceId, LateFeeId, LineId, SellerId},
};
use uuid::Uuid;

/// A payment of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// The bank line.
    pub line: LineId,
    /// Whose account it came to.
    pub seller: SellerId,
    /// Name of the seller.
    pub seller_title: String,
    /// What of the line is the client's.
    pub amount: Money,
    /// Booked by the bank.
    pub date: NaiveDate,
    /// What of it pays nothing yet.
    pub credit: Money,
}

/// What of a payment paid an invoice or its late fee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRow {
    /// The invoice.
    pub invoice: InvoiceId,
    /// Its human number.
    pub number: String,
    /// How much.
    pub amount: Money,
    /// The late fee of the invoice that it paid, where it was not the invoice itself.
    pub late_fee: Option<LateFeeId>,
}

/// Payments of a client before one, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    client: ClientId,
    before: Option<LineId>,
    limit: i64,
) -> Result<Vec<PaymentRow>, Failure> {
    let rows = sqlx::query!(
        r#"select a.line_id, a.seller_id, s.title, a.currency, min(a.date) as "date!",
            sum(a.amount) as "amount!", sum(a.credit) as "credit!"
         from allocations a join sellers s on s.id = a.seller_id
         where a.client_id = $1 and not a.reversed and ($2::uuid is null or a.line_id < $2)
         group by a.line_id, a.seller_id, s.title, a.currency
         order by a.line_id desc limit $3"#,
        client.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(PaymentRow {
                line: r.line_id.into(),
                seller: r.seller_id.into(),
                seller_title: r.title,
                amount: money(r.amount, &r.currency)?,
                date: r.date,
                credit: money(r.credit, &r.currency)?,
            })
        })
        .collect()
}

/// How many payments a client has made, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn total(conn: &mut PgConnection, client: ClientId, cap: i64) -> Result<i64, Failure> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (
            select distinct line_id from allocations
            where client_id = $1 and not reversed limit $2) as t"#,
        client.0,
        cap
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}

/// What payments of a client paid, by bank line, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn parts(
    conn: &mut PgConnection,
    client: ClientId,
    lines: &[LineId],
) -> Result<HashMap<LineId, Vec<PartRow>>, Failure> {
    let ids: Vec<Uuid> = lines.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select a.line_id, p.invoice_id as "invoice_id!", n.number, p.currency as "currency!",
            sum(p.amount) as "amount!", p.late_fee_id
         from allocations a join (
            select id, allocation_id, invoice_id, currency, amount, null::uuid as late_fee_id
            from applications where client_id = $2 and reversed_at is null
            union all
            select p.id, p.allocation_id, f.invoice_id, p.currency, p.amount, f.id
            from late_fee_payments p join late_fees f on f.id = p.late_fee_id
            where p.client_id = $2 and p.reversed_at is null) p on p.allocation_id = a.id
         join invoice_numbers n on n.invoice_id = p.invoice_id
         where a.line_id = any($1) and a.client_id = $2
         group by a.line_id, p.invoice_id, n.number, p.currency, p.late_fee_id
         order by min(p.id::text)"#,
        &ids,
        client.0
    )
    .fetch_all(conn)
    .await?;
    let mut parts: HashMap<LineId, Vec<PartRow>> = HashMap::new();
    for r in rows {
        parts.entry(r.line_id.into()).or_default().push(PartRow {
            invoice: r.invoice_id.into(),
            number: r.number,
            amount: money(r.amount, &r.currency)?,
            late_fee: r.late_fee_id.map(Into::into),
        });
    }
    Ok(parts)
}

/// What came from a client, per seller and currency.
///
/// # Errors
/// Those of the database.
pub async fn received(
    conn: &mut PgConnection,
    client: ClientId,
) -> Result<Vec<(SellerId, Money)>, Failure> {
    let rows = sqlx::query!(
        r#"select seller_id, currency, sum(amount) as "amount!" from allocations
         where client_id = $1 and not reversed
         group by seller_id, currency order by seller_id, currency"#,
        client.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|r| Ok((r.seller_id.into(), money(r.amount, &r.currency)?))).collect()
}
