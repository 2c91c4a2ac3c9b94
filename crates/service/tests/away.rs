//! PostgreSQL away (issue 3 §6): what callers and monitoring are told, that nothing is parked or
//! lost for it, and that everything goes on by itself.

mod migrations;

use crate::{
    feed::pair::{Pair, emit},
    harness::{Consumer, Producer, bare, count, eventually, owner},
};
use proto::system::v1::{GetFeedStatusRequest, feed_client::FeedClient};
use service::{Failure, Service, error::Kind};
use sqlx::AssertSqlSafe;
use testkit::TestDatabase;
use tonic::{Code, Request, Status};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_types::StatusExt;
use types::id::ClientId;

/// Whether `grpc.health.v1` says this of a process and of a service in it.
async fn is(pair: &Pair, service: &str, status: ServingStatus) -> bool {
    let channel = pair.suite.peers("gateway").transport(service);
    let mut health = HealthClient::new(channel);
    for name in ["", "raschet.system.v1.Feed"] {
        let request = HealthCheckRequest { service: name.into() };
        let said = health.check(request).await.expect("health is told").into_inner().status();
        if said != status {
            return false;
        }
    }
    true
}

async fn becomes(pair: &Pair, service: &str, status: ServingStatus) {
    eventually(&format!("{service} is {status:?}"), || is(pair, service, status)).await;
}

/// A call that needs the database.
async fn call(pair: &Pair, service: &str, language: &'static str) -> Result<(), Status> {
    let mut request = Request::new(GetFeedStatusRequest {});
    request.metadata_mut().insert("accept-language", language.parse().expect("a tag"));
    FeedClient::new(pair.suite.peers("gateway").channel(service))
        .get_feed_status(request)
        .await
        .map(|_| ())
}

/// Asserts that a caller is told, in both languages, to try again, and nothing of the cause.
fn assert_outage(status: &Status, reason: &str) {
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    let details = status.get_error_details();
    assert_eq!(details.error_info().expect("has a reason").reason, reason);
    let retry = details.retry_info().expect("says when to try again");
    assert!(retry.retry_delay.is_some_and(|delay| !delay.is_zero()));
    let text = &details.localized_message().expect("has a text").message;
    let lower = text.to_lowercase();
    assert!(lower.contains("повторите") || lower.contains("repeat"), "{text}");
    for secret in ["postgres", testkit::postgres::PASSWORD, "_app", "sock"] {
        assert!(!text.contains(secret), "{text}");
    }
}

/// Issue 3 §6: while a service's database is away it is NOT_SERVING and refuses calls with
/// UNAVAILABLE; then sequencer, LISTEN, followers and pool are back by themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_goes_and_comes_back() {
    let pair = Pair::new().await;
    becomes(&pair, Producer::NAME, ServingStatus::Serving).await;
    emit(&pair.producer.frame, None, "before").await;
    pair.drained().await;

    pair.databases[0].shut().await;
    becomes(&pair, Producer::NAME, ServingStatus::NotServing).await;
    for language in ["ru", "en"] {
        let refused = call(&pair, Producer::NAME, language).await.expect_err("it is away");
        assert_outage(&refused, "DATABASE_AWAY");
    }
    assert!(is(&pair, Consumer::NAME, ServingStatus::Serving).await);
    call(&pair, Consumer::NAME, "ru").await.expect("the others serve");

    pair.databases[0].open().await;
    becomes(&pair, Producer::NAME, ServingStatus::Serving).await;
    call(&pair, Producer::NAME, "ru").await.expect("it serves again");
    emit(&pair.producer.frame, None, "after").await;
    pair.drained().await;
    assert_eq!(pair.told().await, ["before", "after"]);
    pair.stop().await;
}

/// Issue 3 §6, design.md §3: a follower whose database is away, read-only or without connections
/// parks nothing, and takes everything in order afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_waits_for_its_database() {
    let pair = Pair::new().await;
    let client = Some(ClientId::generate());
    let database = &pair.databases[1];
    let mut expected = Vec::new();
    for trouble in ["away", "read-only", "full house"] {
        match trouble {
            "away" => database.shut().await,
            "read-only" => database.read_only(true).await,
            _ => database.limit_connections(0).await,
        }
        for part in ["first", "second"] {
            emit(&pair.producer.frame, client, &format!("{trouble} {part}")).await;
            expected.push(format!("{trouble} {part}"));
        }
        eventually("the events are tried", || async {
            let refused = call(&pair, Consumer::NAME, "ru").await;
            // A database that only takes no changes answers this call.
            refused.is_err() || trouble == "read-only"
        })
        .await;
        match trouble {
            "away" => database.open().await,
            "read-only" => database.read_only(false).await,
            _ => database.limit_connections(-1).await,
        }
        becomes(&pair, Consumer::NAME, ServingStatus::Serving).await;
        pair.drained().await;
        assert_eq!(pair.parked().await, [], "{trouble}");
        assert_eq!(pair.told().await, expected, "{trouble}");
    }
    pair.stop().await;
}

