//! Tickets, their clocks, participants and history.

mod accompany;
pub mod changes;
pub mod joining;
mod list;
pub mod of_client;
mod promises;

pub use accompany::Brought;
pub use promises::promise;

pub use list::{After, Counts, Filter, count, counts, counts_of, list};

use super::{clients, rows};
use crate::domain::{
    clocks::{Kind, SlaClock},
    mailboxes::Mailbox,
    tickets::{Origin, Parked, State, Step, Ticket, Trust},
};
use accompany::accompany;
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::{
    EmailAddress,
    id::{ClientId, MailboxId, TicketId},
};
use uuid::Uuid;

/// A ticket row with the current run of each clock.
pub(super) struct Row {
    pub id: Uuid,
    pub number: i64,
    pub client_id: Option<Uuid>,
    pub candidate_clients: Vec<Uuid>,
    pub subject: String,
    pub state: String,
    pub parked_from: Option<String>,
    pub parked_since: Option<DateTime<Utc>>,
    pub parked_until: Option<DateTime<Utc>>,
    pub department: String,
    pub assignee: Option<Uuid>,
    pub requester: Option<String>,
    pub trust: String,
    pub origin: String,
    pub regarding: String,
    pub reopen_count: i32,
    pub message_count: i32,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub processing_run: i32,
    pub processing_started: DateTime<Utc>,
    pub processing_due: DateTime<Utc>,
    pub processing_stopped: Option<DateTime<Utc>>,
    pub response_run: i32,
    pub response_started: DateTime<Utc>,
    pub response_due: DateTime<Utc>,
    pub response_stopped: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Ticket {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        let requester = row.requester.as_deref();
        let from = row.parked_from.as_deref().and_then(State::parse);
        let parked = from.zip(row.parked_since).map(|(from, since)| Parked {
            from,
            since,
            until: row.parked_until,
        });
        Ok(Self {
            id: row.id.into(),
            number: row.number,
            client: row.client_id.map(ClientId::from),
            candidates: row.candidate_clients.into_iter().map(ClientId::from).collect(),
            subject: row.subject,
            state: rows::word("tickets.state", State::parse(&row.state))?,
            parked,
            department: row.department,
            assignee: row.assignee.map(Into::into),
            requester: requester
                .map(|text| rows::address("tickets.requester", text))
                .transpose()?,
            trust: rows::word("tickets.trust", Trust::parse(&row.trust))?,
            origin: rows::word("tickets.origin", Origin::parse(&row.origin))?,
            regarding: row.regarding,
            reopen_count: row.reopen_count,
            revision: row.revision,
            message_count: row.message_count,
            processing: SlaClock {
                kind: Kind::Processing,
                run: row.processing_run,
                started: row.processing_started,
                due: row.processing_due,
                stopped: row.processing_stopped,
            },
            first_response: SlaClock {
                kind: Kind::FirstResponse,
                run: row.response_run,
                started: row.response_started,
                due: row.response_due,
                stopped: row.response_stopped,
            },
            created: row.created_at,
            updated: row.updated_at,
        })
    }
}

/// The ticket, not locked.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: TicketId) -> Result<Option<Ticket>, Failure> {
    let row = sqlx::query_as!(
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
         where t.id = $1",
        id.0,
    )
    .fetch_optional(conn)
    .await?;
    row.map(Ticket::try_from).transpose()
}

/// Locks the ticket for this transaction, its client's row before it: the order in which every
/// transaction takes them.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: TicketId) -> Result<Option<Ticket>, Failure> {
    let client = sqlx::query_scalar!("select client_id from tickets where id = $1", id.0)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(client) = client else { return Ok(None) };
    if let Some(client) = client {
        clients::lock(conn, client.into()).await?;
    }
    sqlx::query!("select id from tickets where id = $1 for update", id.0)
        .fetch_optional(&mut *conn)
        .await?;
    get(conn, id).await
}

/// Where a ticket comes from, besides what the ticket itself holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Source<'a> {
    /// The mailbox that the letter came to.
    pub mailbox: Option<MailboxId>,
    /// Natural key of a work order.
    pub work_key: Option<&'a str>,
    /// The letter that opened it.
    pub letter: Option<Brought<'a>>,
}

