//! Calendar periods: half-open inside, printed inclusive.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whole days from `start` up to, not including, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
}

/// The end is not after the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a period must end after it starts; got {start} to {end}")]
pub struct EmptyPeriod {
    /// First day.
    pub start: NaiveDate,
    /// Day after the last.
    pub end: NaiveDate,
}

impl Period {
    /// The period `[start, end)`.
    ///
    /// # Errors
    /// [`EmptyPeriod`] unless `end > start`.
    pub fn new(start: NaiveDate, end: NaiveDate) -> Result<Self, EmptyPeriod> {
        if end > start { Ok(Self { start, end }) } else { Err(EmptyPeriod { start, end }) }
    }

    /// The period whose last day is `last`, as people write it.
    ///
    /// # Errors
    /// [`EmptyPeriod`] when `last` is before `start`.
    pub fn inclusive(start: NaiveDate, last: NaiveDate) -> Result<Self, EmptyPeriod> {
        let end = last.checked_add_days(Days::new(1)).unwrap_or(last);
        Self::new(start, end)
    }

    /// First day.
    #[must_use]
    pub const fn start(self) -> NaiveDate {
        self.start
    }

    /// Day after the last.
    #[must_use]
    pub const fn end(self) -> NaiveDate {
        self.end
    }

    /// Last day, as printed.
    #[must_use]
    pub fn last(self) -> NaiveDate {
        self.end.pred_opt().unwrap_or(self.start)
    }

    /// Number of days.
    #[must_use]
    pub fn days(self) -> i64 {
        (self.end - self.start).num_days()
    }

    /// True when the day lies inside.
    #[must_use]
    pub fn contains(self, day: NaiveDate) -> bool {
        self.start <= day && day < self.end
    }

    /// The common part, if any.
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end)).ok()
    }

    /// The pieces of the period by calendar month, in order; they cover it exactly.
    #[must_use]
    pub fn by_month(self) -> Vec<Self> {
        let mut pieces = Vec::new();
        let mut from = self.start;
        while from < self.end {
            let to = next_month(from).min(self.end);
            pieces.push(Self { start: from, end: to });
            from = to;
        }
        pieces
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}–{}", self.start.format("%d.%m.%Y"), self.last().format("%d.%m.%Y"))
    }
}

/// First day of the month after the one that holds `day`.
#[must_use]
pub fn next_month(day: NaiveDate) -> NaiveDate {
    first_of_month(day).checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX)
}

/// First day of the month that holds `day`.
#[must_use]
pub fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// Number of days of the month that holds `day`.
#[must_use]
pub fn days_in_month(day: NaiveDate) -> u32 {
    u32::try_from((next_month(day) - first_of_month(day)).num_days()).unwrap_or(31)
}

/// The anchor day (1–31, kept unclamped) in the month of `month`, clamped to its last day.
#[must_use]
pub fn anchored(month: NaiveDate, anchor: u32) -> NaiveDate {
    let day = anchor.clamp(1, days_in_month(month));
    month.with_day(day).unwrap_or(month)
}
