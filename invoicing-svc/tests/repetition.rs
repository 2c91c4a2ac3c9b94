//! Every mutation of the service, repeated.

mod offers;

use crate::world::{World, date, decimal, request_id, seller};
use futures::StreamExt;
use proto::{
    invoicing::v1::{self as pb, billing_client::BillingClient, metrics_client::MetricsClient},
    system::v1::Role,
};
use testkit::Once;
use tonic::{Response, Status, Streaming};

/// design.md §2: each mutation is done once for its request id, and answered again the same.
#[tokio::test]
async fn what_is_repeated_is_answered_and_not_done_again() {
    let world = World::start().await;
    let mut once = Once::of(&world.harness, "invoicing").await;
    sellers(&world, &mut once).await;
    contracts(&world, &mut once).await;
    let product = products(&world, &mut once).await;
    let made = orders(&world, &mut once, &product).await;
    offers::quotes(&world, &mut once, &product).await;
    quantity(&world, &mut once, &made.subscriptions[0]).await;
    suspension(&world, &mut once, &made.subscriptions[0]).await;
    readings(&world, &mut once, &made.subscriptions[0]).await;
    invoices(&world, &mut once, &made.invoices[0]).await;
    billing(&world, &mut once).await;
    offers::exemptions(&world, &mut once).await;
    offers::fees(&world, &mut once).await;
    once.finish();
    world.harness.finish().await;
}

async fn sellers(world: &World, once: &mut Once<'_>) {
    let calls = world.sellers();
    let create = pb::CreateSellerRequest { seller: Some(seller(2)), request_id: request_id() };
    let other = |r: &mut pb::CreateSellerRequest| r.seller = Some(seller(3));
    let made = once
        .call("Sellers.CreateSeller", create, other, async |r| calls.clone().create_seller(r).await)
        .await;
    let signed = |by: &str| Some(pb::Seller { signatory: by.into(), ..made.clone() });
    let update = pb::UpdateSellerRequest {
        seller: signed("Директор, Иной И. И."),
        update_mask: None,
        request_id: request_id(),
    };
    let other = |r: &mut pb::UpdateSellerRequest| r.seller = signed("Директор, Третий Т. Т.");
    once.call("Sellers.UpdateSeller", update, other, async |r| {
        calls.clone().update_seller(r).await
    })
    .await;
}

async fn contracts(world: &World, once: &mut Once<'_>) {
    let calls = world.contracts();
    let contract = pb::Contract {
        client: world.client.clone(),
        payer: world.payer.clone(),
        seller: world.seller.clone(),
        number: "7583-2".into(),
        date: date("2019-02-01"),
        ..Default::default()
    };
    let create =
        pb::CreateContractRequest { contract: Some(contract.clone()), request_id: request_id() };
    let other = |r: &mut pb::CreateContractRequest| {
        r.contract = Some(pb::Contract { number: "7583-3".into(), ..contract });
    };
    once.call("Contracts.CreateContract", create, other, async |r| {
        calls.clone().create_contract(r).await
    })
    .await;
}

/// A product at 800.00 a month by the month.
async fn products(world: &World, once: &mut Once<'_>) -> String {
    let calls = world.products();
    let product = pb::Product {
        title: "Пользователь".into(),
        seller: world.seller.clone(),
        tax_ground: pb::product::TaxGround::Standard.into(),
        activation: pb::product::Activation::OnAccept.into(),
        metrics: vec![pb::Metric {
            code: "goods".into(),
            title: "Товары".into(),
            included: 1000,
            ..Default::default()
        }],
        ..Default::default()
    };
    let titled = |title: &str, product: &pb::Product| {
        Some(pb::Product { title: title.into(), ..product.clone() })
    };
    let create =
        pb::CreateProductRequest { product: Some(product.clone()), request_id: request_id() };
    let other = |r: &mut pb::CreateProductRequest| r.product = titled("Диск", &product);
    let made = once
        .call("Products.CreateProduct", create, other, async |r| {
            calls.clone().create_product(r).await
        })
        .await;
    let update = pb::UpdateProductRequest {
        product: titled("Пользователь 1С", &made),
        update_mask: None,
        request_id: request_id(),
    };
    let other = |r: &mut pb::UpdateProductRequest| r.product = titled("Диск", &made);
    once.call("Products.UpdateProduct", update, other, async |r| {
        calls.clone().update_product(r).await
    })
    .await;
    let price = |amount: &str| pb::Price {
        product: made.name.clone(),
        from: date("2018-01-01"),
        cycle_months: 1,
        unit_price: decimal(amount),
        currency: "RUB".into(),
        ..Default::default()
    };
    let create = pb::CreatePriceRequest { price: Some(price("800.00")), request_id: request_id() };
    let other = |r: &mut pb::CreatePriceRequest| r.price = Some(price("900.00"));
    once.call("Products.CreatePrice", create, other, async |r| calls.clone().create_price(r).await)
        .await;
    made.name
}

