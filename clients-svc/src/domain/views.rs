//! Lists as members of staff like to look at them.

use chrono::{DateTime, Utc};
use types::Bilingual;
use types::id::{StaffId, ViewId};

/// Longest title, in characters.
pub const TITLE_LIMIT: usize = 60;
/// Longest address, in bytes.
pub const PLACE_LIMIT: usize = 500;
/// Most views of one person.
pub const VIEWS_LIMIT: i64 = 50;

/// What its owner calls a view: one line, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

/// Where a view is: a path of the console with its query, so that it never leads elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

/// Why a text is no title, or no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// No title of one short line.
    #[error("give one line of 1 to {TITLE_LIMIT} characters")]
    Title,
    /// No address of the console.
    #[error("give an address below the console's own, such as /invoices?overdue=true")]
    Place,
}

impl Bilingual for ViewError {
    fn ru(&self) -> String {
        match self {
            Self::Title => format!("Одна строка от 1 до {TITLE_LIMIT} знаков."),
            Self::Place => "Нужен адрес внутри консоли, например /invoices?overdue=true.".into(),
        }
    }
}

impl Title {
    /// Takes a title.
    ///
    /// # Errors
    /// [`ViewError::Title`].
    pub fn parse(text: &str) -> Result<Self, ViewError> {
        let text = text.trim();
        let fits = (1..=TITLE_LIMIT).contains(&text.chars().count());
        if !fits || text.chars().any(char::is_control) {
            return Err(ViewError::Title);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Place {
    /// Takes an address.
    ///
    /// # Errors
    /// [`ViewError::Place`].
    pub fn parse(text: &str) -> Result<Self, ViewError> {
        let below = text.starts_with('/') && !text.starts_with("//");
        let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        if !below || !plain || text.len() > PLACE_LIMIT {
            return Err(ViewError::Place);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A list as a member of staff likes to look at it.
#[derive(Debug, Clone)]
pub struct View {
    /// Its id.
    pub id: ViewId,
    /// Whose it is.
    pub staff: StaffId,
    /// What its owner calls it.
    pub title: Title,
    /// Where it is.
    pub place: Place,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_inside() {
        for good in ["/", "/invoices?overdue=true", "/tickets?query=%D0%B0"] {
            assert_eq!(Place::parse(good).unwrap().as_str(), good);
        }
        let long = format!("/{}", "x".repeat(PLACE_LIMIT));
        for bad in ["", "invoices", "//evil.example", "https://x.example", "/a b", "/\\x", &long] {
            assert_eq!(Place::parse(bad), Err(ViewError::Place), "{bad}");
        }
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(Title::parse(" Мои должники ").unwrap().as_str(), "Мои должники");
        for bad in ["", "  ", "a\nb", &"x".repeat(TITLE_LIMIT + 1)] {
            assert_eq!(Title::parse(bad), Err(ViewError::Title), "{bad}");
        }
    }
}
