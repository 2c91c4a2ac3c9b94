//! `Billing.RunBilling`: dry run, run, rerun, two at once, a run that is left half-way, policies.

use crate::{
    bank::Bank,
    world::{World, date, day, fields, refused, request_id, rub},
};
use futures::{StreamExt, future::join};
use proto::{
    invoicing::v1::{
        self as pb, BillingProgress, BillingResult, BillingSummary, billing_client::BillingClient,
    },
    system::v1::Role,
};
use service::PeerChannel;
use sqlx::Acquire;
use tonic::{Code, Status};

fn client(world: &World, role: Role) -> BillingClient<PeerChannel> {
    BillingClient::new(world.harness.client_as(role))
}

pub fn to(day: &str) -> pb::RunBillingRequest {
    pb::RunBillingRequest { date: date(day), dry_run: false, request_id: request_id() }
}

fn dry(day: &str) -> pb::RunBillingRequest {
    pb::RunBillingRequest { date: date(day), dry_run: true, request_id: String::new() }
}

/// A run to its end: what it made, and its summary.
pub async fn run(
    world: &World,
    request: pb::RunBillingRequest,
) -> Result<(Vec<BillingResult>, BillingSummary), Status> {
    let stream = client(world, Role::Accountant).run_billing(request).await?.into_inner();
    let all: Vec<BillingProgress> =
        stream.collect::<Vec<_>>().await.into_iter().collect::<Result<_, _>>()?;
    let last = all.last().cloned().unwrap();
    assert_eq!(last.clients_done, last.clients_total);
    let results = all.into_iter().flat_map(|step| step.results).collect();
    Ok((results, last.summary.unwrap()))
}

/// A195, G18: the period from 01.02.2019 is invoiced 20 days ahead, on Saturday 12.01.2019, due on
/// its first day. A dry run shows it and writes nothing; the run again makes nothing; the same
/// request is answered the same.
#[tokio::test]
async fn g18_the_renewal_comes_twenty_days_ahead() {
    let world = World::start_at("2019-01-11T09:00:00Z").await;
    let product = pb::Product {
        title: "Аренда".into(),
        activation: pb::product::Activation::OnAccept.into(),
        ..Default::default()
    };
    let product = world.product(product, 1, "4560.00").await;
    let made = world
        .order(pb::OrderLine {
            product,
            cycle_months: 1,
            quantity: 1,
            start_date: date("2019-01-01"),
            ..Default::default()
        })
        .await;
    world.issue(&made.invoices[0]).await.unwrap();
    assert_eq!(run(&world, dry("2019-01-11")).await.unwrap().1.invoices, 0, "a day too early");
    world.harness.advance("2019-01-11T20:00:00Z").await;

    let before = world.events().await;
    let (shown, would) = run(&world, dry("2019-01-12")).await.unwrap();
    assert_eq!((shown.len(), rub(&shown[0].total)), (1, "4560.00".into()));
    assert_eq!(shown[0].invoice, "", "it is only shown");
    assert_eq!(world.events().await, before);

    let request = to("2019-01-12");
    let (results, did) = run(&world, request.clone()).await.unwrap();
    assert_eq!(would, did);
    assert_eq!(did.problems, 0);
    let again = run(&world, request.clone()).await.unwrap();
    assert_eq!((&again.0, &again.1), (&results, &did), "the same request, the same answer");
    assert_eq!(run(&world, to("2019-01-12")).await.unwrap().1.invoices, 0, "a rerun is a no-op");
    let other = pb::RunBillingRequest { date: date("2019-01-13"), ..request };
    refused(run(&world, other).await, Code::InvalidArgument, "REQUEST_ID_REUSED");

    let renewal = world.invoice(&results[0].invoice).await;
    assert_eq!(renewal.state, i32::from(pb::invoice::State::Issued));
    assert_eq!(renewal.kind, i32::from(pb::invoice::Kind::Main));
    assert_eq!(day(&renewal.due_date), "2019-02-01");
    assert_eq!(day(&renewal.lines[0].start_date), "2019-02-01");
    assert_eq!(renewal.sequence, 2);
    let letters: Vec<pb::LetterRequested> = world.payloads().await;
    assert_eq!(letters.len(), 2, "the order's and the renewal's");
    let billed = world.subscription(&made.subscriptions[0]).await;
    assert_eq!(day(&billed.billed_through), "2019-03-01");
    let transfers = world.ledger().list_transfers(pb::ListTransfersRequest::default()).await;
    assert!(transfers.unwrap().into_inner().transfers.is_empty(), "a request posts nothing");
    Bank { world: &world }.audit().await;
    world.harness.finish().await;
}

