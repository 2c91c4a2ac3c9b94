//! Tests of payments-svc, one file per noun.

mod readers;
mod samples;
