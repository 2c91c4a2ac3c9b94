//! Amounts and dates, shortly written and shortly read.

use chrono::NaiveDate;
use proto::google::r#type as wire;
use rust_decimal::Decimal;
use types::Money;

/// An amount of the wire as text, such as `860.00 RUB`.
///
/// # Panics
/// When it is absent or no money.
#[must_use]
pub fn text(money: Option<&wire::Money>) -> String {
    Money::try_from(money.expect("an amount")).expect("money").to_string()
}

/// An amount of the wire as a number; zero when it is absent.
///
/// # Panics
/// When it is no money.
#[must_use]
pub fn amount(money: Option<&wire::Money>) -> Decimal {
    money.map_or(Decimal::ZERO, |m| Money::try_from(m).expect("money").amount())
}

/// Roubles for the wire, such as `rub("860.00")`.
///
/// # Panics
/// When the text is no amount.
#[must_use]
pub fn rub(amount: &str) -> wire::Money {
    Money::new(amount.parse().expect("a number"), types::Currency::Rub).expect("roubles").into()
}

/// A decimal for the wire.
#[must_use]
pub fn decimal(value: &str) -> wire::Decimal {
    wire::Decimal { value: value.into() }
}

/// A date for the wire, such as `date("2019-02-08")`.
///
/// # Panics
/// When the text is no date.
#[must_use]
pub fn date(text: &str) -> wire::Date {
    text.parse::<NaiveDate>().expect("a date").into()
}

/// A date of the wire as text, such as `2019-02-08`.
#[must_use]
pub fn day(date: Option<&wire::Date>) -> String {
    date.map_or_else(String::new, |d| format!("{:04}-{:02}-{:02}", d.year, d.month, d.day))
}
