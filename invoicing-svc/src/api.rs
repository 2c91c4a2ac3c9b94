//! gRPC in and out: decode, authorise, call, encode. One file per noun.

pub mod contracts;
pub mod invoices;
pub mod orders;
mod parse;
pub mod products;
pub mod sellers;
mod traces;
