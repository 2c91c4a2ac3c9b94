//! Random months of many clients in one process (issue 3, §2): orders, changes of quantity,
//! payments right and wrong, money taken back, letters, requests said twice, clocks that jump over
//! the ends of months, a year and a leap day. After each step the books must equal those of a small
//! model that shares no code with the suite.
//!
//! Each run prints its seed. `RASCHET_SEED` replays one, `RASCHET_MONTHS` and `RASCHET_CLIENTS` set
//! how long and how wide; `make simulate SEEDS=20 MONTHS=14 CLIENTS=100` runs many.

mod arithmetic;
mod chance;
mod compare;
mod life;
mod mail;
mod model;
mod months;
mod payments;
