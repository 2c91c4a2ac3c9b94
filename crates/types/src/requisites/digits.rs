//! What all numbered requisites share: cleaning what people paste, and weighted check sums.

use super::{Requisite, RequisiteError};

/// Longest text that is looked at; anything longer cannot be a requisite.
const LIMIT: usize = 128;

/// Drops blanks (people paste `7814 695160`, often with no-break spaces) and folds to upper case.
///
/// # Errors
/// [`RequisiteError::Empty`], or [`RequisiteError::Length`] for text that is far too long.
pub(super) fn compact(what: Requisite, text: &str) -> Result<String, RequisiteError> {
    if text.len() > LIMIT {
        return Err(RequisiteError::Length { what, got: text.chars().count() });
    }
    let clean: String =
        text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    if clean.is_empty() { Err(RequisiteError::Empty { what }) } else { Ok(clean) }
}

/// Cleans the text and takes it when it is `lengths` decimal digits, not all of them zero: a row
/// of zeros satisfies every check sum and is never issued.
///
/// # Errors
/// [`RequisiteError`] without the check digit, which is the caller's.
pub(super) fn digits(
    what: Requisite,
    text: &str,
    lengths: &[usize],
) -> Result<String, RequisiteError> {
    let clean = compact(what, text)?;
    if let Some(found) = clean.chars().find(|c| !c.is_ascii_digit()) {
        return Err(RequisiteError::Character { what, found });
    }
    if !lengths.contains(&clean.len()) {
        return Err(RequisiteError::Length { what, got: clean.len() });
    }
    if clean.bytes().all(|b| b == b'0') {
        return Err(RequisiteError::CheckDigit { what });
    }
    Ok(clean)
}

/// Values of ASCII digits; other characters count as zero (callers have checked them).
pub(super) fn values(digits: &str) -> impl Iterator<Item = u32> + '_ {
    digits.bytes().map(|b| if b.is_ascii_digit() { u32::from(b - b'0') } else { 0 })
}

/// Σ digit · weight over as many digits as there are weights.
pub(super) fn weighted(digits: &str, weights: &[u32]) -> u32 {
    values(digits).zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// The digit at a position; zero beyond the end.
pub(super) fn at(digits: &str, position: usize) -> u32 {
    values(digits).nth(position).unwrap_or(0)
}

/// The whole number made of the first digits, modulo a small number.
pub(super) fn modulo(digits: &str, modulus: u32) -> u32 {
    values(digits).fold(0, |rest, digit| (rest * 10 + digit) % modulus)
}
