//! Reading requests: every malformed field is noted, none ends the reading.

use chrono::NaiveDate;
use proto::{convert, google::r#type as wire};
use rust_decimal::Decimal;
use service::{Failure, Text, Violations};
use std::{fmt::Display, str::FromStr};
use types::{Money, id::BadName};

/// "This field is required."
pub fn required() -> Text {
    Text::new("Обязательное поле.", "This field is required.")
}

/// The one message of a request, or a violation that it is missing.
///
/// # Errors
/// `INVALID_ARGUMENT` when it is absent.
pub fn message<T>(field: &str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::invalid(field, required()))
}

/// The name of the one resource that a request is about.
///
/// # Errors
/// `INVALID_ARGUMENT` when the text is no such name.
pub fn only_name<T: FromStr<Err = BadName>>(field: &str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|bad| Failure::invalid(field, bad_name(&bad)))
}

fn bad_name(bad: &BadName) -> Text {
    let expected = format!("{}/{{uuid}}", bad.collection);
    Text::new(
        format!("Ожидается имя вида {expected}."),
        format!("A name such as {expected} is expected."),
    )
}

/// A reference that must be there.
pub fn name<T: FromStr<Err = BadName>>(v: &mut Violations, field: &str, text: &str) -> Option<T> {
    v.take(field, text.parse::<T>().map_err(|bad| bad_name(&bad)))
}

/// A reference that may be empty.
pub fn optional_name<T: FromStr<Err = BadName>>(
    v: &mut Violations,
    field: &str,
    text: &str,
) -> Option<T> {
    if text.is_empty() { None } else { name(v, field, text) }
}

/// A text of at most `max` characters, outer blanks dropped.
pub fn text(v: &mut Violations, field: &str, given: &str, max: usize) -> String {
    let given = given.trim();
    if given.chars().count() > max || given.chars().any(|c| c.is_control() && c != '\n') {
        v.field(
            field,
            Text::new(
                format!("Не более {max} знаков, без управляющих символов."),
                format!("At most {max} characters, no control characters."),
            ),
        );
    }
    given.to_owned()
}

/// A text that must be there.
pub fn required_text(v: &mut Violations, field: &str, given: &str, max: usize) -> String {
    let given = text(v, field, given, max);
    if given.is_empty() {
        v.field(field, required());
    }
    given
}

/// A date that may be absent.
pub fn date(v: &mut Violations, field: &str, date: Option<&wire::Date>) -> Option<NaiveDate> {
    v.take(field, date.map(NaiveDate::try_from).transpose().map_err(|e| Text::of(&e))).flatten()
}

/// A date that must be there.
pub fn required_date(
    v: &mut Violations,
    field: &str,
    date: Option<&wire::Date>,
) -> Option<NaiveDate> {
    let date = convert::required(date).and_then(NaiveDate::try_from);
    v.take(field, date.map_err(|e| Text::of(&e)))
}

/// A decimal number that may be absent.
pub fn decimal(v: &mut Violations, field: &str, value: Option<&wire::Decimal>) -> Option<Decimal> {
    v.take(field, value.map(Decimal::try_from).transpose().map_err(|e| Text::of(&e))).flatten()
}

/// An amount that may be absent.
pub fn money(v: &mut Violations, field: &str, value: Option<&wire::Money>) -> Option<Money> {
    v.take(field, value.map(Money::try_from).transpose().map_err(|e| Text::of(&e))).flatten()
}

/// A whole number within limits; 0 means `default` where there is one.
pub fn number(
    v: &mut Violations,
    field: &str,
    given: i32,
    (min, max): (u32, u32),
    default: Option<u32>,
) -> u32 {
    if let (0, Some(default)) = (given, default) {
        return default;
    }
    let inside = u32::try_from(given).ok().filter(|n| (min..=max).contains(n));
    inside.unwrap_or_else(|| {
        v.field(
            field,
            Text::new(
                format!("Ожидается число от {min} до {max}."),
                format!("A number from {min} to {max} is expected."),
            ),
        );
        min
    })
}

/// A choice by the name of its wire value, such as `OFFER`; the unspecified one means `default`.
pub fn choice<T: FromStr<Err: Display>, E>(
    v: &mut Violations,
    field: &str,
    given: Result<&'static str, E>,
    default: Option<T>,
) -> Option<T> {
    let given = given.unwrap_or_default();
    if given.ends_with("_UNSPECIFIED") {
        if default.is_none() {
            v.field(field, required());
        }
        return default;
    }
    let parsed = given.parse().map_err(|_| {
        Text::new("Неизвестное значение.", "No such value; see the contract of the field.")
    });
    v.take(field, parsed)
}
