//! gRPC in and out: decode, authorise, call, encode. One file per noun.

pub mod billing;
pub mod contracts;
pub mod findings;
pub mod invoices;
pub mod late_fees;
pub mod ledger;
pub mod metrics;
pub mod orders;
pub mod overviews;
mod parse;
pub mod pay_links;
pub mod products;
pub mod quotes;
pub mod sellers;
pub mod subscriptions;
pub mod tax_exemptions;
mod traces;
