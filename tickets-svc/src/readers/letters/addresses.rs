//! Address lists of headers (RFC 5322 §3.4), as they come: quotes, comments, groups, raw bytes.
//!
//! Our own reader, because the parsing crate joins `<victim@a> <evil@b>` to one address.

use super::{clean, words};
use types::EmailAddress;

/// Longest field that is read as addresses.
const FIELD_BYTES_MAX: usize = 256 * 1024;

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Display name, one clean line; may be empty.
    pub name: String,
    /// What stands in the place of the address, one clean line; may be no address, may be empty.
    pub address: String,
    /// Angle brackets or addresses beside this one in the same entry: a forger's mark.
    pub doubtful: bool,
    /// True for a member of a group.
    pub grouped: bool,
}

impl Entry {
    /// The address, when it is one that letters can be sent to.
    #[must_use]
    pub fn mailbox(&self) -> Option<EmailAddress> {
        EmailAddress::parse(&self.address).ok()
    }
}

/// The entries of a field, at most so many.
pub fn list(field: &[u8], most: usize) -> Vec<Entry> {
    let field = &field[..field.len().min(FIELD_BYTES_MAX)];
    match entries(field, most) {
        Ok(found) => found,
        // A quote that never ends hides the address: it is read as if it were not there.
        Err(open) => {
            let mut field = field.to_vec();
            field[open] = b' ';
            entries(&field, most).unwrap_or_default()
        }
    }
}

/// The entries; where a quote never ends and hides an address, its place.
fn entries(field: &[u8], most: usize) -> Result<Vec<Entry>, usize> {
    let mut reader = Reader::default();
    let mut found = Vec::new();
    let (mut at, mut quote) = (0, 0);
    while at < field.len() {
        // Signs within an encoded word are letters of a name.
        let word = if reader.takes_words() { encoded_word(&field[at..]) } else { 0 };
        if word > 0 {
            reader.phrase.extend_from_slice(&field[at..at + word]);
            at += word;
            continue;
        }
        let byte = field[at];
        if byte == b'"' && !reader.quoted {
            quote = at;
        }
        at += 1;
        if let Some(end) = reader.take(byte) {
            found = joined(found, reader.entry(end));
            if found.len() >= most {
                return Ok(found);
            }
        }
    }
    if reader.quoted && field[quote..].contains(&b'@') && field[quote] == b'"' {
        return Err(quote);
    }
    Ok(joined(found, reader.entry(End::Entry)))
}

/// The entries with one more. Words that hold no address are the beginning of the name after them:
/// `Petrov, Ivan <i@client.test>` is written without quotes by many a program.
fn joined(mut found: Vec<Entry>, entry: Option<Entry>) -> Vec<Entry> {
    let Some(mut entry) = entry else { return found };
    let stray = |one: &Entry| {
        one.name.is_empty() && !one.address.contains('@') && !(one.grouped || one.doubtful)
    };
    let before = found.last().filter(|last| stray(last)).map(|last| last.address.clone());
    if let Some(before) = before.filter(|_| !entry.grouped) {
        if stray(&entry) {
            found.pop();
            entry.address = format!("{before}, {}", entry.address);
        } else if !entry.name.is_empty() && entry.address.contains('@') {
            found.pop();
            entry.name = format!("{before}, {}", entry.name);
        }
    }
    found.push(entry);
    found
}

/// Length of the encoded word that the bytes begin with; 0 when they begin with none.
fn encoded_word(bytes: &[u8]) -> usize {
    let Some(rest) = bytes.strip_prefix(b"=?") else { return 0 };
    let mut marks = 0;
    for (at, byte) in rest.iter().enumerate().take(1_000) {
        match byte {
            b'?' if marks >= 2 && rest.get(at + 1) == Some(&b'=') => return at + 4,
            b'?' => marks += 1,
            b' ' | b'\t' | b'\r' | b'\n' if marks < 2 => return 0,
            _ => {}
        }
    }
    0
}

