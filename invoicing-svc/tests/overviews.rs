//! `Overviews`: counts and sums for the first screens of staff.

use crate::world::{World, date, day, request_id, rub};
use proto::invoicing::v1::{self as pb, invoice_sum::Standing, overviews_client::OverviewsClient};
use service::PeerChannel;

fn overviews(world: &World) -> OverviewsClient<PeerChannel> {
    OverviewsClient::new(world.harness.client_as(proto::system::v1::Role::Support))
}

async fn overview(world: &World, month: &str) -> pb::Overview {
    let request = pb::GetOverviewRequest { month: date(month) };
    overviews(world).get_overview(request).await.unwrap().into_inner()
}

async fn of_client(world: &World) -> pb::ClientOverview {
    let request = pb::GetClientOverviewRequest { client: world.client.clone() };
    overviews(world).get_client_overview(request).await.unwrap().into_inner()
}

/// A17, A18: a half-year from 1 February renews on 1 August and 1 February, and on no other day.
#[tokio::test]
async fn renewals_stand_on_their_days() {
    let world = World::start().await;
    world.users().await;
    let months = ["2019-02-10", "2019-05-01", "2019-08-31", "2020-02-29", "2018-08-01"];
    let mut found = Vec::new();
    for month in months {
        found.push(overview(&world, month).await.renewals);
    }
    let days: Vec<Vec<(String, i64)>> = found
        .iter()
        .map(|days| days.iter().map(|d| (day(&d.date), d.subscriptions)).collect())
        .collect();
    let once = |day: &str| vec![(day.to_owned(), 1)];
    assert_eq!(days, [vec![], vec![], once("2019-08-01"), once("2020-02-01"), vec![]]);
    world.harness.finish().await;
}

/// A20: a domain is counted on its day, and apart; a product is a service unless it says otherwise.
#[tokio::test]
async fn a_day_has_its_domains() {
    let world = World::start().await;
    let product = |title: &str, kind| pb::Product {
        title: title.into(),
        activation: pb::product::Activation::OnAccept.into(),
        alignment: pb::product::Alignment::Anniversary.into(),
        kind,
        ..Default::default()
    };
    let domain = pb::product::Kind::Domain.into();
    for (title, kind) in [("Домен в зоне .example", domain), ("Отчётность", 0)]
    {
        let product = world.product(product(title, kind), 12, "890.00").await;
        let line =
            pb::OrderLine { product: product.clone(), cycle_months: 12, ..Default::default() };
        world.order(line).await;
        let request = pb::GetProductRequest { name: product };
        let stored = world.products().get_product(request).await.unwrap().into_inner();
        assert_eq!(stored.kind == domain, kind == domain, "{title}");
    }
    let [renewal] = overview(&world, "2020-02-08").await.renewals[..] else { panic!("one day") };
    assert_eq!((renewal.subscriptions, renewal.addons, renewal.domains), (2, 0, 1));
    world.harness.finish().await;
}

/// A18, A19: an add-on that ends with a main service is counted on its day, and apart; the list of
/// a day has exactly what is counted on it. What is suspended is counted too, and renews on no day.
#[tokio::test]
async fn a_day_has_its_services_and_addons() {
    let world = World::start().await;
    let (main, _) = world.users().await;
    let product = pb::Product {
        title: "Пакет 5 ГБ".into(),
        activation: pb::product::Activation::OnAccept.into(),
        ..Default::default()
    };
    let product = world.product(product, 6, "360.00").await;
    let made = world
        .order(pb::OrderLine {
            product,
            cycle_months: 6,
            start_date: date("2019-02-08"),
            main_subscription: main.clone(),
            ..Default::default()
        })
        .await;
    let [renewal] = overview(&world, "2019-08-10").await.renewals[..] else { panic!("one day") };
    assert_eq!((renewal.subscriptions, renewal.addons), (2, 1));
    assert_eq!(of_day(&world, "2019-08-01").await, [made.subscriptions[0].clone(), main.clone()]);
    for other in ["2019-08-02", "2019-09-01", "2019-02-01"] {
        assert_eq!(of_day(&world, other).await, Vec::<String>::new(), "{other}");
    }
    assert_eq!(overview(&world, "2019-08-10").await.suspended_subscriptions, 0);
    let stop = pb::SuspendSubscriptionRequest {
        name: main,
        reason: "Не оплачен счёт".into(),
        request_id: request_id(),
        ..Default::default()
    };
    world.subscriptions().suspend_subscription(stop).await.unwrap();
    let stopped = overview(&world, "2019-08-10").await;
    assert_eq!((stopped.suspended_subscriptions, stopped.renewals[0].subscriptions), (1, 1));
    assert_eq!(of_day(&world, "2019-08-01").await, made.subscriptions);
    world.harness.finish().await;
}

/// Services that renew on a day, newest first.
async fn of_day(world: &World, day: &str) -> Vec<String> {
    let request = pb::ListSubscriptionsRequest { renewal_date: date(day), ..Default::default() };
    let page = world.subscriptions().list_subscriptions(request).await.unwrap().into_inner();
    assert_eq!(usize::try_from(page.total_size).unwrap(), page.subscriptions.len());
    page.subscriptions.into_iter().map(|row| row.name).collect()
}

/// A3, A4, A96–A103: what waits and what is late is counted, by the banking calendar; the list of
/// overdue ones has exactly those.
#[tokio::test]
async fn invoices_are_counted_where_they_stand() {
    let world = World::start().await;
    let (_, main) = world.users().await;
    let held = overview(&world, "2019-02-01").await;
    assert_eq!((held.held_invoices, held.overdue_invoices, held.pending_orders), (1, 0, 0));
    assert_eq!(day(&held.today), "2019-02-08");

    // Due on Friday the 15th: late when the first banking morning after it has passed.
    world.issue(&main).await.unwrap();
    world.harness.advance("2019-02-18T09:00:00Z").await;
    assert_eq!(overview(&world, "2019-02-01").await.overdue_invoices, 0);
    assert_eq!(of_client(&world).await.invoices[0].standing(), Standing::Due);
    world.harness.advance("2019-02-19T09:00:00Z").await;
    assert_eq!(overview(&world, "2019-02-01").await.overdue_invoices, 1);
    let shown = of_client(&world).await;
    let [sum] = shown.invoices.as_slice() else { panic!("{shown:?}") };
    assert_eq!((sum.standing(), sum.count), (Standing::Overdue, 1));
    assert_eq!((rub(&sum.total), rub(&sum.residual)), ("24000.00".into(), "24000.00".into()));
    assert_eq!((shown.services[0].active, shown.services[0].count), (1, 1));

    let list = pb::ListInvoicesRequest { overdue: true, ..Default::default() };
    let listed = world.invoices().list_invoices(list.clone()).await.unwrap().into_inner();
    assert_eq!((listed.total_size, listed.invoices[0].overdue), (1, true));
    assert_eq!(rub(&listed.totals[0].due), "24000.00");
    let held = pb::ListInvoicesRequest { state: pb::invoice::State::Held.into(), ..list };
    assert_eq!(world.invoices().list_invoices(held).await.unwrap().into_inner().total_size, 0);
    world.harness.finish().await;
}
