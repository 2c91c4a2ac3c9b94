//! Addresses that letters come to, and what each promises.

use crate::domain::{calendars::Calendar, clocks::Promise, working_hours::WorkingHours};
use chrono::{DateTime, Utc};
use types::{EmailAddress, id::MailboxId};

/// Most minutes that a mailbox may promise: four weeks.
pub const MINUTES_MAX: i32 = 4 * 7 * 24 * 60;

/// An address that letters come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Its id.
    pub id: MailboxId,
    /// The address.
    pub address: EmailAddress,
    /// Name shown with it; may be empty.
    pub display_name: String,
    /// Department of its tickets.
    pub department: String,
    /// Opens tickets for people who are no clients.
    pub accept_unknown: bool,
    /// Acknowledges new tickets by letter.
    pub acknowledge: bool,
    /// Minutes of processing.
    pub processing_minutes: i32,
    /// Minutes to the first answer.
    pub first_response_minutes: i32,
    /// When these run; none for every minute of every day.
    pub working: Option<WorkingHours>,
    /// Version; grows by one with each change.
    pub revision: i64,
}

impl Mailbox {
    /// What it promises to whoever writes at an instant.
    #[must_use]
    pub fn promise(&self, now: DateTime<Utc>) -> Promise {
        let working = self.working.as_ref();
        Promise {
            processing_minutes: self.processing_minutes,
            first_response_minutes: self.first_response_minutes,
            calendar: working.map_or_else(Calendar::round_the_clock, |hours| hours.calendar(now)),
        }
    }
}

/// True for a name that a department may have: a lower-case word of letters, digits and `_`.
#[must_use]
pub fn is_department(name: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=40).contains(&name.len())
        && name.bytes().all(word)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departments_are_words() {
        assert!(is_department("support") && is_department("line_2"));
        for bad in ["", "Support", "2nd", "a b", "тех", &"x".repeat(41)] {
            assert!(!is_department(bad), "{bad}");
        }
    }
}
