//! Ids of the letters that a delivery report is about: mail systems enclose the letter, or its
//! header, as a part or as plain text below their words.

use super::headers;
use crate::domain::msgids::MsgId;
use mail_parser::{Encoding, Message, PartType};

/// Most ids that are kept.
const IDS_MAX: usize = 10;

/// How much of a report is looked at, in bytes.
const BYTES_MAX: usize = 1024 * 1024;

/// The ids, in order.
pub fn ids(message: &Message<'_>) -> Vec<MsgId> {
    let mut found = Vec::new();
    let raw = &message.raw_message;
    collect(&raw[..raw.len().min(BYTES_MAX)], &mut found);
    for part in message.parts.iter().filter(|part| part.encoding != Encoding::None) {
        match &part.body {
            PartType::Text(text) | PartType::Html(text) => collect(text.as_bytes(), &mut found),
            PartType::Message(inner) => collect(&inner.raw_message, &mut found),
            _ => {}
        }
    }
    found
}

fn collect(raw: &[u8], found: &mut Vec<MsgId>) {
    const NAME: &[u8] = b"message-id:";
    let raw = &raw[..raw.len().min(BYTES_MAX)];
    for colon in memchr::memchr_iter(b':', raw) {
        let Some(start) = (colon + 1).checked_sub(NAME.len()) else { continue };
        let begins = start == 0 || raw[start - 1] == b'\n';
        if !begins || !raw[start..=colon].eq_ignore_ascii_case(NAME) {
            continue;
        }
        let field = &raw[colon + 1..headers::field_end(raw, start)];
        let ids = MsgId::list(&String::from_utf8_lossy(field));
        found.extend(ids.into_iter().take(IDS_MAX.saturating_sub(found.len())));
    }
}
