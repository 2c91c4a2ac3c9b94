//! Many at once: sequences have no gap, nothing is done twice.

use crate::world::{World, date, decimal, request_id};
use futures::future::join_all;
use proto::invoicing::v1 as pb;
use tonic::Code;

/// Twenty invoices of five clients are issued at once, a third of the calls refused half-way:
/// the series is 1 to 20 without a gap.
#[tokio::test]
async fn concurrent_issue_leaves_no_gap() {
    let world = World::start().await;
    let mut held = Vec::new();
    for number in 10..15 {
        let (client, payer) = world.profiles.add(number);
        let contract =
            world.create_contract_of(&client, &payer, &number.to_string()).await.unwrap().name;
        for _ in 0..4 {
            let line = pb::InvoiceLine {
                text: "Настройка".into(),
                unit_price: decimal("100.00"),
                ..Default::default()
            };
            let invoice = pb::Invoice {
                client: client.clone(),
                contract: contract.clone(),
                lines: vec![line],
                ..Default::default()
            };
            let request =
                pb::CreateInvoiceRequest { invoice: Some(invoice), request_id: request_id() };
            held.push(world.invoices().create_invoice(request).await.unwrap().into_inner().name);
        }
    }
    // Each is asked for twice under different ids: one call of two must be refused.
    let calls = held.iter().chain(&held).map(|name| issue_patiently(&world, name));
    let results = join_all(calls).await;
    let refused = results.iter().filter(|r| r.is_err()).count();
    assert_eq!(refused, 20);
    for status in results.iter().filter_map(|r| r.as_ref().err()) {
        assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
    }
    let mut sequences: Vec<i64> = results.into_iter().flatten().map(|i| i.sequence).collect();
    sequences.sort_unstable();
    assert_eq!(sequences, (1..=20).collect::<Vec<_>>());
    world.harness.finish().await;
}

/// Issues as a careful caller does: an overloaded service is asked again under the same id.
async fn issue_patiently(world: &World, name: &str) -> Result<pb::Invoice, tonic::Status> {
    let request = pb::IssueInvoiceRequest {
        name: name.into(),
        etag: String::new(),
        request_id: request_id(),
    };
    loop {
        let result = world.invoices().issue_invoice(request.clone()).await;
        match result {
            Err(status) if status.code() == Code::Unavailable => {}
            other => return other.map(tonic::Response::into_inner),
        }
    }
}

/// One order accepted by many at once becomes subscriptions once.
#[tokio::test]
async fn an_order_is_accepted_once_by_many() {
    let world = World::start().await;
    let plain = pb::Product { title: "Пользователь".into(), ..Default::default() };
    let product = world.product(plain, 1, "800.00").await;
    let line = pb::OrderLine {
        product,
        contract: world.contract.clone(),
        cycle_months: 1,
        start_date: date("2019-03-01"),
        ..Default::default()
    };
    let order = world.create_order(vec![line]).await.unwrap();
    let results = join_all((0..6).map(|_| world.accept(&order.name))).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    let all = pb::ListSubscriptionsRequest { client: world.client.clone(), ..Default::default() };
    let all = world.subscriptions().list_subscriptions(all).await.unwrap().into_inner();
    assert_eq!(all.total_size, 1);
    world.harness.finish().await;
}
