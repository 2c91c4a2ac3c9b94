//! Events whose handler failed: what waits behind them, and what staff do about it.

use super::pair::{Pair, emit};
use crate::harness::{Consumer, eventually, feed_status, request_id};
use proto::system::v1::{DiscardParkedRequest, ResetCursorsRequest, RetryParkedRequest};
use std::sync::atomic::Ordering;
use tonic::Code;
use tonic_types::StatusExt;
use types::id::ClientId;

/// Who decides in these tests.
const ACTOR: &str = "staff/7";

pub fn retry(name: &str) -> RetryParkedRequest {
    RetryParkedRequest {
        name: name.into(),
        service: "clients".into(),
        actor: ACTOR.into(),
        request_id: request_id(),
    }
}

pub fn discard(name: &str, reason: &str) -> DiscardParkedRequest {
    DiscardParkedRequest {
        name: name.into(),
        reason: reason.into(),
        service: "clients".into(),
        actor: ACTOR.into(),
        request_id: request_id(),
    }
}

pub fn reset(service: &str) -> ResetCursorsRequest {
    ResetCursorsRequest { service: service.into(), actor: ACTOR.into(), request_id: request_id() }
}

/// design.md §3: a failed event holds back later ones of its client and nobody else's; when it is
/// retried they follow in order.
#[tokio::test]
async fn a_failed_event_is_parked_and_retried() {
    let pair = Pair::new().await;
    let (unlucky, lucky) = (Some(ClientId::generate()), Some(ClientId::generate()));
    pair.scribe.broken.store(true, Ordering::SeqCst);
    for (client, text) in
        [(unlucky, "bad 1"), (lucky, "good 1"), (unlucky, "2"), (unlucky, "3"), (None, "bad panic")]
    {
        emit(&pair.producer.frame, client, text).await;
    }
    pair.drained().await;
    assert_eq!(pair.told().await, ["good 1"], "nothing of a failed handler stays");

    let parked = pair.parked().await;
    let errors: Vec<_> = parked.iter().map(|item| item.error.as_str()).collect();
    assert_eq!(
        errors,
        ["cannot take bad 1", "panicked: expected by the test", "HELD_BACK", "HELD_BACK"]
    );
    assert_eq!(parked[0].client, unlucky.expect("set").to_string());
    let status = feed_status(pair.channel::<Consumer>()).await;
    assert_eq!(status.cursors[0].parked, 4);

    let held = pair.queue().retry_parked(retry(&parked[2].name)).await.expect_err("it waits");
    assert_eq!(held.code(), Code::FailedPrecondition);
    let still = pair.queue().retry_parked(retry(&parked[0].name)).await.expect("tries");
    assert_eq!(still.into_inner().attempts, 2);
    assert_eq!(pair.parked().await.len(), 4, "it failed again");

    pair.scribe.broken.store(false, Ordering::SeqCst);
    pair.queue().retry_parked(retry(&parked[0].name)).await.expect("tries");
    assert_eq!(pair.told().await, ["good 1", "bad 1", "2", "3"]);
    let left = pair.parked().await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].name, parked[1].name);
    pair.stop().await;
}

/// design.md §3: staff discard an event with a reason; it stays discarded when the feed is read
/// again.
#[tokio::test]
async fn a_discarded_event_lets_the_others_go() {
    let pair = Pair::new().await;
    let client = Some(ClientId::generate());
    pair.scribe.broken.store(true, Ordering::SeqCst);
    emit(&pair.producer.frame, client, "bad 1").await;
    emit(&pair.producer.frame, client, "2").await;
    pair.drained().await;
    let name = pair.parked().await[0].name.clone();
    let refused = pair.queue().discard_parked(discard(&name, " ")).await.expect_err("say why");
    assert_eq!(refused.code(), Code::InvalidArgument);
    pair.queue().discard_parked(discard(&name, "known duplicate")).await.expect("discards");
    assert_eq!(pair.told().await, ["2"]);
    assert_eq!(pair.parked().await, []);
    let (by, why): (String, String) =
        sqlx::query_as("select discarded_by, discard_reason from parked_events")
            .fetch_one(&pair.consumer.frame.pool)
            .await
            .expect("is kept");
    assert_eq!((by.as_str(), why.as_str()), ("staff/7", "known duplicate"));

    assert_eq!(pair.feed().reset_cursors(reset("")).await.expect("resets").into_inner().cursors, 1);
    eventually("it is read again", || async {
        let prepared = pair.scribe.prepared.lock().expect("not poisoned").clone();
        prepared.iter().filter(|text| *text == "2").count() >= 2
    })
    .await;
    pair.drained().await;
    assert_eq!(pair.told().await, ["2"], "read again, changed nothing");
    pair.stop().await;
}

