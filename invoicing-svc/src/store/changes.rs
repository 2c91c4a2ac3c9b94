//! Changes of subscriptions, with the lines that were shown and confirmed.

use super::stored_count;
use crate::domain::changes::Preview;
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::id::{ChangeId, ClientId, InvoiceId};

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