/// A151, A159, G6: a change for days that nothing bills yet makes no invoice; the run bills the
/// period by what it begins with, and the difference from its day on. Cancelling that invoice
/// does not change the quantity back.
#[tokio::test]
async fn a_change_before_its_bill_is_billed_by_the_run() {
    let world = World::start().await;
    let (users, main) = world.users().await;
    world.issue(&main).await.unwrap();
    let shown = crate::subscriptions::preview(&world, &users, 6, "2019-08-10").await;
    assert!(shown.lines.is_empty());
    let confirm = crate::subscriptions::confirm(&users, &shown.token);
    world.subscriptions().confirm_quantity_change(confirm).await.unwrap();
    for _ in 0..2 {
        let (made, _) = run(&world, to("2019-07-12")).await.unwrap();
        let renewal = world.invoice(&made[0].invoice).await;
        let lines: Vec<_> = renewal
            .lines
            .iter()
            .map(|l| (rub(&l.amount), day(&l.start_date), day(&l.last_day)))
            .collect();
        let line = |amount: &str, from: &str| (amount.into(), from.into(), "2020-01-31".into());
        // 20 of 30 thirtieths of a month, and five months.
        assert_eq!(lines, [line("24000.00", "2019-08-01"), line("4533.33", "2019-08-10")]);
        assert_eq!(renewal.lines[1].details, ["Пользователь: 5 → 6"]);
        assert_eq!(run(&world, to("2019-07-12")).await.unwrap().1.invoices, 0);
        Bank { world: &world }.audit().await;
        let cancel = pb::CancelInvoiceRequest {
            name: made[0].invoice.clone(),
            reason: "Выставлен рано".into(),
            etag: String::new(),
            request_id: request_id(),
        };
        world.invoices().cancel_invoice(cancel).await.unwrap();
        assert_eq!(world.subscription(&users).await.quantity, 6);
        Bank { world: &world }.audit().await;
    }
    world.harness.finish().await;
}

/// Every business day bills by itself.
#[tokio::test]
async fn every_day_bills_by_itself() {
    let world = World::start().await;
    let (users, main) = world.users().await;
    world.issue(&main).await.unwrap();
    world.harness.advance("2019-07-11T09:00:00Z").await;
    assert_eq!(day(&world.subscription(&users).await.billed_through), "2019-08-01");
    world.harness.advance("2019-07-12T09:00:00Z").await;
    assert_eq!(day(&world.subscription(&users).await.billed_through), "2020-02-01");
    assert_eq!(run(&world, to("2019-07-12")).await.unwrap().1.invoices, 0);
    Bank { world: &world }.audit().await;
    world.harness.finish().await;
}

/// Credit pays a renewal as it is issued: one letter, paid, and the next due moves.
#[tokio::test]
async fn credit_pays_a_renewal() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let (users, main) = world.users().await;
    world.issue(&main).await.unwrap();
    // 5 × 4800.00 a half-year, twice.
    bank.pay(&main, "48000.00", "2019-02-11").await;
    world.harness.advance("2019-07-12T09:00:00Z").await;
    assert_eq!(day(&world.subscription(&users).await.paid_through), "2020-02-01");
    assert_eq!(bank.balance().await, ["0.00", "0.00", "48000.00", "0.00"]);
    bank.audit().await;
    world.harness.finish().await;
}

