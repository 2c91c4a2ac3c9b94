//! `Billing.CloseMonth`, `ListActs`, `GetAct`: what was rendered becomes acts, once.

use crate::{
    bank::Bank,
    world::{World, date, day, fields, refused, request_id, rub},
};
use futures::{StreamExt, future::join};
use proto::{
    invoicing::v1::{self as pb, CloseProgress, CloseSummary, billing_client::BillingClient},
    system::v1::Role,
};
use service::PeerChannel;
use tonic::{Code, Status};

fn client(world: &World, role: Role) -> BillingClient<PeerChannel> {
    BillingClient::new(world.harness.client_as(role))
}

pub fn month(day: &str) -> pb::CloseMonthRequest {
    pb::CloseMonthRequest { month: date(day), dry_run: false, request_id: request_id() }
}

fn dry(day: &str) -> pb::CloseMonthRequest {
    pb::CloseMonthRequest { month: date(day), dry_run: true, request_id: String::new() }
}

pub async fn close(
    world: &World,
    request: pb::CloseMonthRequest,
) -> Result<(Vec<pb::Act>, CloseSummary), Status> {
    let stream = client(world, Role::Accountant).close_month(request).await?.into_inner();
    let all: Vec<CloseProgress> =
        stream.collect::<Vec<_>>().await.into_iter().collect::<Result<_, _>>()?;
    let summary = all.last().and_then(|step| step.summary.clone()).unwrap();
    Ok((all.into_iter().flat_map(|step| step.acts).collect(), summary))
}

/// Closes a month and answers the totals of its acts.
async fn totals(world: &World, first: &str) -> Vec<String> {
    let (acts, summary) = close(world, month(first)).await.unwrap();
    assert_eq!(acts.len() as i64, summary.acts);
    acts.iter().map(|a| rub(&a.total)).collect()
}

/// A 5 GB pack at 60.00 a month, from 08.02.2019 to 31.07.2019: invoice 72557 of the seed.
async fn pack(world: &World) -> (String, String) {
    let product = pb::Product {
        title: "Пакет 5 ГБ".into(),
        activation: pb::product::Activation::OnPayment.into(),
        ..Default::default()
    };
    let product = world.product(product, 6, "360.00").await;
    let made = world
        .order(pb::OrderLine {
            product,
            cycle_months: 6,
            quantity: 1,
            start_date: date("2019-02-08"),
            ..Default::default()
        })
        .await;
    world.issue(&made.invoices[0]).await.unwrap();
    (made.subscriptions[0].clone(), made.invoices[0].clone())
}

/// G53 (344.00): Feb 44.00, Mar–Jul 60.00 each; the advance becomes revenue and VAT, piece by
/// piece, and the whole half-year is the line. A dry run shows the same and writes nothing; closing
/// again makes nothing, whether it is asked anew or by the same request.
#[tokio::test]
async fn g53_a_prepaid_half_year_is_cut_by_month() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let (_, main) = pack(&world).await;
    bank.pay(&main, "344.00", "2019-02-11").await;
    world.harness.advance("2019-03-01T09:00:00Z").await;

    let (shown, would) = close(&world, dry("2019-02-01")).await.unwrap();
    assert_eq!((shown.len(), shown[0].name.as_str(), shown[0].sequence), (1, "", 0));
    let request = month("2019-02-01");
    let (acts, did) = close(&world, request.clone()).await.unwrap();
    assert_eq!(would, did);
    let act = &acts[0];
    assert_eq!((rub(&act.total), rub(&act.tax)), ("44.00".into(), "7.33".into()));
    assert_eq!((act.sequence, day(&act.date)), (1, "2019-02-28".into()));
    assert_eq!(day(&act.lines[0].start_date), "2019-02-08");
    assert_eq!(day(&act.lines[0].last_day), "2019-02-28");
    assert_eq!(act.lines[0].text, "Пакет 5 ГБ (08.02.2019–28.02.2019)");
    assert_eq!(bank.balance().await, ["0.00", "0.00", "300.00", "0.00"]);
    let again = close(&world, request.clone()).await.unwrap();
    assert_eq!((again.0.len(), again.1), (1, did), "the same request, the same answer");
    assert_eq!(close(&world, month("2019-02-01")).await.unwrap().1.acts, 0, "a no-op");
    let other = pb::CloseMonthRequest { dry_run: false, month: date("2019-01-01"), ..request };
    refused(close(&world, other).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
    bank.audit().await;

    for (next, closed) in [
        ("2019-04-01", "2019-03-01"),
        ("2019-05-01", "2019-04-01"),
        ("2019-06-01", "2019-05-01"),
        ("2019-07-01", "2019-06-01"),
    ] {
        world.harness.advance(&format!("{next}T09:00:00Z")).await;
        assert_eq!(totals(&world, closed).await, ["60.00"]);
    }
    world.harness.advance("2019-08-01T09:00:00Z").await;
    assert_eq!(totals(&world, "2019-07-01").await, ["60.00"]);
    let books = bank.books().await;
    // VAT of six pieces: 7.33 + 5 × 10.00; that on the advance is offset to the last kopeck.
    let expected = [("BANK_CLEARING", "344"), ("REVENUE", "-286.67"), ("VAT_PAYABLE", "-57.33")];
    let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
    assert_eq!(books, expected);
    bank.audit().await;
    world.harness.finish().await;
}

