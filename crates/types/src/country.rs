//! Countries, by the two letters of ISO 3166-1.

use crate::Bilingual;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A country. Any two letters are taken: the list of countries changes, and nothing here depends
/// on a code that is not one of the constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// The text is not two Latin letters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a country; enter its two ISO 3166 letters, such as RU")]
pub struct BadCountry(pub String);

impl Bilingual for BadCountry {
    fn ru(&self) -> String {
        format!("{:?} – не страна; введите две буквы по ISO 3166, например RU", self.0)
    }
}

impl Country {
    /// Russia.
    pub const RU: Self = Self(*b"RU");
    /// Belarus.
    pub const BY: Self = Self(*b"BY");
    /// Ukraine.
    pub const UA: Self = Self(*b"UA");
    /// Kazakhstan.
    pub const KZ: Self = Self(*b"KZ");

    /// The two letters, in upper case.
    #[must_use]
    pub fn code(&self) -> &str {
        // Only ASCII letters get in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Country {
    type Err = BadCountry;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        match code.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err(BadCountry(code.chars().take(32).collect())),
        }
    }
}

impl TryFrom<String> for Country {
    type Error = BadCountry;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        code.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code().into()
    }
}
