//! The structure of a letter, mended before it is parsed: the parsing crate gives a whole part up,
//! undecoded, where a program forgot the line that ends the parts, named an encoding its own way,
//! or put one sign into base64 that is none of its alphabet.
//!
//! One pass over the bytes; what is whole is not copied.

mod encodings;

use super::{headers, params};
use encodings::Transfer;
use std::borrow::Cow;

/// Deepest nesting of parts that is mended; deeper letters are read as they came.
const OPEN_MAX: usize = 64;

/// Most fields of one part's header that are looked at.
const FIELDS_MAX: usize = 1_000;

/// The letter as the parser can read it.
pub fn mended(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut walk = Walk { raw, at: 0, patches: Vec::new(), open: Vec::new() };
    loop {
        match walk.part() {
            Next::Part => {}
            Next::End => break,
            Next::TooDeep => return Cow::Borrowed(raw),
        }
    }
    walk.close(0, raw.len());
    patched(raw, walk.patches)
}

/// Bytes that take the place of others.
struct Patch {
    start: usize,
    end: usize,
    bytes: Vec<u8>,
}

fn patched(raw: &[u8], patches: Vec<Patch>) -> Cow<'_, [u8]> {
    if patches.is_empty() {
        return Cow::Borrowed(raw);
    }
    let mut whole = Vec::with_capacity(raw.len() + 256);
    let mut at = 0;
    for patch in patches {
        whole.extend_from_slice(&raw[at..patch.start]);
        whole.extend_from_slice(&patch.bytes);
        at = patch.end;
    }
    whole.extend_from_slice(&raw[at..]);
    Cow::Owned(whole)
}

/// What follows a part.
enum Next {
    Part,
    End,
    TooDeep,
}

/// Where the reader stands.
struct Walk<'r> {
    raw: &'r [u8],
    at: usize,
    patches: Vec<Patch>,
    /// Boundaries of the parts that are not ended, the outermost first.
    open: Vec<Vec<u8>>,
}

/// What the header of a part says.
struct Head {
    kind: Vec<u8>,
    /// Where its field stands.
    field: (usize, usize),
    transfer: Transfer,
}