/// G6 + G53: a sixth user at 800.00 from 04.03.2019 is 3893.33: Mar 693.33, then 800.00 a month.
#[tokio::test]
async fn g6_an_extra_user_is_cut_by_month() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let (users, main) = world.users().await;
    world.issue(&main).await.unwrap();
    bank.pay(&main, "24000.00", "2019-02-11").await;
    world.harness.advance("2019-03-04T09:00:00Z").await;
    assert_eq!(totals(&world, "2019-02-01").await, ["4000.00"]);
    let ask =
        pb::PreviewQuantityChangeRequest { name: users.clone(), quantity: 6, ..Default::default() };
    let preview = world.subscriptions().preview_quantity_change(ask).await.unwrap().into_inner();
    assert_eq!(rub(&preview.total), "3893.33");
    let confirm = pb::ConfirmQuantityChangeRequest {
        name: users.clone(),
        token: preview.token.clone(),
        request_id: request_id(),
        ..Default::default()
    };
    let change = world.subscriptions().confirm_quantity_change(confirm).await.unwrap().into_inner();
    world.issue(&change.invoice).await.unwrap();
    bank.pay(&change.invoice, "3893.33", "2019-03-05").await;
    world.harness.advance("2019-04-01T09:00:00Z").await;
    assert_eq!(totals(&world, "2019-03-01").await, ["4693.33"]);
    world.harness.advance("2019-05-01T09:00:00Z").await;
    assert_eq!(totals(&world, "2019-04-01").await, ["4800.00"]);
    bank.audit().await;
    world.harness.finish().await;
}

/// What was rendered and not paid is receivable, with its VAT; money that comes later meets the
/// debt; and money taken back after its act makes a debt.
#[tokio::test]
async fn unpaid_is_receivable() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let (_, main) = world.users().await;
    world.issue(&main).await.unwrap();
    world.harness.advance("2019-03-01T09:00:00Z").await;
    assert_eq!(totals(&world, "2019-02-01").await, ["4000.00"]);
    assert_eq!(bank.balance().await, ["0.00", "24000.00", "0.00", "4000.00"]);
    bank.audit().await;
    let paid = bank.pay(&main, "10000.00", "2019-03-01").await;
    assert_eq!(bank.balance().await, ["0.00", "14000.00", "6000.00", "0.00"]);
    bank.audit().await;
    world.harness.advance("2019-04-01T09:00:00Z").await;
    assert_eq!(totals(&world, "2019-03-01").await, ["4000.00"]);
    assert_eq!(bank.balance().await[2], "2000.00");
    bank.unmatch(&paid).await;
    assert_eq!(bank.balance().await, ["0.00", "24000.00", "0.00", "8000.00"]);
    bank.audit().await;
    bank.pay(&main, "24000.00", "2019-04-01").await;
    assert_eq!(bank.balance().await, ["0.00", "0.00", "16000.00", "0.00"]);
    bank.audit().await;
    world.harness.finish().await;
}

/// Money that stood as advance settles the debt that a reversal brings back, and its VAT is offset
/// with it.
#[tokio::test]
async fn an_advance_meets_a_debt_that_comes_back() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let (_, main) = world.users().await;
    world.issue(&main).await.unwrap();
    world.harness.advance("2019-03-01T09:00:00Z").await;
    assert_eq!(totals(&world, "2019-02-01").await, ["4000.00"]);
    let debt = bank.pay(&main, "4000.00", "2019-03-01").await;
    let more = bank.pay(&main, "3000.00", "2019-03-01").await;
    assert_eq!(bank.balance().await[2..], ["3000.00".to_owned(), "0.00".into()]);
    let vat = |books: Vec<(String, String)>| {
        books.into_iter().find(|(kind, _)| kind == "VAT_ON_ADVANCES").map(|(_, amount)| amount)
    };
    assert_eq!(vat(bank.books().await).as_deref(), Some("500"));
    bank.unmatch(&debt).await;
    assert_eq!(bank.balance().await[2..], ["0.00".to_owned(), "1000.00".into()]);
    assert_eq!(vat(bank.books().await), None);
    bank.audit().await;
    let again = bank.pay(&main, "4000.00", "2019-03-01").await;
    assert_eq!(bank.balance().await[2..], ["3000.00".to_owned(), "0.00".into()]);
    bank.audit().await;
    bank.unmatch(&more).await;
    bank.audit().await;
    bank.unmatch(&again).await;
    assert_eq!(bank.balance().await[2..], ["0.00".to_owned(), "4000.00".into()]);
    bank.audit().await;
    world.harness.finish().await;
}

