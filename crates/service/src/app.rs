//! Everything that a service does, in one place.

use crate::{Failure, Frame, audit, clock_service, feed, health, queue};
use futures::future::BoxFuture;
use proto::system::v1::{
    audit_server::AuditServer, clock_server::ClockServer, feed_server::FeedServer,
    queue_server::QueueServer,
};
use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    sync::Arc,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tonic::{server::NamedService, service::RoutesBuilder};

/// Work that runs until it is told to stop.
type Work =
    Box<dyn Fn(Frame, CancellationToken) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// Everything that a service does, in one place.
pub struct App {
    frame: Frame,
    pub(crate) routes: RoutesBuilder,
    pub(crate) names: Vec<&'static str>,
    pub(crate) tasks: Vec<(String, Work)>,
    due: HashMap<&'static str, Arc<Notify>>,
    schedules: Vec<queue::schedule::Entry>,
    pub(crate) replays: HashMap<&'static str, Arc<queue::server::Replay>>,
    audit: audit::Server,
    gauges: Vec<queue::gauges::Read>,
}

impl App {
    /// An app that does nothing yet.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        let audit = audit::Server { frame: frame.clone(), checks: Vec::new(), totals: Vec::new() };
        Self {
            frame: frame.clone(),
            routes: RoutesBuilder::default(),
            names: Vec::new(),
            tasks: Vec::new(),
            due: HashMap::new(),
            schedules: Vec::new(),
            replays: HashMap::new(),
            audit,
            gauges: Vec::new(),
        }
    }

    /// The frame that the app was made with.
    #[must_use]
    pub const fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Serves an RPC service: `.rpc(InvoicesServer::new(api::invoices::Api::new(&frame)))`.
    #[must_use]
    pub fn rpc<S>(mut self, server: S) -> Self
    where
        S: tower::Service<http::Request<tonic::body::Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        self.routes.add_service(server);
        self.names.push(S::NAME);
        self
    }

    /// Its RPCs alone, to be called in this process: no layer stands before them, nothing runs
    /// beside them.
    pub fn into_rpcs(self) -> axum::Router {
        self.routes.routes().into_axum_router()
    }

    /// Follows the feed of another service, once per producer.
    #[must_use]
    pub fn follow<H: feed::Handler>(mut self, producer: &'static str, handler: H) -> Self {
        let frame = self.frame.clone();
        let follower =
            Arc::new(feed::follower::Follower { frame, producer, handler: Arc::new(handler) });
        let (retrying, releasing) = (Arc::clone(&follower), Arc::clone(&follower));
        let replay = queue::server::Replay {
            retry: Box::new(move |id, key| {
                let follower = Arc::clone(&retrying);
                Box::pin(async move { follower.retry(id, key).await })
            }),
            release: Box::new(move |client| {
                let follower = Arc::clone(&releasing);
                Box::pin(async move { follower.release(client).await })
            }),
        };
        let twice = self.replays.insert(producer, Arc::new(replay));
        assert!(twice.is_none(), "{producer} is followed twice");
        self.task(format!("follow {producer}"), move |_, stop| {
            let follower = Arc::clone(&follower);
            async move { follower.frame.unless_away(follower.run(&stop)).await }
        })
    }

    /// Does the jobs of one kind.
    #[must_use]
    pub fn worker<W: queue::Worker>(mut self, worker: W) -> Self {
        let (worker, due) = (Arc::new(worker), Arc::new(Notify::new()));
        let twice = self.due.insert(W::KIND, Arc::clone(&due));
        assert!(twice.is_none(), "jobs of kind {} have two workers", W::KIND);
        self.task(format!("jobs {}", W::KIND), move |frame, stop| {
            queue::worker::run(frame, Arc::clone(&worker), Arc::clone(&due), stop)
        })
    }

    /// Runs something on each new business day.
    #[must_use]
    pub fn schedule<S: queue::Schedule>(mut self, schedule: S) -> Self {
        let schedule = Arc::new(schedule);
        self.schedules.push(queue::schedule::Entry { name: S::NAME, zone: S::ZONE });
        self.task(format!("schedule {}", S::NAME), move |frame, stop| {
            queue::schedule::run(frame, Arc::clone(&schedule), stop)
        })
    }

    /// Runs anything else for as long as the service lives: it is restarted when it fails or
    /// panics, and must return soon after the token is cancelled.
    #[must_use]
    pub fn task<F>(
        mut self,
        name: impl Into<String>,
        work: impl Fn(Frame, CancellationToken) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let work = move |frame, stop| -> BoxFuture<'static, _> { Box::pin(work(frame, stop)) };
        self.tasks.push((name.into(), Box::new(work)));
        self
    }

    /// Adds checks to the audit: `.audit(audit::checks)`.
    #[must_use]
    pub fn audit<F>(mut self, checks: impl Fn(Frame) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<audit::Check>, Failure>> + Send + 'static,
    {
        self.audit.checks.push(Arc::new(move |frame| Box::pin(checks(frame))));
        self
    }

    /// Adds totals that other services' books are compared with, such as `received/RUB`.
    #[must_use]
    pub fn totals<F>(mut self, totals: impl Fn(Frame) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<BTreeMap<String, String>, Failure>> + Send + 'static,
    {
        self.audit.totals.push(Arc::new(move |frame| Box::pin(totals(frame))));
        self
    }

    /// Adds how much of something waits, for monitoring: `.gauges(jobs::gauges::read)` answers
    /// names and numbers, and is asked every 15 seconds.
    #[must_use]
    pub fn gauges<F>(mut self, read: impl Fn(Frame) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<(&'static str, i64)>, Failure>> + Send + 'static,
    {
        self.gauges.push(Arc::new(move |frame| Box::pin(read(frame))));
        self
    }

    /// Adds what every service has.
    pub(crate) fn complete(self, stop: &CancellationToken) -> Self {
        let frame = self.frame.clone();
        let feed = feed::server::Server { frame: frame.clone(), stop: stop.clone() };
        let queue = queue::server::Server {
            frame: frame.clone(),
            schedules: self.schedules.clone(),
            replays: self.replays.clone(),
        };
        let (audit, due) = (self.audit.clone(), self.due.clone());
        let gauges = self.gauges.clone();
        self.rpc(FeedServer::new(feed))
            .rpc(ClockServer::new(clock_service::Server { frame }))
            .rpc(QueueServer::new(queue))
            .rpc(AuditServer::new(audit))
            .task("database", health::watch)
            .task("sequencer", |frame, stop| async move {
                frame.unless_away(feed::sequencer::run(frame.clone(), stop)).await
            })
            .task("feed listener", |frame, stop| async move {
                frame.unless_away(feed::server::listen(frame.clone(), stop)).await
            })
            .task("due jobs", move |frame, stop| queue::worker::watch(frame, due.clone(), stop))
            .task("gauges", move |frame, stop| queue::gauges::run(frame, gauges.clone(), stop))
            .task("housekeeping", queue::schedule::forget)
    }
}
