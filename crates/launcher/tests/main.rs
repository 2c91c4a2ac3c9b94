//! A private PostgreSQL on this machine: life, crashes of either side, and clear refusals.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails, saying what it lacks")]

mod crash;
mod life;
mod temp;
