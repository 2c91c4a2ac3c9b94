//! Values as people of the document's language write them.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use types::Currency;

/// Keeps a number and its neighbour on one line.
const NO_BREAK_SPACE: char = '\u{a0}';

/// Language of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Russian: «Счёт на оплату», 48 336,00, 9 февраля 2019 г.
    Ru,
    /// English: Invoice, 48,336.00, 9 February 2019.
    En,
}

const MONTHS_RU: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A sum with at least two digits after the point: `48 336,00`, `48,336.00`, `−10,00`.
pub(crate) fn money(value: Decimal, language: Language) -> String {
    number(value, 2, language)
}

/// A quantity without needless zeros: `1`, `0,5`, `1 024`.
pub(crate) fn quantity(value: Decimal, language: Language) -> String {
    number(value, 0, language)
}

fn number(value: Decimal, least_scale: u32, language: Language) -> String {
    let (group, point) = match language {
        Language::Ru => (NO_BREAK_SPACE, ','),
        Language::En => (',', '.'),
    };
    let mut value = value.normalize();
    if value.scale() < least_scale {
        value.rescale(least_scale);
    }
    let plain = value.abs().to_string();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut printed = String::with_capacity(plain.len() * 2);
    if value < Decimal::ZERO {
        // The minus sign proper: a hyphen may be broken after.
        printed.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            printed.push(group);
        }
        printed.push(digit);
    }
    if !fraction.is_empty() {
        printed.push(point);
        printed.push_str(fraction);
    }
    printed
}

/// A date within a text: `09.02.2019` in both languages, as bank papers of the region have it.
pub(crate) fn date(value: NaiveDate) -> String {
    value.format("%d.%m.%Y").to_string()
}

/// The date of a document: `9 февраля 2019 г.`, `9 February 2019`.
pub(crate) fn long_date(value: NaiveDate, language: Language) -> String {
    let month = value.month0() as usize;
    let space = NO_BREAK_SPACE;
    let (day, year) = (value.day(), value.year());
    match language {
        Language::Ru => format!("{day}{space}{}{space}{year}{space}г.", MONTHS_RU[month]),
        Language::En => format!("{day}{space}{}{space}{year}", MONTHS_EN[month]),
    }
}

/// A sum with its currency: `860,00 руб.`, `860.00 RUB`.
pub(crate) fn money_with_currency(
    value: Decimal,
    currency: Currency,
    language: Language,
) -> String {
    let name = match (language, currency) {
        (Language::Ru, Currency::Rub) => "руб.",
        (Language::Ru, Currency::Byn) => "бел. руб.",
        (Language::Ru, Currency::Uah) => "грн",
        (Language::Ru, Currency::Kzt) => "тенге",
        (Language::Ru, Currency::Eur) => "евро",
        (Language::Ru, Currency::Usd) => "долл. США",
        (Language::En, other) => other.code(),
    };
    format!("{}{NO_BREAK_SPACE}{}", money(value, language), name.replace(' ', "\u{a0}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal_macros::dec;

    #[test]
    fn sums_read_as_people_write_them() {
        for (value, ru, en) in [
            (dec!(0), "0,00", "0.00"),
            (dec!(860), "860,00", "860.00"),
            (dec!(860.5), "860,50", "860.50"),
            (dec!(48336.00), "48\u{a0}336,00", "48,336.00"),
            (dec!(1234567.891), "1\u{a0}234\u{a0}567,891", "1,234,567.891"),
            (dec!(-344.0), "−344,00", "−344.00"),
            (dec!(-0.00), "0,00", "0.00"),
        ] {
            assert_eq!(money(value, Language::Ru), ru);
            assert_eq!(money(value, Language::En), en);
        }
        assert_eq!(quantity(dec!(1.000), Language::Ru), "1");
        assert_eq!(quantity(dec!(1500.50), Language::Ru), "1\u{a0}500,5");
    }

    #[test]
    fn dates_and_currencies() {
        let day = NaiveDate::from_ymd_opt(2019, 2, 9).unwrap();
        assert_eq!(date(day), "09.02.2019");
        assert_eq!(long_date(day, Language::Ru), "9\u{a0}февраля\u{a0}2019\u{a0}г.");
        assert_eq!(long_date(day, Language::En), "9\u{a0}February\u{a0}2019");
        let sum = |language| money_with_currency(dec!(860), Currency::Rub, language);
        assert_eq!(sum(Language::Ru), "860,00\u{a0}руб.");
        assert_eq!(sum(Language::En), "860.00\u{a0}RUB");
    }

    proptest! {
        /// Nothing but grouping and signs is added: the digits are the value's own.
        #[test]
        fn a_printed_sum_reads_back(units in any::<i64>(), scale in 0_u32..5) {
            let value = Decimal::new(units, scale);
            for language in [Language::Ru, Language::En] {
                let group = if language == Language::Ru { '\u{a0}' } else { ',' };
                let back: String = money(value, language)
                    .chars()
                    .filter(|each| *each != group)
                    .map(|each| match each { ',' => '.', '−' => '-', other => other })
                    .collect();
                prop_assert_eq!(back.parse::<Decimal>().unwrap(), value);
            }
        }
    }
}
