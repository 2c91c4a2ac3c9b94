//! Values of the wire ↔ values of the suite: the only place where they meet.
//!
//! Out never fails; in answers [`BadValue`], whose text says what is expected. An absent message
//! is refused by `required`; where absence means something, match the `Option` before.

use crate::google::r#type as wire;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use prost_types::Timestamp;
use rust_decimal::Decimal;
use types::{Currency, Money};

/// Digits of a nano: units and nanos are one number with nine digits after the point.
const NANO_DIGITS: u32 = 9;
/// Longest text of a decimal that is looked at.
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
        let nano = 10_i128.pow(NANO_DIGITS);
        let all = amount.mantissa();
        Self {
            currency_code: money.currency().code().into(),
            units: i64::try_from(all / nano).unwrap_or_default(),
            nanos: i32::try_from(all % nano).unwrap_or_default(),
        }
    }
}

impl TryFrom<&wire::Money> for Money {
    type Error = BadValue;

    fn try_from(money: &wire::Money) -> Result<Self, BadValue> {
        let currency: Currency = money.currency_code.parse().map_err(|_| {
            BadValue::new(
                format!("Неизвестная валюта «{}».", money.currency_code),
                format!("Unknown currency {:?}.", money.currency_code),
            )
        })?;
        let mixed = (money.units > 0 && money.nanos < 0) || (money.units < 0 && money.nanos > 0);
        if mixed || money.nanos.abs() > 999_999_999 {
            return Err(BadValue::new(
                "Сумма записана неверно: знаки units и nanos должны совпадать, nanos до 999999999.",
                "Malformed amount: signs of units and nanos must agree, nanos within ±999999999.",
            ));
        }
        let amount = Decimal::from(money.units) + Decimal::new(i64::from(money.nanos), NANO_DIGITS);
        Self::new(amount, currency).map_err(|_| {
            BadValue::new(
                format!("Сумма мельче минимальной единицы валюты {currency}."),
                format!("The amount is finer than the minor unit of {currency}."),
            )
        })
    }
}

impl From<Decimal> for wire::Decimal {
    fn from(value: Decimal) -> Self {
        Self { value: value.to_string() }
    }
}

impl TryFrom<&wire::Decimal> for Decimal {
    type Error = BadValue;

    fn try_from(decimal: &wire::Decimal) -> Result<Self, BadValue> {
        let text = decimal.value.trim();
        let plain = text.len() <= MAX_DECIMAL
            && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
        let parsed = if plain { Self::from_str_exact(text).ok() } else { None };
        parsed.ok_or_else(|| {
            BadValue::new(
                "Ожидается десятичное число, например 60.00.",
                "A decimal number is expected, such as 60.00.",
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

    /// A full date of the years 1900 to 2200.
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
    Timestamp {
        seconds: instant.timestamp(),
        nanos: i32::try_from(instant.timestamp_subsec_nanos()).unwrap_or_default(),
    }
}

/// An instant from the wire, in microseconds as PostgreSQL keeps them.
///
/// # Errors
/// [`BadValue`] for an instant that no calendar holds.
pub fn instant(timestamp: &Timestamp) -> Result<DateTime<Utc>, BadValue> {
    let nanos = u32::try_from(timestamp.nanos).ok();
    nanos
        .and_then(|nanos| DateTime::from_timestamp(timestamp.seconds, nanos / 1000 * 1000))
        .ok_or_else(|| BadValue::new("Такого момента нет.", "No such instant."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(units: i64, nanos: i32) -> wire::Money {
        wire::Money { currency_code: "RUB".into(), units, nanos }
    }

    #[test]
    fn money_goes_there_and_back() {
        for text in ["0", "0.01", "-0.01", "860.00", "-48336.50", "92233720368547.07"] {
            let m = Money::new(text.parse().unwrap(), Currency::Rub).unwrap();
            assert_eq!(Money::try_from(&wire::Money::from(m)), Ok(m), "{text}");
        }
        assert_eq!(wire::Money::from(Money::try_from(&money(-1, -500_000_000)).unwrap()).units, -1);
    }

    #[test]
    fn malformed_money_is_refused() {
        for bad in [money(1, -1), money(-1, 1), money(0, 1_000_000_000), money(0, 1_000_000)] {
            assert!(Money::try_from(&bad).is_err(), "{bad:?}");
        }
        let unknown = wire::Money { currency_code: "XXX".into(), ..money(1, 0) };
        assert!(Money::try_from(&unknown).is_err());
    }

    #[test]
    fn decimals_and_dates() {
        let decimal = |value: &str| Decimal::try_from(&wire::Decimal { value: value.into() });
        assert_eq!(decimal("60.00").unwrap().to_string(), "60.00");
        for bad in ["", "1e3", "1,5", "NaN", &"1".repeat(41)] {
            assert!(decimal(bad).is_err(), "{bad:?}");
        }
        let day = NaiveDate::from_ymd_opt(2020, 2, 29).unwrap();
        assert_eq!(NaiveDate::try_from(&wire::Date::from(day)), Ok(day));
        for (year, month, d) in [(2019, 2, 29), (2019, 0, 1), (0, 1, 1), (2019, 13, 1), (2019, 1, -1)] {
            assert!(NaiveDate::try_from(&wire::Date { year, month, day: d }).is_err());
        }
    }

    #[test]
    fn instants_keep_microseconds() {
        let t = Timestamp { seconds: 1_550_000_000, nanos: 123_456_789 };
        assert_eq!(timestamp(instant(&t).unwrap()).nanos, 123_456_000);
        assert!(instant(&Timestamp { seconds: 0, nanos: -1 }).is_err());
    }
}
