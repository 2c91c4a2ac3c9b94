//! Russian tax and registration numbers: INN, KPP, OGRN, OGRNIP.

use super::digits::{at, compact, digits, modulo, weighted};
use super::{Requisite, RequisiteError};

requisite! {
    /// INN, 10 digits for a company or 12 for a person (order of the tax service
    /// ММВ-7-6/435@ of 29.06.2012; A53).
    Inn, inn
}

requisite! {
    /// KPP: four digits of the tax office, two characters of the reason, three of the number.
    /// It has no check digit.
    Kpp, kpp
}

requisite! {
    /// OGRN of a company, 13 digits.
    Ogrn, ogrn
}

requisite! {
    /// OGRNIP of a sole trader, 15 digits.
    Ogrnip, ogrnip
}

impl Inn {
    /// True for a person or sole trader (12 digits), false for a company (10).
    #[must_use]
    pub fn is_person(&self) -> bool {
        self.0.len() == 12
    }
}

const INN_WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];

fn inn(text: &str) -> Result<String, RequisiteError> {
    let what = Requisite::Inn;
    let clean = digits(what, text, &[10, 12])?;
    let key = |weights: &[u32]| weighted(&clean, weights) % 11 % 10;
    let holds = if clean.len() == 10 {
        key(&INN_WEIGHTS[2..]) == at(&clean, 9)
    } else {
        key(&INN_WEIGHTS[1..]) == at(&clean, 10) && key(&INN_WEIGHTS) == at(&clean, 11)
    };
    if holds { Ok(clean) } else { Err(RequisiteError::CheckDigit { what }) }
}

fn kpp(text: &str) -> Result<String, RequisiteError> {
    let what = Requisite::Kpp;
    let clean = compact(what, text)?;
    let got = clean.chars().count();
    if got != 9 {
        return Err(RequisiteError::Length { what, got });
    }
    let fits =
        |(i, c): (usize, char)| c.is_ascii_digit() || (i == 4 || i == 5) && c.is_ascii_uppercase();
    match clean.chars().enumerate().find(|&place| !fits(place)) {
        Some((_, found)) => Err(RequisiteError::Character { what, found }),
        None => Ok(clean),
    }
}

fn ogrn(text: &str) -> Result<String, RequisiteError> {
    registration(Requisite::Ogrn, text, 13, 11)
}

fn ogrnip(text: &str) -> Result<String, RequisiteError> {
    registration(Requisite::Ogrnip, text, 15, 13)
}

/// The last digit is the rest of all before it, modulo the modulus and then modulo 10.
fn registration(
    what: Requisite,
    text: &str,
    length: usize,
    modulus: u32,
) -> Result<String, RequisiteError> {
    let clean = digits(what, text, &[length])?;
    let key = modulo(&clean[..length - 1], modulus) % 10;
    if key == at(&clean, length - 1) { Ok(clean) } else { Err(RequisiteError::CheckDigit { what }) }
}
