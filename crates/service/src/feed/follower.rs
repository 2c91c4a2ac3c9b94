//! Follows the feed of another service.
//!
//! One replica follows at a time: a batch is applied in one transaction that holds the lock of the
//! cursor's row, and moves the cursor. What a handler needs from elsewhere is fetched before it.

use crate::{
    Failure, Frame,
    feed::{Event, Handler, HandlerError, parked},
    layers, telemetry,
};
use chrono::DateTime;
use futures::{FutureExt, StreamExt};
use proto::system::v1::{self as pb, feed_client::FeedClient};
use sqlx::{Acquire, PgConnection, PgPool, Postgres, Transaction};
use std::{collections::HashSet, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Status, Streaming, metadata::MetadataMap};
use tracing::{Instrument, info_span};
use uuid::Uuid;

/// Most events applied in one transaction.
const BATCH: usize = 200;
/// Payloads of a batch, in bytes, from which on it takes no more: large events come in smaller
/// batches.
const BATCH_BYTES: usize = 1024 * 1024;
/// How long to leave the feed to the replica that follows it now, and how often to look whether
/// the stored cursor is still ours.
const STANDBY: Duration = Duration::from_secs(2);
/// Metadata key of `Feed.Follow`'s reply: the feed's uuid.
pub(crate) const FEED: &str = "raschet-feed";

/// One feed that this service follows.
pub(crate) struct Follower<H> {
    pub(crate) frame: Frame,
    pub(crate) producer: &'static str,
    pub(crate) handler: Arc<H>,
}

/// Last event taken: (feed, position, event).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
struct Cursor {
    feed: Option<Uuid>,
    position: i64,
    event_id: Option<Uuid>,
}

/// How a batch ended.
enum Taken {
    /// Applied; the cursor stands here now.
    Moved(Cursor),
    /// Another replica follows, or the cursor was reset: start again from what is stored.
    Elsewhere,
    /// An event among several cannot be handled, and nothing was applied: take one at a time.
    Apart,
}

/// Makes the cursors of these feeds where there is none, before anybody can ask: a service that has
/// not begun to follow is behind, not without anything to follow.
pub(crate) async fn open_cursors(pool: &PgPool, producers: &[&str]) -> Result<(), Failure> {
    sqlx::query(
        "insert into feed_cursors (producer) select unnest($1::text[]) on conflict do nothing",
    )
    .bind(producers)
    .execute(pool)
    .await?;
    Ok(())
}

