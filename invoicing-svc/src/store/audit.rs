//! Look-ups of the audit: what does not hold of money, invoices and acts, derived again from first
//! facts, and sums. Each answers at most [`LIMIT`] things.

pub mod acts;
pub mod billed;
pub mod invoices;
pub mod late_fees;
pub mod money;

/// Most discrepancies of one check that are named.
pub const LIMIT: i64 = 1000;

/// What does not hold of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Resource name.
    pub subject: String,
    /// What was derived.
    pub expected: String,
    /// What is stored.
    pub found: String,
}
