//! Types and rules of tickets and mail: pure, no I/O, no async, no clock.

pub mod calendars;
pub mod clocks;
pub mod letters;
pub mod messages;
pub mod msgids;
pub mod tickets;
