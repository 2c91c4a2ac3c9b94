//! Why a text is not the requisite it should be, and what to do about it.

use crate::Bilingual;
use std::fmt;

/// Which requisite is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requisite {
    /// Russian taxpayer number.
    Inn,
    /// Russian registration reason code.
    Kpp,
    /// Russian state registration number of a company.
    Ogrn,
    /// Russian state registration number of a sole trader.
    Ogrnip,
    /// Russian bank code.
    Bic,
    /// Russian settlement account.
    Account,
    /// Russian correspondent account.
    CorrespondentAccount,
    /// Belarusian taxpayer number.
    Unp,
    /// Ukrainian company code.
    Edrpou,
    /// Ukrainian taxpayer card number of a person.
    Rnokpp,
    /// Kazakh business or individual number.
    BinIin,
    /// International bank account number.
    Iban,
    /// Tax number of a country whose rules are not known here.
    ForeignTaxId,
}

impl Requisite {
    /// Name in English texts.
    #[must_use]
    pub const fn name_en(self) -> &'static str {
        match self {
            Self::Inn => "INN",
            Self::Kpp => "KPP",
            Self::Ogrn => "OGRN",
            Self::Ogrnip => "OGRNIP",
            Self::Bic => "BIC",
            Self::Account => "the settlement account",
            Self::CorrespondentAccount => "the correspondent account",
            Self::Unp => "UNP",
            Self::Edrpou => "EDRPOU",
            Self::Rnokpp => "RNOKPP",
            Self::BinIin => "BIN or IIN",
            Self::Iban => "IBAN",
            Self::ForeignTaxId => "the tax number",
        }
    }

    /// Name in Russian texts.
    #[must_use]
    pub const fn name_ru(self) -> &'static str {
        match self {
            Self::Inn => "ИНН",
            Self::Kpp => "КПП",
            Self::Ogrn => "ОГРН",
            Self::Ogrnip => "ОГРНИП",
            Self::Bic => "БИК",
            Self::Account => "Расчётный счёт",
            Self::CorrespondentAccount => "Корреспондентский счёт",
            Self::Unp => "УНП",
            Self::Edrpou => "ЕГРПОУ",
            Self::Rnokpp => "РНОКПП",
            Self::BinIin => "БИН или ИИН",
            Self::Iban => "IBAN",
            Self::ForeignTaxId => "Налоговый номер",
        }
    }

    /// The shape that is expected, in English.
    const fn shape_en(self) -> &'static str {
        match self {
            Self::Inn => "10 digits for a company or 12 for a person",
            Self::Kpp => "9 characters: 4 digits, 2 digits or Latin letters, 3 digits",
            Self::Ogrn => "13 digits",
            Self::Ogrnip => "15 digits",
            Self::Bic => "9 digits",
            Self::Account | Self::CorrespondentAccount => "20 digits",
            Self::Unp => "9 digits, or 2 letters and 7 digits for a person",
            Self::Edrpou => "8 digits",
            Self::Rnokpp => "10 digits",
            Self::BinIin => "12 digits",
            Self::Iban => "2 letters of the country, 2 check digits and the account",
            Self::ForeignTaxId => "1 to 32 letters, digits, dots, dashes or slashes",
        }
    }

    /// The shape that is expected, in Russian.
    const fn shape_ru(self) -> &'static str {
        match self {
            Self::Inn => "10 цифр для организации или 12 для физического лица и ИП",
            Self::Kpp => "9 знаков: 4 цифры, 2 цифры или латинские буквы, 3 цифры",
            Self::Ogrn => "13 цифр",
            Self::Ogrnip => "15 цифр",
            Self::Bic => "9 цифр",
            Self::Account | Self::CorrespondentAccount => "20 цифр",
            Self::Unp => "9 цифр или 2 буквы и 7 цифр для физического лица",
            Self::Edrpou => "8 цифр",
            Self::Rnokpp => "10 цифр",
            Self::BinIin => "12 цифр",
            Self::Iban => "2 буквы страны, 2 контрольные цифры и номер счёта",
            Self::ForeignTaxId => "от 1 до 32 букв, цифр, точек, дефисов или дробных черт",
        }
    }
}

/// Why a text is not the requisite. Neither language repeats the number, which may be a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequisiteError {
    /// Nothing was given.
    Empty {
        /// The requisite.
        what: Requisite,
    },
    /// Too short or too long.
    Length {
        /// The requisite.
        what: Requisite,
        /// Characters given, blanks not counted.
        got: usize,
    },
    /// A character that cannot stand there.
    Character {
        /// The requisite.
        what: Requisite,
        /// The first such character.
        found: char,
    },
    /// The shape is right, the check digit is not: most likely a slip of the keyboard.
    CheckDigit {
        /// The requisite.
        what: Requisite,
    },
}

impl RequisiteError {
    /// The requisite that is wrong.
    #[must_use]
    pub const fn what(&self) -> Requisite {
        match self {
            Self::Empty { what }
            | Self::Length { what, .. }
            | Self::Character { what, .. }
            | Self::CheckDigit { what } => *what,
        }
    }

    /// True when only the check digit is wrong: an importer may warn and go on.
    #[must_use]
    pub const fn is_check_digit(&self) -> bool {
        matches!(self, Self::CheckDigit { .. })
    }
}

impl Bilingual for RequisiteError {
    fn ru(&self) -> String {
        let name = self.what().name_ru();
        let shape = self.what().shape_ru();
        match self {
            Self::Empty { .. } => format!("{name}: не заполнено; введите {shape}"),
            Self::Length { got, .. } => {
                format!("{name}: введено знаков: {got}; должно быть {shape}")
            }
            Self::Character { found, .. } => {
                format!("{name}: недопустимый знак «{}»; должно быть {shape}", found.escape_debug())
            }
            Self::CheckDigit { .. } => {
                format!("{name}: контрольная цифра не сходится; сверьте номер с документом")
            }
        }
    }
}

impl fmt::Display for RequisiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.what().name_en();
        let shape = self.what().shape_en();
        match self {
            Self::Empty { .. } => write!(f, "{name} is empty; enter {shape}"),
            Self::Length { got, .. } => {
                write!(f, "{name} has {got} characters; it must be {shape}")
            }
            Self::Character { found, .. } => {
                write!(f, "{name} cannot contain {found:?}; it must be {shape}")
            }
            Self::CheckDigit { .. } => {
                write!(f, "the check digit of {name} does not match; compare it with the document")
            }
        }
    }
}

impl std::error::Error for RequisiteError {}
