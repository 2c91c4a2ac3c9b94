//! Several replicas of a service: one sequences, one follows at a time, and another takes over.

use super::pair::{Pair, emit, follow};
use crate::harness::{Consumer, Producer, eventually};
use std::sync::atomic::Ordering;

/// Issue 3 §3, two replicas: both want to follow and one does; it is killed in the middle of a
/// batch, and the other one goes on where the last commit was.
#[tokio::test]
async fn one_replica_follows_and_another_takes_over() {
    let pair = Pair::new().await;
    pair.suite.free::<Consumer>();
    let second = follow(&pair.suite, &pair.databases[1], &pair.scribe).await;
    let texts: Vec<_> = (0..200).map(|n| n.to_string()).collect();
    for text in &texts[..100] {
        emit(&pair.producer.frame, None, text).await;
    }
    let Pair { suite, databases, producer, consumer, scribe } = pair;
    consumer.kill();
    let pair = Pair { suite, databases, producer, consumer: second, scribe };
    for text in &texts[100..] {
        emit(&pair.producer.frame, None, text).await;
    }
    eventually("all are told", || async { pair.told().await.len() >= texts.len() }).await;
    pair.drained().await;
    assert_eq!(pair.told().await, texts, "each once, in order");
    pair.assert_told_once().await;
    assert_eq!(pair.scribe.most.load(Ordering::SeqCst), 1, "two replicas followed at once");
    pair.stop().await;
}

/// Issue 3 §3, two replicas: both commit events and one gives positions; when it is killed, the
/// other one goes on without a gap.
#[tokio::test]
async fn one_replica_sequences_and_another_takes_over() {
    let pair = Pair::new().await;
    pair.suite.free::<Producer>();
    let second = pair.suite.start::<Producer>(&pair.databases[0], |app| app).await;
    let texts: Vec<_> = (0..60).map(|n| n.to_string()).collect();
    for (n, text) in texts[..40].iter().enumerate() {
        let replica = if n % 2 == 0 { &pair.producer } else { &second };
        emit(&replica.frame, None, text).await;
    }
    let Pair { suite, databases, producer, consumer, scribe } = pair;
    producer.kill();
    let pair = Pair { suite, databases, producer: second, consumer, scribe };
    for text in &texts[40..] {
        emit(&pair.producer.frame, None, text).await;
    }
    eventually("all are told", || async { pair.told().await.len() >= texts.len() }).await;
    pair.drained().await;
    assert_eq!(pair.told().await, texts, "each once, in order");
    pair.assert_told_once().await;
    pair.stop().await;
}
