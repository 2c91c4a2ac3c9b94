//! `CancelInvoice`, `ReissueInvoice`: what an invoice that ends would leave behind is told first,
//! so that nothing is billed twice and no act loses its invoice (design.md, "Once").

use crate::{
    billing::{run, to},
    month_close::{close, month},
    subscriptions::{confirm, preview},
    world::{World, date, refused, request_id, rub},
};
use proto::invoicing::v1 as pb;
use rust_decimal::Decimal;
use tonic::{Code, Response, Status};

async fn cancel(world: &World, name: &str) -> Result<pb::Invoice, Status> {
    let request = pb::CancelInvoiceRequest {
        name: name.into(),
        reason: "Ошибка".into(),
        etag: String::new(),
        request_id: request_id(),
    };
    world.invoices().cancel_invoice(request).await.map(Response::into_inner)
}

async fn reissue(world: &World, name: &str) -> Result<pb::Invoice, Status> {
    let request = pb::ReissueInvoiceRequest {
        name: name.into(),
        reason: "Ошибка".into(),
        etag: String::new(),
        request_id: request_id(),
    };
    world.invoices().reissue_invoice(request).await.map(Response::into_inner)
}

/// Changes to a new total from a day on, and answers the held invoice of that.
async fn change(world: &World, subscription: &str, quantity: i32, from: &str) -> String {
    let shown = preview(world, subscription, quantity, from).await;
    let request = pb::ConfirmQuantityChangeRequest {
        confirm_downgrade: true,
        ..confirm(subscription, &shown.token)
    };
    let changed = world.subscriptions().confirm_quantity_change(request).await.unwrap();
    changed.into_inner().invoice
}

/// Σ of what the client is asked for on invoices that stand.
async fn asked(world: &World) -> Decimal {
    let request = pb::ListInvoicesRequest { client: world.client.clone(), ..Default::default() };
    let listed = world.invoices().list_invoices(request).await.unwrap().into_inner().invoices;
    let stands = |i: &&pb::Invoice| i.state() != pb::invoice::State::Cancelled;
    listed.iter().filter(stands).map(|i| rub(&i.total).parse::<Decimal>().unwrap()).sum()
}

