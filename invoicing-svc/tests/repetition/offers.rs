//! Quotes and exemptions, repeated.

use crate::{
    bank::Bank,
    late_fees,
    world::{World, date, request_id},
};
use proto::{
    invoicing::v1::{
        self as pb, late_fees_client::LateFeesClient, quotes_client::QuotesClient,
        tax_exemptions_client::TaxExemptionsClient,
    },
    system::v1::Role,
};
use testkit::Once;
use types::id::LateFeeId;

/// One is sent and accepted, another is declined.
pub async fn quotes(world: &World, once: &mut Once<'_>, product: &str) {
    let calls = QuotesClient::new(world.harness.client_as(Role::Sales));
    let line = pb::OrderLine { product: product.into(), cycle_months: 1, ..Default::default() };
    let quote = |subject: &str| pb::Quote {
        client: world.client.clone(),
        contract: world.contract.clone(),
        lines: vec![line.clone()],
        valid_until: date("2019-03-01"),
        subject: subject.into(),
        ..Default::default()
    };
    let create =
        pb::CreateQuoteRequest { quote: Some(quote("Диск")), request_id: request_id() };
    let other = |r: &mut pb::CreateQuoteRequest| r.quote = Some(quote("Иное"));
    let made = once
        .call("Quotes.CreateQuote", create, other, async |r| calls.clone().create_quote(r).await)
        .await;
    let send = pb::SendQuoteRequest { name: made.name, etag: made.etag, request_id: request_id() };
    let other = |r: &mut pb::SendQuoteRequest| r.etag.clear();
    let sent = once
        .call("Quotes.SendQuote", send, other, async |r| calls.clone().send_quote(r).await)
        .await;
    let accept = pb::AcceptQuoteRequest {
        name: sent.name,
        etag: sent.etag,
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut pb::AcceptQuoteRequest| r.etag.clear();
    once.call("Quotes.AcceptQuote", accept, other, async |r| calls.clone().accept_quote(r).await)
        .await;
    let unwanted =
        pb::CreateQuoteRequest { quote: Some(quote("Ещё")), request_id: request_id() };
    let unwanted = calls.clone().create_quote(unwanted).await.unwrap().into_inner();
    let decline = pb::DeclineQuoteRequest {
        name: unwanted.name,
        reason: "Дорого".into(),
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut pb::DeclineQuoteRequest| r.reason = "Иначе".into();
    once.call("Quotes.DeclineQuote", decline, other, async |r| {
        calls.clone().decline_quote(r).await
    })
    .await;
}

/// From a month long after everything else here is billed.
pub async fn exemptions(world: &World, once: &mut Once<'_>) {
    let calls = TaxExemptionsClient::new(world.harness.client_as(Role::Accountant));
    let exemption = |basis: &str| pb::TaxExemption {
        client: world.client.clone(),
        from: date("2020-03-01"),
        basis: basis.into(),
        ..Default::default()
    };
    let create = pb::CreateTaxExemptionRequest {
        tax_exemption: Some(exemption("Письмо МИД")),
        request_id: request_id(),
    };
    let other = |r: &mut pb::CreateTaxExemptionRequest| r.tax_exemption = Some(exemption("Иное"));
    let made = once
        .call("TaxExemptions.CreateTaxExemption", create, other, async |r| {
            calls.clone().create_tax_exemption(r).await
        })
        .await;
    let end = pb::EndTaxExemptionRequest {
        name: made.name,
        until: date("2020-05-01"),
        request_id: request_id(),
    };
    let other = |r: &mut pb::EndTaxExemptionRequest| r.until = date("2020-06-01");
    once.call("TaxExemptions.EndTaxExemption", end, other, async |r| {
        calls.clone().end_tax_exemption(r).await
    })
    .await;
}

/// A debt grows late fees; one is paid out of credit, and what is left of it waived.
pub async fn fees(world: &World, once: &mut Once<'_>) {
    let calls = LateFeesClient::new(world.harness.client_as(Role::Accountant));
    let create = pb::CreateLateFeePolicyRequest {
        late_fee_policy: Some(late_fees::policy(world, "2019-03-01", "0.1")),
        request_id: request_id(),
    };
    let other = |r: &mut pb::CreateLateFeePolicyRequest| {
        r.late_fee_policy = Some(late_fees::policy(world, "2019-03-01", "0.2"));
    };
    let made = once
        .call("LateFees.CreateLateFeePolicy", create, other, async |r| {
            calls.clone().create_late_fee_policy(r).await
        })
        .await;
    let invoice = late_fees::debt(world, pb::contract::Payment::Postpaid).await;
    world.harness.advance("2019-03-22T09:00:00Z").await;
    let bank = Bank { world };
    bank.pay(&invoice, "3100.00", "2019-03-22").await;
    bank.pay("", "20.00", "2019-03-22").await;
    let fee = late_fees::one(world).await.name;
    let pay = pb::PayLateFeeRequest { name: fee.clone(), request_id: request_id() };
    let other = |r: &mut pb::PayLateFeeRequest| r.name = LateFeeId::generate().to_string();
    once.call("LateFees.PayLateFee", pay, other, async |r| calls.clone().pay_late_fee(r).await)
        .await;
    let waive = pb::WaiveLateFeeRequest {
        name: fee,
        reason: "Сбой был у нас".into(),
        request_id: request_id(),
    };
    let other = |r: &mut pb::WaiveLateFeeRequest| r.reason = "Иначе".into();
    once.call("LateFees.WaiveLateFee", waive, other, async |r| {
        calls.clone().waive_late_fee(r).await
    })
    .await;
    let end = pb::EndLateFeePolicyRequest {
        name: made.name.clone(),
        until: date("2019-05-01"),
        request_id: request_id(),
    };
    let other = |r: &mut pb::EndLateFeePolicyRequest| r.until = date("2019-06-01");
    once.call("LateFees.EndLateFeePolicy", end, other, async |r| {
        calls.clone().end_late_fee_policy(r).await
    })
    .await;
}
