//! tickets.md §5.5: letters made to do harm, each with what must become of it. Times are those of
//! an unoptimised build on a busy machine; a released one takes a tenth (`bench`, `reading`).

use base64::{Engine, prelude::BASE64_STANDARD};
use std::time::{Duration, Instant};
use tickets_svc::readers::letters::{
    self, NESTING_MAX, TEXT_BYTES_MAX, Unreadable,
    html::{Shown, shown},
    inspection::{Inspection, Knowledge, inspect},
};

/// Longest that one letter may take here.
const LONGEST: Duration = Duration::from_secs(10);

/// Inspects, and keeps the time.
#[track_caller]
fn facts(raw: &[u8]) -> Result<Inspection, Unreadable> {
    let began = Instant::now();
    let found = inspect(raw, Knowledge { trusted: &["mx.ours.test".to_owned()], own: &[] });
    let took = began.elapsed();
    assert!(took < LONGEST, "{took:?} for {} bytes", raw.len());
    found
}

#[track_caller]
fn letter(raw: &str) -> Inspection {
    facts(raw.replace('\n', "\r\n").as_bytes()).unwrap()
}

/// §5.5 (3): parts and letters without end are cut, and said to be.
#[test]
fn parts_without_end_are_cut() {
    let head = "From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\nx\n";
    let parts = "--b\nContent-Type: application/pdf\n\nx\n".repeat(10_000);
    let many = letter(&format!("{head}{parts}--b--\n"));
    assert!(many.attachments.len() <= 200 && !many.warnings.is_empty());
    let mut deep = String::new();
    for level in 0..100_000 {
        deep.push_str(&format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"));
    }
    let _ = letter(&format!("From: a@b.test\n{deep}"));
    let nested = "From: a@b.test\nContent-Type: message/rfc822\n\n";
    assert_eq!(facts(nested.repeat(10_000).as_bytes()), Err(Unreadable::TooDeep));
    let some = letter(&nested.repeat(NESTING_MAX + 5));
    assert!(some.attachments.is_empty() && !some.warnings.is_empty(), "{some:?}");
}

/// §5.5 (2): what is too large is refused unread; 30 MB are read.
#[test]
fn large_letters_are_read_or_refused() {
    let large = vec![b'x'; letters::LETTER_BYTES_MAX + 1];
    assert_eq!(facts(&large), Err(Unreadable::TooLarge(large.len())));
    let head = "From: a@b.test\r\nContent-Type: application/zip\r\n\
                Content-Transfer-Encoding: base64\r\n\r\n";
    let line = "QUFB".repeat(19) + "\r\n";
    let body = line.repeat(30 * 1024 * 1024 / line.len());
    let found = facts(format!("{head}{body}").as_bytes()).unwrap();
    // §5.5 (5): kept as it is, never unpacked.
    assert!(found.attachments[0].size > 20 * 1024 * 1024);
}

/// §5.5 (4); tickets.md §1.6 (5): HTML that takes a sanitiser minutes becomes text.
#[test]
fn html_bombs_become_text() {
    let attributes: String = (0..50_000).map(|n| format!(" a{n}=1")).collect();
    for (bomb, limited) in [
        ("<div>".repeat(100_000), true),
        (format!("<p{attributes}>x"), true),
        ("<a href='http://a.test'>x</a>".repeat(20_000), true),
        (" ".repeat(10 * 1024 * 1024), true),
        (format!("<blockquote>{}", "<blockquote>x".repeat(1_000)), true),
        ("<!--".repeat(200_000), false),
        ("<".repeat(1_000_000), true),
        ("&amp;".repeat(200_000), true),
        ("<p title='".repeat(100_000), false),
        ("<style>".repeat(100_000), false),
        ("<a =".repeat(100_000), false),
        ("<img src=".repeat(100_000), false),
    ] {
        let began = Instant::now();
        let found = shown(&bomb);
        let took = began.elapsed();
        assert!(took < LONGEST, "{took:?}: {bomb:.30}");
        assert!(!limited || matches!(found, Shown::TextOnly { .. }), "{bomb:.30}");
        let raw = format!("From: a@b.test\nContent-Type: text/html\n\n{bomb}");
        assert!(letter(&raw).text.len() <= TEXT_BYTES_MAX);
    }
}

/// §5.5 (6): a doubtful sender is nobody, and never verified.
#[test]
fn doubtful_senders_are_nobody() {
    let victim = "victim@client.test";
    let pass = "Authentication-Results: mx.ours.test; dkim=pass header.d=client.test";
    for from in [
        "From: victim@client.test\nFrom: evil@x.test",
        "From: evil@x.test\nFrom: victim@client.test",
        "From: victim@client.test, evil@x.test",
        "From : victim@client.test\nFROM: evil@x.test",
        "From: <victim@client.test> <evil@x.test>",
        "From: victim@client.test\0",
        "From: g: victim@client.test;",
        "From: <=?utf-8?Q?victim=40client.test?=>",
        "From: \"victim@client.test\"",
        "Reply-To: victim@client.test\nSender: victim@client.test",
    ] {
        let found = letter(&format!("{pass}\n{from}\nSubject: x\n\nx\n"));
        assert_ne!(found.auth.level, 'V', "{from}: {found:?}");
    }
    for from in [
        "From: \"victim@client.test\" <evil@x.test>",
        "From: victim@client.test <evil@x.test>",
        "From: victim@\u{441}lient.test",
        "From: evil@x.test (victim@client.test)",
        "From:\n evil@x.test",
    ] {
        let found = letter(&format!("{pass}\n{from}\nReply-To: {victim}\n\nx\n"));
        assert_eq!(found.sender_identity, "one", "{from}");
        assert!(found.from.is_some_and(|from| from.address != victim), "{from}");
        assert_ne!(found.auth.level, 'V', "{from}");
    }
}

/// §5.5 (9): names and subjects hold nothing that breaks a header, a path or a database.
#[test]
fn names_are_harmless() {
    for word in [
        "=?utf-8?Q?x=0D=0ABcc:_evil@x.test?=",
        "=?utf-8?Q?x=00y?=",
        "=?utf-8?Q?exe=E2=80=AEfdp?=",
        "=?utf-8?B?4oCu?=",
        "../../etc/passwd",
        "con.txt",
        "",
        &"я".repeat(10_000),
    ] {
        let found = letter(&format!(
            "From: \"{word}\" <a@b.test>\nSubject: {word}\nContent-Type: application/pdf;\n \
             name=\"{word}\"\n\nx\n"
        ));
        let name = &found.attachments[0].filename;
        assert!(!name.is_empty() && name.len() <= 200 && name != "con.txt", "{name:?}");
        assert!(!name.contains(['/', '\\']), "{name:?}");
        let from = found.from.expect("a sender").name;
        for text in [name, &from, &found.subject] {
            assert!(!text.contains(['\r', '\n', '\0', '\u{202e}']), "{text:?}");
            assert!(text.len() <= 2_000, "{} bytes", text.len());
        }
    }
}

/// §5.5 (11): what a body says stays words; what it shows is inert.
#[test]
fn bodies_are_inert() {
    let words = "[#123] --- reply above --- {{password}} '; drop table tickets; --";
    assert_eq!(letter(&format!("From: a@b.test\n\n{words}\n")).text.trim(), words);
    let html = letter(
        "From: a@b.test\nContent-Type: text/html\n\n<script>alert(1)</script><svg onload=a()>\
         <img src='data:text/html,x'><p style='position:fixed'>x</p>\
         <img src='http://t.test/p.gif'><img src='cid:other@ticket'><a href='data:x'>y</a>",
    );
    let shown = html.html.expect("HTML");
    for bad in ["script", "svg", "onload", "data:", "style", "http", "cid:"] {
        assert!(!shown.contains(bad), "{bad}: {shown}");
    }
}

/// §5.5 (14, 16, 17): ids and dates of any shape.
#[test]
fn ids_and_dates_of_any_shape_are_read() {
    let long = format!("<{}@x>", "a".repeat(5_000));
    for (id, usable) in [("<>", false), (long.as_str(), false), (" <A@b> ", true), ("", false)] {
        let found = letter(&format!("From: a@b.test\nMessage-ID: {id}\n\nx\n"));
        assert_eq!(found.message_id.is_some(), usable, "{id:.20}");
    }
    assert_eq!(letter("From: a@b.test\n\nx\n").message_id, None);
    let many: String = (0..200_000).map(|n| format!("<{n}@x>\n ")).collect();
    let found = letter(&format!("From: a@b.test\nReferences: {many}\n\nx\n"));
    assert_eq!(found.references.last().map(String::as_str), Some("<199999@x>"));
    assert_eq!(found.references.len(), 100);
    for date in ["Thu, 1 Jan 1970 00:00:00 +0000", "Fri, 1 Jan 2050 00:00:00 -1200", "", "вчера"]
    {
        let _ = letter(&format!("From: a@b.test\nDate: {date}\n\nx\n"));
    }
}

/// Millions of header fields, of the letter or of anything in it, are read up to the limit; what
/// stands below them is read all the same, and two senders are two however far apart.
#[test]
fn fields_without_end_are_cut() {
    let fields = "X-A: b\n".repeat(1_000_000);
    let mixed = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\n";
    let encoded = BASE64_STANDARD.encode(format!("Subject: y\n{fields}\nx\n"));
    for (body, files) in [
        (format!("{fields}\ntext\n"), 0),
        (format!("{mixed}{fields}\nx\n--b--\n"), 0),
        (format!("{mixed}Content-Type: message/rfc822\n\n{fields}\nx\n--b--\n"), 1),
        (
            format!(
                "{mixed}Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n\
                 {encoded}\n--b--\n"
            ),
            1,
        ),
    ] {
        let found = facts(format!("From: a@b.test\nSubject: x\n{body}").as_bytes()).unwrap();
        assert_eq!(found.subject, "x");
        assert!(found.text.starts_with("text"), "{:.40}", found.text);
        assert_eq!(found.attachments.len(), files);
        if let Some(file) = found.attachments.iter().find(|file| file.size > 7_000_000) {
            // Encoded, it is kept as it is.
            assert_eq!(
                (file.filename.as_str(), file.content_type.as_str()),
                ("y.eml", "message/rfc822")
            );
        } else {
            assert!(found.warnings.iter().any(|said| said.contains("fields")));
        }
    }
    let far = format!("From: a@b.test\n{fields}From: evil@x.test\n\nx\n");
    assert_eq!(facts(far.as_bytes()).unwrap().sender_identity, "none");
}

/// Headers, lines and lists beyond all measure.
#[test]
fn sizes_beyond_measure_take_a_moment() {
    for raw in [
        format!("From: a@b.test\nSubject: {}\n\nx", "я".repeat(1_000_000)),
        format!("From: a@b.test\nSubject: {}\n\nx", "=?utf-8?B?0JA=?= ".repeat(100_000)),
        format!("From: a@b.test\n{}\nx", "X-A: b\n".repeat(100_000)),
        format!("From: a@b.test\nCc: {}\n\nx", "a@b.test, ".repeat(100_000)),
        format!("From: {}a@b.test\n\nx", "(".repeat(1_000_000)),
        format!("From: {}\n\nx", "<a@b.test>".repeat(100_000)),
        format!("From: a@b.test\n\n{}", "> a\nb\n".repeat(100_000)),
        format!("From: a@b.test\n\n{}", "On 1.1.2019 x wrote:\n> a\nb\n".repeat(20_000)),
        format!("From: a@b.test\n\n{}", "x".repeat(5_000_000)),
        format!("From: a@b.test\nAuthentication-Results: {}\n\nx", "((;=".repeat(250_000)),
        format!("Content-Type: x/y; {}\nFrom: a@b.test\n\nx", "name*0=a; ".repeat(50_000)),
        format!("{}From: a@b.test\n\nx", "\n".repeat(1_000_000)),
    ] {
        let _ = facts(raw.as_bytes());
    }
}
