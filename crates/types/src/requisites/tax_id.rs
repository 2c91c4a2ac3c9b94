//! The tax number of anybody, whatever the country.

use super::digits::compact;
use super::{BinIin, Edrpou, Inn, Requisite, RequisiteError, Rnokpp, Unp};
use crate::Country;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whose rules a tax number follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaxIdKind {
    /// Russian INN.
    Inn,
    /// Belarusian UNP.
    Unp,
    /// Ukrainian company code.
    Edrpou,
    /// Ukrainian number of a person.
    Rnokpp,
    /// Kazakh BIN or IIN.
    BinIin,
    /// Any other country: only the characters are checked.
    Foreign,
}

/// A tax number that follows the rules of its kind. Two are equal when kind and digits are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct TaxId {
    kind: TaxIdKind,
    digits: String,
}

/// The shape in storage, checked again when read.
#[derive(Serialize, Deserialize)]
struct Unchecked {
    kind: TaxIdKind,
    digits: String,
}

impl TryFrom<Unchecked> for TaxId {
    type Error = RequisiteError;

    fn try_from(given: Unchecked) -> Result<Self, Self::Error> {
        Self::of_kind(given.kind, &given.digits)
    }
}

impl From<TaxId> for Unchecked {
    fn from(id: TaxId) -> Self {
        Self { kind: id.kind, digits: id.digits }
    }
}

impl TaxId {
    /// Reads the number by the rules of the country (B13). Of Ukraine's two the length decides.
    ///
    /// # Errors
    /// [`RequisiteError`], which says what is wrong.
    pub fn parse(country: Country, text: &str) -> Result<Self, RequisiteError> {
        let kind = match country {
            Country::RU => TaxIdKind::Inn,
            Country::BY => TaxIdKind::Unp,
            Country::KZ => TaxIdKind::BinIin,
            Country::UA if text.chars().filter(char::is_ascii_digit).count() > 8 => {
                TaxIdKind::Rnokpp
            }
            Country::UA => TaxIdKind::Edrpou,
            _ => TaxIdKind::Foreign,
        };
        Self::of_kind(kind, text)
    }

    /// Reads the number by the rules of a kind, as when it comes from storage.
    ///
    /// # Errors
    /// [`RequisiteError`], which says what is wrong.
    pub fn of_kind(kind: TaxIdKind, text: &str) -> Result<Self, RequisiteError> {
        let digits = match kind {
            TaxIdKind::Inn => Inn::parse(text)?.into(),
            TaxIdKind::Unp => Unp::parse(text)?.into(),
            TaxIdKind::Edrpou => Edrpou::parse(text)?.into(),
            TaxIdKind::Rnokpp => Rnokpp::parse(text)?.into(),
            TaxIdKind::BinIin => BinIin::parse(text)?.into(),
            TaxIdKind::Foreign => foreign(text)?,
        };
        Ok(Self { kind, digits })
    }

    /// Whose rules it follows.
    #[must_use]
    pub const fn kind(&self) -> TaxIdKind {
        self.kind
    }

    /// The characters, without blanks. Of persons in Belarus and of other countries they hold
    /// letters too.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }
}

impl fmt::Display for TaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digits)
    }
}

impl From<Inn> for TaxId {
    fn from(inn: Inn) -> Self {
        Self { kind: TaxIdKind::Inn, digits: inn.into() }
    }
}

fn foreign(text: &str) -> Result<String, RequisiteError> {
    let what = Requisite::ForeignTaxId;
    let clean = compact(what, text)?;
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '/');
    if let Some(found) = clean.chars().find(|&c| !fits(c)) {
        return Err(RequisiteError::Character { what, found });
    }
    match clean.chars().count() {
        1..=32 => Ok(clean),
        got => Err(RequisiteError::Length { what, got }),
    }
}
