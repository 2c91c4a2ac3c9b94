//! Tells how much work waits, and lets operators deal with what is parked: jobs and events alike.

use crate::{
    Failure, Frame, Text,
    feed::{self, parked::not_parked, server::timestamp},
    queue::schedule::{self, Entry},
};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use proto::system::v1::{self as pb, queue_server::Queue};
use std::{collections::HashMap, sync::Arc};
use tonic::{Request, Response, Status};
use types::{
    Clock,
    id::{EventId, JobId},
};
use uuid::Uuid;

/// Parked items listed at once; whoever has more has one cause, not a thousand.
const LIST: i64 = 1000;

/// What to do with a parked event; made for each follower by [`crate::App::follow`].
pub(crate) struct Replay {
    pub(crate) retry: Box<dyn Fn(EventId) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>,
    pub(crate) release: Box<dyn Fn(Uuid) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>,
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
        let items = self.list(None).await?;
        Ok(Response::new(pb::ListParkedResponse { items }))
    }

    async fn retry_parked(
        &self,
        request: Request<pb::RetryParkedRequest>,
    ) -> Result<Response<pb::ParkedItem>, Status> {
        let name = request.into_inner().name;
        let parked = Item::parse(&name)?;
        let item = self.item(&name).await?;
        match parked {
            Item::Job(id) => self.retry_job(id).await?,
            Item::Event(id) => {
                let (producer, _) = self.event(id).await?;
                (self.replay(&producer)?.retry)(id).await?;
            }
        }
        // What is parked again shows its new error; what is not shows what it was.
        Ok(Response::new(self.item(&name).await.unwrap_or(item)))
    }

    async fn discard_parked(
        &self,
        request: Request<pb::DiscardParkedRequest>,
    ) -> Result<Response<pb::ParkedItem>, Status> {
        let pb::DiscardParkedRequest { name, reason, actor, .. } = request.into_inner();
        if reason.trim().is_empty() {
            let text = Text::new("Укажите причину.", "Say why it is given up.");
            return Err(Failure::invalid("reason", text).into());
        }
        let parked = Item::parse(&name)?;
        let item = self.item(&name).await?;
        match parked {
            Item::Job(id) => self.discard_job(id, &actor, &reason).await?,
            Item::Event(id) => {
                let given_up = feed::parked::discard(&self.frame.pool, id, &actor, &reason).await?;
                let (producer, client) = given_up.ok_or_else(not_parked)?;
                if let Some(client) = client {
                    (self.replay(&producer)?.release)(client).await?;
                }
            }
        }
        Ok(Response::new(item))
    }
}

enum Item {
    Job(JobId),
    Event(EventId),
}

impl Item {
    fn parse(name: &str) -> Result<Self, Failure> {
        name.parse().map(Self::Job).or_else(|_| name.parse().map(Self::Event)).map_err(|_| {
            let text = Text::new("Укажите jobs/… или events/….", "Give jobs/… or events/….");
            Failure::invalid("name", text)
        })
    }
}

type Row = (String, String, Option<Uuid>, String, i32, DateTime<Utc>);

impl Server {
    async fn status(&self) -> Result<pb::QueueStatus, Failure> {
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
        Ok(pb::QueueStatus { due: due + behind, running, waiting, parked })
    }

    async fn list(&self, name: Option<&str>) -> Result<Vec<pb::ParkedItem>, Failure> {
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
        .fetch_all(&self.frame.pool)
        .await?;
        let item = |(name, kind, client, error, attempts, parked_at): Row| pb::ParkedItem {
            name,
            service: self.frame.name.into(),
            kind,
            client: client.map(|id| format!("clients/{id}")).unwrap_or_default(),
            error,
            attempts,
            park_time: Some(timestamp(parked_at)),
        };
        Ok(rows.into_iter().map(item).collect())
    }

    async fn item(&self, name: &str) -> Result<pb::ParkedItem, Failure> {
        let items = self.list(Some(name)).await?;
        items.into_iter().next().ok_or_else(|| Failure::not_found(name))
    }

    async fn event(&self, id: EventId) -> Result<(String, Option<Uuid>), Failure> {
        let row =
            sqlx::query_as("select producer, client_id from parked_events where event_id = $1");
        let row = row.bind(id.0).fetch_optional(&self.frame.pool).await?;
        row.ok_or_else(not_parked)
    }

    fn replay(&self, producer: &str) -> Result<&Replay, Failure> {
        let replay = self.replays.get(producer).map(|replay| &**replay);
        replay.ok_or_else(|| Failure::internal(format!("{producer} is not followed any more")))
    }

    async fn retry_job(&self, id: JobId) -> Result<(), Failure> {
        let retried = sqlx::query(
            "update jobs set state = 'READY', attempts = 0, retry_at = null, changed_at = $2
             where id = $1 and state = 'PARKED'",
        );
        let retried = retried.bind(id.0).bind(Clock::system_now());
        if retried.execute(&self.frame.pool).await?.rows_affected() == 0 {
            return Err(not_parked());
        }
        self.frame.wake();
        Ok(())
    }

    async fn discard_job(&self, id: JobId, actor: &str, reason: &str) -> Result<(), Failure> {
        let discarded = sqlx::query(
            "update jobs set state = 'DISCARDED', discarded_by = $2, discard_reason = $3,
                 changed_at = $4
             where id = $1 and state = 'PARKED'",
        );
        let discarded = discarded.bind(id.0).bind(actor).bind(reason).bind(Clock::system_now());
        if discarded.execute(&self.frame.pool).await?.rows_affected() == 0 {
            return Err(not_parked());
        }
        Ok(())
    }
}
