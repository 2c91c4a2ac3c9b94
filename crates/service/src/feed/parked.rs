//! Events that could not be handled, and those of the same client that wait behind them.

use crate::{
    Failure, Frame, Text,
    feed::{Event, Handler, follower::Follower},
    idempotency::{self, Key},
    queue,
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use proto::system::v1::{ParkedItem, ResetCursorsResponse};
use sqlx::{PgConnection, PgPool};
use std::collections::HashSet;
use types::{Clock, id::EventId};
use uuid::Uuid;

/// What has to be known of parked events before a batch is applied.
pub(crate) struct Known {
    /// Clients of the batch who have an event parked.
    pub(crate) blocked: HashSet<Uuid>,
    /// Events of the batch that staff gave up (the feed is being read again).
    pub(crate) discarded: HashSet<Uuid>,
}

impl Known {
    pub(crate) async fn read(
        conn: &mut PgConnection,
        producer: &str,
        events: &[Event],
    ) -> Result<Self, Failure> {
        let clients: Vec<_> = events.iter().filter_map(|e| e.client).map(|c| c.0).collect();
        let ids: Vec<_> = events.iter().map(|e| e.id.0).collect();
        let rows: Vec<(Uuid, Option<Uuid>, bool)> = sqlx::query_as(
            "select event_id, client_id, state = 'DISCARDED' from parked_events
             where (producer = $1 and state in ('PARKED', 'HELD_BACK') and client_id = any($2))
                or (event_id = any($3) and state = 'DISCARDED')",
        )
        .bind(producer)
        .bind(clients)
        .bind(ids)
        .fetch_all(conn)
        .await?;
        let (mut blocked, mut discarded) = (HashSet::new(), HashSet::new());
        for (event, client, given_up) in rows {
            if given_up {
                discarded.insert(event);
            } else {
                blocked.extend(client);
            }
        }
        Ok(Self { blocked, discarded })
    }
}

/// Parks an event with its error, or, without one, holds it back behind its client's.
pub(crate) async fn park(
    conn: &mut PgConnection,
    producer: &str,
    event: &Event,
    error: Option<&str>,
) -> Result<(), Failure> {
    if let Some(error) = error {
        tracing::error!(producer, kind = event.kind, id = %event.id, "event parked: {error}");
        crate::telemetry::count_by("feed.parked", 1, &[("kind", &event.kind)]);
    }
    sqlx::query(
        "insert into parked_events (event_id, producer, position, client_id, kind, payload, trace,
             created_at, state, error, attempts, parked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (event_id) do update
         set state = excluded.state, error = excluded.error,
             attempts = parked_events.attempts + excluded.attempts",
    )
    .bind(event.id.0)
    .bind(producer)
    .bind(event.position)
    .bind(event.client.map(|c| c.0))
    .bind(&event.kind)
    .bind(&event.payload[..])
    .bind(&event.trace)
    .bind(event.create_time)
    .bind(if error.is_some() { "PARKED" } else { "HELD_BACK" })
    .bind(error.unwrap_or("HELD_BACK"))
    .bind(i32::from(error.is_some()))
    .bind(Clock::system_now())
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets all cursors back to 0 when this service is the chosen one or all are, so that the whole
/// feeds are read again. What was parked will be met again; what was discarded stays discarded.
pub(crate) async fn reset(
    frame: &Frame,
    key: Key,
    chosen: &str,
) -> Result<ResetCursorsResponse, Failure> {
    let mut tx = frame.begin().await?;
    if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
        return Ok(saved);
    }
    let mut reply = ResetCursorsResponse::default();
    if chosen.is_empty() || chosen == frame.name {
        let reset =
            sqlx::query("update feed_cursors set feed = null, position = 0, event_id = null");
        let reset = reset.execute(&mut *tx).await?.rows_affected();
        sqlx::query("delete from parked_events where state <> 'DISCARDED'")
            .execute(&mut *tx)
            .await?;
        reply.cursors = i32::try_from(reset).map_err(Failure::internal)?;
    }
    let reply = idempotency::finish(&mut tx, key, reply).await?;
    tx.commit().await?;
    frame.signals.reset.send_replace(());
    Ok(reply)
}

type Row = (Uuid, i64, Option<Uuid>, String, Vec<u8>, String, DateTime<Utc>);

fn event((id, position, client, kind, payload, trace, create_time): Row) -> Event {
    Event {
        id: EventId(id),
        position,
        client: client.map(Into::into),
        kind,
        payload: Bytes::from(payload),
        trace,
        create_time,
    }
}

const COLUMNS: &str = "event_id, position, client_id, kind, payload, trace, created_at";
/// Nothing of its client is parked before the row `held`.
const FREE: &str = "not exists (
    select 1 from parked_events as parked
    where parked.producer = held.producer and parked.client_id = held.client_id
      and parked.state = 'PARKED' and parked.position < held.position)";

/// An event to handle again, with what [`Follower::prepare`] found.
type Again<P> = (Event, Option<Result<P, String>>);

