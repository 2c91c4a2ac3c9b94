//! `Quotes` (A9, A104).

use crate::world::{World, date, day, decimal, fields, refused, request_id, rub};
use proto::{
    invoicing::v1::{
        self as pb, overviews_client::OverviewsClient, quote::State, quotes_client::QuotesClient,
    },
    system::v1::Role,
};
use service::PeerChannel;
use tonic::{Code, Response, Status};

fn quotes(world: &World) -> QuotesClient<PeerChannel> {
    QuotesClient::new(world.harness.client_as(Role::Sales))
}

/// A pack at 860.00 a month, of a family that a client has one of.
async fn pack(world: &World) -> String {
    let product =
        pb::Product {
            title: "Пакет 5 ГБ".into(), family: "disk".into(), ..Default::default()
        };
    world.product(product, 1, "860.00").await
}

fn offer(world: &World, product: &str) -> pb::Quote {
    let line = pb::OrderLine { product: product.into(), cycle_months: 1, ..Default::default() };
    pb::Quote {
        client: world.client.clone(),
        contract: world.contract.clone(),
        lines: vec![line],
        valid_until: date("2019-03-15"),
        subject: "Диск".into(),
        ..Default::default()
    }
}

async fn create(world: &World, quote: pb::Quote) -> Result<pb::Quote, Status> {
    let request = pb::CreateQuoteRequest { quote: Some(quote), request_id: request_id() };
    quotes(world).create_quote(request).await.map(Response::into_inner)
}

async fn send(world: &World, name: &str) -> Result<pb::Quote, Status> {
    let request =
        pb::SendQuoteRequest { name: name.into(), etag: String::new(), request_id: request_id() };
    quotes(world).send_quote(request).await.map(Response::into_inner)
}

async fn accept(world: &World, name: &str) -> Result<pb::AcceptQuoteResponse, Status> {
    let request = pb::AcceptQuoteRequest {
        name: name.into(),
        request_id: request_id(),
        ..Default::default()
    };
    quotes(world).accept_quote(request).await.map(Response::into_inner)
}

async fn get(world: &World, name: &str) -> pb::Quote {
    let request = pb::GetQuoteRequest { name: name.into() };
    quotes(world).get_quote(request).await.unwrap().into_inner()
}

/// A104: what was offered is what is paid, though the catalogue's price went up meanwhile, and for
/// days from the yes on: a month from 20.02 by the product's convention is 860 × 10/30.
#[tokio::test]
async fn an_accepted_quote_is_an_order_at_the_prices_offered() {
    let world = World::start().await;
    let product = pack(&world).await;
    let preview = pb::PreviewQuoteRequest { quote: Some(offer(&world, &product)) };
    let shown = quotes(&world).preview_quote(preview).await.unwrap().into_inner();
    let made = create(&world, offer(&world, &product)).await.unwrap();
    assert_eq!((shown.name.as_str(), shown.number), ("", 0));
    assert_eq!((&shown.lines, &shown.total), (&made.lines, &made.total), "as it was shown");
    assert_eq!((made.state(), made.send_time), (State::Draft, None));
    // 8 February to the end of the month: (30 − 8)/30.
    assert_eq!((rub(&made.total), rub(&made.subtotal)), ("630.67".into(), "525.56".into()));
    let raised = pb::Price {
        product: product.clone(),
        from: date("2019-02-10"),
        cycle_months: 1,
        unit_price: decimal("1200.00"),
        currency: "RUB".into(),
        ..Default::default()
    };
    let raised = pb::CreatePriceRequest { price: Some(raised), request_id: request_id() };
    world.products().create_price(raised).await.unwrap();
    let sent = send(&world, &made.name).await.unwrap();
    assert_eq!(sent.state(), State::Sent);
    let letters: Vec<pb::LetterRequested> = world.payloads().await;
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!(
        (letter.template.as_str(), &letter.documents),
        ("quote_sent", &vec![made.name.clone()])
    );
    assert_eq!(letter.variables["valid_until"], "15.03.2019");
    refused(send(&world, &made.name).await, Code::FailedPrecondition, "QUOTE_NOT_OPEN");

    world.harness.advance("2019-02-20T09:00:00Z").await;
    let accepted = accept(&world, &made.name).await.unwrap();
    let quote = accepted.quote.unwrap();
    assert_eq!(quote.state(), State::Accepted);
    assert!(quote.decided_by.starts_with("staff/"), "{}", quote.decided_by);
    assert_eq!(rub(&quote.total), "630.67", "what was offered is what it says");
    let invoice = world.invoice(&accepted.invoices[0]).await;
    assert_eq!(invoice.state(), pb::invoice::State::Held);
    assert_eq!(rub(&invoice.total), "286.67");
    assert_eq!(day(&invoice.lines[0].start_date), "2019-02-20");
    let order = world.orders().get_order(pb::GetOrderRequest { name: quote.order.clone() }).await;
    let order = order.unwrap().into_inner();
    assert_eq!(order.state(), pb::order::State::Accepted);
    assert_eq!(order.lines[0].unit_price, decimal("860.00"));
    refused(accept(&world, &made.name).await, Code::FailedPrecondition, "QUOTE_NOT_OPEN");
    world.harness.finish().await;
}

