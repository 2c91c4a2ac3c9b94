//! Billing runs and month closes: planned in chunks of clients. Whoever locks a chunk does it, in
//! the transaction that marks it done, so several workers share a run and none is done twice.

use chrono::{DateTime, NaiveDate, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::id::{BillingRunId, ClientId};
use uuid::Uuid;

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    /// Bills up to a date.
    Billing,
    /// Closes a month.
    Close,
}

impl RunKind {
    const fn code(self) -> &'static str {
        match self {
            Self::Billing => "BILLING",
            Self::Close => "CLOSE",
        }
    }
}

/// Lets one caller at a time plan a run of a kind, until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn lock_planning(conn: &mut PgConnection, kind: RunKind) -> Result<(), Failure> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtext('billing_runs/' || $1)) as "locked: ()""#,
        kind.code()
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// A run of this kind and date that is not done, if there is one.
///
/// # Errors
/// Those of the database.
pub async fn running(
    conn: &mut PgConnection,
    kind: RunKind,
    date: NaiveDate,
) -> Result<Option<BillingRunId>, Failure> {
    let id = sqlx::query_scalar!(
        "select id from billing_runs where kind = $1 and date = $2 and state = 'RUNNING'
         order by id limit 1",
        kind.code(),
        date
    )
    .fetch_optional(conn)
    .await?;
    Ok(id.map(Into::into))
}

/// Plans a run over these clients, `size` of them a chunk.
///
/// # Errors
/// Those of the database.
pub async fn plan(
    conn: &mut PgConnection,
    id: BillingRunId,
    (kind, date): (RunKind, NaiveDate),
    clients: &[ClientId],
    size: usize,
    (actor, now): (&str, DateTime<Utc>),
) -> Result<(), Failure> {
    let state = if clients.is_empty() { "DONE" } else { "RUNNING" };
    sqlx::query!(
        "insert into billing_runs (id, kind, date, state, actor, clients, created_at, done_at)
         values ($1, $2, $3, $4::text, $5, $6, $7::timestamptz,
            case when $4 = 'DONE' then $7 end)",
        id.0,
        kind.code(),
        date,
        state,
        actor,
        i64::try_from(clients.len()).map_err(Failure::internal)?,
        now
    )
    .execute(&mut *conn)
    .await?;
    for (number, chunk) in clients.chunks(size).enumerate() {
        let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
        sqlx::query!(
            "insert into billing_chunks (run_id, number, clients) values ($1, $2, $3)",
            id.0,
            i32::try_from(number).map_err(Failure::internal)?,
            &ids
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Locks a chunk of a run that is not done and that nobody else does.
///
/// # Errors
/// Those of the database.
pub async fn claim_chunk(
    conn: &mut PgConnection,
    run: BillingRunId,
) -> Result<Option<(i32, Vec<ClientId>)>, Failure> {
    let row = sqlx::query!(
        "select number, clients from billing_chunks where run_id = $1 and not done
         order by number limit 1 for update skip locked",
        run.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| (r.number, r.clients.into_iter().map(ClientId).collect())))
}

/// Marks a chunk done, with what it made.
///
/// # Errors
/// Those of the database.
pub async fn finish_chunk(
    conn: &mut PgConnection,
    run: BillingRunId,
    number: i32,
    result: &[u8],
) -> Result<(), Failure> {
    sqlx::query!(
        "update billing_chunks set done = true, result = $3 where run_id = $1 and number = $2",
        run.0,
        number,
        result
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Clients of chunks that are done.
    pub done: i64,
    /// Clients of the run.
    pub total: i64,
}

impl Progress {
    /// True when nothing is left.
    #[must_use]
    pub const fn complete(self) -> bool {
        self.done == self.total
    }
}

/// How far a run is.
///
/// # Errors
/// Those of the database.
pub async fn progress(conn: &mut PgConnection, run: BillingRunId) -> Result<Progress, Failure> {
    let row = sqlx::query!(
        r#"select r.clients, coalesce((select sum(c.size) from billing_chunks c
            where c.run_id = r.id and c.done), 0) as "done!"
         from billing_runs r where r.id = $1"#,
        run.0
    )
    .fetch_one(conn)
    .await?;
    Ok(Progress { done: row.done, total: row.clients })
}

/// Results of chunks that are done, but for those of `seen`.
///
/// # Errors
/// Those of the database.
pub async fn results(
    conn: &mut PgConnection,
    run: BillingRunId,
    seen: &[i32],
) -> Result<Vec<(i32, Vec<u8>)>, Failure> {
    let rows = sqlx::query!(
        r#"select number, result as "result!" from billing_chunks
         where run_id = $1 and done and number <> all($2) order by number"#,
        run.0,
        seen
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.number, r.result)).collect())
}

