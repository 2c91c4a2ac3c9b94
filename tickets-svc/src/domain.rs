//! Types and rules of tickets and mail: pure, no I/O, no async, no clock.

pub mod addresses;
pub mod letters;
pub mod msgids;
