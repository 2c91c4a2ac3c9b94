//! What cannot go on by itself, jobs and events alike, and what staff do about it.

use crate::{
    Failure, Text,
    feed::{parked::not_parked, server::timestamp},
};
use chrono::{DateTime, Utc};
use proto::system::v1::ParkedItem;
use sqlx::PgConnection;
use types::{
    Clock,
    id::{EventId, JobId},
};
use uuid::Uuid;

/// Parked items listed at once; whoever has more has one cause, not a thousand.
const LIST: i64 = 1000;

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Item {
    Job(JobId),
    Event(EventId),
}

impl Item {
    pub(crate) fn parse(name: &str) -> Result<Self, Failure> {
        name.parse().map(Self::Job).or_else(|_| name.parse().map(Self::Event)).map_err(|_| {
            let text = Text::new("Укажите jobs/… или events/….", "Give jobs/… or events/….");
            Failure::invalid("name", text)
        })
    }
}

type Row = (String, String, Option<Uuid>, String, i32, DateTime<Utc>);

/// Parked items of a service, the oldest first; or only the one of this name.
pub(crate) async fn list(
    conn: &mut PgConnection,
    service: &str,
    name: Option<&str>,
) -> Result<Vec<ParkedItem>, Failure> {
    let rows: Vec<Row> = sqlx::query_as(
        "select name, kind, client_id, error, attempts, parked_at from (
            select 'jobs/' || id as name, kind, client_id, coalesce(error, '') as error,
                   attempts, changed_at as parked_at
            from jobs where state = 'PARKED'
            union all
            select 'events/' || event_id, kind, client_id, error, attempts, parked_at
            from parked_events where state in ('PARKED', 'HELD_BACK')
         ) as items
         where $1::text is null or name = $1
         order by parked_at, name limit $2",
    )
    .bind(name)
    .bind(LIST)
    .fetch_all(conn)
    .await?;
    let item = |(name, kind, client, error, attempts, parked_at): Row| ParkedItem {
        name,
        service: service.into(),
        kind,
        client: client.map(|id| format!("clients/{id}")).unwrap_or_default(),
        error,
        attempts,
        park_time: Some(timestamp(parked_at)),
    };
    Ok(rows.into_iter().map(item).collect())
}

/// The parked item of this name, if it is parked.
pub(crate) async fn item(
    conn: &mut PgConnection,
    service: &str,
    name: &str,
) -> Result<Option<ParkedItem>, Failure> {
    Ok(list(conn, service, Some(name)).await?.pop())
}

/// Makes a parked job due again, with all its tries.
pub(crate) async fn retry_job(conn: &mut PgConnection, id: JobId) -> Result<(), Failure> {
    let retried = sqlx::query(
        "update jobs set state = 'READY', attempts = 0, retry_at = null, changed_at = $2
         where id = $1 and state = 'PARKED'",
    );
    let retried = retried.bind(id.0).bind(Clock::system_now()).execute(conn).await?;
    if retried.rows_affected() == 0 {
        return Err(not_parked());
    }
    Ok(())
}

/// Gives a parked job up.
pub(crate) async fn discard_job(
    conn: &mut PgConnection,
    id: JobId,
    actor: &str,
    reason: &str,
) -> Result<(), Failure> {
    let discarded = sqlx::query(
        "update jobs set state = 'DISCARDED', discarded_by = $2, discard_reason = $3,
             changed_at = $4
         where id = $1 and state = 'PARKED'",
    );
    let discarded = discarded.bind(id.0).bind(actor).bind(reason).bind(Clock::system_now());
    if discarded.execute(conn).await?.rows_affected() == 0 {
        return Err(not_parked());
    }
    Ok(())
}