impl Walk<'_> {
    /// One part: its header, and all up to the next line that parts.
    fn part(&mut self) -> Next {
        let head = self.head();
        let kind = head.kind.trim_ascii_start();
        let of = |name: &[u8]| kind.get(..name.len()).is_some_and(|k| k.eq_ignore_ascii_case(name));
        let mut transfer = head.transfer;
        if of(b"multipart/") {
            transfer = Transfer::Plain;
            if self.open.len() >= OPEN_MAX {
                return Next::TooDeep;
            }
            if let Some(boundary) = self.boundary(&head) {
                self.open.push(boundary);
            }
        } else if of(b"message/rfc822") && transfer == Transfer::Plain {
            return if self.at < self.raw.len() { Next::Part } else { Next::End };
        }
        loop {
            let start = self.at;
            let found = self.delimiter();
            let end = found.as_ref().map_or(self.raw.len(), |found| found.start);
            self.content(start, end, transfer);
            let Some(found) = found else { return Next::End };
            self.close(found.level + 1, found.start);
            self.at = found.end;
            if !found.last {
                return Next::Part;
            }
            self.open.truncate(found.level);
            transfer = Transfer::Plain;
        }
    }

    /// Ends what was left open within a level.
    fn close(&mut self, level: usize, at: usize) {
        let mut bytes = Vec::new();
        for boundary in self.open.drain(level.min(self.open.len())..).rev() {
            // A line may have ended before it, or not: an empty one does no harm.
            bytes.extend_from_slice(if at > 0 && self.raw[at - 1] == b'\n' {
                b""
            } else {
                b"\r\n"
            });
            bytes.extend_from_slice(b"--");
            bytes.extend_from_slice(&boundary);
            bytes.extend_from_slice(b"--\r\n");
        }
        if !bytes.is_empty() {
            self.patches.push(Patch { start: at, end: at, bytes });
        }
    }

    /// Reads a header, and mends the name of its encoding.
    fn head(&mut self) -> Head {
        let mut head =
            Head { kind: Vec::new(), field: (self.at, self.at), transfer: Transfer::Plain };
        for _ in 0..FIELDS_MAX {
            let start = self.at;
            // A header that no empty line ends.
            let parts = self.raw[start..].starts_with(b"--");
            if parts && self.delimiter().is_some_and(|found| found.start == start) {
                break;
            }
            let end = headers::field_end(self.raw, start);
            let field = &self.raw[start..end];
            self.at = end;
            if field.iter().all(u8::is_ascii_whitespace) || end == self.raw.len() {
                break;
            }
            let Some(colon) = field.iter().position(|b| *b == b':') else { continue };
            let (name, value) = (field[..colon].trim_ascii(), &field[colon + 1..]);
            if name.eq_ignore_ascii_case(b"content-type") {
                head.kind = value.to_vec();
                head.field = (start, end);
            } else if name.eq_ignore_ascii_case(b"content-transfer-encoding") {
                let (transfer, exact) = encodings::named(value);
                head.transfer = transfer;
                if let (false, Some(word)) = (exact, transfer.word()) {
                    let bytes = [b"Content-Transfer-Encoding: ", word, b"\r\n"].concat();
                    self.patches.push(Patch { start, end, bytes });
                }
            }
        }
        head
    }

    /// The boundary of a part that holds parts: as declared, or, where no line is of it, the one
    /// that the first part begins with.
    fn boundary(&mut self, head: &Head) -> Option<Vec<u8>> {
        let declared = params::value(&head.kind, "boundary").map(String::into_bytes);
        let declared = declared.filter(|boundary| !boundary.is_empty());
        let rest = &self.raw[self.at..];
        if let Some(boundary) = &declared {
            let line = [b"--", &boundary[..]].concat();
            if memchr::memmem::find(rest, &line).is_some() {
                return declared;
            }
        }
        let guessed = first_boundary(rest)?;
        let kind = head.kind.trim_ascii().split(|b| *b == b';').next().unwrap_or_default();
        let (start, end) = head.field;
        let bytes =
            [b"Content-Type: ", kind.trim_ascii(), b"; boundary=\"", guessed, b"\"\r\n"].concat();
        // Before any patch of a later field of the same header.
        let place = self.patches.iter().position(|patch| patch.start > start);
        self.patches.insert(place.unwrap_or(self.patches.len()), Patch { start, end, bytes });
        Some(guessed.to_vec())
    }

    /// The next line that parts, from here on.
    fn delimiter(&self) -> Option<Delimiter> {
        if self.open.is_empty() {
            return None;
        }
        let mut from = self.at;
        while let Some(at) = memchr::memmem::find(self.raw.get(from..)?, b"--") {
            let start = from + at;
            let begins = start == 0 || self.raw[start - 1] == b'\n';
            from = start + 2;
            if !begins {
                continue;
            }
            let end = memchr::memchr(b'\n', &self.raw[start..]);
            let end = end.map_or(self.raw.len(), |n| start + n + 1);
            let line = self.raw[start + 2..end].trim_ascii_end();
            for (level, boundary) in self.open.iter().enumerate().rev() {
                let Some(rest) = line.strip_prefix(&boundary[..]) else { continue };
                if rest.is_empty() || rest == b"--" {
                    return Some(Delimiter { start, end, level, last: !rest.is_empty() });
                }
            }
            from = end.saturating_sub(1).max(from);
        }
        None
    }

    fn content(&mut self, start: usize, end: usize, transfer: Transfer) {
        let bytes = match transfer {
            Transfer::Plain => None,
            Transfer::Base64 => encodings::base64(&self.raw[start..end]),
            Transfer::Quoted => encodings::quoted(&self.raw[start..end], !self.open.is_empty()),
        };
        if let Some(bytes) = bytes {
            self.patches.push(Patch { start, end, bytes });
        }
    }
}

/// A line that parts.
struct Delimiter {
    start: usize,
    end: usize,
    level: usize,
    last: bool,
}

