//! Ukrainian codes of companies and people.

use super::digits::{at, digits, weighted};
use super::{Requisite, RequisiteError};

requisite! {
    /// ЄДРПОУ of a company, 8 digits.
    Edrpou, edrpou
}

requisite! {
    /// РНОКПП of a person or sole trader, 10 digits.
    Rnokpp, rnokpp
}

fn edrpou(text: &str) -> Result<String, RequisiteError> {
    let what = Requisite::Edrpou;
    let clean = digits(what, text, &[8])?;
    // Codes of 30000000–60000000 were given out by another rule.
    let weights: [u32; 7] = match at(&clean, 0) {
        3..=5 => [7, 1, 2, 3, 4, 5, 6],
        _ => [1, 2, 3, 4, 5, 6, 7],
    };
    let key = match weighted(&clean, &weights) % 11 {
        10 => weighted(&clean, &weights.map(|weight| weight + 2)) % 11 % 10,
        key => key,
    };
    if key == at(&clean, 7) { Ok(clean) } else { Err(RequisiteError::CheckDigit { what }) }
}

fn rnokpp(text: &str) -> Result<String, RequisiteError> {
    let what = Requisite::Rnokpp;
    let clean = digits(what, text, &[10])?;
    // The first weight is −1, which is 10 modulo 11.
    let key = weighted(&clean, &[10, 5, 7, 9, 4, 6, 10, 5, 7]) % 11 % 10;
    if key == at(&clean, 9) { Ok(clean) } else { Err(RequisiteError::CheckDigit { what }) }
}
