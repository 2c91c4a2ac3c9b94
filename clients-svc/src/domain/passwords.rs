//! What a password must be (A44; trap 18 of features.md: never shown, never sent again).

use std::fmt;
use types::Bilingual;

/// Shortest password that people may choose, in characters.
pub const SHORTEST: usize = 10;
/// Longest that is hashed, in bytes: hashing costs the server, not the caller.
pub const LONGEST: usize = 200;

/// A password that may be set. Its text is in no log.
#[derive(Clone)]
pub struct Password(String);

/// Why a password cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("choose a password of {SHORTEST} characters or more")]
    TooShort,
    /// Too long.
    #[error("choose a password of {LONGEST} bytes or less")]
    TooLong,
    /// One character again and again.
    #[error("choose a password of more than one character repeated")]
    Monotone,
}

impl Bilingual for PasswordError {
    fn ru(&self) -> String {
        match self {
            Self::TooShort => format!("Задайте пароль от {SHORTEST} знаков"),
            Self::TooLong => format!("Задайте пароль до {LONGEST} байт"),
            Self::Monotone => "Задайте пароль не из одного повторённого знака".into(),
        }
    }
}

impl Password {
    /// Checks what was chosen.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub fn parse(text: &str) -> Result<Self, PasswordError> {
        if text.len() > LONGEST {
            return Err(PasswordError::TooLong);
        }
        if text.chars().count() < SHORTEST {
            return Err(PasswordError::TooShort);
        }
        let mut chars = text.chars();
        let first = chars.next();
        if chars.all(|c| Some(c) == first) {
            return Err(PasswordError::Monotone);
        }
        Ok(Self(text.into()))
    }

    /// The text, for the hash alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_long_and_monotone_passwords_are_refused() {
        assert_eq!(Password::parse("короткий").unwrap_err(), PasswordError::TooShort);
        assert_eq!(Password::parse(&"ab".repeat(101)).unwrap_err(), PasswordError::TooLong);
        assert_eq!(Password::parse("aaaaaaaaaaaa").unwrap_err(), PasswordError::Monotone);
        let good = Password::parse("верный-пароль").unwrap();
        assert_eq!(format!("{good:?}"), "Password(…)");
    }
}
