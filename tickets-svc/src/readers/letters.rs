//! Raw RFC 5322 bytes to a [`Letter`]: never panics, never hangs, names the limit that it met.
//!
//! Four traps of the parsing crates have their guard here (A26): several `From` headers
//! ([`sender`]), CR, LF and NUL in decoded values ([`clean`]), HTML that nests without end
//! ([`html`]), and messages within messages without end ([`read`]). DKIM, SPF and DMARC are not
//! reckoned here: what mail systems on the way found of them is read, and judged by
//! [`crate::domain::trust`].

mod addresses;
mod attachments;
mod authres;
mod body;
mod bounds;
mod charsets;
mod class;
pub mod clean;
mod fate;
mod headers;
pub mod html;
pub mod inspection;
mod mending;
mod params;
mod reply;
mod returned;
mod sender;
mod words;

use crate::domain::{
    letters::{Class, Letter},
    msgids::MsgId,
};
use bounds::Bounded;
use chrono::{DateTime, Utc};
use headers::Headers;
use mail_parser::{HeaderName, Message, MessageParser};
use sha2::{Digest, Sha256};
use std::{
    panic::{self, AssertUnwindSafe},
    sync::LazyLock,
};

/// Longest letter that is taken, in bytes on the wire: as the contract says.
pub const LETTER_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Most MIME parts that are looked at; those after them stay in the raw letter only.
pub const PARTS_MAX: usize = 1_000;

/// Deepest nesting of letters within letters that is read.
pub const NESTING_MAX: usize = 10;

/// Most places where a letter may announce a letter inside it, before it is refused unread:
/// the parser's memory grows twenty-eightfold with each, and its clean-up is recursive.
const NESTING_MARKS_MAX: usize = 500;

/// Longest text kept of one letter, in bytes; the whole stays in the raw letter.
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// Most correspondents kept of `To` and of `Cc`.
pub const CORRESPONDENTS_MAX: usize = 200;

/// Field in which our own letters carry their mark.
pub const LOOP_FIELD: &str = "x-raschet-loop";

/// Why bytes could not be read as a letter. The bytes are kept all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is nothing.
    #[error("the letter is empty")]
    Empty,
    /// Longer than [`LETTER_BYTES_MAX`].
    #[error("the letter is larger than 32 MiB ({0} bytes)")]
    TooLarge(usize),
    /// Nested beyond reason.
    #[error("the letter holds letters within letters beyond the limit of 500")]
    TooDeep,
    /// No header of a letter was found.
    #[error("no header of a letter was found")]
    NoHeaders,
    /// The parser met a letter that it was not made for.
    #[error("the parser failed on the letter")]
    ParserFailed,
}

/// The bytes without what does not belong to the letter, as [`read`] reads them.
#[must_use]
pub fn prepared(raw: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    headers::prepared(raw)
}

/// True when a letter has more header fields than are looked at.
#[must_use]
pub fn has_headers_beyond_limit(raw: &[u8]) -> bool {
    Headers::scan(raw).beyond_limit()
}

/// Reads a letter.
///
/// Takes well under a second on any input; callers run it off the async threads.
///
/// # Errors
/// [`Unreadable`] when the bytes are no letter, or one that would cost too much to read.
pub fn read(raw: &[u8]) -> Result<Letter, Unreadable> {
    let raw = &*headers::prepared(raw);
    if raw.is_empty() {
        return Err(Unreadable::Empty);
    }
    if raw.len() > LETTER_BYTES_MAX {
        return Err(Unreadable::TooLarge(raw.len()));
    }
    if nesting_marks(raw) > NESTING_MARKS_MAX {
        return Err(Unreadable::TooDeep);
    }
    let headers = Headers::scan(raw);
    if !headers.look_like_a_letter() {
        return Err(Unreadable::NoHeaders);
    }
    // The parsing crates promise not to panic; a letter that proves them wrong shall be kept, and
    // say so, like any other that cannot be read. Nothing that is shared can be left half changed.
    panic::catch_unwind(AssertUnwindSafe(|| {
        let bounded = bounds::bounded(raw);
        if let Some(message) = PARSER.parse(&*bounded.raw) {
            return Ok(facts(&message, &headers, &bounded));
        }
        // Headers to the very end, and no empty line after them.
        let ended = [&*bounded.raw, b"\r\n\r\n"].concat();
        let message = PARSER.parse(&ended).ok_or(Unreadable::NoHeaders)?;
        Ok(facts(&message, &headers, &bounded))
    }))
    .unwrap_or(Err(Unreadable::ParserFailed))
}

/// Only what is asked of it is parsed: the other fields are read off the raw ones, and some of them
/// grow in memory sixteenfold.
static PARSER: LazyLock<MessageParser> = LazyLock::new(|| {
    let parser = MessageParser::new().with_mime_headers().with_date_headers();
    parser.header_text(HeaderName::Subject).default_header_ignore()
});

/// What of the letter is not looked at, in words.
fn left_out(
    message: &Message<'_>,
    headers: &Headers<'_>,
    bounded: &Bounded<'_>,
    depth: usize,
) -> Vec<String> {
    let mut cut = Vec::new();
    if headers.beyond_limit() || bounded.fields_cut {
        let most = bounds::FIELDS_MAX;
        cut.push(format!("only the first {most} fields of a header are read; there are more"));
    }
    if bounded.parts_cut {
        cut.push(format!("only the first {PARTS_MAX} parts are shown of more than can be read"));
    } else if message.parts.len() > PARTS_MAX {
        cut.push(format!("only the first {PARTS_MAX} of {} parts are shown", message.parts.len()));
    }
    if depth > NESTING_MAX {
        cut.push(format!("letters are nested {depth} deep; the limit is {NESTING_MAX}"));
    }
    cut
}

