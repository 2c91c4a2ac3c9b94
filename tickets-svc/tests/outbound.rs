//! Letters out: one per request, the same letter in every retry.

use crate::{NOW, World, client, fakes::Fakes, fields, read, refused, request_id};
use clap::Parser;
use proto::{
    invoicing::v1::{LetterRequested, WorkRequested},
    tickets::v1::{
        CreateTicketRequest, ListOutboundLettersRequest, ListTicketsRequest, OutboundLetter,
        PreviewLetterRequest, Ticket, letters_client::LettersClient, message::Kind,
        outbound_letter::State, ticket,
    },
};
use service::{
    Role,
    feed::{Handler, HandlerError},
};
use testkit::{Harness, event::event};
use tickets_svc::{
    Service,
    config::Settings,
    jobs::{invoicing_follower::InvoicingFollower, post::Post},
};
use tonic::Code;
use types::id::InvoiceId;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

fn wanted() -> LetterRequested {
    let invoice = InvoiceId::generate().to_string();
    let values = [
        ("number", "88#728156"),
        ("issue_date", "09.02.2019"),
        ("seller", "ООО «Ромашка»"),
        ("total", "860,00 ₽"),
        ("due_date", "16.02.2019"),
    ];
    LetterRequested {
        key: format!("{invoice}/issued"),
        template: "invoice_issued".into(),
        client: client().to_string(),
        variables: values.map(|(name, value)| (name.into(), value.into())).into(),
        documents: vec![invoice],
    }
}

/// Has the follower of invoicing-svc handle an event that it can.
async fn follow<P: prost::Message + prost::Name>(world: &World, payload: &P) {
    handled(world, payload).await.unwrap();
}

/// Has the follower of invoicing-svc handle an event.
async fn handled<P: prost::Message + prost::Name>(
    world: &World,
    payload: &P,
) -> Result<(), HandlerError> {
    let url = format!("smtp://127.0.0.1:{}", world.sink.port());
    let arguments = Arguments::parse_from(["test", "--smtp-url", &url]);
    let frame = world.harness.frame();
    let follower = InvoicingFollower::new(frame, Post::open(&arguments.settings).unwrap());
    let event = event(client(), payload);
    let prepared = follower.prepare(&event).await?;
    let mut tx = frame.begin().await?;
    follower.apply(&mut tx, &event, prepared).await?;
    tx.commit().await?;
    frame.wake();
    Ok(())
}

async fn log(world: &World) -> Vec<OutboundLetter> {
    let request = ListOutboundLettersRequest::default();
    world.letters().list_outbound_letters(request).await.unwrap().into_inner().letters
}

/// G51: a letter that was asked for leaves once, with its PDF, whatever is repeated or restarted.
#[tokio::test]
async fn an_invoice_leaves_once_with_its_document() {
    let mut world = World::start().await;
    assert_eq!(world.sink.letters().len(), 0, "nothing leaves before it is asked for");
    let wanted = wanted();
    follow(&world, &wanted).await;
    follow(&world, &wanted).await;
    let sent = world.sink.wait(1).await;
    world.harness.settle().await;
    let url = format!("smtp://127.0.0.1:{}", world.sink.port());
    world.harness.restart::<Service>(&["--smtp-url", &url]).await;
    follow(&world, &wanted).await;
    world.harness.settle().await;
    assert_eq!(world.sink.letters().len(), 1);

    assert_eq!(sent[0].to, ["buh@client.example", "tech@client.example"]);
    let left = read(&sent[0].raw);
    assert_eq!(left.subject, "Счёт № 88#728156 от 09.02.2019");
    assert!(left.text.contains("860,00 ₽"), "{}", left.text);
    let [pdf] = &left.attachments[..] else { panic!("{:?}", left.attachments) };
    assert_eq!(pdf.original_name, "Счёт 88#728156.pdf");
    assert_eq!(pdf.bytes, format!("%PDF-1.7 {}", wanted.documents[0]).into_bytes());
    let log = log(&world).await;
    let [logged] = &log[..] else { panic!("{log:?}") };
    assert_eq!((logged.state(), logged.attempts), (State::Sent, 1));
    assert_eq!(logged.message_id, left.msgid.unwrap().as_str());
    assert!(logged.response.starts_with("250"), "{}", logged.response);
    world.finish().await;
}

