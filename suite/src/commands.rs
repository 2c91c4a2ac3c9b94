//! The operator's commands: gRPC clients of a running suite, and some that need none.

pub mod audit;
pub mod bank;
pub mod bill_plan;
pub mod billing;
pub mod mail;
pub mod prorate;
pub mod repair;
pub mod staff;

use proto::google::r#type as wire;
use types::Money;
use uuid::Uuid;

/// A request id for one run of a command.
fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// An amount for people and JSON: `120.00 RUB`.
fn money(amount: Option<&wire::Money>) -> String {
    let Some(amount) = amount else { return String::new() };
    match Money::try_from(amount) {
        Ok(money) => money.to_string(),
        // Shown as it came: the operator must see what the server said.
        Err(_) => format!("{}.{:09} {}", amount.units, amount.nanos, amount.currency_code),
    }
}

/// Amounts of several currencies.
fn moneys(amounts: &[wire::Money]) -> Vec<String> {
    amounts.iter().map(|amount| money(Some(amount))).collect()
}
