//! Header fields as they stand in the raw bytes: what decides who sent a letter must not depend
//! on how a parser of many formats reads doubtful ones.

use super::{bounds::FIELDS_MAX, charsets, clean, words};
use encoding_rs::Encoding;
use std::borrow::Cow;

/// How much of a letter is searched for the encoding that it declares, in bytes.
const DECLARED_BYTES: usize = 32 * 1024;

/// Names of which one at least must stand in a letter.
const MARKS: [&str; 12] = [
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "received",
    "return-path",
    "reply-to",
    "sender",
    "mime-version",
    "content-type",
];

/// The header block, field by field.
pub struct Headers<'a> {
    fields: Vec<(String, Cow<'a, [u8]>)>,
    /// The Cyrillic encoding in which raw bytes are read that name none.
    hint: Option<&'static Encoding>,
    /// How many there are, kept or not.
    count: usize,
}

impl<'a> Headers<'a> {
    /// Reads fields until the first empty line; lines that are none are passed over. Raw bytes
    /// that name no encoding are read in the Cyrillic one that the letter names elsewhere.
    pub fn scan(raw: &'a [u8]) -> Self {
        let mut hint = declared_cyrillic(raw);
        let mut looked = hint.is_some();
        let mut fields = Vec::new();
        let mut at = 0;
        let mut seen = 0;
        while at < raw.len() {
            let end = field_end(raw, at);
            let field = &raw[at..end];
            if field.iter().all(u8::is_ascii_whitespace) {
                break;
            }
            // Who wrote a letter is nobody's when another field says otherwise, wherever it stands.
            seen += 1;
            if seen > FIELDS_MAX && !is_named(field, b"from") || fields.len() > FIELDS_MAX {
                at = end;
                continue;
            }
            if let Some(colon) = field.iter().position(|b| *b == b':') {
                let name = String::from_utf8_lossy(&field[..colon]).trim().to_ascii_lowercase();
                let value = &field[colon + 1..];
                if !looked && std::str::from_utf8(value).is_err() {
                    hint = detected_cyrillic(raw);
                    looked = true;
                }
                fields.push((name, hinted(value, hint)));
            }
            at = end;
        }
        Self { fields, hint, count: seen }
    }

    /// A raw value of the letter, read in the encoding of its other raw bytes.
    pub fn hinted<'v>(&self, value: &'v [u8]) -> Cow<'v, [u8]> {
        hinted(value, self.hint)
    }

    /// True when there are more than are looked at.
    pub const fn beyond_limit(&self) -> bool {
        self.count > FIELDS_MAX
    }

    /// True when at least one field is one of those that letters have.
    pub fn look_like_a_letter(&self) -> bool {
        self.fields.iter().any(|(name, _)| MARKS.contains(&name.as_str()))
    }

    /// The raw values of every field of a name, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| &**value)
    }

    /// The raw values of every field of a name, in order, each with its place among all.
    pub fn placed(&self, name: &str) -> impl Iterator<Item = (usize, &[u8])> {
        let fields = self.fields.iter().enumerate().filter(move |(_, (field, _))| field == name);
        fields.map(|(place, (_, value))| (place, &**value))
    }

    /// The place of the first field of a name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.placed(name).next().map(|(place, _)| place)
    }

    /// The last field of a name as text, unfolded, not decoded.
    pub fn text(&self, name: &str) -> Option<String> {
        self.all(name)
            .last()
            .map(|value| clean::text(&charsets::undeclared(value)).replace('\n', ""))
    }

    /// The first word of a field in lower case, up to a semicolon or a space.
    pub fn word(&self, name: &str) -> Option<String> {
        let value = self.text(name)?.to_ascii_lowercase();
        let word = value.trim().split([';', ' ', '\t', '(']).next().unwrap_or_default();
        Some(word.to_owned())
    }

    /// True when there is a field of the name.
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The first field of a name as one clean line, encoded words decoded.
    pub fn line(&self, name: &str) -> Option<String> {
        self.all(name).next().map(|value| clean::line(&words::text(value)))
    }
}

