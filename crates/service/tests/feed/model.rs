//! The feed against a model of it: random interleavings of transactions, deaths and staff's acts.
//!
//! Two services run for real; the model is a few lists. Transactions of several clients overlap
//! and end in any order; sequencing and following go on beside; either side is killed at any
//! moment, also in the middle of a retry. Whenever things come to rest, what was told and what
//! waits is what the model says. `PROPTEST_CASES=500` plays more lives.

use super::{
    pair::{Pair, fact, follow},
    parked::{discard, reset, retry},
};
use crate::harness::{Producer, count, eventually, start};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use prost::Message;
use proto::system::v1::Cursor;
use service::{Frame, feed};
use sqlx::{Postgres, Transaction};
use std::{cell::RefCell, collections::BTreeMap, sync::atomic::Ordering};
use tonic::Code;
use types::{
    Clock,
    id::{ClientId, EventId},
};

/// Clients of one life.
const CLIENTS: usize = 3;

/// What happens next; numbers choose among what there is.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Opens a client's transaction if it has none, and appends an event; `true`: a bad one.
    Append(usize, bool),
    Commit(usize),
    Rollback(usize),
    KillConsumer,
    KillProducer,
    /// The handler takes bad events from now on, or does not any more.
    Mend(bool),
    /// Staff's acts on one of the client's events that wait.
    Retry(usize, usize),
    RetryAndDie(usize),
    Discard(usize, usize),
    Reset,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let client = 0..CLIENTS;
    let act = prop_oneof![
        12 => (client.clone(), prop::bool::weighted(0.25)).prop_map(|(c, bad)| Act::Append(c, bad)),
        8 => client.clone().prop_map(Act::Commit),
        2 => client.clone().prop_map(Act::Rollback),
        1 => Just(Act::KillConsumer),
        1 => Just(Act::KillProducer),
        2 => any::<bool>().prop_map(Act::Mend),
        3 => (client.clone(), 0..4_usize).prop_map(|(c, n)| Act::Retry(c, n)),
        1 => client.clone().prop_map(Act::RetryAndDie),
        2 => (client, 0..4_usize).prop_map(|(c, n)| Act::Discard(c, n)),
        1 => Just(Act::Reset),
    ];
    prop::collection::vec(act, 10..40)
}

/// An event's id and text.
type Event = (EventId, String);

