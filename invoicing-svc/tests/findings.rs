//! `Findings.CheckClient`: defects planted into what is stored are found; without them, nothing.

use crate::world::{World, date, decimal, fields, refused};
use proto::{
    invoicing::v1::{
        self as pb, Finding, finding::Rule, finding::Severity, findings_client::FindingsClient,
        fix::Kind,
    },
    system::v1::Role,
};
use service::PeerChannel;
use sqlx::PgPool;
use tonic::{Code, Request};

fn client(world: &World) -> FindingsClient<PeerChannel> {
    FindingsClient::new(world.harness.client_as(Role::Accountant))
}

async fn look(world: &World, invoice: &str) -> Vec<Finding> {
    let request = pb::CheckClientRequest { client: world.client.clone(), invoice: invoice.into() };
    client(world).check_client(request).await.unwrap().into_inner().findings
}

async fn rules(world: &World) -> Vec<Rule> {
    look(world, "").await.iter().map(Finding::rule).collect()
}

fn disk(title: &str) -> pb::Product {
    pb::Product {
        title: title.into(),
        family: "disk".into(),
        accounting_code: "00-00002".into(),
        activation: pb::product::Activation::OnAccept.into(),
        ..Default::default()
    }
}

/// Users of the half-year with disk beside them, whose products accounting knows: the product, and
/// the subscription and invoice of the disk.
async fn company(world: &World) -> (String, pb::AcceptOrderResponse) {
    let (main, first) = world.users().await;
    execute(world, "update products set accounting_code = '00-00001'").await;
    world.issue(&first).await.unwrap();
    let product = world.product(disk("Диск 5 ГБ"), 1, "60.00").await;
    world.price(&product, 6, "342.00").await;
    let line = pb::OrderLine {
        product: product.clone(),
        cycle_months: 1,
        start_date: date("2019-02-08"),
        main_subscription: main,
        ..Default::default()
    };
    (product, world.order(line).await)
}

async fn owner(world: &World) -> PgPool {
    world.harness.owner("invoicing").await
}

async fn execute(world: &World, sql: &'static str) {
    sqlx::query(sql).execute(&owner(world).await).await.unwrap();
}

/// No false alarm: what orders, changes, suspensions and the run make is right by the linter.
#[tokio::test]
async fn a_clean_client_has_none() {
    let world = World::start().await;
    let (_, extra) = company(&world).await;
    assert_eq!(look(&world, "").await, []);
    assert_eq!(look(&world, &extra.invoices[0]).await, []);
    world.issue(&extra.invoices[0]).await.unwrap();
    let hold = "update billing_settings set hold_invoices = true";
    execute(&world, hold).await;
    let shown =
        crate::subscriptions::preview(&world, &extra.subscriptions[0], 2, "2019-03-04").await;
    let confirm = crate::subscriptions::confirm(&extra.subscriptions[0], &shown.token);
    world.subscriptions().confirm_quantity_change(confirm).await.unwrap();
    world.harness.advance("2019-07-12T09:00:00Z").await;
    let held = pb::ListInvoicesRequest {
        client: world.client.clone(),
        state: pb::invoice::State::Held.into(),
        ..Default::default()
    };
    let held = world.invoices().list_invoices(held).await.unwrap().into_inner();
    assert_eq!(held.total_size, 2, "the change and the renewal");
    assert_eq!(look(&world, "").await, []);
    world.harness.finish().await;
}

/// A133, A134: a second product of a family is found, with which of them to end; said on purpose,
/// it is none.
#[tokio::test]
async fn duplicates_of_a_family() {
    let world = World::start().await;
    let (_, extra) = company(&world).await;
    let other = world.product(disk("Диск 15 ГБ"), 1, "180.00").await;
    let line = pb::OrderLine {
        product: other,
        cycle_months: 1,
        start_date: date("2019-03-01"),
        duplicate_reason: "Второй сервер".into(),
        ..Default::default()
    };
    let second = world.order(line).await;
    assert_eq!(look(&world, "").await, []);
    execute(&world, "update order_lines set duplicate_reason = ''").await;
    let found = look(&world, "").await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].rule(), found[0].severity()), (Rule::DuplicateFamily, Severity::Error));
    assert_eq!(found[0].subscription, second.subscriptions[0]);
    let Some(Kind::Merge(merge)) = &found[0].fix.as_ref().unwrap().kind else {
        panic!("{found:?}")
    };
    assert_eq!((&merge.keep, &merge.end), (&extra.subscriptions[0], &second.subscriptions[0]));
    assert!(found[0].text.contains("увеличьте количество"), "{}", found[0].text);
    // Only about an invoice: the first disk's is not concerned.
    assert_eq!(look(&world, &extra.invoices[0]).await, []);
    assert_eq!(look(&world, &second.invoices[0]).await, found);
    world.harness.finish().await;
}

