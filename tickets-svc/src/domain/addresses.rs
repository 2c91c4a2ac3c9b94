//! E-mail addresses: strict on purpose, for an address is an identity here.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An e-mail address as it was written, checked.
///
/// Quoted local parts, comments and address literals are refused: a program that reads them
/// differently from us would believe another sender. Such letters are kept; they name nobody.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

/// The text is no address that may name a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address; expected name@domain, such as ok@example.com")]
pub struct BadAddress;

/// Bytes of a local part and of a domain, by RFC 5321 §4.5.3.1.
const LOCAL_BYTES_MAX: usize = 64;
const DOMAIN_BYTES_MAX: usize = 253;

impl Address {
    /// Reads an address without a display name.
    ///
    /// # Errors
    /// [`BadAddress`] when it is not `name@domain`, is too long, or holds anything unusual.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(BadAddress)?;
        let local_fits = !local.is_empty()
            && local.len() <= LOCAL_BYTES_MAX
            && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c))
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let domain_fits = domain.len() <= DOMAIN_BYTES_MAX && domain.split('.').all(label);
        if local_fits && domain_fits { Ok(Self(text.to_owned())) } else { Err(BadAddress) }
    }

    /// The address by which equality is decided: whole and in lower case (G48).
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }

    /// The address as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }
}

fn label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Address {
    type Error = BadAddress;

    fn try_from(text: String) -> Result<Self, BadAddress> {
        Self::parse(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_plain_addresses_and_refuses_tricks() {
        for good in ["a@b.test", "A.B+c@Sub.Example.test", "бух@пример.рф", "x_y@a-b.test", "a@b"]
        {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        let long = format!("{}@b.test", "a".repeat(65));
        for bad in [
            "",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a b@c.test",
            "\"a b\"@c.test",
            "a@[127.0.0.1]",
            "a@b..c",
            ".a@b.c",
            "a..b@c.d",
            "a@-b.c",
            "a\0@b.c",
            "a@b.c\r\nBcc: d@e.f",
            "<a@b.c>",
            "a,b@c.d",
            "a\u{202e}@b.c",
            &long,
        ] {
            assert_eq!(Address::parse(bad), Err(BadAddress), "{bad:?}");
        }
    }

    #[test]
    fn folds_case_as_a_whole() {
        // G48: the case of the local part does not make another client.
        assert_eq!(Address::parse("A@X.ru").map(|a| a.folded()), Ok("a@x.ru".to_owned()));
    }
}
