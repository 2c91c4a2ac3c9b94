//! Letters whose structure is broken, or unusual: nothing of them is lost.

use super::{Misses, facts, letter};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

const TEXT: &str = "Добрый день! Прошу выставить счёт за март, реквизиты прежние.";

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn quoted(text: &str) -> String {
    let digits: String = text.bytes().map(|byte| format!("={byte:02X}")).collect();
    let lines: Vec<&str> =
        digits.as_bytes().chunks(72).filter_map(|c| std::str::from_utf8(c).ok()).collect();
    lines.join("=\n")
}

fn base64(bytes: &[u8]) -> String {
    let whole = BASE64_STANDARD.encode(bytes);
    let lines: Vec<&str> =
        whole.as_bytes().chunks(76).filter_map(|c| std::str::from_utf8(c).ok()).collect();
    lines.join("\n")
}

/// The same with what programs do to boundaries.
fn broken_boundaries(head: &str, one: &str, two: &str) -> Vec<(&'static str, String)> {
    vec![
        (
            "within another",
            format!(
                "From: i@client.test\nSubject: x\nContent-Type: multipart/mixed; boundary=\"o\"\n\n\
             --o\n\
             Content-Type: multipart/alternative; boundary=\"b\"\n\n{one}--o\n{}--o--\n",
                two.replacen("--b\n", "", 1)
            ),
        ),
        (
            "boundary of another name",
            format!("{}{one}{two}--b--\n", head.replace("\"b\"", "\"c\"")).replace("--b", "--=_b1"),
        ),
        (
            "boundary not named",
            format!("{}{one}{two}--b--\n", head.replace("; boundary=\"b\"", ""))
                .replace("--b", "--=_b1"),
        ),
        (
            "boundary with blanks",
            format!("{}{one}{two}--b--\n", head.replace("boundary=\"b\"", "boundary = b")),
        ),
        (
            "lines that part, with blanks",
            format!("{head}{one}{two}--b--\n").replace("--b\n", "--b \t\n"),
        ),
    ]
}

