//! Tests of payments-svc, one file per noun; `world` is what they share.

mod audit;
mod bank_accounts;
mod feeds;
mod lines;
mod matching;
mod readers;
mod samples;
mod statements;
mod world;
