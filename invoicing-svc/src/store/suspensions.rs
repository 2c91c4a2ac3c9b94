//! Suspensions, and the days of them that nobody owes.

use crate::domain::suspensions::Suspension;
use chrono::{DateTime, NaiveDate, Utc};
use service::Failure;
use sqlx::PgConnection;
use std::collections::HashMap;
use types::{
    Period,
    id::{InvoiceId, SubscriptionId},
};
use uuid::Uuid;

/// A suspension that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The suspension.
    pub suspension: Suspension,
    /// The issued invoice of the subscription that is to be paid first, if there is one: its
    /// payment resumes.
    pub unpaid: Option<InvoiceId>,
}

/// Begins a suspension.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    suspension: &Suspension,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into suspensions (id, subscription_id, client_id, first_day, reason, actor,
            created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        suspension.id.0,
        suspension.subscription.0,
        suspension.client.0,
        suspension.first_day,
        suspension.reason,
        suspension.actor,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Those of these subscriptions that are stopped now.
///
/// # Errors
/// Those of the database.
pub async fn open(
    conn: &mut PgConnection,
    subscriptions: &[SubscriptionId],
) -> Result<HashMap<SubscriptionId, Open>, Failure> {
    let ids: Vec<Uuid> = subscriptions.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select id, subscription_id, client_id, first_day, reason, actor, (
            select i.id from billed_periods b join invoices i on i.id = b.invoice_id
            where b.subscription_id = s.subscription_id and not b.released
                and i.state = 'ISSUED' and i.payment_state in ('OPEN', 'PARTIALLY_PAID')
            order by i.due_date, i.id limit 1) as "unpaid?: Uuid"
         from suspensions s where subscription_id = any($1) and resumed is null"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let open = rows.into_iter().map(|r| {
        let suspension = Suspension {
            id: r.id.into(),
            subscription: r.subscription_id.into(),
            client: r.client_id.into(),
            first_day: r.first_day,
            reason: r.reason,
            actor: r.actor,
        };
        (suspension.subscription, Open { suspension, unpaid: r.unpaid.map(Into::into) })
    });
    Ok(open.collect())
}

/// Ends a suspension: service goes on from the day `resumed`, and `skipped` is owed by nobody.
///
/// # Errors
/// Those of the database.
pub async fn end(
    conn: &mut PgConnection,
    suspension: &Suspension,
    resumed: NaiveDate,
    skipped: &[Period],
) -> Result<(), Failure> {
    sqlx::query!("update suspensions set resumed = $2 where id = $1", suspension.id.0, resumed)
        .execute(&mut *conn)
        .await?;
    let starts: Vec<_> = skipped.iter().map(|p| p.start()).collect();
    let ends: Vec<_> = skipped.iter().map(|p| p.end()).collect();
    sqlx::query!(
        "insert into skipped_periods (suspension_id, subscription_id, period)
         select $1, $2, daterange(starts, ends)
         from unnest($3::date[], $4::date[]) as t (starts, ends)",
        suspension.id.0,
        suspension.subscription.0,
        &starts,
        &ends
    )
    .execute(conn)
    .await?;
    Ok(())
}