/// What ends an entry.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Entry,
    GroupName,
    LastOfGroup,
}

/// Where the reader stands, and what it has of the entry.
#[derive(Default)]
struct Reader {
    escaped: bool,
    quoted: bool,
    comments: usize,
    angled: bool,
    grouped: bool,
    phrase: Vec<u8>,
    comment: Vec<u8>,
    address: Vec<u8>,
    angles: usize,
    /// `@` outside quotes, comments and angles.
    ats: usize,
}

impl Reader {
    const fn takes_words(&self) -> bool {
        !self.escaped && !self.quoted && self.comments == 0 && !self.angled
    }

    fn take(&mut self, byte: u8) -> Option<End> {
        if matches!(byte, b'\r' | b'\n') {
            return None;
        }
        if self.escaped {
            self.escaped = false;
            self.put(byte);
            return None;
        }
        match byte {
            b'\\' if self.quoted || self.comments > 0 => self.escaped = true,
            b'"' if self.comments == 0 => {
                self.quoted = !self.quoted;
                if self.angled {
                    self.put(byte);
                }
            }
            b'(' if !self.quoted => {
                if self.comments > 0 {
                    self.comment.push(byte);
                }
                self.comments += 1;
            }
            b')' if !self.quoted && self.comments > 0 => {
                self.comments -= 1;
                if self.comments > 0 {
                    self.comment.push(byte);
                }
            }
            _ if self.quoted || self.comments > 0 => self.put(byte),
            b'<' => {
                self.angled = true;
                self.angles += 1;
                if self.angles == 1 {
                    self.address.clear();
                }
            }
            b'>' if self.angled => self.angled = false,
            b',' | b';' if !self.angled => return Some(self.end(byte)),
            b':' if !self.angled && !self.grouped && !self.phrase.contains(&b'@') => {
                return Some(End::GroupName);
            }
            _ => self.put(byte),
        }
        None
    }

    fn end(&mut self, byte: u8) -> End {
        if byte == b';' && self.grouped { End::LastOfGroup } else { End::Entry }
    }

    fn put(&mut self, byte: u8) {
        if self.comments > 0 {
            self.comment.push(byte);
        } else if self.angled {
            if self.angles == 1 {
                self.address.push(byte);
            }
        } else {
            self.ats += usize::from(byte == b'@' && !self.quoted);
            self.phrase.push(byte);
        }
    }

    /// The entry so far; the reader begins anew.
    fn entry(&mut self, end: End) -> Option<Entry> {
        let grouped = self.grouped || end == End::GroupName;
        let next = Self { grouped: grouped && end != End::LastOfGroup, ..Self::default() };
        let this = std::mem::replace(self, next);
        if end == End::GroupName {
            return None;
        }
        let comment = clean::line(&words::text(&this.comment));
        let phrase = clean::line(&words::text(&this.phrase));
        let encoded = this.address.windows(2).any(|pair| pair == b"=?");
        let (name, address) = if this.angles > 0 {
            let name = if phrase.is_empty() { comment } else { phrase.clone() };
            (name, tight(&clean::line(&bare(&this.address))))
        } else if this.ats == 0 && phrase.contains('@') {
            // Words in quotes are a name, whatever they look like.
            (phrase.clone(), String::new())
        } else {
            (comment, tight(phrase.trim_end_matches('>')))
        };
        let some = this.angles > 0 || !phrase.is_empty();
        let doubtful = this.angles > 1 || encoded || address.matches('@').count() > 1;
        let name = without_pair(&name).to_owned();
        some.then_some(Entry { name, address, doubtful, grouped })
    }
}

/// A name without the quotes that programs put around it twice.
fn without_pair(name: &str) -> &str {
    let inner = ['\'', '"']
        .into_iter()
        .find_map(|quote| name.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)));
    inner.map_or(name, str::trim)
}

