//! Letters good, bad and hostile.

use super::*;
use crate::domain::letters::Class;

fn letter(raw: &str) -> Letter {
    read(raw.replace('\n', "\r\n").as_bytes()).expect("a letter")
}

#[test]
fn a_plain_letter_is_read() {
    let letter = letter(
        "From: =?utf-8?B?0JjQstCw0L0=?= <buh@client.test>\nTo: ok@example.test\n\
         Cc: \"Boss, The\" <boss@client.test>, x@y.test\nSubject: =?koi8-r?B?88/P0g==?=\n\
         Message-ID: <1@client.test>\nIn-Reply-To: <0@example.test>\n\
         References: <a@example.test> <0@example.test>\n\
         Date: Tue, 26 Feb 2019 14:13:00 +0300\n\nДобрый день\n",
    );
    let from = letter.from.expect("a sender");
    assert_eq!((from.name.as_str(), from.address.as_str()), ("Иван", "buh@client.test"));
    assert_eq!(letter.subject, "Соор");
    assert_eq!(letter.cc.len(), 2);
    assert_eq!(letter.msgid.map(String::from), Some("1@client.test".into()));
    assert_eq!(letter.in_reply_to.len() + letter.references.len(), 3);
    assert_eq!(letter.date.map(|d| d.to_rfc3339()), Some("2019-02-26T11:13:00+00:00".into()));
    assert_eq!(letter.text.trim(), "Добрый день");
    assert_eq!(letter.class, Class::Human);
}

/// A26: an identity is one `From` field with one address, or none at all.
#[test]
fn doubtful_senders_name_nobody() {
    for (from, several) in [
        ("From: victim@client.test\nFrom: evil@x.test\n", true),
        ("From: evil@x.test\nFrom: victim@client.test\n", true),
        ("From: victim@client.test, evil@x.test\n", true),
        ("From: <victim@client.test> <evil@x.test>\n", true),
        ("From : victim@client.test\nFrom: evil@x.test\n", true),
        ("From: group: victim@client.test;\n", true),
        ("From: victim@client.test\0\n", false),
        ("From: \"victim@client.test\"\n", false),
        ("Reply-To: victim@client.test\nSender: victim@client.test\n", false),
    ] {
        let letter = letter(&format!("{from}Subject: x\n\nx\n"));
        assert_eq!((letter.from, letter.several_senders), (None, several), "{from}");
    }
    let shown = letter("From: \"victim@client.test\" <evil@x.test> (victim@client.test)\n\nx\n");
    assert_eq!(shown.from.map(|f| f.address.to_string()), Some("evil@x.test".into()));
}

#[test]
fn hostile_headers_are_clean() {
    let hostile = letter(
        "From: =?utf-8?Q?A=0D=0ABcc:_evil@x.test=00?= <a@b.test>\n\
         Subject: =?utf-8?Q?x=0D=0ABcc:_evil@x.test=00=E2=80=AE?=\n\
         Message-ID: <a b>\nContent-Type: application/octet-stream;\n \
         name=\"=?utf-8?Q?..=2F..=2Fa=0D=0Ab=00.exe?=\"\n\nx\n",
    );
    let name = hostile.from.expect("a sender").name;
    for text in [&name, &hostile.subject, &hostile.attachments[0].name] {
        assert!(!text.contains(['\r', '\n', '\0', '\u{202e}']), "{text:?}");
    }
    assert_eq!(hostile.msgid, None);
}

#[test]
fn undeclared_eight_bit_headers_are_repaired() {
    let mut raw = b"From: a@b.test\r\nSubject: ".to_vec();
    raw.extend(encoding_rs::WINDOWS_1251.encode("Прошу увеличить дисковое пространство").0.iter());
    raw.extend(b"\r\n\r\nx");
    let letter = read(&raw).expect("a letter");
    assert_eq!(letter.subject, "Прошу увеличить дисковое пространство");
}

