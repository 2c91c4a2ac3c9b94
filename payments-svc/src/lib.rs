//! payments-svc: what clients paid. Bank accounts, statements, their lines, matching and
//! allocations (what the money is meant for; invoicing-svc alone applies it).

pub mod domain;
pub mod readers;
