//! The SQL, and only the SQL. One file per noun; the handler owns the transaction.

pub mod accounts;
pub mod acts;
pub mod allocations;
pub mod applications;
pub mod audit;
pub mod billed_periods;
pub mod changes;
pub mod contracts;
pub mod documents;
pub mod gauges;
pub mod invoices;
pub mod late_fee_policies;
pub mod late_fees;
pub mod ledger;
pub mod metrics;
pub mod orders;
pub mod overdue_notices;
pub mod overviews;
pub mod pay_links;
pub mod payments;
pub mod products;
pub mod profiles;
pub mod quotes;
pub mod runs;
pub mod sellers;
pub mod subscriptions;
pub mod suspensions;
pub mod tax_exemptions;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use service::Failure;
use sqlx::postgres::types::PgRange;
use std::{fmt::Display, ops::Bound, str::FromStr};
use types::{Currency, Money, Period};

/// A stored code as its type. What we stored ourselves reads back, or it is a bug.
pub(crate) fn code<T: FromStr<Err: Display>>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(Failure::internal)
}

/// A stored amount in its stored currency.
pub(crate) fn money(amount: Decimal, currency: &str) -> Result<Money, Failure> {
    Money::new(amount, code::<Currency>(currency)?).map_err(Failure::internal)
}

/// A stored count that is never below zero.
pub(crate) fn count(value: i32) -> Result<u32, Failure> {
    u32::try_from(value).map_err(Failure::internal)
}

/// A count as PostgreSQL keeps it.
pub(crate) fn stored_count(value: u32) -> Result<i32, Failure> {
    i32::try_from(value).map_err(Failure::internal)
}

/// A stored range, which PostgreSQL keeps half-open.
pub(crate) fn period(range: PgRange<NaiveDate>) -> Result<Period, Failure> {
    match (range.start, range.end) {
        (Bound::Included(start), Bound::Excluded(end)) => {
            Period::new(start, end).map_err(Failure::internal)
        }
        other => Err(Failure::internal(format!("{other:?} is not a half-open period"))),
    }
}

/// An optional text as a column that is never null.
pub(crate) fn or_empty(text: Option<&String>) -> &str {
    text.map_or("", String::as_str)
}

/// A column that is never null as an optional text.
pub(crate) fn not_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
