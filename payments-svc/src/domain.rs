//! Types and rules of payments: pure, no I/O, no clock.

pub mod allocations;
pub mod learned_rules;
pub mod lines;
pub mod matching;
pub mod matching_policies;
pub mod statements;
