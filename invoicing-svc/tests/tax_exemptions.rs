//! `TaxExemptions` (A93): whoever is exempt is charged no VAT for the days of it.

use crate::world::{World, date, day, fields, refused, request_id, rub};
use proto::{
    invoicing::v1::{
        self as pb, billing_client::BillingClient, tax_exemptions_client::TaxExemptionsClient,
    },
    system::v1::Role,
};
use service::PeerChannel;
use tonic::{Code, Response, Status};

fn calls(world: &World) -> TaxExemptionsClient<PeerChannel> {
    TaxExemptionsClient::new(world.harness.client_as(Role::Accountant))
}

async fn exempt(world: &World, from: &str) -> Result<pb::TaxExemption, Status> {
    let tax_exemption = pb::TaxExemption {
        client: world.client.clone(),
        from: date(from),
        basis: "Письмо МИД".into(),
        ..Default::default()
    };
    let request = pb::CreateTaxExemptionRequest {
        tax_exemption: Some(tax_exemption),
        request_id: request_id(),
    };
    calls(world).create_tax_exemption(request).await.map(Response::into_inner)
}

async fn end(world: &World, name: &str, until: &str) -> Result<pb::TaxExemption, Status> {
    let request = pb::EndTaxExemptionRequest {
        name: name.into(),
        until: date(until),
        request_id: request_id(),
    };
    calls(world).end_tax_exemption(request).await.map(Response::into_inner)
}

/// A month at 860.00 with VAT inside, from a day on: its total and its VAT.
async fn month(world: &World, product: &str, from: &str) -> (String, String, String) {
    let line = pb::OrderLine {
        product: product.into(),
        cycle_months: 1,
        start_date: date(from),
        ..Default::default()
    };
    let made = world.order(line).await;
    let invoice = world.invoice(&made.invoices[0]).await;
    (rub(&invoice.total), rub(&invoice.tax), invoice.tax_phrase)
}

/// A price with VAT inside stays what it is; the exemption of the days of the line decides, and a
/// line by hand is like any other.
#[tokio::test]
async fn days_of_an_exemption_are_charged_no_vat() {
    let world = World::start().await;
    let plain = pb::Product { title: "Пакет 5 ГБ".into(), ..Default::default() };
    let product = world.product(plain, 1, "860.00").await;
    let made = exempt(&world, "2019-03-01").await.unwrap();
    assert!(made.author.starts_with("staff/"), "{}", made.author);
    end(&world, &made.name, "2019-05-01").await.unwrap();
    let taxed = ("860.00".into(), "143.33".into(), "В том числе НДС 20 %".into());
    let phrase = "НДС не облагается (освобождение покупателя)";
    let free = ("860.00".into(), "0.00".into(), phrase.into());
    assert_eq!(month(&world, &product, "2019-02-01").await, taxed);
    assert_eq!(month(&world, &product, "2019-03-01").await, free);
    assert_eq!(month(&world, &product, "2019-04-01").await, free);
    assert_eq!(month(&world, &product, "2019-05-01").await, taxed);
    let line = pb::InvoiceLine {
        text: "Настройка".into(),
        unit_price: crate::world::decimal("860.00"),
        start_date: date("2019-04-10"),
        ..Default::default()
    };
    let invoice = pb::Invoice {
        client: world.client.clone(),
        contract: world.contract.clone(),
        lines: vec![line],
        ..Default::default()
    };
    let request = pb::CreateInvoiceRequest { invoice: Some(invoice), request_id: request_id() };
    let by_hand = world.invoices().create_invoice(request).await.unwrap().into_inner();
    assert_eq!((rub(&by_hand.tax), by_hand.tax_phrase.as_str()), ("0.00".into(), phrase));
    world.harness.finish().await;
}

/// What was billed before stands: no run makes a difference of it. What is added to it is taxed by
/// the days that it is for: a user from 1 March on, of a half-year billed with VAT, has none.
#[tokio::test]
async fn what_was_billed_stands() {
    let world = World::start().await;
    let (users, invoice) = world.users().await;
    let billed = world.issue(&invoice).await.unwrap();
    assert_eq!(rub(&billed.tax), "4000.00");
    exempt(&world, "2019-03-01").await.unwrap();
    let run = pb::RunBillingRequest {
        date: date("2019-03-10"),
        dry_run: false,
        request_id: request_id(),
    };
    let mut billing = BillingClient::new(world.harness.client_as(Role::Accountant));
    let mut stream = billing.run_billing(run).await.unwrap().into_inner();
    while let Some(progress) = stream.message().await.unwrap() {
        assert_eq!(progress.summary.map_or(0, |summary| summary.invoices), 0);
    }
    assert_eq!(rub(&world.invoice(&invoice).await.tax), "4000.00");
    let preview = pb::PreviewQuantityChangeRequest {
        name: users,
        quantity: 6,
        effective_date: date("2019-03-01"),
    };
    let shown = world.subscriptions().preview_quantity_change(preview).await.unwrap().into_inner();
    assert_eq!(rub(&shown.total), "4000.00");
    let [line] = &shown.lines[..] else { panic!("{shown:?}") };
    assert_eq!(rub(&line.tax), "0.00");
    world.harness.finish().await;
}

/// Only whole months that are not over, one exemption at a time, and each ends once.
#[tokio::test]
async fn exemptions_are_of_whole_months_to_come() {
    let world = World::start().await;
    for from in ["2019-02-02", "2019-01-01"] {
        let status = refused(exempt(&world, from).await, Code::InvalidArgument, "INVALID_FIELDS");
        assert_eq!(fields(&status), ["tax_exemption.from"], "{from}");
    }
    let first = exempt(&world, "2019-02-01").await.unwrap();
    let again = exempt(&world, "2019-06-01").await;
    refused(again, Code::FailedPrecondition, "EXEMPTION_OVERLAPS");
    let early = end(&world, &first.name, "2019-01-01").await;
    refused(early, Code::InvalidArgument, "INVALID_FIELDS");
    end(&world, &first.name, "2019-06-01").await.unwrap();
    let second = exempt(&world, "2019-06-01").await.unwrap();
    let longer = end(&world, &first.name, "2019-07-01").await;
    refused(longer, Code::FailedPrecondition, "EXEMPTION_OVERLAPS");
    let never = end(&world, &second.name, "2019-06-01").await.unwrap();
    assert_eq!(day(&never.until), "2019-06-01", "it never began, and is in nobody's way");
    exempt(&world, "2019-06-01").await.unwrap();
    world.harness.advance("2019-06-10T09:00:00Z").await;
    let late = end(&world, &first.name, "2019-08-01").await;
    refused(late, Code::FailedPrecondition, "EXEMPTION_ENDED");
    let list = pb::ListTaxExemptionsRequest { client: world.client.clone(), ..Default::default() };
    let listed = calls(&world).list_tax_exemptions(list).await.unwrap().into_inner();
    assert_eq!(listed.tax_exemptions.len(), 3);
    world.harness.finish().await;
}
