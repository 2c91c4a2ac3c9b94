//! Values of the wire ↔ values of the suite: the only place where they meet.
//!
//! Out never fails; in answers [`BadValue`], whose text says what is expected. An absent message
//! is refused by [`required`]; where absence means something, match the `Option` before.

use crate::google::r#type as wire;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use prost_types::Timestamp;
use rust_decimal::Decimal;
use types::{Bilingual, Currency, Money};

/// Nanos in one unit.
const NANOS: i32 = 1_000_000_000;
/// Digits of a nano: units and nanos are one number with nine digits after the point.
const NANO_DIGITS: u32 = 9;
/// Longest text of a decimal that is looked at: 28 digits, sign, point, and some zeros.
const MAX_DECIMAL: usize = 40;

/// A value of the wire that means nothing here: what is expected, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{en}")]
pub struct BadValue {
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

impl BadValue {
    /// What is expected, in Russian and in English.
    pub fn new(ru: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ru: ru.into(), en: en.into() }
    }

    /// The words of an error of the vocabulary.
    pub fn of(error: &impl Bilingual) -> Self {
        Self::new(error.ru(), error.to_string())
    }
}

impl Bilingual for BadValue {
    fn ru(&self) -> String {
        self.ru.clone()
    }
}

/// The value, or "required".
///
/// # Errors
/// [`BadValue`] when it is absent.
pub fn required<T>(value: Option<T>) -> Result<T, BadValue> {
    value.ok_or_else(|| BadValue::new("Обязательное поле.", "This field is required."))
}

impl From<Money> for wire::Money {
    fn from(money: Money) -> Self {
        let mut amount = money.amount();
        amount.rescale(NANO_DIGITS);
        let all = amount.mantissa();
        // Money's limit of 10^18 units keeps both within their types.
        Self {
            currency_code: money.currency().code().into(),
            units: i64::try_from(all / i128::from(NANOS)).unwrap_or_default(),
            nanos: i32::try_from(all % i128::from(NANOS)).unwrap_or_default(),
        }
    }
}

impl TryFrom<&wire::Money> for Money {
    type Error = BadValue;

    /// Signs agree; digits finer than the currency are refused (style.md §4, 6).
    fn try_from(money: &wire::Money) -> Result<Self, BadValue> {
        let currency: Currency = money.currency_code.parse().map_err(|e| BadValue::of(&e))?;
        let mixed = money.units.signum() * i64::from(money.nanos.signum()) < 0;
        if mixed || money.nanos <= -NANOS || money.nanos >= NANOS {
            return Err(BadValue::new(
                "Сумма записана неверно: знаки units и nanos должны совпадать, nanos до 999999999.",
                "Malformed amount: signs of units and nanos must agree, nanos within ±999999999.",
            ));
        }
        let amount = Decimal::from(money.units) + Decimal::new(i64::from(money.nanos), NANO_DIGITS);
        Self::new(amount, currency).map_err(|e| BadValue::of(&e))
    }
}

impl From<Decimal> for wire::Decimal {
    fn from(value: Decimal) -> Self {
        Self { value: value.to_string() }
    }
}

impl TryFrom<&wire::Decimal> for Decimal {
    type Error = BadValue;

    /// Narrower than the grammar of google.type.Decimal on purpose: no exponent (a short text must
    /// not become a number of a million digits), and an empty text is not zero (a price that was
    /// left out must not be free). Trailing zeros are kept.
    fn try_from(decimal: &wire::Decimal) -> Result<Self, BadValue> {
        let text = decimal.value.trim();
        // Decimal's own parser also takes underscores.
        let plain = text.len() <= MAX_DECIMAL
            && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
        let parsed = if plain { Self::from_str_exact(text).ok() } else { None };
        parsed.ok_or_else(|| {
            BadValue::new(
                "Ожидается десятичное число до 28 цифр, например 60.00.",
                "A decimal number of up to 28 digits is expected, such as 60.00.",
            )
        })
    }
}

impl From<NaiveDate> for wire::Date {
    fn from(date: NaiveDate) -> Self {
        Self {
            year: date.year(),
            month: i32::try_from(date.month()).unwrap_or_default(),
            day: i32::try_from(date.day()).unwrap_or_default(),
        }
    }
}

impl TryFrom<&wire::Date> for NaiveDate {
    type Error = BadValue;

    /// A full date of the years 1900 to 2200: others are slips of the keyboard.
    fn try_from(date: &wire::Date) -> Result<Self, BadValue> {
        let known = (1900..=2200).contains(&date.year);
        let month = u32::try_from(date.month).ok();
        let day = u32::try_from(date.day).ok();
        let parsed = month.zip(day).and_then(|(m, d)| Self::from_ymd_opt(date.year, m, d));
        parsed.filter(|_| known).ok_or_else(|| {
            BadValue::new(
                "Такой даты нет: укажите год 1900–2200, месяц и день.",
                "No such date: give a year from 1900 to 2200, a month and a day.",
            )
        })
    }
}

/// An instant for the wire.
#[must_use]
pub fn timestamp(instant: DateTime<Utc>) -> Timestamp {
    // chrono counts a leap second as nanos beyond 10^9, which the wire does not know.
    let nanos = instant.timestamp_subsec_nanos().min(999_999_999);
    Timestamp { seconds: instant.timestamp(), nanos: i32::try_from(nanos).unwrap_or_default() }
}

/// Seconds of 0001-01-01T00:00:00Z and of 9999-12-31T23:59:59Z, the limits of Timestamp.
const FIRST_SECOND: i64 = -62_135_596_800;
const LAST_SECOND: i64 = 253_402_300_799;

/// An instant from the wire, in microseconds as PostgreSQL keeps them.
///
/// # Errors
/// [`BadValue`] for an instant outside of the years 1 to 9999.
pub fn instant(timestamp: &Timestamp) -> Result<DateTime<Utc>, BadValue> {
    let Timestamp { seconds, nanos } = *timestamp;
    let known = (FIRST_SECOND..=LAST_SECOND).contains(&seconds) && nanos < NANOS;
    u32::try_from(nanos)
        .ok()
        .filter(|_| known)
        .and_then(|nanos| DateTime::from_timestamp(seconds, nanos / 1000 * 1000))
        .ok_or_else(|| BadValue::new("Такого момента нет.", "No such instant."))
}

#[cfg(test)]
mod tests;
