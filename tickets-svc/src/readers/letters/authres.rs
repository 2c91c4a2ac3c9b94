//! `Authentication-Results` (RFC 8601): read strictly, believed by nobody here.

use super::headers::Headers;
use crate::domain::trust::{AuthenticationResults, MethodResult};

/// Most headers, and most methods of one, that are read.
const RESULTS_MAX: usize = 50;

/// Longest header that is read, in bytes.
const HEADER_BYTES_MAX: usize = 16 * 1024;

/// The results of a letter, the topmost first.
pub fn of(headers: &Headers<'_>) -> Vec<AuthenticationResults> {
    let received = headers.place("received");
    let fields = headers.placed("authentication-results").take(RESULTS_MAX);
    let read = |(place, field): (usize, &[u8])| {
        let field = &field[..field.len().min(HEADER_BYTES_MAX)];
        let of_last_hop = received.is_some_and(|received| place < received);
        AuthenticationResults { of_last_hop, ..read(&String::from_utf8_lossy(field)) }
    };
    fields.map(read).collect()
}

/// Reads one header. What is malformed is left out; it never becomes something else.
fn read(value: &str) -> AuthenticationResults {
    let mut parts = parts(value).into_iter();
    // `"mx.test; "evil`: quotes have no place in the name of a system.
    let server = parts.next().map(|part| part.text).unwrap_or_default();
    let server = server.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let plain = server.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let methods = parts.take(RESULTS_MAX).filter_map(method).collect();
    let server = if plain { server } else { String::new() };
    AuthenticationResults { server, methods, of_last_hop: false }
}

/// A piece between semicolons, its comments apart.
#[derive(Default)]
struct Part {
    text: String,
    comment: String,
}

fn parts(value: &str) -> Vec<Part> {
    let mut found = vec![];
    let mut part = Part::default();
    let (mut quoted, mut escaped, mut comments) = (false, false, 0_usize);
    for c in value.chars().filter(|c| !matches!(c, '\r' | '\n')) {
        let into = if comments > 0 { &mut part.comment } else { &mut part.text };
        if escaped {
            escaped = false;
            into.push(c);
            continue;
        }
        match c {
            '\\' if quoted || comments > 0 => escaped = true,
            '"' if comments == 0 => {
                quoted = !quoted;
                into.push('"');
            }
            '(' if !quoted => {
                comments += 1;
                part.comment.push(' ');
            }
            ')' if !quoted && comments > 0 => {
                comments -= 1;
                part.text.push(' ');
            }
            ';' if !quoted && comments == 0 => found.push(std::mem::take(&mut part)),
            // A blank within quotes does not end the value.
            ' ' | '\t' if quoted => into.push('\u{1}'),
            c => into.push(c),
        }
    }
    found.push(part);
    found
}

fn method(part: Part) -> Option<MethodResult> {
    let mut pairs = Vec::new();
    let joined = part.text.replace('=', " = ");
    let mut words = joined.split_whitespace().peekable();
    while let Some(name) = words.next() {
        if words.peek() == Some(&"=") {
            words.next();
            let mut value = words.next().unwrap_or_default().to_owned();
            // `=` within a value, as in `header.b=abc=`.
            while words.peek() == Some(&"=") {
                words.next();
                value.push('=');
            }
            pairs.push((name.to_ascii_lowercase(), value.trim_matches('"').replace('\u{1}', " ")));
        }
    }
    let mut pairs = pairs.into_iter();
    let (method, result) = pairs.next()?;
    let method = method.split('/').next().unwrap_or_default().to_owned();
    Some(MethodResult {
        method,
        result: result.to_ascii_lowercase(),
        properties: pairs.collect(),
        comment: part.comment.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read() {
        let found = read(
            " mx.google.com;\r\n dkim=pass (2048-bit key) header.i=@c.test header.s=\"a b\"\
             \r\n header.b=x==; spf=pass (google.com: domain of a@c.test)\
             \r\n smtp.mailfrom=a@c.test; dmarc/1=fail (p=NONE)",
        );
        assert_eq!(found.server, "mx.google.com");
        let [dkim, spf, dmarc] = &found.methods[..] else { panic!("{found:?}") };
        assert_eq!((dkim.method.as_str(), dkim.result.as_str()), ("dkim", "pass"));
        assert_eq!(dkim.property("header.i"), Some("@c.test"));
        assert_eq!(dkim.property("header.s"), Some("a b"));
        assert_eq!(spf.property("smtp.mailfrom"), Some("a@c.test"));
        assert_eq!((dmarc.method.as_str(), dmarc.comment.as_str()), ("dmarc", "p=NONE"));
        for odd in ["", ";;;", "x", "(((", "\"", "a; =; b=", "a b; dkim"] {
            let _ = read(odd);
        }
    }
}
