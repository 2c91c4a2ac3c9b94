//! What staff meet for and look forward to.

use crate::domain::lines::Line;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use types::id::{CalendarEventId, StaffId};

/// Longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// Most people who are named.
pub const STAFF_MAX: usize = 50;

/// What an event is called.
pub type Title = Line<TITLE_MAX>;

/// An event of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarEvent {
    /// Its id.
    pub id: CalendarEventId,
    /// What it is.
    pub title: Title,
    /// The day.
    pub day: NaiveDate,
    /// When it begins in Moscow; none means the whole day.
    pub start: Option<NaiveTime>,
    /// Who comes; nobody named means everybody.
    pub staff: Vec<StaffId>,
    /// Who wrote it: an actor such as staff/{staff}.
    pub author: String,
    /// Version.
    pub revision: i64,
    /// When it was written.
    pub created: DateTime<Utc>,
    /// When it was changed last.
    pub updated: DateTime<Utc>,
}

/// Reads `09:30`: two digits, a colon, two digits, no more.
#[must_use]
pub fn time(text: &str) -> Option<NaiveTime> {
    let bytes = text.as_bytes();
    let digits = |at: usize| bytes[at].is_ascii_digit() && bytes[at + 1].is_ascii_digit();
    let formed = bytes.len() == 5 && digits(0) && bytes[2] == b':' && digits(3);
    if formed { NaiveTime::parse_from_str(text, "%H:%M").ok() } else { None }
}

/// The time as [`time`] reads it.
#[must_use]
pub fn written(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

/// The first day of a day's month and the first of the next.
#[must_use]
pub fn month(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    use chrono::{Datelike, Months};
    let first = day.with_day(1).unwrap_or(day);
    (first, first.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_one_form() {
        for good in ["00:00", "09:30", "23:59"] {
            assert_eq!(time(good).map(written).as_deref(), Some(good));
        }
        for bad in ["", "9:30", "24:00", "09:60", "09:30:00", "+9:30", "ab:cd", "0930"] {
            assert_eq!(time(bad), None, "{bad}");
        }
    }

    #[test]
    fn months_are_whole() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(month(day("2019-12-31")), (day("2019-12-01"), day("2020-01-01")));
        assert_eq!(month(day("2020-02-29")), (day("2020-02-01"), day("2020-03-01")));
    }
}
