//! The billing engine: what should have been billed, to the kopeck, and why.
//!
//! A pure function of the catalogue, a subscription's history, what was billed and a date. It
//! proposes everything from the first day on, takes away what lines of standing invoices cover, and
//! yields the difference as lines (anchors C, F3). So running again yields nothing, and a change
//! that is recorded late, or for a day long past, is no special case. Lines that exist are never
//! touched: too much is credited against them, by the fraction of the line that the days are, and
//! never more than is left of it.
//!
//! | module | what |
//! |---|---|
//! | [`book`] | what a service stores, as history, and lines as lines of invoices |
//! | [`history`] | what goes in: catalogue, contracts, subscriptions and their events |
//! | [`timeline`] | terms and units by day, the grid of periods, suspensions |
//! | [`coverage`] | units that should be billed less units that are, as spans of days |
//! | [`lines`] | those spans as lines with amounts, tax and traces |
//! | [`due`] | all of it, for one subscription or all |
//! | [`lint`] | what looks wrong in subscriptions and drafts |
//! | [`next`] | the next renewal, and whether it is what was promised |

pub mod book;
pub mod coverage;
pub mod due;
pub mod history;
pub mod lines;
pub mod lint;
pub mod next;
pub mod timeline;

#[cfg(test)]
mod tests;

pub use due::{begun_of, due, due_of};
pub use history::{BillingError, History};
pub use lines::{Kind, Line};
