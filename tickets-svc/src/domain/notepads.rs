//! The page of one's own of a member of staff (A1): private, so that people write what they think.

use chrono::{DateTime, Utc};
use types::{Bilingual, id::StaffId};

/// Most characters of a page.
pub const MOST: usize = 20_000;

/// What stands on a page: at most [`MOST`] characters, without control characters but line breaks
/// and tabs; the blanks at its end are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageText(String);

/// Why a text cannot stand on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPage {
    /// More than [`MOST`] characters.
    #[error("At most {MOST} characters.")]
    TooLong,
    /// A control character.
    #[error("Text without control characters.")]
    Control,
}

impl Bilingual for BadPage {
    fn ru(&self) -> String {
        match self {
            Self::TooLong => format!("Не больше {MOST} знаков."),
            Self::Control => "Текст без управляющих знаков.".into(),
        }
    }
}

impl PageText {
    /// Takes a text without the blanks at its end.
    ///
    /// # Errors
    /// [`BadPage`].
    pub fn parse(text: &str) -> Result<Self, BadPage> {
        let text = text.replace("\r\n", "\n");
        let text = text.trim_end();
        if text.chars().count() > MOST {
            return Err(BadPage::TooLong);
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            return Err(BadPage::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A page that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notepad {
    /// Whose.
    pub staff: StaffId,
    /// What stands on it.
    pub text: PageText,
    /// Version, from 1.
    pub revision: i64,
    /// When it was written last.
    pub updated: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_text() {
        assert_eq!(PageText::parse(" а\r\n\tб \n\n").unwrap().as_str(), " а\n\tб");
        assert_eq!(PageText::parse(""), Ok(PageText::default()));
        assert_eq!(PageText::parse("а\u{0}"), Err(BadPage::Control));
        assert!(PageText::parse(&"ы".repeat(MOST)).is_ok());
        assert_eq!(PageText::parse(&"ы".repeat(MOST + 1)), Err(BadPage::TooLong));
    }
}
