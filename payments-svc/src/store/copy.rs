//! Rows as COPY reads them in its text format: fields parted by tabs, rows by line feeds, a
//! backslash before what would be taken for either.

use serde::Serialize;
use service::Failure;
use std::collections::BTreeSet;
use std::fmt::{Display, Write};

/// Rows so far. Each method appends a field to the row that is open; [`last`](Self::last) ends it.
#[derive(Debug, Default)]
pub(super) struct Rows(String);

impl Rows {
    /// A value no sign of which means something to COPY: a number, a date, an id, a code.
    pub(super) fn plain(&mut self, value: impl Display) -> &mut Self {
        let _ = write!(self.0, "{value}\t");
        self
    }

    /// Any text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.escaped(text);
        self.0.push('\t');
        self
    }

    /// Such a value, or null.
    pub(super) fn perhaps(&mut self, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.plain(value),
            None => self.plain("\\N"),
        }
    }

    /// Any text, or null.
    pub(super) fn maybe(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.plain("\\N"),
        }
    }

    /// Bytes.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.push_str("\\\\x");
        for byte in bytes {
            let _ = write!(self.0, "{byte:02x}");
        }
        self.0.push('\t');
        self
    }

    /// A value as JSON.
    pub(super) fn json(&mut self, value: &impl Serialize) -> Result<&mut Self, Failure> {
        Ok(self.text(&serde_json::to_string(value).map_err(Failure::internal)?))
    }

    /// An array of texts.
    pub(super) fn array(&mut self, items: &BTreeSet<String>) -> &mut Self {
        let quoted: Vec<String> = items
            .iter()
            .map(|item| format!("\"{}\"", item.replace('\\', "\\\\").replace('"', "\\\"")))
            .collect();
        self.text(&format!("{{{}}}", quoted.join(",")))
    }

    /// The last field of a row.
    pub(super) fn last(&mut self, value: impl Display) {
        let _ = writeln!(self.0, "{value}");
    }

    /// What is sent.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    fn escaped(&mut self, text: &str) {
        let mut from = 0;
        for (at, sign) in text.match_indices(['\\', '\t', '\n', '\r']) {
            self.0.push_str(text.get(from..at).unwrap_or_default());
            self.0.push_str(match sign {
                "\t" => "\\t",
                "\n" => "\\n",
                "\r" => "\\r",
                _ => "\\\\",
            });
            from = at + sign.len();
        }
        self.0.push_str(text.get(from..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What means something to COPY is written so that it means itself.
    #[test]
    fn fields_keep_what_they_hold() {
        let mut rows = Rows::default();
        rows.plain(7).text("a\tb\\c\r\nd").maybe(None).maybe(Some("\\N")).bytes(&[0, 255]);
        rows.array(&BTreeSet::from(["88#1".to_owned(), "NULL".to_owned()]));
        rows.json(&["\n"]).unwrap().last("end");
        let want =
            "7\ta\\tb\\\\c\\r\\nd\t\\N\t\\\\N\t\\\\x00ff\t{\"88#1\",\"NULL\"}\t[\"\\\\n\"]\tend\n";
        assert_eq!(String::from_utf8(rows.into_bytes()).unwrap(), want);
    }
}