/// What is only offered is no order: it is neither listed nor found, accepted or cancelled as one.
#[tokio::test]
async fn an_offer_is_no_order() {
    let world = World::start().await;
    let product = pack(&world).await;
    create(&world, offer(&world, &product)).await.unwrap();
    let listed = world.orders().list_orders(pb::ListOrdersRequest::default()).await.unwrap();
    assert_eq!(listed.get_ref().total_size, 0, "{listed:?}");
    let pool = world.harness.owner("invoicing").await;
    let (id,): (uuid::Uuid,) =
        sqlx::query_as("select id from orders").fetch_one(&pool).await.unwrap();
    let name = format!("orders/{id}");
    let got = world.orders().get_order(pb::GetOrderRequest { name: name.clone() }).await;
    refused(got, Code::NotFound, "NOT_FOUND");
    refused(world.accept(&name).await, Code::NotFound, "NOT_FOUND");
    let cancel = pb::CancelOrderRequest { name, reason: "нет".into(), request_id: request_id() };
    refused(world.orders().cancel_order(cancel).await, Code::NotFound, "NOT_FOUND");
    world.harness.finish().await;
}

/// Of two quotes of one family one is accepted (A133); what nobody decides expires with its day,
/// and what is declined says why; the card counts them (A104).
#[tokio::test]
async fn quotes_end_one_way_each() {
    let world = World::start().await;
    let product = pack(&world).await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(create(&world, offer(&world, &product)).await.unwrap().name);
    }
    send(&world, &all[0]).await.unwrap();
    accept(&world, &all[0]).await.unwrap();
    refused(accept(&world, &all[1]).await, Code::FailedPrecondition, "DUPLICATE_FAMILY");
    let decline = pb::DeclineQuoteRequest {
        name: all[1].clone(),
        reason: "Дорого".into(),
        request_id: request_id(),
        ..Default::default()
    };
    let declined = quotes(&world).decline_quote(decline).await.unwrap().into_inner();
    assert_eq!((declined.state(), declined.decline_reason.as_str()), (State::Declined, "Дорого"));
    send(&world, &all[2]).await.unwrap();
    world.harness.advance("2019-03-15T20:59:00Z").await;
    assert_eq!(get(&world, &all[2]).await.state(), State::Sent, "good through its last day");
    world.harness.advance("2019-03-15T21:01:00Z").await;
    for name in &all[2..] {
        assert_eq!(get(&world, name).await.state(), State::Expired, "in Moscow it is the 16th");
        refused(accept(&world, name).await, Code::FailedPrecondition, "QUOTE_NOT_OPEN");
    }
    let mut found = Vec::new();
    for (state, sent) in [
        (State::Unspecified, false),
        (State::Accepted, false),
        (State::Expired, false),
        (State::Expired, true),
        (State::Sent, false),
    ] {
        let list = pb::ListQuotesRequest { state: state.into(), sent, ..Default::default() };
        let list = quotes(&world).list_quotes(list).await.unwrap().into_inner();
        found.push((list.quotes.len(), list.total_size));
    }
    assert_eq!(found, [(4, 4), (1, 1), (2, 2), (1, 1), (0, 0)]);
    let card = pb::GetClientOverviewRequest { client: world.client.clone() };
    let mut overviews = OverviewsClient::new(world.harness.client_as(Role::Support));
    let card = overviews.get_client_overview(card).await.unwrap().into_inner();
    assert_eq!((card.quotes_accepted, card.quotes), (1, 4));
    world.harness.finish().await;
}

