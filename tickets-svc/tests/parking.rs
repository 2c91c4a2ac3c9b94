//! Tickets put aside: on hold until an instant, or as spam.

use crate::{World, letter, refused, request_id};
use proto::{
    convert,
    tickets::v1::{
        self as wire, HoldTicketRequest, ListTicketsRequest, MarkTicketSpamRequest,
        RestoreTicketRequest, message::Kind, ticket::State,
    },
};
use tonic::Code;

fn hold(ticket: &wire::Ticket, until: &str) -> HoldTicketRequest {
    HoldTicketRequest {
        name: ticket.name.clone(),
        until_time: Some(convert::timestamp(until.parse().unwrap())),
        reason: "ждём поставщика".into(),
        request_id: request_id(),
        ..HoldTicketRequest::default()
    }
}

fn restore(ticket: &wire::Ticket) -> RestoreTicketRequest {
    RestoreTicketRequest {
        name: ticket.name.clone(),
        request_id: request_id(),
        ..RestoreTicketRequest::default()
    }
}

/// tickets.md §5.3: it comes back by itself, with the time that it had left.
#[tokio::test]
async fn a_held_ticket_comes_back_by_itself() {
    let world = World::start().await;
    let done = world.ingest(letter("1", "", "x")).await;
    let ticket = world.ticket(&done.ticket).await;
    let past = world.tickets().hold_ticket(hold(&ticket, "2019-02-26T11:00:00Z")).await;
    refused(past, Code::InvalidArgument, "INVALID_FIELDS");
    let request = hold(&ticket, "2019-02-27T06:00:00Z");
    let held = world.tickets().hold_ticket(request.clone()).await.unwrap().into_inner();
    assert_eq!(world.tickets().hold_ticket(request).await.unwrap().into_inner(), held);
    assert_eq!((held.state(), held.due_time), (State::OnHold, None));
    assert_eq!(held.hold_until_time.map(|time| time.seconds), Some(1_551_247_200));
    let listed = ListTicketsRequest { state: State::OnHold.into(), ..Default::default() };
    let listed = world.tickets().list_tickets(listed).await.unwrap().into_inner();
    assert_eq!(listed.total_size, 1);
    assert_eq!(world.ticket(&ticket.name).await.messages[1].kind(), Kind::Note);

    world.harness.advance("2019-02-27T06:00:01Z").await;
    world.harness.settle().await;
    let back = world.ticket(&ticket.name).await;
    assert_eq!((back.state(), back.hold_until_time), (State::Open, None));
    // Two hours were left, for nothing had run yet.
    assert_eq!(back.due_time.map(|time| time.seconds / 60), Some((1_551_247_200 + 7_200) / 60));
    refused(
        world.tickets().restore_ticket(restore(&ticket)).await,
        Code::FailedPrecondition,
        "TICKET_NOT_PARKED",
    );
    world.finish().await;
}

#[tokio::test]
async fn spam_is_left_alone() {
    let world = World::start().await;
    let done = world.ingest(letter("1", "", "x")).await;
    let ticket = world.ticket(&done.ticket).await;
    let mark = || MarkTicketSpamRequest {
        name: ticket.name.clone(),
        request_id: request_id(),
        ..MarkTicketSpamRequest::default()
    };
    let spam = world.tickets().mark_ticket_spam(mark()).await.unwrap().into_inner();
    assert_eq!((spam.state(), spam.due_time), (State::Spam, None));
    let again = world.tickets().mark_ticket_spam(mark()).await;
    refused(again, Code::FailedPrecondition, "TICKET_SPAM");
    let more = world.ingest(letter("2", "In-Reply-To: <1@client.example>\r\n", "y")).await;
    assert_eq!(more.ticket, ticket.name);
    assert_eq!(world.ticket(&ticket.name).await.state(), State::Spam);
    let back = world.tickets().restore_ticket(restore(&ticket)).await.unwrap().into_inner();
    assert_eq!((back.state(), back.due_time.is_some()), (State::Open, true));
    world.finish().await;
}
