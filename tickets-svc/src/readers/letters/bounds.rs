//! How much of a letter the parser is given: its memory grows with each part, and a letter of 32
//! MiB may hold a million.

mod fields;

use super::mending::mended;
use std::{borrow::Cow, collections::HashSet};

pub use fields::FIELDS_MAX;

/// Most lines that part one part from the next.
const BOUNDARIES_MAX: usize = 4_000;

/// Most different boundaries, and the longest, in bytes.
const NAMES_MAX: usize = 2_000;
const NAME_BYTES_MAX: usize = 200;

/// What marks the type of a letter within the letter that the parser must not take apart.
pub const SEALED: &str = "-sealed";

/// As much of a letter as the parser is given.
pub struct Bounded<'r> {
    /// Its bytes, mended.
    pub raw: Cow<'r, [u8]>,
    /// True when parts at the end are left out.
    pub parts_cut: bool,
    /// True when header fields are left out.
    pub fields_cut: bool,
}

/// Mends a letter and leaves out what is beyond all measure.
pub fn bounded(raw: &[u8]) -> Bounded<'_> {
    let looked_at = within(raw);
    let parts_cut = looked_at.len() < raw.len();
    let mended = mended(looked_at);
    let limited = fields::limited(&mended, &names(&mended).0);
    let fields_cut = limited.len() < mended.len();
    let sealed = sealed(&limited);
    let whole = match (sealed, limited) {
        (Some(sealed), _) => Cow::Owned(sealed),
        (None, Cow::Owned(limited)) => Cow::Owned(limited),
        (None, Cow::Borrowed(_)) => mended,
    };
    Bounded { raw: whole, parts_cut, fields_cut }
}

/// The letter with encoded letters in it marked as plain files; none when there are none.
fn sealed(raw: &[u8]) -> Option<Vec<u8>> {
    let places = fields::encoded_letters(raw);
    if places.is_empty() {
        return None;
    }
    let mut whole = Vec::with_capacity(raw.len() + places.len() * SEALED.len());
    let mut at = 0;
    for place in places {
        whole.extend_from_slice(&raw[at..place]);
        whole.extend_from_slice(SEALED.as_bytes());
        at = place;
    }
    whole.extend_from_slice(&raw[at..]);
    Some(whole)
}

/// The letter, or its beginning up to the last part that is looked at.
fn within(raw: &[u8]) -> &[u8] {
    // Few lines that could part anything: the usual case, in one fast pass.
    let dashes = memchr::memmem::find_iter(raw, b"\n--").take(BOUNDARIES_MAX + 1).count();
    if dashes <= BOUNDARIES_MAX {
        return raw;
    }
    // Boundaries without end nest without end.
    let (names, raw) = names(raw);
    let mut seen = 0;
    for at in memchr::memmem::find_iter(raw, b"\n--") {
        let line = &raw[at + 3..raw.len().min(at + 3 + NAME_BYTES_MAX + 4)];
        let end = line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
        let line = line[..end].trim_ascii_end();
        let name = line.strip_suffix(b"--").unwrap_or(line);
        seen += usize::from(names.contains(name) || names.contains(line));
        if seen > BOUNDARIES_MAX {
            return &raw[..=at];
        }
    }
    raw
}

/// The boundaries that the letter declares, anywhere, and the letter up to the last that counts.
fn names(raw: &[u8]) -> (HashSet<&[u8]>, &[u8]) {
    const MARK: &[u8] = b"boundary=";
    let mut found = HashSet::new();
    for equals in memchr::memchr_iter(b'=', raw) {
        let start = (equals + 1).checked_sub(MARK.len());
        let word = start.map(|start| &raw[start..=equals]);
        if !word.is_some_and(|word| word.eq_ignore_ascii_case(MARK)) {
            continue;
        }
        let rest = &raw[equals + 1..raw.len().min(equals + 2 + NAME_BYTES_MAX)];
        let (rest, ends) = match rest.strip_prefix(b"\"") {
            Some(quoted) => (quoted, &b"\"\r\n"[..]),
            None => (rest, &b"; \t\r\n"[..]),
        };
        let end = rest.iter().position(|byte| ends.contains(byte)).unwrap_or(rest.len());
        found.insert(&rest[..end]);
        if found.len() >= NAMES_MAX {
            return (found, &raw[..=equals]);
        }
    }
    (found, raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_without_end_are_not_parsed() {
        let part = "--b\r\n\r\nx\r\n";
        let head = "Content-Type: multipart/mixed; BOUNDARY=\"b\"\r\n\r\n";
        let few = format!("{head}{}", part.repeat(1_000));
        assert_eq!(within(few.as_bytes()).len(), few.len());
        let many = format!("{head}{}", part.repeat(100_000));
        assert!(within(many.as_bytes()).len() <= head.len() + (BOUNDARIES_MAX + 1) * part.len());
        let nested: String = (0..100_000)
            .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
            .collect();
        assert!(within(nested.as_bytes()).len() < 60 * (NAMES_MAX + 1));
        // A dump of SQL with its remarks is a text, however long.
        let remarks = format!("{head}--b\r\n\r\n{}", "-- remark\r\n".repeat(100_000));
        assert_eq!(within(remarks.as_bytes()).len(), remarks.len());
    }
}