async fn told_refuses(database: &TestDatabase, code: Option<&str>) {
    let mut owner = owner(database).await;
    let sql = code.map_or_else(
        || "drop trigger refuse on told".to_owned(),
        |code| {
            format!(
                "create or replace function refuse() returns trigger language plpgsql as
                     $$ begin raise exception 'expected' using errcode = '{code}'; end $$;
                 create trigger refuse before insert on told
                     for each row execute function refuse();"
            )
        },
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner).await.expect("arranges");
}

/// Issue 3 §6: what a full disk or a failing one answers inside a handler is waited for too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_waits_for_a_disk() {
    let pair = Pair::new().await;
    let mut expected = Vec::new();
    for code in ["53100", "58030", "25006"] {
        told_refuses(&pair.databases[1], Some(code)).await;
        emit(&pair.producer.frame, None, code).await;
        expected.push(code);
        let tries = || {
            let prepared = pair.scribe.prepared.lock().expect("not poisoned").clone();
            prepared.iter().filter(|text| *text == code).count()
        };
        eventually("it is tried again", || async { tries() >= 2 }).await;
        assert_eq!(pair.parked().await, [], "{code}");
        told_refuses(&pair.databases[1], None).await;
        pair.drained().await;
        assert_eq!(pair.told().await, expected);
    }
    pair.stop().await;
}

/// Issue 3 §6: every outage is UNAVAILABLE with a reason of its own; a bug is not.
#[tokio::test]
async fn outages_are_told_apart() {
    let (_suite, _database, frame) = bare().await;
    for (code, reason) in [
        ("08006", "DATABASE_AWAY"),
        ("25006", "DATABASE_READ_ONLY"),
        ("25P03", "DATABASE_AWAY"),
        ("40P01", "CONTENDED"),
        ("53100", "DATABASE_FULL"),
        ("53200", "DATABASE_BUSY"),
        ("53300", "DATABASE_BUSY"),
        ("55P03", "CONTENDED"),
        ("57014", "CONTENDED"),
        ("57P01", "DATABASE_AWAY"),
        ("57P03", "DATABASE_AWAY"),
        ("58030", "DATABASE_AWAY"),
        ("XX001", "DATABASE_AWAY"),
        ("22012", "INTERNAL"),
        ("23505", "INTERNAL"),
        ("25P02", "INTERNAL"),
        ("XX000", "INTERNAL"),
    ] {
        let sql = format!("do $$ begin raise exception 'secret' using errcode = '{code}'; end $$");
        let error = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&frame.pool).await;
        let failure = Failure::from(error.expect_err("it is raised"));
        assert_eq!(failure.reason(), reason, "{code}");
        assert_eq!(failure.is_transient(), reason != "INTERNAL", "{code}");
        if *failure.kind() == Kind::Unavailable {
            let status = Status::from(failure);
            assert!(!status.message().contains("secret"));
            assert_outage(&status, reason);
        }
    }
}

/// Issue 3 §6: where connections run out, calls wait a little and are refused, never the service;
/// the pool stays within its bound.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_run_out() {
    let pair = Pair::new().await;
    pair.databases[0].limit_connections(4).await;
    let calls = (0..40).map(|_| call(&pair, Producer::NAME, "ru"));
    for answer in futures::future::join_all(calls).await {
        if let Err(status) = answer {
            // A connection that was just ended is DATABASE_AWAY.
            let reason = status.get_error_details().error_info().map(|info| info.reason.clone());
            assert_outage(&status, &reason.expect("has a reason"));
        }
    }
    assert!(is(&pair, Producer::NAME, ServingStatus::Serving).await, "busy is not away");
    pair.databases[0].limit_connections(-1).await;
    emit(&pair.producer.frame, None, "after").await;
    pair.drained().await;
    let calls = (0..40).map(|_| call(&pair, Producer::NAME, "ru"));
    for answer in futures::future::join_all(calls).await {
        answer.expect("it is answered");
    }
    let used = count(
        &pair.producer.frame.pool,
        "select count(*) from pg_stat_activity where usename = current_user
         and datname = current_database()",
    );
    // The pool, the sequencer and the one who asks whether the database is there.
    assert!(used.await <= 12 + 2);
    pair.stop().await;
}
