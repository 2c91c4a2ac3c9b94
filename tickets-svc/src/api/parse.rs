//! Fields of requests to domain values, all violations at once.

use crate::domain::messages::BadText;
use chrono::NaiveDate;
use proto::google::r#type::Date;
use service::{Failure, Text, Violations};
use std::str::FromStr;
use types::{EmailAddress, bilingual::Bilingual};

/// A resource name that must be there.
pub fn name<T: FromStr>(
    violations: &mut Violations,
    field: &str,
    text: &str,
    form: &str,
) -> Option<T> {
    let parsed = text.parse().map_err(|_| {
        Text::new(format!("Укажите имя вида {form}."), format!("Give a name such as {form}."))
    });
    violations.take(field, parsed)
}

/// A resource name that may be empty.
pub fn optional_name<T: FromStr>(
    violations: &mut Violations,
    field: &str,
    text: &str,
    form: &str,
) -> Option<T> {
    if text.is_empty() { None } else { name(violations, field, text, form) }
}

/// An address.
pub fn address(violations: &mut Violations, field: &str, text: &str) -> Option<EmailAddress> {
    let parsed = EmailAddress::parse(text).map_err(|e| Text::new(e.ru(), e.to_string()));
    violations.take(field, parsed)
}

/// A text that staff wrote.
pub fn words<T>(violations: &mut Violations, field: &str, parsed: Result<T, BadText>) -> Option<T> {
    let parsed = parsed.map_err(|bad| match bad {
        BadText::Empty => Text::new("Напишите текст.", "Write a text."),
        BadText::TooLong => Text::new(
            "Текст длиннее 200 000 байт. Приложите его файлом.",
            "The text is longer than 200,000 bytes. Attach it as a file.",
        ),
        BadText::Control => Text::new(
            "В тексте есть управляющие символы. Удалите их.",
            "The text holds control characters. Remove them.",
        ),
    });
    violations.take(field, parsed)
}

/// The one name of a request that is about nothing else.
///
/// # Errors
/// `INVALID_ARGUMENT` when it is none.
pub fn only_name<T: FromStr>(field: &str, text: &str, form: &str) -> Result<T, Failure> {
    let mut violations = Violations::default();
    let parsed = name(&mut violations, field, text, form);
    violations.finish()?;
    parsed.ok_or_else(|| Failure::internal("a name without a violation"))
}

/// A day that may be absent.
pub fn date(violations: &mut Violations, field: &str, given: Option<&Date>) -> Option<NaiveDate> {
    let parsed = given.map(NaiveDate::try_from).transpose().map_err(|e| Text::of(&e));
    violations.take(field, parsed).flatten()
}

/// A count of rows as the wire has it.
#[must_use]
pub fn total(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
