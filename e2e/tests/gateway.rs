//! The only public door: who may pass, what is handed on, and what is not there at all.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails, saying what it lacks")]

mod gateway {
    mod browsers;
    mod cabinet;
    mod callers;
    mod contracts;
    mod files;
    mod names;
    mod parked;
    mod pay;
    mod screens;
}
