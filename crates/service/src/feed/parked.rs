//! Events that could not be handled, and those of the same client that wait behind them.

use crate::{
    Failure, Text,
    feed::{Event, Handler, follower::Follower},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
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

/// Sets a cursor back to 0, so that the whole feed is read again; false when there is none. What
/// was parked will be met again; what was discarded stays discarded.
pub(crate) async fn reset(pool: &PgPool, producer: &str) -> Result<bool, Failure> {
    let mut tx = pool.begin().await?;
    let reset = sqlx::query(
        "update feed_cursors set feed = null, position = 0, event_id = null where producer = $1",
    )
    .bind(producer)
    .execute(&mut *tx)
    .await?;
    sqlx::query("delete from parked_events where producer = $1 and state <> 'DISCARDED'")
        .bind(producer)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(reset.rows_affected() == 1)
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

impl<H: Handler> Follower<H> {
    /// Handles a parked event again, then those that were held back behind it, in order, until one
    /// fails.
    pub(crate) async fn retry(&self, id: EventId) -> Result<(), Failure> {
        let row = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "select {COLUMNS} from parked_events where event_id = $1 and state = 'PARKED'"
        )));
        let row: Option<Row> = row.bind(id.0).fetch_optional(&self.frame.pool).await?;
        let first = event(row.ok_or_else(not_parked)?);
        let client = first.client;
        if self.handle_again(&first).await?
            && let Some(client) = client
        {
            self.release(client.0).await?;
        }
        Ok(())
    }

    /// Handles a client's held-back events in order, unless an event is parked before them.
    pub(crate) async fn release(&self, client: Uuid) -> Result<(), Failure> {
        loop {
            let row = sqlx::query_as(sqlx::AssertSqlSafe(format!(
                "select {COLUMNS} from parked_events as held
                 where producer = $1 and client_id = $2 and state = 'HELD_BACK'
                   and not exists (
                     select 1 from parked_events as parked
                     where parked.producer = $1 and parked.client_id = $2
                       and parked.state = 'PARKED' and parked.position < held.position)
                 order by position limit 1"
            )));
            let row: Option<Row> =
                row.bind(self.producer).bind(client).fetch_optional(&self.frame.pool).await?;
            let Some(row) = row else { return Ok(()) };
            if !self.handle_again(&event(row)).await? {
                return Ok(());
            }
        }
    }

    /// True when the event is handled now; false when it stays parked, with its new error.
    async fn handle_again(&self, event: &Event) -> Result<bool, Failure> {
        let prepared = self.prepare(event).await.map_err(Failure::unavailable)?;
        let mut tx = self.frame.pool.begin().await?;
        // The follower's own lock: it may be about to hold back one more event of this client.
        sqlx::query("select 1 from feed_cursors where producer = $1 for update")
            .bind(self.producer)
            .execute(&mut *tx)
            .await?;
        let outcome = match prepared {
            // Its kind is not handled any more: there is nothing to do.
            None => Ok(()),
            Some(Err(text)) => Err(text),
            Some(Ok(prepared)) => self.apply(&mut tx, event, prepared).await?,
        };
        match &outcome {
            Ok(()) => {
                let gone = sqlx::query(
                    "delete from parked_events where event_id = $1 and state <> 'DISCARDED'",
                );
                if gone.bind(event.id.0).execute(&mut *tx).await?.rows_affected() == 0 {
                    // Somebody else was faster; what we did is rolled back.
                    return Err(not_parked());
                }
            }
            Err(text) => park(&mut tx, self.producer, event, Some(text)).await?,
        }
        tx.commit().await?;
        self.frame.wake();
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

/// Gives an event up; answers its producer and client, whose later events may go on now.
pub(crate) async fn discard(
    pool: &PgPool,
    id: EventId,
    actor: &str,
    reason: &str,
) -> Result<Option<(String, Option<Uuid>)>, Failure> {
    let row = sqlx::query_as(
        "update parked_events set state = 'DISCARDED', discarded_by = $2, discard_reason = $3
         where event_id = $1 and state in ('PARKED', 'HELD_BACK')
         returning producer, client_id",
    );
    Ok(row.bind(id.0).bind(actor).bind(reason).fetch_optional(pool).await?)
}
