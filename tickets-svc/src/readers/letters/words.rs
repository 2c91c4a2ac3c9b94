//! Header values to text: encoded words (RFC 2047), raw bytes, and what programs make of both.

use super::charsets;
use mail_parser::decoders::base64::base64_decode;
use std::borrow::Cow;

/// Text of a header value: unfolded, encoded words decoded, raw bytes read.
pub fn text(value: &[u8]) -> String {
    let value = unfolded(value);
    let mut found = String::with_capacity(value.len());
    let mut pending: Option<Encoded<'_>> = None;
    let mut rest = &value[..];
    while let Some(start) = find(rest, b"=?") {
        let Some((word, length)) = Encoded::at(&rest[start..]) else {
            flush(&mut found, &mut pending);
            found.push_str(&charsets::undeclared(&rest[..start + 2]));
            rest = &rest[start + 2..];
            continue;
        };
        let between = &rest[..start];
        let blank = between.iter().all(u8::is_ascii_whitespace);
        match pending.as_mut() {
            // Two halves of one character may stand in two words: their bytes are joined first.
            Some(last) if blank && last.continues(&word) => last.bytes.extend(&word.bytes),
            _ => {
                let adjacent = pending.is_some() && blank;
                flush(&mut found, &mut pending);
                if !adjacent {
                    found.push_str(&charsets::undeclared(between));
                }
                pending = Some(word);
            }
        }
        rest = &rest[start + length..];
    }
    flush(&mut found, &mut pending);
    found.push_str(&charsets::undeclared(rest));
    found
}

fn flush(found: &mut String, pending: &mut Option<Encoded<'_>>) {
    if let Some(word) = pending.take() {
        found.push_str(&charsets::declared(&word.bytes, &word.label));
    }
}

/// The value without line ends and the blanks around it.
fn unfolded(value: &[u8]) -> Cow<'_, [u8]> {
    let value = value.trim_ascii();
    if value.iter().any(|b| matches!(b, b'\r' | b'\n')) {
        Cow::Owned(value.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect())
    } else {
        Cow::Borrowed(value)
    }
}

fn find(bytes: &[u8], what: &[u8; 2]) -> Option<usize> {
    bytes.windows(2).position(|pair| pair == what)
}

/// One encoded word, decoded to bytes.
struct Encoded<'a> {
    label: Cow<'a, str>,
    base64: bool,
    bytes: Vec<u8>,
}

impl<'a> Encoded<'a> {
    /// The word at the start of the bytes, and its length. Blanks within one are forgiven, for
    /// programs leave them in; so is a missing `?=` at the very end.
    fn at(bytes: &'a [u8]) -> Option<(Self, usize)> {
        let mut fields = bytes[2..].splitn(3, |b| *b == b'?');
        let (label, kind) = (fields.next()?, fields.next()?);
        let rest = fields.next()?;
        let named = label.iter().all(|b| b.is_ascii_graphic()) && !label.is_empty();
        if !named || label.len() > 60 {
            return None;
        }
        let before = 2 + label.len() + 1 + kind.len() + 1;
        let (content, length) = match find(rest, b"?=") {
            // `=?utf-8?Q?=D0?=`: the first `?=` may begin the content.
            Some(0) if find(&rest[1..], b"?=").is_some() && rest.get(1) == Some(&b'=') => {
                let end = find(&rest[1..], b"?=").map_or(rest.len(), |at| at + 1);
                (&rest[..end], before + end + 2)
            }
            Some(end) => (&rest[..end], before + end + 2),
            None => (rest, bytes.len()),
        };
        let (base64, bytes) = match kind {
            b"B" | b"b" => (true, from_base64(content)?),
            b"Q" | b"q" => (false, from_quoted(content)),
            _ => return None,
        };
        let label = String::from_utf8_lossy(label);
        Some((Self { label, base64, bytes }, length))
    }

    fn continues(&self, next: &Self) -> bool {
        self.base64 == next.base64 && self.label.eq_ignore_ascii_case(&next.label)
    }
}

fn from_base64(content: &[u8]) -> Option<Vec<u8>> {
    let clean: Vec<u8> = content
        .iter()
        .copied()
        .filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
        .collect();
    // A last digit alone carries nothing; padding is not needed, and often wrong.
    let whole = if clean.len() % 4 == 1 { &clean[..clean.len() - 1] } else { &clean[..] };
    base64_decode(&[whole, &b"==="[..(4 - whole.len() % 4) % 4]].concat())
}

/// What base64 says that was cut off within its last group; `None` when it was not.
pub fn cut_short(raw: &[u8]) -> Option<Vec<u8>> {
    let is_digit = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'+' | b'/' | b'=');
    let whole = raw.iter().filter(is_digit).count().is_multiple_of(4);
    (!whole && !raw.contains(&b'=')).then(|| from_base64(raw)).flatten()
}

fn from_quoted(content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(content.len());
    let mut at = 0;
    while at < content.len() {
        let digits = content.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        match (content[at], digits.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'=', Some(byte)) => {
                bytes.push(byte);
                at += 2;
            }
            (b'_', _) => bytes.push(b' '),
            (byte, _) => bytes.push(byte),
        }
        at += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_decoded() {
        for (raw, text_of_it) in [
            ("=?utf-8?B?0JjQstCw0L0=?=", "Иван"),
            ("=?koi8-r?B?88/P0g==?= x", "Соор x"),
            ("a =?utf-8?Q?=D0=90_b?= c", "a А b c"),
            // Half a character in each word.
            ("=?utf-8?Q?=D0?= =?utf-8?Q?=90?=", "А"),
            ("=?utf-8?B?0A==?=\r\n =?UTF-8?B?kA==?=", "А"),
            ("=?utf-8?q?a?= =?koi8-r?q?=C1?=", "aа"),
            ("=?utf-8?Q?two words?=", "two words"),
            ("=?utf-8?Q??=", ""),
            ("=?utf-8?B?0JjQstCw0L0?=", "Иван"),
            ("no =? word ?= here", "no =? word ?= here"),
            ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
            ("fol\r\n ded", "fol ded"),
            ("=?utf-8*ru?Q?=D0=90?=", "А"),
        ] {
            assert_eq!(text(raw.as_bytes()), text_of_it, "{raw}");
        }
    }

    #[test]
    fn long_values_take_no_time() {
        let many = "=?utf-8?B?0JjQstCw0L0=?= ".repeat(50_000);
        assert_eq!(text(many.as_bytes()).chars().count(), 4 * 50_000);
        let open = "=?".repeat(200_000);
        assert_eq!(text(open.as_bytes()), open);
    }
}
