//! `LateFees` (A47, A93): what a debt costs that is paid late, who is not charged, how it is paid
//! and given up.

use crate::{
    bank::Bank,
    billing::{run, to},
    overdue_notices::know,
    world::{World, date, day, decimal, fields, refused, request_id, rub},
};
use proto::{
    invoicing::v1::{self as pb, late_fee::State, late_fees_client::LateFeesClient},
    system::v1::Role,
};
use service::PeerChannel;
use tonic::{Code, Response, Status};

fn calls(world: &World) -> LateFeesClient<PeerChannel> {
    LateFeesClient::new(world.harness.client_as(Role::Accountant))
}

pub fn policy(world: &World, from: &str, daily: &str) -> pb::LateFeePolicy {
    pb::LateFeePolicy {
        seller: world.seller.clone(),
        from: date(from),
        daily_percent: decimal(daily),
        cap_percent: decimal("2"),
        ..Default::default()
    }
}

async fn begin(world: &World, policy: pb::LateFeePolicy) -> Result<pb::LateFeePolicy, Status> {
    let late_fee_policy = Some(policy);
    let request = pb::CreateLateFeePolicyRequest { late_fee_policy, request_id: request_id() };
    calls(world).create_late_fee_policy(request).await.map(Response::into_inner)
}

async fn end(world: &World, name: &str, until: &str) -> Result<pb::LateFeePolicy, Status> {
    let (name, until) = (name.to_owned(), date(until));
    let request = pb::EndLateFeePolicyRequest { name, until, request_id: request_id() };
    calls(world).end_late_fee_policy(request).await.map(Response::into_inner)
}

async fn fees(world: &World) -> Vec<pb::LateFee> {
    let client = world.client.clone();
    let request = pb::ListLateFeesRequest { client, ..Default::default() };
    calls(world).list_late_fees(request).await.unwrap().into_inner().late_fees
}

pub async fn one(world: &World) -> pb::LateFee {
    let all = fees(world).await;
    let [fee] = &all[..] else { panic!("one fee, got {all:?}") };
    fee.clone()
}

async fn pay(world: &World, name: &str) -> Result<pb::LateFee, Status> {
    let request = pb::PayLateFeeRequest { name: name.into(), request_id: request_id() };
    calls(world).pay_late_fee(request).await.map(Response::into_inner)
}

async fn waive(world: &World, name: &str, reason: &str) -> Result<pb::LateFee, Status> {
    let (name, reason) = (name.to_owned(), reason.to_owned());
    let request = pb::WaiveLateFeeRequest { name, reason, request_id: request_id() };
    calls(world).waive_late_fee(request).await.map(Response::into_inner)
}

/// Days, debt and price of the parts.
fn parts(fee: &pb::LateFee) -> Vec<(String, String, String, String)> {
    let price = |part: &pb::LateFeePart| part.price.clone().unwrap().value;
    fee.parts
        .iter()
        .map(|p| (day(&p.first_day), day(&p.last_day), rub(&p.debt), price(p)))
        .collect()
}

fn owned(first: &str, last: &str, debt: &str, price: &str) -> (String, String, String, String) {
    (first.into(), last.into(), debt.into(), price.into())
}

/// A server that is paid afterwards, at 3100.00 for February; its invoice is issued on 1 March.
/// Banks know by Monday, 11 March, who paid it.
pub async fn debt(world: &World, terms: pb::contract::Payment) -> String {
    let contract = pb::Contract {
        client: world.client.clone(),
        payer: world.payer.clone(),
        seller: world.seller.clone(),
        number: "7583-9".into(),
        date: date("2019-02-01"),
        kind: pb::contract::Kind::Signed.into(),
        payment: terms.into(),
        due_days: 7,
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
        contract: contract.clone(),
        cycle_months: 1,
        quantity: 1,
        start_date: date("2019-02-01"),
        ..Default::default()
    };
    let order = world.create_order(vec![line]).await.unwrap();
    let accepted = world.accept(&order.name).await.unwrap();
    if terms == pb::contract::Payment::Prepaid {
        world.issue(&accepted.invoices[0]).await.unwrap();
        return accepted.invoices[0].clone();
    }
    world.harness.advance("2019-03-01T09:00:00Z").await;
    run(world, to("2019-03-01")).await.unwrap();
    let client = world.client.clone();
    let request = pb::ListInvoicesRequest { client, ..Default::default() };
    let all = world.invoices().list_invoices(request).await.unwrap().into_inner().invoices;
    let invoice = all.into_iter().find(|i| i.contract == contract).unwrap().name;
    world.issue(&invoice).await.unwrap();
    assert_eq!(day(&world.invoice(&invoice).await.due_date), "2019-03-08");
    invoice
}

