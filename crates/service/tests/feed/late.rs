//! Transactions that end in another order than they began, and deliveries that come twice.

use super::pair::{Pair, emit, fact, follow};
use crate::harness::{Producer, count, eventually};
use service::feed;
use sqlx::{Postgres, Transaction};
use types::id::ClientId;

/// A transaction that has appended an event and goes on.
async fn begun(pair: &Pair, text: &str) -> Transaction<'static, Postgres> {
    let frame = &pair.producer.frame;
    let mut tx = frame.begin().await.expect("begins");
    let client = Some(ClientId::generate());
    feed::append(&mut tx, frame, client, &fact(text)).await.expect("appends");
    tx
}

/// Issue 3 §3, late commits: who emits early and commits late gets a later position, whoever rolls
/// back none; nobody's is passed over, and no position is missing.
#[tokio::test]
async fn a_late_commit_gets_a_later_position() {
    let pair = Pair::new().await;
    let (slow, never) = (begun(&pair, "slow").await, begun(&pair, "never").await);
    let slower = begun(&pair, "slower").await;
    emit(&pair.producer.frame, None, "quick").await;
    pair.drained().await;
    assert_eq!(pair.told().await, ["quick"], "what is not committed is not told");

    slower.commit().await.expect("commits");
    // Nobody wakes the sequencer: another replica may have committed.
    eventually("the late one is told", || async { pair.told().await.len() == 2 }).await;
    never.rollback().await.expect("rolls back");
    slow.commit().await.expect("commits");
    emit(&pair.producer.frame, None, "last").await;
    eventually("all are told", || async { pair.told().await.len() == 4 }).await;
    pair.drained().await;
    let told = pair.told().await;
    assert_eq!(told[..2], ["quick", "slower"]);
    // These two may have met in one batch of the sequencer, which goes by insertion.
    assert_eq!(told[2..], ["slow", "last"]);
    let pool = &pair.producer.frame.pool;
    assert_eq!(count(pool, "select count(*) from feed_positions").await, 4);
    assert_eq!(count(pool, "select max(position) from feed_positions").await, 4);
    pair.stop().await;
}

/// Issue 3 §3, redelivery: whatever dies between an effect and its acknowledgement, on either side,
/// each event takes effect once, in order.
#[tokio::test]
async fn deaths_on_both_sides_repeat_nothing() {
    let mut pair = Pair::new().await;
    let texts: Vec<_> = (0..240).map(|n| n.to_string()).collect();
    for (round, part) in texts.chunks(40).enumerate() {
        for text in part {
            emit(&pair.producer.frame, None, text).await;
        }
        // In the middle of sequencing and following, as a rule.
        if round % 2 == 0 {
            pair.consumer.kill();
            pair.consumer = follow(&pair.suite, &pair.databases[1], &pair.scribe).await;
        } else {
            pair.producer.kill();
            pair.producer = pair.suite.start::<Producer>(&pair.databases[0], |app| app).await;
        }
    }
    eventually("all are told", || async { pair.told().await.len() >= texts.len() }).await;
    pair.drained().await;
    assert_eq!(pair.told().await, texts);
    pair.assert_told_once().await;
    pair.stop().await;
}
