//! The bytes that leave.

use super::*;
use crate::{
    domain::{letters::Correspondent, msgids::MsgId},
    readers::letters,
};
use proptest::prelude::*;
use types::id::OutboundLetterId;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

fn letter(subject: &str, name: &str, text: &str) -> OutboundLetter {
    let id = OutboundLetterId::generate();
    OutboundLetter {
        id,
        msgid: MsgId::ours(id.0, "example.test"),
        template: "ticket_reply",
        from: Correspondent { name: name.into(), address: address("ok@example.test") },
        recipients: vec![address("buh@client.test"), address("бух@пример.рф")],
        subject: subject.into(),
        text: text.into(),
        in_reply_to: MsgId::parse("1@client.test").ok(),
        references: vec![MsgId::parse("1@client.test").expect("an id")],
        automatic: true,
    }
}

fn date() -> DateTime<Utc> {
    DateTime::from_timestamp(1_551_179_580, 0).expect("a time")
}

/// Our own reader reads back what leaves.
#[test]
fn a_letter_is_read_back() {
    let given = letter("Счёт № 1", "Отдел «Биллинг»", "Здравствуйте\n.\nточка");
    let pdf = Attachment {
        filename: "Счёт 88#728156.pdf".into(),
        content_type: "application/pdf".into(),
        bytes: b"%PDF-1.7".to_vec(),
    };
    let raw = build(&given, vec![pdf], date(), &Marks::default()).expect("bytes");
    let read = letters::read(&raw).expect("a letter");
    assert_eq!(read.subject, "Счёт № 1");
    assert_eq!(read.from.map(|from| from.name), Some("Отдел «Биллинг»".into()));
    assert_eq!(read.msgid, Some(given.msgid));
    assert_eq!(read.in_reply_to, vec![MsgId::parse("1@client.test").expect("an id")]);
    assert_eq!(read.text.trim(), "Здравствуйте\n.\nточка");
    assert_eq!(read.to.len() + read.cc.len(), 2);
    assert_eq!(read.attachments[0].original_name, "Счёт 88#728156.pdf");
    assert_eq!(read.attachments[0].bytes, b"%PDF-1.7");
    assert_eq!(read.class, crate::domain::letters::Class::Auto);
}

proptest! {
    /// tickets.md §5.4 (7): whatever the values hold, no header line is longer than 998 bytes or
    /// holds a bare CR, LF or NUL, and From, To, Subject, Message-ID and Date stand once.
    #[test]
    fn headers_are_always_sound(
        subject in any::<String>(), name in any::<String>(), text in any::<String>(),
        hostile in "[\r\n\0\u{202e}A-Za-z: @<>\"=?;]{0,300}", file in any::<String>(),
    ) {
        let attachment =
            Attachment { filename: file, content_type: hostile.clone(), bytes: vec![0] };
        let given = letter(&format!("{subject}{hostile}"), &format!("{hostile}{name}"), &text);
        let raw = build(&given, vec![attachment], date(), &Marks::default()).expect("bytes");
        let end = raw.windows(4).position(|w| w == b"\r\n\r\n").expect("a body");
        let head = &raw[..end + 2];
        prop_assert!(!head.contains(&0));
        let lines: Vec<&[u8]> = head.split(|b| *b == b'\n').collect();
        for line in lines.iter().filter(|line| !line.is_empty()) {
            prop_assert!(line.len() <= 999 && line.ends_with(b"\r"));
            prop_assert!(!line[..line.len() - 1].contains(&b'\r'));
        }
        for name in ["From: ", "To: ", "Subject: ", "Message-ID: ", "Date: "] {
            let count = lines.iter().filter(|line| line.starts_with(name.as_bytes())).count();
            prop_assert_eq!(count, 1, "{}", name);
        }
        prop_assert!(!lines.iter().any(|line| line.to_ascii_lowercase().starts_with(b"bcc")));
    }
}