/// A47: 0.1 % of the debt a day from the first banking morning after the due day is over (G17);
/// what is paid lowers it from its own day on; the fee says how it came about, and stays when the
/// invoice is paid. No line of an invoice, nothing in the ledger.
#[tokio::test]
async fn a_debt_that_is_paid_late_costs_a_fee() {
    let world = World::start().await;
    begin(&world, policy(&world, "2019-02-08", "0.1")).await.unwrap();
    let invoice = debt(&world, pb::contract::Payment::Postpaid).await;
    world.harness.advance("2019-03-12T09:00:00Z").await;
    assert_eq!(fees(&world).await, [], "overdue since this morning: no day is over");
    world.harness.advance("2019-03-17T09:00:00Z").await;
    let grown = one(&world).await;
    assert_eq!(grown.state(), State::Growing);
    assert_eq!(parts(&grown), [owned("2019-03-12", "2019-03-16", "3100.00", "15.5")]);
    assert_eq!((rub(&grown.amount), rub(&grown.residual)), ("15.50".into(), "15.50".into()));
    assert_eq!(grown.invoice, invoice);

    let bank = Bank { world: &world };
    bank.pay(&invoice, "1100.00", "2019-03-15").await;
    world.harness.advance("2019-03-20T09:00:00Z").await;
    let lower = [
        owned("2019-03-12", "2019-03-14", "3100.00", "9.3"),
        owned("2019-03-15", "2019-03-19", "2000.00", "10"),
    ];
    assert_eq!(parts(&one(&world).await), lower, "the bank told later");
    assert_eq!(rub(&world.invoice(&invoice).await.total), "3100.00", "no line of the invoice");
    bank.pay(&invoice, "2000.00", "2019-03-20").await;
    world.harness.advance("2019-04-20T09:00:00Z").await;
    let last = one(&world).await;
    assert_eq!((last.state(), rub(&last.residual)), (State::Open, "19.30".into()));
    assert_eq!(parts(&last), lower, "it grows no more");
    bank.audit().await;
    world.harness.finish().await;
}

/// A47: off by default; not for what is prepaid (§1.9 item 16: it lapses, it is no debt), not for
/// whoever is not to be charged, whose days are not made up for; never above its cap.
#[tokio::test]
async fn who_is_not_charged() {
    let world = World::start().await;
    debt(&world, pb::contract::Payment::Postpaid).await;
    world.harness.advance("2019-03-15T09:00:00Z").await;
    assert_eq!(fees(&world).await, [], "the seller has no policy");
    know(&world, |profile| profile.no_late_fees = true).await;
    begin(&world, policy(&world, "2019-03-15", "0.1")).await.unwrap();
    world.harness.advance("2019-03-18T09:00:00Z").await;
    assert_eq!(fees(&world).await, [], "the client is not to be charged");
    know(&world, |profile| profile.no_late_fees = false).await;
    world.harness.advance("2019-03-20T09:00:00Z").await;
    let from = parts(&one(&world).await)[0].0.clone();
    assert_eq!(from, "2019-03-18", "neither days before the policy nor those without charge");
    world.harness.advance("2019-06-20T09:00:00Z").await;
    let capped = one(&world).await;
    assert_eq!((rub(&capped.amount), rub(&capped.uncapped)), ("62.00".into(), "291.40".into()));
    Bank { world: &world }.audit().await;
    world.harness.finish().await;

    let world = World::start().await;
    begin(&world, policy(&world, "2019-02-08", "0.1")).await.unwrap();
    debt(&world, pb::contract::Payment::Prepaid).await;
    world.harness.advance("2019-03-20T09:00:00Z").await;
    assert_eq!(fees(&world).await, [], "prepaid");
    world.harness.finish().await;
}

