//! Step 7: a letter, its ticket, the answer, and the answer to the answer.

use super::opening::World;
use e2e::{
    Suite,
    steps::letters::{letter, read},
};
use proto::tickets::v1::{inbound_letter, message::Kind, ticket};

/// Two hours, in seconds (A27).
const TWO_HOURS: i64 = 7200;

/// A26, A27, A213–A216, G31: recognised by its sender, a two-hour clock, an answer by SMTP that is
/// threaded, closed, and opened again by the client's answer.
pub async fn a_letter_becomes_a_ticket(suite: &Suite, world: &World) {
    let from = world.customer.client.email.as_str();
    let raw = letter(from, "q1@primer-11.example", "", "Disk", "Сколько места осталось?");
    let taken = suite.ingest(raw.clone()).await;
    assert_eq!(taken.state(), inbound_letter::State::Processed, "{}", taken.reason);
    let opened = suite.ticket(&taken.ticket).await;
    assert_eq!(opened.client, world.customer.client.name);
    assert_eq!(opened.department, "support");
    let due = opened.due_time.unwrap().seconds - opened.create_time.unwrap().seconds;
    assert_eq!(due, TWO_HOURS);
    let copy = [b"X-Copy: 1\r\n".to_vec(), raw].concat();
    assert_eq!(suite.ingest(copy).await.state(), inbound_letter::State::Duplicate);

    let before = suite.sink.letters().len();
    let answered = suite.reply(&taken.ticket, "Осталось 2 ГБ.").await;
    assert!(answered.due_time.is_none(), "the clock stops");
    suite.settle().await;
    let sent = read(suite.sink.wait(before + 1).await.last().unwrap());
    assert_eq!(sent.in_reply_to, "q1@primer-11.example");
    assert!(sent.text.contains("Осталось 2 ГБ."), "{}", sent.text);
    assert_eq!(sent.to, [from]);

    let closed = suite.close_ticket(&taken.ticket).await;
    assert_eq!(closed.state(), ticket::State::Closed);
    let thanks =
        letter(from, "q2@primer-11.example", &sent.message_id, "Re: Disk", "Добавьте ещё.");
    let reopening = suite.ingest(thanks).await;
    assert_eq!(reopening.ticket, taken.ticket, "the same ticket");
    let open = suite.ticket(&taken.ticket).await;
    assert_eq!((open.state(), open.reopen_count), (ticket::State::Open, 1));
    assert!(open.due_time.is_some(), "the clock starts again");
    let kinds: Vec<Kind> = open.messages.iter().map(|m| m.kind()).collect();
    assert_eq!(kinds.iter().filter(|k| **k == Kind::Client).count(), 2);
    suite.reply(&taken.ticket, "Добавим.").await;
    suite.close_ticket(&taken.ticket).await;
    suite.settle().await;
}
