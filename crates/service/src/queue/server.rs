//! Tells how much work waits, and lets operators deal with what is parked: jobs and events alike.

use crate::{
    Failure, Frame, Text,
    feed::{self, parked::Released},
    idempotency::{Key, claim, finish},
    queue::{
        parked::{self, Item},
        schedule::{self, Entry},
    },
};
use futures::future::BoxFuture;
use proto::system::v1::{self as pb, queue_server::Queue};
use std::{collections::HashMap, sync::Arc};
use tonic::{Request, Response, Status};
use types::id::{EventId, JobId};
use uuid::Uuid;

type Answer<T> = BoxFuture<'static, Result<T, Failure>>;

/// What to do with a parked event; made for each follower by [`crate::App::follow`].
pub(crate) struct Replay {
    pub(crate) retry: Box<dyn Fn(EventId, Key) -> Answer<pb::ParkedItem> + Send + Sync>,
    pub(crate) release: Box<dyn Fn(Uuid) -> Answer<()> + Send + Sync>,
}

/// `raschet.system.v1.Queue` of one service.
pub(crate) struct Server {
    pub(crate) frame: Frame,
    pub(crate) schedules: Vec<Entry>,
    /// By producer.
    pub(crate) replays: HashMap<&'static str, Arc<Replay>>,
}

#[tonic::async_trait]
impl Queue for Server {
    async fn get_queue_status(
        &self,
        _: Request<pb::GetQueueStatusRequest>,
    ) -> Result<Response<pb::QueueStatus>, Status> {
        Ok(Response::new(self.status().await?))
    }

    async fn list_parked(
        &self,
        _: Request<pb::ListParkedRequest>,
    ) -> Result<Response<pb::ListParkedResponse>, Status> {
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let items = parked::list(&mut conn, self.frame.name, None).await?;
        Ok(Response::new(pb::ListParkedResponse { items }))
    }

    async fn retry_parked(
        &self,
        request: Request<pb::RetryParkedRequest>,
    ) -> Result<Response<pb::ParkedItem>, Status> {
        let request = request.into_inner();
        let parsed = Item::parse(&request.name)?;
        let key = Key::new(&request.actor, "Queue.RetryParked", &request.request_id, &request)?;
        let item = match parsed {
            Item::Job(id) => self.retry_job(id, &request.name, key).await?,
            Item::Event(id) => self.retry_event(id, &request.name, key).await?,
        };
        Ok(Response::new(item))
    }

    async fn discard_parked(
        &self,
        request: Request<pb::DiscardParkedRequest>,
    ) -> Result<Response<pb::ParkedItem>, Status> {
        let request = request.into_inner();
        let key = Key::new(&request.actor, "Queue.DiscardParked", &request.request_id, &request)?;
        Ok(Response::new(self.discard(request, key).await?))
    }
}

impl Server {
    async fn status(&self) -> Result<pb::QueueStatus, Failure> {
        let feed = feed::server::status(&self.frame.pool).await?;
        // Before the jobs: a schedule that has run meanwhile has pushed what is counted next.
        let behind = schedule::behind(&self.frame, &self.schedules).await?;
        let (due, running, waiting, parked): (i64, i64, i64, i64) = sqlx::query_as(
            // One snapshot, and one small index for each: most rows are done ones.
            "select (select count(*) from jobs where state = 'READY' and run_at <= $1),
                    (select count(*) from jobs where state = 'RUNNING'),
                    (select count(*) from jobs where state = 'READY' and run_at > $1),
                    (select count(*) from jobs where state = 'PARKED')",
        )
        .bind(self.frame.clock.now())
        .fetch_one(&self.frame.pool)
        .await?;
        Ok(pb::QueueStatus { due: due + behind, running, waiting, parked, feed: Some(feed) })
    }

    async fn retry_job(&self, id: JobId, name: &str, key: Key) -> Result<pb::ParkedItem, Failure> {
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let item = parked::item(&mut tx, self.frame.name, name).await?;
        let item = item.ok_or_else(|| Failure::not_found(name))?;
        parked::retry_job(&mut tx, id).await?;
        let item = finish(&mut tx, key, item).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(item)
    }

    async fn retry_event(
        &self,
        id: EventId,
        name: &str,
        key: Key,
    ) -> Result<pb::ParkedItem, Failure> {
        if let Some(producer) = feed::parked::producer(&self.frame.pool, id).await? {
            let replay = self.replays.get(producer.as_str());
            let replay = replay
                .ok_or_else(|| Failure::internal(format!("{producer} is not followed any more")))?;
            return (replay.retry)(id, key).await;
        }
        // It is handled by now, perhaps by this very call, whose answer was lost.
        let mut tx = self.frame.begin().await?;
        claim(&mut tx, &key).await?.ok_or_else(|| Failure::not_found(name))
    }

    async fn discard(
        &self,
        request: pb::DiscardParkedRequest,
        key: Key,
    ) -> Result<pb::ParkedItem, Failure> {
        let pb::DiscardParkedRequest { name, reason, actor, .. } = request;
        if reason.trim().is_empty() {
            let text = Text::new("Укажите причину.", "Say why it is given up.");
            return Err(Failure::invalid("reason", text));
        }
        let parsed = Item::parse(&name)?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let item = parked::item(&mut tx, self.frame.name, &name).await?;
        let item = item.ok_or_else(|| Failure::not_found(&name))?;
        let released = match parsed {
            Item::Job(id) => {
                parked::discard_job(&mut tx, id, &actor, &reason).await?;
                None
            }
            Item::Event(id) => feed::parked::discard(&mut tx, id, &actor, &reason).await?,
        };
        let item = finish(&mut tx, key, item).await?;
        tx.commit().await?;
        if let Some(Released { producer, client }) = released
            && let Some(replay) = self.replays.get(producer.as_str())
            && let Err(failure) = (replay.release)(client).await
        {
            tracing::warn!(producer, "the follower releases what waited, later: {failure}");
        }
        Ok(item)
    }
}
