//! Kazakh numbers of businesses (БИН) and people (ИИН), which share one check digit.

use super::digits::{at, digits, weighted};
use super::{Requisite, RequisiteError};

requisite! {
    /// БИН or ИИН, 12 digits.
    BinIin, bin_iin
}

fn bin_iin(text: &str) -> Result<String, RequisiteError> {
    let what = Requisite::BinIin;
    let clean = digits(what, text, &[12])?;
    let key = match weighted(&clean, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11 {
        10 => weighted(&clean, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11,
        key => key,
    };
    // Ten again is no digit: such numbers are not given out.
    if key == at(&clean, 11) { Ok(clean) } else { Err(RequisiteError::CheckDigit { what }) }
}
