//! invoicing-svc through its RPCs, against real PostgreSQL.

mod concurrency;
mod contracts;
mod documents;
mod invoices;
mod orders;
mod products;
mod sellers;
mod subscriptions;
mod world;
