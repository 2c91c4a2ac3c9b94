//! `Subscriptions.SuspendSubscription` and `ResumeSubscription`: what is billed of a service that
//! stood still, and what is not (A142).

use crate::{
    bank::Bank,
    billing::{run, to},
    world::{World, date, day, fields, refused, request_id, rub},
};
use proto::invoicing::v1 as pb;
use tonic::{Code, Response, Status};

async fn suspend(world: &World, name: &str, reason: &str) -> Result<pb::Subscription, Status> {
    stop(world, name, reason, false).await
}

async fn stop(
    world: &World,
    name: &str,
    reason: &str,
    anyway: bool,
) -> Result<pb::Subscription, Status> {
    let request = pb::SuspendSubscriptionRequest {
        name: name.into(),
        reason: reason.into(),
        request_id: request_id(),
        anyway,
    };
    world.subscriptions().suspend_subscription(request).await.map(Response::into_inner)
}

async fn resume(world: &World, name: &str) -> Result<pb::Subscription, Status> {
    let request = pb::ResumeSubscriptionRequest { name: name.into(), request_id: request_id() };
    world.subscriptions().resume_subscription(request).await.map(Response::into_inner)
}

/// One at 3000.00 a month from 1 February, billed by the month; its first invoice is issued.
async fn monthly(world: &World) -> (String, String) {
    let product = pb::Product {
        title: "Тариф".into(),
        activation: pb::product::Activation::OnAccept.into(),
        ..Default::default()
    };
    let product = world.product(product, 1, "3000.00").await;
    let made = world
        .order(pb::OrderLine {
            product,
            cycle_months: 1,
            quantity: 1,
            start_date: date("2019-02-01"),
            ..Default::default()
        })
        .await;
    world.issue(&made.invoices[0]).await.unwrap();
    (made.subscriptions[0].clone(), made.invoices[0].clone())
}

async fn audited(world: &World) {
    Bank { world }.audit().await;
}

/// A142: it says since when and why it is stopped, is not renewed meanwhile, and goes on with the
/// day on which it is resumed: the gap is billed by nothing, and is no debt.
#[tokio::test]
async fn what_stood_still_is_not_billed() {
    let world = World::start().await;
    let (name, first) = monthly(&world).await;
    Bank { world: &world }.pay(&first, "3000.00", "2019-02-08").await;
    let stopped = suspend(&world, &name, "  Не оплачен счёт ").await.unwrap();
    assert_eq!(stopped.state, i32::from(pb::subscription::State::Suspended));
    assert_eq!(day(&stopped.suspended_since), "2019-02-08");
    assert_eq!(stopped.suspension_reason, "Не оплачен счёт");
    assert_eq!(world.subscription(&name).await, stopped);
    world.harness.advance("2019-03-13T09:00:00Z").await;
    assert_eq!(run(&world, to("2019-03-13")).await.unwrap().1.invoices, 0, "not renewed");
    audited(&world).await;

    let resumed = resume(&world, &name).await.unwrap();
    assert_eq!(resumed.state, i32::from(pb::subscription::State::Active));
    assert_eq!((&resumed.suspended_since, resumed.suspension_reason.as_str()), (&None, ""));
    assert_eq!(day(&resumed.billed_through), "2019-03-13");
    assert_eq!(day(&resumed.paid_through), "2019-03-13", "nobody owes the gap");
    audited(&world).await;
    let (made, _) = run(&world, to("2019-03-13")).await.unwrap();
    let line = world.invoice(&made[0].invoice).await.lines.remove(0);
    assert_eq!(
        (day(&line.start_date), day(&line.last_day)),
        ("2019-03-13".into(), "2019-03-31".into())
    );
    assert_eq!(rub(&line.amount), "1700.00", "17/30");
    assert_eq!(rub(&made[0].total), "4700.00", "and April, which is near");
    let states: Vec<String> =
        world.payloads::<pb::SubscriptionChanged>().await.into_iter().map(|c| c.state).collect();
    assert_eq!(states[states.len() - 2..], ["SUSPENDED", "ACTIVE"]);
    audited(&world).await;
    Bank { world: &world }.pay(&made[0].invoice, "4700.00", "2019-03-14").await;
    assert_eq!(day(&world.subscription(&name).await.paid_through), "2019-05-01");
    audited(&world).await;
    world.harness.finish().await;
}

