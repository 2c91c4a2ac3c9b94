//! Working calendars: when a clock of service level runs (G30).
//!
//! A day is a list of half-open intervals of wall-clock minutes in the calendar's zone. They are
//! turned into instants before anything is added, so that round the clock has no hole at midnight
//! and equals plain addition through every change of summer time.

mod countries;

pub use countries::Country;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// Minutes of a day.
const DAY_MINUTES: u32 = 24 * 60;

/// Furthest that a due time is looked for, in days: a calendar without working hours ends there.
const HORIZON_DAYS: u64 = 366 * 3;

/// Half-open minutes `[from, to)` since midnight, in order, apart from each other.
pub type Hours = Vec<(u32, u32)>;

/// When work is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    /// Monday to Sunday.
    week: [Hours; 7],
    /// Days that differ: holidays have no hours, the eve of one may be shorter.
    exceptions: BTreeMap<NaiveDate, Hours>,
}

/// The hours of a day are no intervals of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("hours must be intervals of minutes 0 to 1440, in order and apart; got {0:?}")]
pub struct BadHours(pub Hours);

impl Calendar {
    /// Every minute of every day.
    #[must_use]
    pub fn round_the_clock() -> Self {
        let day = || vec![(0, DAY_MINUTES)];
        Self { zone: Tz::UTC, week: std::array::from_fn(|_| day()), exceptions: BTreeMap::new() }
    }

    /// A week of hours in a zone, Monday first, and the days that differ from it.
    ///
    /// # Errors
    /// [`BadHours`] when intervals overlap, are empty or leave the day.
    pub fn weekly(
        zone: Tz,
        week: [Hours; 7],
        exceptions: BTreeMap<NaiveDate, Hours>,
    ) -> Result<Self, BadHours> {
        match week.iter().chain(exceptions.values()).find(|hours| !are_apart(hours)) {
            Some(bad) => Err(BadHours(bad.clone())),
            None => Ok(Self { zone, week, exceptions }),
        }
    }

    /// The instant at which `work` of working time has passed since `start`.
    ///
    /// Monotone in `start`, additive in `work`; whole seconds. Without working hours within three
    /// years the end of that time.
    #[must_use]
    pub fn add(&self, start: DateTime<Utc>, work: TimeDelta) -> DateTime<Utc> {
        let mut left = work;
        let mut last = start;
        if left <= TimeDelta::zero() {
            return start;
        }
        for (from, to) in self.intervals(start) {
            let from = from.max(start);
            if to <= from {
                continue;
            }
            if to - from >= left {
                return from + left;
            }
            left -= to - from;
            last = to;
        }
        last
    }

    /// Working time between two instants; zero when the second is not after the first.
    #[must_use]
    pub fn between(&self, start: DateTime<Utc>, end: DateTime<Utc>) -> TimeDelta {
        self.intervals(start)
            .take_while(|(from, _)| *from < end)
            .map(|(from, to)| (to.min(end) - from.max(start)).max(TimeDelta::zero()))
            .fold(TimeDelta::zero(), |sum, piece| sum + piece)
    }

    /// Intervals of work as instants, from the day before the one that holds `start`.
    fn intervals(
        &self,
        start: DateTime<Utc>,
    ) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let first = start.with_timezone(&self.zone).date_naive() - Days::new(1);
        (0..HORIZON_DAYS).flat_map(move |n| {
            let day = first + Days::new(n);
            let weekday = day.weekday().num_days_from_monday() as usize;
            let hours = self.exceptions.get(&day).unwrap_or(&self.week[weekday]);
            hours.iter().map(move |(from, to)| (self.instant(day, *from), self.instant(day, *to)))
        })
    }

    /// A wall-clock minute as an instant. A minute that summer time skips stands for the first
    /// that exists after it; of a minute that comes twice the first counts.
    fn instant(&self, day: NaiveDate, minute: u32) -> DateTime<Utc> {
        let midnight = day.and_time(chrono::NaiveTime::MIN);
        let wall = midnight + TimeDelta::minutes(i64::from(minute));
        let found = (0..=4).find_map(|quarters| {
            let later = wall + TimeDelta::minutes(30 * quarters);
            self.zone.from_local_datetime(&later).earliest()
        });
        found.map_or_else(|| Utc.from_utc_datetime(&wall), |local| local.with_timezone(&Utc))
    }
}

