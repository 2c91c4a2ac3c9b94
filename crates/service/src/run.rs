//! Runs a service: in a process of its own, or inside another one.

use crate::{
    ClockSetting, Config, Failure, Listen, Peers, audit, clock_service,
    config::{self, ConfigFile},
    database, feed, layers, queue, secrets,
    supervise::supervise,
    telemetry::{self, LogFormat},
};
use anyhow::{Context, Result, anyhow};
use clap::{Args, FromArgMatches, Parser};
use futures::future::BoxFuture;
use proto::system::v1::{
    audit_server::AuditServer, clock_server::ClockServer, feed_server::FeedServer,
    queue_server::QueueServer,
};
use sqlx::{PgPool, migrate::Migrator};
use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    future::Future,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, UnixListener, UnixStream},
    signal::unix::{SignalKind, signal},
    sync::{Notify, watch},
    task::{JoinHandle, JoinSet},
};
use tokio_stream::wrappers::{TcpListenerStream, UnixListenerStream};
use tokio_util::sync::CancellationToken;
use tonic::{
    server::NamedService,
    service::{Routes, RoutesBuilder},
    transport::Server,
};
use types::Clock;

/// The services of the suite, in the order in which they are started.
pub const SERVICES: [&str; 4] = ["clients", "invoicing", "payments", "tickets"];

/// How long calls and jobs at hand may take after a stop before they are cut off.
const DRAIN: Duration = Duration::from_secs(25);

/// One service of the suite.
pub trait Service: 'static {
    /// Its name, such as `invoicing`: of its database, its socket, and in identities.
    const NAME: &'static str;

    /// Settings beyond [`Config`].
    type Settings: Args + FromArgMatches + Send + 'static;

    /// Its own migrations, `sqlx::migrate!()`.
    fn migrations() -> &'static Migrator;

    /// Its RPCs, followers, workers, schedules and checks.
    fn app(frame: Frame, settings: Self::Settings) -> impl Future<Output = Result<App>> + Send;
}

/// What the code of a service works with.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Name of the service.
    pub name: &'static str,
    /// Its database, as the app role.
    pub pool: PgPool,
    /// Business time.
    pub clock: Clock,
    /// The other services.
    pub peers: Peers,
    pub(crate) signals: Arc<Signals>,
}

/// What wakes whom inside one process.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// Something was committed: wakes the sequencer.
    pub(crate) committed: Notify,
    /// Something was committed: wakes the watch over due jobs.
    pub(crate) pushed: Notify,
    /// The newest position of the feed, as PostgreSQL notified it.
    pub(crate) sequenced: watch::Sender<i64>,
}

impl Frame {
    /// A frame over a database that is migrated, for what runs outside of [`start`]: tests of a
    /// store, tools. Nothing runs behind it.
    #[must_use]
    pub fn new(name: &'static str, pool: PgPool, clock: Clock, peers: Peers) -> Self {
        Self { name, pool, clock, peers, signals: Arc::default() }
    }

    /// Tells the sequencer and the workers, after a commit, that there may be something to do. They
    /// look by themselves too, a little later.
    pub fn wake(&self) {
        self.signals.committed.notify_one();
        self.signals.pushed.notify_one();
    }
}

type Work =
    Box<dyn Fn(Frame, CancellationToken) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// Everything that a service does, in one place.
pub struct App {
    frame: Frame,
    routes: RoutesBuilder,
    names: Vec<&'static str>,
    tasks: Vec<(String, Work)>,
    due: HashMap<&'static str, Arc<Notify>>,
    schedules: Vec<queue::schedule::Entry>,
    replays: HashMap<&'static str, Arc<queue::server::Replay>>,
    audit: audit::Server,
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