impl<H: Handler> Follower<H> {
    /// Handles a parked event again, then those that were held back behind it, in order, until one
    /// fails.
    pub(crate) async fn retry(&self, id: EventId, key: Key) -> Result<ParkedItem, Failure> {
        let name = id.to_string();
        let row = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "select {COLUMNS} from parked_events where event_id = $1 and state = 'PARKED'"
        )));
        let row: Option<Row> = row.bind(id.0).fetch_optional(&self.frame.pool).await?;
        let again = match row.map(event) {
            Some(event) => Some(self.prepare_again(event).await?),
            None => None,
        };
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let item = queue::parked::item(&mut tx, self.frame.name, &name).await?;
        let item = item.ok_or_else(|| Failure::not_found(name.clone()))?;
        let again = again.ok_or_else(not_parked)?;
        let client = again.0.client;
        let handled = self.handle_again(&mut tx, again).await?;
        // What is parked again shows its new error; what is not shows what it was.
        let now = queue::parked::item(&mut tx, self.frame.name, &name).await?;
        let item = idempotency::finish(&mut tx, key, now.unwrap_or(item)).await?;
        tx.commit().await?;
        self.frame.wake();
        if handled
            && let Some(client) = client
            && let Err(failure) = self.release(client.0).await
        {
            tracing::warn!(self.producer, "what waited is released later: {failure}");
        }
        Ok(item)
    }

    /// Handles a client's held-back events in order, unless an event is parked before them.
    pub(crate) async fn release(&self, client: Uuid) -> Result<(), Failure> {
        loop {
            let row = sqlx::query_as(sqlx::AssertSqlSafe(format!(
                "select {COLUMNS} from parked_events as held
                 where producer = $1 and client_id = $2 and state = 'HELD_BACK' and {FREE}
                 order by position limit 1"
            )));
            let row: Option<Row> =
                row.bind(self.producer).bind(client).fetch_optional(&self.frame.pool).await?;
            let Some(row) = row else { return Ok(()) };
            let again = self.prepare_again(event(row)).await?;
            let mut tx = self.frame.begin().await?;
            let handled = self.handle_again(&mut tx, again).await?;
            tx.commit().await?;
            self.frame.wake();
            if !handled {
                return Ok(());
            }
        }
    }

    /// Handles what waits behind nothing any more: a process died after the event before them was
    /// dealt with, or the database was away.
    pub(crate) async fn release_left(&self) -> Result<(), Failure> {
        let clients: Vec<Uuid> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "select distinct client_id from parked_events as held
             where producer = $1 and client_id is not null and state = 'HELD_BACK' and {FREE}"
        )))
        .bind(self.producer)
        .fetch_all(&self.frame.pool)
        .await?;
        for client in clients {
            match self.release(client).await {
                // Somebody else released them just now.
                Err(failure) if !failure.is_transient() => {
                    tracing::debug!(self.producer, "{failure}");
                }
                released => released?,
            }
        }
        Ok(())
    }

    async fn prepare_again(&self, event: Event) -> Result<Again<H::Prepared>, Failure> {
        let prepared = self.prepare(&event).await.map_err(Failure::unavailable)?;
        Ok((event, prepared))
    }

    /// True when the event is handled now; false when it stays parked, with its new error.
    async fn handle_again(
        &self,
        conn: &mut PgConnection,
        (event, prepared): Again<H::Prepared>,
    ) -> Result<bool, Failure> {
        // The follower's own lock: it may be about to hold back one more event of this client.
        sqlx::query("select 1 from feed_cursors where producer = $1 for update")
            .bind(self.producer)
            .execute(&mut *conn)
            .await?;
        let waits: Option<bool> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "select state = 'PARKED' or {FREE} from parked_events as held
             where event_id = $1 and state <> 'DISCARDED' for update"
        )))
        .bind(event.id.0)
        .fetch_optional(&mut *conn)
        .await?;
        if waits != Some(true) {
            // Somebody else was faster.
            return Err(not_parked());
        }
        let outcome = match prepared {
            // Its kind is not handled any more: there is nothing to do.
            None => Ok(()),
            Some(Err(text)) => Err(text),
            Some(Ok(prepared)) => self.apply_apart(conn, &event, prepared).await?,
        };
        match &outcome {
            Ok(()) => {
                sqlx::query("delete from parked_events where event_id = $1")
                    .bind(event.id.0)
                    .execute(&mut *conn)
                    .await?;
            }
            Err(text) => park(conn, self.producer, &event, Some(text)).await?,
        }
        Ok(outcome.is_ok())
    }
}

pub(crate) fn not_parked() -> Failure {
    Failure::precondition(
        "NOT_PARKED",
        Text::new(
            "Эта запись не ждёт разбора: она уже обработана, снята или ждёт другую запись клиента.",
            "This is not parked: it was handled or given up, or it waits behind another one.",
        ),
    )
}

/// Who may go on now that an event is given up.
pub(crate) struct Released {
    pub(crate) producer: String,
    pub(crate) client: Uuid,
}

/// Gives an event up; answers whose later events may go on now, if it concerned a client.
pub(crate) async fn discard(
    conn: &mut PgConnection,
    id: EventId,
    actor: &str,
    reason: &str,
) -> Result<Option<Released>, Failure> {
    // The follower's own lock: it may be about to hold back one more event of this client.
    sqlx::query(
        "select 1 from feed_cursors
         where producer = (select producer from parked_events where event_id = $1) for update",
    )
    .bind(id.0)
    .execute(&mut *conn)
    .await?;
    let row: Option<(String, Option<Uuid>)> = sqlx::query_as(
        "update parked_events set state = 'DISCARDED', discarded_by = $2, discard_reason = $3
         where event_id = $1 and state in ('PARKED', 'HELD_BACK')
         returning producer, client_id",
    )
    .bind(id.0)
    .bind(actor)
    .bind(reason)
    .fetch_optional(conn)
    .await?;
    let (producer, client) = row.ok_or_else(not_parked)?;
    Ok(client.map(|client| Released { producer, client }))
}

/// Whose event is parked here under this id.
pub(crate) async fn producer(pool: &PgPool, id: EventId) -> Result<Option<String>, Failure> {
    let producer = sqlx::query_scalar("select producer from parked_events where event_id = $1");
    Ok(producer.bind(id.0).fetch_optional(pool).await?)
}