/// Every field that is wrong is named, as a field of the quote.
#[tokio::test]
async fn what_is_wrong_is_named() {
    let world = World::start().await;
    let product = pack(&world).await;
    let other = world.create_contract("2/2019").await.unwrap().name;
    let mut quote = offer(&world, &product);
    quote.valid_until = date("2019-02-07");
    quote.lines[0].contract = other;
    let status = refused(create(&world, quote).await, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&status), ["quote.valid_until", "quote.lines[0].contract"]);
    let mut quote = offer(&world, &product);
    quote.lines[0].cycle_months = 7;
    let status = refused(create(&world, quote).await, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&status), ["quote.lines[0].cycle_months"]);
    let empty = pb::Quote { lines: Vec::new(), ..offer(&world, &product) };
    let status = refused(create(&world, empty).await, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&status), ["quote.lines"]);
    world.harness.finish().await;
}

/// A draft's document is a preview; a sent quote's is the same bytes for ever.
#[tokio::test]
async fn one_document_once_sent() {
    let world = World::start().await;
    let product = pack(&world).await;
    let mut quote = offer(&world, &product);
    quote.note = "Первый месяц\nпо дням.".into();
    let free = pb::Product { title: "Перенос базы".into(), ..Default::default() };
    let free = world.product(free, 0, "0.00").await;
    quote.lines.push(pb::OrderLine { product: free, ..Default::default() });
    let made = create(&world, quote).await.unwrap();
    let document = async || {
        let request = pb::GetQuoteDocumentRequest { name: made.name.clone() };
        quotes(&world).get_quote_document(request).await.unwrap().into_inner()
    };
    let preview = document().await;
    assert!(preview.content.starts_with(b"%PDF-"));
    send(&world, &made.name).await.unwrap();
    let (first, second) = tokio::join!(document(), document());
    assert_eq!(first, second);
    assert_eq!(first.filename, format!("Предложение {}.pdf", made.number));
    assert_ne!(first.sha256, preview.sha256);
    let pool = world.harness.owner("invoicing").await;
    let (kept,): (i64,) =
        sqlx::query_as("select count(*) from quote_documents").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 1);
    world.harness.finish().await;
}

/// A service says yes for the person who pressed the button; staff cannot say it was somebody else.
#[tokio::test]
async fn it_is_known_who_decided() {
    let world = World::start().await;
    let product = pack(&world).await;
    let person = format!("people/{}", uuid::Uuid::new_v4());
    for (role, by) in [(Role::Service, person.as_str()), (Role::Sales, "staff/")] {
        let made = create(&world, offer(&world, &product)).await.unwrap();
        let decline = pb::DeclineQuoteRequest {
            name: made.name,
            decided_by: person.clone(),
            request_id: request_id(),
            ..Default::default()
        };
        let mut calls = QuotesClient::new(world.harness.client_as(role));
        let declined = calls.decline_quote(decline).await.unwrap().into_inner();
        assert!(declined.decided_by.starts_with(by), "{}", declined.decided_by);
    }
    world.harness.finish().await;
}
