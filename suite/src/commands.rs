//! The operator's commands: gRPC clients of a running suite.

pub mod audit;
pub mod bank;
pub mod billing;
pub mod mail;

use chrono::{Datelike, NaiveDate};
use proto::google::r#type as wire;
use types::Money;
use uuid::Uuid;

/// A request id for one run of a command.
fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// A date for the wire.
fn date(date: NaiveDate) -> wire::Date {
    let part = |number: u32| i32::try_from(number).unwrap_or_default();
    wire::Date { year: date.year(), month: part(date.month()), day: part(date.day()) }
}

/// An amount for people and JSON: `120.00 RUB`.
fn money(amount: Option<&wire::Money>) -> String {
    let Some(amount) = amount else { return String::new() };
    match Money::try_from(amount.clone()) {
        Ok(money) => money.to_string(),
        // Shown as it came: the operator must see what the server said.
        Err(_) => format!("{}.{:09} {}", amount.units, amount.nanos, amount.currency_code),
    }
}

/// Amounts of several currencies.
fn moneys(amounts: &[wire::Money]) -> Vec<String> {
    amounts.iter().map(|amount| money(Some(amount))).collect()
}
