//! The SQL of tickets-svc, and only the SQL. Functions take the connection; the caller owns the
//! transaction.

pub mod audit;
pub mod calendar_events;
pub mod clients;
pub mod confirmations;
pub mod gauges;
pub mod imap_cursors;
pub mod inbound_letters;
pub mod mail_keys;
pub mod mailboxes;
pub mod messages;
pub mod notepads;
pub mod outbound_letters;
pub mod rows;
pub mod tasks;
pub mod tickets;
