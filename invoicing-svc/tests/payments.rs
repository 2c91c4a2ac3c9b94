//! What payments-svc tells becomes suspense, advance, application and credit, and back again.

use crate::{
    bank::{Bank, roubles},
    world::{World, date, day, request_id, rub, seller},
};
use proto::{invoicing::v1 as pb, payments::v1 as told};
use service::feed::HandlerError;
use types::id::AllocationId;

/// A product that waits for its payment, and whose technicians do too.
async fn disk(world: &World) -> (String, String) {
    let product = pb::Product {
        title: "Диск 5 ГБ".into(),
        option: "Пакет".into(),
        activation: pb::product::Activation::OnPayment.into(),
        fulfilment: pb::product::Fulfilment::WorkOnPayment.into(),
        resource: "дисковое пространство".into(),
        factor: 5,
        ..Default::default()
    };
    let product = world.product(product, 6, "360.00").await;
    let made = world
        .order(pb::OrderLine {
            product,
            cycle_months: 6,
            quantity: 2,
            start_date: date("2019-02-08"),
            ..Default::default()
        })
        .await;
    world.issue(&made.invoices[0]).await.unwrap();
    (made.subscriptions[0].clone(), made.invoices[0].clone())
}

/// An invoice by hand, issued.
async fn invoice(world: &World, price: &str) -> String {
    let line = pb::InvoiceLine {
        text: "Настройка".into(),
        unit_price: crate::world::decimal(price),
        ..Default::default()
    };
    let invoice = pb::Invoice {
        client: world.client.clone(),
        contract: world.contract.clone(),
        lines: vec![line],
        ..Default::default()
    };
    let request = pb::CreateInvoiceRequest { invoice: Some(invoice), request_id: request_id() };
    let name = world.invoices().create_invoice(request).await.unwrap().into_inner().name;
    world.issue(&name).await.unwrap().name
}

fn owned(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect()
}

/// A bank line stands in suspense from the moment it is imported, once; set aside, it is gone.
#[tokio::test]
async fn money_stands_in_suspense() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let line = bank.line(&world.seller, "860.00", "2019-02-08").await;
    assert_eq!(bank.books().await, owned(&[("BANK_CLEARING", "860"), ("SUSPENSE", "-860")]));
    bank.audit().await;
    bank.ignore(&world.seller, &line, "860.00").await;
    assert_eq!(bank.books().await, []);
    bank.audit().await;
    world.harness.finish().await;
}

/// Step 6: the invoice is paid, what waited for payment works, `paid_through` advances, the work
/// order opens once, and the others are told; the same event again changes nothing (A188, G32).
#[tokio::test]
async fn a_payment_is_applied() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let (disk, main) = disk(&world).await;
    assert_eq!(world.subscription(&disk).await.state, i32::from(pb::subscription::State::Pending));
    let works: Vec<pb::WorkRequested> = world.payloads().await;
    assert_eq!(works, [], "the product waits for payment");

    // 2 × (22/30 + 5) × 60.00 (G1), VAT inside.
    bank.pay(&main, "688.00", "2019-02-11").await;
    let paid = world.invoice(&main).await;
    assert_eq!(paid.payment_state, i32::from(pb::invoice::PaymentState::Paid));
    assert_eq!(rub(&paid.residual), "0.00");
    let works_now = world.subscription(&disk).await;
    assert_eq!(works_now.state, i32::from(pb::subscription::State::Active));
    assert_eq!(day(&works_now.paid_through), "2019-08-01");

    let applied: Vec<pb::PaymentApplied> = world.payloads().await;
    assert_eq!(applied.len(), 1);
    assert_eq!(applied[0].invoice, main);
    assert_eq!(
        (rub(&applied[0].applied), rub(&applied[0].credit)),
        ("688.00".into(), "0.00".into())
    );
    let told: Vec<pb::InvoicePaid> = world.payloads().await;
    assert_eq!((told.len(), told[0].first), (1, true));
    let residual: Vec<pb::InvoiceResidualChanged> = world.payloads().await;
    assert_eq!(residual.last().map(|r| r.payment_state.as_str()), Some("PAID"));
    let works: Vec<pb::WorkRequested> = world.payloads().await;
    assert_eq!(works.len(), 1);
    assert_eq!((works[0].quantity_before, works[0].quantity_after), (0, 10), "packs of 5 GB");
    let changed: Vec<pb::SubscriptionChanged> = world.payloads().await;
    assert_eq!(changed.last().map(|c| c.state.as_str()), Some("ACTIVE"));

    assert_eq!(bank.balance().await, ["0.00", "0.00", "688.00", "0.00"]);
    let books = bank.books().await;
    let expected = [
        ("ADVANCES", "-688"),
        ("BANK_CLEARING", "688"),
        ("VAT_ON_ADVANCES", "114.67"),
        ("VAT_PAYABLE", "-114.67"),
    ];
    assert_eq!(books, owned(&expected));
    bank.audit().await;
    world.harness.finish().await;
}

