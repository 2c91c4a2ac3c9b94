//! Tickets merged and split (tickets.md §1.6, 15): zammad/zammad #983 and #3863.

use crate::{World, letter, refused, request_id};
use proto::tickets::v1::{
    self as wire, CloseTicketRequest, MergeTicketRequest, SplitTicketRequest, inbound_letter,
    message::Kind, ticket::State,
};
use tonic::Code;

fn merge(from: &wire::Ticket, into: &wire::Ticket) -> MergeTicketRequest {
    MergeTicketRequest {
        name: from.name.clone(),
        into: into.name.clone(),
        request_id: request_id(),
        ..MergeTicketRequest::default()
    }
}

async fn opened(world: &World, id: &str) -> wire::Ticket {
    let done = world.ingest(letter(id, "", &format!("письмо {id}"))).await;
    world.ticket(&done.ticket).await
}

/// <https://github.com/zammad/zammad/issues/983>
#[tokio::test]
async fn zammad_983_a_merged_ticket_leads_to_the_other_for_ever() {
    let world = World::start().await;
    let (one, two, three) =
        (opened(&world, "1").await, opened(&world, "2").await, opened(&world, "3").await);
    let request = merge(&one, &two);
    let kept = world.tickets().merge_ticket(request.clone()).await.unwrap().into_inner();
    assert_eq!(kept.name, two.name);
    assert_eq!(world.tickets().merge_ticket(request).await.unwrap().into_inner(), kept);
    let merged = world.ticket(&one.name).await;
    assert_eq!((merged.state(), merged.due_time), (State::Merged, None));
    assert_eq!(merged.merged_into, two.name);
    assert_eq!(world.ticket(&two.name).await.messages[1].kind(), Kind::System);
    // A chain has one link.
    world.tickets().merge_ticket(merge(&two, &three)).await.unwrap();
    assert_eq!(world.ticket(&one.name).await.merged_into, three.name);
    for answered in ["1", "2"] {
        let id = format!("In-Reply-To: <{answered}@client.example>\r\n");
        let answer = world.ingest(letter(&format!("{answered}a"), &id, "ответ")).await;
        assert_eq!(answer.ticket, three.name);
    }
    assert_eq!(world.ticket(&one.name).await.state(), State::Merged);
    for (from, into, reason) in [
        (&one, &three, "TICKET_MERGED"),
        (&three, &one, "TICKET_MERGED"),
        (&three, &three, "TICKETS_NOT_OF_ONE_CLIENT"),
    ] {
        let again = world.tickets().merge_ticket(merge(from, into)).await;
        refused(again, Code::FailedPrecondition, reason);
    }
    let close = CloseTicketRequest {
        name: one.name.clone(),
        request_id: request_id(),
        ..CloseTicketRequest::default()
    };
    let closed = world.tickets().close_ticket(close).await;
    refused(closed, Code::FailedPrecondition, "TICKET_MERGED");
    world.finish().await;
}

/// <https://github.com/zammad/zammad/issues/3863>
#[tokio::test]
async fn zammad_3863_a_split_ticket_is_of_whoever_wrote_the_letter() {
    let world = World::start().await;
    let ticket = opened(&world, "1").await;
    let other = "From: tech@client.example\r\nTo: ok@company.example\r\nSubject: Re: disk\r\n\
                 Message-ID: <t@client.example>\r\nIn-Reply-To: <1@client.example>\r\n\
                 Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nи ещё домен\r\n--b\r\n\
                 Content-Type: application/pdf; name=a.pdf\r\n\r\nPDF\r\n--b--\r\n";
    let joined = world.ingest(other).await;
    assert_eq!((joined.state(), &joined.ticket), (inbound_letter::State::Processed, &ticket.name));
    let split = |message: &str| SplitTicketRequest {
        name: ticket.name.clone(),
        message: message.to_owned(),
        request_id: request_id(),
        ..SplitTicketRequest::default()
    };
    let request = split(&joined.message);
    let new = world.tickets().split_ticket(request.clone()).await.unwrap().into_inner();
    assert_eq!(world.tickets().split_ticket(request).await.unwrap().into_inner(), new);
    assert_eq!((new.state(), new.requester.as_str()), (State::Open, "tech@client.example"));
    assert_eq!(new.client, ticket.client);
    let new = world.ticket(&new.name).await;
    assert_eq!(new.messages[0].text.trim(), "и ещё домен");
    assert_eq!(new.messages[0].attachments[0].filename, "a.pdf");
    let old = world.ticket(&ticket.name).await;
    assert_eq!((old.messages.len(), old.messages[2].kind()), (3, Kind::System));
    let system = world.tickets().split_ticket(split(&old.messages[2].name)).await;
    refused(system, Code::InvalidArgument, "INVALID_FIELDS");
    world.finish().await;
}
