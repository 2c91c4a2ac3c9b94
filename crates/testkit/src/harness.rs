//! A service (or several) in this process: real sockets, keys, grants and database, manual clock.
//!
//! ```ignore
//! let harness = Harness::start::<Clients>("2026-01-31T09:00:00Z", &[]).await;
//! let mut clients = ClientsClient::new(harness.client_as(Role::Sales));
//! …
//! harness.finish().await;     // fails if jobs or events are left unread or parked
//! ```

use crate::{
    TestDatabase, postgres,
    settle::{Status, settled},
};
use chrono::{DateTime, Utc};
use clap::{Args, FromArgMatches, Parser};
use proto::system::v1::{
    AdvanceRequest, GetFeedStatusRequest, GetQueueStatusRequest, ListParkedRequest,
    clock_client::ClockClient, feed_client::FeedClient, queue_client::QueueClient,
};
use service::{
    ClockSetting, Config, Frame, Identity, PeerChannel, Peers, Role, Running, Service,
    authority::GATEWAY, secrets,
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::{fs, os::unix::fs::DirBuilderExt, path::PathBuf, time::Duration};
use tokio::{net::UnixListener, task::JoinHandle};
use tokio_stream::wrappers::UnixListenerStream;
use tonic::{service::Routes, transport::Server};
use types::id::ClientId;
use uuid::Uuid;

/// How long feeds and queues may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(60);

/// Services under test. Dropping it kills them and drops their databases.
pub struct Harness {
    dir: PathBuf,
    peers: Peers,
    start: DateTime<Utc>,
    primary: &'static str,
    services: Vec<Started>,
    fakes: Vec<JoinHandle<()>>,
}

struct Started {
    name: &'static str,
    running: Option<Running>,
    database: TestDatabase,
}

impl Harness {
    /// Starts one service at a business instant (RFC 3339) with the arguments of its own settings,
    /// such as `&["--smtp-port", "2525"]`.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start<S: Service>(now: &str, arguments: &[&str]) -> Self {
        let mut harness = Self::empty(now, S::NAME);
        harness.also::<S>(arguments).await;
        harness
    }

    /// A directory with keys, and nothing that runs yet.
    fn empty(now: &str, primary: &'static str) -> Self {
        let start = now.parse().expect("an instant such as 2026-01-31T09:00:00Z");
        // Short: socket paths may take 107 bytes.
        let name = format!("raschet-{}", Uuid::new_v4().simple());
        let dir = std::env::temp_dir().join(&name[..20]);
        fs::DirBuilder::new().mode(0o700).create(&dir).expect("makes a directory for the test");
        let secrets = dir.join("secrets");
        let passwords = secrets.join("database");
        fs::create_dir_all(&passwords).expect("makes the secrets");
        // All tests share the server's roles, so the passwords are not this directory's own.
        for role in
            service::run::SERVICES.map(|name| [format!("{name}_owner"), format!("{name}_app")])
        {
            for role in role {
                fs::write(passwords.join(role), postgres::PASSWORD).expect("writes a password");
            }
        }
        secrets::create(&secrets).expect("makes keys");
        let signer = secrets::signer(&secrets, GATEWAY).expect("the gateway's key");
        let address = format!("unix:{}/{{service}}.sock", dir.display());
        let peers = Peers::new(&address, signer);
        Self { dir, peers, start, primary, services: Vec::new(), fakes: Vec::new() }
    }

    /// Starts another service beside, as its peer.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn also<S: Service>(&mut self, arguments: &[&str]) {
        let migrations = service::database::migrator(S::migrations());
        let database = TestDatabase::create(S::NAME, &migrations).await;
        let running = service::start::<S>(&self.config(&database), settings(arguments)).await;
        let running = Some(running.expect("the service starts"));
        self.services.push(Started { name: S::NAME, running, database });
    }

    /// Kills a service in the middle of whatever it does and starts it again on its database.
    ///
    /// # Panics
    /// When it was not running, or does not start.
    pub async fn restart<S: Service>(&mut self, arguments: &[&str]) {
        let at = self.services.iter().position(|one| one.name == S::NAME).expect("it runs");
        if let Some(running) = self.services[at].running.take() {
            running.kill();
        }
        // What the killed one had at hand would else rest until its leases run out.
        let config = Config { alone: true, ..self.config(&self.services[at].database) };
        let running = service::start::<S>(&config, settings(arguments)).await;
        self.services[at].running = Some(running.expect("the service starts again"));
    }

    fn config(&self, database: &TestDatabase) -> Config {
        let address = format!("unix:{}/{{service}}.sock", self.dir.display());
        Config {
            listen: address.clone(),
            peers: address,
            database_url: database.url(),
            secrets: self.dir.join("secrets"),
            clock: ClockSetting::Manual(Some(self.start)),
            pool_size: 10,
            alone: false,
        }
    }

    /// Serves canned answers in the place of another service:
    /// `harness.fake("invoicing", Routes::new(InvoicesServer::new(Fake)))`.
    ///
    /// # Panics
    /// When that service runs already.
    pub fn fake(&mut self, name: &str, routes: Routes) {
        let socket = self.dir.join(format!("{name}.sock"));
        let listener = UnixListener::bind(socket).expect("the peer's socket is free");
        let serving = Server::builder()
            .add_routes(routes)
            .serve_with_incoming(UnixListenerStream::new(listener));
        self.fakes.push(tokio::spawn(async move {
            serving.await.expect("the fake peer serves");
        }));
    }

    /// A channel to the service under test for a member of staff with one role.
    #[must_use]
    pub fn client_as(&self, role: Role) -> PeerChannel {
        self.acting(self.primary, staff(&[role]))
    }

    /// A channel to the service under test for a customer who acts for a client.
    #[must_use]
    pub fn customer(&self, client: ClientId) -> PeerChannel {
        let actor = format!("people/{}", Uuid::from_u128(1));
        self.acting(
            self.primary,
            Identity { actor, roles: vec![Role::Customer], client: Some(client) },
        )
    }

    /// A channel to the service under test for another service of the suite.
    #[must_use]
    pub fn peer(&self, caller: &str) -> PeerChannel {
        self.acting(self.primary, Identity::service(caller))
    }

    /// A channel to any service for anybody.
    #[must_use]
    pub fn acting(&self, service: &str, identity: Identity) -> PeerChannel {
        self.peers.channel(service).acting(identity)
    }

    /// A channel without any identity, as a stranger on the socket has it.
    #[must_use]
    pub fn stranger(&self) -> tonic::transport::Channel {
        self.peers.transport(self.primary)
    }

    /// Where the services listen, with `{service}` in it: the gateway's `peers`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("unix:{}/{{service}}.sock", self.dir.display())
    }

    /// The directory of keys.
    #[must_use]
    pub fn secrets(&self) -> PathBuf {
        self.dir.join("secrets")
    }

    /// What the code of the service under test works with: its pool, clock and peers.
    ///
    /// # Panics
    /// When the service was killed.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.services[0].running.as_ref().expect("the service runs").frame
    }

    /// A pool on a service's database as its owner, to arrange and to look at what no RPC shows.
    ///
    /// # Panics
    /// When that service was not started.
    pub async fn owner(&self, service: &str) -> PgPool {
        let started = self.services.iter().find(|one| one.name == service).expect("it was started");
        let pool = PgPoolOptions::new().max_connections(4);
        pool.connect_with(started.database.owner()).await.expect("the owner role can connect")
    }

    /// Moves every service's clock to an instant, and waits until what became due is done.
    ///
    /// # Panics
    /// When a service refuses, or does not come to rest.
    pub async fn advance(&self, to: &str) {
        let to: DateTime<Utc> = to.parse().expect("an instant such as 2026-01-31T09:00:00Z");
        for one in &self.services {
            let to = prost_types::Timestamp { seconds: to.timestamp(), nanos: 0 };
            let mut clock = ClockClient::new(self.operator(one.name));
            clock.advance(AdvanceRequest { to: Some(to) }).await.expect("the clock moves");
        }
        self.settle().await;
    }

    /// Waits until every event is followed and no job is due.
    ///
    /// # Panics
    /// When that takes more than a minute; says what is left.
    pub async fn settle(&self) -> Vec<Status> {
        let mut before = Vec::new();
        let rest = tokio::time::timeout(PATIENCE, async {
            loop {
                let now = self.status().await;
                // Twice the same: work hops between services while they are asked one by one.
                if settled(&now) && now == before {
                    return;
                }
                before = now;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        if rest.await.is_err() {
            panic!("no rest in {PATIENCE:?}:\n{}", Status::table(&before));
        }
        before
    }

    /// What each service still has to do.
    async fn status(&self) -> Vec<Status> {
        let mut all = Vec::new();
        for one in &self.services {
            let feed = FeedClient::new(self.operator(one.name))
                .get_feed_status(GetFeedStatusRequest {})
                .await
                .expect("tells about its feed");
            let queue = QueueClient::new(self.operator(one.name))
                .get_queue_status(GetQueueStatusRequest {})
                .await
                .expect("tells about its queue");
            let (feed, queue) = (feed.into_inner(), queue.into_inner());
            all.push(Status { service: one.name.to_owned(), feed, queue });
        }
        all
    }

    /// The gateway's own calls to what is internal.
    fn operator(&self, service: &str) -> PeerChannel {
        self.acting(service, Identity::service(GATEWAY))
    }

    /// Ends the test: waits for rest, and fails if anything is parked.
    ///
    /// # Panics
    /// When work is left or parked, or a service does not stop.
    pub async fn finish(mut self) {
        self.settle().await;
        for one in &self.services {
            let parked = QueueClient::new(self.operator(one.name))
                .list_parked(ListParkedRequest {})
                .await
                .expect("tells what is parked");
            let items = parked.into_inner().items;
            assert!(items.is_empty(), "{} has parked items: {items:#?}", one.name);
        }
        for one in &mut self.services {
            if let Some(running) = one.running.take() {
                running.stop().await.expect("stops gracefully");
            }
        }
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        for one in &mut self.services {
            if let Some(running) = one.running.take() {
                running.kill();
            }
        }
        for fake in &self.fakes {
            fake.abort();
        }
        let _ = fs::remove_dir_all(&self.dir); // only a temporary directory is lost sight of
    }
}

/// A member of staff; the same person every time.
#[must_use]
pub fn staff(roles: &[Role]) -> Identity {
    let actor = format!("staff/{}", Uuid::from_u128(2));
    Identity { actor, roles: roles.to_vec(), client: None }
}

#[derive(Parser)]
struct Flat<A: Args> {
    #[command(flatten)]
    settings: A,
}

/// A service's own settings from arguments, with its defaults for the rest.
fn settings<A: Args + FromArgMatches>(arguments: &[&str]) -> A {
    let arguments = std::iter::once("test").chain(arguments.iter().copied());
    Flat::try_parse_from(arguments).expect("the service's settings").settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use service::{
        App, Failure,
        queue::{self, JobError, Lease, Worker},
    };
    use sqlx::migrate::Migrator;

    struct Clients;

    #[derive(Args)]
    struct Settings {
        #[arg(long, default_value = "nothing")]
        word: String,
    }

    static NONE: Migrator = Migrator::DEFAULT;

    impl Service for Clients {
        const NAME: &'static str = "clients";
        type Settings = Settings;

        fn migrations() -> &'static Migrator {
            &NONE
        }

        async fn app(frame: Frame, settings: Settings) -> anyhow::Result<App> {
            Ok(App::new(&frame).worker(Speaker { word: settings.word }))
        }
    }

    struct Speaker {
        word: String,
    }

    impl Worker for Speaker {
        const KIND: &'static str = "speak";
        type Job = String;

        async fn run(&self, job: String, _: &Lease) -> Result<(), JobError> {
            if job == self.word { Ok(()) } else { Err(JobError::Park("another word".into())) }
        }
    }

    async fn push(harness: &Harness, word: &str) -> Result<(), Failure> {
        let frame = harness.frame();
        let mut conn = frame.pool.acquire().await?;
        queue::push(&mut conn, "speak", None, None, frame.clock.now(), &word).await?;
        frame.wake();
        Ok(())
    }

    #[tokio::test]
    async fn what_is_due_is_done_before_the_end() {
        let mut harness =
            Harness::start::<Clients>("2026-01-31T09:00:00Z", &["--word", "hello"]).await;
        push(&harness, "hello").await.unwrap();
        harness.settle().await;
        harness.restart::<Clients>(&["--word", "hello"]).await;
        harness.advance("2026-02-01T09:00:00Z").await;
        assert_eq!(harness.frame().clock.now().to_rfc3339(), "2026-02-01T09:00:00+00:00");
        harness.finish().await;
    }

    #[tokio::test]
    #[should_panic(expected = "clients has parked items")]
    async fn what_is_parked_fails_the_test() {
        let harness = Harness::start::<Clients>("2026-01-31T09:00:00Z", &[]).await;
        push(&harness, "hello").await.unwrap();
        harness.finish().await;
    }
}
