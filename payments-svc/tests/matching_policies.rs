//! Kill switch, shadow, daily cap and sample: what a policy leaves of the machine's decisions, over
//! real storage, in an import and in what waits.

use crate::world::{Document, World, fields, reason, request_id, statement, wire};
use proto::payments::v1::line::State;
use proto::payments::v1::matching_review::{Kind, Outcome};
use proto::payments::v1::{self as pb, MatchingMode};
use tonic::{Code, Status};

async fn set(
    world: &World,
    change: impl FnOnce(&mut pb::UpdateMatchingPolicyRequest),
) -> Result<pb::MatchingPolicy, Status> {
    let mut request = pb::UpdateMatchingPolicyRequest {
        mode: MatchingMode::Automatic.into(),
        reason: "проверяем машину".into(),
        request_id: request_id(),
        ..Default::default()
    };
    change(&mut request);
    Ok(world.policies().update_matching_policy(request).await?.into_inner())
}

/// A certain payment of the invoice, which is made.
async fn paid(world: &World, document: u32, number: &str) -> pb::Line {
    world.invoice(number, 86_000).await;
    let purpose = format!("Оплата по счету {number} от 09.02.19");
    world.matched(&statement(&[Document::new(document, "860.00", &purpose)])).await.remove(0)
}

fn codes(line: &pb::Line) -> Vec<&str> {
    line.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

async fn reviews(world: &World) -> pb::ListMatchingReviewsResponse {
    let request = pb::ListMatchingReviewsRequest::default();
    world.policies().list_matching_reviews(request).await.unwrap().into_inner()
}

/// The switch: lines only get proposals, of one seller or of all; and the history says who and why.
#[tokio::test]
async fn the_switch_leaves_proposals() {
    let world = World::start(&[]).await;
    let mut policies = world.policies();
    let before = policies.get_matching_policy(pb::GetMatchingPolicyRequest::default()).await;
    let before = before.unwrap().into_inner();
    assert_eq!((before.mode(), before.actor.as_str()), (MatchingMode::Automatic, ""));
    let seller = world.seller.to_string();
    set(&world, |r| (r.mode, r.seller) = (MatchingMode::Proposals.into(), seller.clone()))
        .await
        .unwrap();
    let line = paid(&world, 1, "88#72815").await;
    assert_eq!((line.state(), codes(&line)), (State::Review, vec!["AUTOMATIC_OFF"]));
    assert_eq!(line.proposals.len(), 1);
    assert!(line.allocations.is_empty());
    set(&world, |r| r.seller = seller.clone()).await.unwrap();
    set(&world, |r| r.mode = MatchingMode::Proposals.into()).await.unwrap();
    assert_eq!(codes(&paid(&world, 2, "88#64001").await), ["AUTOMATIC_OFF"], "all sellers'");
    let off = set(&world, |_| ()).await.unwrap();
    let line = paid(&world, 3, "88#51307").await;
    assert_eq!(line.state(), State::Matched, "{:?}", codes(&line));

    let history = policies.list_matching_policies(pb::ListMatchingPoliciesRequest::default()).await;
    let history = history.unwrap().into_inner();
    assert_eq!(history.total_size, 4);
    let newest = &history.matching_policies[0];
    assert_eq!((newest.mode(), &newest.etag), (MatchingMode::Automatic, &off.etag));
    assert_eq!(newest.reason, "проверяем машину");
    assert!(!newest.actor.is_empty() && newest.create_time.is_some());
    world.harness.finish().await;
}

/// The shadow: nothing is allocated, and what would have been is compared with what people do.
#[tokio::test]
async fn the_shadow_is_compared_with_people() {
    let world = World::start(&[]).await;
    set(&world, |r| r.mode = MatchingMode::Shadow.into()).await.unwrap();
    let same = paid(&world, 1, "88#72815").await;
    let other = paid(&world, 2, "88#64001").await;
    let none = paid(&world, 3, "88#51307").await;
    assert_eq!((same.state(), codes(&same)), (State::Review, vec!["SHADOW_MODE"]));
    let asked = reviews(&world).await;
    assert_eq!((asked.waiting_count, asked.total_size), (3, 3));
    assert!(asked.matching_reviews.iter().all(|r| r.kind() == Kind::Shadow));
    assert_eq!(asked.matching_reviews[2].parts[0].invoice, same.proposals[0].invoices[0]);
    assert_eq!(asked.matching_reviews[2].parts[0].amount, wire(86_000));
    let allocate = |line: &pb::Line, invoice: &str, client: &str| pb::AllocateLineRequest {
        name: line.name.clone(),
        parts: vec![pb::AllocationPart {
            invoice: invoice.into(),
            client: client.into(),
            amount: wire(86_000),
        }],
        etag: String::new(),
        request_id: request_id(),
        remember: false,
    };
    let (mut lines, client) = (world.lines(), world.client.to_string());
    lines.allocate_line(allocate(&same, &same.proposals[0].invoices[0], "")).await.unwrap();
    lines.allocate_line(allocate(&other, "", &client)).await.unwrap();
    let ignore = pb::IgnoreLineRequest {
        name: none.name.clone(),
        class: "other".into(),
        reason: "не клиент".into(),
        etag: String::new(),
        request_id: request_id(),
    };
    lines.ignore_line(ignore).await.unwrap();
    let said = reviews(&world).await;
    assert_eq!((said.waiting_count, said.agreed_count, said.differed_count), (0, 1, 2));
    assert_eq!(said.matching_reviews[2].outcome(), Outcome::Agreed);
    assert!(said.matching_reviews.iter().all(|r| !r.reviewer.is_empty()));
    assert_eq!(said.matching_reviews[0].note, "не клиент");
    world.harness.finish().await;
}

/// The cap: beyond it lines wait, in an import and after it; the next day begins anew.
#[tokio::test]
async fn a_day_has_its_cap() {
    let world = World::start(&[]).await;
    set(&world, |r| r.daily_count = 1).await.unwrap();
    world.invoice("88#72815", 86_000).await;
    world.invoice("88#64001", 86_000).await;
    let pay =
        |n, number| Document::new(n, "860.00", &format!("Оплата по счету {number} от 09.02.19"));
    let lines = world.matched(&statement(&[pay(1, "88#72815"), pay(2, "88#64001")])).await;
    let held: Vec<&pb::Line> = lines.iter().filter(|l| l.state() == State::Review).collect();
    assert_eq!(held.len(), 1);
    assert_eq!(codes(held[0]), ["DAILY_CAP"]);
    // What comes to be known later does not get past it.
    let early = Document::new(3, "860.00", "Оплата по счету 88#51307 от 09.02.19");
    let waits = world.matched(&statement(&[early])).await.remove(0);
    world.invoice("88#51307", 86_000).await;
    world.harness.settle().await;
    assert_eq!(codes(&world.line(&waits.name).await), ["DAILY_CAP"]);
    let seller = world.seller.to_string();
    let request = pb::GetMatchingPolicyRequest { seller: seller.clone() };
    let used = world.policies().get_matching_policy(request).await.unwrap().into_inner();
    assert_eq!(used.used_count, 1);

    // The two that wait are decided again beside the new ones.
    let sum = set(&world, |r| (r.seller, r.daily_amount) = (seller, wire(500_000))).await.unwrap();
    assert_eq!(sum.used_amount, wire(86_000));
    for (n, number, state) in [
        (4, "88#40952", State::Matched),
        (5, "88#39618", State::Matched),
        (6, "88#27774", State::Review),
    ] {
        let line = paid(&world, n, number).await;
        assert_eq!(line.state(), state, "{number}: {:?}", codes(&line));
    }
    world.harness.finish().await;
}

/// The sample: decisions that are carried out are put before a person, who agrees or takes back.
#[tokio::test]
async fn a_sample_is_put_before_people() {
    let world = World::start(&[]).await;
    set(&world, |r| r.sample_percent = 100).await.unwrap();
    let (good, bad) = (paid(&world, 1, "88#72815").await, paid(&world, 2, "88#64001").await);
    assert_eq!((good.state(), bad.state()), (State::Matched, State::Matched));
    let asked = reviews(&world).await;
    assert_eq!(asked.waiting_count, 2);
    assert!(asked.matching_reviews.iter().all(|r| r.kind() == Kind::Sample));
    let resolve = |line: &pb::Line, agrees, note: &str| pb::ResolveMatchingReviewRequest {
        line: line.name.clone(),
        agrees,
        note: note.into(),
        request_id: request_id(),
    };
    let mut policies = world.policies();
    let said = policies.resolve_matching_review(resolve(&good, true, "")).await.unwrap();
    assert_eq!(said.get_ref().outcome(), Outcome::Agreed);
    let again = policies.resolve_matching_review(resolve(&good, false, "нет")).await.unwrap_err();
    assert_eq!(
        (again.code(), reason(&again).as_str()),
        (Code::FailedPrecondition, "REVIEW_RESOLVED")
    );
    let silent = policies.resolve_matching_review(resolve(&bad, false, "")).await.unwrap_err();
    assert_eq!(fields(&silent), ["note"]);
    // Who takes it back says it as well.
    let unmatch = pb::UnmatchLineRequest {
        name: bad.name.clone(),
        allocation: String::new(),
        reason: "не тот счёт".into(),
        etag: String::new(),
        request_id: request_id(),
    };
    world.lines().unmatch_line(unmatch).await.unwrap();
    let said = reviews(&world).await;
    assert_eq!((said.waiting_count, said.agreed_count, said.differed_count), (0, 1, 1));
    assert_eq!(said.matching_reviews[0].note, "не тот счёт");
    world.harness.finish().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_at_once() {
    let world = World::start(&[]).await;
    let wrong = set(&world, |r| {
        r.mode = MatchingMode::Unspecified.into();
        r.daily_count = -1;
        r.daily_amount = wire(0);
        r.sample_percent = 101;
        r.reason.clear();
    });
    assert_eq!(
        fields(&wrong.await.unwrap_err()),
        ["mode", "daily_count", "daily_amount", "sample_percent", "reason"]
    );
    let first = set(&world, |r| r.sample_percent = 5).await.unwrap();
    set(&world, |r| r.etag.clone_from(&first.etag)).await.unwrap();
    let stale = set(&world, |r| r.etag = first.etag).await.unwrap_err();
    assert_eq!(stale.code(), Code::Aborted);
    world.harness.finish().await;
}