    /// Follows the feed of another service, once per producer.
    #[must_use]
    pub fn follow<H: feed::Handler>(mut self, producer: &'static str, handler: H) -> Self {
        let frame = self.frame.clone();
        let follower =
            Arc::new(feed::follower::Follower { frame, producer, handler: Arc::new(handler) });
        let (retrying, releasing) = (Arc::clone(&follower), Arc::clone(&follower));
        let replay = queue::server::Replay {
            retry: Box::new(move |id| {
                let follower = Arc::clone(&retrying);
                Box::pin(async move { follower.retry(id).await })
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
            async move { follower.run(&stop).await }
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

    /// Adds what every service has.
    fn complete(self, stop: &CancellationToken) -> Self {
        let frame = self.frame.clone();
        let feed = feed::server::Server { frame: frame.clone(), stop: stop.clone() };
        let queue = queue::server::Server {
            frame: frame.clone(),
            schedules: self.schedules.clone(),
            replays: self.replays.clone(),
        };
        let (audit, due) = (self.audit.clone(), self.due.clone());
        self.rpc(FeedServer::new(feed))
            .rpc(ClockServer::new(clock_service::Server { frame }))
            .rpc(QueueServer::new(queue))
            .rpc(AuditServer::new(audit))
            .task("sequencer", feed::sequencer::run)
            .task("feed listener", feed::server::listen)
            .task("due jobs", move |frame, stop| queue::worker::watch(frame, due.clone(), stop))
            .task("housekeeping", queue::schedule::forget)
    }
}

/// A service that runs.
#[derive(Debug)]
pub struct Running {
    /// What its code works with.
    pub frame: Frame,
    /// Where it listens; the port that was taken when 0 was asked for.
    pub address: Listen,
    stop: CancellationToken,
    done: JoinHandle<Result<()>>,
}

impl Running {
    /// Waits until the service ends, by itself only when its listener fails.
    ///
    /// # Errors
    /// Why it ended.
    pub async fn wait(&mut self) -> Result<()> {
        (&mut self.done).await?
    }

    /// Stops gracefully: takes no more calls and jobs, finishes those at hand, at most 25 s.
    ///
    /// # Errors
    /// When it had failed already, or was cut off.
    pub async fn stop(self) -> Result<()> {
        self.stop.cancel();
        let stopped = tokio::time::timeout(DRAIN + Duration::from_secs(5), self.done).await;
        stopped.context("the service did not stop in time")??
    }

    /// Ends at once, in the middle of whatever it does, like a process that is killed (crash
    /// tests).
    pub fn kill(self) {
        self.done.abort();
    }
}

/// Starts a service in this process: migrates, connects, serves, works. Everything it needs is in
/// the configuration; logging is the program's ([`telemetry::install`]).
///
/// # Errors
/// When the database, the secrets or the address cannot be used.
pub async fn start<S: Service>(config: &Config, settings: S::Settings) -> Result<Running> {
    let owner = database::DatabaseRole::Owner;
    let owner = database::options(&config.database_url, &config.secrets, S::NAME, owner)?;
    database::migrate(&owner, S::migrations()).await?;
    let pool = database::pool(config, S::NAME).await?;
    feed::sequencer::open_feed(&pool).await?;
    let clock = clock_service::open(&pool, config.clock).await?;
    let peers = Peers::new(&config.peers, secrets::signer(&config.secrets, S::NAME)?);
    let frame = Frame::new(S::NAME, pool, clock, peers);
    let stop = CancellationToken::new();
    let app = S::app(frame.clone(), settings).await?.complete(&stop);
    let verifier = secrets::verifier(&config.secrets, S::NAME)?;
    let App { routes, names, tasks, .. } = app;
    let routes = open_routes(routes, &names).await?;
    let routes = layers::wrap(routes.into_axum_router(), S::NAME, verifier);

    let address: Listen =
        config.listen.replace("{service}", S::NAME).parse().map_err(|e: String| anyhow!(e))?;
    let listener = Listener::bind(&address).await?;
    let address = listener.address(address)?;
    tracing::info!(service = S::NAME, %address, "serving");
    let mut all = JoinSet::new();
    for (name, work) in tasks {
        let (frame, stop) = (frame.clone(), stop.clone());
        let name = format!("{}: {name}", S::NAME);
        all.spawn(async move {
            supervise(&name, &stop, || work(frame.clone(), stop.clone())).await;
            Ok(())
        });
    }
    all.spawn(listener.serve(routes, stop.clone()));
    let done = tokio::spawn(finish(all, stop.clone(), frame.pool.clone()));
    Ok(Running { frame, address, stop, done })
}

/// Waits for the parts of a service; the first one that ends, ends the others.
async fn finish(mut all: JoinSet<Result<()>>, stop: CancellationToken, pool: PgPool) -> Result<()> {
    let first = all.join_next().await.context("nothing runs")?;
    stop.cancel();
    let rest = async { while all.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, rest).await.is_err() {
        tracing::warn!("calls or jobs were cut off: they took longer than {DRAIN:?} to end");
        all.shutdown().await;
    }
    pool.close().await;
    first?
}

/// Adds health and reflection, which orchestrators and `grpcurl` expect.
async fn open_routes(mut routes: RoutesBuilder, names: &[&'static str]) -> Result<Routes> {
    let (health, server) = tonic_health::server::health_reporter();
    for name in names {
        health.set_service_status(*name, tonic_health::ServingStatus::Serving).await;
    }
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
    };
    routes.add_service(server);
    routes.add_service(reflection().build_v1()?);
    routes.add_service(reflection().build_v1alpha()?);
    Ok(routes.routes())
}

enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Listener {
    async fn bind(address: &Listen) -> Result<Self> {
        let bound = match address {
            Listen::Tcp(address) => TcpListener::bind(address).await.map(Self::Tcp),
            Listen::Unix(path) => {
                if UnixStream::connect(path).await.is_ok() {
                    anyhow::bail!("{} is in use: is the service running?", path.display());
                }
                // What a process that was killed left behind.
                let _ = std::fs::remove_file(path);
                if let Some(dir) = path.parent() {
                    std::fs::create_dir_all(dir)
                        .with_context(|| format!("cannot make {}", dir.display()))?;
                }
                UnixListener::bind(path).map(Self::Unix)
            }
        };
        bound.with_context(|| format!("cannot listen at {address}"))
    }

    fn address(&self, asked: Listen) -> Result<Listen> {
        Ok(match self {
            Self::Unix(_) => asked,
            Self::Tcp(listener) => Listen::Tcp(listener.local_addr()?.to_string()),
        })
    }

    /// Serves until `stop`, then until the calls at hand have ended.
    async fn serve(self, routes: axum::Router, stop: CancellationToken) -> Result<()> {
        let server = Server::builder()
            // A peer that is gone without a word is noticed.
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .http2_keepalive_timeout(Some(Duration::from_secs(10)))
            .max_concurrent_streams(1024)
            .add_routes(Routes::from(routes));
        let stop = stop.cancelled_owned();
        Ok(match self {
            Self::Unix(listener) => {
                server
                    .serve_with_incoming_shutdown(UnixListenerStream::new(listener), stop)
                    .await?;
            }
            Self::Tcp(listener) => {
                server.serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop).await?;
            }
        })
    }
}

/// The command line of a service's program.
#[derive(Parser)]
struct Program<S: Args> {
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    config: Config,
    /// Address of an OpenTelemetry collector (gRPC); nothing is exported without one.
    #[arg(long, env = "RASCHET_OTLP")]
    otlp: Option<String>,
    /// How log lines are written.
    #[arg(long, env = "RASCHET_LOG", default_value = "text")]
    log: LogFormat,
    #[command(flatten)]
    settings: S,
}

/// The whole `main` of a service's program.
///
/// # Errors
/// When the settings are wrong or the service cannot run.
#[tokio::main]
pub async fn main<S: Service>() -> Result<()> {
    let program: Program<S::Settings> = config::read()?;
    let _telemetry = telemetry::install(S::NAME, program.log, program.otlp.as_deref())?;
    if let ClockSetting::Manual(_) = program.config.clock {
        tracing::warn!("business time stands until it is advanced: --clock manual");
    }
    let mut running = start::<S>(&program.config, program.settings).await?;
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        ended = running.wait() => return ended,
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await
}
