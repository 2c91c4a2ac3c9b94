//! tickets-svc: what clients say, and what is said to them.

pub mod domain;
pub mod readers;
