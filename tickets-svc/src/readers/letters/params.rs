//! Parameters of MIME fields (RFC 2045 §5.1, RFC 2231), read off the raw field: a name that is
//! broken into pieces is joined before it is decoded, for a character may be broken too.

use super::{charsets, words};

/// Longest field that is read, in bytes.
const FIELD_BYTES_MAX: usize = 64 * 1024;

/// Most pieces of one value.
const PIECES_MAX: usize = 200;

/// The value of a parameter of a raw field, as text.
pub fn value(field: &[u8], wanted: &str) -> Option<String> {
    let field = &field[..field.len().min(FIELD_BYTES_MAX)];
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    for parameter in split(field).into_iter().skip(1) {
        let Some(equals) = parameter.iter().position(|b| *b == b'=') else { continue };
        let name = String::from_utf8_lossy(parameter[..equals].trim_ascii()).to_ascii_lowercase();
        let mut marks = name.split('*');
        if marks.next() != Some(wanted) || pieces.len() >= PIECES_MAX {
            continue;
        }
        let number = marks.clone().find_map(|mark| mark.parse().ok());
        pieces.push(Piece {
            number: number.unwrap_or(0),
            numbered: number.is_some(),
            encoded: name.ends_with('*'),
            value: parameter[equals + 1..].trim_ascii(),
        });
    }
    // A value that says its encoding beats one that does not.
    let numbered = pieces.iter().any(|piece| piece.numbered);
    let encoded = pieces.iter().any(|piece| piece.encoded);
    pieces.retain(|piece| if numbered { piece.numbered } else { piece.encoded == encoded });
    pieces.sort_by_key(|piece| piece.number);
    if !numbered {
        pieces.truncate(1);
    }
    pieces.first().map(|_| joined(&pieces))
}

struct Piece<'f> {
    number: usize,
    numbered: bool,
    encoded: bool,
    value: &'f [u8],
}

fn joined(pieces: &[Piece<'_>]) -> String {
    let mut label = String::new();
    let mut bytes = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let value = unquoted(piece.value);
        if !piece.encoded {
            bytes.extend(value);
            continue;
        }
        let mut value = &value[..];
        if at == 0 {
            let mut fields = value.splitn(3, |b| *b == b'\'');
            if let (Some(charset), Some(_), Some(rest)) =
                (fields.next(), fields.next(), fields.next())
            {
                label = String::from_utf8_lossy(charset).into_owned();
                value = rest;
            }
        }
        bytes.extend(from_percents(value));
    }
    if !label.is_empty() {
        return charsets::declared(&bytes, &label).into_owned();
    }
    words::text(&bytes)
}

/// The field at its semicolons, those within quotes apart.
fn split(field: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, byte) in field.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                found.push(&field[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&field[start..]);
    found
}

fn unquoted(value: &[u8]) -> Vec<u8> {
    let clean = |bytes: &[u8]| {
        bytes.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect::<Vec<u8>>()
    };
    let Some(inner) = value.strip_prefix(b"\"") else { return clean(value) };
    let mut plain = Vec::with_capacity(inner.len());
    let mut escaped = false;
    for &byte in inner {
        match byte {
            // A backslash is a path of old Windows programs unless it stands before these.
            b'"' | b'\\' if escaped => {
                plain.pop();
                plain.push(byte);
                escaped = false;
                continue;
            }
            b'"' => break,
            b'\r' | b'\n' => continue,
            byte => plain.push(byte),
        }
        escaped = byte == b'\\';
    }
    plain
}

fn from_percents(value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut at = 0;
    while at < value.len() {
        let digits = value.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        match (value[at], digits.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                at += 2;
            }
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
    fn names_are_joined_and_decoded() {
        for (field, name) in [
            ("attachment; filename=a.pdf", Some("a.pdf")),
            ("attachment; filename=\"a b;c.pdf\"; size=1", Some("a b;c.pdf")),
            ("attachment; filename*=utf-8''%D0%B0%D0%BA%D1%82.pdf", Some("акт.pdf")),
            // A letter in two pieces.
            ("attachment; filename*0*=UTF-8''%D0;\r\n filename*1*=%B0.pdf", Some("а.pdf")),
            ("attachment; filename*1=b.pdf; filename*0=a", Some("ab.pdf")),
            ("attachment; filename=x.pdf; filename*=koi8-r''%C1.pdf", Some("а.pdf")),
            ("attachment; filename=\"=?utf-8?Q?=D0?=\r\n =?utf-8?Q?=B0.pdf?=\"", Some("а.pdf")),
            ("attachment; filename=\"C:\\tmp\\a.pdf\"", Some("C:\\tmp\\a.pdf")),
            ("attachment; filename=\"a\\\"b\"", Some("a\"b")),
            ("attachment", None),
            ("attachment; name=x", None),
        ] {
            assert_eq!(value(field.as_bytes(), "filename").as_deref(), name, "{field}");
        }
    }
}
