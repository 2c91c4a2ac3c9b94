//! Changes of subscriptions, with the lines that were shown and confirmed.

use super::{count, stored_count};
use crate::domain::{billing::book::Step, changes::Preview};
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use std::collections::HashMap;
use types::id::{ChangeId, ClientId, InvoiceId, SubscriptionId};
use uuid::Uuid;

/// A change of quantity that was confirmed.
#[derive(Debug, Clone)]
pub struct NewChange<'a> {
    /// Identity.
    pub id: ChangeId,
    /// Whose.
    pub client: ClientId,
    /// What was shown.
    pub preview: &'a Preview,
    /// The held invoice with its lines; none where nothing ahead is billed.
    pub invoice: Option<InvoiceId>,
    /// Who confirmed.
    pub actor: &'a str,
}

/// Inserts a confirmed change.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    change: &NewChange<'_>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let p = change.preview;
    sqlx::query!(
        "insert into changes (id, subscription_id, client_id, kind, quantity_before, quantity_after,
            effective, invoice_id, lines, total, currency, actor, created_at)
         values ($1, $2, $3, 'QUANTITY', $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        change.id.0,
        p.subscription.0,
        change.client.0,
        stored_count(p.before)?,
        stored_count(p.after)?,
        p.day,
        change.invoice.map(|id| id.0),
        serde_json::to_value(&p.lines).map_err(Failure::internal)?,
        p.total().amount(),
        p.total().currency().code(),
        change.actor,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The changes of quantity of these subscriptions that stand, in the order in which they were
/// confirmed. Cancelling its invoice, and not making another of it, undoes a change.
///
/// # Errors
/// Those of the database.
pub async fn standing(
    conn: &mut PgConnection,
    subscriptions: &[SubscriptionId],
) -> Result<HashMap<SubscriptionId, Vec<Step>>, Failure> {
    let ids: Vec<Uuid> = subscriptions.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select id, subscription_id, quantity_before, quantity_after, effective from changes c
         where subscription_id = any($1) and kind = 'QUANTITY' and (invoice_id is null or exists (
            select from billed_periods b join invoices i on i.id = b.invoice_id
            where b.subscription_id = c.subscription_id and b.change_id = c.id
                and i.kind <> 'MAIN' and i.state <> 'CANCELLED'))
         order by created_at, id",
        &ids
    )
    .fetch_all(conn)
    .await?;
    let mut steps: HashMap<SubscriptionId, Vec<Step>> = HashMap::new();
    for r in rows {
        let (before, after) = (count(r.quantity_before)?, count(r.quantity_after)?);
        let step = Step { change: r.id.into(), day: r.effective, before, after };
        steps.entry(r.subscription_id.into()).or_default().push(step);
    }
    Ok(steps)
}
