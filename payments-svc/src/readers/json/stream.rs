//! JSON as a stream: operations are handed over as their objects end, and forgotten; what is around
//! them is kept only as far as it tells accounts and balances. Each object knows its line.

use crate::domain::statements::verdict::Refusal;
use crate::readers::found::unreadable;
use serde_json::{Map, Value};
use std::io::BufRead;

/// Deepest nesting.
const MAX_DEPTH: usize = 64;
/// Longest text or number, bytes.
const MAX_SCALAR: usize = 64 * 1024;
/// Most values of one object that are kept.
const MAX_FIELDS: usize = 2_000;
/// Most values of one array inside an operation that are kept.
const MAX_ITEMS: usize = 200;

/// An object that has ended.
pub struct Ended {
    /// Its number, from 0 in order of beginnings.
    pub place: usize,
    /// Line where it begins.
    pub line: usize,
    /// Numbers of the objects around it, the outermost first.
    pub around: Vec<usize>,
    /// Its fields.
    pub fields: Map<String, Value>,
    /// The text ended before it did: more may have followed.
    pub torn: bool,
}

/// What is open.
enum Open {
    Object { place: usize, line: usize, fields: Map<String, Value>, key: Option<String> },
    Array { items: Vec<Value> },
}

/// Reads a text, and hands each object over when it ends. What `take` answers true for is an
/// operation, of which nothing is kept. Answers whether the text is whole.
///
/// # Errors
/// [`Refusal`]: the disk, or what `take` refuses.
pub fn objects(
    mut source: Box<dyn BufRead + '_>,
    take: &mut dyn FnMut(Ended) -> Result<Option<Map<String, Value>>, Refusal>,
) -> Result<bool, Refusal> {
    let mut open: Vec<Open> = Vec::new();
    let mut line = 1_usize;
    let mut places = 0_usize;
    loop {
        let Some(byte) = peek(&mut *source)? else {
            let whole = open.is_empty();
            while !open.is_empty() {
                end(&mut open, true, take)?;
            }
            return Ok(whole);
        };
        match byte {
            b'"' => {
                let Some(text) = string(&mut *source, &mut line)? else { return Ok(false) };
                match open.last_mut() {
                    Some(Open::Object { key: key @ None, .. }) => *key = Some(text),
                    _ => put(&mut open, Value::String(text)),
                }
            }
            b'{' | b'[' if open.len() >= MAX_DEPTH => return Ok(false),
            b'{' => {
                source.consume(1);
                open.push(Open::Object { place: places, line, fields: Map::new(), key: None });
                places += 1;
            }
            b'[' => {
                source.consume(1);
                open.push(Open::Array { items: Vec::new() });
            }
            b'}' | b']' => {
                source.consume(1);
                end(&mut open, false, take)?;
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                let value = plain(&mut *source)?;
                put(&mut open, value);
            }
            other => {
                line += usize::from(other == b'\n');
                source.consume(1);
            }
        }
    }
}

fn peek(source: &mut dyn BufRead) -> Result<Option<u8>, Refusal> {
    source.fill_buf().map(|buffer| buffer.first().copied()).map_err(|e| unreadable(&e))
}

/// A value of what is open.
fn put(open: &mut [Open], value: Value) {
    match open.last_mut() {
        Some(Open::Object { fields, key, .. }) => {
            if let Some(key) = key.take().filter(|_| fields.len() < MAX_FIELDS) {
                fields.insert(key, value);
            }
        }
        Some(Open::Array { items }) if items.len() < MAX_ITEMS => items.push(value),
        _ => {}
    }
}

fn end(
    open: &mut Vec<Open>,
    torn: bool,
    take: &mut dyn FnMut(Ended) -> Result<Option<Map<String, Value>>, Refusal>,
) -> Result<(), Refusal> {
    let around = |open: &[Open]| {
        let place = |open: &Open| match open {
            Open::Object { place, .. } => Some(*place),
            Open::Array { .. } => None,
        };
        open.iter().filter_map(place).collect()
    };
    match open.pop() {
        Some(Open::Object { place, line, fields, .. }) => {
            let ended = Ended { place, line, around: around(open), fields, torn };
            match take(ended)? {
                Some(fields) => put(open, Value::Object(fields)),
                // Its key goes with it.
                None => forget(open),
            }
        }
        Some(Open::Array { items }) => put(open, Value::Array(items)),
        None => {}
    }
    Ok(())
}

fn forget(open: &mut [Open]) {
    if let Some(Open::Object { key, .. }) = open.last_mut() {
        *key = None;
    }
}

/// A text with its escapes undone; none when it does not end.
fn string(source: &mut dyn BufRead, line: &mut usize) -> Result<Option<String>, Refusal> {
    source.consume(1);
    let mut raw: Vec<u8> = vec![b'"'];
    let mut escaped = false;
    loop {
        let buffer = source.fill_buf().map_err(|e| unreadable(&e))?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let mut used = 0;
        let mut ended = false;
        for byte in buffer {
            used += 1;
            *line += usize::from(*byte == b'\n');
            // A line end must be escaped, and is not always.
            let byte = if byte.is_ascii_control() { b' ' } else { *byte };
            if raw.len() < MAX_SCALAR || byte == b'"' || escaped {
                raw.push(byte);
            }
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    ended = true;
                    break;
                }
                _ => {}
            }
        }
        source.consume(used);
        if ended {
            let lossy = String::from_utf8_lossy(&raw);
            let text: Option<String> = serde_json::from_str(&lossy).ok();
            return Ok(Some(text.unwrap_or_else(|| lossy.trim_matches('"').to_owned())));
        }
    }
}

/// A number, `true`, `false`, `null`.
fn plain(source: &mut dyn BufRead) -> Result<Value, Refusal> {
    let mut raw: Vec<u8> = Vec::new();
    while let Some(byte) = peek(source)? {
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')) {
            break;
        }
        if raw.len() < MAX_SCALAR {
            raw.push(byte);
        }
        source.consume(1);
    }
    Ok(serde_json::from_slice(&raw).unwrap_or_default())
}