/// Clamped to what is left; the rest is credit, no other open invoice is touched, and the next one
/// that is issued takes it, oldest money first.
#[tokio::test]
async fn the_rest_is_credit_for_the_next_invoice() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let (first, other) = (invoice(&world, "1000.00").await, invoice(&world, "400.00").await);
    let newer = bank.pay(&first, "1300.00", "2019-02-11").await;
    assert_eq!(bank.balance().await, ["300.00", "400.00", "1300.00", "0.00"]);
    let open = world.invoice(&other).await;
    assert_eq!(rub(&open.residual), "400.00", "open invoices wait for money that names them");
    let older = bank.pay("", "200.00", "2019-02-10").await;
    let next = invoice(&world, "350.00").await;
    let next = world.invoice(&next).await;
    assert_eq!(next.payment_state, i32::from(pb::invoice::PaymentState::Paid));
    let request = pb::ListApplicationsRequest { invoice: next.name.clone(), ..Default::default() };
    let made = world.ledger().list_applications(request).await.unwrap().into_inner().applications;
    let mut made: Vec<_> = made.iter().map(|a| (a.allocation.clone(), rub(&a.amount))).collect();
    made.sort_by_key(|(_, amount)| std::cmp::Reverse(amount.clone()));
    let oldest = (older.allocation.clone(), "200.00".into());
    assert_eq!(made, [oldest, (newer.allocation.clone(), "150.00".into())]);
    // payments-svc is told where all of each allocation is now.
    let answers: Vec<pb::PaymentApplied> = world.payloads().await;
    let last = answers.iter().rfind(|a| a.allocation == newer.allocation).unwrap();
    assert_eq!((rub(&last.applied), rub(&last.credit)), ("1150.00".into(), "150.00".into()));
    assert_eq!(bank.balance().await, ["150.00", "400.00", "1500.00", "0.00"]);
    bank.audit().await;
    world.harness.finish().await;
}

/// Unmatching is exact: the books, the invoices and `paid_through` are what they were, also where
/// its credit had paid another invoice meanwhile.
#[tokio::test]
async fn a_reversal_is_exact() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let (disk, main) = disk(&world).await;
    let line = bank.line(&world.seller, "1000.00", "2019-02-11").await;
    let before = bank.books().await;
    let allocated = bank.allocated(&line, &main, "1000.00", "2019-02-11");
    bank.allocate(&allocated).await;
    let second = invoice(&world, "300.00").await;
    assert_eq!(rub(&world.invoice(&second).await.residual), "0.00");
    bank.unmatch(&allocated).await;
    assert_eq!(bank.books().await, before);
    for (name, left) in [(&main, "688.00"), (&second, "300.00")] {
        let open = world.invoice(name).await;
        assert_eq!(open.payment_state, i32::from(pb::invoice::PaymentState::Open));
        assert_eq!(rub(&open.residual), left);
    }
    assert_eq!(day(&world.subscription(&disk).await.paid_through), "2019-02-08");
    let answers: Vec<pb::ApplicationReversed> = world.payloads().await;
    assert_eq!(answers.len(), 1);
    assert_eq!(
        (rub(&answers[0].applied), rub(&answers[0].credit)),
        ("988.00".into(), "12.00".into())
    );
    let again: Vec<pb::InvoicePaid> = world.payloads().await;
    assert_eq!(again.len(), 2, "both were paid once");
    bank.audit().await;
    // The same line is matched anew: another allocation, and it pays again.
    bank.allocate(&bank.allocated(&line, &main, "688.00", "2019-02-11")).await;
    assert_eq!(day(&world.subscription(&disk).await.paid_through), "2019-08-01");
    bank.audit().await;
    world.harness.finish().await;
}

/// A182, §1.9 item 10: money on one seller's account never closes another seller's invoice, at
/// equal number and amount; nor does money of another client.
#[tokio::test]
async fn never_across_sellers_or_clients() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let name = invoice(&world, "860.00").await;
    let other = world.create_seller(seller(2)).await.unwrap().name;
    let line = bank.line(&other, "860.00", "2019-02-11").await;
    let foreign =
        told::Allocated { seller: other, ..bank.allocated(&line, &name, "860.00", "2019-02-11") };
    bank.allocate(&foreign).await;
    assert_eq!(rub(&world.invoice(&name).await.residual), "860.00");
    let (stranger, _) = world.profiles.add(77);
    let line = bank.line(&world.seller, "860.00", "2019-02-11").await;
    let foreign = told::Allocated {
        client: stranger,
        ..bank.allocated(&line, &name, "860.00", "2019-02-11")
    };
    bank.allocate(&foreign).await;
    assert_eq!(rub(&world.invoice(&name).await.residual), "860.00");
    let answers: Vec<pb::PaymentApplied> = world.payloads().await;
    let credit: Vec<_> = answers.iter().map(|a| (a.invoice.as_str(), rub(&a.credit))).collect();
    assert_eq!(credit, [("", "860.00".to_owned()), ("", "860.00".into())]);
    bank.audit().await;
    world.harness.finish().await;
}