fn are_apart(hours: &Hours) -> bool {
    let inside = hours.iter().all(|(from, to)| from < to && *to <= DAY_MINUTES);
    inside && hours.windows(2).all(|pair| pair[0].1 <= pair[1].0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moscow(text: &str) -> DateTime<Utc> {
        let wall = chrono::NaiveDateTime::parse_from_str(text, "%d.%m.%Y %H:%M").expect("a time");
        chrono_tz::Europe::Moscow.from_local_datetime(&wall).unwrap().with_timezone(&Utc)
    }

    fn office(zone: Tz, exceptions: &[(NaiveDate, Hours)]) -> Calendar {
        let day = vec![(9 * 60, 18 * 60)];
        let mut week: [Hours; 7] = std::array::from_fn(|_| day.clone());
        week[5].clear();
        week[6].clear();
        Calendar::weekly(zone, week, exceptions.iter().cloned().collect()).expect("good hours")
    }

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date")
    }

    /// A27, G30: two hours round the clock, in office hours, and through a shortened eve.
    #[test]
    fn two_hours_are_two_hours_of_work() {
        let two = TimeDelta::minutes(120);
        let always = Calendar::round_the_clock();
        assert_eq!(always.add(moscow("26.02.2019 14:13"), two), moscow("26.02.2019 16:13"));
        // 22.02.2019 was the eve of a holiday: an hour shorter.
        let eve = (date(2019, 2, 22), vec![(9 * 60, 17 * 60)]);
        let office = office(chrono_tz::Europe::Moscow, &[eve, (date(2019, 3, 8), vec![])]);
        for (start, due) in [
            ("15.02.2019 17:30", "18.02.2019 10:30"),
            ("15.02.2019 16:00", "15.02.2019 18:00"),
            ("16.02.2019 12:00", "18.02.2019 11:00"),
            ("18.02.2019 03:00", "18.02.2019 11:00"),
            ("22.02.2019 16:30", "25.02.2019 10:30"),
            ("22.02.2019 17:30", "25.02.2019 11:00"),
            ("07.03.2019 17:00", "11.03.2019 10:00"),
        ] {
            assert_eq!(office.add(moscow(start), two), moscow(due), "{start}");
        }
    }

    #[test]
    fn bad_hours_are_refused() {
        for hours in [vec![(600, 600)], vec![(0, 1441)], vec![(0, 600), (500, 700)]] {
            let mut week: [Hours; 7] = std::array::from_fn(|_| Vec::new());
            week[0] = hours.clone();
            assert_eq!(Calendar::weekly(Tz::UTC, week, BTreeMap::new()), Err(BadHours(hours)));
        }
    }

    #[test]
    fn a_calendar_without_work_ends() {
        let idle = Calendar::weekly(Tz::UTC, Default::default(), BTreeMap::new()).expect("empty");
        let start = moscow("26.02.2019 14:13");
        assert_eq!(idle.add(start, TimeDelta::minutes(1)), start);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// tickets.md §5.4 (10): monotone in the start, additive in the work, independent of the
        /// zone round the clock, and `between` undoes `add`.
        #[test]
        fn working_time_adds_up(
            start in 1_500_000_000_i64..1_900_000_000, later in 0_i64..1_000_000,
            a in 0_i64..3_000, b in 0_i64..3_000, berlin in any::<bool>(),
        ) {
            let zone = if berlin { chrono_tz::Europe::Berlin } else { chrono_tz::Europe::Moscow };
            let start = DateTime::from_timestamp(start, 0).expect("a time");
            let later = start + TimeDelta::seconds(later);
            let (one, two) = (TimeDelta::minutes(a), TimeDelta::minutes(b));
            let always = Calendar::round_the_clock();
            prop_assert_eq!(always.add(start, one), start + one);
            let local = Calendar::weekly(zone, always.week.clone(), BTreeMap::new());
            prop_assert_eq!(local.expect("good hours").add(start, one), start + one);
            let office = office(zone, &[]);
            prop_assert!(office.add(start, one) <= office.add(later, one));
            prop_assert_eq!(office.add(start, one + two), office.add(office.add(start, one), two));
            prop_assert_eq!(office.between(start, office.add(start, one)), one);
        }
    }
}
