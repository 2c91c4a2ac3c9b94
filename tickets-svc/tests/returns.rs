//! tickets.md §1.3, §5.5 (13): reports about letters of ours find the ticket, wake nothing, and say
//! in the delivery log what became of the letter.

use crate::{World, letter, request_id};
use proto::tickets::v1::{
    InboundLetter, ListOutboundLettersRequest, OutboundLetter, ReplyTicketRequest,
    inbound_letter::State, message::Kind, outbound_letter::State as Delivery, ticket,
};
use testkit::smtp::SinkLetter;

fn bounce(to: &str, subject: &str, enclosed: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.client.example>\r\n\
         To: {to}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@mx.client.example>\r\n\r\n\
         This is the mail system. Your message could not be delivered: user unknown.\r\n\r\n\
         {enclosed}\r\n"
    )
}

/// A report of RFC 3464 about one recipient.
fn report(to: &str, subject: &str, fields: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.client.example\r\nTo: {to}\r\n\
         Subject: {subject}\r\nMessage-ID: <{subject}@mx.client.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\n\r\nAbout your message.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.client.example\r\n\r\n{fields}\r\n--b--\r\n"
    )
}

/// A ticket that was answered: its name, and the answer as it left.
async fn answered(world: &World) -> (String, SinkLetter) {
    world.mailbox("ok@company.example", |_| {}).await;
    let opened = world.ingest(letter("1", "", "Прошу счёт")).await;
    let request = ReplyTicketRequest {
        name: opened.ticket.clone(),
        text: "Готово".into(),
        request_id: request_id(),
        ..ReplyTicketRequest::default()
    };
    world.tickets().reply_ticket(request).await.unwrap();
    world.harness.settle().await;
    (opened.ticket, world.sink.letters().pop().unwrap())
}

async fn delivery(world: &World) -> OutboundLetter {
    let request = ListOutboundLettersRequest::default();
    let log = world.letters().list_outbound_letters(request).await.unwrap().into_inner();
    log.letters.into_iter().next().unwrap()
}

/// tickets.md §1.3: what a mail server took and could not deliver has not arrived, and the log says
/// why; what is only late may arrive.
#[tokio::test]
async fn a_letter_that_came_back_is_not_said_to_be_sent() {
    let world = World::with(&["--reply-addresses"]).await;
    let (_, sent) = answered(&world).await;
    let left = delivery(&world).await;
    let group = |action: &str, status: &str| {
        format!(
            "Final-Recipient: rfc822; {}\r\nAction: {action}\r\nStatus: {status}\r\n\
             Diagnostic-Code: smtp; 550 {status}\r\n no such user here\r\n",
            sent.to[0]
        )
    };
    // One that is late, one that arrived, and a stranger's guess change nothing.
    let late = report(&sent.from, "late", &group("delayed", "4.4.7"));
    let there = report(&sent.from, "there", &group("delivered", "2.0.0"));
    let forged = sent.from.replace("+b.", "+b.a");
    let guess = report(&forged, "guess", &group("failed", "5.1.1"));
    let slow = bounce(&sent.from, "slow", "Delivery is delayed; we will keep trying.");
    for raw in [late, there, guess, slow] {
        world.ingest(raw).await;
        assert_eq!(delivery(&world).await, left);
    }
    world.ingest(report(&sent.from, "back", &group("failed", "5.1.1"))).await;
    let back = delivery(&world).await;
    assert_eq!(back.state(), Delivery::Bounced);
    assert_eq!(back.response, format!("{}: 550 5.1.1 no such user here", sent.to[0]));
    assert_eq!((back.send_time, back.attempts), (left.send_time, left.attempts));
    // Known is known; a later report changes no reason.
    world.ingest(report(&sent.from, "again", &group("failed", "5.7.1"))).await;
    assert_eq!(delivery(&world).await, back);
    let request =
        ListOutboundLettersRequest { state: Delivery::Bounced.into(), ..Default::default() };
    let page = world.letters().list_outbound_letters(request).await.unwrap().into_inner();
    assert_eq!((page.letters, page.total_size), (vec![back], 1));
    world.finish().await;
}

#[tokio::test]
async fn a_report_joins_the_ticket_of_its_letter() {
    let world = World::with(&["--reply-addresses"]).await;
    let (ticket, sent) = answered(&world).await;
    assert!(sent.from.starts_with("ok+b."), "{}", sent.from);
    let id = crate::read(&sent.raw).msgid.unwrap().to_string();

    let before = world.ticket(&ticket).await;
    assert_eq!(before.state(), ticket::State::Answered);
    // By the address that the letter was sent from; by what the report encloses.
    let by_address = world.ingest(bounce(&sent.from, "one", "")).await;
    let enclosed = bounce("ok@company.example", "two", &format!("Message-ID:\r\n {id}"));
    let by_id = world.ingest(enclosed).await;
    for done in [&by_address, &by_id] {
        assert_eq!((done.state(), &done.ticket), (State::Processed, &ticket), "{done:?}");
    }
    let after = world.ticket(&ticket).await;
    assert_eq!((after.state(), after.messages.len()), (before.state(), before.messages.len() + 2));
    assert!(after.messages[2..].iter().all(|message| message.kind() == Kind::Auto));
    // Neither a guessed signature nor an id of another's letter does.
    let ignored = |done: InboundLetter| (done.state(), done.reason);
    let wanted = (State::Ignored, "DELIVERY_REPORT".to_owned());
    let forged = sent.from.replace("+b.", "+b.a");
    assert_eq!(ignored(world.ingest(bounce(&forged, "three", "")).await), wanted);
    let foreign = bounce("ok@company.example", "four", "Message-ID: <1@client.example>");
    assert_eq!(ignored(world.ingest(foreign).await), wanted);
    world.finish().await;
}
