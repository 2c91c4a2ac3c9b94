//! Request ids, pages, blobs and grants: what a single call relies on.

use crate::harness::{bare, count, owner};
use proto::system::v1::{Cursor, FeedStatus};
use service::{
    Failure, Frame,
    blobs::{self, BlobId},
    error::Kind,
    feed,
    idempotency::{self, Key},
};
use tonic::Code;

const ID: &str = "0190b5a4-3c5e-7000-8000-000000000001";

fn body(producer: &str) -> Cursor {
    Cursor { producer: producer.into(), ..Cursor::default() }
}

fn key(actor: &str, method: &str, producer: &str) -> Key {
    Key::new(actor, method, ID, &body(producer)).expect("a key")
}

/// Acts once under a key: a new reply for each time that it really acts.
async fn act(frame: &Frame, key: Key) -> Result<FeedStatus, Failure> {
    let mut tx = frame.begin().await?;
    if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
        return Ok(saved);
    }
    let reply = FeedStatus { feed: uuid::Uuid::now_v7().to_string(), ..FeedStatus::default() };
    let reply = idempotency::finish(&mut tx, key, reply).await?;
    tx.commit().await?;
    Ok(reply)
}

/// design.md §2 "Once": same id and body, same answer; another body, an error.
#[tokio::test]
async fn a_request_is_done_once() {
    let (_suite, _database, frame) = bare().await;
    let first = act(&frame, key("staff/1", "Issue", "a")).await.expect("acts");
    let again = act(&frame, key("staff/1", "Issue", "a")).await.expect("answers");
    assert_eq!(first, again);

    let reused = act(&frame, key("staff/1", "Issue", "b")).await.expect_err("refused");
    assert_eq!(reused.reason(), "REQUEST_ID_REUSED");
    assert_eq!(tonic::Status::from(reused).code(), Code::InvalidArgument);

    for (actor, method) in [("staff/2", "Issue"), ("staff/1", "Cancel")] {
        let other = act(&frame, key(actor, method, "a")).await.expect("acts");
        assert_ne!(first, other, "an id belongs to an actor and a method");
    }
    assert!(Key::new("staff/1", "Issue", "not a uuid", &body("a")).is_err());
}

/// design.md §2 "Once": failures are not stored.
#[tokio::test]
async fn a_failed_request_may_be_tried_again() {
    let (_suite, _database, frame) = bare().await;
    let mut tx = frame.begin().await.expect("begins");
    let key = key("staff/1", "Issue", "a");
    assert_eq!(idempotency::claim::<FeedStatus>(&mut tx, &key).await.expect("claims"), None);
    tx.rollback().await.expect("fails");
    act(&frame, key).await.expect("acts");
}

/// design.md §2 "Once": calls at the same time act once, and all get that answer.
#[tokio::test]
async fn concurrent_calls_act_once() {
    let (_suite, _database, frame) = bare().await;
    let calls = (0..8).map(|_| act(&frame, key("staff/1", "Issue", "a")));
    let replies = futures::future::try_join_all(calls).await.expect("all are answered");
    assert!(replies.iter().all(|reply| *reply == replies[0]));
    assert_eq!(count(&frame.pool, "select count(*) from request_ids").await, 1);
}

/// design.md §2 "Once": secrets are not stored, so the reply cannot be given twice.
#[tokio::test]
async fn a_reply_with_a_secret_is_not_kept() {
    let (_suite, _database, frame) = bare().await;
    let mut tx = frame.begin().await.expect("begins");
    let key = key("staff/1", "Login", "a");
    assert_eq!(idempotency::claim::<FeedStatus>(&mut tx, &key).await.expect("claims"), None);
    tx.commit().await.expect("commits");
    let again = act(&frame, key).await.expect_err("refused");
    assert_eq!(again.reason(), "REPLY_NOT_KEPT");
}