/// An older invoice that is reissued closes its gap again before the newer one.
#[tokio::test]
async fn reissuing_an_older_invoice_leaves_the_newer_one_billed() {
    let world = World::start().await;
    let (users, main) = world.users().await;
    world.issue(&main).await.unwrap();
    assert_eq!(run(&world, to("2019-07-12")).await.unwrap().1.invoices, 1);
    let reissue = pb::ReissueInvoiceRequest {
        name: main,
        reason: "Неверный адрес".into(),
        etag: String::new(),
        request_id: request_id(),
    };
    world.invoices().reissue_invoice(reissue).await.unwrap();
    assert_eq!(day(&world.subscription(&users).await.billed_through), "2020-02-01");
    assert_eq!(run(&world, to("2019-07-12")).await.unwrap().1.invoices, 0);
    Bank { world: &world }.audit().await;
    world.harness.finish().await;
}

/// Held before sent: the policies of a client, a seller and everybody make held invoices, and
/// nothing leaves (A163, G51).
#[tokio::test]
async fn policies_hold() {
    let world = World::start().await;
    let (_, main) = world.users().await;
    world.issue(&main).await.unwrap();
    let pool = world.harness.owner("invoicing").await;
    for (set, unset) in [
        ("update accounts set hold_invoices = true", "update accounts set hold_invoices = false"),
        ("update sellers set hold_invoices = true", "update sellers set hold_invoices = false"),
        (
            "update billing_settings set hold_invoices = true",
            "update billing_settings set hold_invoices = false",
        ),
    ] {
        sqlx::query(set).execute(&pool).await.unwrap();
        let letters = world.payloads::<pb::LetterRequested>().await.len();
        let (shown, _) = run(&world, dry("2019-07-12")).await.unwrap();
        let (made, _) = run(&world, to("2019-07-12")).await.unwrap();
        assert!(shown[0].held && made[0].held);
        let held = world.invoice(&made[0].invoice).await;
        assert_eq!((held.state, held.number.as_str()), (pb::invoice::State::Held.into(), ""));
        assert_eq!(world.payloads::<pb::LetterRequested>().await.len(), letters);
        assert_eq!(run(&world, to("2019-07-12")).await.unwrap().1.invoices, 0, "held is claimed");
        let cancel = pb::CancelInvoiceRequest {
            name: held.name,
            reason: "для следующей проверки".into(),
            etag: String::new(),
            request_id: request_id(),
        };
        world.invoices().cancel_invoice(cancel).await.unwrap();
        sqlx::query(unset).execute(&pool).await.unwrap();
        Bank { world: &world }.audit().await;
    }
    world.harness.finish().await;
}

/// One client that cannot be billed is named, and the others are billed.
#[tokio::test]
async fn a_problem_of_one_client_stops_nobody() {
    let world = World::start().await;
    let (_, main) = world.users().await;
    world.issue(&main).await.unwrap();
    crowd(&world, 2).await;
    let pool = world.harness.owner("invoicing").await;
    let bad = "update subscriptions set start_date = '1900-01-01', billed_through = '1900-01-01',
            paid_through = '1900-01-01', schedule_origin = '1900-01-01', cycle_months = 1
        where client_id = (select max(client_id::text)::uuid from subscriptions)
        returning client_id::text";
    let (bad,): (String,) = sqlx::query_as(bad).fetch_one(&pool).await.unwrap();
    let (results, summary) = run(&world, to("2019-07-12")).await.unwrap();
    assert_eq!((summary.clients, summary.problems), (2, 1), "{results:#?}");
    let problem = results.iter().find(|r| !r.problem.is_empty()).unwrap();
    assert_eq!(problem.client, format!("clients/{bad}"));
    assert!(problem.problem.contains("/"), "in both languages: {}", problem.problem);
    world.harness.finish().await;
}

