//! Closed vocabularies: an enum and the one text by which databases, traces and logs know it.

/// A text is none of the codes of a vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not a {vocabulary}; one of {expected} is expected")]
pub struct UnknownCode {
    /// The text as given.
    pub given: String,
    /// Name of the vocabulary.
    pub vocabulary: &'static str,
    /// The codes, separated by commas.
    pub expected: String,
}

/// Declares an enum of codes with `ALL`, `code()`, `Display`, `FromStr` and serde by code.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$item])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The text by which the value is stored.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::codes::UnknownCode;

            fn from_str(given: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|v| v.code() == given).ok_or_else(|| {
                    $crate::domain::codes::UnknownCode {
                        given: given.into(),
                        vocabulary: stringify!($name),
                        expected: [$($code),+].join(", "),
                    }
                })
            }
        }
    };
}

pub(crate) use codes;
