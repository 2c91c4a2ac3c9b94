//! Where each object of a JSON text stands, with its line: messages name it.

use serde_json::{Map, Value};

/// Most objects of one answer.
const MAX_OBJECTS: usize = 1_000_000;
/// Objects longer than this hold operations, and are none; only outer ones are looked into.
const MAX_OPERATION: usize = 64 * 1024;
/// Depth up to which long objects are looked into.
const OUTER: usize = 4;

/// One `{…}`.
#[derive(Debug)]
pub struct Object {
    /// Line where it begins.
    pub line: usize,
    /// Place in the list of the object around it.
    pub parent: Option<usize>,
    depth: usize,
    from: usize,
    to: usize,
}

/// All objects in order of their beginnings, and whether each was closed.
pub fn objects(text: &str) -> (Vec<Object>, bool) {
    let mut objects: Vec<Object> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let (mut line, mut quoted, mut escaped) = (1_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if byte == b'\n' {
            line += 1;
        }
        if quoted {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' if objects.len() < MAX_OBJECTS => {
                let (parent, depth) = (open.last().copied(), open.len());
                open.push(objects.len());
                objects.push(Object { line, parent, depth, from: at, to: at });
            }
            b'}' => {
                if let Some(object) = open.pop().and_then(|place| objects.get_mut(place)) {
                    object.to = at + 1;
                }
            }
            _ => {}
        }
    }
    let whole = open.is_empty() && !quoted;
    (objects, whole)
}

impl Object {
    /// Its fields; none when it is torn, or too long to be looked into.
    pub fn fields(&self, text: &str) -> Option<Map<String, Value>> {
        let length = self.to - self.from;
        if length == 0 || (length > MAX_OPERATION && self.depth > OUTER) {
            return None;
        }
        match serde_json::from_str(text.get(self.from..self.to)?).ok()? {
            Value::Object(fields) => Some(fields),
            _ => None,
        }
    }
}