/// Five of the product from 1 February; a second order is cancelled.
async fn orders(world: &World, once: &mut Once<'_>, product: &str) -> pb::AcceptOrderResponse {
    let calls = world.orders();
    let order = |quantity| pb::Order {
        client: world.client.clone(),
        lines: vec![pb::OrderLine {
            product: product.into(),
            contract: world.contract.clone(),
            cycle_months: 1,
            quantity,
            start_date: date("2019-02-01"),
            ..Default::default()
        }],
        ..Default::default()
    };
    let create = pb::CreateOrderRequest { order: Some(order(5)), request_id: request_id() };
    let other = |r: &mut pb::CreateOrderRequest| r.order = Some(order(6));
    let made = once
        .call("Orders.CreateOrder", create, other, async |r| calls.clone().create_order(r).await)
        .await;
    let accept =
        pb::AcceptOrderRequest { name: made.name, etag: made.etag, request_id: request_id() };
    let other = |r: &mut pb::AcceptOrderRequest| r.etag.clear();
    let accepted = once
        .call("Orders.AcceptOrder", accept, other, async |r| calls.clone().accept_order(r).await)
        .await;
    let unwanted = world.create_order(order(1).lines).await.unwrap();
    let cancel = pb::CancelOrderRequest {
        name: unwanted.name,
        reason: "передумали".into(),
        request_id: request_id(),
    };
    let other = |r: &mut pb::CancelOrderRequest| r.reason = "иначе".into();
    once.call("Orders.CancelOrder", cancel, other, async |r| calls.clone().cancel_order(r).await)
        .await;
    accepted
}

async fn quantity(world: &World, once: &mut Once<'_>, name: &str) {
    let calls = world.subscriptions();
    let preview = pb::PreviewQuantityChangeRequest {
        name: name.into(),
        quantity: 6,
        effective_date: date("2019-02-11"),
    };
    let shown = calls.clone().preview_quantity_change(preview).await.unwrap().into_inner();
    let confirm = pb::ConfirmQuantityChangeRequest {
        name: name.into(),
        token: shown.token,
        confirm_downgrade: false,
        request_id: request_id(),
    };
    let other = |r: &mut pb::ConfirmQuantityChangeRequest| r.confirm_downgrade = true;
    once.call("Subscriptions.ConfirmQuantityChange", confirm, other, async |r| {
        calls.clone().confirm_quantity_change(r).await
    })
    .await;
}

/// It is protected, is stopped all the same, and goes on.
async fn suspension(world: &World, once: &mut Once<'_>, name: &str) {
    let calls = world.subscriptions();
    let protect = pb::ProtectSubscriptionRequest {
        name: name.into(),
        until: date("2019-12-31"),
        request_id: request_id(),
    };
    let other = |r: &mut pb::ProtectSubscriptionRequest| r.until = None;
    once.call("Subscriptions.ProtectSubscription", protect, other, async |r| {
        calls.clone().protect_subscription(r).await
    })
    .await;
    let suspend = pb::SuspendSubscriptionRequest {
        name: name.into(),
        reason: "Не оплачен счёт".into(),
        anyway: true,
        request_id: request_id(),
    };
    let other = |r: &mut pb::SuspendSubscriptionRequest| r.reason = "Иначе".into();
    once.call("Subscriptions.SuspendSubscription", suspend, other, async |r| {
        calls.clone().suspend_subscription(r).await
    })
    .await;
    let resume = pb::ResumeSubscriptionRequest { name: name.into(), request_id: request_id() };
    let other = |r: &mut pb::ResumeSubscriptionRequest| {
        r.name = format!("subscriptions/{}", uuid::Uuid::new_v4());
    };
    once.call("Subscriptions.ResumeSubscription", resume, other, async |r| {
        calls.clone().resume_subscription(r).await
    })
    .await;
}

/// What a program counted.
async fn readings(world: &World, once: &mut Once<'_>, name: &str) {
    let calls = MetricsClient::new(world.harness.client_as(Role::Service));
    let reading = |value| pb::Reading {
        subscription: name.into(),
        metric: "goods".into(),
        day: date("2019-02-07"),
        value,
    };
    let record =
        pb::RecordReadingsRequest { readings: vec![reading(812)], request_id: request_id() };
    let other = |r: &mut pb::RecordReadingsRequest| r.readings = vec![reading(813)];
    once.call("Metrics.RecordReadings", record, other, async |r| {
        calls.clone().record_readings(r).await
    })
    .await;
}