/// Issue 7: headers that name no encoding are read in the one that the letter names elsewhere.
#[test]
fn raw_headers_follow_the_encoding_of_the_body() {
    for encoding in [encoding_rs::KOI8_R, encoding_rs::WINDOWS_1251, encoding_rs::X_MAC_CYRILLIC] {
        for subject in ["Счёт", "Прошу выставить счёт"] {
            let mut raw = b"From: ".to_vec();
            raw.extend(encoding.encode("Иван Петров").0.iter());
            raw.extend(b" <i@c.test>\r\nSubject: ");
            raw.extend(encoding.encode(subject).0.iter());
            raw.extend(b"\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n");
            raw.extend(b"Content-Type: text/plain; CHARSET=\"");
            raw.extend(encoding.name().as_bytes());
            raw.extend(b"\"\r\n\r\nx\r\n--b--\r\n");
            let letter = read(&raw).expect("a letter");
            assert_eq!(letter.subject, subject, "{}", encoding.name());
            assert_eq!(letter.from.expect("a sender").name, "Иван Петров", "{}", encoding.name());
        }
    }
}

#[test]
fn odd_beginnings_and_line_ends_are_read() {
    let plain = "From: a@b.test\r\nSubject: x\r\n\r\nтекст\r\n";
    for raw in
        [plain.replace("\r\n", "\r"), plain.replace("\r\n", "\n"), format!("\u{feff}{plain}")]
    {
        let letter = read(raw.as_bytes()).expect("a letter");
        assert_eq!((letter.subject.as_str(), letter.text.trim()), ("x", "текст"), "{raw:?}");
        assert_eq!(letter.from.map(|from| from.address.to_string()), Some("a@b.test".into()));
    }
    // Cut off on its way: what is there of the words is shown as the words.
    for end in ["", "\n", "\n--b"] {
        let torn = letter(&format!(
            "From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
             Content-Type: text/plain; charset=utf-8\n\nтекст{end}"
        ));
        assert_eq!(torn.text.trim(), "текст", "{end:?}");
        assert!(torn.attachments.is_empty(), "{end:?}");
    }
    let digest = letter(
        "From: a@b.test\nContent-Type: multipart/digest; boundary=b\n\n--b\n\n\
         From: c@d.test\nSubject: one\n\n1\n--b--\n",
    );
    assert_eq!(digest.attachments[0].media_type, "message/rfc822");
}

#[test]
fn dates_of_old_programs_are_read() {
    for (date, read) in [
        ("Mon, 2 Mar 2026 10:15 +0300", Some("2026-03-02T07:15:00+00:00")),
        ("Mon, 2 Mar 2026 10:15:00 MSK", Some("2026-03-02T07:15:00+00:00")),
        ("2026-03-02T10:15:00+03:00", Some("2026-03-02T07:15:00+00:00")),
        ("вчера", None),
    ] {
        let found = letter(&format!("From: a@b.test\nDate: {date}\n\nx\n")).date;
        assert_eq!(found.map(|date| date.to_rfc3339()).as_deref(), read, "{date}");
    }
}

/// tickets.md §1.4: mail programs mark signatures and quotes in HTML.
#[test]
fn marked_signatures_are_folded() {
    for signature in [
        "<div dir=\"ltr\" class=\"gmail_signature\"><div>Иван Петров<br>бухгалтер</div></div>",
        "<div class=moz-signature>-- <br>Иван</div>",
        "<div id='Signature'><div>Иван</div><div>ООО</div></div>",
        "<div data-signature-widget=\"container\"><div>Иван</div></div>",
        "<br id=\"lineBreakAtBeginningOfSignature\"><div>Иван</div>",
        "<div class=\"protonmail_signature_block\"><div>Sent with <a>Proton Mail</a>.</div></div>",
    ] {
        for quote in ["", "<br><div class=gmail_attr>02.03.2026 10:15, S пишет:</div><blockquote>q"]
        {
            let html = format!("<div>Спасибо</div>{signature}{quote}");
            let letter = letter(&format!("From: a@b.test\nContent-Type: text/html\n\n{html}\n"));
            assert_eq!(letter.ranges.reply_of(&letter.text), "Спасибо", "{html}");
        }
        let alone = letter(&format!("From: a@b.test\nContent-Type: text/html\n\n{signature}\n"));
        assert!(!alone.ranges.reply_of(&alone.text).is_empty(), "{signature}");
    }
}