/// Stores a ticket that was just opened, and gives it its number. Its message is the caller's.
/// A work order is once: constraint `tickets_work_key`.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    step: &mut Step,
    source: Source<'_>,
    actor: &str,
) -> Result<(), Failure> {
    let ticket = &step.ticket;
    let candidates: Vec<Uuid> = ticket.candidates.iter().map(|client| client.0).collect();
    let number = sqlx::query_scalar!(
        "insert into tickets (id, client_id, candidate_clients, subject, state, department,
             assignee, requester, requester_key, trust, origin, regarding, work_key, mailbox_id,
             reopen_count, message_count, revision, processing_run, first_response_run, due_at,
             created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
             $19, $20, $21, $22)
         returning number",
        ticket.id.0,
        ticket.client.map(|client| client.0),
        &candidates,
        ticket.subject,
        ticket.state.as_str(),
        ticket.department,
        ticket.assignee.map(|staff| staff.0),
        ticket.requester.as_ref().map(EmailAddress::as_str),
        ticket.requester.as_ref().map(EmailAddress::key),
        ticket.trust.as_str(),
        ticket.origin.as_str(),
        ticket.regarding,
        source.work_key,
        source.mailbox.map(|mailbox| mailbox.0),
        ticket.reopen_count,
        ticket.message_count,
        ticket.revision,
        ticket.processing.run,
        ticket.first_response.run,
        ticket.processing.due_while_running(),
        ticket.created,
        ticket.updated,
    )
    .fetch_one(&mut *conn)
    .await?;
    step.ticket.number = number;
    let requester = step.ticket.requester.as_ref();
    accompany(conn, step, actor, requester, source.letter).await
}

/// Saves what a transition did to a locked ticket, its message excepted.
///
/// # Errors
/// Those of the database.
pub async fn save(conn: &mut PgConnection, step: &Step, actor: &str) -> Result<(), Failure> {
    save_letter(conn, step, actor, None).await
}

/// The same of a transition by a letter.
///
/// # Errors
/// Those of the database.
pub async fn save_letter(
    conn: &mut PgConnection,
    step: &Step,
    actor: &str,
    letter: Option<Brought<'_>>,
) -> Result<(), Failure> {
    let ticket = &step.ticket;
    let candidates: Vec<Uuid> = ticket.candidates.iter().map(|client| client.0).collect();
    let parked = ticket.parked.as_ref();
    let saved = sqlx::query!(
        "update tickets
         set client_id = $3, candidate_clients = $4, state = $5, department = $6, assignee = $7,
             reopen_count = $8, message_count = $9, revision = $2::bigint, processing_run = $10,
             first_response_run = $11, due_at = $12, updated_at = $13, parked_from = $14,
             parked_since = $15, parked_until = $16
         where id = $1 and revision = $2::bigint - 1",
        ticket.id.0,
        ticket.revision,
        ticket.client.map(|client| client.0),
        &candidates,
        ticket.state.as_str(),
        ticket.department,
        ticket.assignee.map(|staff| staff.0),
        ticket.reopen_count,
        ticket.message_count,
        ticket.processing.run,
        ticket.first_response.run,
        ticket.processing.due_while_running(),
        ticket.updated,
        parked.map(|parked| parked.from.as_str()),
        parked.map(|parked| parked.since),
        parked.and_then(|parked| parked.until),
    )
    .execute(&mut *conn)
    .await?;
    if saved.rows_affected() != 1 {
        return Err(Failure::internal(format!("{} was saved without its lock", ticket.id)));
    }
    accompany(conn, step, actor, None, letter).await
}

/// Puts an address on a ticket.
///
/// # Errors
/// Those of the database.
pub async fn participate(
    conn: &mut PgConnection,
    ticket: TicketId,
    address: &EmailAddress,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into ticket_participants (ticket_id, address_key, address) values ($1, $2, $3)
         on conflict do nothing",
        ticket.0,
        address.key(),
        address.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The mailbox that answers of a ticket are sent from: the one that it came to, else the first of
/// its department, else the first of all.
///
/// # Errors
/// Those of the database.
pub async fn mailbox(
    conn: &mut PgConnection,
    ticket: TicketId,
    department: &str,
) -> Result<Option<Mailbox>, Failure> {
    let came_to = sqlx::query_scalar!("select mailbox_id from tickets where id = $1", ticket.0)
        .fetch_optional(&mut *conn)
        .await?
        .flatten();
    let all = super::mailboxes::all(conn).await?.into_iter().map(|stored| stored.mailbox);
    let rank = |mailbox: &Mailbox| {
        (Some(mailbox.id.0) != came_to, mailbox.department != department, mailbox.id)
    };
    Ok(all.min_by_key(rank))
}

/// The ticket of a work order.
///
/// # Errors
/// Those of the database.
pub async fn of_work(conn: &mut PgConnection, key: &str) -> Result<Option<TicketId>, Failure> {
    let id = sqlx::query_scalar!("select id from tickets where work_key = $1", key);
    Ok(id.fetch_optional(conn).await?.map(TicketId::from))
}
