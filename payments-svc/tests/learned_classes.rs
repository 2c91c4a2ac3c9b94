//! What lines look like that people set aside: learnt as a class, for people to confirm.

use crate::world::{Document, World, request_id, statement, wire};
use proto::payments::v1::learned_rule::{Kind, State};
use proto::payments::v1::line::State as LineState;
use proto::payments::v1::{self as pb};

/// A payment of somebody who is no client.
async fn line(world: &World, number: u32, purpose: &str) -> pb::Line {
    let mut document = Document::new(number, "150.00", purpose);
    (document.tax_id, document.account) = ("7725381772".into(), "40702810000000000888".into());
    let mut lines = world.matched(&statement(&[document])).await;
    lines.remove(0)
}

async fn set_aside(world: &World, line: &pb::Line) {
    let request = pb::IgnoreLineRequest {
        name: line.name.clone(),
        class: "other".into(),
        reason: "вознаграждение агента".into(),
        etag: String::new(),
        request_id: request_id(),
    };
    world.lines().ignore_line(request).await.unwrap();
    world.harness.settle().await;
}

async fn rules(world: &World) -> Vec<pb::LearnedRule> {
    let request = pb::ListLearnedRulesRequest::default();
    world.rules().list_learned_rules(request).await.unwrap().into_inner().learned_rules
}

fn told(line: &pb::Line) -> (LineState, &str, Vec<&str>) {
    let codes = line.reasons.iter().map(|reason| reason.code.as_str()).collect();
    (line.state(), line.class.as_str(), codes)
}

/// payments.md §4.8 «text mask → class»: two lines that people set aside make a rule, by which what
/// looks like them waits as such a line; nothing is set aside by itself, and money that people take
/// for a client's after all suspends it.
#[tokio::test]
async fn two_lines_set_aside_teach_what_they_look_like() {
    let world = World::start(&[]).await;
    let purpose = |month: u32| format!("Агентское вознаграждение за 0{month} 2019");
    let first = line(&world, 1, &purpose(1)).await;
    assert_eq!(told(&first), (LineState::Review, "customer_payment", vec!["NO_CANDIDATE"]));
    set_aside(&world, &first).await;
    let waits = line(&world, 2, &purpose(2)).await;
    assert_eq!(told(&waits), (LineState::Review, "customer_payment", vec!["NO_CANDIDATE"]));
    let second = line(&world, 3, &purpose(3)).await;
    set_aside(&world, &second).await;
    let [rule] = rules(&world).await.try_into().unwrap();
    assert_eq!((rule.kind(), rule.state()), (Kind::PurposeClass, State::Active));
    assert_eq!((rule.class.as_str(), rule.title.clone()), ("other", purpose(3)));
    let seems = (LineState::Review, "other", vec!["LEARNED_CLASS"]);
    assert_eq!(told(&world.line(&waits.name).await), seems, "what waited is looked at again");
    let fourth = line(&world, 4, &purpose(4)).await;
    assert_eq!(told(&fourth), seems);
    let text = format!("Похоже, не оплата клиента (other): правило № {}", rule.number);
    assert_eq!(fourth.reasons[0].text, text);
    let other = line(&world, 5, "Вознаграждение агента за 05 2019").await;
    assert_eq!(told(&other).1, "customer_payment");
    assert_eq!(rules(&world).await[0].hit_count, 1);

    let request = pb::AllocateLineRequest {
        name: fourth.name.clone(),
        parts: vec![pb::AllocationPart {
            invoice: String::new(),
            client: world.client.to_string(),
            amount: wire(15_000),
        }],
        etag: String::new(),
        request_id: request_id(),
        remember: false,
    };
    world.lines().allocate_line(request).await.unwrap();
    world.harness.settle().await;
    let rules = rules(&world).await;
    let rule = rules.iter().find(|rule| rule.kind() == Kind::PurposeClass).unwrap();
    assert_eq!(rule.state(), State::Suspended);
    assert_eq!(rule.conflict.as_ref().unwrap().line, fourth.name);
    let waits = world.line(&waits.name).await;
    assert_eq!(told(&waits), (LineState::Review, "customer_payment", vec!["NO_CANDIDATE"]));
    crate::audit::holds(&world).await;
    world.harness.finish().await;
}

/// A payment that names an invoice looks like any other of its payer: it teaches no class.
#[tokio::test]
async fn what_names_an_invoice_teaches_no_class() {
    let world = World::start(&[]).await;
    for number in 1..3 {
        let line = line(&world, number, &format!("Оплата по счету 88#7281{number}")).await;
        set_aside(&world, &line).await;
    }
    assert_eq!(rules(&world).await, []);
    world.harness.finish().await;
}