impl<H: Handler> Follower<H> {
    /// Follows until `stop`, from the stored cursor on.
    pub(crate) async fn run(&self, stop: &CancellationToken) -> Result<(), Failure> {
        let mut reset = self.frame.signals.reset.subscribe();
        self.release_left().await?;
        let mut cursor = self.stored().await?;
        let (feed, mut stream) = self.open(cursor).await?;
        loop {
            let batch = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                batch = next_batch(&mut stream) => batch,
                _ = reset.changed() => return Ok(()),
                // Nothing comes: has another replica moved the cursor, or set it back?
                () = tokio::time::sleep(STANDBY) => {
                    self.release_left().await?;
                    if self.stored().await? == cursor {
                        continue;
                    }
                    return Ok(());
                }
            };
            let Some(batch) = batch else {
                return Err(Failure::unavailable(format!("{} ended its feed", self.producer)));
            };
            // What came before an error is still good.
            let (mut events, mut error) = (Vec::with_capacity(batch.len()), None);
            for event in batch {
                match event.map_err(Failure::unavailable).and_then(read) {
                    Ok(event) => events.push(event),
                    Err(e) => error = Some(e),
                }
            }
            match self.take(feed, cursor, &events).await? {
                Taken::Moved(to) => cursor = to,
                Taken::Elsewhere | Taken::Apart => {
                    let _ = tokio::time::timeout(STANDBY, stop.cancelled()).await;
                    return Ok(());
                }
            }
            if let Some(error) = error {
                return Err(error);
            }
        }
    }

    async fn stored(&self) -> Result<Cursor, Failure> {
        let cursor =
            sqlx::query_as("select feed, position, event_id from feed_cursors where producer = $1");
        Ok(cursor.bind(self.producer).fetch_one(&self.frame.pool).await?)
    }

    async fn open(&self, cursor: Cursor) -> Result<(Uuid, Streaming<pb::Event>), Failure> {
        let text = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let request = pb::FollowRequest {
            feed: text(cursor.feed),
            position: cursor.position,
            event: text(cursor.event_id),
        };
        let channel = self.frame.peers.channel(self.producer);
        let reply = FeedClient::new(channel).follow(Request::new(request)).await;
        let reply = reply.map_err(|status| {
            Failure::unavailable(format!("cannot follow {}: {}", self.producer, status.message()))
        })?;
        let feed = feed_of(reply.metadata())
            .ok_or_else(|| Failure::unavailable(format!("{} named no feed", self.producer)))?;
        Ok((feed, reply.into_inner()))
    }

    /// Takes a batch; when it cannot be had at once (an event has to be parked, or two transactions
    /// lock several clients in different orders), one event at a time.
    async fn take(&self, feed: Uuid, from: Cursor, events: &[Event]) -> Result<Taken, Failure> {
        match self.take_at_once(feed, from, events).await {
            Ok(Taken::Apart) => {}
            Err(failure) if failure.is_transient() && events.len() > 1 => {}
            taken => return taken,
        }
        let mut cursor = self.stored().await?;
        // The prepared first part of the batch may have been taken already.
        let taken = cursor.position;
        for event in events.iter().filter(|e| e.position > taken) {
            match self.take_at_once(feed, cursor, std::slice::from_ref(event)).await? {
                Taken::Moved(to) => cursor = to,
                other => return Ok(other),
            }
        }
        Ok(Taken::Moved(cursor))
    }

    async fn take_at_once(
        &self,
        feed: Uuid,
        from: Cursor,
        events: &[Event],
    ) -> Result<Taken, Failure> {
        let mut prepared = Vec::with_capacity(events.len());
        let mut stuck = None;
        for event in events {
            match self.prepare(event).await {
                Ok(ready) => prepared.push(ready),
                Err(text) => {
                    stuck = Some(Failure::unavailable(text));
                    break;
                }
            }
        }
        let ready = &events[..prepared.len()];
        let taken = match ready.last() {
            Some(_) => self.apply_all(feed, from, ready, prepared).await?,
            None => Taken::Moved(from),
        };
        stuck.map_or(Ok(taken), Err)
    }

    /// What [`Handler::prepare`] found; `Ok(None)` for a kind that is passed, `Ok(Some(Err))` for
    /// an event to park, `Err` to try again later.
    pub(crate) async fn prepare(
        &self,
        event: &Event,
    ) -> Result<Option<Result<H::Prepared, String>>, String> {
        if !H::KINDS.contains(&event.kind.as_str()) {
            return Ok(None);
        }
        let span = info_span!("prepare event", kind = event.kind, id = %event.id);
        telemetry::set_parent(&span, &event.trace);
        let work = AssertUnwindSafe(self.handler.prepare(event).instrument(span));
        match work.catch_unwind().await {
            Ok(Ok(prepared)) => Ok(Some(Ok(prepared))),
            Ok(Err(HandlerError::Park(text))) => Ok(Some(Err(text))),
            Ok(Err(HandlerError::Retry(text))) => Err(text),
            Err(panic) => Ok(Some(Err(format!("panicked: {}", layers::panic_text(&*panic))))),
        }
    }

    async fn apply_all(
        &self,
        feed: Uuid,
        from: Cursor,
        events: &[Event],
        prepared: Vec<Option<Result<H::Prepared, String>>>,
    ) -> Result<Taken, Failure> {
        let mut tx = self.frame.begin().await?;
        if self.lock(&mut tx).await? != from {
            return Ok(Taken::Elsewhere);
        }
        let known = parked::Known::read(&mut tx, self.producer, events).await?;
        let at_once = self.apply_batch(&mut tx, events, &prepared, &known).await?;
        let mut blocked: HashSet<_> = known.blocked;
        for (event, prepared) in events.iter().zip(prepared) {
            let client = event.client.map(|c| c.0);
            let held = client.is_some_and(|client| blocked.contains(&client));
            let outcome = match prepared {
                _ if known.discarded.contains(&event.id.0) => continue,
                None => {
                    telemetry::count_by("feed.unknown", 1, &[("kind", &event.kind)]);
                    continue;
                }
                Some(_) if at_once => continue,
                Some(_) if held => Err(None),
                Some(Err(text)) => Err(Some(text)),
                Some(Ok(prepared)) if events.len() == 1 => {
                    self.apply_apart(&mut tx, event, prepared).await?.map_err(Some)
                }
                // Without a savepoint each: most batches go through.
                Some(Ok(prepared)) => match self.apply(&mut tx, event, prepared).await? {
                    Ok(()) => Ok(()),
                    Err(_) => return Ok(Taken::Apart),
                },
            };
            if let Err(error) = outcome {
                parked::park(&mut tx, self.producer, event, error.as_deref()).await?;
                blocked.extend(client);
            }
        }
        let last = events.last().map_or(from, |event| Cursor {
            feed: Some(feed),
            position: event.position,
            event_id: Some(event.id.0),
        });
        sqlx::query(
            "update feed_cursors set feed = $2, position = $3, event_id = $4 where producer = $1",
        )
        .bind(self.producer)
        .bind(last.feed)
        .bind(last.position)
        .bind(last.event_id)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        self.frame.wake();
        self.frame.signals.followed.send_replace(());
        Ok(Taken::Moved(last))
    }

    /// The cursor, locked for this transaction: whoever had it before us has finished with it.
    async fn lock(&self, tx: &mut Transaction<'_, Postgres>) -> Result<Cursor, Failure> {
        let cursor = sqlx::query_as(
            "select feed, position, event_id from feed_cursors where producer = $1 for update",
        );
        Ok(cursor.bind(self.producer).fetch_one(&mut **tx).await?)
    }

    /// Lets the handler apply the events at once; false when they are to be applied one at a time,
    /// because one of them is parked or has to be, or because the handler cannot.
    async fn apply_batch(
        &self,
        conn: &mut PgConnection,
        events: &[Event],
        prepared: &[Option<Result<H::Prepared, String>>],
        known: &parked::Known,
    ) -> Result<bool, Failure> {
        let mut batch = Vec::with_capacity(events.len());
        for (event, prepared) in events.iter().zip(prepared) {
            let held = event.client.is_some_and(|client| known.blocked.contains(&client.0));
            match prepared {
                None => {}
                _ if known.discarded.contains(&event.id.0) => {}
                Some(Ok(prepared)) if !held => batch.push((event, prepared)),
                Some(_) => return Ok(false),
            }
        }
        let [(first, _), _, ..] = batch[..] else { return Ok(false) };
        let span = info_span!("apply events", count = batch.len());
        telemetry::set_parent(&span, &first.trace);
        let mut savepoint = conn.begin().await?;
        let work = self.handler.apply_batch(&mut savepoint, &batch).instrument(span);
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(Ok(true)) => {
                savepoint.commit().await?;
                return Ok(true);
            }
            Ok(Err(HandlerError::Retry(text))) => return Err(Failure::unavailable(text)),
            // Whatever went wrong goes wrong again, and is told, when the events come singly.
            Ok(Ok(false) | Err(HandlerError::Park(_))) | Err(_) => savepoint.rollback().await?,
        }
        Ok(false)
    }

    /// Applies one event; `Ok(Err)` when it has to be parked, and whatever it did undone.
    async fn apply(
        &self,
        conn: &mut PgConnection,
        event: &Event,
        prepared: H::Prepared,
    ) -> Result<Result<(), String>, Failure> {
        let span = info_span!("apply event", kind = event.kind, id = %event.id);
        telemetry::set_parent(&span, &event.trace);
        let work = self.handler.apply(conn, event, prepared).instrument(span);
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(Ok(())) => Ok(Ok(())),
            Ok(Err(HandlerError::Park(text))) => Ok(Err(text)),
            Ok(Err(HandlerError::Retry(text))) => Err(Failure::unavailable(text)),
            Err(panic) => Ok(Err(format!("panicked: {}", layers::panic_text(&*panic)))),
        }
    }

    /// Applies one event in a savepoint, so that it can be parked in the same transaction.
    pub(crate) async fn apply_apart(
        &self,
        conn: &mut PgConnection,
        event: &Event,
        prepared: H::Prepared,
    ) -> Result<Result<(), String>, Failure> {
        let mut savepoint = conn.begin().await?;
        let outcome = self.apply(&mut savepoint, event, prepared).await?;
        match outcome {
            Ok(()) => savepoint.commit().await?,
            Err(_) => savepoint.rollback().await?,
        }
        Ok(outcome)
    }
}

