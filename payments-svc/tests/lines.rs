//! GetLine, ListLines, AllocateLine, UnmatchLine, IgnoreLine.

use crate::readers::G28;
use crate::world::{
    Document, World, day, fields, no_line, reason, request_id, rub, statement, wire,
};
use proptest::prelude::*;
use proto::payments::v1::line::{Direction, State};
use proto::payments::v1::lines_client::LinesClient;
use proto::payments::v1::{self as pb};
use service::Role;
use tonic::{Code, Status};
use types::Money;
use types::id::{AllocationId, ClientId, InvoiceId, LegalEntityId, SellerId};

const PURPOSE: &str = "Аванс";

/// A waiting line of 1000.00.
async fn waiting(world: &World) -> pb::Line {
    let mut lines = world.matched(&statement(&[Document::new(1, "1000.00", PURPOSE)])).await;
    assert_eq!(lines[0].state(), State::Review);
    lines.remove(0)
}

fn to_invoice(invoice: InvoiceId, kopecks: i64) -> pb::AllocationPart {
    pb::AllocationPart {
        invoice: invoice.to_string(),
        client: String::new(),
        amount: wire(kopecks),
    }
}

fn to_credit(client: ClientId, kopecks: i64) -> pb::AllocationPart {
    pb::AllocationPart { invoice: String::new(), client: client.to_string(), amount: wire(kopecks) }
}

fn allocate(line: &pb::Line, parts: Vec<pb::AllocationPart>) -> pb::AllocateLineRequest {
    pb::AllocateLineRequest {
        name: line.name.clone(),
        parts,
        etag: String::new(),
        request_id: request_id(),
        remember: false,
    }
}

fn unmatch(line: &pb::Line, allocation: &str) -> pb::UnmatchLineRequest {
    pb::UnmatchLineRequest {
        name: line.name.clone(),
        allocation: allocation.into(),
        reason: "ошибка".into(),
        etag: String::new(),
        request_id: request_id(),
    }
}

fn ignore(line: &pb::Line) -> pb::IgnoreLineRequest {
    pb::IgnoreLineRequest {
        name: line.name.clone(),
        class: "bank_fee".into(),
        reason: "комиссия".into(),
        etag: String::new(),
        request_id: request_id(),
    }
}

async fn allocated(world: &World, request: pb::AllocateLineRequest) -> Result<pb::Line, Status> {
    Ok(world.lines().allocate_line(request).await?.into_inner())
}

async fn unmatched(world: &World, request: pb::UnmatchLineRequest) -> Result<pb::Line, Status> {
    Ok(world.lines().unmatch_line(request).await?.into_inner())
}

/// By hand: a part to an invoice, the rest to credit; then one taken back, then the other.
#[tokio::test]
async fn people_allocate_and_take_back() {
    let world = World::start(&[]).await;
    let invoice = world.invoice("88#72815", 86_000).await;
    let line = waiting(&world).await;
    let request = allocate(&line, vec![to_invoice(invoice, 86_000)]);
    let part = allocated(&world, request.clone()).await.unwrap();
    assert_eq!((part.state(), part.unallocated.clone()), (State::Review, wire(14_000)));
    assert_eq!(allocated(&world, request.clone()).await.unwrap(), part, "the same request id");
    let other = pb::AllocateLineRequest { parts: vec![to_credit(world.client, 1)], ..request };
    assert_eq!(reason(&allocated(&world, other).await.unwrap_err()), "REQUEST_ID_REUSED");

    let rest = allocate(&line, vec![to_credit(world.client, 14_000)]);
    let full = allocated(&world, rest).await.unwrap();
    assert_eq!((full.state(), full.unallocated), (State::Matched, wire(0)));
    assert!(full.allocations.iter().all(|a| !a.automatic && a.actor.starts_with("staff/")));
    let told = world.events::<pb::Allocated>().await;
    assert_eq!(told.len(), 2);
    assert_eq!(
        (told[1].invoice.as_str(), told[1].payer.clone()),
        ("", world.payer.to_string()),
        "credit of the payer with that tax id"
    );

    let first = full.allocations[0].name.clone();
    let taken = unmatched(&world, unmatch(&line, &first)).await.unwrap();
    assert_eq!((taken.state(), taken.unallocated), (State::Review, wire(86_000)));
    let request = unmatch(&line, "");
    let all = unmatched(&world, request.clone()).await.unwrap();
    assert_eq!((all.state(), all.unallocated.clone()), (State::Review, wire(100_000)));
    assert!(all.allocations.iter().all(|allocation| allocation.reversed));
    assert_eq!(unmatched(&world, request).await.unwrap(), all, "the same request id");
    let reversed = world.events::<pb::AllocationReversed>().await;
    assert_eq!(reversed.len(), 2);
    assert_eq!(
        (reversed[0].allocation.clone(), reversed[0].amount.clone(), reversed[0].reason.as_str()),
        (first, wire(86_000), "ошибка")
    );
    let nothing = unmatched(&world, unmatch(&line, "")).await.unwrap_err();
    assert_eq!(
        (nothing.code(), reason(&nothing).as_str()),
        (Code::FailedPrecondition, "NOTHING_ALLOCATED")
    );
    world.harness.finish().await;
}

