//! Requisites: the numbers by which tax offices and banks know a company, parsed and checked.
//!
//! Each type holds text that has passed its checks, so nothing inside is checked again. Blanks
//! inside the given text are dropped. Sources: `payments.md` §6.3; golden vectors G25–G27.
//!
//! A check digit only catches slips: a number that passes may still not exist (G25), and imported
//! files hold numbers that fail it. Readers of such files keep the raw text and warn; manual entry
//! of our own requisites refuses. [`RequisiteError::is_check_digit`] tells the two apart.

/// Writes a newtype over checked text: the parts that all requisites share.
macro_rules! requisite {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes text as people write it: blanks are dropped, letters fold to upper case.
            ///
            /// # Errors
            /// [`RequisiteError`](crate::requisites::RequisiteError), which says what is wrong.
            pub fn parse(text: &str) -> Result<Self, crate::requisites::RequisiteError> {
                $check(text).map(Self)
            }

            /// The characters, without blanks.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::requisites::RequisiteError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::requisites::RequisiteError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

mod bank;
mod belarus;
mod digits;
mod error;
mod iban;
mod kazakhstan;
mod repair;
mod russia;
mod tax_id;
mod ukraine;

pub use bank::{Account, BankMismatch, BankRequisites, BankRule, Bic, CorrespondentAccount};
pub use belarus::Unp;
pub use error::{Requisite, RequisiteError};
pub use iban::Iban;
pub use kazakhstan::BinIin;
pub use repair::{Repair, RepairReason, repairs};
pub use russia::{Inn, Kpp, Ogrn, Ogrnip};
pub use tax_id::{TaxId, TaxIdKind};
pub use ukraine::{Edrpou, Rnokpp};

#[cfg(test)]
mod tests;
