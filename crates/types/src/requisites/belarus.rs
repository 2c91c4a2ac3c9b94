//! Belarusian taxpayer number.

use super::digits::{at, compact, digits};
use super::{Requisite, RequisiteError};

requisite! {
    /// UNP: 9 digits, or 2 letters and 7 digits for a person (B13). Cyrillic letters that look
    /// Latin are folded, as half of the documents print them so.
    Unp, unp
}

const WEIGHTS: [u32; 8] = [29, 23, 19, 17, 13, 7, 5, 3];

/// Letters that may come first, and those that may come second, where the index is the value.
const FIRST: &str = "ABCEHKM";
const SECOND: &str = "ABCEHKMOPT";

fn unp(text: &str) -> Result<String, RequisiteError> {
    let what = Requisite::Unp;
    let clean: String = compact(what, text)?.chars().map(latin).collect();
    let values = if clean.starts_with(|c: char| c.is_ascii_digit()) {
        digits(what, &clean, &[9])?.chars().filter_map(|c| c.to_digit(10)).collect()
    } else {
        person(&clean)?
    };
    let sum: u32 = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    if sum % 11 == at(&clean, 8) { Ok(clean) } else { Err(RequisiteError::CheckDigit { what }) }
}

/// Values of the nine characters of a person's number.
fn person(clean: &str) -> Result<Vec<u32>, RequisiteError> {
    let what = Requisite::Unp;
    let got = clean.chars().count();
    if got != 9 {
        return Err(RequisiteError::Length { what, got });
    }
    let value = |(position, c): (usize, char)| match position {
        0 if FIRST.contains(c) => c.to_digit(36),
        1 => SECOND.find(c).and_then(|index| u32::try_from(index).ok()),
        0 => None,
        _ => c.to_digit(10),
    };
    clean
        .chars()
        .enumerate()
        .map(|place| value(place).ok_or(RequisiteError::Character { what, found: place.1 }))
        .collect()
}

/// The Latin letter that a Cyrillic one looks like.
fn latin(c: char) -> char {
    match c {
        'А' => 'A',
        'В' => 'B',
        'С' => 'C',
        'Е' => 'E',
        'Н' => 'H',
        'К' => 'K',
        'М' => 'M',
        'О' => 'O',
        'Р' => 'P',
        'Т' => 'T',
        other => other,
    }
}