/// A transaction that is open, and what it has appended.
type Open = (Transaction<'static, Postgres>, Vec<Event>);

/// One client as the model knows it.
#[derive(Debug, Clone, Default)]
struct Modelled {
    /// Committed, ever.
    ids: Vec<uuid::Uuid>,
    /// Those not given up, in order.
    events: Vec<Event>,
    /// What took effect, in order.
    told: Vec<String>,
    /// Parked, and held back behind it.
    waiting: Vec<Event>,
}

/// What a client was told, and what waits, in order.
type Real = (Vec<String>, Vec<Event>);

impl Modelled {
    fn is(&self, (told, waiting): &Real) -> bool {
        self.told == *told && self.waiting == *waiting
    }

    fn deliver(&mut self, event: Event, broken: bool) {
        if !self.waiting.is_empty() || fails(&event.1, broken) {
            self.waiting.push(event);
        } else if !self.told.contains(&event.1) {
            self.told.push(event.1);
        }
    }

    fn release(&mut self, broken: bool) {
        for event in std::mem::take(&mut self.waiting) {
            self.deliver(event, broken);
        }
    }

    fn discard(&mut self, at: usize, broken: bool) {
        let (id, _) = self.waiting.remove(at);
        self.events.retain(|(event, _)| *event != id);
        if at == 0 {
            self.release(broken);
        }
    }

    fn read_again(&mut self, broken: bool) {
        self.waiting.clear();
        for event in self.events.clone() {
            self.deliver(event, broken);
        }
    }
}

fn fails(text: &str, broken: bool) -> bool {
    broken && text.starts_with("bad")
}

/// A life: the model, and what is open in the real thing.
struct Life {
    clients: Vec<ClientId>,
    model: Vec<Modelled>,
    broken: bool,
    open: BTreeMap<usize, Open>,
    frame: Frame,
    events: usize,
}

impl Life {
    async fn new(pair: &Pair) -> Self {
        let clients = (0..CLIENTS).map(|_| ClientId::generate()).collect();
        // A pool of its own: it outlives the producer.
        let pool = pair.databases[0].pool().await;
        let peers = pair.suite.peers("invoicing");
        let frame = Frame::new("invoicing", pool, Clock::manual(start()), peers);
        pair.scribe.broken.store(true, Ordering::SeqCst);
        let model = vec![Modelled::default(); CLIENTS];
        Self { clients, model, broken: true, open: BTreeMap::new(), frame, events: 0 }
    }

    async fn play(&mut self, mut pair: Pair, act: Act) -> Pair {
        match act {
            Act::Append(client, bad) => self.append(client, bad).await,
            Act::Commit(client) => self.commit(client).await,
            Act::Rollback(client) => {
                if let Some((tx, _)) = self.open.remove(&client) {
                    tx.rollback().await.expect("rolls back");
                }
            }
            Act::KillConsumer => return restart_consumer(pair).await,
            Act::KillProducer => {
                pair.producer.kill();
                pair.producer = pair.suite.start::<Producer>(&pair.databases[0], |app| app).await;
            }
            Act::Mend(mended) => {
                self.rest(&pair).await;
                self.broken = !mended;
                pair.scribe.broken.store(self.broken, Ordering::SeqCst);
            }
            Act::Retry(client, at) => self.retry(&pair, client, at).await,
            Act::RetryAndDie(client) => return self.retry_and_die(pair, client).await,
            Act::Discard(client, at) => self.discard(&pair, client, at).await,
            Act::Reset => {
                self.rest(&pair).await;
                pair.feed().reset_cursors(reset("")).await.expect("resets");
                let broken = self.broken;
                self.model.iter_mut().for_each(|client| client.read_again(broken));
            }
        }
        pair
    }

    async fn commit(&mut self, client: usize) {
        let Some((tx, events)) = self.open.remove(&client) else { return };
        tx.commit().await.expect("commits");
        for event in events {
            self.model[client].ids.push(event.0.0);
            self.model[client].events.push(event.clone());
            self.model[client].deliver(event, self.broken);
        }
    }

    async fn append(&mut self, client: usize, bad: bool) {
        if !self.open.contains_key(&client) {
            let tx = self.frame.begin().await.expect("begins");
            self.open.insert(client, (tx, Vec::new()));
        }
        let Some((tx, events)) = self.open.get_mut(&client) else { return };
        self.events += 1;
        let text = format!("{}{client}.{}", if bad { "bad " } else { "" }, self.events);
        let id = feed::append(tx, &self.frame, Some(self.clients[client]), &fact(&text)).await;
        events.push((id.expect("appends"), text));
    }

    async fn retry(&mut self, pair: &Pair, client: usize, at: usize) {
        self.rest(pair).await;
        let Some((id, _)) = self.model[client].waiting.get(at) else { return };
        let done = pair.queue().retry_parked(retry(&id.to_string())).await;
        if at > 0 {
            let refused = done.expect_err("it waits behind another one");
            assert_eq!(refused.code(), Code::FailedPrecondition);
        } else {
            done.expect("tries");
            self.model[client].release(self.broken);
        }
    }

    async fn retry_and_die(&mut self, pair: Pair, client: usize) -> Pair {
        self.rest(&pair).await;
        let Some((id, _)) = self.model[client].waiting.first() else { return pair };
        let (request, mut queue) = (retry(&id.to_string()), pair.queue());
        let call = tokio::spawn(async move { queue.retry_parked(request).await });
        tokio::task::yield_now().await;
        let pair = restart_consumer(pair).await;
        let _ = call.await.expect("ends"); // whether it was done nobody can tell
        let mut tried = self.model[client].clone();
        tried.release(self.broken);
        self.rest_as(&pair, client, tried).await;
        pair
    }

    async fn discard(&mut self, pair: &Pair, client: usize, at: usize) {
        self.rest(pair).await;
        let Some((id, _)) = self.model[client].waiting.get(at) else { return };
        let discard = discard(&id.to_string(), "the test says so");
        pair.queue().discard_parked(discard).await.expect("discards");
        self.model[client].discard(at, self.broken);
    }

    /// Waits until everything is followed, and asserts what the model says.
    async fn rest(&self, pair: &Pair) {
        pair.drained().await;
        for (client, expected) in self.model.iter().enumerate() {
            eventually(&format!("client {client} is {expected:?}"), || async {
                expected.is(&self.real(pair, client).await)
            })
            .await;
        }
    }

    /// As [`rest`](Self::rest), when a client may be as it was or as it was to become.
    async fn rest_as(&mut self, pair: &Pair, client: usize, other: Modelled) {
        pair.drained().await;
        eventually(&format!("{:?} or {other:?}", self.model[client]), || async {
            let real = self.real(pair, client).await;
            [&self.model[client], &other].iter().any(|model| model.is(&real))
        })
        .await;
        if other.is(&self.real(pair, client).await) {
            self.model[client] = other;
        }
        self.rest(pair).await;
    }

    /// What a client was told, and what waits, in order.
    async fn real(&self, pair: &Pair, client: usize) -> Real {
        let pool = &pair.consumer.frame.pool;
        let told = sqlx::query_scalar("select text from told where id = any($1) order by place")
            .bind(&self.model[client].ids)
            .fetch_all(pool)
            .await
            .expect("reads");
        let waiting: Vec<(uuid::Uuid, Vec<u8>)> = sqlx::query_as(
            "select event_id, payload from parked_events
             where client_id = $1 and state <> 'DISCARDED' order by position",
        )
        .bind(self.clients[client].0)
        .fetch_all(pool)
        .await
        .expect("reads");
        let text = |payload: &[u8]| Cursor::decode(payload).expect("a fact").producer;
        (told, waiting.iter().map(|(id, payload)| ((*id).into(), text(payload))).collect())
    }
}

async fn restart_consumer(mut pair: Pair) -> Pair {
    pair.consumer.kill();
    pair.consumer = follow(&pair.suite, &pair.databases[1], &pair.scribe).await;
    pair
}

/// Issue 3 §3, model-based property test: whatever happens in whatever order, each committed event
/// takes effect once and in its client's order, or waits behind the one that is parked, or was
/// given up; positions stay dense.
#[test]
fn the_feed_is_what_its_model_says() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // The services go on from life to life; one that fails takes them with it.
    let services = RefCell::new(None);
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    let config = Config {
        cases,
        failure_persistence: None,
        // A life that fails waits for half a minute: a few steps have to do.
        max_shrink_iters: 20,
        ..Config::default()
    };
    let lived = TestRunner::new(config).run(&acts(), |acts| {
        let running = services.borrow_mut().take();
        let running = runtime.block_on(async {
            let mut pair = match running {
                Some(pair) => pair,
                None => Pair::new().await,
            };
            let mut life = Life::new(&pair).await;
            for act in acts {
                pair = life.play(pair, act).await;
            }
            life.rest(&pair).await;
            pair
        });
        *services.borrow_mut() = Some(running);
        Ok(())
    });
    lived.unwrap_or_else(|failure| panic!("{failure}"));
    let pair = services.into_inner().expect("at least one life");
    runtime.block_on(async {
        let pool = &pair.producer.frame.pool;
        let newest = count(pool, "select position from feed_state").await;
        assert_eq!(count(pool, "select count(*) from feed_positions").await, newest, "dense");
        pair.stop().await;
    });
}
