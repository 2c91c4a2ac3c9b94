//! Which encoding a statement is in: decided by its bytes, never by its label
//! (payments.md §1.1 rules 1–3).

use encoding_rs::{IBM866, KOI8_R, WINDOWS_1251};
use std::borrow::Cow;

/// An encoding that statements are met in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Windows, cp1251.
    Cp1251,
    /// DOS, cp866.
    Cp866,
    /// KOI8-R.
    Koi8R,
    /// UTF-8.
    Utf8,
    /// UTF-16, little end first.
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
}

/// Every key begins a line near the head of a file; a scan of more bytes finds nothing new.
const SCANNED_BYTES: usize = 256 * 1024;

/// Any of these proves the encoding. The header's first key comes first in any honest file.
const KEYS: [&str; 4] = ["ВерсияФормата", "СекцияРасчСчет", "СекцияДокумент", "КонецФайла"];

impl Encoding {
    const ALL: [Self; 6] =
        [Self::Utf8, Self::Cp1251, Self::Cp866, Self::Utf16Le, Self::Utf16Be, Self::Koi8R];

    /// Name as the documentation writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cp1251 => "windows-1251",
            Self::Cp866 => "cp866",
            Self::Koi8R => "koi8-r",
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
            Self::Utf8 => ["utf-8", "utf8"].contains(&&*label),
            Self::Utf16Le | Self::Utf16Be => label.starts_with("utf-16") || label == "unicode",
        }
    }

    fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Cp1251 => WINDOWS_1251.encode(text).0.into_owned(),
            Self::Cp866 => IBM866.encode(text).0.into_owned(),
            Self::Koi8R => KOI8_R.encode(text).0.into_owned(),
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }
}

/// Finds the encoding in which a key of the format appears first. Exact, no statistics:
/// `None` means that no known key stands in the file in any encoding.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<Encoding> {
    let head = &bytes[..bytes.len().min(SCANNED_BYTES)];
    let mut best: Option<(usize, Encoding)> = None;
    for encoding in Encoding::ALL {
        for key in KEYS.iter().flat_map(|key| [(*key).to_owned(), key.to_uppercase()]) {
            let limit = best.map_or(head.len(), |(at, _)| at);
            let key = encoding.encode(&key);
            let until = limit.saturating_add(key.len()).min(head.len());
            if let Some(at) = find(&head[..until], &key).filter(|at| *at < limit) {
                best = Some((at, encoding));
            }
        }
    }
    best.map(|(_, encoding)| encoding)
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

/// Decodes a file line by line, as the lines are asked for. Ends are CRLF, LF or CR; each is
/// counted once. A line of a one-byte file that is strictly valid UTF-8 with Cyrillic in it is
/// UTF-8 (seen in the wild), and the other way round for a UTF-8 file.
pub fn lines(bytes: &[u8], encoding: Encoding) -> impl Iterator<Item = TextLine<'_>> {
    // Two bytes a character would find line ends everywhere: such a file is decoded as a whole.
    let whole = match encoding {
        Encoding::Utf16Le | Encoding::Utf16Be => Some(utf16(bytes, encoding)),
        Encoding::Utf8 | Encoding::Cp1251 | Encoding::Cp866 | Encoding::Koi8R => None,
    };
    let (mut at, mut number) = (0, 0);
    std::iter::from_fn(move || {
        let rest = match &whole {
            Some(text) => text.as_bytes().get(at..),
            None => bytes.get(at..),
        };
        let (length, ends) = first_line(rest?)?;
        let line = at..at + length;
        at += length + ends;
        number += 1;
        let (text, rescued) = match &whole {
            Some(text) => (Cow::Owned(text.get(line).unwrap_or_default().to_owned()), false),
            None => decode(bytes.get(line).unwrap_or_default(), encoding),
        };
        Some(TextLine { number, text, rescued })
    })
}

/// How long the first line is, and what ends it; none when there is no line left.
fn first_line(rest: &[u8]) -> Option<(usize, usize)> {
    if rest.is_empty() {
        return None;
    }
    let Some(length) = rest.iter().position(|b| matches!(b, b'\n' | b'\r')) else {
        return Some((rest.len(), 0));
    };
    Some((length, 1 + usize::from(rest[length..].starts_with(b"\r\n"))))
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
        Encoding::Cp866 => IBM866,
        Encoding::Koi8R => KOI8_R,
        Encoding::Cp1251 | Encoding::Utf16Le | Encoding::Utf16Be => WINDOWS_1251,
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

fn utf16(bytes: &[u8], encoding: Encoding) -> String {
    let unit = |pair: &[u8]| match (encoding, pair) {
        (Encoding::Utf16Be, [high, low]) => u16::from_be_bytes([*high, *low]),
        (_, [low, high]) => u16::from_le_bytes([*low, *high]),
        _ => 0xFFFD,
    };
    let units = bytes.chunks(2).map(unit);
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
