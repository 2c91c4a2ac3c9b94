//! What became of tickets: who changed which field, and when.

use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::id::TicketId;

/// One field that somebody changed.
#[derive(Debug)]
pub struct Changed {
    /// Who: an actor such as staff/{staff}.
    pub actor: String,
    /// Which field.
    pub field: String,
    /// Before, in the words of the database.
    pub from: String,
    /// After.
    pub to: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// All that was changed of a ticket since it was opened, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn of(conn: &mut PgConnection, ticket: TicketId) -> Result<Vec<Changed>, Failure> {
    let rows = sqlx::query_as!(
        Changed,
        r#"select actor, field, from_value as "from", to_value as "to", created_at as at
           from ticket_changes where ticket_id = $1 and revision > 1 order by revision, place"#,
        ticket.0,
    );
    Ok(rows.fetch_all(conn).await?)
}