/// Marks a run done whose chunks all are; a second time changes nothing.
///
/// # Errors
/// Those of the database.
pub async fn finish(
    conn: &mut PgConnection,
    run: BillingRunId,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    sqlx::query!(
        "update billing_runs set state = 'DONE', done_at = $2
         where id = $1 and state = 'RUNNING' and not exists (
            select from billing_chunks c where c.run_id = $1 and not c.done)",
        run.0,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Clients with something to bill up to a date, in ascending order: subscriptions billed no further
/// than the date and the seller's lead days. One that waits for its first payment is billed while
/// that is asked for: not while the invoice is held, nor once it is withdrawn.
///
/// # Errors
/// Those of the database.
pub async fn due_clients(
    conn: &mut PgConnection,
    date: NaiveDate,
) -> Result<Vec<ClientId>, Failure> {
    let ids = sqlx::query_scalar!(
        "select distinct s.client_id
         from subscriptions s join sellers e on e.id = s.seller_id
            join contracts c on c.id = s.contract_id
         where s.cycle_months is not null
            and (s.state = 'ACTIVE' or (s.state = 'PENDING' and (
                select bool_and(i.state = 'ISSUED') from billed_periods b
                join invoices i on i.id = b.invoice_id
                where b.subscription_id = s.id and b.kind = 'RENEWAL' and not b.released)))
            and s.billed_through <= case when c.terms = 'PREPAID'
                then $1::date + e.lead_days else $1::date - 1 end
            and (s.ended is null or s.billed_through < s.ended)
            and (c.closed is null or s.billed_through < c.closed)
         order by s.client_id",
        date
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(ClientId).collect())
}

/// Who and what the run holds instead of issuing.
#[derive(Debug, Clone, Default)]
pub struct HoldPolicy {
    /// Everybody's invoices.
    pub all: bool,
    /// Of these clients.
    pub clients: Vec<ClientId>,
}

/// The hold policies that concern these clients; sellers' own are theirs.
///
/// # Errors
/// Those of the database.
pub async fn hold_policy(
    conn: &mut PgConnection,
    clients: &[ClientId],
) -> Result<HoldPolicy, Failure> {
    let ids: Vec<Uuid> = clients.iter().map(|id| id.0).collect();
    let all = sqlx::query_scalar!("select hold_invoices from billing_settings")
        .fetch_one(&mut *conn)
        .await?;
    let held = sqlx::query_scalar!(
        "select client_id from accounts where client_id = any($1) and hold_invoices",
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(HoldPolicy { all, clients: held.into_iter().map(ClientId).collect() })
}

/// The last month that is closed, by its first day.
///
/// # Errors
/// Those of the database.
pub async fn last_closed(conn: &mut PgConnection) -> Result<Option<NaiveDate>, Failure> {
    let month = sqlx::query_scalar!("select max(month) from closed_months").fetch_one(conn).await?;
    Ok(month)
}

/// Notes that a month is closed; a second time changes nothing.
///
/// # Errors
/// Those of the database.
pub async fn note_closed(
    conn: &mut PgConnection,
    month: NaiveDate,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into closed_months (month, closed_at, actor) values ($1, $2, $3)
         on conflict do nothing",
        month,
        now,
        actor
    )
    .execute(conn)
    .await?;
    Ok(())
}