/// What the machine matched and a person took back is not matched again by the machine.
#[tokio::test]
async fn a_match_taken_back_stays_back() {
    let mut world = World::start(&[]).await;
    world.invoice("88#72815", 86_000).await;
    let line = world.matched(G28).await.remove(0);
    assert_eq!(line.state(), State::Matched);
    unmatched(&world, unmatch(&line, "")).await.unwrap();
    world.know("7814695160", &[]).await;
    world.harness.settle().await;
    let line = world.line(&line.name).await;
    assert_eq!(line.state(), State::Review);
    assert_eq!(line.reasons[0].code, "UNMATCHED_BEFORE");
    world.harness.finish().await;
}

/// Each refusal of AllocateLine.
#[tokio::test]
async fn what_cannot_be_allocated_is_refused() {
    let mut world = World::start(&[]).await;
    let invoice = world.invoice("88#72815", 86_000).await;
    let line = waiting(&world).await;
    let refused = async |request| {
        let status = allocated(&world, request).await.unwrap_err();
        (status.code(), reason(&status))
    };
    let precondition = |reason: &str| (Code::FailedPrecondition, reason.to_owned());
    let parts = |parts| allocate(&line, parts);
    assert_eq!(
        refused(parts(vec![to_invoice(invoice, 100_001)])).await,
        precondition("LINE_EXCEEDED")
    );
    assert_eq!(refused(parts(vec![to_invoice(InvoiceId::generate(), 1)])).await.0, Code::NotFound);
    assert_eq!(refused(parts(vec![to_credit(ClientId::generate(), 1)])).await.0, Code::NotFound);
    let missing =
        pb::AllocateLineRequest { name: no_line(), ..parts(vec![to_invoice(invoice, 1)]) };
    assert_eq!(refused(missing).await.0, Code::NotFound);
    let stale =
        pb::AllocateLineRequest { etag: "\"99\"".into(), ..parts(vec![to_invoice(invoice, 1)]) };
    assert_eq!(refused(stale).await, (Code::Aborted, "STALE_ETAG".into()));

    let status = allocated(
        &world,
        pb::AllocateLineRequest {
            name: "x".into(),
            parts: vec![
                pb::AllocationPart::default(),
                pb::AllocationPart { amount: wire(0), ..to_invoice(invoice, 0) },
            ],
            request_id: request_id(),
            ..Default::default()
        },
    );
    assert_eq!(
        fields(&status.await.unwrap_err()),
        ["name", "parts[0].client", "parts[0].amount", "parts[1].amount"]
    );
    assert_eq!(fields(&allocated(&world, parts(vec![])).await.unwrap_err()), ["parts"]);
    let foreign =
        pb::AllocationPart { client: ClientId::generate().to_string(), ..to_invoice(invoice, 1) };
    let known: ClientId = foreign.client.parse().unwrap();
    world.put_profile(known, LegalEntityId::generate(), "7725381772", &[]);
    let status = allocated(&world, parts(vec![foreign])).await.unwrap_err();
    assert_eq!(fields(&status), ["parts[0].client"]);

    assert!(world.events::<pb::Allocated>().await.is_empty());
    world.harness.finish().await;
}

/// Money never crosses sellers, and goes to nothing that is paid or cancelled; support may not.
#[tokio::test]
async fn invoices_that_take_no_money_are_refused() {
    let mut world = World::start(&[]).await;
    let invoice = world.invoice("88#72815", 86_000).await;
    let line = waiting(&world).await;
    let (own, other) = (world.seller, SellerId::generate());
    world.seller = other;
    let others = world.invoice("77#1", 100).await;
    world.seller = own;
    let refused = async |invoice, kopecks| {
        let request = allocate(&line, vec![to_invoice(invoice, kopecks)]);
        reason(&allocated(&world, request).await.unwrap_err())
    };
    assert_eq!(refused(others, 100).await, "PAID_TO_OTHER_SELLER");
    world.residual(invoice, 0, "ISSUED").await;
    assert_eq!(refused(invoice, 100).await, "INVOICE_PAID");
    world.residual(invoice, 86_000, "CANCELLED").await;
    assert_eq!(refused(invoice, 100).await, "INVOICE_CLOSED");
    let mut support = LinesClient::new(world.harness.client_as(Role::Support));
    let denied = support.allocate_line(allocate(&line, vec![to_invoice(invoice, 1)])).await;
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied);
    assert!(world.events::<pb::Allocated>().await.is_empty());
    world.harness.finish().await;
}

