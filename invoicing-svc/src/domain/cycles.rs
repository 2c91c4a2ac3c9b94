//! Billing cycles and the periods they make.
//!
//! The anchor day 1–31 is kept unclamped and every boundary is derived from it, never from the
//! boundary before: 31.01 → 28.02 → 31.03 (anchors F7).

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use types::{
    Period,
    period::{anchored, first_of_month},
};

/// Longest cycle, in months.
pub const MAX_MONTHS: u32 = 120;

/// How often a price is charged (A132).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE", tag = "kind", content = "months")]
pub enum Cycle {
    /// Never: the product costs nothing.
    Free,
    /// Once, when ordered.
    Once,
    /// Every N months, 1 to [`MAX_MONTHS`].
    Months(u32),
}

/// The text is not a cycle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cycle {0:?}: FREE, ONCE or a number of months from 1 to {MAX_MONTHS} is expected")]
pub struct BadCycle(pub String);

impl Cycle {
    /// A cycle of N months.
    ///
    /// # Errors
    /// [`BadCycle`] unless 1 ≤ N ≤ [`MAX_MONTHS`].
    pub fn months(n: u32) -> Result<Self, BadCycle> {
        if (1..=MAX_MONTHS).contains(&n) {
            Ok(Self::Months(n))
        } else {
            Err(BadCycle(n.to_string()))
        }
    }

    /// Number of months, for cycles that recur.
    #[must_use]
    pub const fn recurring(self) -> Option<u32> {
        match self {
            Self::Months(n) => Some(n),
            Self::Free | Self::Once => None,
        }
    }
}

impl fmt::Display for Cycle {
    /// The stored text: `FREE`, `ONCE`, or the number of months.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("FREE"),
            Self::Once => f.write_str("ONCE"),
            Self::Months(n) => write!(f, "{n}"),
        }
    }
}

impl FromStr for Cycle {
    type Err = BadCycle;

    fn from_str(text: &str) -> Result<Self, BadCycle> {
        match text {
            "FREE" => Ok(Self::Free),
            "ONCE" => Ok(Self::Once),
            n => n.parse().map_err(|_| BadCycle(n.into())).and_then(Self::months),
        }
    }
}

/// The grid of billing periods of a subscription.
///
/// Boundary `n` is the anchor day of the month `n × months` after the origin's. Services that are
/// billed together share a grid, so their periods coincide (A159).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Schedule {
    origin: NaiveDate,
    anchor: u32,
    months: u32,
}

/// The numbers do not make a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "schedule: anchor 1 to 31 and 1 to {MAX_MONTHS} months are expected; got {anchor}, {months}"
)]
pub struct BadSchedule {
    /// Anchor day as given.
    pub anchor: u32,
    /// Months as given.
    pub months: u32,
}

impl Schedule {
    /// A grid; of `origin` only the month counts.
    ///
    /// # Errors
    /// [`BadSchedule`] for an anchor outside 1–31 or months outside 1–[`MAX_MONTHS`].
    pub fn new(origin: NaiveDate, anchor: u32, months: u32) -> Result<Self, BadSchedule> {
        if !(1..=31).contains(&anchor) || !(1..=MAX_MONTHS).contains(&months) {
            return Err(BadSchedule { anchor, months });
        }
        Ok(Self { origin: first_of_month(origin), anchor, months })
    }

    /// The grid of calendar months from the month of `start`: periods end with a month (A160).
    ///
    /// # Errors
    /// [`BadSchedule`] for months outside 1–[`MAX_MONTHS`].
    pub fn calendar(start: NaiveDate, months: u32) -> Result<Self, BadSchedule> {
        Self::new(start, 1, months)
    }

    /// The grid whose first period is whole from `start` ("exactly one year", A161).
    ///
    /// # Errors
    /// [`BadSchedule`] for months outside 1–[`MAX_MONTHS`].
    pub fn anniversary(start: NaiveDate, months: u32) -> Result<Self, BadSchedule> {
        Self::new(start, start.day(), months)
    }

    /// First day of the month of boundary 0.
    #[must_use]
    pub const fn origin(self) -> NaiveDate {
        self.origin
    }

    /// The anchor day, unclamped.
    #[must_use]
    pub const fn anchor(self) -> u32 {
        self.anchor
    }

    /// Months per period.
    #[must_use]
    pub const fn months(self) -> u32 {
        self.months
    }

