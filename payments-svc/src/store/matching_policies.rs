//! Policies of matching, and what was used of them.

use super::money;
use crate::domain::matching_policies::{Allowance, Mode, Policy, Used};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;
use types::Money;
use types::id::SellerId;
use uuid::Uuid;

/// A policy as it was set.
#[derive(Debug, Clone)]
pub struct Set {
    /// Its version; 0 for what holds from the start.
    pub id: i64,
    /// Whose; none for all.
    pub seller: Option<SellerId>,
    /// What it says.
    pub policy: Policy,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// Since when; none from the start.
    pub at: Option<DateTime<Utc>>,
}

impl Set {
    /// What holds where nobody has set anything.
    #[must_use]
    pub fn of_start(seller: Option<SellerId>) -> Self {
        let (policy, none) = (Policy::default(), String::new());
        Self { id: 0, seller, policy, reason: none.clone(), actor: none, at: None }
    }
}

struct Row {
    id: i64,
    seller_id: Option<Uuid>,
    mode: String,
    daily_count: Option<i32>,
    daily_amount: Option<Decimal>,
    daily_currency: Option<String>,
    sample_percent: i16,
    reason: String,
    actor: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Set {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        let mode = Mode::parse(&row.mode)
            .ok_or_else(|| Failure::internal(format!("matching mode {:?}", row.mode)))?;
        let daily_amount = match row.daily_amount.zip(row.daily_currency) {
            Some((amount, currency)) => Some(money(amount, &currency)?),
            None => None,
        };
        let policy = Policy {
            mode,
            daily_count: row.daily_count.and_then(|count| u32::try_from(count).ok()),
            daily_amount,
            sample_percent: u8::try_from(row.sample_percent).map_err(Failure::internal)?,
        };
        let seller = row.seller_id.map(SellerId);
        let at = Some(row.created_at);
        Ok(Self { id: row.id, seller, policy, reason: row.reason, actor: row.actor, at })
    }
}

/// Stores a policy; it holds from now on. Answers its version.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut PgConnection, set: &Set) -> Result<i64, Failure> {
    let amount = set.policy.daily_amount;
    let id = sqlx::query_scalar!(
        "insert into matching_policies (seller_id, mode, daily_count, daily_amount, daily_currency,
             sample_percent, reason, actor, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id",
        set.seller.map(|seller| seller.0),
        set.policy.mode.as_str(),
        set.policy.daily_count.and_then(|count| i32::try_from(count).ok()),
        amount.map(|amount| amount.amount()),
        amount.map(|amount| amount.currency().code()),
        i16::from(set.policy.sample_percent),
        set.reason,
        set.actor,
        set.at
    )
    .fetch_one(conn)
    .await?;
    Ok(id)
}

/// What holds for a seller, or for all, by its own row.
///
/// # Errors
/// Those of the database.
pub async fn current(
    conn: &mut PgConnection,
    seller: Option<SellerId>,
) -> Result<Option<Set>, Failure> {
    let row = sqlx::query_as!(
        Row,
        "select id, seller_id, mode, daily_count, daily_amount, daily_currency, sample_percent,
                reason, actor, created_at
         from matching_policies where seller_id is not distinct from $1
         order by id desc limit 1",
        seller.map(|seller| seller.0)
    )
    .fetch_optional(conn)
    .await?;
    row.map(Set::try_from).transpose()
}

/// All that ever held, newest first.
///
/// # Errors
/// Those of the database.
pub async fn history(
    conn: &mut PgConnection,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Set>, Failure> {
    sqlx::query_as!(
        Row,
        "select id, seller_id, mode, daily_count, daily_amount, daily_currency, sample_percent,
                reason, actor, created_at
         from matching_policies where $1::bigint is null or id < $1
         order by id desc limit $2",
        before,
        limit
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Set::try_from)
    .collect()
}

/// How many there are, up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, cap: i64) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select from matching_policies limit $1) rows"#,
        cap
    );
    Ok(count.fetch_one(conn).await?)
}

/// Everything that holds now, and what was used of it on this day. Who
/// [keeps still](super::matching::keep_still) sees what all others have used.
///
/// # Errors
/// Those of the database.
pub async fn allowance(conn: &mut PgConnection, day: NaiveDate) -> Result<Allowance, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select distinct on (seller_id) id, seller_id, mode, daily_count, daily_amount,
                daily_currency, sample_percent, reason, actor, created_at
         from matching_policies order by seller_id, id desc"
    );
    let mut allowance = Allowance::default();
    for row in rows.fetch_all(&mut *conn).await? {
        let set = Set::try_from(row)?;
        match set.seller {
            Some(seller) => {
                allowance.sellers.insert(seller, set.policy);
            }
            None => allowance.whole = set.policy,
        }
    }
    if allowance.has_caps() {
        for (seller, used) in used(conn, day, None).await? {
            allowance.used.insert(seller, used);
        }
    }
    Ok(allowance)
}

/// What the machine allocated on a day, of one seller or of each.
///
/// # Errors
/// Those of the database.
pub async fn used(
    conn: &mut PgConnection,
    day: NaiveDate,
    seller: Option<SellerId>,
) -> Result<Vec<(SellerId, Used)>, Failure> {
    let rows = sqlx::query!(
        r#"select seller_id, currency, sum(payments) as "payments!", sum(amount) as "amount!"
           from automatic_counts where day = $1 and ($2::uuid is null or seller_id = $2)
           group by seller_id, currency order by seller_id"#,
        day,
        seller.map(|seller| seller.0)
    );
    let mut all: Vec<(SellerId, Used)> = Vec::new();
    for row in rows.fetch_all(conn).await? {
        let seller = SellerId(row.seller_id);
        if all.last().is_none_or(|(last, _)| *last != seller) {
            all.push((seller, Used::default()));
        }
        let payments = u32::try_from(row.payments).unwrap_or(u32::MAX);
        if let Some((_, used)) = all.last_mut() {
            used.add(payments, money(row.amount, &row.currency)?);
        }
    }
    Ok(all)
}

/// Counts what the machine allocated just now.
///
/// # Errors
/// Those of the database.
pub async fn use_up(
    conn: &mut PgConnection,
    day: NaiveDate,
    sums: &[(SellerId, u32, Money)],
) -> Result<(), Failure> {
    let sellers: Vec<Uuid> = sums.iter().map(|(seller, ..)| seller.0).collect();
    let currencies: Vec<String> =
        sums.iter().map(|(.., amount)| amount.currency().code().to_owned()).collect();
    let payments: Vec<i32> =
        sums.iter().map(|(_, count, _)| i32::try_from(*count).unwrap_or(i32::MAX)).collect();
    let amounts: Vec<Decimal> = sums.iter().map(|(.., amount)| amount.amount()).collect();
    sqlx::query!(
        "insert into automatic_counts (day, seller_id, currency, payments, amount)
         select $1, * from unnest($2::uuid[], $3::text[], $4::int[], $5::numeric[])",
        day,
        &sellers,
        &currencies,
        &payments,
        &amounts
    )
    .execute(conn)
    .await?;
    Ok(())
}
