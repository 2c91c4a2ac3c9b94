//! How many header fields the parser is given: its memory grows with each, whatever it says, and a
//! letter of 32 MiB may hold millions, in its own header or in that of any part.
//!
//! Where a header begins is not told by the structure of the letter, which a forger may have made
//! to be read in two ways, but by whatever could begin one.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashSet},
    ops::Range,
};

/// Most fields of one header.
pub const FIELDS_MAX: usize = 10_000;

/// Most fields of all headers of a letter.
const FIELDS_SUM_MAX: usize = 50_000;

/// Longest field that the parser is given whole, and most of all of them, in bytes: a field may
/// hold millions of parameters.
const FIELD_BYTES_MAX: usize = 256 * 1024;
const FIELDS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Smallest letter that may hold too many.
const SMALL_BYTES: usize = 128 * 1024;

/// Smallest letter in which encoded letters are not taken apart.
const ENCODED_BYTES: usize = 1024 * 1024;

/// What ends a header.
const EMPTY_LINES: [&[u8]; 2] = [b"\n\n", b"\n\r\n"];

/// Most different lengths of boundaries that are told apart.
const LENGTHS_MAX: usize = 16;

/// The letter without the fields that are too many; `names` are the boundaries that it declares.
pub fn limited<'r>(raw: &'r [u8], names: &HashSet<&[u8]>) -> Cow<'r, [u8]> {
    if raw.len() < SMALL_BYTES {
        return Cow::Borrowed(raw);
    }
    let parting = Parting::of(raw, names);
    let mut scan =
        Scan { raw, parting, fields: FIELDS_SUM_MAX, bytes: FIELDS_BYTES_MAX, gone: Vec::new() };
    let digest = memchr::memchr_iter(b'/', raw)
        .any(|at| raw[at + 1..].get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"digest")));
    let mut read = scan.headers(0, digest);
    for dashes in memchr::memmem::find_iter(raw, b"--") {
        if dashes >= read && scan.parting.begins(&raw[dashes + 2..]) {
            let line = memchr::memchr(b'\n', &raw[dashes..]);
            read = scan.headers(line.map_or(raw.len(), |end| dashes + end + 1), digest);
        }
    }
    scan.rest()
}

/// The lines that may part one part from the next.
struct Parting<'n> {
    names: &'n HashSet<&'n [u8]>,
    /// None when the names cannot be told: then every `--` may part.
    lengths: Option<BTreeSet<usize>>,
}

impl<'n> Parting<'n> {
    fn of(raw: &[u8], names: &'n HashSet<&'n [u8]>) -> Self {
        let lengths: BTreeSet<usize> = names.iter().map(|name| name.len()).collect();
        // `boundary*0=`, or with a blank before the sign.
        let plain = memchr::memchr2_iter(b'y', b'Y', raw).all(|at| {
            let word = at.checked_sub(7).map(|start| &raw[start..=at]);
            let named = word.is_some_and(|word| word.eq_ignore_ascii_case(b"boundary"));
            !named || !matches!(raw.get(at + 1), Some(b' ' | b'\t' | b'*' | b'\r' | b'\n'))
        });
        Self { names, lengths: Some(lengths).filter(|all| plain && all.len() <= LENGTHS_MAX) }
    }

    fn begins(&self, rest: &[u8]) -> bool {
        let Some(lengths) = &self.lengths else { return true };
        let starts = |length: &usize| rest.get(..*length).is_some_and(|r| self.names.contains(r));
        lengths.iter().any(starts)
    }
}

/// What is left of the limits, and what goes beyond them.
struct Scan<'r, 'n> {
    raw: &'r [u8],
    parting: Parting<'n>,
    fields: usize,
    bytes: usize,
    gone: Vec<Range<usize>>,
}