/// What waits for its first payment was not rendered: no act, no debt.
#[tokio::test]
async fn what_never_worked_is_no_debt() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let (_, main) = pack(&world).await;
    world.harness.advance("2019-03-01T09:00:00Z").await;
    assert_eq!(totals(&world, "2019-02-01").await, Vec::<String>::new());
    // Paid in March, it worked from March on; February's piece comes with March's act.
    bank.pay(&main, "344.00", "2019-03-02").await;
    world.harness.advance("2019-04-01T09:00:00Z").await;
    assert_eq!(totals(&world, "2019-03-01").await, ["104.00"]);
    bank.audit().await;
    world.harness.finish().await;
}

/// Two closes at once make the acts once, and the series has no gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_closes_at_once_close_once() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let (_, main) = world.users().await;
    world.issue(&main).await.unwrap();
    world.harness.advance("2019-03-01T09:00:00Z").await;
    let both = join(close(&world, month("2019-02-01")), close(&world, month("2019-02-01"))).await;
    both.0.unwrap();
    both.1.unwrap();
    let request = pb::ListActsRequest { client: world.client.clone(), ..Default::default() };
    let listed = client(&world, Role::Auditor).list_acts(request).await.unwrap().into_inner();
    assert_eq!((listed.total_size, listed.acts.len()), (1, 1));
    bank.audit().await;
    world.harness.finish().await;
}

/// Acts are listed newest month first, page by page, and shown with their lines.
#[tokio::test]
async fn acts_are_listed_and_shown() {
    let world = World::start().await;
    let (_, main) = world.users().await;
    world.issue(&main).await.unwrap();
    world.harness.advance("2019-03-01T09:00:00Z").await;
    totals(&world, "2019-02-01").await;
    world.harness.advance("2019-04-01T09:00:00Z").await;
    totals(&world, "2019-03-01").await;
    let mut sales = client(&world, Role::Sales);
    let mut request = pb::ListActsRequest { page_size: 1, ..Default::default() };
    let first = sales.list_acts(request.clone()).await.unwrap().into_inner();
    assert_eq!((first.total_size, day(&first.acts[0].month)), (2, "2019-03-01".into()));
    assert!(first.acts[0].lines.is_empty(), "a list leaves the lines out");
    request.page_token = first.next_page_token;
    let second = sales.list_acts(request).await.unwrap().into_inner();
    assert_eq!(day(&second.acts[0].month), "2019-02-01");
    assert_eq!(second.next_page_token, "");
    let of_month = pb::ListActsRequest { month: date("2019-02-01"), ..Default::default() };
    let of_month = sales.list_acts(of_month).await.unwrap().into_inner();
    assert_eq!(of_month.acts, second.acts);
    let get = pb::GetActRequest { name: first.acts[0].name.clone() };
    let act = sales.get_act(get).await.unwrap().into_inner();
    assert_eq!((act.lines.len(), act.sequence), (1, 2));
    assert_eq!(rub(&act.lines[0].amount), "4000.00");
    let get = |name: &str| pb::GetActRequest { name: name.into() };
    let none = sales.get_act(get("acts/00000000-0000-0000-0000-000000000000")).await;
    assert_eq!(none.unwrap_err().code(), Code::NotFound);
    assert_eq!(fields(&sales.get_act(get("72557")).await.unwrap_err()), ["name"]);
    world.harness.finish().await;
}

#[tokio::test]
async fn bad_closes_are_refused() {
    let world = World::start().await;
    refused(close(&world, month("2019-02-01")).await, Code::FailedPrecondition, "MONTH_NOT_OVER");
    refused(close(&world, dry("2019-02-01")).await, Code::FailedPrecondition, "MONTH_NOT_OVER");
    let inside = close(&world, month("2019-01-31")).await.unwrap_err();
    assert_eq!(fields(&inside), ["month"], "its first day is expected");
    let none = close(&world, pb::CloseMonthRequest::default()).await.unwrap_err();
    assert_eq!(fields(&none), ["month"]);
    let nameless = pb::CloseMonthRequest { request_id: String::new(), ..month("2019-01-01") };
    assert_eq!(fields(&close(&world, nameless).await.unwrap_err()), ["request_id"]);
    let support = client(&world, Role::Support).close_month(month("2019-01-01")).await;
    assert_eq!(support.unwrap_err().code(), Code::PermissionDenied);
    world.harness.finish().await;
}
