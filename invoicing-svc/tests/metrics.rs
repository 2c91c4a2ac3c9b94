//! `Metrics`: readings that programs send, against what a tariff includes (D33–D36).

use crate::world::{World, date, day, fields, refused, request_id};
use proto::{
    invoicing::v1::{self as pb, metrics_client::MetricsClient},
    system::v1::Role,
};
use tonic::{Code, Status};

fn metric(code: &str, title: &str, counting: pb::metric::Counting, included: i64) -> pb::Metric {
    pb::Metric {
        code: code.into(),
        title: title.into(),
        title_en: String::new(),
        counting: counting.into(),
        included,
    }
}

/// Two units of a tariff with goods and orders: answers the subscription.
async fn shop(world: &World) -> String {
    use pb::metric::Counting;
    let product = pb::Product {
        title: "Тариф «Магазин»".into(),
        option: "Магазин".into(),
        activation: pb::product::Activation::OnAccept.into(),
        metrics: vec![
            metric("goods", "Товары", Counting::Unspecified, 1000),
            metric("orders", "Заказы в месяце", Counting::Month, 500),
        ],
        ..Default::default()
    };
    let product = world.product(product, 1, "2900.00").await;
    let line = pb::OrderLine {
        product,
        cycle_months: 1,
        quantity: 2,
        start_date: date("2019-02-01"),
        ..Default::default()
    };
    world.order(line).await.subscriptions.remove(0)
}

fn reading(subscription: &str, metric: &str, on: &str, value: i64) -> pb::Reading {
    pb::Reading { subscription: subscription.into(), metric: metric.into(), day: date(on), value }
}

async fn record(world: &World, readings: Vec<pb::Reading>) -> Result<i32, Status> {
    let request = pb::RecordReadingsRequest { readings, request_id: request_id() };
    let mut calls = MetricsClient::new(world.harness.client_as(Role::Service));
    Ok(calls.record_readings(request).await?.into_inner().recorded)
}

/// Used, maximum and day of the newest reading, by code.
async fn used(world: &World, request: pb::ListMetricsRequest) -> Vec<(String, i64, i64, String)> {
    let mut calls = MetricsClient::new(world.harness.client_as(Role::Support));
    let listed = calls.list_metrics(request).await.unwrap().into_inner().usages;
    let told = |u: pb::Usage| {
        let on = u.day.map(|on| day(&Some(on))).unwrap_or_default();
        (u.metric.unwrap_or_default().code, u.used, u.maximum, on)
    };
    listed.into_iter().map(told).collect()
}

fn row(code: &str, used: i64, maximum: i64, on: &str) -> (String, i64, i64, String) {
    (code.into(), used, maximum, on.into())
}

/// D34: goods are what there is; D35: orders are those of the month; D36: a day is counted once,
/// and a correction of it stands.
#[tokio::test]
async fn readings_against_what_the_tariff_includes() {
    let world = World::start().await;
    let shop = shop(&world).await;
    let of_client = pb::ListMetricsRequest { client: world.client.clone(), ..Default::default() };
    let none = [row("goods", 0, 2000, ""), row("orders", 0, 1000, "")];
    assert_eq!(used(&world, of_client.clone()).await, none);
    let first = vec![
        reading(&shop, "goods", "2019-02-06", 790),
        reading(&shop, "goods", "2019-02-07", 812),
        reading(&shop, "orders", "2019-01-31", 40),
        reading(&shop, "orders", "2019-02-06", 7),
        reading(&shop, "orders", "2019-02-07", 9),
        reading(&shop, "orders", "2019-02-07", 8),
    ];
    assert_eq!(record(&world, first).await.unwrap(), 5, "two of one day are one");
    let corrected = vec![reading(&shop, "orders", "2019-02-06", 10)];
    assert_eq!(record(&world, corrected).await.unwrap(), 1);
    let now = [row("goods", 812, 2000, "2019-02-07"), row("orders", 18, 1000, "2019-02-07")];
    assert_eq!(used(&world, of_client.clone()).await, now);
    let of_it = pb::ListMetricsRequest { subscription: shop.clone(), ..Default::default() };
    assert_eq!(used(&world, of_it).await, now);
    world.harness.advance("2019-03-01T09:00:00Z").await;
    let later = [row("goods", 812, 2000, "2019-02-07"), row("orders", 0, 1000, "2019-02-07")];
    assert_eq!(used(&world, of_client).await, later, "a new month begins with nothing");
    let (stranger, _) = world.profiles.add(77);
    let other = pb::ListMetricsRequest { client: stranger, ..Default::default() };
    assert_eq!(used(&world, other).await, []);
    world.harness.finish().await;
}

/// Every malformed reading is named, and then none is kept; metrics are checked with their product.
#[tokio::test]
async fn refusals() {
    let world = World::start().await;
    let shop = shop(&world).await;
    let good = reading(&shop, "goods", "2019-02-07", 1);
    let bad = vec![
        good.clone(),
        reading("shop", "goods", "2019-02-07", 1),
        reading(&shop, "goods", "2019-02-10", -1),
    ];
    let status = record(&world, bad).await.unwrap_err();
    let named = ["readings[1].subscription", "readings[2].day", "readings[2].value"];
    assert_eq!(fields(&status), named);
    let unknown = format!("subscriptions/{}", uuid::Uuid::new_v4());
    let bad = vec![
        good,
        reading(&unknown, "goods", "2019-02-07", 1),
        reading(&shop, "cats", "2019-02-07", 1),
    ];
    let status = record(&world, bad).await.unwrap_err();
    assert_eq!(fields(&status), ["readings[1].subscription", "readings[2].metric"]);
    assert_eq!(fields(&record(&world, Vec::new()).await.unwrap_err()), ["readings"]);
    let it = pb::ListMetricsRequest { subscription: shop.clone(), ..Default::default() };
    assert_eq!(used(&world, it).await[0], row("goods", 0, 2000, ""));

    let mut calls = MetricsClient::new(world.harness.client_as(Role::Support));
    let neither = calls.list_metrics(pb::ListMetricsRequest::default()).await.unwrap_err();
    assert_eq!(fields(&neither), ["subscription"]);
    let it = pb::ListMetricsRequest { subscription: unknown, ..Default::default() };
    refused(calls.list_metrics(it).await, Code::NotFound, "NOT_FOUND");

    let twice = vec![
        metric("goods", "Товары", pb::metric::Counting::Level, 1),
        metric("goods", "", pb::metric::Counting::Level, 0),
    ];
    let product = pb::Product {
        title: "Тариф".into(),
        seller: world.seller.clone(),
        tax_ground: pb::product::TaxGround::Standard.into(),
        metrics: twice,
        ..Default::default()
    };
    let request = pb::CreateProductRequest { product: Some(product), request_id: request_id() };
    let status = world.products().create_product(request).await.unwrap_err();
    let mut named = fields(&status);
    named.sort();
    let expected =
        ["product.metrics[1].code", "product.metrics[1].included", "product.metrics[1].title"];
    assert_eq!(named, expected);
    world.harness.finish().await;
}
