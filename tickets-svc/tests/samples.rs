//! Letters that nobody of this project wrote, with what their own sources say of them.
//!
//! They are not in the repository; without them the test says so and proves nothing.

use std::{fs, path::Path};
use testkit::samples;
use tickets_svc::{
    domain::letters::{Class, Letter},
    readers::letters::{
        self,
        html::{Shown, shown},
    },
};

/// One letter of the collection.
struct Sample {
    file: String,
    raw: Vec<u8>,
    /// What its source says.
    stated: serde_json::Value,
    class: String,
}

fn all(root: &Path) -> Vec<Sample> {
    let mut found = Vec::new();
    for source in fs::read_dir(root).unwrap() {
        let expectations = source.unwrap().path().join("expect");
        let Ok(files) = fs::read_dir(expectations) else { continue };
        for path in files.map(|file| file.unwrap().path()) {
            let Some("json") = path.extension().and_then(|e| e.to_str()) else { continue };
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let Ok(mut facts) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
            let word = |facts: &serde_json::Value, key: &str| {
                facts[key].as_str().unwrap_or_default().to_owned()
            };
            if word(&facts, "kind") != "message" {
                continue;
            }
            let file = word(&facts, "file");
            let raw = fs::read(root.join(&file)).unwrap();
            let class = word(&facts, "class");
            found.push(Sample { file, raw, stated: facts["stated"].take(), class });
        }
    }
    found.sort_by(|a, b| a.file.cmp(&b.file));
    found
}

/// Letters whose sources state what is wrong, or only their own policy, by the collection's index.
const WRONGLY_STATED: [&str; 9] = [
    "imap_tools/error_emails-invalid_subject_characters.eml",
    "imap_tools/mime_emails-raw_email_with_binary_encoded.eml",
    "imap_tools/plain_emails-raw_email_incorrect_header.eml",
    "imap_tools/rfc2822-example13.eml",
    "mailcore2/1015-windows-1252.eml",
    "mailcore2/6144-russian.eml",
    "mailcore2/989-encoding-3.eml",
    "mailcore2/989-encoding-6.eml",
    "request-tracker/very-long-subject.eml",
];

/// How often what was read is what was stated.
#[derive(Default)]
struct Score {
    right: usize,
    of: usize,
    misses: Vec<String>,
}

impl Score {
    fn count(&mut self, sample: &Sample, key: &str, found: &str) {
        let Some(stated) = sample.stated[key].as_str() else { return };
        if WRONGLY_STATED.contains(&sample.file.as_str()) {
            return;
        }
        let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.of += 1;
        if folded(stated) == folded(found) {
            self.right += 1;
        } else {
            self.misses.push(format!("{}: {stated:?} read as {found:?}", sample.file));
        }
    }

    #[track_caller]
    fn at_least(&self, percent: usize) {
        let (right, of) = (self.right, self.of);
        assert!(right * 100 >= of * percent, "{right} of {of}: {:#?}", self.misses);
    }
}

/// A26, tickets.md §3: every letter is read or refused with a reason, none makes the reader
/// panic, and subjects and senders are those that the letters' own sources state.
#[test]
fn letters_of_others_are_read() {
    let Some(root) = samples() else { return };
    let samples = all(&root.join("mail"));
    assert!(samples.len() > 1_000, "{} letters", samples.len());
    let (mut subjects, mut senders) = (Score::default(), Score::default());
    let (mut unreadable, mut forged, mut unnamed) = (Vec::new(), 0, 0);
    let (mut bounces, mut missed) = (0, Vec::new());
    for sample in &samples {
        let letter = match letters::read(&sample.raw) {
            Ok(letter) => letter,
            Err(why) => {
                unreadable.push(format!("{}: {why}", sample.file));
                continue;
            }
        };
        is_clean(&letter, &sample.file);
        subjects.count(sample, "subject", &letter.subject);
        // A doubtful sender is nobody; never somebody else.
        if let Some(from) = &letter.from {
            senders.count(sample, "from_email", from.address.as_str());
        } else {
            unnamed += usize::from(sample.stated["from_email"].is_string());
        }
        forged += usize::from(letter.several_senders);
        if sample.class == "dsn" {
            bounces += 1;
            if letter.class.opens() {
                missed.push(format!("{}: {:?}", sample.file, letter.class));
            }
        }
        if sample.class == "auto_reply" && letter.class == Class::Human {
            missed.push(format!("{}: an auto-reply", sample.file));
        }
    }
    eprintln!(
        "subjects {}/{}, senders {}/{}, unnamed {unnamed}, forged {forged}, \
         unreadable {unreadable:#?}, robots missed {} of {bounces}: {missed:#?}",
        subjects.right,
        subjects.of,
        senders.right,
        senders.of,
        missed.len(),
    );
    subjects.at_least(98);
    senders.at_least(100);
    assert!(unnamed * 100 <= senders.of * 12, "{unnamed} senders are nobody");
    assert!(unreadable.len() * 100 <= samples.len(), "{unreadable:#?}");
    assert!(missed.len() * 100 <= bounces * 5, "{missed:#?}");
}

/// What goes into SQL and into headers holds nothing that breaks them.
fn is_clean(letter: &Letter, file: &str) {
    let names = letter.attachments.iter().map(|attachment| attachment.name.as_str());
    let from = letter.from.as_ref().map(|from| from.name.as_str());
    for line in names.chain(from).chain([letter.subject.as_str()]) {
        assert!(!line.contains(['\0', '\r', '\n']), "{file}: {line:?}");
    }
    assert!(!letter.text.contains('\0'), "{file}");
    assert!(!letter.html.as_deref().unwrap_or_default().contains("<script"), "{file}");
}

/// tickets.md §5.4 (9): payloads that others collected against sanitisers leave nothing active,
/// and sanitising twice changes nothing.
#[test]
fn payloads_of_others_are_inert() {
    let Some(root) = samples() else { return };
    let text = fs::read_to_string(root.join("mail/html-xss/dompurify.json")).unwrap();
    let collection: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases = collection["cases"].as_array().unwrap();
    assert!(cases.len() > 50, "{}", cases.len());
    for case in cases {
        let payload = case["payload"].as_str().unwrap();
        let Shown::Safe { html, .. } = shown(payload) else { panic!("{payload}") };
        let attributes = tags(&html);
        for tag in &attributes {
            let name = tag.split([' ', '>']).next().unwrap_or_default();
            assert!(!ACTIVE.contains(&name), "{payload} -> {html}");
            let lower = tag.to_lowercase();
            for bad in [" on", "javascript:", "vbscript:", "data:", " style=", " srcdoc="] {
                assert!(!lower.contains(bad), "{payload} -> {html}");
            }
        }
        assert_eq!(shown(&html), shown(payload), "{payload}");
    }
}

/// Elements that do something.
const ACTIVE: [&str; 11] = [
    "script", "iframe", "object", "embed", "form", "input", "meta", "base", "link", "style", "svg",
];

/// Tags of sanitised HTML, in which `<` stands for nothing else; what links say is left out.
fn tags(html: &str) -> Vec<String> {
    let inside = html.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
    inside.map(|(tag, _)| without_quoted(tag, &["title", "alt"])).collect()
}

/// A tag without the values of attributes that are words for people.
fn without_quoted(tag: &str, names: &[&str]) -> String {
    names.iter().fold(tag.to_owned(), |tag, name| {
        let Some((before, rest)) = tag.split_once(&format!(" {name}=\"")) else { return tag };
        let after = rest.split_once('"').map_or("", |(_, after)| after);
        format!("{before}{after}")
    })
}
