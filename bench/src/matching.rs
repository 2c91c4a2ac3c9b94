//! Payments with their truth, to measure the matcher on (payments.md §4.11).
//!
//! The world comes first, the payers' intents next, their texts last: what is meant is known, and
//! whether it can be known is computed from the world alone. Not evidence of production: the texts
//! are invented, by who has read the matcher.

pub mod baselines;
pub mod chance;
pub mod lines;
pub mod score;
pub mod texts;
pub mod world;
