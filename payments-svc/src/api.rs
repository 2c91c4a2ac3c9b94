//! gRPC in and out: decode, act, encode. Roles were checked by the layers before.

pub mod bank_accounts;
pub mod learned_rules;
pub mod lines;
pub mod matching_policies;
pub mod statements;

use crate::domain::statements::Remark;
use service::{Failure, Locale, Text};
use std::str::FromStr;
use types::id::BadName;

/// A resource name of a request.
fn name<T: FromStr<Err = BadName>>(field: &str, given: &str) -> Result<T, Failure> {
    given.parse().map_err(|error: BadName| Failure::invalid(field, bad_name(&error)))
}

/// What is wrong with a resource name.
fn bad_name(error: &BadName) -> Text {
    Text::new(
        format!("Ожидается имя вида {}/{{uuid}}.", error.collection),
        format!("A name like {}/{{uuid}} is expected.", error.collection),
    )
}

/// A remark in the caller's language.
fn said(remark: &Remark, locale: Locale) -> String {
    match locale {
        Locale::Ru => remark.ru.clone(),
        Locale::En => remark.en.clone(),
    }
}

/// `total_size` of a list.
fn total(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