#[tokio::test]
async fn blobs_are_kept_by_their_hash() {
    let (_suite, _database, frame) = bare().await;
    let mut conn = frame.pool.acquire().await.expect("connects");
    for size in [0, 1, 256 * 1024, 256 * 1024 + 1, 700_000] {
        let bytes: Vec<u8> = (0..size).map(|i: u32| (i % 251) as u8).collect();
        let id = blobs::put(&mut conn, &bytes).await.expect("stores");
        assert_eq!(blobs::put(&mut conn, &bytes).await.expect("stores again"), id);
        let read = blobs::get(&frame.pool, id).await.expect("reads").expect("is there");
        assert_eq!(read, bytes);
        assert_eq!(id.to_string().parse::<BlobId>(), Ok(id));
    }
    let id = BlobId::of(b"never stored");
    assert_eq!(blobs::get(&frame.pool, id).await.expect("reads"), None);
    let id = blobs::put(&mut conn, b"a letter").await.expect("stores");
    blobs::erase(&mut conn, id).await.expect("erases");
    assert_eq!(blobs::get(&frame.pool, id).await.expect("reads"), None);
}

/// design.md §2 "Database": the app role cannot change what must not change.
#[tokio::test]
async fn grants_keep_events_as_they_are() {
    let (_suite, database, frame) = bare().await;
    for refused in [
        "update events set kind = 'x'",
        "delete from events",
        "truncate events",
        "update feed_positions set position = 2",
        "delete from feed_positions",
        "create table mine (id int)",
        "drop table jobs",
    ] {
        let error = sqlx::query(refused).execute(&frame.pool).await.expect_err(refused);
        let code = error.as_database_error().and_then(|e| e.code());
        assert_eq!(code.as_deref(), Some("42501"), "{refused}: {error}");
    }
    // As a service's own migration would say it.
    let mut owner = owner(&database).await;
    sqlx::raw_sql("create table transfers (id int); select insert_only('transfers')")
        .execute(&mut owner)
        .await
        .expect("the owner makes tables");
    sqlx::query("insert into transfers values (1)").execute(&frame.pool).await.expect("inserts");
    let error = sqlx::query("delete from transfers").execute(&frame.pool).await;
    assert!(error.is_err());
}

/// One table from errors to codes: what the database says becomes what a caller can use.
#[tokio::test]
async fn database_errors_become_failures() {
    let (_suite, _database, frame) = bare().await;
    let twice = "insert into schedules (name, last_day) values ('a', '2026-01-01')";
    sqlx::query(twice).execute(&frame.pool).await.expect("inserts");
    let failure = || async {
        Failure::from(sqlx::query(twice).execute(&frame.pool).await.expect_err("taken"))
    };
    assert_eq!(failure().await.kind(), &Kind::Internal, "a constraint that nobody named is a bug");
    let named = failure().await.on_constraint("schedules_pkey", || Failure::not_found("a"));
    assert_eq!(named.reason(), "NOT_FOUND");
    let other = failure().await.on_constraint("another", || Failure::not_found("a"));
    assert_eq!(other.reason(), "INTERNAL");

    let mut tx = frame.begin().await.expect("begins");
    sqlx::query("lock table schedules").execute(&mut *tx).await.expect("locks");
    let mut waiting = frame.pool.acquire().await.expect("connects");
    sqlx::query("set lock_timeout = '10ms'").execute(&mut *waiting).await.expect("sets");
    let error = sqlx::query("delete from schedules").execute(&mut *waiting).await;
    assert!(Failure::from(error.expect_err("times out")).is_transient());
    let missing = sqlx::query("select nothing").execute(&mut *tx).await;
    assert!(!Failure::from(missing.expect_err("a bug")).is_transient());
}

/// A failed call has no effect on the feed.
#[tokio::test]
async fn an_event_is_as_durable_as_its_cause() {
    let (_suite, _database, frame) = bare().await;
    let mut tx = frame.begin().await.expect("begins");
    let kept = feed::append(&mut tx, &frame, None, &body("kept")).await.expect("appends");
    tx.commit().await.expect("commits");
    let mut tx = frame.begin().await.expect("begins");
    feed::append(&mut tx, &frame, None, &body("lost")).await.expect("appends");
    tx.rollback().await.expect("rolls back");
    let ids: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from events").fetch_all(&frame.pool).await.expect("reads");
    assert_eq!(ids, [kept.0]);
}
