//! Which encoding a statement is in: decided by its bytes, never by its label
//! (payments.md §1.1 rules 1–3).

mod decoded;

pub use decoded::Decoded;

use encoding_rs::{
    IBM866, KOI8_R, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
};
use std::borrow::Cow;
use std::io::{self, BufRead};

/// An encoding that statements are met in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Windows, cp1251.
    Cp1251,
    /// DOS, cp866.
    Cp866,
    /// KOI8-R.
    Koi8R,
    /// Western Europe, cp1252.
    Cp1252,
    /// Central Europe, cp1250.
    Cp1250,
    /// UTF-8.
    Utf8,
    /// UTF-16, little end first.
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
}

/// Every key begins a line near the head of a file; a scan of more bytes finds nothing new.
const SCANNED_BYTES: usize = 256 * 1024;

impl Encoding {
    /// Those that hold Cyrillic.
    const CYRILLIC: [Self; 6] =
        [Self::Utf8, Self::Cp1251, Self::Cp866, Self::Utf16Le, Self::Utf16Be, Self::Koi8R];

    /// Name as the documentation writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cp1251 => "windows-1251",
            Self::Cp866 => "cp866",
            Self::Koi8R => "koi8-r",
            Self::Cp1252 => "windows-1252",
            Self::Cp1250 => "windows-1250",
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
        }
    }

    /// True when a label of the header (`Windows`, `DOS`, `UTF-8`, …) means this encoding.
    #[must_use]
    pub fn is_called(self, label: &str) -> bool {
        let label = label.trim().to_ascii_lowercase();
        match self {
            Self::Cp1251 => ["windows", "windows-1251", "cp1251", "win", "ansi"].contains(&&*label),
            Self::Cp866 => ["dos", "cp866", "ibm866", "866"].contains(&&*label),
            Self::Koi8R => ["koi8-r", "koi8r"].contains(&&*label),
            Self::Cp1252 => ["windows-1252", "cp1252", "1252", "iso-8859-1", "8859-1", "latin1"]
                .contains(&&*label),
            Self::Cp1250 => ["windows-1250", "cp1250", "iso-8859-2", "8859-2"].contains(&&*label),
            Self::Utf8 => ["utf-8", "utf8"].contains(&&*label),
            Self::Utf16Le | Self::Utf16Be => label.starts_with("utf-16") || label == "unicode",
        }
    }

    /// Its codec.
    #[must_use]
    pub fn codec(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Cp1251 => WINDOWS_1251,
            Self::Cp866 => IBM866,
            Self::Koi8R => KOI8_R,
            Self::Cp1252 => WINDOWS_1252,
            Self::Cp1250 => WINDOWS_1250,
            Self::Utf8 => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
        }
    }

    /// The encoding that a label means; none when nobody knows it.
    #[must_use]
    pub fn of_label(label: &str) -> Option<Self> {
        let all = [Self::Utf8, Self::Cp1251, Self::Cp866, Self::Koi8R, Self::Cp1252, Self::Cp1250];
        all.into_iter().find(|encoding| encoding.is_called(label))
    }

    fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            other => other.codec().encode(text).0.into_owned(),
        }
    }
}

/// Finds the encoding in which one of these words appears first. Exact, no statistics: `None`
/// means that none stands in the file in any encoding.
#[must_use]
pub fn detect(bytes: &[u8], words: &[&str]) -> Option<Encoding> {
    let head = &bytes[..bytes.len().min(SCANNED_BYTES)];
    let mut best: Option<(usize, Encoding)> = None;
    for encoding in Encoding::CYRILLIC {
        for word in words.iter().flat_map(|word| [(*word).to_owned(), word.to_uppercase()]) {
            let limit = best.map_or(head.len(), |(at, _)| at);
            let word = encoding.encode(&word);
            let until = limit.saturating_add(word.len()).min(head.len());
            if let Some(at) = find(&head[..until], &word).filter(|at| *at < limit) {
                best = Some((at, encoding));
            }
        }
    }
    best.map(|(_, encoding)| encoding)
}

