//! invoicing-svc through its RPCs, against real PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod bank;
mod batches;
mod billing;
mod cancellations;
mod concurrency;
mod contracts;
mod documents;
mod findings;
mod invoices;
mod late_fees;
mod ledger;
mod metrics;
mod month_close;
mod orders;
mod overdue_notices;
mod overviews;
mod payments;
mod products;
mod quotes;
mod repetition;
mod sellers;
mod subscriptions;
mod suspensions;
mod tax_exemptions;
mod world;
