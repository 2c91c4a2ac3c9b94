//! Serves this service's feed to its followers.

use crate::{
    Failure, Frame, Text,
    feed::{follower::FEED, parked, receipt, sequencer::CHANNEL},
    idempotency::Key,
};
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt};
use proto::system::v1::{self as pb, feed_server::Feed};
use sqlx::{PgPool, postgres::PgListener};
use std::{pin::Pin, time::Duration};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// Events read at a time for one follower.
const BATCH: i64 = 500;
/// Bytes of payload read at a time, unless one event alone has more: a follower that is slow, or
/// does not read at all, costs this much memory and no more.
const BATCH_BYTES: i64 = 1024 * 1024;
/// Events on their way from a batch to the connection.
const READY: usize = 16;
/// How often a stream looks by itself, should a notification get lost.
const POLL: Duration = Duration::from_secs(1);

/// `raschet.system.v1.Feed` of one service.
pub(crate) struct Server {
    pub(crate) frame: Frame,
    /// Ends the streams, which would otherwise keep a stopping process alive.
    pub(crate) stop: CancellationToken,
}

/// Passes the sequencer's notifications, whichever replica it runs in, to the streams of this one.
pub(crate) async fn listen(frame: Frame, stop: CancellationToken) -> Result<(), Failure> {
    let mut listener = PgListener::connect_with(&frame.pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            notification = listener.recv() => {
                let position = notification?.payload().parse().unwrap_or_default();
                frame.signals.sequenced.send_replace(position);
            }
        }
    }
}

#[tonic::async_trait]
impl Feed for Server {
    type FollowStream = Pin<Box<dyn Stream<Item = Result<pb::Event, Status>> + Send>>;

    async fn follow(
        &self,
        request: Request<pb::FollowRequest>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        let mut cursor = request.into_inner();
        let feed = check(&self.frame.pool, &cursor).await?;
        cursor.feed = feed.to_string();
        let (events, stream) = mpsc::channel(READY);
        let (frame, stop) = (self.frame.clone(), self.stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = events.closed() => {}
                sent = send(&frame, cursor, &events) => {
                    if let Err(failure) = sent {
                        let _ = events.send(Err(failure.into())).await;
                    }
                }
            }
        });
        let mut reply = Response::new(ReceiverStream::new(stream).boxed());
        reply.metadata_mut().insert(FEED, feed.to_string().parse().map_err(Failure::internal)?);
        Ok(reply)
    }

    async fn locate_events(
        &self,
        request: Request<pb::LocateEventsRequest>,
    ) -> Result<Response<pb::LocateEventsResponse>, Status> {
        let mut ids: Vec<Uuid> =
            request.get_ref().events.iter().filter_map(|id| id.parse().ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.truncate(receipt::MOST);
        let (position, located): (i64, i64) = sqlx::query_as(
            "select coalesce(max(position), 0), count(*) from feed_positions
             where event_id = any($1)",
        )
        .bind(&ids)
        .fetch_one(&self.frame.pool)
        .await
        .map_err(Failure::from)?;
        let missing = i64::try_from(ids.len()).unwrap_or(i64::MAX) - located;
        Ok(Response::new(pb::LocateEventsResponse { position, missing }))
    }

    async fn get_feed_status(
        &self,
        _: Request<pb::GetFeedStatusRequest>,
    ) -> Result<Response<pb::FeedStatus>, Status> {
        Ok(Response::new(status(&self.frame.pool).await?))
    }

    async fn get_lag(
        &self,
        request: Request<pb::GetLagRequest>,
    ) -> Result<Response<pb::Lag>, Status> {
        let row: Option<(i64, DateTime<Utc>)> = sqlx::query_as(
            "select feed_state.position - $1, created_at
             from feed_state, feed_positions join events on events.id = event_id
             where feed_positions.position > $1 order by feed_positions.position limit 1",
        )
        .bind(request.get_ref().position)
        .fetch_optional(&self.frame.pool)
        .await
        .map_err(Failure::from)?;
        let lag = row.map(|(events, since)| pb::Lag { events, since: Some(timestamp(since)) });
        Ok(Response::new(lag.unwrap_or_default()))
    }

    async fn reset_cursors(
        &self,
        request: Request<pb::ResetCursorsRequest>,
    ) -> Result<Response<pb::ResetCursorsResponse>, Status> {
        let request = request.into_inner();
        let key = Key::new(&request.actor, "Feed.ResetCursors", &request.request_id, &request)?;
        Ok(Response::new(parked::reset(&self.frame, key, &request.service).await?))
    }
}