/// A request that a template cannot be filled from is parked with what it lacks; nothing leaves.
#[tokio::test]
async fn a_request_that_lacks_a_value_is_parked() {
    let world = World::start().await;
    let mut wanted = wanted();
    wanted.variables.remove("total");
    let error = handled(&world, &wanted).await.unwrap_err();
    let HandlerError::Park(text) = error else { panic!("{error}") };
    assert!(text.contains("variables.total"), "{text}");
    let nobody = types::id::ClientId::generate().to_string();
    let error = handled(&world, &LetterRequested { client: nobody, ..wanted }).await.unwrap_err();
    assert!(
        matches!(&error, HandlerError::Park(text) if text.contains("does not know")),
        "{error}"
    );
    assert!(log(&world).await.is_empty());
    world.finish().await;
}

/// A letter that a server refuses for good has failed, and the log says why.
#[tokio::test]
async fn a_refused_letter_fails() {
    let world = World::start().await;
    world.fakes.client(client(), &["reject@client.example"]);
    let mut conn = world.harness.frame().pool.acquire().await.unwrap();
    let profile = tickets_svc::jobs::profiles::fetch(world.harness.frame(), client()).await;
    let newer = profile.unwrap().unwrap();
    assert!(tickets_svc::store::clients::keep(&mut conn, &newer).await.unwrap());
    assert!(!tickets_svc::store::clients::keep(&mut conn, &newer).await.unwrap(), "not newer");
    drop(conn);
    follow(&world, &wanted()).await;
    world.harness.settle().await;
    let log = log(&world).await;
    assert_eq!(log[0].state(), State::Failed);
    assert!(log[0].response.contains("5.1.1"), "{}", log[0].response);
    world.finish().await;
}

/// tickets.md §5.5 (20): an answer that is lost makes a second copy of the same bytes with the
/// same Message-ID, never a second letter.
#[tokio::test]
async fn a_lost_answer_makes_the_same_letter_again() {
    let world = World::start().await;
    let request = CreateTicketRequest {
        ticket: Some(Ticket {
            requester: "drop@x.example".into(),
            subject: "x".into(),
            ..Ticket::default()
        }),
        text: "x".into(),
        send: true,
        request_id: request_id(),
    };
    world.tickets().create_ticket(request).await.unwrap();
    let copies = world.sink.wait(2).await;
    assert_eq!(copies[0].raw, copies[1].raw);
    // The sink never answers this address, so the letter waits for ever: no rest to wait for.
}

/// A188, A189, G32: a technician's ticket with subject and delta, once per line.
#[tokio::test]
async fn work_is_ordered_once_per_line() {
    let world = World::start().await;
    let wanted = WorkRequested {
        key: types::id::InvoiceLineId::generate().to_string(),
        client: client().to_string(),
        subscription: types::id::SubscriptionId::generate().to_string(),
        resource: "дисковое пространство".into(),
        quantity_before: 5,
        quantity_after: 10,
        trigger: "ON_ISSUE".into(),
    };
    follow(&world, &wanted).await;
    follow(&world, &WorkRequested { trigger: "ON_PAYMENT".into(), ..wanted.clone() }).await;
    let request =
        ListTicketsRequest { department: "technicians".into(), ..ListTicketsRequest::default() };
    let page = world.tickets().list_tickets(request).await.unwrap().into_inner();
    let [ticket] = &page.tickets[..] else { panic!("{:?}", page.tickets) };
    assert_eq!(ticket.subject, "дисковое пространство");
    assert_eq!(
        (ticket.origin(), &ticket.regarding),
        (ticket::Origin::WorkOrder, &wanted.subscription)
    );
    assert!(ticket.due_time.is_some());
    let shown = world.ticket(&ticket.name).await;
    let [message] = &shown.messages[..] else { panic!("{:?}", shown.messages) };
    assert_eq!((message.kind(), message.text.as_str()), (Kind::System, "Δ 5-10"));
    assert!(log(&world).await.is_empty(), "a work order is no letter");
    world.finish().await;
}

