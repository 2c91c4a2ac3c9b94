//! tickets.md §1.3, §5.5 (13): reports about letters of ours find the ticket, and wake nothing.

use crate::{World, letter, request_id};
use proto::tickets::v1::{
    InboundLetter, ReplyTicketRequest, inbound_letter::State, message::Kind, ticket,
};

fn bounce(to: &str, subject: &str, enclosed: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.client.example>\r\n\
         To: {to}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@mx.client.example>\r\n\r\n\
         This is the mail system. Your message could not be delivered: user unknown.\r\n\r\n\
         {enclosed}\r\n"
    )
}

#[tokio::test]
async fn a_report_joins_the_ticket_of_its_letter() {
    let world = World::with(&["--reply-addresses"]).await;
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
    let sent = world.sink.letters().pop().expect("an answer");
    assert!(sent.from.starts_with("ok+b."), "{}", sent.from);
    let id = crate::read(&sent.raw).msgid.unwrap().to_string();

    let before = world.ticket(&opened.ticket).await;
    assert_eq!(before.state(), ticket::State::Answered);
    // By the address that the letter was sent from; by what the report encloses.
    let by_address = world.ingest(bounce(&sent.from, "one", "")).await;
    let enclosed = bounce("ok@company.example", "two", &format!("Message-ID:\r\n {id}"));
    let by_id = world.ingest(enclosed).await;
    for done in [&by_address, &by_id] {
        assert_eq!((done.state(), &done.ticket), (State::Processed, &opened.ticket), "{done:?}");
    }
    let after = world.ticket(&opened.ticket).await;
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