/// A text and a file, each with what a program did to them.
#[test]
fn broken_parts_are_read() {
    let file: Vec<u8> = (0..5_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    let (text, content) = (quoted(TEXT), base64(&file));
    let head = "From: i@client.test\nSubject: x\nContent-Type: multipart/mixed; boundary=\"b\"\n\n";
    let plain = "--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: ";
    let pdf = "--b\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: ";
    let one = format!("{plain}quoted-printable\n\n{text}\n");
    let two = format!("{pdf}base64\n\n{content}\n");
    let (middle, rest) = content.split_at(content.len() / 2);
    let mut misses = Misses::default();
    for (what, raw) in [
        ("whole", format!("{head}{one}{two}--b--\n")),
        ("no last line", format!("{head}{one}{two}")),
        ("no line end", format!("{head}{one}{}", two.trim_end())),
        ("preamble", format!("{head}This is a MIME letter.\n\n{one}{two}--b--\nepilogue\n")),
        (
            "named otherwise",
            format!("{head}{}{two}--b--\n", one.replace("quoted-printable", "Quoted-Printable;")),
        ),
        ("in quotes", format!("{head}{one}{}--b--\n", two.replace("base64", "\"base64\""))),
        (
            "with a comment",
            format!("{head}{one}{}--b--\n", two.replace("base64", "base64 (by us)")),
        ),
        ("a stray sign", format!("{head}{one}{pdf}base64\n\n{middle}!{rest}\n--b--\n")),
        ("a stray blank", format!("{head}{one}{pdf}base64\n\n{middle} \n\n{rest}\n--b--\n")),
        (
            "a footer of a list",
            format!("{head}{one}{two}____\nlist mailing list http://l.test\n--b--\n"),
        ),
        (
            "a stray equals",
            format!(
                "{head}{}{two}--b--\n",
                one.replace(&text, &format!("{text}\n\nhttp://x.test/?a==b"))
            ),
        ),
    ]
    .into_iter()
    .chain(broken_boundaries(head, &one, &two))
    {
        let found = letter(&raw);
        let said = found.text.lines().next().unwrap_or_default().trim();
        misses.count(what, said, TEXT);
        let hashes: Vec<&str> = found.attachments.iter().map(|file| file.sha256.as_str()).collect();
        misses.count(what, &hashes.join(" "), &hash(&file));
    }
    misses.none();
}

/// A letter that ends anywhere keeps the words that came.
#[test]
fn letters_cut_anywhere_are_read() {
    let base = base64(TEXT.as_bytes());
    for (encoding, body) in [("quoted-printable", quoted(TEXT)), ("base64", base)] {
        let whole = format!(
            "From: i@client.test\nSubject: x\nContent-Type: multipart/alternative; boundary=b\n\n\
             --b\nContent-Type: text/plain; charset=utf-8\n\
             Content-Transfer-Encoding: {encoding}\n\n\
             {body}\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>{TEXT}</p>\n--b--\n"
        )
        .replace('\n', "\r\n");
        let start = whole.find("\r\n\r\n--b").unwrap() + 4;
        for end in start..whole.len() {
            let Some(raw) = whole.get(..end) else { continue };
            let found = facts(raw.as_bytes());
            let body_end = whole.find("\r\n--b\r\nContent-Type: text/html").unwrap();
            if end > body_end {
                // But for the beginning of the line that parts.
                let text = found.text.trim_end_matches(['-', '\r', '\n']);
                assert_eq!(text, TEXT, "{encoding}: {:?}", &raw[end - 40..]);
            }
            assert!(!found.text.contains("=D0=") && !found.text.contains("0JTQ"), "{}", found.text);
        }
    }
}

/// Subjects and names in encodings that nothing declares, or that are declared wrongly.
#[test]
fn raw_headers_are_read() {
    let mut misses = Misses::default();
    for (what, encoding) in [
        ("windows-1251", encoding_rs::WINDOWS_1251),
        ("koi8-r", encoding_rs::KOI8_R),
        ("utf-8", encoding_rs::UTF_8),
        ("ibm866", encoding_rs::IBM866),
    ] {
        for (subject, body) in [("Счёт", TEXT), ("Вопрос по диску", TEXT), ("Акт сверки", "")]
        {
            for kind in
                ["", "Content-Type: text/plain\n", "Content-Type: text/plain; charset=us-ascii\n"]
            {
                let raw = format!(
                    "From: Иван Петров <i@client.test>\nSubject: {subject}\n{kind}\n{body}\n"
                );
                let found = facts(&encoding.encode(&raw).0);
                misses.count(what, &found.subject, subject);
                misses.count(what, found.text.trim(), body);
                let name = found.from.map(|from| from.name).unwrap_or_default();
                misses.count(what, &name, "Иван Петров");
            }
            let raw = format!(
                "From: i@client.test\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n\
                 --b\n\
                 Content-Type: text/plain; charset={what}\n\n{body}\n--b\nContent-Type: \
                 application/pdf\nContent-Disposition: attachment; \
                 filename=\"{subject}.pdf\"\n\nx\n\
                 --b--\n"
            );
            let found = facts(&encoding.encode(&raw).0);
            misses.count(what, &found.attachments[0].filename, &format!("{subject}.pdf"));
        }
    }
    misses.none();
}

/// From fields of all shapes: what they show, and whether one person is named.
#[test]
fn senders_are_read() {
    let mut misses = Misses::default();
    for (from, name, address, identity) in [
        ("From: i@client.test", "", "i@client.test", "one"),
        ("From: \"Петров, Иван\" <i@client.test>", "Петров, Иван", "i@client.test", "one"),
        ("From: Петров, Иван <i@client.test>", "Петров, Иван", "i@client.test", "one"),
        ("From: \"Иван Петров <i@client.test>", "Иван Петров", "i@client.test", "one"),
        ("From: i@client.test (Иван Петров)", "Иван Петров", "i@client.test", "one"),
        ("From:i@client.test", "", "i@client.test", "one"),
        ("from : <i@client.test>", "", "i@client.test", "one"),
        ("FROM:\n =?utf-8?B?0JjQstCw0L0=?=\n <i@client.test>", "Иван", "i@client.test", "one"),
        ("From: =?windows-1251?Q?=C8=E2=E0=ED?= <i@client.test>", "Иван", "i@client.test", "one"),
        ("From: 'Иван' <i@client.test>", "Иван", "i@client.test", "one"),
        ("From: \"i@client.test\" <i@client.test>", "i@client.test", "i@client.test", "one"),
        ("From: <i@client.test>, <x@y.test>", "", "i@client.test", "none"),
        ("From: i@client.test\nFrom: x@y.test", "", "i@client.test", "none"),
        ("From: команда: i@client.test, x@y.test;", "", "i@client.test", "none"),
        ("From: undisclosed-recipients:;", "", "", "none"),
        ("From: <>", "", "", "none"),
        ("From:", "", "", "none"),
        ("From: \"Иван\"", "", "Иван", "none"),
        ("X-From: i@client.test", "", "", "none"),
        ("Sender: i@client.test\nReply-To: i@client.test", "", "", "none"),
    ] {
        let found = letter(&format!("{from}\nSubject: x\n\nx\n"));
        misses.count(from, found.sender_identity, identity);
        let shown = found.from.unwrap_or_default();
        misses.count(from, &shown.name, name);
        misses.count(from, &shown.address, address);
    }
    misses.none();
}

/// File names as programs write them.
#[test]
fn file_names_are_read() {
    let mut misses = Misses::default();
    for (field, name) in [
        ("filename=\"=?UTF-8?B?0KHRh9GR0YIg4oSWIDEucGRm?=\"", "Счёт № 1.pdf"),
        ("filename==?UTF-8?B?0KHRh9GR0YIg4oSWIDEucGRm?=", "Счёт № 1.pdf"),
        ("filename*=UTF-8''%D0%A1%D1%87%D1%91%D1%82.pdf", "Счёт.pdf"),
        ("filename*=windows-1251'ru'%D1%F7%B8%F2.pdf", "Счёт.pdf"),
        (
            "filename*0*=UTF-8''%D0%A1%D1%87;\n filename*1*=%D1%91%D1%82;\n filename*2=.pdf",
            "Счёт.pdf",
        ),
        ("filename*1=b.pdf; filename*0=\"a \"", "a b.pdf"),
        ("filename=a b.pdf", "a b.pdf"),
        ("filename=\"%D0%A1%D1%87%D1%91%D1%82.pdf\"", "Счёт.pdf"),
        ("filename=\"a;b.pdf\"", "a;b.pdf"),
        ("filename=\"..\\..\\a.pdf\"", "a.pdf"),
        ("filename=\"\"", "file-1.pdf"),
        ("", "file-1.pdf"),
    ] {
        let raw = format!(
            "From: i@client.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n\
             Content-Type: application/pdf\nContent-Disposition: attachment; {field}\n\nx\n--b--\n"
        );
        let found = letter(&raw);
        let names: Vec<&str> =
            found.attachments.iter().map(|file| file.filename.as_str()).collect();
        misses.count(field, &names.join("|"), name);
    }
    misses.none();
}

/// Pictures are inline when the HTML shows them, whatever their part says.
#[test]
fn pictures_are_inline_when_shown() {
    for (html, inline) in [
        ("<img src=\"cid:logo@x\">", true),
        ("<img src='CID:logo@x'>", true),
        ("<img src=cid:logo%40x>", true),
        ("<td background=\"cid:logo@x\">y</td>", true),
        ("<v:imagedata src=\"cid:logo@x\" o:title=\"\"/>x", true),
        ("<div style=\"background:url(cid:logo@x)\">x</div>", true),
        ("<img src=\"cid:other\">x", false),
        ("cid:logo@x", false),
    ] {
        let found = letter(&format!(
            "From: i@client.test\nContent-Type: multipart/related; boundary=b\n\n--b\n\
             Content-Type: \
             text/html\n\n{html}\n--b\nContent-Type: image/png\nContent-ID: <logo@x>\n\
             Content-Disposition: attachment; filename=logo.png\nContent-Transfer-Encoding: \
             base64\n\niVBORw0KGgo=\n--b--\n"
        ));
        assert_eq!(found.attachments[0].inline, inline, "{html}");
        assert_eq!(found.attachments[0].content_id.as_deref(), Some("logo@x"));
    }
}

/// Signed, encrypted and Outlook's own formats are kept as files; the words within stay words.
#[test]
fn sealed_letters_are_kept() {
    let signed = letter(
        "From: i@client.test\nContent-Type: multipart/signed; \
         protocol=\"application/pkcs7-signature\"; \
         boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nПрошу счёт\n--b\n\
         Content-Type: \
         application/pkcs7-signature; name=smime.p7s\nContent-Transfer-Encoding: base64\n\n\
         MIAG\n--b--\n",
    );
    assert_eq!(signed.text.trim(), "Прошу счёт");
    assert_eq!(signed.attachments[0].filename, "smime.p7s");
    let sealed = letter(
        "From: i@client.test\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; \
         name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHA6CA\n",
    );
    assert_eq!((sealed.attachments.len(), sealed.attachments[0].size), (1, 15));
    let tnef = letter(
        "From: i@client.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: \
         text/plain\n\nHello\n--b\nContent-Type: application/ms-tnef; name=\"winmail.dat\"\n\
         Content-Transfer-Encoding: base64\n\neJ8+Ig==\n--b--\n",
    );
    assert_eq!(tnef.attachments[0].filename, "winmail.dat");
    assert_eq!(tnef.text.trim(), "Hello");
    let forwarded = letter(
        "From: i@client.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: \
         text/plain\n\nСм. ниже\n--b\nContent-Type: message/rfc822\n\nFrom: x@y.test\nSubject: \
         =?utf-8?B?0KHRh9GR0YI=?=\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\ny\n--c\n\
         Content-Type: application/pdf; name=a.pdf\n\nz\n--c--\n--b--\n",
    );
    let names: Vec<&str> =
        forwarded.attachments.iter().map(|file| file.filename.as_str()).collect();
    assert_eq!(names, ["Счёт.eml"], "a letter within is one file");
}
