//! invoicing-svc: what clients owe. Catalogue, orders, subscriptions, invoices, ledger.

pub mod domain;