/// The encoding of a text that names no known word: UTF-16 by its shape, strict UTF-8 as such, else
/// what the label says, else what its high bytes look like.
#[must_use]
pub fn guess(bytes: &[u8], label: Option<&str>) -> Encoding {
    let head = without_mark(&bytes[..bytes.len().min(SCANNED_BYTES)]);
    if let Some(wide) = wide(head) {
        return wide;
    }
    // A character may be cut at the end of what is looked at.
    let utf8 = std::str::from_utf8(head).map_or_else(|e| e.error_len().is_none(), |_| true);
    let labelled = label.and_then(Encoding::of_label);
    if utf8 && (!head.is_ascii() || labelled.is_none()) {
        return Encoding::Utf8;
    }
    match labelled {
        // A label of the West over words of Cyrillic letters is wrong.
        Some(Encoding::Cp1252 | Encoding::Cp1250) if is_cyrillic(head) => by_high_bytes(head),
        // So is that of one Cyrillic code page over letters that only the other has.
        Some(Encoding::Cp1251 | Encoding::Cp866) if is_cyrillic(head) => by_letters(head, labelled),
        Some(label) if label != Encoding::Utf8 => label,
        _ if head.is_ascii() => Encoding::Utf8,
        _ => by_high_bytes(head),
    }
}

/// UTF-16 with its mark, or with a zero in each pair of its first characters.
fn wide(head: &[u8]) -> Option<Encoding> {
    match head {
        [0xFF, 0xFE, ..] => Some(Encoding::Utf16Le),
        [0xFE, 0xFF, ..] => Some(Encoding::Utf16Be),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(Encoding::Utf16Le),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// How many runs of high bytes are longer than two, and how many are not: Cyrillic words are such
/// runs, accents stand alone.
fn runs(head: &[u8]) -> (usize, usize) {
    let runs = head.split(u8::is_ascii).filter(|run| !run.is_empty());
    let (long, short): (Vec<&[u8]>, Vec<&[u8]>) = runs.partition(|run| run.len() > 2);
    (long.len(), short.len())
}

fn is_cyrillic(head: &[u8]) -> bool {
    let (long, short) = runs(head);
    long > short
}

/// By what the runs of high bytes look like.
fn by_high_bytes(head: &[u8]) -> Encoding {
    let (long, short) = runs(head);
    if long * 2 < short {
        return Encoding::Cp1252;
    }
    let (cp866, cp1251) = letters(head);
    if cp866 > cp1251 { Encoding::Cp866 } else { Encoding::Cp1251 }
}

/// The labelled one, unless four of five letters that tell are the other's.
fn by_letters(head: &[u8], labelled: Option<Encoding>) -> Encoding {
    match (labelled, letters(head)) {
        (Some(Encoding::Cp1251), (cp866, cp1251)) if cp866 > 4 * cp1251 => Encoding::Cp866,
        (Some(Encoding::Cp866), (cp866, cp1251)) if cp1251 > 4 * cp866 => Encoding::Cp1251,
        (labelled, _) => labelled.unwrap_or(Encoding::Cp1251),
    }
}

/// Letters that only cp866 has, and only cp1251: both have some at 0xE0..0xEF.
fn letters(head: &[u8]) -> (usize, usize) {
    let count = |from: u8, to: u8| head.iter().filter(|b| (from..=to).contains(*b)).count();
    (count(0x80, 0xAF), count(0xC0, 0xDF) + count(0xF2, 0xFF))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    haystack.windows(needle.len()).position(|part| part[0] == first && part == needle)
}

/// True when the file begins as a 1C one, but replacement characters or question marks stand
/// where the keys should.
#[must_use]
pub fn cyrillic_destroyed(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(SCANNED_BYTES)];
    if find(&head[..head.len().min(64)], b"ClientBankExchange").is_none() {
        return false;
    }
    let lost =
        |key: &[u8]| key.windows(3).any(|part| part == [0xEF, 0xBF, 0xBD] || part == *b"???");
    head.split(|b| *b == b'\n' || *b == b'\r')
        .filter_map(|line| line.split(|b| *b == b'=').next())
        .any(lost)
}

/// One line of the file, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLine<'a> {
    /// Number of the line, from 1.
    pub number: usize,
    /// Its text without the line end.
    pub text: Cow<'a, str>,
    /// True when the line stood in another encoding than the file.
    pub rescued: bool,
}

/// What some programs put before a text in whatever encoding.
const UTF_8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// A text without that mark.
#[must_use]
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(UTF_8_MARK).unwrap_or(bytes)
}

/// Longest part of a line that is kept, bytes: longer than any value may be.
const MAX_LINE: usize = 64 * 1024;

/// Decodes a file line by line, as the lines are asked for, in constant memory. Ends are CRLF, LF
/// or CR; each is counted once. A line of a one-byte file that is strictly valid UTF-8 with
/// Cyrillic in it is UTF-8 (seen in the wild), and the other way round for a UTF-8 file.
pub struct Lines<'r> {
    reader: Box<dyn BufRead + 'r>,
    encoding: Encoding,
    line: Vec<u8>,
    number: usize,
    /// The line before ended with CR: an LF that follows belongs to it.
    after_cr: bool,
}

