//! Clocks of service level: how long a ticket may wait for us (A27).
//!
//! Two run on each ticket: *processing*, until it no longer waits for us, and *first response*.
//! A clock that starts anew is a new run; what the last run came to is never edited.

use crate::domain::calendars::Calendar;
use chrono::{DateTime, TimeDelta, Utc};

/// Which clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Until the ticket no longer waits for us.
    Processing,
    /// Until the first answer.
    FirstResponse,
}

impl Kind {
    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::FirstResponse => "first_response",
        }
    }
}

/// Minutes that a mailbox promises, and when they run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// Minutes of processing.
    pub processing_minutes: i32,
    /// Minutes to the first answer.
    pub first_response_minutes: i32,
    /// When they run.
    pub calendar: Calendar,
}

impl Promise {
    /// Two hours of processing round the clock, half an hour to the first answer (A27).
    #[must_use]
    pub fn regulation() -> Self {
        Self {
            processing_minutes: 120,
            first_response_minutes: 30,
            calendar: Calendar::round_the_clock(),
        }
    }

    /// A clock of the kind that starts at an instant.
    #[must_use]
    pub fn start(&self, kind: Kind, run: i32, now: DateTime<Utc>) -> SlaClock {
        let minutes = match kind {
            Kind::Processing => self.processing_minutes,
            Kind::FirstResponse => self.first_response_minutes,
        };
        let due = self.calendar.add(now, TimeDelta::minutes(i64::from(minutes)));
        SlaClock { kind, run, started: now, due, stopped: None }
    }
}

/// One run of a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaClock {
    /// Which clock.
    pub kind: Kind,
    /// Runs of it on the ticket so far, from 1.
    pub run: i32,
    /// When it started.
    pub started: DateTime<Utc>,
    /// When it must be stopped: reckoned once, at the start.
    pub due: DateTime<Utc>,
    /// When it stopped.
    pub stopped: Option<DateTime<Utc>>,
}

impl SlaClock {
    /// The clock, stopped; the first stop counts.
    #[must_use]
    pub fn stop(mut self, now: DateTime<Utc>) -> Self {
        self.stopped = self.stopped.or(Some(now));
        self
    }

    /// When it must be stopped, while it runs.
    #[must_use]
    pub fn due_while_running(&self) -> Option<DateTime<Utc>> {
        self.stopped.is_none().then_some(self.due)
    }

    /// True when it ran out: it was stopped after its due time, or runs still.
    #[must_use]
    pub fn breached(&self, now: DateTime<Utc>) -> bool {
        self.stopped.unwrap_or(now) > self.due
    }
}