impl<'r> Scan<'r, '_> {
    /// Reads a header, and those of letters that it announces; answers where they end.
    fn headers(&mut self, mut at: usize, digest: bool) -> usize {
        let mut again = digest;
        loop {
            let start = at;
            at = self.header(at);
            let inner = announces(&self.raw[start..at]);
            if at >= self.raw.len() || at <= start || !(again || inner) {
                return at;
            }
            again = false;
        }
    }

    /// Reads one header; answers where the empty line after it ends, or a line begins that parts.
    fn header(&mut self, mut at: usize) -> usize {
        let (mut fields, mut length) = (FIELDS_MAX.min(self.fields), 0);
        let mut kept = true;
        while at < self.raw.len() {
            let end = memchr::memchr(b'\n', &self.raw[at..]);
            let end = end.map_or(self.raw.len(), |n| at + n + 1);
            let line = &self.raw[at..end];
            if matches!(line, b"\n" | b"\r\n") {
                return end;
            }
            let dashes = memchr::memmem::find_iter(line, b"--");
            if dashes.map(|at| &line[at + 2..]).any(|rest| self.parting.begins(rest)) {
                return at;
            }
            if !matches!(line[0], b' ' | b'\t') {
                kept = fields > 0;
                fields = fields.saturating_sub(1);
                self.fields = self.fields.saturating_sub(1);
                length = 0;
            }
            let most = self.bytes.min(FIELD_BYTES_MAX - length);
            let room = if kept { most.min(line.len()) } else { 0 };
            length += room;
            self.bytes -= room;
            if room < line.len() {
                // The line end stays where some of the line does.
                let from = at + room;
                self.drop_out(if room == 0 { at..end } else { from..end - 1 });
            }
            at = end;
        }
        at
    }

    fn drop_out(&mut self, range: Range<usize>) {
        match self.gone.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.gone.push(range),
        }
    }

    fn rest(self) -> Cow<'r, [u8]> {
        if self.gone.is_empty() {
            return Cow::Borrowed(self.raw);
        }
        let gone: usize = self.gone.iter().map(|range| range.len()).sum();
        let mut kept = Vec::with_capacity(self.raw.len() - gone);
        let mut at = 0;
        for range in self.gone {
            kept.extend_from_slice(&self.raw[at..range.start]);
            at = range.end;
        }
        kept.extend_from_slice(&self.raw[at..]);
        Cow::Owned(kept)
    }
}

/// True when a header says that a letter follows it.
fn announces(header: &[u8]) -> bool {
    let slashes = memchr::memchr_iter(b'/', header);
    slashes.map(|at| header[..at].trim_ascii_end()).any(|before| {
        let start = before.len().saturating_sub(7);
        before[start..].eq_ignore_ascii_case(b"message")
    })
}

