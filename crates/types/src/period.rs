//! Calendar periods: half-open inside, printed inclusive.

use crate::Bilingual;
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whole days from `start` up to, not including, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
}

/// The shape in storage, checked again when read.
#[derive(Deserialize)]
struct Unchecked {
    start: NaiveDate,
    end: NaiveDate,
}

impl TryFrom<Unchecked> for Period {
    type Error = EmptyPeriod;

    fn try_from(given: Unchecked) -> Result<Self, Self::Error> {
        Self::new(given.start, given.end)
    }
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

impl Bilingual for EmptyPeriod {
    fn ru(&self) -> String {
        let Self { start, end } = self;
        format!("период должен кончаться после начала; получено с {start} по {end}")
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn half_open_inside_and_inclusive_in_print() {
        let period = Period::inclusive(day(2019, 2, 8), day(2019, 7, 31)).unwrap();
        assert_eq!(period, Period::new(day(2019, 2, 8), day(2019, 8, 1)).unwrap());
        assert_eq!(period.to_string(), "08.02.2019–31.07.2019");
        assert_eq!((period.days(), period.last()), (174, day(2019, 7, 31)));
        assert!(period.contains(day(2019, 7, 31)) && !period.contains(day(2019, 8, 1)));
        let start = day(2019, 2, 8);
        assert_eq!(Period::new(start, start), Err(EmptyPeriod { start, end: start }));
        assert_eq!(Period::inclusive(start, start).unwrap().days(), 1);
    }

    /// The anchor day is kept unclamped: 31 is the 28th in February and the 31st again in March.
    #[test]
    fn an_anchor_is_clamped_month_by_month() {
        let cases = [
            (day(2019, 1, 1), day(2019, 1, 31)),
            (day(2019, 2, 1), day(2019, 2, 28)),
            (day(2020, 2, 29), day(2020, 2, 29)),
            (day(2019, 3, 31), day(2019, 3, 31)),
            (day(2019, 4, 15), day(2019, 4, 30)),
        ];
        for (month, expected) in cases {
            assert_eq!(anchored(month, 31), expected);
        }
        assert_eq!(anchored(day(2019, 2, 28), 0), day(2019, 2, 1));
    }

    #[test]
    fn storage_is_checked_again() {
        let period = Period::new(day(2019, 2, 8), day(2019, 8, 1)).unwrap();
        let text = serde_json::to_string(&period).unwrap();
        assert_eq!(serde_json::from_str::<Period>(&text).unwrap(), period);
        let empty = r#"{"start":"2019-02-08","end":"2019-02-08"}"#;
        assert!(serde_json::from_str::<Period>(empty).is_err());
    }

    prop_compose! {
        fn periods()(start in 0_i32..40_000, days in 1_i32..2_000) -> Period {
            let start = NaiveDate::from_epoch_days(start).unwrap();
            Period::new(start, start + Days::new(u64::try_from(days).unwrap())).unwrap()
        }
    }

    proptest! {
        /// G53 rests on it: the pieces by month cover the period exactly, each in one month.
        #[test]
        fn months_cover_the_period(period in periods()) {
            let pieces = period.by_month();
            prop_assert_eq!(pieces[0].start(), period.start());
            prop_assert_eq!(pieces[pieces.len() - 1].end(), period.end());
            prop_assert!(pieces.windows(2).all(|pair| pair[0].end() == pair[1].start()));
            for piece in &pieces {
                prop_assert_eq!(first_of_month(piece.start()), first_of_month(piece.last()));
            }
            prop_assert_eq!(pieces.iter().map(|p| p.days()).sum::<i64>(), period.days());
        }

        #[test]
        fn the_common_part_holds_the_common_days(a in periods(), b in periods(), at: u16) {
            let probe = NaiveDate::from_epoch_days(i32::from(at)).unwrap();
            let both = a.contains(probe) && b.contains(probe);
            prop_assert_eq!(a.intersect(b).is_some_and(|c| c.contains(probe)), both);
            prop_assert_eq!(a.intersect(b), b.intersect(a));
            prop_assert_eq!(a.intersect(a), Some(a));
        }

        #[test]
        fn an_anchor_stays_in_its_month(at in 0_i32..40_000, anchor in 1_u32..=31) {
            let month = NaiveDate::from_epoch_days(at).unwrap();
            let day = anchored(month, anchor);
            prop_assert_eq!(first_of_month(day), first_of_month(month));
            prop_assert!(day.day() == anchor || day.day() == days_in_month(month));
        }
    }
}
