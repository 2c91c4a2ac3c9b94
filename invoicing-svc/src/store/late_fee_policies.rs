//! Terms of late fees of sellers.

use crate::domain::late_fees::{LateFeePolicy, Terms};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::{PgConnection, postgres::types::PgRange};
use types::{Period, id::LateFeePolicyId};
use uuid::Uuid;

/// Constraint: policies of a seller do not overlap.
pub const OVERLAP: &str = "late_fee_policies_overlap";

/// A policy with what is stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateFeePolicyRow {
    /// The policy.
    pub policy: LateFeePolicy,
    /// Who made it.
    pub author: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Who ended it; empty while nobody did.
    pub ended_by: String,
}

struct Row {
    id: Uuid,
    seller_id: Uuid,
    starts: NaiveDate,
    until: Option<NaiveDate>,
    daily_percent: Decimal,
    cap_percent: Decimal,
    grace_days: i32,
    author: String,
    created_at: DateTime<Utc>,
    ended_by: String,
}

impl TryFrom<Row> for LateFeePolicyRow {
    type Error = Failure;

    fn try_from(r: Row) -> Result<Self, Failure> {
        let terms = Terms {
            policy: r.id.into(),
            daily_percent: r.daily_percent,
            cap_percent: r.cap_percent,
        };
        let policy = LateFeePolicy {
            seller: r.seller_id.into(),
            terms,
            grace_days: super::count(r.grace_days)?,
            from: r.starts,
            until: r.until,
        };
        Ok(Self { policy, author: r.author, created_at: r.created_at, ended_by: r.ended_by })
    }
}

/// Inserts a policy.
///
/// # Errors
/// Those of the database; [`OVERLAP`].
pub async fn insert(conn: &mut PgConnection, row: &LateFeePolicyRow) -> Result<(), Failure> {
    let p = &row.policy;
    sqlx::query!(
        "insert into late_fee_policies (id, seller_id, starts, until, daily_percent, cap_percent,
            grace_days, author, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        p.terms.policy.0,
        p.seller.0,
        p.from,
        p.until,
        p.terms.daily_percent,
        p.terms.cap_percent,
        super::stored_count(p.grace_days)?,
        row.author,
        row.created_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Saves when a policy ends, and who said so.
///
/// # Errors
/// Those of the database; [`OVERLAP`].
pub async fn end(conn: &mut PgConnection, row: &LateFeePolicyRow) -> Result<(), Failure> {
    sqlx::query!(
        "update late_fee_policies set until = $2, ended_by = $3 where id = $1",
        row.policy.terms.policy.0,
        row.policy.until,
        row.ended_by
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The policy of an id, locked.
///
/// # Errors
/// Those of the database.
pub async fn lock(
    conn: &mut PgConnection,
    id: LateFeePolicyId,
) -> Result<Option<LateFeePolicyRow>, Failure> {
    let row = sqlx::query_as!(
        Row,
        "select id, seller_id, starts, until, daily_percent, cap_percent, grace_days, author,
            created_at, ended_by
         from late_fee_policies where id = $1 for update",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(LateFeePolicyRow::try_from).transpose()
}

/// Policies before one, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    before: Option<LateFeePolicyId>,
    limit: i64,
) -> Result<Vec<LateFeePolicyRow>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, seller_id, starts, until, daily_percent, cap_percent, grace_days, author,
            created_at, ended_by
         from late_fee_policies where $1::uuid is null or id < $1 order by id desc limit $2",
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(LateFeePolicyRow::try_from).collect()
}

/// How many policies there are, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn total(conn: &mut PgConnection, cap: i64) -> Result<i64, Failure> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (select from late_fee_policies limit $1) as t"#,
        cap
    );
    Ok(total.fetch_one(conn).await?)
}

/// Policies that charge one of these days.
///
/// # Errors
/// Those of the database.
pub async fn within(conn: &mut PgConnection, days: Period) -> Result<Vec<LateFeePolicy>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, seller_id, starts, until, daily_percent, cap_percent, grace_days, author,
            created_at, ended_by
         from late_fee_policies where daterange(starts, until) && $1",
        PgRange::from(days.start()..days.end())
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| LateFeePolicyRow::try_from(row).map(|row| row.policy)).collect()
}