    /// Boundary `n`: first day of period `n`; `n` may be negative.
    #[must_use]
    pub fn boundary(self, n: i32) -> NaiveDate {
        let months = Months::new(n.unsigned_abs().saturating_mul(self.months));
        let month = if n < 0 {
            self.origin.checked_sub_months(months)
        } else {
            self.origin.checked_add_months(months)
        };
        anchored(month.unwrap_or(self.origin), self.anchor)
    }

    /// Period `n`, whole.
    #[must_use]
    pub fn period(self, n: i32) -> Option<Period> {
        Period::new(self.boundary(n), self.boundary(n.checked_add(1)?)).ok()
    }

    /// The whole period that holds a day.
    #[must_use]
    pub fn containing(self, day: NaiveDate) -> Option<Period> {
        let months = (day.year() - self.origin.year()) * 12 + i32::try_from(day.month0()).ok()?
            - i32::try_from(self.origin.month0()).ok()?;
        let n = months.div_euclid(i32::try_from(self.months).ok()?);
        [n, n - 1].into_iter().filter_map(|n| self.period(n)).find(|p| p.contains(day))
    }
}

/// Days left and days in all, as staff read them: from `today` to the end of the cycle (G4, A155).
#[must_use]
pub fn days_left(cycle: Period, today: NaiveDate) -> (i64, i64) {
    ((cycle.end() - today.max(cycle.start())).num_days().max(0), cycle.days())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    pub(crate) fn period(start: &str, last: &str) -> Period {
        Period::inclusive(day(start), day(last)).unwrap()
    }

    /// G4: today 04.03.2019, next due 01.08.2019: "150 / 181".
    #[test]
    fn g4_days_to_the_end_of_the_cycle() {
        let half_year = Schedule::calendar(day("2019-02-01"), 6).unwrap();
        let cycle = half_year.containing(day("2019-03-04")).unwrap();
        assert_eq!(days_left(cycle, day("2019-03-04")), (150, 181));
        assert_eq!(days_left(cycle, day("2019-09-04")), (0, 181));
    }

    /// G5: 01.02–01.08.2019 = 181; 01.08.2019–01.02.2020 = 184; 01.02–01.08.2020 = 182.
    #[test]
    fn g5_cycle_lengths() {
        let half_year = Schedule::calendar(day("2019-02-01"), 6).unwrap();
        let days: Vec<_> = (0..3).map(|n| half_year.period(n).unwrap().days()).collect();
        assert_eq!(days, [181, 184, 182]);
    }

    /// F7: an anchor of 31 survives February; each boundary comes from the anchor.
    #[test]
    fn anchor_31_is_kept_unclamped() {
        let monthly = Schedule::anniversary(day("2019-01-31"), 1).unwrap();
        let dates: Vec<_> = (0..6).map(|n| monthly.boundary(n).to_string()).collect();
        assert_eq!(
            dates,
            ["2019-01-31", "2019-02-28", "2019-03-31", "2019-04-30", "2019-05-31", "2019-06-30"]
        );
        assert_eq!(monthly.boundary(13), day("2020-02-29"), "leap year");
    }

    #[test]
    fn texts_of_cycles() {
        for text in ["FREE", "ONCE", "1", "6", "120"] {
            assert_eq!(text.parse::<Cycle>().unwrap().to_string(), text);
        }
        for text in ["", "0", "121", "-1", "monthly"] {
            assert_eq!(text.parse::<Cycle>(), Err(BadCycle(text.into())));
        }
        assert!(Schedule::new(day("2019-01-01"), 32, 1).is_err());
        assert!(Schedule::new(day("2019-01-01"), 0, 1).is_err());
        assert!(Schedule::new(day("2019-01-01"), 1, 0).is_err());
    }

    proptest! {
        /// Periods follow one another without gap or overlap, and every day is in one of them.
        #[test]
        fn periods_tile_time(
            days in 0i64..20_000, anchor in 1u32..=31, months in 1u32..=36, n in -50i32..50,
        ) {
            let origin = day("1990-01-15") + chrono::Duration::days(days);
            let s = Schedule::new(origin, anchor, months).unwrap();
            let (a, b) = (s.period(n).unwrap(), s.period(n + 1).unwrap());
            prop_assert_eq!(a.end(), b.start());
            for probe in [a.start(), a.last(), b.start()] {
                prop_assert!(s.containing(probe).unwrap().contains(probe));
            }
            prop_assert_eq!(s.containing(a.last()), Some(a));
            let month_end = types::period::next_month(a.start()).pred_opt().unwrap();
            prop_assert!(a.start().day() == anchor || a.start() == month_end);
        }
    }
}
