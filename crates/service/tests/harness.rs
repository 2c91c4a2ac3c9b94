//! Services that do whatever a test wants, over databases and sockets of their own.

use chrono::{DateTime, Utc};
use proto::system::v1::{
    FeedStatus, GetFeedStatusRequest, GetQueueStatusRequest, QueueStatus, feed_client::FeedClient,
    queue_client::QueueClient,
};
use service::{App, ClockSetting, Config, Frame, PeerChannel, Peers, Running, Service, secrets};
use sqlx::{Connection, PgConnection, PgPool, migrate::Migrator};
use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};
use testkit::TestDatabase;
use tonic::transport::Channel;

/// Business time at which every test begins.
pub fn start() -> DateTime<Utc> {
    "2026-01-31T09:00:00Z".parse().expect("an instant")
}

static FRAME_ONLY: LazyLock<Migrator> =
    LazyLock::new(|| service::database::migrator(&Migrator::DEFAULT));
static NONE: Migrator = Migrator::DEFAULT;

type Build = Arc<dyn Fn(App) -> App + Send + Sync>;

/// Not settings at all: what the test wants the service to do.
#[derive(clap::Args, Clone)]
pub struct Settings {
    #[arg(skip)]
    build: Option<Build>,
}

macro_rules! services {
    ($($service:ident = $name:literal),*) => {$(
        pub struct $service;

        impl Service for $service {
            const NAME: &'static str = $name;
            type Settings = Settings;

            fn migrations() -> &'static Migrator {
                &NONE
            }

            async fn app(frame: Frame, settings: Settings) -> anyhow::Result<App> {
                let app = App::new(&frame);
                Ok(settings.build.map_or_else(|| App::new(&frame), |build| build(app)))
            }
        }
    )*};
}

services! { Producer = "invoicing", Consumer = "clients", Another = "payments" }

/// A directory with secrets, in which the services of one test meet.
pub struct Suite {
    dir: PathBuf,
}

impl Suite {
    pub fn new() -> Self {
        let id = uuid::Uuid::now_v7().simple().to_string();
        let dir = std::env::temp_dir().join(format!("raschet-{}", &id[20..]));
        secrets::create(&dir.join("secrets")).expect("makes secrets");
        for service in service::run::SERVICES {
            for role in ["owner", "app"] {
                let file = dir.join("secrets/database").join(format!("{service}_{role}"));
                std::fs::write(file, testkit::postgres::PASSWORD).expect("writes a password");
            }
        }
        Self { dir }
    }

    /// The peers as somebody sees them: `gateway`, or another service.
    pub fn peers(&self, caller: &str) -> Peers {
        let signer = secrets::signer(&self.dir.join("secrets"), caller).expect("has a key");
        Peers::new(&self.address(), signer)
    }

    pub fn address(&self) -> String {
        format!("unix:{}/{{service}}.sock", self.dir.display())
    }

    /// Frees a service's socket, so that a second replica may listen there beside the first one.
    pub fn free<S: Service>(&self) {
        std::fs::remove_file(self.dir.join(format!("{}.sock", S::NAME)))
            .expect("frees the address");
    }

    /// A database for one service.
    pub async fn database<S: Service>(&self) -> TestDatabase {
        TestDatabase::create(S::NAME, &FRAME_ONLY).await
    }

    /// Starts a service over a database.
    pub async fn start<S: Service<Settings = Settings>>(
        &self,
        database: &TestDatabase,
        build: impl Fn(App) -> App + Send + Sync + 'static,
    ) -> Running {
        self.start_as::<S>(database, false, build).await
    }

    /// The same, and nobody else may be there when it is `alone`.
    pub async fn start_as<S: Service<Settings = Settings>>(
        &self,
        database: &TestDatabase,
        alone: bool,
        build: impl Fn(App) -> App + Send + Sync + 'static,
    ) -> Running {
        let config = Config {
            listen: self.address(),
            peers: self.address(),
            database_url: database.url(),
            secrets: self.dir.join("secrets"),
            clock: ClockSetting::Manual(Some(start())),
            pool_size: 12,
            alone,
        };
        let settings = Settings { build: Some(Arc::new(build)) };
        service::start::<S>(&config, settings).await.expect("the service starts")
    }
}

impl Drop for Suite {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A frame over a database of its own, without anything that runs behind it.
pub async fn bare() -> (Suite, TestDatabase, Frame) {
    let suite = Suite::new();
    let database = suite.database::<Producer>().await;
    let clock = types::Clock::manual(start());
    let frame = Frame::new(Producer::NAME, database.pool().await, clock, suite.peers("invoicing"));
    (suite, database, frame)
}

/// The database as its owner, to arrange and to look.
pub async fn owner(database: &TestDatabase) -> PgConnection {
    PgConnection::connect_with(&database.owner()).await.expect("the owner connects")
}

pub async fn feed_status(channel: PeerChannel) -> FeedStatus {
    let status = FeedClient::new(channel).get_feed_status(GetFeedStatusRequest {}).await;
    status.expect("the feed's status").into_inner()
}

pub async fn queue_status(channel: PeerChannel) -> QueueStatus {
    let status = QueueClient::new(channel).get_queue_status(GetQueueStatusRequest {}).await;
    status.expect("the queue's status").into_inner()
}

/// A connection that adds nothing to its calls.
pub fn bare_channel(suite: &Suite, service: &str) -> Channel {
    suite.peers("gateway").transport(service)
}

/// Waits for something that happens behind our back.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < Duration::from_secs(30), "it never came: {what}");
        tokio::task::yield_now().await;
    }
}

pub async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.expect("counts")
}

/// A fresh request id.
pub fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
