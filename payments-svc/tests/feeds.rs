//! Followers: events may come again and out of expectation, and change nothing twice.

use crate::readers::G28;
use crate::world::{World, wire};
use proto::invoicing::v1::{
    ApplicationReversed, InvoiceResidualChanged, PaymentApplied, SellerChanged,
};
use proto::payments::v1::line::State;
use proto::payments::v1::{self as pb};
use service::feed::HandlerError;
use types::id::{AllocationId, InvoiceId, SellerId};

/// An event that comes again changes nothing: a known invoice keeps what is left to pay.
#[tokio::test]
async fn events_that_come_again_change_nothing() {
    let world = World::start(&[]).await;
    let id = InvoiceId::generate();
    let issued = world.issued(id, "88#72815", 86_000);
    world.invoicing(Some(world.client), &issued).await.unwrap();
    world.residual(id, 0, "ISSUED").await;
    world.invoicing(Some(world.client), &issued).await.unwrap();
    let lines = world.matched(G28).await;
    assert_eq!(lines[0].reasons[0].code, "INVOICE_PAID");
    world.seller_changed(world.seller, crate::world::ACCOUNT, "7709983032").await;
    world.harness.finish().await;
}

/// Answers of invoicing are kept, also when a reversal overtakes the answer to the allocation.
#[tokio::test]
async fn answers_are_kept() {
    let world = World::start(&[]).await;
    let invoice = world.invoice("88#72815", 86_000).await;
    let line = world.matched(G28).await.remove(0);
    assert_eq!(line.state(), State::Matched);
    let allocation = line.allocations[0].name.clone();
    let request = pb::UnmatchLineRequest {
        name: line.name.clone(),
        reason: "ошибка".into(),
        request_id: crate::world::request_id(),
        ..Default::default()
    };
    world.lines().unmatch_line(request).await.unwrap();
    world.applied(&allocation, &invoice.to_string(), 80_000, 6_000).await;
    let kept = world.line(&line.name).await.allocations.remove(0);
    assert_eq!((kept.settled, kept.applied, kept.credit), (false, wire(80_000), wire(6_000)));
    let reversed = ApplicationReversed {
        allocation: allocation.clone(),
        applied: wire(80_000),
        credit: wire(6_000),
    };
    for _ in 0..2 {
        world.invoicing(Some(world.client), &reversed).await.unwrap();
    }
    let kept = world.line(&line.name).await.allocations.remove(0);
    assert_eq!((kept.settled, kept.applied, kept.credit), (true, wire(0), wire(0)));
    crate::audit::holds(&world).await;
    world.harness.finish().await;
}

/// What cannot be understood is parked with its reason, never skipped.
#[tokio::test]
async fn what_cannot_be_understood_is_parked() {
    let world = World::start(&[]).await;
    let parked = |error: Result<(), HandlerError>| match error {
        Err(HandlerError::Park(text)) => text,
        other => panic!("{other:?}"),
    };
    let id = InvoiceId::generate();
    let mut issued = world.issued(id, "88#72815", 86_000);
    issued.seller = "x".into();
    let text = parked(world.invoicing(Some(world.client), &issued).await);
    assert!(text.contains("sellers/"), "{text}");
    let answer = PaymentApplied {
        allocation: AllocationId::generate().to_string(),
        applied: wire(1),
        ..Default::default()
    };
    let text = parked(world.invoicing(Some(world.client), &answer).await);
    assert!(text.contains("was never made here"), "{text}");
    let changed = InvoiceResidualChanged { invoice: id.to_string(), ..Default::default() };
    parked(world.invoicing(Some(world.client), &changed).await);
    let other = SellerChanged {
        seller: SellerId::generate().to_string(),
        account: crate::world::ACCOUNT.into(),
        currency: "RUB".into(),
        ..Default::default()
    };
    let text = parked(world.invoicing(None, &other).await);
    assert!(text.contains("another seller"), "{text}");
    // An invoice that was never issued may be cancelled; credit may be applied without allocation.
    world.residual(InvoiceId::generate(), 0, "CANCELLED").await;
    world.applied("", &id.to_string(), 100, 0).await;
    world.harness.finish().await;
}
