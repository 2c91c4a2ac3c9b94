//! The SQL of payments, and only the SQL. Functions take the connection; the caller owns the
//! transaction. What is absent is `None`; the caller decides what absence means.

pub mod accounts;
pub mod allocations;
pub mod audit;
pub mod bank_accounts;
mod copy;
pub mod gauges;
pub mod invoices;
pub mod learned_rules;
pub mod lines;
pub mod matching;
pub mod matching_policies;
pub mod matching_reviews;
pub mod statements;

use rust_decimal::Decimal;
use service::Failure;
use types::Money;

/// Money from its two columns.
fn money(amount: Decimal, currency: &str) -> Result<Money, Failure> {
    let currency = currency.parse().map_err(Failure::internal)?;
    Money::new(amount, currency).map_err(Failure::internal)
}

/// A value that only our own code writes, read back.
fn stored<T>(value: Option<T>, column: &str, text: &str) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::internal(format!("{column} holds {text:?}")))
}
