//! Letters that nobody of this project wrote, with what their own sources say of them.
//!
//! They are not in the repository; without them the test says so and proves nothing.

mod measures;

use std::{fs, path::Path};
use testkit::samples;
use tickets_svc::{
    domain::letters::Letter,
    readers::letters::html::{Shown, shown},
};

/// One letter of the collection.
struct Sample {
    file: String,
    raw: Vec<u8>,
    /// What its source says.
    stated: serde_json::Value,
    /// `message`, or `body_text` and `body_html` for bodies without headers.
    kind: String,
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
            let file = word(&facts, "file");
            let Ok(raw) = fs::read(root.join(&file)) else { continue };
            let (kind, class) = (word(&facts, "kind"), word(&facts, "class"));
            found.push(Sample { file, raw, stated: facts["stated"].take(), kind, class });
        }
    }
    found.sort_by(|a, b| a.file.cmp(&b.file));
    found
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
        assert_eq!(shown(&html).into_html().0.as_deref(), Some(html.as_str()), "{payload}");
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
