//! gRPC in and out: parse, call, encode.

pub mod client_tickets;
pub mod letters;
pub mod mailboxes;
pub mod parse;
pub mod tickets;
