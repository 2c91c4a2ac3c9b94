//! A batch of the feed is worth its events one after another (issue 3, part 8).

use crate::{
    bank::{Bank, roubles},
    world::{World, date, request_id, rub, seller},
};
use invoicing_svc::jobs::payments_follower::Follower;
use proto::{invoicing::v1 as pb, payments::v1 as told};
use service::feed::{Event, Handler};
use types::id::{ClientId, LineId};

/// An issued invoice by hand.
async fn invoice(world: &World, client: &str, contract: &str, price: &str) -> String {
    let line = pb::InvoiceLine {
        text: "Настройка".into(),
        unit_price: crate::world::decimal(price),
        ..Default::default()
    };
    let invoice = pb::Invoice {
        client: client.into(),
        contract: contract.into(),
        lines: vec![line],
        ..Default::default()
    };
    let request = pb::CreateInvoiceRequest { invoice: Some(invoice), request_id: request_id() };
    let name = world.invoices().create_invoice(request).await.unwrap().into_inner().name;
    world.issue(&name).await.unwrap().name
}

/// Two clients, their invoices, and money for them: in part, too much, for nothing, for another's
/// invoice, to another seller; and each event a second time.
async fn story(world: &World) -> (Vec<Event>, Vec<String>) {
    let bank = Bank { world };
    let (other, payer) = world.profiles.add(77);
    let contract = world.create_contract_of(&other, &payer, "77").await.unwrap().name;
    let stranger = world.create_seller(seller(78)).await.unwrap().name;
    let own = &world.client;
    let invoices = vec![
        invoice(world, own, &world.contract, "1000.00").await,
        invoice(world, own, &world.contract, "400.00").await,
        invoice(world, &other, &contract, "700.00").await,
    ];
    let money = [
        (own, &world.seller, invoices[0].as_str(), "600.00"),
        (&other, &world.seller, &invoices[2], "700.00"),
        (own, &world.seller, &invoices[0], "600.00"),
        (own, &world.seller, "", "50.00"),
        (own, &world.seller, &invoices[2], "30.00"),
        (own, &stranger, &invoices[1], "400.00"),
        (&other, &world.seller, &invoices[2], "1.00"),
    ];
    let (mut came, mut meant) = (Vec::new(), Vec::new());
    for (client, seller, invoice, amount) in money {
        let line = LineId::generate().to_string();
        let imported = told::LineImported {
            line: line.clone(),
            seller: seller.clone(),
            amount: roubles(amount),
            date: date("2019-02-11"),
        };
        came.push(testkit::event(ClientId::generate(), &imported));
        let allocated = told::Allocated {
            client: client.clone(),
            seller: seller.clone(),
            ..bank.allocated(&line, invoice, amount, "2019-02-11")
        };
        meant.push(testkit::event(client.parse().unwrap(), &allocated));
    }
    let again = [came[0].clone(), meant[0].clone(), meant[1].clone()];
    (came.into_iter().chain(meant).chain(again).collect(), invoices)
}

/// What is left to pay, the books, what payments-svc was answered, and how often what was told.
async fn outcome(
    world: &World,
    invoices: &[String],
) -> (Vec<String>, Vec<(String, String)>, Vec<(String, String)>, Vec<String>) {
    let bank = Bank { world };
    let mut left = Vec::new();
    for name in invoices {
        left.push(rub(&world.invoice(name).await.residual));
    }
    let answers: Vec<pb::PaymentApplied> = world.payloads().await;
    let mut answers: Vec<_> = answers.iter().map(|a| (rub(&a.applied), rub(&a.credit))).collect();
    answers.sort();
    let mut kinds = world.events().await;
    kinds.sort();
    bank.audit().await;
    (left, bank.books().await, answers, kinds)
}

/// What is told one event at a time and what is told at once come to the same books.
#[tokio::test]
async fn a_batch_is_its_events_one_after_another() {
    let single = World::start().await;
    let (events, invoices) = story(&single).await;
    for event in &events {
        Bank { world: &single }.tell(event).await.unwrap();
    }
    let expected = outcome(&single, &invoices).await;
    assert_eq!(expected.0, ["0.00", "400.00", "0.00"]);
    single.harness.finish().await;

    let world = World::start().await;
    let (events, invoices) = story(&world).await;
    let frame = world.harness.frame();
    let follower = Follower::new(frame);
    for event in &events {
        // Whoever is not known yet is made known by an event of its own.
        assert!(follower.prepare(event).await.unwrap().is_none());
    }
    let nothing = None;
    let batch: Vec<_> = events.iter().map(|event| (event, &nothing)).collect();
    for _ in 0..2 {
        let mut tx = frame.begin().await.unwrap();
        assert!(follower.apply_batch(&mut tx, &batch).await.unwrap());
        tx.commit().await.unwrap();
    }
    assert_eq!(outcome(&world, &invoices).await, expected);
    world.harness.finish().await;
}
