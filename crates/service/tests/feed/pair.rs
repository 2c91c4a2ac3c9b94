//! A producer and a consumer that writes down what it is told.

use crate::harness::{Consumer, Producer, Settings, Suite, count, eventually, feed_status, owner};
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
    atomic::{AtomicBool, AtomicUsize, Ordering},
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
    let mut tx = frame.begin().await.expect("begins");
    feed::append(&mut tx, frame, client, &fact(text)).await.expect("appends");
    tx.commit().await.expect("commits");
    frame.wake();
}

/// Where a [`Scribe`] writes; `times` counts how often an event took effect.
pub const TOLD: &str = "create table told (
    id uuid primary key, text text not null, place bigserial, times integer not null default 1)";

/// Keeps what it is told in the table `told`; while it is broken, it fails on texts that begin with
/// "bad" and puts off those that begin with "busy".
#[derive(Clone, Default)]
pub struct Scribe {
    pub broken: Arc<AtomicBool>,
    /// "busy" ones are put off, and "bad" ones taken.
    pub away: Arc<AtomicBool>,
    pub prepared: Arc<Mutex<Vec<String>>>,
    /// Events being applied now, and the most at any time.
    applying: Arc<AtomicUsize>,
    pub most: Arc<AtomicUsize>,
    /// Lets "wait" go on.
    pub gate: Option<Arc<Semaphore>>,
}

impl Handler for Scribe {
    type Prepared = String;
    const KINDS: &'static [&'static str] = &["raschet.system.v1.Cursor"];

    async fn prepare(&self, event: &Event) -> Result<String, HandlerError> {
        let text = event.decode::<Cursor>()?.producer;
        let short = text.chars().take(40).collect();
        self.prepared.lock().expect("not poisoned").push(short);
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
        let _one_at_a_time = Counted::one_more(&self.applying, &self.most);
        sqlx::query(
            "insert into told (id, text) values ($1, $2)
             on conflict (id) do update set times = told.times + 1",
        )
        .bind(event.id.0)
        .bind(&text)
        .execute(conn)
        .await?;
        self.judge(&text)
    }

    async fn apply_batch(
        &self,
        conn: &mut PgConnection,
        batch: &[(&Event, &String)],
    ) -> Result<bool, HandlerError> {
        let _one_at_a_time = Counted::one_more(&self.applying, &self.most);
        let (ids, texts): (Vec<_>, Vec<_>) =
            batch.iter().map(|(event, text)| (event.id.0, (*text).clone())).unzip();
        sqlx::query(
            "insert into told (id, text) select id, text
             from unnest($1::uuid[], $2::text[]) with ordinality as given (id, text, place)
             order by place on conflict (id) do update set times = told.times + 1",
        )
        .bind(ids)
        .bind(&texts)
        .execute(conn)
        .await?;
        texts.iter().try_for_each(|text| self.judge(text)).map(|()| true)
    }
}

/// One more, for as long as it lives.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn one_more(now: &'a AtomicUsize, most: &AtomicUsize) -> Self {
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        Self(now)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Scribe {
    fn judge(&self, text: &str) -> Result<(), HandlerError> {
        let broken = self.broken.load(Ordering::SeqCst);
        match text {
            text if text.starts_with("busy") && (broken || self.away.load(Ordering::SeqCst)) => {
                Err(HandlerError::Retry("the database is away".into()))
            }
            "bad panic" if broken => panic!("expected by the test"),
            text if broken && text.starts_with("bad") => {
                Err(HandlerError::Park(format!("cannot take {text}")))
            }
            _ => Ok(()),
        }
    }

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
        make_told(&databases[1]).await;
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

    /// Asserts that nothing took effect twice.
    pub async fn assert_told_once(&self) {
        let twice = "select count(*) from told where times > 1";
        assert_eq!(count(&self.consumer.frame.pool, twice).await, 0, "an effect came twice");
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

/// Makes the table that a [`Scribe`] writes to.
pub async fn make_told(database: &TestDatabase) {
    let mut owner = owner(database).await;
    sqlx::query(TOLD).execute(&mut owner).await.expect("makes a table");
}

/// An audit is a call like any other: this one emits an event.
pub async fn emitting(frame: Frame) -> Result<Vec<Check>, Failure> {
    let mut tx = frame.begin().await?;
    feed::append(&mut tx, &frame, None, &fact("emitted")).await?;
    tx.commit().await?;
    Ok(Vec::new())
}

pub async fn follow(suite: &Suite, database: &TestDatabase, scribe: &Scribe) -> Running {
    let scribe = scribe.clone();
    let build = move |app: App| app.follow(Producer::NAME, scribe.clone());
    suite.start::<Consumer>(database, build).await
}