impl<'r> Lines<'r> {
    /// The lines of a text in this encoding.
    pub fn new(reader: Box<dyn BufRead + 'r>, encoding: Encoding) -> Self {
        // Two bytes a character would find line ends everywhere.
        let (reader, encoding) = match encoding {
            Encoding::Utf16Le | Encoding::Utf16Be => {
                (Box::new(Decoded::new(reader, encoding)) as Box<dyn BufRead + 'r>, Encoding::Utf8)
            }
            one_byte => (reader, one_byte),
        };
        Self { reader, encoding, line: Vec::new(), number: 0, after_cr: false }
    }

    /// The next line that may begin with one of these bytes, or that may be in another encoding;
    /// the others are only counted. None at the end.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn next_of(&mut self, firsts: &[u8; 256]) -> io::Result<Option<TextLine<'_>>> {
        loop {
            self.line.clear();
            if !self.fill()? {
                return Ok(None);
            }
            self.number += 1;
            let first = self.line.iter().find(|b| !b.is_ascii_whitespace());
            let may_begin = first.is_some_and(|first| firsts[usize::from(*first)] != 0);
            if may_begin || self.is_of_two_minds() {
                break;
            }
        }
        let (text, rescued) = decode(&self.line, self.encoding);
        Ok(Some(TextLine { number: self.number, text, rescued }))
    }

    /// Whether the line may stand in another encoding than the file.
    fn is_of_two_minds(&self) -> bool {
        let utf8 = std::str::from_utf8(&self.line).is_ok();
        match self.encoding {
            Encoding::Utf8 => !utf8,
            _ => utf8 && !self.line.is_ascii(),
        }
    }

    /// The encoding that lines are decoded from.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The next line; none at the end.
    ///
    /// # Errors
    /// Those of the disk.
    #[expect(clippy::should_implement_trait, reason = "what it lends ends with the next call")]
    pub fn next(&mut self) -> io::Result<Option<TextLine<'_>>> {
        self.line.clear();
        if !self.fill()? {
            return Ok(None);
        }
        self.number += 1;
        // A mark of UTF-8 may stand before a text that is none.
        if self.number == 1 && self.line.starts_with(UTF_8_MARK) {
            self.line.drain(..UTF_8_MARK.len());
        }
        let (text, rescued) = decode(&self.line, self.encoding);
        Ok(Some(TextLine { number: self.number, text, rescued }))
    }

    /// Reads up to the end of a line; false when nothing is left.
    fn fill(&mut self) -> io::Result<bool> {
        let mut any = false;
        loop {
            let mut buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(any);
            }
            if std::mem::take(&mut self.after_cr) && buffer[0] == b'\n' {
                self.reader.consume(1);
                continue;
            }
            any = true;
            let end = memchr::memchr2(b'\n', b'\r', buffer);
            let used = end.map_or(buffer.len(), |at| at + 1);
            self.after_cr = end.is_some_and(|at| buffer[at] == b'\r');
            buffer = &buffer[..end.unwrap_or(buffer.len())];
            let room = MAX_LINE.saturating_sub(self.line.len());
            self.line.extend_from_slice(&buffer[..buffer.len().min(room)]);
            self.reader.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

fn decode(line: &[u8], encoding: Encoding) -> (Cow<'_, str>, bool) {
    let utf8 = std::str::from_utf8(line);
    let one_byte = match encoding {
        Encoding::Utf8 => {
            return utf8.map_or_else(
                // A line that mixes broken UTF-8 with good Cyrillic is damage, not cp1251.
                |_| {
                    if has_utf8_cyrillic(line) {
                        (String::from_utf8_lossy(line), false)
                    } else {
                        (WINDOWS_1251.decode_without_bom_handling(line).0, true)
                    }
                },
                |text| (Cow::Borrowed(text), false),
            );
        }
        other => other.codec(),
    };
    if let Ok(text) = utf8
        && text.chars().any(|c| ('\u{0400}'..='\u{04FF}').contains(&c))
    {
        return (Cow::Borrowed(text), true);
    }
    (one_byte.decode_without_bom_handling(line).0, false)
}

fn has_utf8_cyrillic(line: &[u8]) -> bool {
    line.utf8_chunks()
        .any(|chunk| chunk.valid().chars().any(|c| ('\u{0400}'..='\u{04FF}').contains(&c)))
}
