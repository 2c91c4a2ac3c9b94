//! A producer and a consumer that writes down what it is told.

use crate::harness::{Consumer, Producer, Settings, Suite, eventually, feed_status, owner};
use proto::system::v1::{
    Cursor, ListParkedRequest, ParkedItem, feed_client::FeedClient, queue_client::QueueClient,
};
use service::{
    App, Failure, Frame, PeerChannel, Running, Service,
    audit::Check,
    feed::{self, Event, Handler, HandlerError},
};
use sqlx::PgConnection;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};
use testkit::TestDatabase;
use tokio::sync::Semaphore;
use types::id::ClientId;

/// The payload of this test's events: any message will do.
pub fn fact(text: &str) -> Cursor {
    Cursor { producer: text.into(), ..Cursor::default() }
}

/// Emits one event in a transaction of its own.
pub async fn emit(frame: &Frame, client: Option<ClientId>, text: &str) {
    let mut tx = frame.pool.begin().await.expect("begins");
    feed::append(&mut tx, frame, client, &fact(text)).await.expect("appends");
    tx.commit().await.expect("commits");
    frame.wake();
}

/// Keeps what it is told in the table `told`; while it is broken, it fails on texts that begin with
/// "bad" and puts off those that begin with "busy".
#[derive(Clone, Default)]
pub struct Scribe {
    pub broken: Arc<AtomicBool>,
    pub prepared: Arc<Mutex<Vec<String>>>,
    /// Lets "wait" go on.
    pub gate: Option<Arc<Semaphore>>,
}

impl Handler for Scribe {
    type Prepared = String;
    const KINDS: &'static [&'static str] = &["raschet.system.v1.Cursor"];

    async fn prepare(&self, event: &Event) -> Result<String, HandlerError> {
        let text = event.decode::<Cursor>()?.producer;
        self.prepared.lock().expect("not poisoned").push(text.clone());
        if let Some(gate) = &self.gate {
            gate.acquire().await.map_err(|e| HandlerError::Retry(e.to_string()))?.forget();
        }
        Ok(text)
    }

    async fn apply(
        &self,
        conn: &mut PgConnection,
        event: &Event,
        text: String,
    ) -> Result<(), HandlerError> {
        sqlx::query("insert into told (id, text) values ($1, $2) on conflict (id) do nothing")
            .bind(event.id.0)
            .bind(&text)
            .execute(conn)
            .await?;
        if self.broken.load(Ordering::SeqCst) {
            match text.as_str() {
                "bad panic" => panic!("expected by the test"),
                text if text.starts_with("busy") => {
                    return Err(HandlerError::Retry("the database is away".into()));
                }
                text if text.starts_with("bad") => {
                    return Err(HandlerError::Park(format!("cannot take {text}")));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Scribe {
    pub fn gated() -> (Self, Arc<Semaphore>) {
        let gate = Arc::new(Semaphore::new(0));
        (Self { gate: Some(Arc::clone(&gate)), ..Self::default() }, gate)
    }
}

/// A producer and a consumer that writes down what it is told.
pub struct Pair {
    pub suite: Suite,
    pub databases: [TestDatabase; 2],
    pub producer: Running,
    pub consumer: Running,
    pub scribe: Scribe,
}

impl Pair {
    pub async fn new() -> Self {
        Self::with(Scribe::default()).await
    }

    pub async fn with(scribe: Scribe) -> Self {
        let suite = Suite::new();
        let databases = [suite.database::<Producer>().await, suite.database::<Consumer>().await];
        let mut owner = owner(&databases[1]).await;
        sqlx::query("create table told (id uuid primary key, text text, place bigserial)")
            .execute(&mut owner)
            .await
            .expect("makes a table");
        let producer = suite.start::<Producer>(&databases[0], |app| app.audit(emitting)).await;
        let consumer = follow(&suite, &databases[1], &scribe).await;
        Self { suite, databases, producer, consumer, scribe }
    }

    pub fn channel<S: Service<Settings = Settings>>(&self) -> PeerChannel {
        self.suite.peers("gateway").channel(S::NAME)
    }

    pub fn queue(&self) -> QueueClient<PeerChannel> {
        QueueClient::new(self.channel::<Consumer>())
    }

    /// The consumer's feed, for what it follows.
    pub fn feed(&self) -> FeedClient<PeerChannel> {
        FeedClient::new(self.channel::<Consumer>())
    }

    pub async fn told(&self) -> Vec<String> {
        sqlx::query_scalar("select text from told order by place")
            .fetch_all(&self.consumer.frame.pool)
            .await
            .expect("reads")
    }

    /// Waits until the consumer has taken everything that the producer has.
    pub async fn drained(&self) {
        eventually("the feed is drained", || async {
            let producer = feed_status(self.channel::<Producer>()).await;
            let consumer = feed_status(self.channel::<Consumer>()).await;
            let taken = consumer.cursors.first().map_or(0, |cursor| cursor.position);
            producer.unsequenced == 0 && taken == producer.position
        })
        .await;
    }

    pub async fn parked(&self) -> Vec<ParkedItem> {
        let list = self.queue().list_parked(ListParkedRequest {}).await.expect("lists");
        let mut items = list.into_inner().items;
        items.sort_by_key(|item| item.error == "HELD_BACK");
        items
    }

    pub async fn stop(self) {
        self.consumer.stop().await.expect("stops");
        self.producer.stop().await.expect("stops");
    }
}

/// An audit is a call like any other: this one emits an event.
pub async fn emitting(frame: Frame) -> Result<Vec<Check>, Failure> {
    let mut tx = frame.pool.begin().await?;
    feed::append(&mut tx, &frame, None, &fact("emitted")).await?;
    tx.commit().await?;
    Ok(Vec::new())
}

pub async fn follow(suite: &Suite, database: &TestDatabase, scribe: &Scribe) -> Running {
    let scribe = scribe.clone();
    let build = move |app: App| app.follow(Producer::NAME, scribe.clone());
    suite.start::<Consumer>(database, build).await
}