/// A165, A175, G12: the monthly 60.00 standing for the half-year, and nobody said why.
#[tokio::test]
async fn prices_by_hand() {
    let world = World::start().await;
    let (product, extra) = company(&world).await;
    let line = pb::OrderLine {
        product,
        cycle_months: 6,
        start_date: date("2019-02-01"),
        price_override: decimal("60.00"),
        override_reason: "Опечатка".into(),
        duplicate_reason: "Второй сервер".into(),
        ..Default::default()
    };
    let made = world.order(line).await;
    let found = look(&world, "").await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].rule(), Rule::PriceCycleMismatch);
    assert_eq!(found[0].subscription, made.subscriptions[0]);
    let price = types::Money::new("342.00".parse().unwrap(), types::Currency::Rub).unwrap();
    assert_eq!(found[0].fix.as_ref().unwrap().kind, Some(Kind::Price(price.into())));
    execute(&world, "update subscriptions set override_reason = '' where price_id is null").await;
    let rules = rules(&world).await;
    assert_eq!(rules, [Rule::PriceCycleMismatch, Rule::OverrideWithoutReason]);
    assert_eq!(look(&world, &extra.invoices[0]).await, []);
    world.harness.finish().await;
}

/// Defects of lines that wait: no code of accounting, another seller's product, a wrong phrase of
/// VAT, an end inside a month, a line below zero, a jump; each with its line.
#[tokio::test]
async fn defects_of_waiting_lines() {
    let world = World::start().await;
    let (_, extra) = company(&world).await;
    let defects = [
        (
            Rule::VatPhrase,
            "update draft_lines set line =
                jsonb_set(line, '{segments,0,decision,phrase,ru}', '\"НДС 18 %\"')",
        ),
        (
            Rule::EndDiffersFromMain,
            "update draft_lines set line = jsonb_set(line, '{period,end}', '\"2019-07-01\"')",
        ),
        (
            Rule::Negative,
            "update draft_lines set line =
                jsonb_set(line, '{amounts,gross,amount}', '\"-344.00\"')",
        ),
        (
            Rule::Zero,
            "update draft_lines set line = jsonb_set(line, '{amounts,gross,amount}', '\"0.00\"')",
        ),
    ];
    for (rule, plant) in defects {
        execute(&world, "create table kept as select id, line from draft_lines").await;
        execute(&world, plant).await;
        let found = look(&world, &extra.invoices[0]).await;
        let planted = found.iter().find(|f| f.rule() == rule && !f.line.is_empty());
        let planted = planted.unwrap_or_else(|| panic!("{rule:?}: {found:?}"));
        assert_eq!(planted.invoice, extra.invoices[0]);
        assert!(planted.line.starts_with("invoiceLines/"), "{planted:?}");
        assert!(planted.title.contains("Диск 5 ГБ"), "{planted:?}");
        assert!(!planted.advice.is_empty());
        let back = "update draft_lines d set line = k.line from kept k where k.id = d.id";
        execute(&world, back).await;
        execute(&world, "drop table kept").await;
        assert_eq!(look(&world, "").await, [], "{rule:?} is gone");
    }
    execute(&world, "update products set accounting_code = '' where family = 'disk'").await;
    execute(&world, "update draft_lines set line = line - 'accounting_code'").await;
    let found = look(&world, "").await;
    assert_eq!((found.len(), found[0].rule()), (1, Rule::NoAccountingCode));
    assert_eq!(found[0].severity(), Severity::Warning);
    world.harness.finish().await;
}

/// The caller's language; another's invoice and a client that is none are refused.
#[tokio::test]
async fn languages_and_refusals() {
    let world = World::start().await;
    let (_, extra) = company(&world).await;
    execute(&world, "update products set accounting_code = ''").await;
    execute(&world, "update draft_lines set line = line - 'accounting_code'").await;
    let request = pb::CheckClientRequest { client: world.client.clone(), ..Default::default() };
    let mut english = Request::new(request);
    english.metadata_mut().insert("accept-language", "en".parse().unwrap());
    let found = client(&world).check_client(english).await.unwrap().into_inner().findings;
    assert!(found[0].text.contains("no code of accounting"), "{found:?}");
    assert!(found[0].advice.starts_with("Give "), "{found:?}");
    let (stranger, _) = world.profiles.add(2);
    let other = pb::CheckClientRequest { client: stranger, invoice: extra.invoices[0].clone() };
    refused(client(&world).check_client(other).await, Code::NotFound, "NOT_FOUND");
    let nobody = pb::CheckClientRequest::default();
    let nobody = client(&world).check_client(nobody).await.unwrap_err();
    assert_eq!(fields(&nobody), ["client"]);
    world.harness.finish().await;
}
