//! What products count, and readings of it.

use super::count;
use crate::domain::metrics::{Metric, Reading};
use chrono::{DateTime, NaiveDate, Utc};
use service::Failure;
use sqlx::{PgConnection, types::Json};
use std::collections::{BTreeMap, HashMap};
use types::id::{ClientId, SubscriptionId};
use uuid::Uuid;

/// What tells readings apart: subscription, metric and day.
pub type Key = (SubscriptionId, String, NaiveDate);

/// A subscription, and what is counted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Which.
    pub subscription: SubscriptionId,
    /// Whose.
    pub client: ClientId,
    /// Units.
    pub quantity: u32,
    /// What its product counts.
    pub metrics: Vec<Metric>,
}

/// What is counted of these subscriptions, in the order of ids; those that do not exist are left
/// out.
///
/// # Errors
/// Those of the database.
pub async fn of_subscriptions(
    conn: &mut PgConnection,
    ids: &[SubscriptionId],
) -> Result<Vec<Counted>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    counted(conn, &ids, None).await
}

/// What is counted of a client's subscriptions that have not ended, in the order of ids.
///
/// # Errors
/// Those of the database.
pub async fn of_client(conn: &mut PgConnection, client: ClientId) -> Result<Vec<Counted>, Failure> {
    counted(conn, &[], Some(client.0)).await
}

async fn counted(
    conn: &mut PgConnection,
    ids: &[Uuid],
    client: Option<Uuid>,
) -> Result<Vec<Counted>, Failure> {
    let rows = sqlx::query!(
        r#"select s.id, s.client_id, s.quantity, p.metrics as "metrics!: Json<Vec<Metric>>"
         from subscriptions s join products p on p.id = s.product_id
         where s.id = any($1) or s.client_id = $2 and s.state <> 'TERMINATED'
            and p.metrics <> '[]'
         order by s.id"#,
        ids,
        client
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(Counted {
                subscription: r.id.into(),
                client: r.client_id.into(),
                quantity: count(r.quantity)?,
                metrics: r.metrics.0,
            })
        })
        .collect()
}

/// Keeps readings; one that is there of the same day gives way.
///
/// # Errors
/// Those of the database.
pub async fn record(
    conn: &mut PgConnection,
    readings: &BTreeMap<Key, i64>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let ids: Vec<Uuid> = readings.keys().map(|(id, _, _)| id.0).collect();
    let metrics: Vec<String> = readings.keys().map(|(_, metric, _)| metric.clone()).collect();
    let days: Vec<NaiveDate> = readings.keys().map(|(_, _, day)| *day).collect();
    let values: Vec<i64> = readings.values().copied().collect();
    sqlx::query!(
        "insert into readings (subscription_id, metric, day, value, recorded_at)
         select id, metric, day, value, $5
         from unnest($1::uuid[], $2::text[], $3::date[], $4::bigint[])
            as t (id, metric, day, value)
         on conflict (subscription_id, metric, day)
            do update set value = excluded.value, recorded_at = excluded.recorded_at",
        &ids,
        &metrics,
        &days,
        &values,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Readings of these subscriptions by metric: those since a day, and the newest one.
///
/// # Errors
/// Those of the database.
pub async fn readings(
    conn: &mut PgConnection,
    subscriptions: &[SubscriptionId],
    since: NaiveDate,
) -> Result<HashMap<(SubscriptionId, String), Vec<Reading>>, Failure> {
    let ids: Vec<Uuid> = subscriptions.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select subscription_id, metric, day, value from readings r
         where subscription_id = any($1) and (day >= $2 or day = (
            select max(n.day) from readings n
            where n.subscription_id = r.subscription_id and n.metric = r.metric))",
        &ids,
        since
    )
    .fetch_all(conn)
    .await?;
    let mut found: HashMap<_, Vec<Reading>> = HashMap::new();
    for r in rows {
        let value = u64::try_from(r.value).map_err(Failure::internal)?;
        let key = (SubscriptionId(r.subscription_id), r.metric);
        found.entry(key).or_default().push(Reading { day: r.day, value });
    }
    Ok(found)
}
