//! E-mail addresses, as people type them and as they are compared.

use crate::Bilingual;
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use std::{cmp::Ordering, fmt, str::FromStr};

/// An address that mail can be sent to. What was typed is kept for display; two addresses are
/// equal when they differ in case only, or in how an international domain is written.
///
/// Quoted local parts and address literals are refused: nobody's accountant has one, and they are
/// a known way to smuggle a second address past a parser.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    typed: String,
    key: String,
    ascii_domain: String,
}

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was given.
    #[error("the e-mail address is empty; enter one such as name@company.ru")]
    Empty,
    /// Longer than SMTP carries.
    #[error("the e-mail address is too long: at most 64 characters before @ and 254 in all")]
    TooLong,
    /// No `@`, or nothing on one side of it.
    #[error("the e-mail address must have a name, an @ and a domain, such as name@company.ru")]
    NoAt,
    /// A character that an address cannot hold: a blank, a line break, a comma, a bracket.
    #[error("the e-mail address cannot contain {0:?}; enter one address without blanks")]
    Character(char),
    /// A dot at either end of a part, or two in a row.
    #[error("the e-mail address has a misplaced dot")]
    Dots,
    /// The part after `@` is no domain name.
    #[error("the part after @ must be a domain such as company.ru")]
    Domain,
}

impl Bilingual for EmailError {
    fn ru(&self) -> String {
        match self {
            Self::Empty => "Адрес почты не заполнен; введите, например, name@company.ru".into(),
            Self::TooLong => {
                "Адрес почты слишком длинный: до 64 знаков перед @ и до 254 всего".into()
            }
            Self::NoAt => {
                "В адресе почты нужны имя, знак @ и домен, например name@company.ru".into()
            }
            Self::Character(c) => format!(
                "В адресе почты не может быть знака «{}»; введите один адрес без пробелов",
                c.escape_debug()
            ),
            Self::Dots => "В адресе почты лишняя точка".into(),
            Self::Domain => "После @ должен стоять домен, например company.ru".into(),
        }
    }
}

/// Octets that SMTP carries before `@` and in all (RFC 5321 §4.5.3.1, erratum 1690).
const LOCAL_LIMIT: usize = 64;
const TOTAL_LIMIT: usize = 254;

impl EmailAddress {
    /// Takes one address; blanks around it are dropped.
    ///
    /// # Errors
    /// [`EmailError`], which says what is wrong.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        // Only blanks are trimmed: a line break at the end is a smuggled header, not a slip.
        let typed = text.trim_matches([' ', '\t', '\u{a0}']);
        if typed.is_empty() {
            return Err(EmailError::Empty);
        }
        if typed.len() > TOTAL_LIMIT {
            return Err(EmailError::TooLong);
        }
        if let Some(bad) = typed.chars().find(|&c| !c.is_alphanumeric() && !is_mark(c)) {
            return Err(EmailError::Character(bad));
        }
        let (local, domain) = typed.split_once('@').ok_or(EmailError::NoAt)?;
        if local.is_empty() || domain.is_empty() {
            return Err(EmailError::NoAt);
        }
        if domain.contains('@') {
            return Err(EmailError::Character('@'));
        }
        if local.len() > LOCAL_LIMIT {
            return Err(EmailError::TooLong);
        }
        if [local, domain].iter().any(|part| part.split('.').any(str::is_empty)) {
            return Err(EmailError::Dots);
        }
        let ascii_domain = ascii_domain(domain)?;
        if local.len() + 1 + ascii_domain.len() > TOTAL_LIMIT {
            return Err(EmailError::TooLong);
        }
        let key = format!("{}@{ascii_domain}", local.to_lowercase());
        Ok(Self { typed: typed.into(), key, ascii_domain })
    }

    /// The address as it was typed, for display and for sending.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The text that is compared and stored under a unique constraint (G48): lower case, domain
    /// in punycode.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The part before `@`, as typed.
    #[must_use]
    pub fn local(&self) -> &str {
        self.typed.split_once('@').map_or("", |(local, _)| local)
    }

    /// The domain in lower case, punycode where it is international.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.ascii_domain
    }
}

/// Marks that may stand in an address (`atext` of RFC 5322, with `.` and `@`).
fn is_mark(c: char) -> bool {
    "!#$%&'*+-/=?^_`{|}~.@".contains(c)
}

/// The domain in lower case ASCII: at least two labels, the last of them not a number.
fn ascii_domain(domain: &str) -> Result<String, EmailError> {
    let ascii = idna::domain_to_ascii(domain).map_err(|_| EmailError::Domain)?;
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = ascii.rsplit('.').next().unwrap_or_default();
    let named = ascii.contains('.') && !last.bytes().all(|b| b.is_ascii_digit());
    if named && ascii.len() <= 253 && ascii.split('.').all(fits) {
        Ok(ascii)
    } else {
        Err(EmailError::Domain)
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl PartialOrd for EmailAddress {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EmailAddress {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

impl FromStr for EmailAddress {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.typed
    }
}

#[cfg(test)]
mod tests;
