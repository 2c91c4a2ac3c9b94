//! What staff tell each other about a client (A38, A124–A128).

use chrono::{DateTime, Utc};
use types::Bilingual;
use types::id::{ClientId, NoteId};

/// Longest note, in characters.
pub const TEXT_LIMIT: usize = 10_000;

/// The text of a note: not empty, at most [`TEXT_LIMIT`] characters, no NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteText(String);

/// Why a text is no note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteTextError {
    /// Nothing was given.
    #[error("the note is empty; write something")]
    Empty,
    /// Too long.
    #[error("the note is longer than {TEXT_LIMIT} characters; split it")]
    TooLong,
}

impl Bilingual for NoteTextError {
    fn ru(&self) -> String {
        match self {
            Self::Empty => "Примечание пустое; напишите текст".into(),
            Self::TooLong => format!("Примечание длиннее {TEXT_LIMIT} знаков; разделите его"),
        }
    }
}

impl NoteText {
    /// Takes a text; NUL, which no database keeps, is dropped.
    ///
    /// # Errors
    /// [`NoteTextError`].
    pub fn parse(text: &str) -> Result<Self, NoteTextError> {
        let text = text.replace('\0', "");
        if text.trim().is_empty() {
            return Err(NoteTextError::Empty);
        }
        if text.chars().count() > TEXT_LIMIT {
            return Err(NoteTextError::TooLong);
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A note about a client.
#[derive(Debug, Clone)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// The client.
    pub client: ClientId,
    /// What it says.
    pub text: NoteText,
    /// Shown first and marked (A125).
    pub important: bool,
    /// Who wrote it: an actor such as staff/{staff}.
    pub author: String,
    /// Version.
    pub revision: i64,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}
