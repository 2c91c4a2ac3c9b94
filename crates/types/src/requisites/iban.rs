//! International bank account numbers (ISO 13616).

use super::digits::compact;
use super::{Requisite, RequisiteError};
use std::iter::once;

requisite! {
    /// IBAN: country, two check digits and the account. The length is checked for the countries
    /// of the register of SWIFT; of an unknown country it is 15–34.
    Iban, iban
}

/// Length by country, from the register of SWIFT.
const LENGTHS: &[(usize, &str)] = &[
    (15, "NO"),
    (16, "BE"),
    (18, "DK FI FK FO GL NL SD"),
    (19, "MK SI"),
    (20, "AT BA EE KZ LT LU MN XK"),
    (21, "CH HR LI LV"),
    (22, "BG BH CR DE GB GE IE ME RS VA"),
    (23, "AE GI IL IQ OM SO TL"),
    (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
    (25, "LY PT ST"),
    (26, "IS TR"),
    (27, "BI DJ FR GR IT MC MR SM"),
    (28, "AL AZ BY CY DO GT HN HU LB NI PL SV"),
    (29, "BR EG PS QA UA"),
    (30, "JO KW MU YE"),
    (31, "MT SC"),
    (32, "LC"),
    (33, "RU"),
];

impl Iban {
    /// The two letters of the country.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.0[..2]
    }

    /// In groups of four, as printed.
    #[must_use]
    pub fn grouped(&self) -> String {
        let spaced = self.0.chars().enumerate().flat_map(|(i, c)| {
            let gap = (i > 0 && i % 4 == 0).then_some(' ');
            gap.into_iter().chain(once(c))
        });
        spaced.collect()
    }
}

fn iban(text: &str) -> Result<String, RequisiteError> {
    let what = Requisite::Iban;
    let clean = compact(what, text)?;
    let fits = |(i, c): (usize, char)| match i {
        0 | 1 => c.is_ascii_uppercase(),
        2 | 3 => c.is_ascii_digit(),
        _ => c.is_ascii_digit() || c.is_ascii_uppercase(),
    };
    if let Some((_, found)) = clean.chars().enumerate().find(|&place| !fits(place)) {
        return Err(RequisiteError::Character { what, found });
    }
    let right = match clean.get(..2).and_then(length) {
        Some(length) => clean.len() == length,
        None => (15..=34).contains(&clean.len()),
    };
    if !right {
        return Err(RequisiteError::Length { what, got: clean.len() });
    }
    // 00, 01 and 99 are never computed, though they pass the remainder (ISO 13616: 02–98).
    let reserved = matches!(&clean[2..4], "00" | "01" | "99");
    if !reserved && remainder(&clean) == 1 {
        Ok(clean)
    } else {
        Err(RequisiteError::CheckDigit { what })
    }
}

fn length(country: &str) -> Option<usize> {
    LENGTHS.iter().find(|(_, all)| all.split(' ').any(|c| c == country)).map(|(n, _)| *n)
}

/// The account, then country and check digits, with letters as 10–35, modulo 97.
fn remainder(clean: &str) -> u32 {
    let (head, tail) = clean.split_at(4);
    tail.chars().chain(head.chars()).fold(0, |rest, c| match c.to_digit(36) {
        Some(value) if value < 10 => (rest * 10 + value) % 97,
        Some(value) => (rest * 100 + value) % 97,
        None => rest,
    })
}