/// What a letter would say, and to whom; nothing is sent.
#[tokio::test]
async fn a_preview_sends_nothing() {
    let world = World::bare().await;
    let wanted = wanted();
    let request = PreviewLetterRequest {
        template: wanted.template,
        client: wanted.client,
        variables: wanted.variables,
    };
    let preview = world.letters().preview_letter(request.clone()).await.unwrap().into_inner();
    assert_eq!(preview.recipients, ["buh@client.example", "tech@client.example"]);
    assert_eq!(preview.subject, "Счёт № 88#728156 от 09.02.2019");
    let mut short = request.clone();
    short.variables.remove("total");
    let short = world.letters().preview_letter(short).await;
    let short = refused(short, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&short), ["variables.total"]);
    let bad = PreviewLetterRequest { template: "x".into(), ..request.clone() };
    let bad = world.letters().preview_letter(bad).await;
    assert_eq!(fields(&refused(bad, Code::InvalidArgument, "INVALID_FIELDS")), ["template"]);
    let nobody = types::id::ClientId::generate().to_string();
    let nobody = PreviewLetterRequest { client: nobody, ..request };
    refused(world.letters().preview_letter(nobody).await, Code::NotFound, "NOT_FOUND");
    world.harness.settle().await;
    assert!(world.sink.letters().is_empty() && log(&world).await.is_empty());
    world.finish().await;
}

#[tokio::test]
async fn the_log_is_filtered() {
    let world = World::start().await;
    follow(&world, &wanted()).await;
    follow(&world, &wanted()).await;
    world.sink.wait(2).await;
    world.harness.settle().await;
    let of = |client: String| ListOutboundLettersRequest {
        client,
        state: State::Sent.into(),
        page_size: 1,
        ..ListOutboundLettersRequest::default()
    };
    let mut letters = world.letters();
    let page = letters.list_outbound_letters(of(client().to_string())).await.unwrap().into_inner();
    assert_eq!((page.letters.len(), page.total_size), (1, 2));
    assert!(!page.next_page_token.is_empty());
    let other = of(types::id::ClientId::generate().to_string());
    let none = letters.list_outbound_letters(other).await.unwrap().into_inner();
    assert_eq!(none.total_size, 0);
    let bad = ListOutboundLettersRequest { ticket: "x".into(), ..of("y".into()) };
    let bad =
        refused(letters.list_outbound_letters(bad).await, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&bad), ["client", "ticket"]);
    world.finish().await;
}

/// Until a server is set, letters go to a directory.
#[tokio::test]
async fn without_a_server_letters_go_to_a_directory() {
    let dir = std::env::temp_dir().join(format!("raschet-mail-{}", uuid::Uuid::now_v7()));
    let path = dir.to_str().unwrap();
    let mut harness = Harness::start::<Service>(NOW, &["--mail-dir", path]).await;
    let fakes = Fakes::default();
    fakes.serve(&mut harness);
    let request = CreateTicketRequest {
        ticket: Some(Ticket {
            requester: "buh@client.example".into(),
            subject: "x".into(),
            ..Ticket::default()
        }),
        text: "Здравствуйте".into(),
        send: true,
        request_id: request_id(),
    };
    let channel = harness.client_as(Role::Support);
    let mut tickets = proto::tickets::v1::tickets_client::TicketsClient::new(channel);
    tickets.create_ticket(request).await.unwrap();
    harness.settle().await;
    let files: Vec<_> = std::fs::read_dir(dir.join("new")).unwrap().collect();
    assert_eq!(files.len(), 1);
    let left = read(&std::fs::read(files[0].as_ref().unwrap().path()).unwrap());
    assert_eq!(left.from.unwrap().address.as_str(), "raschet@localhost.localdomain");
    assert!(left.text.starts_with("Здравствуйте"), "{}", left.text);
    let mut letters = LettersClient::new(harness.client_as(Role::Auditor));
    let log = letters.list_outbound_letters(ListOutboundLettersRequest::default()).await;
    assert_eq!(log.unwrap().into_inner().letters[0].state(), State::Sent);
    harness.finish().await;
    std::fs::remove_dir_all(dir).unwrap();
}