fn sum(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// G6, design.md "Once": more units were billed for the rest of a period. Were its invoice
/// cancelled under them, the next run would bill all six units for all of it: 28800.00 beside
/// 3893.33. They go in turn, and the run bills what is wanted then, once.
#[tokio::test]
async fn more_units_are_not_billed_twice() {
    let world = World::start().await;
    let (users, main) = world.users().await;
    world.issue(&main).await.unwrap();
    let more = change(&world, &users, 6, "2019-03-04").await;
    for issued in [false, true] {
        if issued {
            world.issue(&more).await.unwrap();
        }
        let status =
            refused(cancel(&world, &main).await, Code::FailedPrecondition, "LATER_INVOICE");
        assert!(status.message().contains("Отмените сначала его"), "{}", status.message());
    }
    assert_eq!(asked(&world).await, sum("27893.33"));
    assert_eq!(run(&world, to("2019-03-01")).await.unwrap().1.invoices, 0);

    // The same lines once more bill the same units: that is no obstacle.
    let successor = reissue(&world, &main).await.unwrap().name;
    assert_eq!(asked(&world).await, sum("27893.33"));
    let again = cancel(&world, &successor).await;
    refused(again, Code::FailedPrecondition, "LATER_INVOICE");

    cancel(&world, &more).await.unwrap();
    cancel(&world, &successor).await.unwrap();
    assert_eq!(asked(&world).await, Decimal::ZERO);
    run(&world, to("2019-03-01")).await.unwrap();
    assert_eq!(asked(&world).await, sum("24000.00"), "five users, half a year");
    world.harness.finish().await;
}

/// A held credit stands on the lines that it credits, though it lowers nothing yet.
#[tokio::test]
async fn a_held_credit_keeps_what_it_credits() {
    let world = World::start().await;
    let (users, main) = world.users().await;
    world.issue(&main).await.unwrap();
    let less = change(&world, &users, 4, "2019-03-04").await;
    refused(cancel(&world, &main).await, Code::FailedPrecondition, "LATER_INVOICE");
    refused(reissue(&world, &main).await, Code::FailedPrecondition, "LATER_INVOICE");
    cancel(&world, &less).await.unwrap();
    assert_eq!(world.subscription(&users).await.quantity, 5);
    cancel(&world, &main).await.unwrap();
    world.harness.finish().await;
}

/// An issued credit has lowered what it credits, which would stay lowered without it: it stands,
/// and so does what it credits; the way back is the quantity.
#[tokio::test]
async fn a_given_credit_stands() {
    let world = World::start().await;
    let (users, main) = world.users().await;
    world.issue(&main).await.unwrap();
    let less = change(&world, &users, 4, "2019-03-04").await;
    world.issue(&less).await.unwrap();
    assert_eq!(rub(&world.invoice(&main).await.residual), "20106.67");
    refused(cancel(&world, &less).await, Code::FailedPrecondition, "CREDIT_GIVEN");
    refused(reissue(&world, &less).await, Code::FailedPrecondition, "CREDIT_GIVEN");
    refused(cancel(&world, &main).await, Code::FailedPrecondition, "INVOICE_CREDITED");
    let back = change(&world, &users, 5, "2019-03-04").await;
    world.issue(&back).await.unwrap();
    assert_eq!(asked(&world).await, sum("24000.00"));
    world.harness.finish().await;
}

/// A period was billed since for six: the change to six cannot go while that stands, for five would
/// be billed as six.
#[tokio::test]
async fn what_was_billed_since_keeps_the_change() {
    let world = World::start().await;
    let (users, main) = world.users().await;
    world.issue(&main).await.unwrap();
    let more = change(&world, &users, 6, "2019-03-04").await;
    let (renewals, _) = run(&world, to("2019-07-20")).await.unwrap();
    assert_eq!(rub(&renewals[0].total), "28800.00");
    refused(cancel(&world, &more).await, Code::FailedPrecondition, "LATER_INVOICE");
    cancel(&world, &renewals[0].invoice).await.unwrap();
    cancel(&world, &more).await.unwrap();
    let (renewals, _) = run(&world, to("2019-07-20")).await.unwrap();
    assert_eq!(rub(&renewals[0].total), "24000.00");
    world.harness.finish().await;
}

/// An order that nobody has paid ends what it began; not while the period after it is billed.
#[tokio::test]
async fn an_order_goes_after_its_renewals() {
    let world = World::start().await;
    let product = pb::Product {
        title: "Аренда".into(),
        activation: pb::product::Activation::OnPayment.into(),
        ..Default::default()
    };
    let product = world.product(product, 1, "4560.00").await;
    let line = pb::OrderLine {
        product,
        cycle_months: 1,
        quantity: 1,
        start_date: date("2019-02-01"),
        ..Default::default()
    };
    let made = world.order(line).await;
    let (order, subscription) = (&made.invoices[0], &made.subscriptions[0]);
    world.issue(order).await.unwrap();
    let (renewals, _) = run(&world, to("2019-02-15")).await.unwrap();
    refused(cancel(&world, order).await, Code::FailedPrecondition, "LATER_INVOICE");
    cancel(&world, &renewals[0].invoice).await.unwrap();
    cancel(&world, order).await.unwrap();
    let ended = world.subscription(subscription).await;
    assert_eq!(ended.state(), pb::subscription::State::Terminated);
    world.harness.finish().await;
}

/// G36 (settled → cancel forbidden), design.md "Invoice states": what an act holds is corrected,
/// not cancelled; else the next close would make acts of the same days once more.
#[tokio::test]
async fn what_is_rendered_stands() {
    let world = World::start().await;
    let (_, main) = world.users().await;
    world.issue(&main).await.unwrap();
    world.harness.advance("2019-03-01T09:00:00Z").await;
    let (acts, _) = close(&world, month("2019-02-01")).await.unwrap();
    assert_eq!(rub(&acts[0].total), "4000.00");
    refused(cancel(&world, &main).await, Code::FailedPrecondition, "INVOICE_RENDERED");
    let status =
        refused(reissue(&world, &main).await, Code::FailedPrecondition, "INVOICE_RENDERED");
    assert!(status.message().contains("Уменьшите количество"), "{}", status.message());
    world.harness.finish().await;
}
