//! Documents read back by programs that know nothing of this crate: poppler and zbar.

mod documents;
mod invoices;
mod qr;
mod tools;
