//! Messages of a ticket. What may leave and what never does are two types: a letter can be made
//! of a [`PublicMessage`] only (A214).

use chrono::{DateTime, Utc};
use types::{EmailAddress, id::MessageId, id::StaffId};

/// Longest text of a message that staff write, in bytes.
pub const TEXT_BYTES_MAX: usize = 200_000;

/// Text that staff wrote to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicMessage {
    text: String,
}

/// Text that staff wrote to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
}

/// Why a text cannot be a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// Nothing but blanks.
    #[error("the text is empty")]
    Empty,
    /// Longer than [`TEXT_BYTES_MAX`].
    #[error("the text is longer than {TEXT_BYTES_MAX} bytes")]
    TooLong,
    /// A NUL or another control character.
    #[error("the text holds a control character")]
    Control,
}

impl PublicMessage {
    /// A text meant for the client.
    ///
    /// # Errors
    /// [`BadText`].
    pub fn parse(text: &str) -> Result<Self, BadText> {
        checked(text).map(|text| Self { text })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Note {
    /// A text meant for colleagues.
    ///
    /// # Errors
    /// [`BadText`].
    pub fn parse(text: &str) -> Result<Self, BadText> {
        checked(text).map(|text| Self { text })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn checked(text: &str) -> Result<String, BadText> {
    let text = text.replace("\r\n", "\n").trim_end().to_owned();
    if text.trim().is_empty() {
        Err(BadText::Empty)
    } else if text.len() > TEXT_BYTES_MAX {
        Err(BadText::TooLong)
    } else if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        Err(BadText::Control)
    } else {
        Ok(text)
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// A member of staff.
    Staff(StaffId),
    /// Whoever uses the address; it is not known whether it is really theirs.
    Address(EmailAddress),
    /// Another caller, such as `operator`, by the name that authority gave it.
    Program(String),
    /// The suite itself.
    System,
}

impl Author {
    /// As it is shown and kept: `staff/{staff}`, an address, a program's name or `system`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Staff(staff) => staff.to_string(),
            Self::Address(address) => address.to_string(),
            Self::Program(name) => name.clone(),
            Self::System => "system".to_owned(),
        }
    }
}

/// What a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A person's letter.
    Client {
        /// Text.
        text: String,
        /// Sanitised HTML.
        html: Option<String>,
    },
    /// A robot's letter: changes nothing.
    Auto {
        /// Text.
        text: String,
    },
    /// Staff to the client.
    Staff(PublicMessage),
    /// Staff to staff.
    Note(Note),
    /// The suite says what happened.
    System {
        /// Text.
        text: String,
    },
}

impl Body {
    /// The word kept in the database.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Client { .. } => "client",
            Self::Auto { .. } => "auto",
            Self::Staff(_) => "staff",
            Self::Note(_) => "note",
            Self::System { .. } => "system",
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Client { text, .. } | Self::Auto { text } | Self::System { text } => text,
            Self::Staff(message) => message.text(),
            Self::Note(note) => note.text(),
        }
    }

    /// Sanitised HTML.
    #[must_use]
    pub fn html(&self) -> Option<&str> {
        match self {
            Self::Client { html, .. } => html.as_deref(),
            _ => None,
        }
    }
}

/// A message as it is added to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Place in the ticket, from 1, without gap.
    pub sequence: i32,
    /// Who wrote it.
    pub author: Author,
    /// What it is.
    pub body: Body,
    /// When it was added.
    pub created: DateTime<Utc>,
}
