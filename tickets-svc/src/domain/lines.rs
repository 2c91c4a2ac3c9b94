//! Texts in one line, of limited length.

use types::Bilingual;

/// Text in one line of at most `MAX` characters: not empty, trimmed, without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<const MAX: usize>(String);

/// Why a text is no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// Nothing but blanks.
    #[error("Write a text.")]
    Empty,
    /// More characters than this.
    #[error("One line of at most {0} characters.")]
    TooLong(usize),
    /// A line break or another control character.
    #[error("One line, without control characters.")]
    Control,
}

impl Bilingual for BadLine {
    fn ru(&self) -> String {
        match self {
            Self::Empty => "Напишите текст.".into(),
            Self::TooLong(most) => format!("Одна строка до {most} знаков."),
            Self::Control => "Одна строка, без управляющих знаков.".into(),
        }
    }
}

impl<const MAX: usize> Line<MAX> {
    /// Takes a text without the blanks around it.
    ///
    /// # Errors
    /// [`BadLine`].
    pub fn parse(text: &str) -> Result<Self, BadLine> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadLine::Empty);
        }
        if text.chars().count() > MAX {
            return Err(BadLine::TooLong(MAX));
        }
        if text.chars().any(char::is_control) {
            return Err(BadLine::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_short() {
        assert_eq!(Line::<5>::parse("  счёт ").unwrap().as_str(), "счёт");
        assert_eq!(Line::<5>::parse("пятьи"), Ok(Line("пятьи".into())));
        assert_eq!(Line::<5>::parse("шестьь"), Err(BadLine::TooLong(5)));
        assert_eq!(Line::<5>::parse(" \n "), Err(BadLine::Empty));
        assert_eq!(Line::<5>::parse("a\nb"), Err(BadLine::Control));
    }
}
