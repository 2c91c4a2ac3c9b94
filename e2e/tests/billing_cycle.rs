//! The main job (issue 2, §3): steps 1–10 over all services, through the gateway only, with the
//! manual clock. In one process for a half-year and for two simulated years with chance in them;
//! over five processes for a quarter.
//!
//! The processes are programs of the workspace, which `make test` builds first; by hand:
//! `cargo build --workspace` and then this test.

mod bank;
mod cabinet;
mod mail;
mod main_job;
mod opening;
mod quantity;
mod renewal;
mod two_years;