/// Resumed within what is billed, nothing else changes; what is due is renewed again.
#[tokio::test]
async fn what_was_billed_stays_billed() {
    let world = World::start().await;
    let (name, _) = monthly(&world).await;
    let before = world.subscription(&name).await;
    suspend(&world, &name, "По просьбе клиента").await.unwrap();
    world.harness.advance("2019-02-20T09:00:00Z").await;
    let resumed = resume(&world, &name).await.unwrap();
    assert_eq!(resumed.billed_through, before.billed_through);
    assert_eq!(resumed.paid_through, before.paid_through);
    audited(&world).await;
    let (made, _) = run(&world, to("2019-02-20")).await.unwrap();
    assert_eq!(rub(&made[0].total), "3000.00", "the whole of March");
    audited(&world).await;
    world.harness.finish().await;
}

/// The payment of an invoice resumes; what was not billed meanwhile is skipped just so.
#[tokio::test]
async fn payment_resumes() {
    let world = World::start().await;
    let (name, first) = monthly(&world).await;
    let stopped = suspend(&world, &name, "Не оплачен счёт").await.unwrap();
    assert_eq!(stopped.unpaid_invoice, first, "what to pay");
    world.harness.advance("2019-03-05T09:00:00Z").await;
    Bank { world: &world }.pay(&first, "3000.00", "2019-03-05").await;
    let resumed = world.subscription(&name).await;
    assert_eq!(resumed.state, i32::from(pb::subscription::State::Active));
    assert_eq!(
        (day(&resumed.billed_through), day(&resumed.paid_through)),
        ("2019-03-05".into(), "2019-03-05".into())
    );
    assert_eq!(resumed.suspended_since, None);
    audited(&world).await;
    world.harness.finish().await;
}

/// Postpaid: the days before the suspension are owed, those of it are not.
#[tokio::test]
async fn postpaid_owes_what_was_served() {
    let world = World::start().await;
    let contract = pb::Contract {
        client: world.client.clone(),
        payer: world.payer.clone(),
        seller: world.seller.clone(),
        number: "7583-2".into(),
        date: date("2019-02-01"),
        kind: pb::contract::Kind::Signed.into(),
        payment: pb::contract::Payment::Postpaid.into(),
        ..Default::default()
    };
    let request = pb::CreateContractRequest { contract: Some(contract), request_id: request_id() };
    let contract = world.contracts().create_contract(request).await.unwrap().into_inner().name;
    let product = pb::Product {
        title: "Аренда сервера".into(),
        activation: pb::product::Activation::OnAccept.into(),
        ..Default::default()
    };
    let product = world.product(product, 1, "3100.00").await;
    let line = pb::OrderLine {
        product,
        contract,
        cycle_months: 1,
        quantity: 1,
        start_date: date("2019-02-01"),
        ..Default::default()
    };
    let order = world.create_order(vec![line]).await.unwrap();
    let made = world.accept(&order.name).await.unwrap();
    let name = &made.subscriptions[0];
    world.harness.advance("2019-03-08T09:00:00Z").await;
    suspend(&world, name, "Сервер в ремонте").await.unwrap();
    world.harness.advance("2019-03-15T09:00:00Z").await;
    resume(&world, name).await.unwrap();
    audited(&world).await;
    let (made, _) = run(&world, to("2019-04-01")).await.unwrap();
    let lines = world.invoice(&made[0].invoice).await.lines;
    let periods: Vec<_> = lines.iter().map(|l| (day(&l.start_date), day(&l.last_day))).collect();
    let owned = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(periods, [owned("2019-03-01", "2019-03-07"), owned("2019-03-15", "2019-03-31")]);
    let why = "of 30 days the 22 after the 8th are not served: the day of change is paid (SEED30)";
    assert_eq!(rub(&lines[0].amount), "826.67", "{why}");
    assert_eq!(rub(&lines[1].amount), "1550.00", "15/30");
    assert_eq!(day(&world.subscription(name).await.billed_through), "2019-04-01");
    audited(&world).await;
    world.harness.finish().await;
}

async fn protect(world: &World, name: &str, until: &str) -> Result<pb::Subscription, Status> {
    let request = pb::ProtectSubscriptionRequest {
        name: name.into(),
        until: if until.is_empty() { None } else { date(until) },
        request_id: request_id(),
    };
    world.subscriptions().protect_subscription(request).await.map(Response::into_inner)
}

