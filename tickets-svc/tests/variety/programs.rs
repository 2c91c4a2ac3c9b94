//! Whole letters as programs send them, in `tests/letters`: what must be read in each stands in
//! `expected.json` beside them, written before anything was run on them.

use super::{Misses, facts};
use std::{fs, path::Path};

/// What must be read in a letter.
#[derive(serde::Deserialize)]
struct Expected {
    subject: String,
    class: String,
    /// Whether one person is named as the sender.
    sender: String,
    /// What is new in it; none where nobody reads it.
    reply: Option<String>,
    /// Names of its files; none where they do not matter.
    files: Option<Vec<String>>,
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn letters_of_programs_are_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/letters");
    let text = fs::read_to_string(root.join("expected.json")).unwrap();
    let all: std::collections::BTreeMap<String, Expected> = serde_json::from_str(&text).unwrap();
    assert!(all.len() > 60, "{}", all.len());
    let mut misses = Misses::default();
    for (name, expected) in all {
        let raw = fs::read(root.join(format!("{name}.eml"))).unwrap();
        // As they come on the wire, and as a file keeps them.
        let mut wire = Vec::with_capacity(raw.len() * 2);
        for byte in &raw {
            wire.extend_from_slice(if *byte == b'\n' {
                b"\r\n"
            } else {
                std::slice::from_ref(byte)
            });
        }
        for raw in [raw, wire] {
            let found = facts(&raw);
            misses.count(&name, &found.subject, &expected.subject);
            misses.count(&name, found.class, &expected.class);
            misses.count(&name, found.sender_identity, &expected.sender);
            if let Some(reply) = &expected.reply {
                misses.count(&name, &folded(&found.reply_text), &folded(reply));
            }
            if let Some(files) = &expected.files {
                let names: Vec<&str> =
                    found.attachments.iter().map(|file| file.filename.as_str()).collect();
                misses.count(&name, &names.join("|"), &files.join("|"));
            }
        }
    }
    misses.none();
}
