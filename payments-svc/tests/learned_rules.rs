//! LearnedRules: what people decide by hand is learnt, as evidence of who pays and nothing more.

use crate::world::{Document, World, fields, reason, request_id, statement, wire};
use proto::payments::v1::learned_rule::{Kind, State};
use proto::payments::v1::learned_rules_client::LearnedRulesClient;
use proto::payments::v1::line::State as LineState;
use proto::payments::v1::{self as pb};
use service::Role;
use tonic::Code;
use types::id::{ClientId, InvoiceId, LearnedRuleId, LegalEntityId, SellerId};

/// Whose money it is that comes for clients: a company that nobody knows.
const PARENT: (&str, &str) = ("7725381772", "40702810000000000888");

/// A payment of the parent's.
fn document(number: u32, amount: &str, purpose: &str) -> Document {
    let mut document = Document::new(number, amount, purpose);
    (document.tax_id, document.account) = (PARENT.0.into(), PARENT.1.into());
    document
}

/// The parent pays an invoice of the world's client, which is made.
async fn paid(world: &World, number: u32, invoice: &str) -> (pb::Line, InvoiceId) {
    let id = world.invoice(invoice, 86_000).await;
    let purpose = format!("Оплата по счету {invoice} от 09.02.19");
    let mut lines = world.matched(&statement(&[document(number, "860.00", &purpose)])).await;
    (lines.remove(0), id)
}

async fn allocate(world: &World, line: &pb::Line, invoice: InvoiceId, remember: bool) -> pb::Line {
    let part = pb::AllocationPart {
        invoice: invoice.to_string(),
        client: String::new(),
        amount: wire(86_000),
    };
    let request = pb::AllocateLineRequest {
        name: line.name.clone(),
        parts: vec![part],
        etag: String::new(),
        request_id: request_id(),
        remember,
    };
    let line = world.lines().allocate_line(request).await.unwrap().into_inner();
    world.harness.settle().await;
    line
}

async fn unmatch(world: &World, line: &pb::Line) {
    let request = pb::UnmatchLineRequest {
        name: line.name.clone(),
        allocation: String::new(),
        reason: "ошибка".into(),
        etag: String::new(),
        request_id: request_id(),
    };
    world.lines().unmatch_line(request).await.unwrap();
    world.harness.settle().await;
}

/// The same by hand, as the line waits.
async fn by_hand(world: &World, number: u32, invoice: &str, remember: bool) -> pb::Line {
    let (line, invoice) = paid(world, number, invoice).await;
    assert_eq!(line.state(), LineState::Review, "{line:?}");
    allocate(world, &line, invoice, remember).await
}

/// A client of whom nothing is known, in the place of the world's own one, which is answered.
async fn another_client(world: &mut World) -> ClientId {
    let (own, other) = (world.client, ClientId::generate());
    world.client_changed(other, LegalEntityId::generate(), "7707083893", &[]).await;
    world.client = other;
    own
}

async fn rules(world: &World) -> Vec<pb::LearnedRule> {
    let request = pb::ListLearnedRulesRequest::default();
    world.rules().list_learned_rules(request).await.unwrap().into_inner().learned_rules
}

/// States of the rules for a client: that of the account, then that of the tax id.
async fn states(world: &World, client: ClientId) -> Vec<State> {
    let mut rules = rules(world).await;
    rules.retain(|rule| rule.client == client.to_string());
    rules.sort_by_key(pb::LearnedRule::kind);
    rules.iter().map(pb::LearnedRule::state).collect()
}

async fn confirm(world: &World, rule: &pb::LearnedRule) -> pb::LearnedRule {
    let request = pb::ConfirmLearnedRuleRequest {
        name: rule.name.clone(),
        reason: "дочерняя компания".into(),
        etag: rule.etag.clone(),
        request_id: request_id(),
    };
    world.rules().confirm_learned_rule(request).await.unwrap().into_inner()
}