/// design.md "Invoice states", C20: an expired invoice takes money dated within its validity if its
/// periods are free, else the money is credit.
#[tokio::test]
async fn an_expired_invoice_is_revived_by_timely_money() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let (disk, main) = disk(&world).await;
    let pool = world.harness.owner("invoicing").await;
    let expire = "with old as (update invoices set state = 'EXPIRED', valid_until = '2019-02-20'
            where id = $1 returning id),
        freed as (update billed_periods set released = true where invoice_id = $1)
        update subscriptions set billed_through = start_date where exists (select from old)";
    let id: types::id::InvoiceId = main.parse().unwrap();
    sqlx::query(expire).bind(id.0).execute(&pool).await.unwrap();
    let late = bank.pay(&main, "688.00", "2019-02-21").await;
    assert_eq!(world.invoice(&main).await.state, i32::from(pb::invoice::State::Expired));
    assert_eq!(bank.balance().await[0], "688.00", "too late: credit");
    bank.unmatch(&late).await;
    bank.pay(&main, "688.00", "2019-02-20").await;
    let revived = world.invoice(&main).await;
    assert_eq!(revived.state, i32::from(pb::invoice::State::Issued));
    assert_eq!(revived.payment_state, i32::from(pb::invoice::PaymentState::Paid));
    let works = world.subscription(&disk).await;
    assert_eq!(day(&works.billed_through), "2019-08-01");
    assert_eq!(day(&works.paid_through), "2019-08-01");
    bank.audit().await;
    world.harness.finish().await;
}

/// What was never applied cannot be taken back: staff see why it waits.
#[tokio::test]
async fn an_unknown_reversal_is_parked() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let line = bank.line(&world.seller, "1.00", "2019-02-11").await;
    let unknown = told::AllocationReversed {
        allocation: AllocationId::generate().to_string(),
        ..Bank::reversed(&bank.allocated(&line, "", "1.00", "2019-02-11"))
    };
    let event = testkit::event(world.client.parse().unwrap(), &unknown);
    assert!(matches!(bank.tell(&event).await, Err(HandlerError::Park(_))));
    let nothing = told::Allocated {
        amount: roubles("0.00"),
        ..bank.allocated(&line, "", "1.00", "2019-02-11")
    };
    let event = testkit::event(world.client.parse().unwrap(), &nothing);
    assert!(matches!(bank.tell(&event).await, Err(HandlerError::Park(_))));
    world.harness.finish().await;
}

/// Whatever comes, in whatever order: after each step the whole audit holds.
#[tokio::test]
async fn the_law_holds_after_every_step() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let mut state = 20_190_208_u32;
    let mut chance = move |n: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % n
    };
    let (mut invoices, mut standing) = (vec![disk(&world).await.1], Vec::new());
    for _ in 0..30 {
        match chance(5) {
            0 => invoices.push(invoice(&world, &format!("{}.37", 100 + chance(900))).await),
            1 if !standing.is_empty() => {
                let at = chance(u32::try_from(standing.len()).unwrap()) as usize;
                let allocated = standing.swap_remove(at);
                bank.unmatch(&allocated).await;
            }
            _ => {
                let at = chance(u32::try_from(invoices.len()).unwrap() + 1) as usize;
                let named = invoices.get(at).cloned().unwrap_or_default();
                let amount = format!("{}.{:02}", 50 + chance(900), chance(100));
                let day = format!("2019-02-{:02}", 8 + chance(15));
                standing.push(bank.pay(&named, &amount, &day).await);
            }
        }
        bank.audit().await;
    }
    for allocated in standing {
        bank.unmatch(&allocated).await;
    }
    bank.audit().await;
    assert_eq!(bank.balance().await[2], "0.00", "nothing is left on advances");
    world.harness.finish().await;
}

/// An order of one-time products only has no subscription to wait for: it is complete once every
/// invoice of it is paid.
#[tokio::test]
async fn an_order_of_one_time_products_is_complete_when_paid() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let product =
        pb::Product { title: "Час администратора".into(), ..Default::default() };
    let product = world.product(product, 0, "5900.00").await;
    let made = world.order(pb::OrderLine { product, quantity: 2, ..Default::default() }).await;
    let order = made.order.unwrap();
    assert_eq!(order.state, i32::from(pb::order::State::Accepted));
    world.issue(&made.invoices[0]).await.unwrap();
    bank.pay(&made.invoices[0], "11800.00", "2019-02-11").await;
    let request = pb::GetOrderRequest { name: order.name };
    let order = world.orders().get_order(request).await.unwrap().into_inner();
    assert_eq!(order.state, i32::from(pb::order::State::Active));
    world.harness.finish().await;
}
