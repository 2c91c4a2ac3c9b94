//! Credit set against late fees.

use crate::store::money;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;
use types::{
    Money,
    id::{AllocationId, ClientId, LateFeeId, LateFeePaymentId},
};
use uuid::Uuid;

/// Money of one allocation set against one fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    /// Identity.
    pub id: LateFeePaymentId,
    /// The fee.
    pub fee: LateFeeId,
    /// Where the money is from.
    pub allocation: AllocationId,
    /// How much, above zero.
    pub amount: Money,
}

struct Row {
    id: Uuid,
    late_fee_id: Uuid,
    allocation_id: Uuid,
    currency: String,
    amount: Decimal,
}

impl TryFrom<Row> for Payment {
    type Error = Failure;

    fn try_from(r: Row) -> Result<Self, Failure> {
        Ok(Self {
            id: r.id.into(),
            fee: r.late_fee_id.into(),
            allocation: r.allocation_id.into(),
            amount: money(r.amount, &r.currency)?,
        })
    }
}

/// Inserts payments of a client.
///
/// # Errors
/// Those of the database.
pub async fn insert_payments(
    conn: &mut PgConnection,
    client: ClientId,
    all: &[Payment],
    author: &str,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    for p in all {
        sqlx::query!(
            "insert into late_fee_payments (id, late_fee_id, allocation_id, client_id, currency,
                amount, author, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            p.id.0,
            p.fee.0,
            p.allocation.0,
            client.0,
            p.amount.currency().code(),
            p.amount.amount(),
            author,
            now
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Payments that stand of an allocation, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn of_allocation(
    conn: &mut PgConnection,
    allocation: AllocationId,
) -> Result<Vec<Payment>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, late_fee_id, allocation_id, currency, amount from late_fee_payments
         where allocation_id = $1 and reversed_at is null order by id",
        allocation.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Payment::try_from).collect()
}

/// Payments that stand of a fee, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn of_fee(conn: &mut PgConnection, fee: LateFeeId) -> Result<Vec<Payment>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, late_fee_id, allocation_id, currency, amount from late_fee_payments
         where late_fee_id = $1 and reversed_at is null order by id",
        fee.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Payment::try_from).collect()
}

/// Takes payments back.
///
/// # Errors
/// Those of the database.
pub async fn reverse_payments(
    conn: &mut PgConnection,
    all: &[Payment],
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let ids: Vec<Uuid> = all.iter().map(|p| p.id.0).collect();
    sqlx::query!(
        "update late_fee_payments set reversed_at = $2, reverse_reason = $3
         where id = any($1) and reversed_at is null",
        &ids,
        now,
        reason
    )
    .execute(conn)
    .await?;
    Ok(())
}
