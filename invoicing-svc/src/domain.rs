//! Types and rules of invoicing: pure, without I/O, async or a clock.
//!
//! Dates and instants are arguments; amounts are [`types::Money`]; every computed amount carries a
//! trace from which it can be computed again.

pub mod acts;
pub mod applications;
mod bilingual;
pub mod billing;
pub mod calendars;
pub mod changes;
pub mod codes;
pub mod contracts;
pub mod covered;
pub mod cycles;
pub mod discounts;
pub mod estimates;
#[cfg(test)]
mod fixtures;
pub mod fractions;
pub mod invoices;
pub mod late_fees;
pub mod ledger;
pub mod lines;
pub mod metrics;
pub mod month_close;
pub mod number_series;
pub mod orders;
pub mod overdue_notices;
pub mod periods;
pub mod pricing;
pub mod products;
pub mod proration;
pub mod quotes;
pub mod sellers;
pub mod subscriptions;
pub mod suspensions;
pub mod tax;
pub mod tax_exemptions;
pub mod texts;