fn facts(message: &Message<'_>, headers: &Headers<'_>, bounded: &Bounded<'_>) -> Letter {
    let depth = depth(message);
    let mut cut = left_out(message, headers, bounded, depth);
    let whole = depth <= NESTING_MAX;
    let sender = sender::of(headers);
    let body = body::of(message, &mut cut);
    let mut attachments =
        if whole { attachments::of(message, headers, body.torn, &mut cut) } else { Vec::new() };
    for file in &mut attachments {
        file.inline = file.content_id.as_ref().is_some_and(|id| body.shown_ids.contains(id));
    }
    let mut body = body;
    if body.is_empty() && attachments.iter().all(|file| file.media_type.starts_with("multipart/")) {
        body = body::unread(&message.raw_message, &mut cut);
    }
    let known = |id: &str| {
        let plain = html::unescaped(id);
        let mut shown = attachments.iter().filter(|file| file.inline);
        shown.any(|file| file.content_id.as_deref().is_some_and(|of| of == id || of == plain))
    };
    let html = body.html.and_then(|html| html::without_foreign_images(html, known));
    let class = class::of(headers, message, &body.text);
    let subject = headers.line("subject").unwrap_or_default();
    let report = class == Class::Bounce;
    let mut letter = Letter {
        from: sender.from,
        several_senders: sender.several,
        to: sender::correspondents(headers, "to", &mut cut),
        cc: sender::correspondents(headers, "cc", &mut cut),
        msgid: headers.text("message-id").and_then(|id| only_id(&id)),
        in_reply_to: headers.text("in-reply-to").map(|ids| MsgId::list(&ids)).unwrap_or_default(),
        references: headers.text("references").map(|ids| MsgId::list(&ids)).unwrap_or_default(),
        returned: if report { returned::ids(message) } else { Vec::new() },
        failure: report.then(|| fate::failure(message, &subject, &body.text)).flatten(),
        subject,
        date: date(message, headers),
        text: body.text,
        ranges: body.ranges,
        html,
        authentication: authres::of(headers),
        checked: None,
        loop_mark: headers.text(LOOP_FIELD).map(|mark| mark.trim().to_owned()),
        attachments,
        class,
        suppress_auto: class::suppresses(headers),
        cut,
        content_sha256: [0; 32],
    };
    letter.content_sha256 = content_hash(&letter);
    letter
}

fn only_id(header: &str) -> Option<MsgId> {
    MsgId::list(header).into_iter().next().or_else(|| MsgId::parse(header).ok())
}

fn instant(date: &mail_parser::DateTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(date.to_timestamp(), 0).filter(|_| date.is_valid())
}

/// When the letter says that it was written: also with zones by name, which the parser takes for
/// Greenwich, without seconds, and by ISO 8601.
fn date(message: &Message<'_>, headers: &Headers<'_>) -> Option<DateTime<Utc>> {
    let line = headers.line("date").unwrap_or_default();
    let bare = line.split('(').next().unwrap_or_default().trim();
    let zones = [("MSK", "+0300"), ("MSD", "+0400"), ("EET", "+0200"), ("EEST", "+0300")];
    let named = bare.rsplit_once(' ').and_then(|(rest, zone)| {
        let (_, offset) = zones.iter().find(|(name, _)| *name == zone)?;
        DateTime::parse_from_rfc2822(&format!("{rest} {offset}")).ok()
    });
    // A leap second is no time that a database keeps.
    let whole = |date: DateTime<chrono::FixedOffset>| DateTime::from_timestamp(date.timestamp(), 0);
    let known =
        || DateTime::parse_from_rfc2822(bare).or_else(|_| DateTime::parse_from_rfc3339(bare));
    let parsed = || message.date().and_then(instant);
    named.and_then(whole).or_else(parsed).or_else(|| known().ok().and_then(whole))
}

/// Places where a part may be a letter itself, counted on the raw bytes in one pass.
fn nesting_marks(raw: &[u8]) -> usize {
    let at = |from: usize, word: &[u8]| {
        raw.get(from..from + word.len()).is_some_and(|bytes| bytes.eq_ignore_ascii_case(word))
    };
    raw.iter()
        .enumerate()
        .filter(|&(i, b)| *b == b'/' && i >= 7)
        .filter(|&(i, _)| {
            (at(i - 7, b"message/") && (at(i, b"/rfc822") || at(i, b"/global")))
                || (i >= 9 && at(i - 9, b"multipart/digest"))
        })
        .count()
}

/// How deep letters lie within the letter; 0 when none does. Walks without recursion.
fn depth(message: &Message<'_>) -> usize {
    let mut deepest = 0;
    let mut open = vec![(message, 0)];
    while let Some((message, level)) = open.pop() {
        deepest = deepest.max(level);
        let inner = message.parts.iter().filter_map(|part| part.message());
        open.extend(inner.map(|nested| (nested, level + 1)));
    }
    deepest
}

/// What makes two copies of a letter the same though their trace headers differ.
fn content_hash(letter: &Letter) -> [u8; 32] {
    let mut hash = Sha256::new();
    let from = letter.from.as_ref().map(|from| from.address.key().to_owned()).unwrap_or_default();
    let date = letter.date.map(|date| date.timestamp().to_string()).unwrap_or_default();
    for field in [&from, &date, &letter.subject, letter.text.trim()] {
        hash.update(field.len().to_be_bytes());
        hash.update(field);
    }
    hash.update(letter.html.as_deref().unwrap_or_default());
    for file in &letter.attachments {
        hash.update(file.sha256);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests;