/// A client that is not known here is fetched from its owner.
#[tokio::test]
async fn an_unknown_client_is_asked_for() {
    let mut world = World::start(&[]).await;
    let line = waiting(&world).await;
    let client = ClientId::generate();
    world.put_profile(client, LegalEntityId::generate(), "7725381772", &[]);
    let full = allocated(&world, allocate(&line, vec![to_credit(client, 100_000)])).await.unwrap();
    assert_eq!(
        (full.state(), full.allocations[0].client.clone()),
        (State::Matched, client.to_string())
    );
    world.harness.finish().await;
}

/// Each refusal of UnmatchLine and IgnoreLine; a line set aside takes no money and is told once.
#[tokio::test]
async fn lines_are_set_aside_with_a_reason() {
    let world = World::start(&[]).await;
    let line = waiting(&world).await;
    let mut lines = world.lines();
    let bad = pb::UnmatchLineRequest { reason: " ".into(), ..unmatch(&line, "x") };
    assert_eq!(fields(&unmatched(&world, bad).await.unwrap_err()), ["allocation", "reason"]);
    let gone = unmatch(&line, &AllocationId::generate().to_string());
    assert_eq!(unmatched(&world, gone).await.unwrap_err().code(), Code::NotFound);
    let gone = pb::UnmatchLineRequest { name: no_line(), ..unmatch(&line, "") };
    assert_eq!(unmatched(&world, gone).await.unwrap_err().code(), Code::NotFound);
    let stale = pb::UnmatchLineRequest { etag: "\"99\"".into(), ..unmatch(&line, "") };
    assert_eq!(unmatched(&world, stale).await.unwrap_err().code(), Code::Aborted);

    let bad =
        pb::IgnoreLineRequest {
            class: "Комиссия".into(), reason: "".into(), ..ignore(&line)
        };
    assert_eq!(fields(&lines.ignore_line(bad).await.unwrap_err()), ["class", "reason"]);
    let bad = pb::IgnoreLineRequest { class: "customer_payment".into(), ..ignore(&line) };
    assert_eq!(fields(&lines.ignore_line(bad).await.unwrap_err()), ["class"]);
    let gone = pb::IgnoreLineRequest { name: no_line(), ..ignore(&line) };
    assert_eq!(lines.ignore_line(gone).await.unwrap_err().code(), Code::NotFound);
    let stale = pb::IgnoreLineRequest { etag: "\"99\"".into(), ..ignore(&line) };
    assert_eq!(lines.ignore_line(stale).await.unwrap_err().code(), Code::Aborted);

    allocated(&world, allocate(&line, vec![to_credit(world.client, 1)])).await.unwrap();
    let refused = lines.ignore_line(ignore(&line)).await.unwrap_err();
    assert_eq!(reason(&refused), "LINE_ALLOCATED");
    unmatched(&world, unmatch(&line, "")).await.unwrap();

    let request = ignore(&line);
    let aside = lines.ignore_line(request.clone()).await.unwrap().into_inner();
    assert_eq!((aside.state(), aside.class.as_str()), (State::Ignored, "bank_fee"));
    assert_eq!(lines.ignore_line(request).await.unwrap().into_inner(), aside);
    assert_eq!(reason(&lines.ignore_line(ignore(&line)).await.unwrap_err()), "LINE_IGNORED");
    let money = allocate(&line, vec![to_credit(world.client, 1)]);
    assert_eq!(reason(&allocated(&world, money).await.unwrap_err()), "LINE_IGNORED");
    let [told] = world.events::<pb::LineIgnored>().await.try_into().unwrap();
    assert_eq!(
        (told.line, told.amount, told.class.as_str()),
        (line.name, wire(100_000), "bank_fee")
    );
    world.harness.finish().await;
}