/// One by hand is edited, held and cancelled; the order's is issued and reissued.
async fn invoices(world: &World, once: &mut Once<'_>, main: &str) {
    let by_hand = drafts(world, once).await;
    let calls = world.invoices();
    let cancel = pb::CancelInvoiceRequest {
        name: by_hand.name,
        reason: "Ошибка".into(),
        etag: by_hand.etag,
        request_id: request_id(),
    };
    let other = |r: &mut pb::CancelInvoiceRequest| r.reason = "Иначе".into();
    once.call("Invoices.CancelInvoice", cancel, other, async |r| {
        calls.clone().cancel_invoice(r).await
    })
    .await;
    let issue = pb::IssueInvoiceRequest {
        name: main.into(),
        etag: world.invoice(main).await.etag,
        request_id: request_id(),
    };
    let other = |r: &mut pb::IssueInvoiceRequest| r.etag.clear();
    let issued = once
        .call("Invoices.IssueInvoice", issue, other, async |r| calls.clone().issue_invoice(r).await)
        .await;
    let reissue = pb::ReissueInvoiceRequest {
        name: issued.name,
        reason: "Неверный адрес".into(),
        etag: issued.etag,
        request_id: request_id(),
    };
    let other = |r: &mut pb::ReissueInvoiceRequest| r.reason = "Иначе".into();
    once.call("Invoices.ReissueInvoice", reissue, other, async |r| {
        calls.clone().reissue_invoice(r).await
    })
    .await;
}

/// Makes one by hand, edits it and holds it.
async fn drafts(world: &World, once: &mut Once<'_>) -> pb::Invoice {
    let calls = world.invoices();
    let line = |price: &str| pb::InvoiceLine {
        text: "Настройка".into(),
        unit_price: decimal(price),
        ..Default::default()
    };
    let invoice = |price: &str| pb::Invoice {
        client: world.client.clone(),
        contract: world.contract.clone(),
        lines: vec![line(price)],
        ..Default::default()
    };
    let create =
        pb::CreateInvoiceRequest { invoice: Some(invoice("1.00")), request_id: request_id() };
    let other = |r: &mut pb::CreateInvoiceRequest| r.invoice = Some(invoice("2.00"));
    let made = once
        .call("Invoices.CreateInvoice", create, other, async |r| {
            calls.clone().create_invoice(r).await
        })
        .await;
    let update = pb::UpdateDraftLinesRequest {
        name: made.name,
        lines: vec![line("3.00")],
        etag: made.etag,
        request_id: request_id(),
    };
    let other = |r: &mut pb::UpdateDraftLinesRequest| r.lines = vec![line("4.00")];
    let edited = once
        .call("Invoices.UpdateDraftLines", update, other, async |r| {
            calls.clone().update_draft_lines(r).await
        })
        .await;
    let hold =
        pb::HoldInvoiceRequest { name: edited.name, etag: edited.etag, request_id: request_id() };
    let other = |r: &mut pb::HoldInvoiceRequest| r.etag.clear();
    once.call("Invoices.HoldInvoice", hold, other, async |r| calls.clone().hold_invoice(r).await)
        .await
}

/// The run and the close answer by streams: the same summary at their end.
async fn billing(world: &World, once: &mut Once<'_>) {
    let calls = BillingClient::new(world.harness.client_as(Role::Accountant));
    let run = pb::RunBillingRequest {
        date: date("2019-03-10"),
        dry_run: false,
        request_id: request_id(),
    };
    let other = |r: &mut pb::RunBillingRequest| r.date = date("2019-03-11");
    let billed = once
        .call("Billing.RunBilling", run, other, async |r| {
            last(calls.clone().run_billing(r).await?).await
        })
        .await;
    assert!(billed.summary.is_some_and(|summary| summary.invoices > 0));
    let close = pb::CloseMonthRequest {
        month: date("2019-01-01"),
        dry_run: false,
        request_id: request_id(),
    };
    let other = |r: &mut pb::CloseMonthRequest| r.month = date("2018-12-01");
    once.call("Billing.CloseMonth", close, other, async |r| {
        last(calls.clone().close_month(r).await?).await
    })
    .await;
}

/// The last message of a stream.
async fn last<M>(stream: Response<Streaming<M>>) -> Result<Response<M>, Status> {
    let all: Vec<_> = stream.into_inner().collect().await;
    let mut all: Vec<M> = all.into_iter().collect::<Result<_, _>>()?;
    all.pop().map(Response::new).ok_or_else(|| Status::internal("an empty stream"))
}
