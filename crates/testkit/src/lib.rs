//! What tests of the suite share: databases, services in process, peers and invented data.
//!
//! | module | what |
//! |---|---|
//! | [`harness`] | services in this process, and channels that act for anybody |
//! | [`postgres`] | a database per test, cloned from a template that is migrated once |
//! | [`once`] | every mutating RPC of a service, repeated |
//! | [`smtp`] | a real SMTP server that keeps what it gets |
//! | [`samples`] | where the real statements and letters lie, if they do |

#![expect(clippy::expect_used, reason = "a test that cannot be set up fails, saying what it lacks")]

pub mod event;
pub mod harness;
pub mod once;
pub mod postgres;
pub mod samples;
pub mod settle;
pub mod smtp;

pub use event::event;
pub use harness::Harness;
pub use once::Once;
pub use postgres::TestDatabase;
pub use samples::samples;
pub use smtp::SmtpSink;
pub use types::invented::Company;
