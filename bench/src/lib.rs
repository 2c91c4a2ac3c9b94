//! What the figures share: programs in `src/bin/`, one per figure, each of which measures a
//! subject and its limit by turns, in the same run and cluster.
//!
//! | module | what |
//! |---|---|
//! | [`stage`] | a private PostgreSQL that keeps every commit, and the suite's programs over it |
//! | [`process`] | one of those programs: its memory, its end |
//! | [`door`] | calls through the gateway, as the operator |
//! | [`bank`] | payers, open invoices and statements that pay them |
//! | [`catalogue`] | a seller and products to measure with |
//! | [`clients`] | many billed clients at once, set by set |
//! | [`billing`] | those, and the run that bills them |
//! | [`matching`] | payments with their truth, and rules of others |
//! | [`letters`] | typical letters of many clients, and the worst known |
//! | [`limit`] | how fast PostgreSQL takes the same rows, bare |
//! | [`measure`] | times: medians and percentiles |
//! | [`report`] | figures as a table and as JSON |
//! | [`machine`] | what they were measured on |

pub mod bank;
pub mod billing;
pub mod catalogue;
pub mod clients;
pub mod door;
pub mod letters;
pub mod limit;
pub mod machine;
pub mod matching;
pub mod measure;
pub mod process;
pub mod report;
pub mod stage;
