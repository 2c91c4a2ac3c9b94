//! Outside bytes to domain facts: pure, parsing crates allowed.

pub mod letters;
