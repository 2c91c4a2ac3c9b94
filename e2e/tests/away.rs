//! PostgreSQL away (issue 3 §6), over `raschet up` as a process: it stands still, dies and stays
//! down, takes no changes, is full, has no connections left, is copied and put back. Callers are
//! told what to do, nothing is lost or parked, and everything goes on without hands.
//!
//! An outage lasts seconds here, which is longer than every patience in the suite (5 s), so that
//! its effect is that of a minute; with `CI=true` it lasts the minute. The program must be built:
//! `cargo build --workspace`.

mod backup;
mod full;
mod outages;
mod program;
mod single;
mod world;
