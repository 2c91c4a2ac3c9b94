//! Lists of late fees, newest first.

use super::{LateFeeRow, Row, with_days};
use service::Failure;
use sqlx::PgConnection;
use types::id::{ClientId, InvoiceId, LateFeeId};

/// Which fees a list has; those that came to nothing are in none.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Only of this client.
    pub client: Option<ClientId>,
    /// Only of this invoice.
    pub invoice: Option<InvoiceId>,
    /// Only what is left to pay.
    pub open: bool,
}

/// Fees before one, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: Filter,
    before: Option<LateFeeId>,
    limit: i64,
) -> Result<Vec<LateFeeRow>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select f.id, f.invoice_id, n.number as invoice_number, f.client_id, f.payer_id,
            f.seller_id, f.currency, f.amount, f.paid, f.waived_at, f.waived_by, f.waive_reason,
            f.created_at
         from late_fees f join invoice_numbers n on n.invoice_id = f.invoice_id
         where ($1::uuid is null or f.client_id = $1) and ($2::uuid is null or f.invoice_id = $2)
            and f.amount > 0 and (not $3 or (f.waived_at is null and f.amount > f.paid))
            and ($4::uuid is null or f.id < $4)
         order by f.id desc limit $5",
        filter.client.map(|id| id.0),
        filter.invoice.map(|id| id.0),
        filter.open,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(&mut *conn)
    .await?;
    with_days(conn, rows).await
}

/// How many fees a list has, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn total(conn: &mut PgConnection, filter: Filter, cap: i64) -> Result<i64, Failure> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (
            select from late_fees
            where ($1::uuid is null or client_id = $1) and ($2::uuid is null or invoice_id = $2)
                and amount > 0 and (not $3 or (waived_at is null and amount > paid))
            limit $4) as t"#,
        filter.client.map(|id| id.0),
        filter.invoice.map(|id| id.0),
        filter.open,
        cap
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}

/// Fees after one, oldest first, those that came to nothing too.
///
/// # Errors
/// Those of the database.
pub async fn after(
    conn: &mut PgConnection,
    after: Option<LateFeeId>,
    limit: i64,
) -> Result<Vec<LateFeeRow>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select f.id, f.invoice_id, n.number as invoice_number, f.client_id, f.payer_id,
            f.seller_id, f.currency, f.amount, f.paid, f.waived_at, f.waived_by, f.waive_reason,
            f.created_at
         from late_fees f join invoice_numbers n on n.invoice_id = f.invoice_id
         where $1::uuid is null or f.id > $1 order by f.id limit $2",
        after.map(|id| id.0),
        limit
    )
    .fetch_all(&mut *conn)
    .await?;
    with_days(conn, rows).await
}