/// Issue 3 §3, poison: what waited behind an event that is dealt with goes on by itself, also when
/// it could not at once (its peer was away, or the process died).
#[tokio::test]
async fn what_is_left_behind_is_released() {
    let pair = Pair::new().await;
    let client = Some(ClientId::generate());
    pair.scribe.broken.store(true, Ordering::SeqCst);
    for text in ["bad 1", "busy 2", "3"] {
        emit(&pair.producer.frame, client, text).await;
    }
    pair.drained().await;
    let parked = pair.parked().await;
    assert_eq!(parked.len(), 3);
    pair.scribe.away.store(true, Ordering::SeqCst);
    pair.scribe.broken.store(false, Ordering::SeqCst);
    pair.queue().retry_parked(retry(&parked[0].name)).await.expect("the first one is handled");
    assert_eq!(pair.told().await, ["bad 1"]);
    let left: Vec<_> = pair.parked().await.into_iter().map(|item| item.error).collect();
    assert_eq!(left, ["HELD_BACK", "HELD_BACK"]);
    emit(&pair.producer.frame, client, "4").await;
    pair.scribe.away.store(false, Ordering::SeqCst);
    eventually("all go on", || async { pair.told().await.len() == 4 }).await;
    assert_eq!(pair.told().await, ["bad 1", "busy 2", "3", "4"]);
    assert_eq!(pair.parked().await, []);
    pair.stop().await;
}

fn reason(status: &tonic::Status) -> String {
    status.get_details_error_info().expect("says why").reason
}

/// design.md §2 "Once": what staff do about parked items is done once per request id, and its
/// answer is kept with the effect; the id with another body is refused.
#[tokio::test]
async fn a_repeated_act_is_answered_not_repeated() {
    let pair = Pair::new().await;
    let client = Some(ClientId::generate());
    pair.scribe.broken.store(true, Ordering::SeqCst);
    emit(&pair.producer.frame, client, "bad 1").await;
    emit(&pair.producer.frame, client, "bad 2").await;
    pair.drained().await;
    let [first, second] = pair.parked().await.try_into().expect("two wait");

    let again = retry(&first.name);
    let failed = pair.queue().retry_parked(again.clone()).await.expect("tries").into_inner();
    assert_eq!(failed.attempts, 2);
    pair.scribe.broken.store(false, Ordering::SeqCst);
    let repeated = pair.queue().retry_parked(again.clone()).await.expect("answers").into_inner();
    assert_eq!(repeated, failed, "not tried: it would succeed now");
    assert_eq!(pair.told().await, [""; 0]);
    let other = RetryParkedRequest { name: second.name.clone(), ..again };
    let refused = pair.queue().retry_parked(other).await.expect_err("another body");
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::InvalidArgument, "REQUEST_ID_REUSED")
    );

    pair.scribe.broken.store(true, Ordering::SeqCst);
    let give_up = discard(&first.name, "known duplicate");
    let gone = pair.queue().discard_parked(give_up.clone()).await.expect("discards").into_inner();
    assert_eq!(gone.name, first.name);
    let repeated = pair.queue().discard_parked(give_up.clone()).await.expect("answers");
    assert_eq!(repeated.into_inner(), gone);
    let other = DiscardParkedRequest { reason: "another".into(), ..give_up };
    let refused = pair.queue().discard_parked(other).await.expect_err("another body");
    assert_eq!(reason(&refused), "REQUEST_ID_REUSED");

    pair.scribe.broken.store(false, Ordering::SeqCst);
    let last = retry(&second.name);
    let done = pair.queue().retry_parked(last.clone()).await.expect("tries").into_inner();
    assert_eq!(pair.told().await, ["bad 2"]);
    let repeated = pair.queue().retry_parked(last).await.expect("answers although it is gone");
    assert_eq!(repeated.into_inner(), done);
    let refused = pair.queue().retry_parked(retry(&second.name)).await.expect_err("it is gone");
    assert_eq!(refused.code(), Code::NotFound);
    let nameless = RetryParkedRequest { request_id: String::new(), ..retry(&second.name) };
    let refused = pair.queue().retry_parked(nameless).await.expect_err("no id");
    assert_eq!(refused.code(), Code::InvalidArgument);
    pair.stop().await;
}

/// design.md §2 "Once": cursors are set back once per request id; a service that is not the chosen
/// one keeps the id and resets nothing.
#[tokio::test]
async fn cursors_are_set_back_once() {
    let pair = Pair::new().await;
    emit(&pair.producer.frame, None, "one").await;
    pair.drained().await;
    let times = || pair.scribe.prepared.lock().expect("not poisoned").len();
    let other = reset("payments");
    let cursors = pair.feed().reset_cursors(other.clone()).await.expect("keeps").into_inner();
    assert_eq!(cursors.cursors, 0);
    let refused = ResetCursorsRequest { service: String::new(), ..other };
    let refused = pair.feed().reset_cursors(refused).await.expect_err("another body");
    assert_eq!(reason(&refused), "REQUEST_ID_REUSED");
    assert_eq!(times(), 1);

    let all = reset("clients");
    assert_eq!(
        pair.feed().reset_cursors(all.clone()).await.expect("resets").into_inner().cursors,
        1
    );
    eventually("it is read again", || async { times() == 2 }).await;
    pair.drained().await;
    assert_eq!(pair.feed().reset_cursors(all).await.expect("answers").into_inner().cursors, 1);
    let status = feed_status(pair.channel::<Consumer>()).await;
    assert_eq!(status.cursors[0].position, 1, "it stands where it stood");
    assert_eq!(pair.told().await, ["one"]);
    pair.stop().await;
}
