//! The SQL of clients-svc, and only the SQL. Functions take the connection; the caller owns the
//! transaction. Absence is an `Option`: what it means is decided by the caller.

pub mod clients;
pub mod contacts;
pub mod history;
pub mod legal_entities;
pub mod notes;
pub mod people;
pub mod sessions;
pub mod staff;
pub mod views;

/// A stored value that the rules would not have let in: names the column and the row.
pub(crate) fn corrupt(column: &'static str, row: impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(format!("{column} of {row} holds a value that is not allowed").into())
}

/// Text for `like` that matches what begins with `query`, literally.
pub(crate) fn prefix(query: &str) -> String {
    let mut pattern = String::with_capacity(query.len() + 1);
    for c in query.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
