//! The frame against a real PostgreSQL and over real sockets.

#![expect(clippy::expect_used, reason = "a test that cannot be set up fails, saying what it lacks")]

mod authority;
mod away;
mod feed;
mod harness;
mod queue;
mod requests;
mod transactions;
