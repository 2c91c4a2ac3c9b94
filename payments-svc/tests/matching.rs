//! The matcher over real storage: what is certain is allocated once, whoever races.

use crate::readers::G28;
use crate::world::{Document, World, statement, wire};
use payments_svc::domain::matching::Preset;
use payments_svc::jobs::matching::match_lines;
use proto::payments::v1::line::State;
use proto::payments::v1::{self as pb};
use types::id::{ClientId, InvoiceId, LegalEntityId, LineId, SellerId};

fn codes(line: &pb::Line) -> Vec<&str> {
    line.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

/// G21, A241, A244: exact number, amount, payer and seller is allocated by itself, with reasons.
#[tokio::test]
async fn a_certain_payment_is_allocated_by_itself() {
    let world = World::start(&[]).await;
    let invoice = world.invoice("88#72815", 86_000).await;
    let lines = world.matched(G28).await;
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(line.state(), State::Matched);
    assert_eq!(
        codes(line),
        ["NUMBER_EXACT", "DATE_AGREES", "AMOUNT_EQUAL", "PAYER_TAX_ID", "SELLER_ACCOUNT"]
    );
    assert_eq!(line.reasons[2].text, "Сумма равна остатку");
    let mut asked = tonic::Request::new(pb::GetLineRequest { name: line.name.clone() });
    asked.metadata_mut().insert("accept-language", "uk,ru;q=0.5".parse().unwrap());
    let told = world.lines().get_line(asked).await.unwrap().into_inner();
    assert_eq!(told.reasons[2].text, "Сума дорівнює залишку");
    assert_eq!(line.unallocated, wire(0));
    let [allocation] = line.allocations.as_slice() else { panic!("{line:?}") };
    assert_eq!((allocation.invoice.as_str(), allocation.automatic), (&*invoice.to_string(), true));
    assert_eq!(allocation.amount, wire(86_000));

    let [told] = world.events::<pb::Allocated>().await.try_into().unwrap();
    assert_eq!(
        (told.allocation, told.line, told.client, told.payer, told.seller, told.invoice),
        (
            allocation.name.clone(),
            line.name.clone(),
            world.client.to_string(),
            world.payer.to_string(),
            world.seller.to_string(),
            invoice.to_string()
        )
    );
    assert_eq!((told.amount, told.date), (wire(86_000), line.date));

    world.applied(&allocation.name, &invoice.to_string(), 86_000, 0).await;
    let line = world.line(&line.name).await;
    assert!(line.allocations[0].settled);
    assert_eq!(
        (line.allocations[0].applied.clone(), line.allocations[0].credit.clone()),
        (wire(86_000), wire(0))
    );
    world.harness.finish().await;
}

/// G22: everything else waits for a person with its reasons and a proposal.
#[tokio::test]
async fn what_is_not_certain_waits_with_reasons() {
    let world = World::start(&[]).await;
    let invoice = world.invoice("88#72815", 86_000).await;
    for (amount, reason) in [("859.99", "−0,01"), ("900.00", "+40,00 → в кредит?")] {
        let document = Document::new(27, amount, "Оплата по счету 88#72815 от 09.02.19");
        let lines = world.matched(&statement(&[document])).await;
        assert_eq!(lines[0].state(), State::Review);
        assert_eq!(lines[0].reasons[0].text, reason);
        assert_eq!(lines[0].proposals[0].invoices, [invoice.to_string()]);
    }
    let mut stranger = Document::new(28, "860.00", "Оплата по счету 88#72815 от 09.02.19");
    (stranger.tax_id, stranger.account) = ("7725381772".into(), "40702810000000000888".into());
    let lines = world.matched(&statement(&[stranger])).await;
    assert_eq!(codes(&lines[0]), ["PAYER_DIFFERS"]);
    assert!(world.events::<pb::Allocated>().await.is_empty());
    world.harness.finish().await;
}

/// A182, §1.9 item 10: never across sellers, at equal number and amount.
#[tokio::test]
async fn money_never_crosses_sellers() {
    let mut world = World::start(&[]).await;
    let (own, other) = (world.seller, SellerId::generate());
    world.seller_changed(other, "40702810900000000002", "7725381772").await;
    world.seller = other;
    world.invoice("88#72815", 86_000).await;
    let lines = world.matched(G28).await;
    assert_eq!(codes(&lines[0]), ["PAID_TO_OTHER_SELLER"]);
    // With one invoice of that number at each seller, the money finds its own.
    world.seller = own;
    let right = world.invoice("88#72815", 86_000).await;
    world.harness.settle().await;
    let line = world.line(&lines[0].name).await;
    assert_eq!(line.state(), State::Matched);
    assert_eq!(line.allocations[0].invoice, right.to_string());
    world.harness.finish().await;
}

/// Waiting lines are decided again when the invoice, or the payer, becomes known.
#[tokio::test]
async fn waiting_lines_are_decided_again() {
    let mut world = World::start(&[]).await;
    let lines = world.matched(G28).await;
    assert_eq!(codes(&lines[0]), ["NO_CANDIDATE"]);
    world.know("7725381772", &[]).await;
    world.invoice("88#72815", 86_000).await;
    world.harness.settle().await;
    assert_eq!(codes(&world.line(&lines[0].name).await), ["PAYER_DIFFERS"]);
    world.know("7814695160", &[]).await;
    world.harness.settle().await;
    assert_eq!(world.line(&lines[0].name).await.state(), State::Matched);
    world.harness.finish().await;
}

/// An invoice that is reopened, and one whose rest is paid by a second line: what waits is decided
/// again when invoicing has answered.
#[tokio::test]
async fn what_is_left_to_pay_is_followed() {
    let world = World::start(&[]).await;
    let invoice = world.invoice("88#72815", 86_000).await;
    let purpose = "Оплата по счету 88#72815 от 09.02.19";
    let part = Document::new(1, "360.00", purpose);
    let rest = Document::new(2, "500.00", purpose);
    let lines = world.matched(&statement(&[part, rest])).await;
    assert!(lines.iter().all(|line| codes(line) == ["AMOUNT_SHORT"]), "{lines:?}");
    let first = lines.iter().find(|line| line.document_number == "1").unwrap();
    let request = pb::AllocateLineRequest {
        name: first.name.clone(),
        parts: vec![pb::AllocationPart {
            invoice: invoice.to_string(),
            client: String::new(),
            amount: wire(36_000),
        }],
        etag: String::new(),
        request_id: crate::world::request_id(),
        remember: false,
    };
    let first = world.lines().allocate_line(request).await.unwrap().into_inner();
    world.residual(invoice, 50_000, "ISSUED").await;
    world.applied(&first.allocations[0].name, &invoice.to_string(), 36_000, 0).await;
    world.harness.settle().await;
    let second = lines.iter().find(|line| line.document_number == "2").unwrap();
    let second = world.line(&second.name).await;
    assert_eq!(second.state(), State::Matched);
    assert_eq!(second.allocations[0].amount, wire(50_000));
    world.harness.finish().await;
}

/// G21b: the preset of companies whose numbers name the client.
#[tokio::test]
async fn a_number_that_names_its_client_is_enough_where_the_company_says_so() {
    let mut unknown = Document::new(1, "860.00", "Оплата HOR-11111-007");
    (unknown.tax_id, unknown.account) = (String::new(), "40702810000000000888".into());
    let file = statement(&[unknown]);
    for (arguments, state) in
        [(&[] as &[&str], State::Review), (&["--matching", "number-and-amount"], State::Matched)]
    {
        let world = World::start(arguments).await;
        world.invoice("HOR-11111-007", 86_000).await;
        let lines = world.matched(&file).await;
        assert_eq!(lines[0].state(), state);
        let named = codes(&lines[0]).contains(&"NUMBER_NAMES_CLIENT");
        assert_eq!(named, state == State::Matched);
        world.harness.finish().await;
    }
}

/// Two payments of one invoice: the one booked first is set against it, the second waits, although
/// invoicing has not answered about the first yet.
#[tokio::test]
async fn a_second_payment_of_one_invoice_waits() {
    let world = World::start(&[]).await;
    let invoice = world.invoice("88#72815", 86_000).await;
    let purpose = "Оплата по счету 88#72815 от 09.02.19";
    let file = statement(&[
        Document::new(1, "860.00", purpose),
        Document::new(2, "860.00", purpose),
        Document::new(3, "860.00", purpose),
    ]);
    let lines = world.matched(&file).await;
    let mut states: Vec<_> = lines.iter().map(|l| (l.document_number.clone(), l.state())).collect();
    states.sort();
    assert_eq!(
        states.iter().map(|(_, state)| *state).collect::<Vec<_>>(),
        [State::Matched, State::Review, State::Review]
    );
    let waits = lines.iter().find(|line| line.state() == State::Review).unwrap();
    assert_eq!(codes(waits), ["INVOICE_PAID"]);
    assert_eq!(world.events::<pb::Allocated>().await.len(), 1);
    world.residual(invoice, 0, "ISSUED").await;
    world.harness.finish().await;
}

/// Two matchers on one line, and many matchers on lines of one invoice: no money is allocated
/// twice.
#[tokio::test]
async fn matchers_that_race_allocate_once() {
    let world = World::start(&[]).await;
    let purpose = "Оплата по счету 88#72815 от 09.02.19";
    let documents: Vec<_> = (0..4).map(|n| Document::new(n, "860.00", purpose)).collect();
    let lines = world.matched(&statement(&documents)).await;
    assert!(lines.iter().all(|line| line.state() == State::Review));
    let invoice = InvoiceId::generate();
    let issued = world.issued(invoice, "88#72815", 86_000);
    world.invoicing(Some(world.client), &issued).await.unwrap();
    let frame = world.harness.frame();
    let ids: Vec<LineId> = lines.iter().map(|line| line.name.parse().unwrap()).collect();
    let races = ids.into_iter().flat_map(|line| [line; 3]).map(|line| {
        let frame = frame.clone();
        tokio::spawn(async move { match_lines(&frame, Preset::Standard, &[line]).await })
    });
    for race in races.collect::<Vec<_>>() {
        race.await.unwrap().unwrap();
    }
    world.harness.settle().await;
    assert_eq!(world.events::<pb::Allocated>().await.len(), 1);
    let mut matched = 0;
    for line in &lines {
        matched += usize::from(world.line(&line.name).await.state() == State::Matched);
    }
    assert_eq!(matched, 1);
    world.harness.finish().await;
}

/// A payer known by its account only, and a tax id that two clients share.
#[tokio::test]
async fn payers_are_known_by_tax_id_or_account() {
    let mut world = World::start(&[]).await;
    let other = ClientId::generate();
    world.client_changed(other, LegalEntityId::generate(), "7814695160", &[]).await;
    world.invoice("88#72815", 86_000).await;
    assert_eq!(world.matched(G28).await[0].state(), State::Matched, "shared tax id, exact number");
    let mut by_account = Document::new(7, "100.00", "Оплата по счету 88#72900");
    by_account.tax_id = String::new();
    world.invoice("88#72900", 10_000).await;
    let lines = world.matched(&statement(&[by_account])).await;
    assert!(codes(&lines[0]).contains(&"PAYER_ACCOUNT"), "{:?}", lines[0].reasons);
    assert_eq!(lines[0].state(), State::Matched);
    world.harness.finish().await;
}
