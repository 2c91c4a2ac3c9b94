//! A follower that is slow costs bounded memory, and holds nobody else up.

use super::pair::{Pair, Scribe, fact, make_told};
use crate::harness::{Another, Producer, count, eventually, feed_status};
use proto::system::v1::{FollowRequest, feed_client::FeedClient};
use service::{
    App, Frame,
    feed::{self, NewEvent},
};

/// Bytes of one event's payload.
const LARGE: usize = 64 * 1024;
/// Events: 128 MiB of them.
const MANY: usize = 2048;
/// What the followers that do not read may cost, all of them together.
const BOUND: u64 = 64 * 1024 * 1024;

/// Held by tests that measure the memory of their process: they are not to measure each other.
pub static MEMORY: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Memory of this process, in bytes.
pub fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux tells");
    let pages = statm.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok()).expect("a number");
    pages * 4096
}

async fn emit_large(frame: &Frame) {
    let text = "x".repeat(LARGE);
    for n in 0..MANY / 64 {
        let events: Vec<_> =
            (0..64).map(|m| NewEvent::new(None, &fact(&format!("{n}.{m} {text}")))).collect();
        let mut tx = frame.begin().await.expect("begins");
        feed::append_all(&mut tx, frame, &events).await.expect("appends");
        tx.commit().await.expect("commits");
    }
    frame.wake();
}

/// Issue 3 §3, slow follower: one that is stuck and eight that do not read at all are sent no more
/// than they take; another one takes everything meanwhile; and the stuck one takes it too when it
/// goes on.
#[tokio::test]
async fn a_slow_follower_holds_nobody_up() {
    let _alone = MEMORY.lock().await;
    let (scribe, gate) = Scribe::gated();
    let pair = Pair::with(scribe).await;
    let database = pair.suite.database::<Another>().await;
    make_told(&database).await;
    emit_large(&pair.producer.frame).await;
    eventually("all have a position", || async {
        feed_status(pair.channel::<Producer>()).await.position == MANY as i64
    })
    .await;

    let before = resident();
    let mut streams = Vec::new();
    for _ in 0..8 {
        let mut feed = FeedClient::new(pair.suite.peers("gateway").channel("invoicing"));
        streams.push(feed.follow(FollowRequest::default()).await.expect("streams"));
    }
    let quick = |app: App| app.follow("invoicing", Scribe::default());
    let another = pair.suite.start::<Another>(&database, quick).await;
    let pool = database.pool().await;
    let taken = || count(&pool, "select count(*) from told");
    eventually("the quick one takes everything", || async { taken().await == MANY as i64 }).await;
    let grown = resident().saturating_sub(before);
    assert!(grown < BOUND, "{} MiB wait in memory", grown >> 20);
    assert_eq!(pair.told().await.len(), 0, "the stuck one has taken nothing");

    gate.add_permits(MANY * 2);
    eventually("the stuck one goes on", || async {
        count(&pair.consumer.frame.pool, "select count(*) from told").await == MANY as i64
    })
    .await;
    pair.assert_told_once().await;
    drop(streams);
    another.stop().await.expect("stops");
    pair.stop().await;
}

/// design.md §3: an event that no message could carry is refused where it is made, instead of
/// stopping all who follow.
#[tokio::test]
async fn an_event_too_large_to_follow_is_refused() {
    let pair = Pair::new().await;
    let frame = &pair.producer.frame;
    let mut tx = frame.begin().await.expect("begins");
    let fits = "x".repeat(3 * 1024 * 1024 - 64);
    feed::append(&mut tx, frame, None, &fact(&fits)).await.expect("the largest one");
    let larger = "x".repeat(3 * 1024 * 1024);
    feed::append(&mut tx, frame, None, &fact(&larger)).await.expect_err("it is too large");
    tx.commit().await.expect("commits");
    pair.drained().await;
    eventually("the largest one is told", || async { pair.told().await == [fits.clone()] }).await;
    pair.stop().await;
}
