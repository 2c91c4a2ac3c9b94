//! invoicing-svc through its RPCs, against real PostgreSQL.

mod bank;
mod billing;
mod concurrency;
mod contracts;
mod documents;
mod invoices;
mod ledger;
mod month_close;
mod orders;
mod payments;
mod products;
mod sellers;
mod subscriptions;
mod world;
