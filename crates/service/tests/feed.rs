//! Feeds between two services: order, density, resumption, parking.

mod late;
mod many;
mod model;
pub mod pair;
mod parked;
mod replicas;
mod restore;
mod slow;

use crate::harness::{Consumer, Producer, count, eventually, feed_status, owner};
use pair::{Pair, Scribe, emit, fact, follow};
use proto::system::v1::{
    FollowRequest, GetFeedStatusRequest, LocateEventsRequest, RunAuditRequest,
    audit_client::AuditClient, feed_client::FeedClient,
};
use service::feed::{self, NewEvent};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, atomic::Ordering},
};
use tonic::{Code, Request, metadata::AsciiMetadataValue};
use tonic_types::StatusExt;
use types::id::ClientId;

/// design.md §3: positions are dense, and follow the order in which a client's events were made
/// under its lock, however many write at once.
#[tokio::test]
async fn positions_are_dense_and_causal_within_a_client() {
    let pair = Pair::new().await;
    let frame = &pair.producer.frame;
    let clients: Vec<_> = (0..4).map(|_| ClientId::generate()).collect();
    sqlx::query("create table locks (id uuid primary key)")
        .execute(&mut owner(&pair.databases[0]).await)
        .await
        .expect("makes a table");
    for client in &clients {
        let insert = sqlx::query("insert into locks values ($1)").bind(client.0);
        insert.execute(&frame.pool).await.expect("inserts");
    }
    let made: Arc<Mutex<Vec<(ClientId, String)>>> = Arc::default();
    let writers = (0..8).map(|writer| {
        let (frame, clients, made) = (frame.clone(), clients.clone(), Arc::clone(&made));
        tokio::spawn(async move {
            for round in 0..25 {
                let client = clients[(writer + round) % clients.len()];
                let text = format!("{writer}.{round}");
                let mut tx = frame.begin().await.expect("begins");
                sqlx::query("select 1 from locks where id = $1 for update")
                    .bind(client.0)
                    .execute(&mut *tx)
                    .await
                    .expect("locks");
                made.lock().expect("not poisoned").push((client, text.clone()));
                feed::append(&mut tx, &frame, Some(client), &fact(&text)).await.expect("appends");
                // One in five is never said.
                if round % 5 == 4 {
                    tx.rollback().await.expect("rolls back");
                    made.lock().expect("not poisoned").retain(|(_, made)| *made != text);
                } else {
                    tx.commit().await.expect("commits");
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("writes");
    }
    pair.drained().await;
    let pool = &frame.pool;
    assert_eq!(count(pool, "select count(*) from feed_positions").await, 160);
    assert_eq!(count(pool, "select max(position) from feed_positions").await, 160);
    assert_eq!(count(pool, "select min(position) from feed_positions").await, 1);
    assert_eq!(count(pool, "select count(*) from feed_pending").await, 0);

    let told = pair.told().await;
    let made = made.lock().expect("not poisoned").clone();
    for client in clients {
        let of_client: Vec<_> =
            made.iter().filter(|(c, _)| *c == client).map(|(_, text)| text.clone()).collect();
        let texts: BTreeSet<_> = of_client.iter().cloned().collect();
        let heard: Vec<_> = told.iter().filter(|text| texts.contains(*text)).cloned().collect();
        assert_eq!(heard, of_client);
    }
    pair.stop().await;
}

/// design.md §3: a follower goes on where it stood, whatever happened to either side.
#[tokio::test]
async fn a_follower_resumes() {
    let mut pair = Pair::new().await;
    emit(&pair.producer.frame, None, "one").await;
    pair.drained().await;
    pair.consumer.kill();
    emit(&pair.producer.frame, None, "two").await;
    pair.consumer = follow(&pair.suite, &pair.databases[1], &pair.scribe).await;
    pair.drained().await;
    pair.producer.stop().await.expect("stops");
    pair.producer = pair.suite.start::<Producer>(&pair.databases[0], |app| app).await;
    emit(&pair.producer.frame, None, "three").await;
    pair.drained().await;
    assert_eq!(pair.told().await, ["one", "two", "three"]);
    pair.stop().await;
}

/// design.md §3: errors of our own database are retried, never parked, and nothing overtakes.
#[tokio::test]
async fn an_outage_is_waited_for() {
    let pair = Pair::new().await;
    pair.scribe.broken.store(true, Ordering::SeqCst);
    for text in ["1", "busy 2", "3"] {
        emit(&pair.producer.frame, None, text).await;
    }
    let tries = || {
        let prepared = pair.scribe.prepared.lock().expect("not poisoned").clone();
        prepared.iter().filter(|text| *text == "busy 2").count()
    };
    eventually("it is tried again", || async { tries() >= 3 }).await;
    assert_eq!(pair.told().await, ["1"]);
    assert_eq!(pair.parked().await, []);
    pair.scribe.broken.store(false, Ordering::SeqCst);
    pair.drained().await;
    assert_eq!(pair.told().await, ["1", "busy 2", "3"]);
    pair.stop().await;
}

/// design.md §3: unknown kinds are passed; a cursor of another feed is refused, never a gap.
#[tokio::test]
async fn unknown_kinds_pass_and_unknown_cursors_do_not() {
    let pair = Pair::new().await;
    let frame = &pair.producer.frame;
    let mut tx = frame.begin().await.expect("begins");
    let other = LocateEventsRequest { events: vec!["unknown".into()] };
    let events = [NewEvent::new(None, &other), NewEvent::new(None, &fact("known"))];
    feed::append_all(&mut tx, frame, &events).await.expect("appends");
    tx.commit().await.expect("commits");
    pair.drained().await;
    assert_eq!(pair.told().await, ["known"]);

    let status = feed_status(pair.channel::<Producer>()).await;
    let mut feed = FeedClient::new(pair.channel::<Producer>());
    let cursor = |feed: &str, position, event: &NewEvent| FollowRequest {
        feed: feed.into(),
        position,
        event: event.id().0.to_string(),
    };
    feed.follow(cursor(&status.feed, 2, &events[1])).await.expect("its own cursor");
    let another = uuid::Uuid::now_v7().to_string();
    for unknown in [
        cursor(&another, 2, &events[1]),
        cursor(&status.feed, 1, &events[1]),
        cursor(&status.feed, 3, &events[1]),
    ] {
        let refused = feed.follow(unknown).await.expect_err("refused");
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert!(refused.message().contains("raschet repair feeds"), "{}", refused.message());
    }
    pair.stop().await;
}

/// design.md §3: a read that sends back the events of a write is answered once they are followed,
/// or refused after two seconds.
#[tokio::test]
async fn a_read_sees_what_its_caller_wrote() {
    let (scribe, gate) = Scribe::gated();
    let pair = Pair::with(scribe).await;
    let mut audit = AuditClient::new(pair.channel::<Producer>());
    let reply = audit.run_audit(RunAuditRequest {}).await.expect("emits");
    let events = reply.metadata().get("raschet-events").expect("names its event").clone();
    assert!(events.to_str().expect("ascii").starts_with("invoicing="), "{events:?}");

    let read = |events: Option<&AsciiMetadataValue>| {
        let mut feed = FeedClient::new(pair.channel::<Consumer>());
        let mut request = Request::new(GetFeedStatusRequest {});
        if let Some(events) = events {
            request.metadata_mut().insert("raschet-events", events.clone());
        }
        async move { feed.get_feed_status(request).await.map(|status| status.into_inner()) }
    };
    let hasty = read(None).await.expect("answered at once");
    assert_eq!(hasty.cursors[0].position, 0);
    let refused = read(Some(&events)).await.expect_err("the follower is stuck");
    assert_eq!(refused.code(), Code::Unavailable);
    assert!(refused.get_details_retry_info().is_some());

    gate.add_permits(1);
    let patient = read(Some(&events)).await.expect("answered when it is there");
    assert_eq!(patient.cursors[0].position, 1);
    assert_eq!(pair.told().await, ["emitted"]);
    pair.stop().await;
}
