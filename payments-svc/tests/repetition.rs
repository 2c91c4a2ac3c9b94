//! Every mutation of the service, repeated.

use crate::world::{Document, World, request_id, statement, wire};
use proto::payments::v1::{self as pb, line::State};
use testkit::Once;

/// design.md §2: each mutation is done once for its request id, and answered again the same.
#[tokio::test]
async fn what_is_repeated_is_answered_and_not_done_again() {
    let world = World::start(&[]).await;
    let mut once = Once::of(&world.harness, "payments").await;
    let documents = [(1, "1000.00", "Аванс"), (2, "35.00", "Комиссия")];
    let documents = documents.map(|(n, amount, purpose)| Document::new(n, amount, purpose));
    let lines = world.matched(&statement(&documents)).await;
    assert!(lines.iter().all(|line| line.state() == State::Review));
    let calls = world.lines();
    let part = |kopecks| pb::AllocationPart {
        invoice: String::new(),
        client: world.client.to_string(),
        amount: wire(kopecks),
    };
    let request = pb::AllocateLineRequest {
        name: lines[0].name.clone(),
        parts: vec![part(2_000)],
        etag: lines[0].etag.clone(),
        request_id: request_id(),
    };
    let other = |r: &mut pb::AllocateLineRequest| r.parts = vec![part(1_000)];
    let part = once
        .call("Lines.AllocateLine", request, other, async |r| calls.clone().allocate_line(r).await)
        .await;
    let request = pb::UnmatchLineRequest {
        name: part.name,
        allocation: String::new(),
        reason: "ошибка".into(),
        etag: part.etag,
        request_id: request_id(),
    };
    let other = |r: &mut pb::UnmatchLineRequest| r.reason = "иная".into();
    once.call("Lines.UnmatchLine", request, other, async |r| calls.clone().unmatch_line(r).await)
        .await;
    let request = pb::IgnoreLineRequest {
        name: lines[1].name.clone(),
        class: "bank_fee".into(),
        reason: "комиссия".into(),
        etag: lines[1].etag.clone(),
        request_id: request_id(),
    };
    let other = |r: &mut pb::IgnoreLineRequest| r.etag.clear();
    once.call("Lines.IgnoreLine", request, other, async |r| calls.clone().ignore_line(r).await)
        .await;
    policies(&world, &mut once).await;
    once.finish();
    world.harness.finish().await;
}

/// Those of matching policies: a policy of which every decision is sampled, and one such decision.
async fn policies(world: &World, once: &mut Once<'_>) {
    let calls = world.policies();
    let request = pb::UpdateMatchingPolicyRequest {
        mode: pb::MatchingMode::Automatic.into(),
        sample_percent: 100,
        reason: "проверяем машину".into(),
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut pb::UpdateMatchingPolicyRequest| r.daily_count = 7;
    once.call("MatchingPolicies.UpdateMatchingPolicy", request, other, async |r| {
        calls.clone().update_matching_policy(r).await
    })
    .await;
    world.invoice("88#72815", 86_000).await;
    let document = Document::new(9, "860.00", "Оплата по счету 88#72815 от 09.02.19");
    let lines = world.matched(&statement(&[document])).await;
    let request = pb::ResolveMatchingReviewRequest {
        line: lines[0].name.clone(),
        agrees: true,
        note: String::new(),
        request_id: request_id(),
    };
    let other = |r: &mut pb::ResolveMatchingReviewRequest| r.note = "иное".into();
    once.call("MatchingPolicies.ResolveMatchingReview", request, other, async |r| {
        calls.clone().resolve_matching_review(r).await
    })
    .await;
}
