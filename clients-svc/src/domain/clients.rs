//! A client: the commercial relation, who is billed (A33, A40–A45).

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use types::Bilingual;
use types::{
    email::EmailAddress,
    id::{ClientId, PersonId, StaffId},
};

/// Longest text of a name or company, in characters.
pub const NAME_LIMIT: usize = 200;

/// What the client is; decides requisites, documents and tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A company.
    Company,
    /// A sole trader (ИП).
    SoleTrader,
    /// A private person.
    Individual,
    /// A state body.
    State,
    /// A company abroad.
    Foreign,
}

/// Who looks after the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Sales, until the first payment.
    Sales,
    /// Care, from the first payment on.
    Care,
    /// Nobody any more.
    Closed,
}

/// Language of letters and documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Russian.
    Ru,
    /// English.
    En,
}

/// A name of a person or company: one line, trimmed, at most [`NAME_LIMIT`] characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("is empty; enter a name")]
    Empty,
    /// Too long.
    #[error("is longer than {NAME_LIMIT} characters")]
    TooLong,
    /// A line break, a tab or another control character.
    #[error("must be one line without control characters")]
    Control,
}

impl Bilingual for NameError {
    fn ru(&self) -> String {
        match self {
            Self::Empty => "не заполнено; введите имя".into(),
            Self::TooLong => format!("длиннее {NAME_LIMIT} знаков"),
            Self::Control => "должно быть одной строкой без управляющих знаков".into(),
        }
    }
}

impl Name {
    /// Takes one line of text.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        Self::parse_optional(text)
    }

    /// Like [`Self::parse`], but nothing is a name too.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse_optional(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.chars().count() > NAME_LIMIT {
            return Err(NameError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(NameError::Control);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A phone number in international form (ITU-T E.164); empty when there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

/// The text is no phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("enter the number with its country, such as +375291234567")]
pub struct PhoneError;

impl Bilingual for PhoneError {
    fn ru(&self) -> String {
        "введите номер с кодом страны, например +375291234567".into()
    }
}

impl Phone {
    /// Takes a number with blanks, dashes and brackets as people write it (trap 8 of features.md:
    /// no mask, since masks are wrong for somebody's country).
    ///
    /// # Errors
    /// [`PhoneError`].
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let compact: String =
            text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '\u{a0}')).collect();
        if compact.is_empty() {
            return Ok(Self(compact));
        }
        let digits = compact.strip_prefix('+').ok_or(PhoneError)?;
        let good = (8..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if good { Ok(Self(compact)) } else { Err(PhoneError) }
    }

    /// `+` and digits, or nothing.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a client is made of; all of it checked.
#[derive(Debug, Clone)]
pub struct ClientFields {
    /// What the client is.
    pub kind: Kind,
    /// First name of the main person.
    pub given_name: Name,
    /// Last name of the main person.
    pub family_name: Name,
    /// Company; may be empty.
    pub company: Name,
    /// Main address.
    pub email: EmailAddress,
    /// Phone of the main person.
    pub phone: Phone,
    /// Language of letters.
    pub language: Language,
    /// Zone of billing dates.
    pub zone: Tz,
    /// Choice of the security question; may be empty.
    pub security_question: Name,
    /// The colleague who looks after it, if there is one.
    pub manager: Option<StaffId>,
    /// Its services are not to be suspended (A57).
    pub never_suspend: bool,
    /// It is not reminded of invoices that are overdue (A48).
    pub no_overdue_notices: bool,
    /// It is charged no late fees (A47).
    pub no_late_fees: bool,
}

/// A client as it is stored.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// Human number.
    pub number: i64,
    /// The main person.
    pub person: PersonId,
    /// What it is made of.
    pub fields: ClientFields,
    /// Who looks after it.
    pub stage: Stage,
    /// Version; grows with every change of the client, its people or its payers.
    pub revision: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Client {
    /// Company, or the main person's name.
    #[must_use]
    pub fn title(&self) -> String {
        let f = &self.fields;
        if f.company.as_str().is_empty() {
            format!("{} {}", f.given_name.as_str(), f.family_name.as_str()).trim().into()
        } else {
            f.company.as_str().into()
        }
    }

    /// The client after its first payment: care looks after it from then on. Twice is once.
    #[must_use]
    pub fn first_paid(self) -> Self {
        let stage = if self.stage == Stage::Sales { Stage::Care } else { self.stage };
        Self { stage, ..self }
    }
}

macro_rules! texts {
    ($type:ty { $($variant:ident = $text:literal),* $(,)? }) => {
        impl $type {
            /// The word in storage and on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Reads the word in storage.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use texts;

texts!(Kind {
    Company = "COMPANY",
    SoleTrader = "SOLE_TRADER",
    Individual = "INDIVIDUAL",
    State = "STATE",
    Foreign = "FOREIGN",
});
texts!(Stage { Sales = "SALES", Care = "CARE", Closed = "CLOSED" });
texts!(Language { Ru = "ru", En = "en" });

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn phones_are_checked_by_country_code_not_by_mask() {
        assert_eq!(Phone::parse("+375 (29) 123-45-67").unwrap().as_str(), "+375291234567");
        assert_eq!(Phone::parse("+79026376577").unwrap().as_str(), "+79026376577");
        assert_eq!(Phone::parse("").unwrap().as_str(), "");
        for bad in ["89026376577", "+7", "+0123456789", "+7902637657712345", "+7902x376577"] {
            assert_eq!(Phone::parse(bad), Err(PhoneError), "{bad}");
        }
    }

    #[test]
    fn names_are_one_line() {
        assert_eq!(Name::parse("  Анна "), Ok(Name("Анна".into())));
        assert_eq!(Name::parse(" "), Err(NameError::Empty));
        assert_eq!(Name::parse("a\r\nBcc: x"), Err(NameError::Control));
        assert_eq!(Name::parse(&"я".repeat(201)), Err(NameError::TooLong));
    }

    proptest! {
        #[test]
        fn a_parsed_name_parses_to_itself(text in ".{0,250}") {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(Name::parse(name.as_str()), Ok(name));
            }
        }
    }
}
