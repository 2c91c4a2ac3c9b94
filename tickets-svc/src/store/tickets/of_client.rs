//! Tickets as their client sees them: those in which something was said to each other.

use super::Row;
use crate::domain::tickets::Ticket;
use service::Failure;
use sqlx::PgConnection;
use types::id::{ClientId, TicketId};

/// A page of them, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    client: ClientId,
    before: Option<TicketId>,
    limit: i64,
) -> Result<Vec<Ticket>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select t.id, t.number, t.client_id, t.candidate_clients, t.subject, t.state,
             t.parked_from, t.parked_since, t.parked_until, t.department,
             t.assignee, t.requester, t.trust, t.origin, t.regarding, t.reopen_count,
             t.message_count, t.revision, t.created_at, t.updated_at,
             p.run as processing_run, p.started_at as processing_started,
             p.due_at as processing_due, p.stopped_at as processing_stopped,
             r.run as response_run, r.started_at as response_started,
             r.due_at as response_due, r.stopped_at as response_stopped
         from tickets t
         join ticket_clocks p
             on p.ticket_id = t.id and p.kind = 'processing' and p.run = t.processing_run
         join ticket_clocks r
             on r.ticket_id = t.id and r.kind = 'first_response' and r.run = t.first_response_run
         where t.client_id = $1 and ($2::uuid is null or t.id < $2)
           and exists (select 1 from messages m
               where m.ticket_id = t.id and m.kind in ('client', 'staff'))
         order by t.id desc limit $3",
        client.0,
        before.map(|id| id.0),
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Ticket::try_from).collect()
}

/// How many there are, counted up to a limit.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, client: ClientId, limit: i64) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
             select 1 from tickets t where t.client_id = $1
               and exists (select 1 from messages m
                   where m.ticket_id = t.id and m.kind in ('client', 'staff'))
             limit $2) as counted"#,
        client.0,
        limit,
    );
    Ok(count.fetch_one(conn).await?)
}

/// True for a ticket of the client that the client may see.
///
/// # Errors
/// Those of the database.
pub async fn is_seen(
    conn: &mut PgConnection,
    client: ClientId,
    ticket: TicketId,
) -> Result<bool, Failure> {
    let seen = sqlx::query_scalar!(
        r#"select exists (select 1 from tickets t join messages m on m.ticket_id = t.id
             where t.id = $1 and t.client_id = $2 and m.kind in ('client', 'staff')) as "seen!""#,
        ticket.0,
        client.0,
    );
    Ok(seen.fetch_one(conn).await?)
}
