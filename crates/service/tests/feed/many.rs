//! Many events: how fast they get positions and are followed, in how much memory.

use super::{
    pair::{Pair, fact},
    slow::{MEMORY, resident},
};
use crate::harness::count;
use service::feed::{self, NewEvent};
use sqlx::PgPool;
use std::time::{Duration, Instant};
use types::id::ClientId;

/// Events of one transaction.
const CHUNK: usize = 1_000;
/// Clients whom they concern.
const CLIENTS: usize = 1_000;
/// Between two looks at how far it is.
const PAUSE: Duration = Duration::from_millis(100);
/// What memory may grow by, however many events pass.
const BOUND: u64 = 64 * 1024 * 1024;

/// What passing so many events took.
struct Passed {
    /// Since the first one was emitted.
    emitted: Duration,
    sequenced: Duration,
    followed: Duration,
    /// Memory of the process, from time to time.
    memory: Vec<u64>,
}

/// Emits so many events while they are sequenced and followed.
async fn pass(pair: &Pair, events: usize) -> Passed {
    let clients: Vec<_> = (0..CLIENTS).map(|_| ClientId::generate()).collect();
    let (frame, begun) = (&pair.producer.frame, Instant::now());
    let mut memory = Vec::new();
    let mut look = || {
        // What the test itself keeps is not what is measured.
        pair.scribe.prepared.lock().expect("not poisoned").clear();
        memory.push(resident());
    };
    for chunk in 0..events / CHUNK {
        let event = |n: usize| {
            let text = (chunk * CHUNK + n).to_string();
            NewEvent::new(Some(clients[n % CLIENTS]), &fact(&text))
        };
        let made: Vec<_> = (0..CHUNK).map(event).collect();
        let mut tx = frame.begin().await.expect("begins");
        feed::append_all(&mut tx, frame, &made).await.expect("appends");
        tx.commit().await.expect("commits");
        frame.wake();
        look();
    }
    let emitted = begun.elapsed();
    let mut reach = async |pool: &PgPool, position: &'static str| {
        while count(pool, position).await < events as i64 {
            look();
            tokio::time::sleep(PAUSE).await;
        }
        begun.elapsed()
    };
    let sequenced = reach(&frame.pool, "select position from feed_state").await;
    let pool = &pair.consumer.frame.pool;
    let followed = reach(pool, "select position from feed_cursors").await;
    Passed { emitted, sequenced, followed, memory }
}

/// Passes so many events, prints the figures, and asserts that nothing is missing, twice, in
/// disorder, or kept in memory.
async fn assert_passed(events: usize) {
    let _alone = MEMORY.lock().await;
    let pair = Pair::new().await;
    let Passed { emitted, sequenced, followed, memory } = pass(&pair, events).await;
    let rate = |took: Duration| events as u128 * 1000 / took.as_millis().max(1);
    // Warm after the first tenth.
    let warm = memory[memory.len() / 10];
    let most = memory.iter().copied().max().unwrap_or_default();
    eprintln!(
        "{events} events: emitted {}/s, sequenced {}/s, followed {}/s; memory {} MiB warm, {} MiB \
         at most",
        rate(emitted),
        rate(sequenced),
        rate(followed),
        warm >> 20,
        most >> 20,
    );
    let (all, pool) = (events as i64, &pair.consumer.frame.pool);
    assert_eq!(count(pool, "select count(*) from told").await, all);
    pair.assert_told_once().await;
    let dense = "select count(*) from feed_positions where position between 1 and (
        select position from feed_state)";
    assert_eq!(count(&pair.producer.frame.pool, dense).await, all, "positions are dense");
    // A client's numbers are 1000 apart, and grow with the place at which they were told.
    let disorder = "select count(*) from (
        select text::bigint as n, lag(text::bigint) over (
            partition by text::bigint % 1000 order by place) as before from told) as pairs
        where before >= n";
    assert_eq!(count(pool, disorder).await, 0, "within each client in order");
    assert!(most < warm + BOUND, "memory grew from {} to {} MiB", warm >> 20, most >> 20);
    pair.stop().await;
}

/// Issue 3 §3, many events, as many as `make test` has time for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_events_pass() {
    assert_passed(5_000).await;
}

/// Issue 3 §3, 1,000,000 events: `cargo test --workspace --test main a_million -- --ignored
/// --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes many minutes"]
async fn a_million_events_pass() {
    assert_passed(1_000_000).await;
}