/// The events that have come, one at least; none when the feed has ended. Nothing is lost when it
/// is dropped while it waits.
async fn next_batch(stream: &mut Streaming<pb::Event>) -> Option<Vec<Result<pb::Event, Status>>> {
    let first = stream.next().await?;
    let size = |event: &Result<pb::Event, Status>| event.as_ref().map_or(0, |e| e.payload.len());
    let mut bytes = size(&first);
    let mut batch = vec![first];
    while batch.len() < BATCH && bytes < BATCH_BYTES {
        let Some(Some(event)) = stream.next().now_or_never() else { break };
        bytes += size(&event);
        batch.push(event);
    }
    Some(batch)
}

fn feed_of(metadata: &MetadataMap) -> Option<Uuid> {
    metadata.get(FEED)?.to_str().ok()?.parse().ok()
}

/// Reads an event off the wire.
fn read(event: pb::Event) -> Result<Event, Failure> {
    let bad = |what: &str| Failure::internal(format!("event {} has no {what}", event.position));
    let id: Uuid = event.id.parse().map_err(|_| bad("id"))?;
    let client = match event.client.as_str() {
        "" => None,
        name => Some(name.parse().map_err(|_| bad("client"))?),
    };
    let create_time = event
        .create_time
        .and_then(|t| DateTime::from_timestamp(t.seconds, t.nanos.try_into().ok()?))
        .ok_or_else(|| bad("time"))?;
    Ok(Event {
        id: id.into(),
        position: event.position,
        client,
        kind: event.kind,
        payload: event.payload,
        trace: event.trace,
        create_time,
    })
}
