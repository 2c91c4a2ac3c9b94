//! The `raschet` program as its users run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails, saying what it lacks")]

mod commands;
mod demo;
mod program;
mod up;
