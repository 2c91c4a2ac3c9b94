//! Lists of tickets: soonest due first, those whose clock stands last.

use super::Row;
use crate::domain::tickets::{State, Ticket};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use service::Failure;
use sqlx::PgConnection;
use types::id::{ClientId, StaffId};
use uuid::Uuid;

/// Which tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// Of this client.
    pub client: Option<ClientId>,
    /// In this state.
    pub state: Option<&'static str>,
    /// Of this department.
    pub department: Option<String>,
    /// Of this member of staff.
    pub assignee: Option<StaffId>,
    /// Whose number is this.
    pub number: Option<i64>,
    /// Whose subject or requester begins so, as a pattern of `like` in lower case.
    pub beginning: Option<String>,
}

impl Filter {
    /// Adds what a person typed into the search field: a number, or the beginning of a subject or
    /// of an address.
    pub fn search(&mut self, query: &str) {
        // PostgreSQL has no text with a NUL in it.
        let query = query.replace('\0', "");
        let query = query.trim();
        if query.is_empty() {
            return;
        }
        self.number = query.trim_start_matches('#').parse().ok();
        let escaped = query.to_lowercase().replace('\\', "\\\\");
        self.beginning = Some(format!("{}%", escaped.replace('%', "\\%").replace('_', "\\_")));
    }

    /// Keeps to a state.
    #[must_use]
    pub fn in_state(mut self, state: Option<State>) -> Self {
        self.state = state.map(State::as_str);
        self
    }
}

/// Where a page begins: behind this ticket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct After {
    /// When it is due, if its clock runs.
    pub due: Option<DateTime<Utc>>,
    /// Its id.
    pub id: Uuid,
}

/// A page of tickets.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<&After>,
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
         where ($1::uuid is null or t.client_id = $1)
           and ($2::text is null or t.state = $2)
           and ($3::text is null or t.department = $3)
           and ($4::uuid is null or t.assignee = $4)
           and ($6::text is null or t.number = $5 or lower(t.subject) like $6
                or t.requester_key like $6)
           and ($8::uuid is null
                or (coalesce(t.due_at, 'infinity'), t.id)
                    > (coalesce($7::timestamptz, 'infinity'), $8::uuid))
         order by coalesce(t.due_at, 'infinity'), t.id limit $9",
        filter.client.map(|client| client.0),
        filter.state,
        filter.department.as_deref(),
        filter.assignee.map(|staff| staff.0),
        filter.number,
        filter.beginning.as_deref(),
        after.and_then(|after| after.due),
        after.map(|after| after.id),
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Ticket::try_from).collect()
}

/// How many tickets there are, counted up to a limit.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, filter: &Filter, limit: i64) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
             select 1 from tickets t
             where ($1::uuid is null or t.client_id = $1)
               and ($2::text is null or t.state = $2)
               and ($3::text is null or t.department = $3)
               and ($4::uuid is null or t.assignee = $4)
               and ($6::text is null or t.number = $5 or lower(t.subject) like $6
                    or t.requester_key like $6)
             limit $7) as counted"#,
        filter.client.map(|client| client.0),
        filter.state,
        filter.department.as_deref(),
        filter.assignee.map(|staff| staff.0),
        filter.number,
        filter.beginning.as_deref(),
        limit,
    );
    Ok(count.fetch_one(conn).await?)
}

/// How many tickets there are of each sort, counted up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Their clock runs.
    pub waiting: i64,
    /// Their clock ran out.
    pub breached: i64,
    /// Not closed.
    pub open: i64,
    /// All.
    pub total: i64,
}

/// Counts all tickets.
///
/// # Errors
/// Those of the database.
pub async fn counts(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Counts, Failure> {
    // A clock that stands is due at infinity in the index: the first two are read off its front.
    let row = sqlx::query!(
        r#"select
            (select count(*) from (select from tickets
                where coalesce(due_at, 'infinity') < 'infinity' limit $2) as t) as "waiting!",
            (select count(*) from (select from tickets
                where coalesce(due_at, 'infinity') <= $1 limit $2) as t) as "breached!",
            (select count(*) from (select from tickets
                where state not in ('closed', 'spam', 'merged') limit $2) as t) as "open!",
            (select count(*) from (select from tickets limit $2) as t) as "total!""#,
        now,
        limit,
    )
    .fetch_one(conn)
    .await?;
    let (waiting, breached) = (row.waiting, row.breached);
    Ok(Counts { waiting, breached, open: row.open, total: row.total })
}

/// Counts the tickets of one client.
///
/// # Errors
/// Those of the database.
pub async fn counts_of(
    conn: &mut PgConnection,
    client: ClientId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Counts, Failure> {
    let row = sqlx::query!(
        r#"select count(due_at) as "waiting!",
            count(*) filter (where due_at <= $2) as "breached!",
            count(*) filter (where state not in ('closed', 'spam', 'merged')) as "open!",
            count(*) as "total!"
         from (select due_at, state from tickets where client_id = $1
            order by id desc limit $3) as t"#,
        client.0,
        now,
        limit,
    )
    .fetch_one(conn)
    .await?;
    let (waiting, breached) = (row.waiting, row.breached);
    Ok(Counts { waiting, breached, open: row.open, total: row.total })
}
