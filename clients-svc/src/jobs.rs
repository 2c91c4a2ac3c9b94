//! What clients-svc does by itself.

pub mod follow_invoicing;
