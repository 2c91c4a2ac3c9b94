//! Columns to domain values, naming what is bad when a row is.

use service::Failure;
use std::{fmt::Display, str::FromStr};
use types::EmailAddress;

/// The value of a column, or an internal error that names it.
///
/// # Errors
/// `INTERNAL` when the text is no such value.
pub fn parsed<T>(column: &str, text: &str) -> Result<T, Failure>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|e| Failure::internal(format!("{column} holds a bad value: {e}")))
}

/// The value that a word stands for, or an internal error that names the column.
///
/// # Errors
/// `INTERNAL` when there is no such word.
pub fn word<T>(column: &str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::internal(format!("{column} holds an unknown word")))
}

/// An address of a column.
///
/// # Errors
/// `INTERNAL` when it is none.
pub fn address(column: &str, text: &str) -> Result<EmailAddress, Failure> {
    parsed(column, text)
}
