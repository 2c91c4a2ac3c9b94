//! How the bytes of a part are written, and what programs make of it.

/// How the bytes of a part are written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Transfer {
    /// As they are.
    Plain,
    /// In base64.
    Base64,
    /// In quoted-printable.
    Quoted,
}

impl Transfer {
    /// The word of the standard.
    pub const fn word(self) -> Option<&'static [u8]> {
        match self {
            Self::Plain => None,
            Self::Base64 => Some(b"base64"),
            Self::Quoted => Some(b"quoted-printable"),
        }
    }
}

/// The encoding that a field names, and whether it does so as the standard says.
pub fn named(value: &[u8]) -> (Transfer, bool) {
    let given = value.trim_ascii();
    let word = given.split(|b| b";( \t\r\n".contains(b)).next().unwrap_or_default();
    let word: Vec<u8> = word.iter().filter(|b| b.is_ascii_alphanumeric()).copied().collect();
    let transfer = match word.to_ascii_lowercase().as_slice() {
        b"base64" | b"b64" => Transfer::Base64,
        b"quotedprintable" | b"qp" => Transfer::Quoted,
        _ => Transfer::Plain,
    };
    let exact = transfer.word().is_none_or(|word| given.eq_ignore_ascii_case(word));
    (transfer, exact)
}

/// Base64 without signs that are none of it; none when it is whole, or no base64 at all.
pub fn base64(content: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let known = |b: &u8| digit(b) || matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    if content.iter().all(known) {
        return None;
    }
    let strange = content.iter().filter(|b| !known(b)).count();
    let words = content.iter().filter(|b| matches!(b, b' ' | b'\t')).count();
    let digits = content.iter().filter(|b| digit(b)).count();
    // Text that only claims to be base64.
    if (strange + words) * 10 > digits {
        return None;
    }
    let mut kept = Vec::with_capacity(content.len());
    let mut padded = false;
    for line in content.split_inclusive(|b| *b == b'\n') {
        let whole = line.iter().all(known);
        // What programs add below the end of it is no part of it.
        if !(padded && !whole || line.starts_with(b"--")) {
            kept.extend(line.iter().filter_map(|b| match b {
                b'-' => Some(b'+'),
                b'_' => Some(b'/'),
                b => known(b).then_some(*b),
            }));
        }
        padded |= line.trim_ascii_end().ends_with(b"=");
    }
    if !kept.ends_with(b"\n") {
        kept.extend_from_slice(b"\r\n");
    }
    Some(kept)
}

/// Quoted-printable in which each `=` means something, and which, where a boundary follows, ends
/// with a line of its own; none when that is so.
pub fn quoted(content: &[u8], parted: bool) -> Option<Vec<u8>> {
    let stray = |at: &usize| !means_something(&content[at + 1..]);
    let mut strays = memchr::memchr_iter(b'=', content).filter(stray).peekable();
    // The parser takes the line end before a boundary off, though there may be none.
    let line = content.trim_ascii_end();
    let broken = line.is_empty() || (line.ends_with(b"=") && strays_end(content));
    let open = parted && broken;
    if strays.peek().is_none() && !open {
        return None;
    }
    let mut kept = Vec::with_capacity(content.len() + 64);
    let mut from = 0;
    for at in strays {
        kept.extend_from_slice(&content[from..=at]);
        kept.extend_from_slice(b"3D");
        from = at + 1;
    }
    kept.extend_from_slice(&content[from..]);
    if open {
        let ended = content.is_empty() || content.ends_with(b"\n");
        kept.extend_from_slice(if ended { b"\r\n" } else { b"\r\n\r\n" });
    }
    Some(kept)
}

/// True when no line follows the last one.
fn strays_end(content: &[u8]) -> bool {
    let end = content.trim_ascii_end().len();
    content[end..].iter().filter(|byte| **byte == b'\n').count() <= 1
}

/// True when two digits, or the end of the line, follow an `=`.
fn means_something(rest: &[u8]) -> bool {
    if let [one, two, ..] = rest
        && one.is_ascii_hexdigit()
        && two.is_ascii_hexdigit()
    {
        return true;
    }
    let blank = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
    matches!(rest.get(blank), None | Some(b'\n'))
}