fn codes(line: &pb::Line) -> Vec<&str> {
    line.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

/// D56, D57, A230, payments.md §4.8 «Learning»: a match by hand proposes, the second one makes a
/// rule, and the third payment, which waits already, is allocated with the rule among its reasons;
/// what is taught later changes nothing of that.
#[tokio::test]
async fn a_second_line_makes_a_rule_and_the_third_is_allocated() {
    let world = World::start(&[]).await;
    let first = by_hand(&world, 1, "88#72815", false).await;
    assert_eq!(states(&world, world.client).await, [State::Proposed, State::Proposed]);
    let (third, _) = paid(&world, 3, "88#51307").await;
    assert_eq!(codes(&third), ["PAYER_DIFFERS"]);
    by_hand(&world, 2, "88#64001", false).await;
    assert_eq!(states(&world, world.client).await, [State::Active, State::Active]);

    let third = world.line(&third.name).await;
    assert_eq!((third.state(), third.allocations[0].automatic), (LineState::Matched, true));
    assert_eq!(
        codes(&third),
        ["NUMBER_EXACT", "DATE_AGREES", "AMOUNT_EQUAL", "LEARNED_RULE", "SELLER_ACCOUNT"]
    );
    let rules = rules(&world).await;
    let rule = rules.iter().find(|rule| rule.kind() == Kind::PayerAccount).unwrap();
    let said = format!("Плательщик уже платил за этого клиента: правило № {}", rule.number);
    assert_eq!(third.reasons[3].text, said);
    assert_eq!((rule.key.as_str(), rule.client.clone()), (PARENT.1, world.client.to_string()));
    assert_eq!((rule.title.as_str(), rule.example_count), ("ООО \"Тех.промышлен\"", 2));
    assert_eq!(rule.examples[1].line, first.name);
    assert_eq!((rule.hit_count, rule.last_hit_time.is_some()), (1, true));
    let told: Vec<_> = rule.changes.iter().map(|c| (c.state(), c.line.is_empty())).collect();
    assert_eq!(told, [(State::Active, false), (State::Proposed, false)]);
    assert!(rule.changes.iter().all(|change| change.actor.starts_with("staff/")));
    crate::audit::holds(&world).await;
    world.harness.finish().await;
}

/// An explicit word is enough; nothing is learnt of a client's own payer, nor of money that comes
/// through an account of a bank's own.
#[tokio::test]
async fn remembering_makes_a_rule_at_once() {
    let world = World::start(&[]).await;
    let own = world.invoice("88#40216", 86_000).await;
    let lines = world.matched(&statement(&[Document::new(7, "860.00", "Аванс")])).await;
    allocate(&world, &lines[0], own, true).await;
    let mut teller = document(8, "860.00", "Аванс");
    teller.account = "30232810000000000001".into();
    let through_bank = world.invoice("88#33901", 86_000).await;
    let lines = world.matched(&statement(&[teller])).await;
    allocate(&world, &lines[0], through_bank, true).await;
    assert_eq!(rules(&world).await, []);

    let first = by_hand(&world, 1, "88#72815", true).await;
    assert_eq!(states(&world, world.client).await, [State::Active, State::Active]);
    assert!(rules(&world).await.iter().all(|rule| rule.remembered));
    let (second, _) = paid(&world, 2, "88#64001").await;
    assert_eq!(second.state(), LineState::Matched, "{second:?}");
    // By the tax id alone, from another account.
    let mut elsewhere = document(3, "860.00", "Оплата по счету 88#51307 от 09.02.19");
    elsewhere.account = "40702810000000000999".into();
    world.invoice("88#51307", 86_000).await;
    let lines = world.matched(&statement(&[elsewhere])).await;
    assert_eq!(lines[0].state(), LineState::Matched, "{lines:?}");
    unmatch(&world, &first).await;
    assert_eq!(states(&world, world.client).await, [State::Active, State::Active]);
    world.harness.finish().await;
}

/// A match by hand for somebody else suspends the rule: nothing is automatic until that is taken
/// back, or a person says otherwise.
#[tokio::test]
async fn what_contradicts_suspends_the_rule() {
    let mut world = World::start(&[]).await;
    by_hand(&world, 1, "88#72815", false).await;
    by_hand(&world, 2, "88#64001", false).await;
    let own = another_client(&mut world).await;
    let (line, invoice) = paid(&world, 3, "88#51307").await;
    let other = allocate(&world, &line, invoice, false).await;
    assert_eq!(states(&world, own).await, [State::Suspended, State::Suspended]);
    assert_eq!(states(&world, world.client).await, [State::Proposed, State::Proposed]);
    let conflict = rules(&world).await.into_iter().find_map(|rule| rule.conflict).unwrap();
    assert_eq!((conflict.line, conflict.create_time.is_some()), (other.name.clone(), true));

    let foreign = std::mem::replace(&mut world.client, own);
    let (waits, _) = paid(&world, 4, "88#40216").await;
    assert_eq!((waits.state(), codes(&waits)), (LineState::Review, vec!["PAYER_DIFFERS"]));
    unmatch(&world, &other).await;
    assert_eq!(states(&world, own).await, [State::Active, State::Active]);
    assert_eq!(states(&world, foreign).await, []);
    let decided = world.line(&waits.name).await;
    assert_eq!(decided.state(), LineState::Matched, "looked at again: {decided:?}");
    world.harness.finish().await;
}

/// Undo takes the example back: with one left the rule waits for a second one, and what it let the
/// machine do stays as it is, with its reasons.
#[tokio::test]
async fn undoing_takes_the_example_back() {
    let world = World::start(&[]).await;
    let first = by_hand(&world, 1, "88#72815", false).await;
    let second = by_hand(&world, 2, "88#64001", false).await;
    let (third, _) = paid(&world, 3, "88#51307").await;
    assert_eq!(third.state(), LineState::Matched);
    unmatch(&world, &second).await;
    assert_eq!(states(&world, world.client).await, [State::Proposed, State::Proposed]);
    let (fourth, _) = paid(&world, 4, "88#40216").await;
    assert_eq!(fourth.state(), LineState::Review);
    assert_eq!(world.line(&third.name).await, third, "I14, I13: what was decided stands");
    unmatch(&world, &first).await;
    let kept = rules(&world).await;
    assert!(kept.iter().all(|rule| rule.example_count == 0 && rule.state() == State::Proposed));
    // I7: by hand again, and it is as before; the pair that was taken back stays with people.
    let invoice = first.allocations[0].invoice.parse().unwrap();
    allocate(&world, &first, invoice, false).await;
    assert_eq!(states(&world, world.client).await, [State::Proposed, State::Proposed]);
    world.harness.finish().await;

    // What never counted goes altogether.
    let world = World::start(&[]).await;
    let only = by_hand(&world, 1, "88#72815", false).await;
    unmatch(&world, &only).await;
    assert_eq!(rules(&world).await, []);
    world.harness.finish().await;
}

/// payments.md §4.8: rules skip no gate: another amount, currency or seller, an invoice that is not
/// named, a number with a slip wait as they would for any payer.
#[tokio::test]
async fn a_rule_closes_nothing_that_does_not_fit() {
    let mut world = World::start(&[]).await;
    by_hand(&world, 1, "88#72815", true).await;
    let purpose = |number: &str| format!("Оплата по счету {number} от 09.02.19");
    let first = |lines: Vec<pb::Line>| lines.into_iter().next().unwrap();
    let mut dollars = world.issued(InvoiceId::generate(), "88#51307", 51_300);
    for money in [&mut dollars.total, &mut dollars.residual] {
        money.as_mut().unwrap().currency_code = "USD".into();
    }
    world.invoicing(Some(world.client), &dollars).await.unwrap();
    let line =
        first(world.matched(&statement(&[document(4, "513.00", &purpose("88#51307"))])).await);
    assert_eq!(codes(&line), ["CURRENCY_DIFFERS"]);
    let own = std::mem::replace(&mut world.seller, SellerId::generate());
    world.invoice("88#40216", 40_200).await;
    world.seller = own;
    let line =
        first(world.matched(&statement(&[document(5, "402.00", &purpose("88#40216"))])).await);
    assert_eq!(codes(&line), ["PAID_TO_OTHER_SELLER"]);

    let invoice = world.invoice("88#64001", 86_000).await;
    let short = document(2, "859.99", &purpose("88#64001"));
    assert_eq!(codes(&first(world.matched(&statement(&[short])).await)), ["AMOUNT_SHORT"]);
    let unnamed = document(3, "860.00", "За услуги");
    let line = first(world.matched(&statement(&[unnamed])).await);
    assert_eq!((line.state(), codes(&line)), (LineState::Review, vec!["NUMBER_ABSENT"]));
    assert_eq!(line.proposals[0].invoices, [invoice.to_string()], "and it is proposed");
    assert!(line.proposals[0].reasons.iter().any(|reason| reason.code == "LEARNED_RULE"));
    assert!(world.events::<pb::Allocated>().await.len() == 1, "by hand");
    world.harness.finish().await;
}

/// A parent that pays for two clients, as people confirmed for each: without a number both are only
/// proposed, and a number names one.
#[tokio::test]
async fn a_parent_of_two_is_proposed_unless_the_number_names_one() {
    let mut world = World::start(&[]).await;
    by_hand(&world, 1, "88#72815", true).await;
    let own = another_client(&mut world).await;
    let (line, invoice) = paid(&world, 2, "88#64001").await;
    allocate(&world, &line, invoice, true).await;
    assert_eq!(states(&world, own).await, [State::Suspended, State::Suspended]);
    for rule in rules(&world).await.iter().filter(|rule| rule.client == own.to_string()) {
        assert_eq!(confirm(&world, rule).await.state(), State::Active);
    }
    assert_eq!(states(&world, world.client).await, [State::Active, State::Active]);
    let theirs = world.invoice("88#51307", 86_000).await;
    let second = std::mem::replace(&mut world.client, own);
    let ours = world.invoice("88#40216", 86_000).await;
    let unnamed = document(3, "860.00", "За услуги");
    let line = world.matched(&statement(&[unnamed])).await.remove(0);
    assert_eq!(line.state(), LineState::Review);
    let mut proposed: Vec<_> = line.proposals.iter().flat_map(|p| p.invoices.clone()).collect();
    proposed.sort();
    let mut both = [ours.to_string(), theirs.to_string()];
    both.sort();
    assert_eq!(proposed, both);
    let named = document(4, "860.00", "Оплата по счету 88#51307 от 09.02.19");
    let line = world.matched(&statement(&[named])).await.remove(0);
    assert_eq!(
        (line.state(), &line.allocations[0].client),
        (LineState::Matched, &second.to_string())
    );
    // I8: neither client's rule is contradicted by paying for the other.
    let third =
        world.matched(&statement(&[document(5, "860.00", "Ещё за услуги")])).await.remove(0);
    allocate(&world, &third, ours, false).await;
    assert_eq!(states(&world, second).await, [State::Active, State::Active]);
    world.harness.finish().await;
}

/// A file that is imported again is known, and a restart decides nothing anew: the decision keeps
/// the rule that it went by, whatever has become of the rule (I5, I13).
#[tokio::test]
async fn a_decision_keeps_the_rule_that_it_went_by() {
    let world = World::start(&[]).await;
    by_hand(&world, 1, "88#72815", true).await;
    world.invoice("88#64001", 86_000).await;
    let file = statement(&[document(2, "860.00", "Оплата по счету 88#64001 от 09.02.19")]);
    let line = world.matched(&file).await.remove(0);
    assert_eq!(line.state(), LineState::Matched);
    for rule in rules(&world).await {
        let request = pb::RetireLearnedRuleRequest {
            name: rule.name,
            reason: "больше не платит".into(),
            etag: rule.etag,
            request_id: request_id(),
        };
        let retired = world.rules().retire_learned_rule(request).await.unwrap().into_inner();
        assert_eq!(
            (retired.state(), retired.hit_count > 0),
            (State::Retired, retired.kind() == Kind::PayerAccount)
        );
    }
    let again = world.import(format!("{file}\n").as_bytes()).await.unwrap();
    assert_eq!((again.imported, again.repeated_lines), (0, 1));
    world.harness.settle().await;
    assert_eq!(world.line(&line.name).await, line);
    let (waits, _) = paid(&world, 3, "88#51307").await;
    assert_eq!(codes(&waits), ["PAYER_DIFFERS"]);
    world.harness.finish().await;
}

/// Each refusal, who may, and the list by filter and page.
#[tokio::test]
async fn people_look_after_rules() {
    let world = World::start(&[]).await;
    by_hand(&world, 1, "88#72815", false).await;
    let mut all = rules(&world).await;
    let rule = all.remove(0);
    let mut calls = world.rules();
    let suspend = |name: &str, reason: &str, etag: &str| pb::SuspendLearnedRuleRequest {
        name: name.into(),
        reason: reason.into(),
        etag: etag.into(),
        request_id: request_id(),
    };
    let bad = calls.suspend_learned_rule(suspend("x", " ", "")).await.unwrap_err();
    assert_eq!(fields(&bad), ["name", "reason"]);
    let gone = LearnedRuleId::generate().to_string();
    let status = calls.suspend_learned_rule(suspend(&gone, "нет", "")).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let status = calls.suspend_learned_rule(suspend(&rule.name, "нет", "")).await.unwrap_err();
    assert_eq!(reason(&status), "RULE_NOT_ACTIVE");
    let active = confirm(&world, &rule).await;
    assert_eq!((active.state(), active.remembered), (State::Active, true));
    assert_eq!(active.changes[0].reason, "дочерняя компания");
    let status = calls.suspend_learned_rule(suspend(&rule.name, "нет", &rule.etag)).await;
    assert_eq!(status.unwrap_err().code(), Code::Aborted);
    let still = calls.suspend_learned_rule(suspend(&rule.name, "проверяем", &active.etag)).await;
    assert_eq!(still.unwrap().into_inner().state(), State::Suspended);
    let got = pb::GetLearnedRuleRequest { name: rule.name.clone() };
    let got = calls.get_learned_rule(got).await.unwrap().into_inner();
    assert_eq!(got.changes[0].reason, "проверяем");

    let list = pb::ListLearnedRulesRequest::default;
    let mut auditor = LearnedRulesClient::new(world.harness.client_as(Role::Auditor));
    let first = pb::ListLearnedRulesRequest { page_size: 1, ..list() };
    let first = auditor.list_learned_rules(first).await.unwrap().into_inner();
    assert_eq!((first.learned_rules.len(), first.total_size), (1, 2));
    let next =
        pb::ListLearnedRulesRequest { page_token: first.next_page_token, page_size: 1, ..list() };
    let next = auditor.list_learned_rules(next).await.unwrap().into_inner();
    assert_eq!((next.learned_rules, next.next_page_token.as_str()), (all, ""));
    let suspended = pb::ListLearnedRulesRequest {
        state: State::Suspended.into(),
        client: world.client.to_string(),
        kind: rule.kind,
        ..list()
    };
    let suspended = auditor.list_learned_rules(suspended).await.unwrap().into_inner();
    assert_eq!(suspended.learned_rules, [got]);
    let bad = pb::ListLearnedRulesRequest { client: "x".into(), ..list() };
    assert_eq!(fields(&auditor.list_learned_rules(bad).await.unwrap_err()), ["client"]);
    let denied = auditor.suspend_learned_rule(suspend(&rule.name, "нет", "")).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let mut support = LearnedRulesClient::new(world.harness.client_as(Role::Support));
    let denied = support.list_learned_rules(list()).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    world.harness.finish().await;
}
