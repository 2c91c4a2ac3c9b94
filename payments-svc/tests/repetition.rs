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
        remember: false,
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
    rules(&world, &mut once).await;
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

/// Those of learnt rules: a payer whom nobody knows is remembered, and people look after that.
async fn rules(world: &World, once: &mut Once<'_>) {
    let mut document = Document::new(10, "10.00", "Аванс");
    (document.tax_id, document.account) = (String::new(), "40702810000000000888".into());
    let lines = world.matched(&statement(&[document])).await;
    let part = pb::AllocationPart {
        invoice: String::new(),
        client: world.client.to_string(),
        amount: wire(1_000),
    };
    let request = pb::AllocateLineRequest {
        name: lines[0].name.clone(),
        parts: vec![part],
        etag: String::new(),
        request_id: request_id(),
        remember: true,
    };
    world.lines().allocate_line(request).await.unwrap();
    world.harness.settle().await;
    let calls = world.rules();
    let all = calls.clone().list_learned_rules(pb::ListLearnedRulesRequest::default()).await;
    let name = all.unwrap().into_inner().learned_rules.remove(0).name;
    let request = pb::SuspendLearnedRuleRequest {
        name: name.clone(),
        reason: "проверяем".into(),
        etag: String::new(),
        request_id: request_id(),
    };
    let other = |r: &mut pb::SuspendLearnedRuleRequest| r.reason = "иная".into();
    once.call("LearnedRules.SuspendLearnedRule", request, other, async |r| {
        calls.clone().suspend_learned_rule(r).await
    })
    .await;
    let request = pb::ConfirmLearnedRuleRequest {
        name: name.clone(),
        reason: String::new(),
        etag: String::new(),
        request_id: request_id(),
    };
    let other = |r: &mut pb::ConfirmLearnedRuleRequest| r.reason = "иная".into();
    once.call("LearnedRules.ConfirmLearnedRule", request, other, async |r| {
        calls.clone().confirm_learned_rule(r).await
    })
    .await;
    let request = pb::RetireLearnedRuleRequest {
        name,
        reason: "больше не платит".into(),
        etag: String::new(),
        request_id: request_id(),
    };
    let other = |r: &mut pb::RetireLearnedRuleRequest| r.reason = "иная".into();
    once.call("LearnedRules.RetireLearnedRule", request, other, async |r| {
        calls.clone().retire_learned_rule(r).await
    })
    .await;
}
