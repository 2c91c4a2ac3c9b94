//! Documents read back by programs that know nothing of this crate: poppler and zbar.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod documents;
mod invoices;
mod qr;
mod tools;
