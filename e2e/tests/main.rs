//! Tests of the whole suite, a module for each thing proven; one program, which is linked once.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails, saying what it lacks"
)]

mod authority;
mod away;
mod billing_cycle;
mod browser;
mod crash;
mod gateway;
mod hostile;
mod python;
mod simulation;
mod telemetry;
