//! gRPC in and out: parse, call, encode.

pub mod calendar_events;
pub mod client_tickets;
pub mod colleagues;
pub mod letters;
pub mod mailboxes;
pub mod notepads;
pub mod parse;
pub mod tasks;
pub mod tickets;