/// An address without the blanks that old programs put around its signs.
fn tight(address: &str) -> String {
    let mut tight = address.to_owned();
    for (loose, sign) in [(" .", "."), (". ", "."), (" @", "@"), ("@ ", "@")] {
        if tight.contains('@') && tight.contains(loose) {
            tight = tight.replace(loose, sign);
        }
    }
    tight
}

/// The content of angle brackets: without a source route, blanks around it, and encoded words.
fn bare(address: &[u8]) -> String {
    let text = words::text(address);
    let text = text.trim();
    match text.strip_prefix('@').and_then(|route| route.split_once(':')) {
        Some((_, address)) => address.trim().to_owned(),
        None => text.strip_prefix("mailto:").unwrap_or(text).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: &str) -> Vec<(String, String, bool)> {
        let found = list(field.as_bytes(), 100);
        found.into_iter().map(|e| (e.name, e.address, e.doubtful)).collect()
    }

    #[test]
    fn lists_are_read() {
        for (field, entries) in [
            ("a@b.test", vec![("", "a@b.test")]),
            (
                "\"Boss, The\" <boss@c.test>, x@y.test",
                vec![("Boss, The", "boss@c.test"), ("", "x@y.test")],
            ),
            ("jdoe@c.test (John Doe)", vec![("John Doe", "jdoe@c.test")]),
            ("=?utf-8?B?0JjQstCw0L0=?= <i@c.test>", vec![("Иван", "i@c.test")]),
            ("\"=?utf-8?B?0JjQstCw0L0=?=\" <i@c.test>", vec![("Иван", "i@c.test")]),
            (
                "=?utf-8?Q?Smith,_J:_<x@y.test>?= <j@c.test>",
                vec![("Smith, J: <x@y.test>", "j@c.test")],
            ),
            ("team: a@b.test, c@d.test;", vec![("", "a@b.test"), ("", "c@d.test")]),
            ("undisclosed-recipients:;", vec![]),
            ("<@hub.test:a@b.test>", vec![("", "a@b.test")]),
            ("\"a\\\"b\" <a@b.test>", vec![("a\"b", "a@b.test")]),
            ("Иван <i@c.test>", vec![("Иван", "i@c.test")]),
            ("Pete(A) <pete(his account)@c.test(his host)>", vec![("Pete", "pete@c.test")]),
            ("jdoe@c . test", vec![("", "jdoe@c.test")]),
            ("a@b.test (x), (the end)", vec![("x", "a@b.test")]),
            ("Petrov, Ivan <i@c.test>", vec![("Petrov, Ivan", "i@c.test")]),
            ("A, B, C <i@c.test>, d@e.test", vec![("A, B, C", "i@c.test"), ("", "d@e.test")]),
            ("i@c.test>", vec![("", "i@c.test")]),
            ("\"Ivan Petrov <i@c.test>", vec![("Ivan Petrov", "i@c.test")]),
            ("\"A\" <a@c.test>, \"B <b@c.test>", vec![("A", "a@c.test"), ("B", "b@c.test")]),
            ("", vec![]),
            (" , ,", vec![]),
        ] {
            let found = read(field);
            let found: Vec<_> = found.iter().map(|(n, a, _)| (n.as_str(), a.as_str())).collect();
            assert_eq!(found, entries, "{field}");
        }
    }

    #[test]
    fn forgers_are_marked() {
        for (field, doubtful) in [
            ("\"victim@c.test\" <evil@x.test>", false),
            ("victim@c.test <evil@x.test>", false),
            ("<victim@c.test> <evil@x.test>", true),
            ("victim@c.test evil@x.test", true),
            ("<=?utf-8?Q?victim=40c.test?=>", true),
            ("Ivan <i@c.test>", false),
        ] {
            assert_eq!(read(field)[0].2, doubtful, "{field}");
        }
    }

    #[test]
    fn no_list_is_too_long() {
        assert_eq!(list("a@b.test,".repeat(100_000).as_bytes(), 200).len(), 200);
        let _ = list("(".repeat(1_000_000).as_bytes(), 200);
    }
}
