//! XML as banks' programs print it: names with a bare `&`, purposes with a bare `<`, control
//! characters. They are escaped before the document is read, and told with their lines.

use std::io::{self, BufRead, Read};

/// Longest entity that is one: `&thetasym;`.
const ENTITY: usize = 12;
/// Bytes that must be seen behind a mark to know what it is.
const AHEAD: usize = 16;
/// Most lines that are remembered.
const MAX_LINES: usize = 100;

const CDATA: &[u8] = b"<![CDATA[";

/// A document in UTF-8 whose marks mean what they should.
pub struct Mended<'r> {
    inner: Box<dyn BufRead + 'r>,
    /// What is read and not looked at.
    given: Vec<u8>,
    out: Vec<u8>,
    at: usize,
    line: usize,
    in_cdata: bool,
    ended: bool,
    /// Lines where something was mended, and not told yet.
    pub lines: Vec<usize>,
}

impl<'r> Mended<'r> {
    /// A document in UTF-8.
    pub fn new(inner: Box<dyn BufRead + 'r>) -> Self {
        Self {
            inner,
            given: Vec::new(),
            out: Vec::new(),
            at: 0,
            line: 1,
            in_cdata: false,
            ended: false,
            lines: Vec::new(),
        }
    }

    /// Mends what is given, but for the last bytes of it while more may follow.
    fn mend(&mut self) {
        let given = std::mem::take(&mut self.given);
        let until = if self.ended { given.len() } else { given.len().saturating_sub(AHEAD) };
        let mut at = 0;
        while at < until {
            at += self.one(&given[at..]);
        }
        self.given = given[at..].to_vec();
    }

    /// Takes what stands first; answers how many bytes that were.
    fn one(&mut self, rest: &[u8]) -> usize {
        let plain = |b: &u8| *b >= b' ' && !matches!(b, b'&' | b'<' | b']');
        let length = rest.iter().take_while(|b| plain(b)).count();
        if length > 0 {
            self.out.extend_from_slice(&rest[..length]);
            return length;
        }
        match rest[0] {
            b']' if self.in_cdata && rest.starts_with(b"]]>") => self.in_cdata = false,
            b'<' if !self.in_cdata && rest.starts_with(CDATA) => {
                self.in_cdata = true;
                self.out.extend_from_slice(CDATA);
                return CDATA.len();
            }
            b'<' if !self.in_cdata && !begins_a_tag(rest) => return self.escaped(b"&lt;"),
            b'&' if !self.in_cdata && !is_entity(rest) => return self.escaped(b"&amp;"),
            b'\n' => self.line += 1,
            b'\t' | b'\r' => {}
            control if control < b' ' => return self.escaped(b" "),
            _ => {}
        }
        self.out.push(rest[0]);
        1
    }

    fn escaped(&mut self, by: &[u8]) -> usize {
        self.out.extend_from_slice(by);
        if self.lines.len() < MAX_LINES && self.lines.last() != Some(&self.line) {
            self.lines.push(self.line);
        }
        1
    }
}

fn begins_a_tag(rest: &[u8]) -> bool {
    rest.get(1).is_some_and(|b| b.is_ascii_alphabetic() || !b.is_ascii() || b"_/!?".contains(b))
}

fn is_entity(rest: &[u8]) -> bool {
    let name = rest[1..].iter().take(ENTITY).position(|b| *b == b';').map(|end| &rest[1..=end]);
    name.is_some_and(|name| {
        name.len() > 1 && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'#')
    })
}

impl BufRead for Mended<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at >= self.out.len() && !(self.ended && self.given.is_empty()) {
            self.out.clear();
            self.at = 0;
            let buffer = self.inner.fill_buf()?;
            self.ended = buffer.is_empty();
            let count = buffer.len();
            self.given.extend_from_slice(buffer);
            self.inner.consume(count);
            self.mend();
        }
        Ok(&self.out[self.at.min(self.out.len())..])
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
    }
}

impl Read for Mended<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}
