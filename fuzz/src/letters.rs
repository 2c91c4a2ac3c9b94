//! Letters.

use crate::storable;
use tickets_svc::{
    domain::{letters::Letter, threading},
    readers::letters::{self, CORRESPONDENTS_MAX, TEXT_BYTES_MAX, html, inspection},
};

/// Most files kept of one letter.
const FILES_MAX: usize = 200;

/// Reads a letter as `Letters.IngestLetter` does, up to the database.
///
/// # Panics
/// When what was read breaks a promise.
pub fn letter(bytes: &[u8]) {
    inspected(bytes);
    let Ok(letter) = letters::read(bytes) else { return };
    let from = letter.from.iter();
    let names = from.chain(&letter.to).chain(&letter.cc).map(|one| one.name.as_str());
    let files = letter.attachments.iter().map(|file| file.name.as_str());
    for line in names.chain(files).chain([letter.subject.as_str()]) {
        assert!(!line.contains(['\0', '\r', '\n']), "{line:?} breaks a header");
    }
    for file in &letter.attachments {
        assert!(!file.name.is_empty() && !file.name.contains(['/', '\\']), "{:?}", file.name);
        storable(&file.media_type);
        storable(&file.original_name);
        file.content_id.iter().for_each(|id| storable(id));
    }
    storable(&letter.text);
    assert!(letter.text.len() <= TEXT_BYTES_MAX && letter.attachments.len() <= FILES_MAX);
    assert!(letter.to.len() <= CORRESPONDENTS_MAX && letter.cc.len() <= CORRESPONDENTS_MAX);
    assert!(letter.from.is_none() || !letter.several_senders, "a forger was believed");
    if let Some(html) = &letter.html {
        inert(html);
    }
    folded(&letter);
    let _ = threading::tagged(&letter.subject);
    let _ = (letter.answered(), letter.dedup_key());
}

/// Whatever the bytes are, an operator is shown something or told why not; and no system that is
/// not named is believed.
fn inspected(bytes: &[u8]) {
    let trusted = ["mx.ours.test".to_owned()];
    let known = inspection::Knowledge { trusted: &trusted, ..Default::default() };
    let Ok(facts) = inspection::inspect(bytes, known) else { return };
    storable(&facts.subject);
    storable(&facts.reply_text);
    assert!(facts.auth.level != 'V' || facts.auth.trusted.is_some(), "{:?}", facts.auth);
    assert!(facts.sender_identity == "none" || facts.from.is_some(), "{facts:?}");
}

/// Each byte of the text is reply, quote or signature, and what people see is never empty.
fn folded(letter: &Letter) {
    let ranges = &letter.ranges;
    let mut all: Vec<_> =
        ranges.reply.iter().chain(&ranges.quotes).chain(&ranges.signatures).collect();
    all.sort_by_key(|range| range.start);
    let mut end = 0;
    for range in all {
        assert_eq!(range.start, end, "{ranges:?}");
        end = range.end;
    }
    assert_eq!(end, letter.text.len(), "{ranges:?}");
    let reply = ranges.reply_of(&letter.text);
    assert_eq!(reply.is_empty(), letter.text.trim().is_empty(), "{ranges:?}");
}

/// What is shown was sanitised, and sanitising it once more changes nothing.
fn inert(shown: &str) {
    storable(shown);
    let lower = shown.to_ascii_lowercase();
    for active in ["<script", "<iframe", "<object", "<form", "<style", "<svg"] {
        assert!(!lower.contains(active), "{active} in {shown:?}");
    }
    if let html::Shown::Safe { html, .. } = html::shown(shown) {
        assert_eq!(html, shown, "sanitising twice");
    }
}