/// Clients like the world's own, each with a contract and a subscription of five users.
async fn crowd(world: &World, clients: i32) {
    let pool = world.harness.owner("invoicing").await;
    let mut conn = pool.acquire().await.unwrap();
    let mut tx = conn.begin().await.unwrap();
    for copy in [
        "create temporary table crowd on commit drop as
            select n, gen_random_uuid() as client, gen_random_uuid() as payer,
                gen_random_uuid() as contract, gen_random_uuid() as subscription,
                gen_random_uuid() as invoice, gen_random_uuid() as line
            from generate_series(1, $1) as n",
        "insert into profiles select c.client, revision, 10000 + n, title, kind, language, zone
            from profiles, crowd c where $1 > 0",
        "insert into payers select c.payer, revision, c.client, kind, title, country, tax_id, kpp,
            ogrn, address from payers, crowd c where $1 > 0",
        "insert into contracts select c.contract, c.client, c.payer, seller_id, 'K' || n, date,
            kind, terms, due_days, currency, closed, 1, created_at
            from contracts, crowd c where $1 > 0",
        "insert into subscriptions (id, client_id, contract_id, payer_id, seller_id, product_id,
                state, title, quantity, price_id, override_reason, unit_price, price_cycle,
                price_tax, price_since, currency, schedule_origin, anchor_day, cycle_months,
                service_code, period_text, domain, start_date, billed_through, paid_through,
                created_at)
            select c.subscription, c.client, c.contract, c.payer, seller_id, product_id, state,
                title, quantity, price_id, override_reason, unit_price, price_cycle, price_tax,
                price_since, currency, schedule_origin, anchor_day, cycle_months, service_code,
                period_text, domain, '2019-08-01', '2019-08-01', '2019-08-01', created_at
            from subscriptions, crowd c where $1 > 0",
    ] {
        sqlx::query(copy).bind(clients).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Two runs at once share the chunks: everybody is billed once, the series has no gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_runs_share_the_work() {
    let world = World::start().await;
    let (_, main) = world.users().await;
    world.issue(&main).await.unwrap();
    crowd(&world, 1100).await;
    let (one, two) = join(run(&world, to("2019-07-12")), run(&world, to("2019-07-12"))).await;
    let (one, two) = (one.unwrap(), two.unwrap());
    let pool = world.harness.owner("invoicing").await;
    let (invoices, clients): (i64, i64) = sqlx::query_as(
        "select count(*), count(distinct client_id) from invoices where kind = 'MAIN'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!((invoices, clients), (1101, 1101));
    // Whichever joined the other tells of all of it; one that came after it had nothing to do.
    assert!(one.1.invoices == 1101 || two.1.invoices == 1101);
    assert!([0, 1101].contains(&one.1.invoices) && [0, 1101].contains(&two.1.invoices));
    Bank { world: &world }.audit().await;
    world.harness.finish().await;
}

/// A run whose caller went away after the first chunk is finished by the same request, and nothing
/// is made twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_left_half_way_is_finished() {
    let world = World::start().await;
    let (_, main) = world.users().await;
    world.issue(&main).await.unwrap();
    crowd(&world, 600).await;
    let request = to("2019-07-12");
    let mut accountant = client(&world, Role::Accountant);
    let mut stream = accountant.run_billing(request.clone()).await.unwrap().into_inner();
    let first = stream.next().await.unwrap().unwrap();
    // Two chunks are at hand; either may be the first to be done.
    assert!([101, 500, 601].contains(&first.clients_done), "{first:?}");
    assert_eq!(first.clients_total, 601);
    drop(stream);
    let (results, summary) = run(&world, request.clone()).await.unwrap();
    assert_eq!((results.len(), summary.invoices), (601, 601));
    assert_eq!(run(&world, request).await.unwrap().1, summary);
    assert_eq!(run(&world, to("2019-07-12")).await.unwrap().1.invoices, 0);
    Bank { world: &world }.audit().await;
    world.harness.finish().await;
}

#[tokio::test]
async fn bad_runs_are_refused() {
    let world = World::start().await;
    let status = run(&world, pb::RunBillingRequest::default()).await.unwrap_err();
    assert_eq!(fields(&status), ["date"]);
    let status = run(&world, to("2091-02-08")).await.unwrap_err();
    assert_eq!(fields(&status), ["date"], "more than a year ahead");
    let nameless = pb::RunBillingRequest { request_id: "1".into(), ..to("2019-02-08") };
    assert_eq!(fields(&run(&world, nameless).await.unwrap_err()), ["request_id"]);
    let sales = client(&world, Role::Sales).run_billing(to("2019-02-08")).await;
    assert_eq!(sales.unwrap_err().code(), Code::PermissionDenied);
    world.harness.finish().await;
}