/// tickets.md §1.3: people who pass a report on, or ask about one, are people.
#[test]
fn people_write_about_reports() {
    let part = |kind: &str| {
        format!(
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
             Content-Type: text/plain\n\nчто это?\n--b\nContent-Type: message/{kind}\n\n\
             Action: failed\n--b--\n"
        )
    };
    for (head, body) in [
        ("Subject: Fwd: bounce", part("delivery-status")),
        ("Subject: Fwd: жалоба", part("feedback-report")),
        ("From: postmaster@c.test\nSubject: Письма не доставляются", "\nошибка\n".to_owned()),
        ("From: System Administrator <a@c.test>\nSubject: почта", "\nошибка доставки\n".into()),
        ("Subject: Не работает доставка почты", "\n550 5.1.1\n".to_owned()),
        ("Subject: Out of office tomorrow, who takes over?", "\nx\n".to_owned()),
    ] {
        let from = if head.starts_with("From:") { "" } else { "From: i@c.test\n" };
        assert_eq!(letter(&format!("{from}{head}\n{body}")).class, Class::Human, "{head}");
    }
    for (head, class) in [
        ("From: i@c.test\nSubject: Abwesenheitsnotiz: x", Class::Auto),
        ("From: i@c.test\nX-AutoReply-From: x", Class::Auto),
        ("From: i@c.test\nDelivered-To: Autoresponder", Class::Auto),
        ("From: root@c.test\nX-Cron-Env: <SHELL=/bin/sh>", Class::Auto),
        // A robot's answer to a letter about deliveries is no bounce of it.
        ("Return-Path: <>\nFrom: i@c.test\nSubject: Re: delivery status", Class::Auto),
        ("From: postmaster@c.test\nSubject: Undeliverable: x", Class::Bounce),
        ("Return-Path: <>\nFrom: postmaster@c.test\nSubject: x", Class::Bounce),
    ] {
        assert_eq!(letter(&format!("{head}\n\nx\n")).class, class, "{head}");
    }
    let report = |kind: &str| {
        let raw = part(kind).replace("multipart/mixed", "multipart/report");
        letter(&format!("From: i@c.test\nSubject: Re: x\n{raw}")).class
    };
    assert_eq!(report("delivery-status"), Class::Bounce);
    assert_eq!(report("global-delivery-status"), Class::Bounce);
    assert_eq!(report("disposition-notification"), Class::Receipt);
    assert_eq!(report("feedback-report"), Class::Complaint);
}

/// tickets.md §1.3: robots are known by their headers; people who forward are people.
#[test]
fn robots_are_told_from_people() {
    for (header, class) in [
        ("Auto-Submitted: auto-replied; owner=x", Class::Auto),
        ("Auto-Submitted: auto-generated (failure)", Class::Auto),
        ("Auto-Submitted: no", Class::Human),
        ("Auto-Submitted: auto-forwarded", Class::Human),
        ("X-Autoreply: yes", Class::Auto),
        ("X-Auto-Response-Suppress: All", Class::Human),
        ("X-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: a@b.test", Class::Auto),
        ("Precedence: bulk", Class::Bulk),
        ("Precedence: first-class", Class::Human),
        ("List-Unsubscribe: <mailto:x@y.test>", Class::Bulk),
        ("Return-Path: <>", Class::Auto),
        ("Return-Path: <>\nReply-To: a@b.test", Class::Human),
        ("Return-Path: <>\nSubject: Undelivered Mail Returned to Sender", Class::Bounce),
        ("Subject: Fwd: Undelivered Mail Returned to Sender", Class::Human),
        ("Subject: Автоответ: меня нет", Class::Auto),
        ("Subject: Re: Автоответ: меня нет", Class::Human),
        ("X-Failed-Recipients: a@b.test", Class::Bounce),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=b", Class::Bounce),
        (
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
            Class::Receipt,
        ),
        (
            "Content-Type: multipart/report; report-type=feedback-report; boundary=b",
            Class::Complaint,
        ),
    ] {
        assert_eq!(letter(&format!("From: a@b.test\n{header}\n\nx\n")).class, class, "{header}");
    }
}