/// The feed's uuid, unless it did not give out this cursor: after a restore the follower may know
/// events that do not exist any more, and must not go on as if nothing had happened.
async fn check(pool: &PgPool, cursor: &pb::FollowRequest) -> Result<Uuid, Failure> {
    let (feed, known): (Uuid, bool) = sqlx::query_as(
        "select feed, feed = $3 and exists (
            select 1 from feed_positions where position = $1 and event_id = $2)
         from feed_state",
    )
    .bind(cursor.position)
    .bind(Uuid::try_parse(&cursor.event).unwrap_or_default())
    .bind(Uuid::try_parse(&cursor.feed).unwrap_or_default())
    .fetch_one(pool)
    .await?;
    if known || cursor.position == 0 {
        return Ok(feed);
    }
    Err(Failure::precondition(
        "CURSOR_UNKNOWN",
        Text::new(
            "Лента не знает этого места: её базу восстановили. Выполните `raschet repair feeds`.",
            "The feed does not know this place: its database was restored. \
             Run `raschet repair feeds`.",
        ),
    ))
}

/// Sends events after the cursor until the follower is gone, or the feed does not know any more
/// what it has sent: its database was put back under the open stream.
async fn send(
    frame: &Frame,
    mut cursor: pb::FollowRequest,
    events: &mpsc::Sender<Result<pb::Event, Status>>,
) -> Result<(), Failure> {
    let mut sequenced = frame.signals.sequenced.subscribe();
    loop {
        sequenced.mark_unchanged();
        let batch = read(&frame.pool, &cursor).await?;
        let nothing = batch.is_empty();
        if nothing {
            check(&frame.pool, &cursor).await?;
        }
        for event in batch {
            (cursor.position, cursor.event) = (event.position, event.id.clone());
            if events.send(Ok(event)).await.is_err() {
                return Ok(());
            }
        }
        if nothing {
            // Whether it changed or the time is up: look again.
            let _ = tokio::time::timeout(POLL, sequenced.changed()).await;
        }
    }
}

type Row = (i64, Uuid, Option<Uuid>, String, Vec<u8>, String, DateTime<Utc>);

async fn read(pool: &PgPool, after: &pb::FollowRequest) -> Result<Vec<pb::Event>, Failure> {
    let rows: Vec<Row> = sqlx::query_as(
        "select position, id, client_id, kind, payload, trace, created_at from (
            select next.*, sum(octet_length(payload)) over (order by position) as bytes from (
                select position, id, client_id, kind, payload, trace, created_at
                from feed_positions join events on events.id = event_id
                where position > $1 and ($1 = 0 or exists (
                    select 1 from feed_positions as last
                    where last.position = $1 and last.event_id = $4))
                order by position limit $2
            ) as next
         ) as batch
         where bytes - octet_length(payload) < $3 order by position",
    )
    .bind(after.position)
    .bind(BATCH)
    .bind(BATCH_BYTES)
    .bind(Uuid::try_parse(&after.event).unwrap_or_default())
    .fetch_all(pool)
    .await?;
    let event = |(position, id, client, kind, payload, trace, created_at): Row| pb::Event {
        id: id.to_string(),
        position,
        client: client.map(|id| format!("clients/{id}")).unwrap_or_default(),
        kind,
        payload: payload.into(),
        trace,
        create_time: Some(timestamp(created_at)),
    };
    Ok(rows.into_iter().map(event).collect())
}

pub(crate) fn timestamp(at: DateTime<Utc>) -> prost_types::Timestamp {
    let nanos = i32::try_from(at.timestamp_subsec_nanos()).unwrap_or_default();
    prost_types::Timestamp { seconds: at.timestamp(), nanos }
}

pub(crate) async fn status(pool: &PgPool) -> Result<pb::FeedStatus, Failure> {
    // One statement, hence one snapshot: an event is either unsequenced or counted in `position`.
    let (feed, position, unsequenced): (Uuid, i64, i64) = sqlx::query_as(
        "select feed, position, (select count(*) from feed_pending) from feed_state",
    )
    .fetch_one(pool)
    .await?;
    let cursors: Vec<(String, Option<Uuid>, i64, i64)> = sqlx::query_as(
        "select producer, feed, position, (
            select count(*) from parked_events
            where parked_events.producer = feed_cursors.producer
              and state in ('PARKED', 'HELD_BACK'))
         from feed_cursors order by producer",
    )
    .fetch_all(pool)
    .await?;
    let cursors = cursors.into_iter().map(|(producer, feed, position, parked)| pb::Cursor {
        producer,
        feed: feed.map(|f| f.to_string()).unwrap_or_default(),
        position,
        parked,
    });
    Ok(pb::FeedStatus { feed: feed.to_string(), position, unsequenced, cursors: cursors.collect() })
}
