//! What is stuck, and what staff do about it.

use e2e::{
    Suite, request_id,
    steps::{done, reason, refused},
};
use proto::{
    clients::v1::ClientChanged,
    gateway::v1::{
        DiscardParkedRequest, ListParkedRequest, RepairFeedsRequest, RetryParkedRequest,
        operations_client::OperationsClient,
    },
    system::v1::ParkedItem,
};
use service::feed::{self, NewEvent};
use tonic::Code;
use types::id::ClientId;

/// Emits events of clients-svc about one client: the first cannot be handled by anybody.
async fn emit(suite: &Suite, client: ClientId) {
    let frame = suite.harness().frame();
    let event = |name: &str| {
        NewEvent::new(Some(client), &ClientChanged { client: name.into(), revision: 1 })
    };
    let events = [event("no name of a client"), event(&client.to_string())];
    let mut tx = frame.begin().await.unwrap();
    feed::append_all(&mut tx, frame, &events).await.unwrap();
    tx.commit().await.unwrap();
    frame.wake();
}

/// What invoicing-svc has parked, the poison first.
async fn parked(suite: &Suite) -> Vec<ParkedItem> {
    let mut operations = OperationsClient::new(suite.operator.clone());
    let mut items = done(operations.list_parked(ListParkedRequest {}).await).items;
    items.retain(|item| item.service == "invoicing");
    items.sort_by_key(|item| item.error == "HELD_BACK");
    items
}

/// Issue 3 §3, poison, discard and retry by staff: through Operations, each act once per request
/// id, whichever service keeps it; feeds are repaired once, and what was given up stays given up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_retry_and_discard_what_is_stuck() {
    let suite = Suite::here("2026-01-31T09:00:00Z").await;
    let client = ClientId::generate();
    emit(&suite, client).await;
    suite.settle().await;
    let [poison, held] = parked(&suite).await.try_into().unwrap();
    assert_eq!(poison.client, client.to_string());
    assert_eq!(held.error, "HELD_BACK");

    let mut admin = OperationsClient::new(suite.admin.clone());
    let retry = RetryParkedRequest {
        service: "invoicing".into(),
        name: poison.name.clone(),
        request_id: request_id(),
    };
    let failed = done(admin.retry_parked(retry.clone()).await);
    assert_eq!(failed.attempts, 2);
    assert_eq!(done(admin.retry_parked(retry.clone()).await), failed, "answered, not repeated");
    let other = RetryParkedRequest { name: held.name.clone(), ..retry };
    let status = refused(admin.retry_parked(other).await, Code::InvalidArgument);
    assert_eq!(reason(&status), "REQUEST_ID_REUSED");

    let discard = DiscardParkedRequest {
        service: "invoicing".into(),
        name: poison.name.clone(),
        reason: "the client never was".into(),
        request_id: request_id(),
    };
    let gone = done(admin.discard_parked(discard.clone()).await);
    assert_eq!(done(admin.discard_parked(discard.clone()).await), gone);
    let other = DiscardParkedRequest { reason: "another".into(), ..discard };
    let status = refused(admin.discard_parked(other).await, Code::InvalidArgument);
    assert_eq!(reason(&status), "REQUEST_ID_REUSED");
    assert_eq!(parked(&suite).await, [], "what waited behind it went on");

    let repair = RepairFeedsRequest { service: "invoicing".into(), request_id: request_id() };
    let cursors = done(admin.repair_feeds(repair.clone()).await).cursors;
    assert_eq!(cursors, 2, "of clients and of payments");
    assert_eq!(done(admin.repair_feeds(repair.clone()).await).cursors, cursors);
    for service in ["", "tickets"] {
        let other = RepairFeedsRequest { service: service.into(), ..repair.clone() };
        let status = refused(admin.repair_feeds(other).await, Code::InvalidArgument);
        assert_eq!(reason(&status), "REQUEST_ID_REUSED");
    }
    suite.settle().await;
    assert_eq!(parked(&suite).await, [], "given up is given up");
}
