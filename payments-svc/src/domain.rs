//! Types and rules of payments: pure, no I/O, no clock.

pub mod statements;
