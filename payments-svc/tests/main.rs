//! Tests of payments-svc, one file per noun; `world` is what they share.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails, saying what it lacks")]

mod audit;
mod bank_accounts;
mod banks;
mod broken_xml;
mod fakes;
mod feeds;
mod formats;
mod importing;
mod learned_classes;
mod learned_rules;
mod lines;
mod matching;
mod matching_policies;
mod readers;
mod repetition;
mod samples;
mod statements;
mod unseen;
mod world;
