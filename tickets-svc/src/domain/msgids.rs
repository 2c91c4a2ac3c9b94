//! Message-IDs of letters (RFC 5322 §3.6.4): what threads a conversation.
//!
//! Not to be confused with `types::MessageId`, the id of a message of a ticket.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// Longest id that is taken, in bytes between the angle brackets: a header line holds 998.
pub const MSGID_BYTES_MAX: usize = 990;

/// Most ids that are kept of one `References` header: the newest, which stand last.
pub const REFERENCES_MAX: usize = 100;

/// How much of the end of a header is read for ids, in bytes.
const LIST_BYTES_MAX: usize = 256 * 1024;

/// A Message-ID without its angle brackets, safe to be echoed into a header.
///
/// Only printable ASCII but `<`, `>` and space is let in, so an id can never break a header line,
/// a log line or a column; letters with other ids are kept raw and simply do not thread.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MsgId(String);

/// The text is no usable Message-ID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a Message-ID: 1 to 990 printable ASCII characters without spaces or angle brackets")]
pub struct BadMsgId;

impl MsgId {
    /// Reads an id with or without its angle brackets.
    ///
    /// # Errors
    /// [`BadMsgId`] when it is empty, too long, or holds anything but printable ASCII.
    pub fn parse(text: &str) -> Result<Self, BadMsgId> {
        let id = text.trim();
        let id = id.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(id);
        let fits = !id.is_empty() && id.len() <= MSGID_BYTES_MAX;
        if fits && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>') {
            Ok(Self(id.to_owned()))
        } else {
            Err(BadMsgId)
        }
    }

    /// The id of a letter that we send: fixed before the first try, the same in every retry.
    ///
    /// `domain` is that of the sending address; an unusable one falls back to `localhost`.
    #[must_use]
    pub fn ours(letter: Uuid, domain: &str) -> Self {
        let own = format!("{}@{domain}", letter.simple());
        Self::parse(&own).unwrap_or_else(|_| Self(format!("{}@localhost", letter.simple())))
    }

    /// Every usable id of a header that holds several, in order, at most the newest
    /// [`REFERENCES_MAX`]; what stands between the ids is passed over.
    #[must_use]
    pub fn list(header: &str) -> Vec<Self> {
        // Only the newest count; a header of megabytes would be as many ids as it has bytes.
        let mut start = header.len().saturating_sub(LIST_BYTES_MAX);
        while !header.is_char_boundary(start) {
            start += 1;
        }
        let ids = header[start..].split('<').skip(1).filter_map(|piece| piece.split_once('>'));
        let mut found: Vec<Self> = ids.filter_map(|(id, _)| Self::parse(id).ok()).collect();
        found.drain(..found.len().saturating_sub(REFERENCES_MAX));
        found
    }

    /// The id without angle brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MsgId {
    /// As it stands in a header: with angle brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

impl TryFrom<String> for MsgId {
    type Error = BadMsgId;

    fn try_from(text: String) -> Result<Self, BadMsgId> {
        Self::parse(&text)
    }
}

impl From<MsgId> for String {
    fn from(id: MsgId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ids_and_refuses_what_would_break_a_header() {
        for (text, id) in [("<a@b>", "a@b"), (" a@b ", "a@b"), ("<strange>", "strange")] {
            assert_eq!(MsgId::parse(text).map(String::from), Ok(id.to_owned()), "{text}");
        }
        let long = "x".repeat(991);
        for text in ["", "<>", "<a b>", "<a\r\nBcc: x@y>", "<a\0@b>", "<é@b>", "<a>b>", &long] {
            assert_eq!(MsgId::parse(text), Err(BadMsgId), "{text:?}");
        }
    }

    #[test]
    fn keeps_the_newest_references() {
        let many: String = (0..200_000).map(|n| format!("<{n}@x> ")).collect();
        let ids = MsgId::list(&many);
        assert_eq!(ids.len(), REFERENCES_MAX);
        assert_eq!(ids.last().map(MsgId::as_str), Some("199999@x"));
        assert_eq!(MsgId::list("junk <a@b>,\t<bad id> <c@d").len(), 1);
    }

    #[test]
    fn our_id_survives_an_unusable_domain() {
        let letter = Uuid::nil();
        assert_eq!(MsgId::ours(letter, "x.test").as_str(), format!("{}@x.test", letter.simple()));
        assert!(MsgId::ours(letter, "bad\r\ndomain").as_str().ends_with("@localhost"));
    }
}