#[test]
fn files_are_hashed_and_named() {
    let letter = letter(
        "From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
         Content-Type: text/plain\n\nword\n--b\nContent-Type: application/pdf\n\
         Content-Disposition: attachment; filename*=utf-8''%D0%B0%D0%BA%D1%82.pdf\n\
         Content-Transfer-Encoding: base64\n\nJVBERg==\n--b\nContent-Type: message/rfc822\n\n\
         From: c@d.test\nSubject: inner\n\ninner\n--b--\n",
    );
    assert_eq!(letter.text.trim(), "word");
    let [pdf, inner] = &letter.attachments[..] else { panic!("{:?}", letter.attachments) };
    assert_eq!((pdf.name.as_str(), pdf.bytes.as_slice()), ("акт.pdf", b"%PDF".as_slice()));
    assert_eq!(pdf.sha256, <[u8; 32]>::from(Sha256::digest(b"%PDF")));
    assert_eq!((inner.name.as_str(), inner.media_type.as_str()), ("inner.eml", "message/rfc822"));
    assert!(inner.bytes.starts_with(b"From: c@d.test"), "{:?}", inner.bytes);
}

#[test]
fn limits_are_named() {
    assert_eq!(read(b""), Err(Unreadable::Empty));
    assert_eq!(read(b"no letter at all"), Err(Unreadable::NoHeaders));
    assert_eq!(read(&[0xff; 64]), Err(Unreadable::NoHeaders));
    let large = vec![b'x'; LETTER_BYTES_MAX + 1];
    assert_eq!(read(&large), Err(Unreadable::TooLarge(large.len())));
    let deep = "From: a@b.test\nContent-Type: message/rfc822\n\n".repeat(100_000);
    assert_eq!(read(deep.as_bytes()), Err(Unreadable::TooDeep));
    let nested = letter(&"From: a@b.test\nContent-Type: message/rfc822\n\n".repeat(20));
    assert!(nested.attachments.is_empty() && nested.cut[0].contains("limit is 10"), "{nested:?}");
    let parts = "--b\nContent-Type: application/pdf\n\nx\n".repeat(10_000);
    let many = letter(&format!(
        "From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n"
    ));
    assert!(many.attachments.len() <= 200 && !many.cut.is_empty());
}

#[test]
fn copies_of_a_letter_have_one_key() {
    let body = "From: a@b.test\nSubject: x\nMessage-ID: <1@b.test>\n\nтекст\n";
    let copy = letter(&format!("Received: by mx1\n{body}"));
    assert_eq!(letter(body).dedup_key(), copy.dedup_key());
    let other = letter(&body.replace("текст", "другой"));
    assert_ne!(letter(body).dedup_key(), other.dedup_key());
}

proptest::proptest! {
    /// The reader of outside bytes never panics, whatever the bytes are.
    #[test]
    fn no_bytes_make_it_panic(raw in proptest::collection::vec(proptest::num::u8::ANY, 0..600)) {
        let _ = read(&raw);
        let head = b"From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n";
        let framed = [head.as_slice(), &raw].concat();
        let _ = read(&framed);
    }
}