#[tokio::test]
async fn lines_are_listed_by_filter_newest_first() {
    let world = World::start(&[]).await;
    world.invoice("88#72815", 86_000).await;
    let matched = world.matched(G28).await.remove(0);
    let waits = waiting(&world).await;
    let list = async |request: pb::ListLinesRequest| {
        let page = world.lines().list_lines(request).await.unwrap().into_inner();
        let names: Vec<_> = page.lines.iter().map(|line| line.name.clone()).collect();
        (names, page.next_page_token, page.total_size)
    };
    let all = pb::ListLinesRequest::default;
    let review = pb::ListLinesRequest { state: State::Review.into(), ..all() };
    assert_eq!(list(review).await.0, std::slice::from_ref(&waits.name));
    let client = pb::ListLinesRequest { client: world.client.to_string(), ..all() };
    assert_eq!(list(client).await.0, std::slice::from_ref(&matched.name));
    let out = pb::ListLinesRequest { direction: Direction::Out.into(), ..all() };
    assert_eq!(list(out).await, (vec![], String::new(), 0));
    let first = list(pb::ListLinesRequest { page_size: 1, ..all() }).await;
    assert_eq!((first.0.len(), first.2), (1, 2));
    let second =
        list(pb::ListLinesRequest { page_size: 1, page_token: first.1.clone(), ..all() }).await;
    assert_eq!((second.0.len(), second.1.as_str()), (1, ""));
    assert_ne!(first.0, second.0);
    let other = pb::ListLinesRequest { page_token: first.1, state: State::Review.into(), ..all() };
    let status = world.lines().list_lines(other).await.unwrap_err();
    assert_eq!(fields(&status), ["page_token"], "a token of another filter");
    let bad = pb::ListLinesRequest { statement: "x".into(), ..all() };
    assert_eq!(fields(&world.lines().list_lines(bad).await.unwrap_err()), ["statement"]);
    let missing = pb::GetLineRequest { name: no_line() };
    assert_eq!(world.lines().get_line(missing).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(matched.date, day("2019-02-26"));
    assert_eq!(matched.payer.unwrap().tax_id, "7814695160");
    world.harness.finish().await;
}

/// Many people at once allocate and take back parts of one line: Σ of what stands never exceeds
/// the line, and the books agree.
#[tokio::test]
async fn people_who_race_never_allocate_twice() {
    let world = World::start(&[]).await;
    let line = waiting(&world).await;
    let acts = (0..12).map(|n| {
        let (mut lines, line, client) = (world.lines(), line.clone(), world.client);
        tokio::spawn(async move {
            if n % 4 == 3 {
                lines.unmatch_line(unmatch(&line, "")).await.map(drop)
            } else {
                let parts = vec![to_credit(client, 40_000)];
                lines.allocate_line(allocate(&line, parts)).await.map(drop)
            }
        })
    });
    for act in acts.collect::<Vec<_>>() {
        if let Err(status) = act.await.unwrap() {
            let known = ["LINE_EXCEEDED", "NOTHING_ALLOCATED", "LINE_CHANGED"];
            assert!(known.contains(&reason(&status).as_str()), "{status:?}");
        }
    }
    let line = world.line(&line.name).await;
    let standing = line.allocations.iter().filter(|allocation| !allocation.reversed);
    let standing = standing.map(|a| Money::try_from(a.amount.as_ref().unwrap()).unwrap());
    let standing = Money::sum(types::Currency::Rub, standing).unwrap();
    assert!(standing.amount() <= rub(80_000).amount(), "{standing}");
    let left = Money::try_from(line.unallocated.as_ref().unwrap()).unwrap();
    assert_eq!(left.checked_add(standing).unwrap(), rub(100_000));
    crate::audit::holds(&world).await;
    world.harness.finish().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    /// No double allocation: after any sequence of acts the line, its allocations and the events
    /// agree, and Σ never exceeds the line.
    #[test]
    fn any_sequence_of_acts_keeps_the_law(
        steps in proptest::collection::vec((0u8..3, 1i64..70_000), 1..12),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let world = World::start(&[]).await;
            let line = waiting(&world).await;
            for (act, kopecks) in steps {
                let now = world.line(&line.name).await;
                let first = now.allocations.iter().find(|a| !a.reversed);
                let _ = match (act, first) {
                    (0, Some(first)) => unmatched(&world, unmatch(&line, &first.name)).await,
                    (1, _) => unmatched(&world, unmatch(&line, "")).await,
                    _ => {
                        let parts = vec![to_credit(world.client, kopecks)];
                        allocated(&world, allocate(&line, parts)).await
                    }
                };
            }
            let sum = |amounts: Vec<_>| {
                let amounts = amounts.into_iter().flatten();
                let amounts = amounts.map(|amount| Money::try_from(&amount).unwrap());
                Money::sum(types::Currency::Rub, amounts).unwrap()
            };
            let told = world.events::<pb::Allocated>().await;
            let reversed = world.events::<pb::AllocationReversed>().await;
            let told = sum(told.into_iter().map(|event| event.amount).collect());
            let reversed = sum(reversed.into_iter().map(|event| event.amount).collect());
            let left = world.line(&line.name).await.unallocated.unwrap();
            let left = Money::try_from(&left).unwrap();
            let standing = told.checked_sub(reversed).unwrap();
            assert!(!left.is_negative() && !standing.is_negative());
            assert_eq!(left.checked_add(standing).unwrap(), rub(100_000));
            crate::audit::holds(&world).await;
            world.harness.finish().await;
        });
    }
}