/// True when a field is of a name.
fn is_named(field: &[u8], name: &[u8]) -> bool {
    let colon = field.iter().take(100).position(|b| *b == b':');
    colon.is_some_and(|colon| field[..colon].trim_ascii().eq_ignore_ascii_case(name))
}

fn hinted<'v>(value: &'v [u8], hint: Option<&'static Encoding>) -> Cow<'v, [u8]> {
    match hint {
        Some(encoding) if std::str::from_utf8(value).is_err() => {
            Cow::Owned(charsets::hinted(value, encoding).into_bytes())
        }
        _ => Cow::Borrowed(value),
    }
}

/// The Cyrillic encoding of what stands raw at the beginning of a letter: a subject alone may be
/// too short to tell.
fn detected_cyrillic(raw: &[u8]) -> Option<&'static Encoding> {
    let start = &raw[..raw.len().min(DECLARED_BYTES)];
    let lines = start.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.is_ascii());
    charsets::undeclared_cyrillic(&lines.collect::<Vec<_>>().concat())
}

/// End of the field that begins at `at`: the line end that no folded line follows.
pub fn field_end(raw: &[u8], at: usize) -> usize {
    let mut end = at;
    loop {
        end = raw[end..].iter().position(|b| *b == b'\n').map_or(raw.len(), |n| end + n + 1);
        let empty = raw[at..end].iter().all(u8::is_ascii_whitespace);
        let folded = !empty && matches!(raw.get(end), Some(b' ' | b'\t'));
        if end == raw.len() || !folded {
            return end;
        }
    }
}

/// The Cyrillic encoding that a letter declares for itself or for one of its first parts.
fn declared_cyrillic(raw: &[u8]) -> Option<&'static Encoding> {
    const MARK: &[u8] = b"charset=";
    let start = &raw[..raw.len().min(DECLARED_BYTES)];
    let marked = start.iter().enumerate().filter(|(_, byte)| **byte == b'=').map(|(at, _)| at + 1);
    let labels = marked.filter_map(|end| {
        let word = start.get(end.checked_sub(MARK.len())?..end)?;
        word.eq_ignore_ascii_case(MARK).then_some(&start[end..])
    });
    labels.take(20).find_map(|rest| {
        let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
        let end = rest.iter().position(|b| b";\" \t\r\n".contains(b)).unwrap_or(rest.len());
        charsets::cyrillic(std::str::from_utf8(&rest[..end]).ok()?)
    })
}

/// The bytes as they are read: without what stands before the first field, and with line ends
/// where the letter comes from a system that ends lines by CR alone.
pub fn prepared(raw: &[u8]) -> Cow<'_, [u8]> {
    let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    let raw = without_mbox_line(raw);
    if raw.contains(&b'\r') && !raw.contains(&b'\n') {
        let ended = |byte: &u8| if *byte == b'\r' { b'\n' } else { *byte };
        return Cow::Owned(raw.iter().map(ended).collect());
    }
    Cow::Borrowed(raw)
}

/// The letter without empty lines and the `From ` line that an mbox file puts before it.
fn without_mbox_line(mut raw: &[u8]) -> &[u8] {
    // `From :` with a blank before the colon is a field, not an mbox line.
    let is_mbox = |line: &[u8]| {
        let rest = line.strip_prefix(b"From ").or_else(|| line.strip_prefix(b">From "));
        rest.is_some_and(|rest| !rest.trim_ascii_start().starts_with(b":"))
    };
    while let Some(end) = raw.iter().position(|b| *b == b'\n') {
        let line = &raw[..end];
        if is_mbox(line) {
            return &raw[end + 1..];
        }
        if !line.trim_ascii().is_empty() {
            break;
        }
        raw = &raw[end + 1..];
    }
    raw
}