/// Where the type of a letter that is encoded ends: the parser would take it apart, decoded, and
/// nothing that is known of the outer letter bounds what it finds there. A small one does no harm.
pub fn encoded_letters(raw: &[u8]) -> Vec<usize> {
    if raw.len() < ENCODED_BYTES {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut children = None;
    for slash in memchr::memchr_iter(b'/', raw) {
        let before = raw[..slash].trim_ascii_end();
        let of = |kind: &[u8], subtype: &[u8]| {
            let start = before.len().saturating_sub(kind.len());
            let after = raw[slash + 1..].get(..subtype.len());
            before[start..].eq_ignore_ascii_case(kind)
                && after.is_some_and(|word| word.eq_ignore_ascii_case(subtype))
        };
        let nested = of(b"message", b"rfc822") || of(b"message", b"global");
        let end = slash + 7;
        let ended = !raw.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-');
        let mut encoded = || *children.get_or_insert_with(|| has_encoded_children(raw));
        if ended && (nested && is_encoded(raw, slash) || of(b"multipart", b"digest") && encoded()) {
            found.push(end);
        }
    }
    found
}

/// True when a part that names no type names an encoding: within a digest it is a letter.
fn has_encoded_children(raw: &[u8]) -> bool {
    memchr::memmem::find_iter(raw, b"\n--").any(|at| {
        let rest = &raw[at + 3..raw.len().min(at + 4_096)];
        let end = EMPTY_LINES.iter().filter_map(|end| memchr::memmem::find(rest, end)).min();
        let header = rest[..end.unwrap_or(rest.len())].to_ascii_lowercase();
        let says = |word: &[u8]| memchr::memmem::find(&header, word).is_some();
        says(b"content-transfer-encoding") && !says(b"content-type") && names_encoding(&header)
    })
}

/// True when an encoding is named in the header around a place, or the header has no end in sight.
fn is_encoded(raw: &[u8], at: usize) -> bool {
    const SIGHT: usize = 16 * 1024;
    let before = &raw[at.saturating_sub(SIGHT)..at];
    let after = &raw[at..raw.len().min(at + SIGHT)];
    let start = EMPTY_LINES.iter().filter_map(|end| memchr::memmem::rfind(before, end)).max();
    let end = EMPTY_LINES.iter().filter_map(|end| memchr::memmem::find(after, end)).min();
    let within = start.is_some() || at <= SIGHT;
    let Some(end) = end.filter(|_| within) else { return true };
    let header = [&before[start.unwrap_or(0)..], &after[..end]].concat().to_ascii_lowercase();
    memchr::memmem::find(&header, b"content-type").is_some() && names_encoding(&header)
}

fn names_encoding(header: &[u8]) -> bool {
    let names: [&[u8]; 2] = [b"base64", b"quoted-printable"];
    names.iter().any(|name| memchr::memmem::find(header, name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: usize = 400_000;

    fn names<'n>(all: &[&'n str]) -> HashSet<&'n [u8]> {
        all.iter().map(|name| name.as_bytes()).collect()
    }

    #[test]
    fn headers_without_end_are_shortened() {
        let fields = "X-A: b\n".repeat(MANY);
        let nested = "Content-Type: message/rfc822\n\n";
        let digest = "Content-Type: multipart/digest; boundary=b\n\n";
        for (before, after) in [
            ("From: a@b.test\n", "\nx"),
            ("From: a@b.test\r\n", "\r\nx"),
            ("From: a@b.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n", "\nx\n--b--\n"),
            (nested, "\nx"),
            (&nested.repeat(5), "\nx"),
            (&format!("{digest}--b\n\n"), "\nx\n--b--"),
            // The parser takes the rest of the line for what follows.
            ("Content-Type: multipart/mixed; boundary=b\n\nx --bc\n", "\nx\n--b--\n"),
        ] {
            let raw = format!("{before}{fields}{after}");
            let kept = limited(raw.as_bytes(), &names(&["b"]));
            assert!(kept.len() < before.len() + after.len() + (FIELDS_MAX + 1) * 7, "{before}");
            assert!(kept.starts_with(before.as_bytes()) && kept.ends_with(after.as_bytes()));
        }
        let many: String =
            (0..40).map(|_| format!("--b\n{}\nx\n", &fields[..70_000 - 7])).collect();
        let kept = limited(many.as_bytes(), &names(&["b"]));
        assert!(kept.len() < FIELDS_SUM_MAX * 7 + 40 * 20, "{}", kept.len());
    }

    #[test]
    fn fields_without_end_are_shortened() {
        let long = format!("Content-Type: x/y{}\n\nbody", "; a=b".repeat(MANY));
        let kept = limited(long.as_bytes(), &names(&[]));
        assert!(kept.len() <= FIELD_BYTES_MAX + 7 && kept.ends_with(b"\n\nbody"));
        let folded = format!("Content-Type: x/y{}\n\nbody", ";\n a=b".repeat(MANY));
        assert!(limited(folded.as_bytes(), &names(&[])).len() <= FIELD_BYTES_MAX + 20);
    }

    /// What only looks like fields is text, however long.
    #[test]
    fn texts_stay_whole() {
        let log = "03:22: started -- b\n".repeat(MANY);
        for raw in [
            format!("From: a@b.test\n\n{log}"),
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\nX-A: b\n\n{log}\n--b\n\n\
                 {log}\n--b--\n"
            ),
        ] {
            assert!(matches!(limited(raw.as_bytes(), &names(&["b"])), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn encoded_letters_are_found() {
        let tail = "x".repeat(ENCODED_BYTES);
        let found = |head: &str| encoded_letters(format!("{head}{tail}").as_bytes());
        let encoded = "Content-Type: message/rfc822\nContent-Transfer-Encoding: BASE64\n\n";
        assert_eq!(found(encoded), [28]);
        assert_eq!(found("Content-Type: message/rfc822\n\nbase64\n\n"), [0_usize; 0]);
        assert_eq!(found("Content-Type: text/rfc822-headers; x=base64\n\n"), [0_usize; 0]);
    }
}
