//! Tags of SGML and XML alike: a name and the text up to the next tag.

use crate::domain::statements::verdict::Refusal;
use crate::readers::encoding::{Decoded, Encoding};
use crate::readers::found::{Source, unreadable};
use crate::readers::values;
use std::io::{BufRead, Read};

/// Longest text of one tag, bytes.
const MAX_TEXT: u64 = 64 * 1024;

/// `<NAME>text`; ends begin with `/`.
#[derive(Debug)]
pub struct Tag {
    /// Line of the file.
    pub line: usize,
    /// Upper case, without a namespace.
    pub name: String,
    /// Text behind it.
    pub text: String,
}

/// The tags of a file.
pub struct Tags<'s> {
    reader: Box<dyn BufRead + 's>,
    line: usize,
    chunk: Vec<u8>,
}

impl<'s> Tags<'s> {
    /// The tags of a source.
    ///
    /// # Errors
    /// [`Refusal`] when the disk fails.
    pub fn new(source: &'s dyn Source, encoding: Encoding) -> Result<Self, Refusal> {
        let inner = source.open().map_err(|e| unreadable(&e))?;
        let mut tags =
            Self { reader: Box::new(Decoded::new(inner, encoding)), line: 1, chunk: Vec::new() };
        // The header stands before the first tag.
        tags.fill(b'<')?;
        Ok(tags)
    }

    /// Reads up to this byte, which is dropped; what is too long is cut. False at the end.
    fn fill(&mut self, until: u8) -> Result<bool, Refusal> {
        self.chunk.clear();
        let limit = &mut (&mut self.reader).take(MAX_TEXT);
        limit.read_until(until, &mut self.chunk).map_err(|e| unreadable(&e))?;
        if self.chunk.is_empty() {
            return Ok(false);
        }
        let lines = self.chunk.iter().filter(|b| **b == b'\n').count();
        let lone =
            self.chunk.windows(2).filter(|pair| pair[0] == b'\r' && pair[1] != b'\n').count();
        self.line += lines + lone;
        if self.chunk.last() == Some(&until) {
            self.chunk.pop();
        }
        Ok(true)
    }

    /// The next tag; none at the end.
    ///
    /// # Errors
    /// [`Refusal`] when the disk fails.
    pub fn next(&mut self) -> Result<Option<Tag>, Refusal> {
        loop {
            let line = self.line;
            if !self.fill(b'<')? {
                return Ok(None);
            }
            let mut chunk = String::from_utf8_lossy(&self.chunk).into_owned();
            if chunk.starts_with('?') || chunk.starts_with("!--") || chunk.starts_with("![") {
                continue;
            }
            let Some((name, text)) = chunk.split_once('>') else { continue };
            let (name, mut text) = (name.to_owned(), text.to_owned());
            if text.trim().is_empty() {
                text = self.character_data()?.unwrap_or(text);
            }
            chunk.clear();
            let name = name.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            let empty = name.ends_with('/');
            let name = name.trim_end_matches('/').to_owned();
            if name.is_empty() || empty {
                continue;
            }
            return Ok(Some(Tag { line, name, text: values::entities(text.trim()) }));
        }
    }

    /// `<![CDATA[…]]>` where the text of a tag should be.
    fn character_data(&mut self) -> Result<Option<String>, Refusal> {
        let next = self.reader.fill_buf().map_err(|e| unreadable(&e))?;
        if !next.starts_with(b"![CDATA[") {
            return Ok(None);
        }
        self.reader.consume(8);
        let mut text = String::new();
        while self.fill(b'>')? {
            text.push_str(&String::from_utf8_lossy(&self.chunk));
            if let Some(whole) = text.strip_suffix("]]") {
                return Ok(Some(whole.to_owned()));
            }
            text.push('>');
            if text.len() > 64 * 1024 {
                break;
            }
        }
        Ok(Some(text))
    }
}