/// The boundary of the first line that looks like one: a header follows it.
fn first_boundary(rest: &[u8]) -> Option<&[u8]> {
    let mut from = 0;
    for _ in 0..100 {
        let at = from + memchr::memmem::find(rest.get(from..)?, b"--")?;
        let end = at + memchr::memchr(b'\n', &rest[at..])?;
        from = end;
        let name = rest[at + 2..end].trim_ascii_end();
        let begins = at == 0 || rest[at - 1] == b'\n';
        let after = rest[end + 1..].get(..8).unwrap_or_default();
        if begins && (4..=70).contains(&name.len()) && after.eq_ignore_ascii_case(b"content-") {
            return Some(name).filter(|name| !name.contains(&b'"') && !name.contains(&b' '));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> String {
        String::from_utf8(mended(raw.as_bytes()).into_owned()).expect("text")
    }

    #[test]
    fn what_is_whole_is_not_touched() {
        for raw in [
            "Subject: x\n\ny",
            "Content-Transfer-Encoding: BASE64\n\nYQ==\n",
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n",
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: \
             multipart/alternative; boundary=\"b2\"\n\n--b2\n\nx\n--b2--\n\n--b--\n-- \nlist\n",
            "Content-Transfer-Encoding: base64\n\nHello, this is no base64 at all.\n",
            "Content-Type: multipart/mixed\n\nno part\n",
        ] {
            assert!(matches!(mended(raw.as_bytes()), Cow::Borrowed(_)), "{raw}");
        }
    }

    #[test]
    fn what_is_open_is_ended() {
        let head = "Content-Type: multipart/mixed; boundary=a\n\n--a\n";
        assert_eq!(text(&format!("{head}\nx")), format!("{head}\nx\r\n--a--\r\n"));
        let inner = "Content-Type: multipart/alternative; boundary=i\n\n--i\n\nx\n";
        let outer = "--a\nContent-Type: text/plain\n\ny\n";
        assert_eq!(
            text(&format!("{head}{inner}{outer}--a--\n")),
            format!("{head}{inner}--i--\r\n{outer}--a--\n")
        );
        assert_eq!(text(&format!("{head}{inner}")), format!("{head}{inner}--i--\r\n--a--\r\n"));
    }

    #[test]
    fn encodings_are_named_and_written_as_the_standard_says() {
        let base = "Content-Transfer-Encoding: base64\r\n\nYWJj";
        assert_eq!(text("Content-Transfer-Encoding: \"base64\";\n\nYWJj"), base);
        let body = "YWJj".repeat(20);
        let head = "Content-Transfer-Encoding: base64\n\n";
        assert_eq!(text(&format!("{head}{body}!\n{body}\n")), format!("{head}{body}\n{body}\n"));
        let list = format!("{head}{}\nYQ==\n", format!("{body}\n").repeat(9));
        assert_eq!(text(&format!("{list}____\nlist: http://x.test\n")), list);
        let quoted = "Content-Transfer-Encoding: quoted-printable\n\n";
        assert_eq!(
            text(&format!("{quoted}a==b =C3=\n=A4 x=y =  \n=")),
            format!("{quoted}a=3D=3Db =C3=\n=A4 x=3Dy =  \n=")
        );
    }

    #[test]
    fn a_boundary_that_is_not_declared_is_found() {
        let parts = "--=_1a\nContent-Type: text/plain\n\nx\n--=_1a--\n";
        assert_eq!(
            text(&format!("Content-Type: multipart/mixed; boundary=other\n\n{parts}")),
            format!("Content-Type: multipart/mixed; boundary=\"=_1a\"\r\n\n{parts}")
        );
    }

    proptest::proptest! {
        /// Whatever is broken, nothing panics, and nothing is lost; of what claims to be base64, no
        /// line that can be it.
        #[test]
        fn nothing_is_lost(
            pieces in proptest::collection::vec(proptest::sample::select(vec![
                "\n", "--a\n", "--a--\n", "--b\n", "--b--\n", "x=y\n", "YWJj!\n", "=\n", "text",
                "Content-Type: multipart/mixed; boundary=a\n",
                "Content-Type: multipart/mixed; boundary=b\n",
                "Content-Type: message/rfc822\n",
                "Content-Transfer-Encoding: base64\n",
                "Content-Transfer-Encoding: quoted-printable\n",
            ]), 0..24),
        ) {
            let raw = pieces.concat();
            let whole = mended(raw.as_bytes());
            let mut rest = &whole[..];
            let base64 = |line: &&str| {
                line.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=\n".contains(&b))
            };
            let claimed = raw.contains("base64");
            let lines = raw.split_inclusive('\n').filter(|line| !claimed || base64(line));
            for byte in lines.flat_map(str::bytes) {
                let at = rest.iter().position(|kept| *kept == byte);
                proptest::prop_assert!(at.is_some(), "{raw}");
                rest = &rest[at.map_or(0, |at| at + 1)..];
            }
        }
    }
}
