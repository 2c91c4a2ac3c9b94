//! What an answer says and to whom.

use super::*;
use crate::domain::{
    clocks::Promise,
    messages::{Author, Body, Note},
    tickets::{Opening, Origin, Trust},
};
use chrono::DateTime;
use proptest::prelude::*;

fn ticket(subject: &str) -> Ticket {
    let now = DateTime::from_timestamp(1_551_179_580, 0).expect("a time");
    let opening = Opening {
        clients: vec![],
        subject: subject.into(),
        department: "support".into(),
        requester: EmailAddress::parse("buh@client.test").ok(),
        trust: Trust::Matched,
        origin: Origin::Letter,
        regarding: String::new(),
        author: Author::System,
        body: Body::Client { text: "прошу".into(), html: None },
    };
    let mut ticket = opening.open(&Promise::regulation(), now).ticket;
    ticket.number = 42;
    ticket
}

fn sender() -> Correspondent {
    let address = EmailAddress::parse("ok@example.test").expect("an address");
    Correspondent { name: "Поддержка".into(), address }
}

fn answer(ticket: &Ticket, ids: usize, text: &str) -> OutboundLetter {
    let from = sender();
    let letters = (0..ids).map(|n| MsgId::parse(&format!("{n}@x.test")).expect("an id")).collect();
    let thread =
        Thread { ticket, letters, language: Language::Ru, due_time: "16:13".into(), from: &from };
    let to = ticket.requester.clone().into_iter().collect();
    let message = PublicMessage::parse(text).expect("a text");
    OutboundLetter::answer(&thread, to, &message, false).expect("a letter")
}

#[test]
fn an_answer_is_threaded() {
    let letter = answer(&ticket("Re: RE: Диск [#42]"), 2, "Готово");
    assert_eq!(letter.subject, "Re: Диск [#42]");
    assert_eq!(letter.in_reply_to.as_ref().map(MsgId::as_str), Some("1@x.test"));
    assert_eq!(letter.references.len(), 2);
    assert_eq!(letter.text, "Готово\n\n-- \nПоддержка\n");
    assert!(letter.msgid.as_str().ends_with("@example.test") && !letter.automatic);
    let long = answer(&ticket("x"), 200, "Готово").references;
    assert_eq!((long.len(), long[0].as_str()), (REFERENCES_SENT_MAX, "0@x.test"));
    assert_eq!(long.last().map(MsgId::as_str), Some("199@x.test"));
}

proptest! {
    /// A214, tickets.md §5.4 (5): whatever notes a ticket holds, no letter contains any of them.
    #[test]
    fn notes_never_leave(
        notes in proptest::collection::vec("[a-z]{12}", 1..6), words in "[А-Я]{1,40}",
    ) {
        let mut ticket = ticket("Диск");
        let now = ticket.created;
        for note in &notes {
            let note = Note::parse(note).expect("a text");
            ticket = ticket.note(Author::System, note, now).ticket;
        }
        let letter = answer(&ticket, 3, &words);
        let whole = format!("{} {}", letter.subject, letter.text);
        prop_assert!(notes.iter().all(|note| !whole.contains(note.as_str())));
        prop_assert_eq!(letter.recipients, ticket.requester.into_iter().collect::<Vec<_>>());
    }
}