/// The debt comes first; then credit pays the fee, as a posting of its own account. Money that is
/// taken back leaves both unpaid, exactly as before.
#[tokio::test]
async fn credit_pays_a_fee_and_is_taken_back() {
    let world = World::start().await;
    begin(&world, policy(&world, "2019-02-08", "0.1")).await.unwrap();
    let invoice = debt(&world, pb::contract::Payment::Postpaid).await;
    world.harness.advance("2019-03-22T09:00:00Z").await;
    let fee = one(&world).await;
    assert_eq!(rub(&fee.amount), "31.00");
    let bank = Bank { world: &world };
    refused(pay(&world, &fee.name).await, Code::FailedPrecondition, "LATE_FEE_GROWING");
    bank.pay(&invoice, "3100.00", "2019-03-22").await;
    refused(pay(&world, &fee.name).await, Code::FailedPrecondition, "NO_CREDIT");
    bank.pay("", "20.00", "2019-03-23").await;
    let part = pay(&world, &fee.name).await.unwrap();
    assert_eq!((part.state(), rub(&part.residual)), (State::Open, "11.00".into()));
    let more = bank.pay("", "100.00", "2019-03-24").await;
    let paid = pay(&world, &fee.name).await.unwrap();
    assert_eq!((paid.state(), rub(&paid.paid)), (State::Paid, "31.00".into()));
    refused(pay(&world, &fee.name).await, Code::FailedPrecondition, "LATE_FEE_SETTLED");
    assert_eq!(bank.balance().await[0], "89.00", "what is left is credit");
    bank.audit().await;

    bank.unmatch(&more).await;
    let again = one(&world).await;
    assert_eq!((again.state(), rub(&again.residual)), (State::Open, "11.00".into()));
    bank.audit().await;
    world.harness.finish().await;
}

/// A47: waived with a reason, by somebody; it grows no more, and is not paid.
#[tokio::test]
async fn a_fee_is_waived_with_a_reason() {
    let world = World::start().await;
    begin(&world, policy(&world, "2019-02-08", "0.1")).await.unwrap();
    debt(&world, pb::contract::Payment::Postpaid).await;
    world.harness.advance("2019-03-22T09:00:00Z").await;
    let fee = one(&world).await;
    let bare = waive(&world, &fee.name, "  ").await.unwrap_err();
    assert_eq!(fields(&bare), ["reason"]);
    let waived = waive(&world, &fee.name, "Сбой был у нас").await.unwrap();
    assert_eq!((waived.state(), rub(&waived.residual)), (State::Waived, "0.00".into()));
    assert_eq!(waived.waive_reason, "Сбой был у нас");
    assert!(waived.waived_by.starts_with("staff/") && waived.waive_time.is_some());
    world.harness.advance("2019-04-22T09:00:00Z").await;
    assert_eq!(one(&world).await, waived, "it grows no more");
    let twice = waive(&world, &fee.name, "Ещё раз").await;
    refused(twice, Code::FailedPrecondition, "LATE_FEE_SETTLED");
    Bank { world: &world }.audit().await;
    world.harness.finish().await;
}

/// Terms are of days to come, one at a time; what a seller ends charges no day from then on.
#[tokio::test]
async fn terms_begin_and_end() {
    let world = World::start().await;
    let wrong = pb::LateFeePolicy {
        cap_percent: decimal("101"),
        daily_percent: decimal("0"),
        grace_days: 61,
        ..policy(&world, "2019-02-08", "0.1")
    };
    let named = ["daily_percent", "cap_percent", "grace_days"];
    let named = named.map(|field| format!("late_fee_policy.{field}"));
    assert_eq!(fields(&begin(&world, wrong).await.unwrap_err()), named);
    let past = begin(&world, policy(&world, "2019-02-07", "0.1")).await.unwrap_err();
    assert_eq!(fields(&past), ["late_fee_policy.from"]);
    let old = begin(&world, policy(&world, "2019-02-08", "0.1")).await.unwrap();
    let second = begin(&world, policy(&world, "2019-03-01", "0.2")).await;
    refused(second, Code::FailedPrecondition, "LATE_FEE_POLICY_OVERLAPS");
    debt(&world, pb::contract::Payment::Postpaid).await;
    end(&world, &old.name, "2019-03-14").await.unwrap();
    begin(&world, policy(&world, "2019-03-14", "0.2")).await.unwrap();
    world.harness.advance("2019-03-15T09:00:00Z").await;
    let charged = [
        owned("2019-03-12", "2019-03-13", "3100.00", "6.2"),
        owned("2019-03-14", "2019-03-14", "3100.00", "6.2"),
    ];
    assert_eq!(parts(&one(&world).await), charged);
    let over = end(&world, &old.name, "2019-04-01").await;
    refused(over, Code::FailedPrecondition, "LATE_FEE_POLICY_ENDED");
    let request = pb::ListLateFeePoliciesRequest::default();
    let all = calls(&world).list_late_fee_policies(request).await.unwrap().into_inner();
    let days: Vec<_> =
        all.late_fee_policies.iter().map(|p| (day(&p.from), p.until.is_some())).collect();
    assert_eq!(days, [("2019-03-14".to_owned(), false), ("2019-02-08".to_owned(), true)]);
    Bank { world: &world }.audit().await;
    world.harness.finish().await;
}