/// A145: until its day a service is suspended only by whoever says that it must be all the same;
/// the protection ends by itself, or is taken back.
#[tokio::test]
async fn a_service_is_protected_until_a_day() {
    let world = World::start().await;
    let (name, _) = monthly(&world).await;
    let kept = protect(&world, &name, "2019-02-15").await.unwrap();
    assert_eq!(day(&kept.no_suspend_until), "2019-02-15");
    let unwanted = suspend(&world, &name, "Не оплачен счёт").await;
    let unwanted = refused(unwanted, Code::FailedPrecondition, "SUSPENSION_UNWANTED");
    assert!(unwanted.message().contains("15.02.2019"), "{unwanted:?}");
    let stopped = stop(&world, &name, "Отключён", true).await.unwrap();
    assert_eq!(stopped.state, i32::from(pb::subscription::State::Suspended));
    assert_eq!(day(&stopped.no_suspend_until), "2019-02-15", "the word stays");
    resume(&world, &name).await.unwrap();
    assert_eq!(protect(&world, &name, "").await.unwrap().no_suspend_until, None);
    suspend(&world, &name, "Не оплачен счёт").await.unwrap();
    resume(&world, &name).await.unwrap();

    for day in ["2019-02-08", "2019-02-07"] {
        assert_eq!(fields(&protect(&world, &name, day).await.unwrap_err()), ["until"]);
    }
    protect(&world, &name, "2019-02-15").await.unwrap();
    world.harness.advance("2019-02-15T09:00:00Z").await;
    suspend(&world, &name, "Не оплачен счёт").await.unwrap();
    let unknown = format!("subscriptions/{}", uuid::Uuid::new_v4());
    let unknown = protect(&world, &unknown, "2019-03-01").await;
    refused(unknown, Code::NotFound, "NOT_FOUND");
    audited(&world).await;
    world.harness.finish().await;
}

/// Says whether services of the client are not to be suspended, and has the service know it.
async fn never_suspend(world: &World, never: bool) {
    {
        let mut profiles = world.profiles.0.lock().unwrap();
        let profile = profiles.get_mut(&world.client).unwrap();
        (profile.never_suspend, profile.revision) = (never, profile.revision + 1);
    }
    let frame = world.harness.frame();
    let client = world.client.parse().unwrap();
    let profile = invoicing_svc::jobs::clients_follower::fetch(frame, client).await.unwrap();
    let mut conn = frame.pool.acquire().await.unwrap();
    invoicing_svc::store::profiles::keep(&mut conn, &profile.unwrap()).await.unwrap();
}

/// A57: services of a client who is never to be suspended are, only by whoever says so.
#[tokio::test]
async fn a_client_is_never_suspended_unasked() {
    let world = World::start().await;
    let (name, _) = monthly(&world).await;
    never_suspend(&world, true).await;
    let unwanted = suspend(&world, &name, "Не оплачен счёт").await;
    refused(unwanted, Code::FailedPrecondition, "SUSPENSION_UNWANTED");
    stop(&world, &name, "Отключён", true).await.unwrap();
    resume(&world, &name).await.unwrap();
    never_suspend(&world, false).await;
    suspend(&world, &name, "Не оплачен счёт").await.unwrap();
    world.harness.finish().await;
}

/// Only what works is stopped, only what is stopped goes on, and a reason is told.
#[tokio::test]
async fn refusals() {
    let world = World::start().await;
    let (name, _) = monthly(&world).await;
    refused(resume(&world, &name).await, Code::FailedPrecondition, "SUBSCRIPTION_STATE");
    assert_eq!(fields(&suspend(&world, &name, " ").await.unwrap_err()), ["reason"]);
    suspend(&world, &name, "Не оплачен счёт").await.unwrap();
    let again = suspend(&world, &name, "Ещё раз").await;
    refused(again, Code::FailedPrecondition, "SUBSCRIPTION_STATE");
    let unknown = format!("subscriptions/{}", uuid::Uuid::new_v4());
    refused(suspend(&world, &unknown, "Нет такой").await, Code::NotFound, "NOT_FOUND");
    world.harness.finish().await;
}
