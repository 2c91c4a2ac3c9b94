//! What the mailboxes of tickets promise.

use crate::{domain::clocks::Promise, store::mailboxes};
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::id::TicketId;

/// What the mailbox of a ticket promises; the regulation for a ticket without one (A27).
///
/// # Errors
/// Those of the database.
pub async fn promise(
    conn: &mut PgConnection,
    ticket: TicketId,
    now: DateTime<Utc>,
) -> Result<Promise, Failure> {
    let row = sqlx::query!(
        "select m.processing_minutes, m.first_response_minutes, m.calendar_country,
             m.working_hours, m.time_zone
         from tickets t join mailboxes m on m.id = t.mailbox_id where t.id = $1",
        ticket.0,
    )
    .fetch_optional(conn)
    .await?;
    let regulation = Promise::regulation();
    let Some(row) = row else { return Ok(regulation) };
    let working = mailboxes::working(&row.calendar_country, &row.working_hours, &row.time_zone)?;
    Ok(Promise {
        processing_minutes: row.processing_minutes,
        first_response_minutes: row.first_response_minutes,
        calendar: working.map_or(regulation.calendar, |hours| hours.calendar(now)),
    })
}
