//! A letter as facts: what the reader of raw bytes found, clean enough for SQL and for headers.

use crate::domain::{msgids::MsgId, trust::AuthenticationResults};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, ops::Range};
use types::EmailAddress;

/// A person or robot named in a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correspondent {
    /// Display name: one line, no controls; may be empty.
    pub name: String,
    /// The address.
    pub address: EmailAddress,
}

/// How a letter was handed over, as far as its source knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Sender; empty for none.
    pub from: String,
    /// Address of the mail server that handed it over.
    pub client: Option<IpAddr>,
    /// What that server calls itself.
    pub helo: String,
}

/// What kind of letter it is. Only [`Class::Human`] opens, reopens or starts a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Written by a person, as far as the headers tell.
    Human,
    /// Written by a robot: an auto-reply, an out-of-office notice, a machine's report.
    Auto,
    /// A delivery status report about a letter of ours.
    Bounce,
    /// A read receipt.
    Receipt,
    /// A complaint of a mail provider that our letter was reported as spam.
    Complaint,
    /// A list or bulk letter: may open a ticket, is never answered by itself.
    Bulk,
    /// One that we sent ourselves, come back.
    OwnLoop,
}

impl Class {
    /// True when a person waits for an answer, or may: it opens and reopens tickets.
    #[must_use]
    pub const fn opens(self) -> bool {
        matches!(self, Self::Human | Self::Bulk)
    }

    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Auto => "auto",
            Self::Bounce => "bounce",
            Self::Receipt => "receipt",
            Self::Complaint => "complaint",
            Self::Bulk => "bulk",
            Self::OwnLoop => "own_loop",
        }
    }
}

/// What of a text is new, what it quotes, and what is a signature; each byte is in one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ranges {
    /// What the writer says, with the quotes that they answer piece by piece.
    pub reply: Vec<Range<usize>>,
    /// Earlier letters.
    pub quotes: Vec<Range<usize>>,
    /// Signatures.
    pub signatures: Vec<Range<usize>>,
}

impl Ranges {
    /// What the writer says, without blanks at the ends of lines. All of the text when the ranges
    /// are none of it.
    #[must_use]
    pub fn reply_of(&self, text: &str) -> String {
        let pieces = self.reply.iter().filter_map(|range| text.get(range.clone()));
        let lines: Vec<&str> = pieces
            .flat_map(|piece| piece.strip_suffix('\n').unwrap_or(piece).split('\n'))
            .collect();
        let lines: Vec<&str> = lines.into_iter().map(str::trim_end).collect();
        let found = lines.join("\n");
        match found.trim_matches('\n').trim_end() {
            "" => text.trim().to_owned(),
            some => some.to_owned(),
        }
    }
}

/// A file that came with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterAttachment {
    /// Name that is safe on any disk and in any header.
    pub name: String,
    /// Name as sent, one line; may be empty.
    pub original_name: String,
    /// Declared media type in lower case, such as `application/pdf`.
    pub media_type: String,
    /// Content-ID without angle brackets, when the body may refer to it.
    pub content_id: Option<String>,
    /// True when the HTML of the letter shows it; what `Content-Disposition` says is unreliable.
    pub inline: bool,
    /// SHA-256 of the decoded bytes.
    pub sha256: [u8; 32],
    /// Decoded bytes; never unpacked.
    pub bytes: Vec<u8>,
}

/// A letter that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Sender, when exactly one `From` header holds exactly one address; never `Reply-To` or
    /// `Sender`. Several senders name nobody.
    pub from: Option<Correspondent>,
    /// True when the letter shows several `From` headers or addresses: a forger's mark.
    pub several_senders: bool,
    /// Recipients of `To`, in order.
    pub to: Vec<Correspondent>,
    /// Recipients of `Cc`, in order.
    pub cc: Vec<Correspondent>,
    /// Subject: one line; may be empty.
    pub subject: String,
    /// Its own Message-ID, when it is usable.
    pub msgid: Option<MsgId>,
    /// `In-Reply-To`, newest last.
    pub in_reply_to: Vec<MsgId>,
    /// `References`, oldest first, capped to the newest.
    pub references: Vec<MsgId>,
    /// Ids of letters that a delivery report encloses; empty for any other letter.
    pub returned: Vec<MsgId>,
    /// Why the letter that a delivery report is about will not arrive; none while it may, and none
    /// of any other letter.
    pub failure: Option<String>,
    /// The date that the sender claims; shown, never reckoned with.
    pub date: Option<DateTime<Utc>>,
    /// Text of the body; that of the HTML where there is no other.
    pub text: String,
    /// What of the text is new.
    pub ranges: Ranges,
    /// Body as sanitised HTML, where there was HTML and it passed the limits.
    pub html: Option<String>,
    /// What mail systems on the way say of the sender, the topmost first; anybody can write it.
    pub authentication: Vec<AuthenticationResults>,
    /// What we found of the sender ourselves, where that was looked up.
    pub checked: Option<AuthenticationResults>,
    /// The mark that letters of a suite like this one carry.
    pub loop_mark: Option<String>,
    /// Files.
    pub attachments: Vec<LetterAttachment>,
    /// What kind of letter it is.
    pub class: Class,
    /// True when the sender asked for no automatic answer.
    pub suppress_auto: bool,
    /// What was left out because a limit was reached, in words; empty when nothing was.
    pub cut: Vec<String>,
    /// SHA-256 over sender, date, subject, bodies and files: equal for two copies of one letter
    /// that took different ways.
    pub content_sha256: [u8; 32],
}

impl Letter {
    /// Every id that the letter answers, the nearest first, without repetition.
    #[must_use]
    pub fn answered(&self) -> Vec<&MsgId> {
        let mut ids: Vec<&MsgId> = Vec::new();
        for id in self.in_reply_to.iter().rev().chain(self.references.iter().rev()) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// The key by which two copies of one letter are recognised, unique within a mailbox.
    ///
    /// The id alone would let anybody suppress a letter by sending its id first; so the content
    /// counts too.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        let hash: String = self.content_sha256.iter().map(|b| format!("{b:02x}")).collect();
        let id = self.msgid.as_ref().map_or("", MsgId::as_str);
        format!("{hash} {id}")
    }
}
