//! Errors that people read: English by `Display`, Russian beside it.

use std::fmt::Display;

/// A message for people in both languages: what is wrong and what to do. Services turn it into
/// the text of a field violation.
pub trait Bilingual: Display {
    /// The Russian text; the English one is `Display`.
    fn ru(&self) -> String;
}
