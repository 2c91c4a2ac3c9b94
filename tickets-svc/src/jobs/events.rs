//! What this service tells the others.

use crate::domain::tickets::Step;
use proto::tickets::v1::TicketChanged;
use service::{Failure, Frame, feed};
use sqlx::PgConnection;

/// Tells the others what became of a ticket, if anything did. The client's row is locked.
///
/// # Errors
/// Those of the database.
pub async fn ticket_changed(
    conn: &mut PgConnection,
    frame: &Frame,
    step: &Step,
) -> Result<(), Failure> {
    if step.changes.is_empty() {
        return Ok(());
    }
    let ticket = &step.ticket;
    let changed = TicketChanged {
        ticket: ticket.id.to_string(),
        client: ticket.client.map(|client| client.to_string()).unwrap_or_default(),
        state: ticket.state.as_str().to_uppercase(),
    };
    feed::append(conn, frame, ticket.client, &changed).await?;
    Ok(())
}
