//! The banking calendar: on which days money can be posted, and when a payer is truly late.
//!
//! A transfer sent on a due Friday is posted on Monday morning; a calendar-day rule would punish a
//! customer who paid in time (trap §1.7.11, G17).

use chrono::{Datelike, Days, NaiveDate, Weekday};
use std::collections::BTreeSet;

/// Weekends and fixed holidays of Russia (ТК РФ art. 112), with days moved by decree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BankingCalendar {
    off: BTreeSet<NaiveDate>,
    working: BTreeSet<NaiveDate>,
}

/// Month and day of the fixed holidays.
const HOLIDAYS: [(u32, u32); 14] = [
    (1, 1),
    (1, 2),
    (1, 3),
    (1, 4),
    (1, 5),
    (1, 6),
    (1, 7),
    (1, 8),
    (2, 23),
    (3, 8),
    (5, 1),
    (5, 9),
    (6, 12),
    (11, 4),
];

impl BankingCalendar {
    /// A calendar with days moved: `off` are extra days off, `working` are working weekends.
    #[must_use]
    pub fn new(
        off: impl IntoIterator<Item = NaiveDate>,
        working: impl IntoIterator<Item = NaiveDate>,
    ) -> Self {
        Self { off: off.into_iter().collect(), working: working.into_iter().collect() }
    }

    /// True when banks post money on the day.
    #[must_use]
    pub fn is_banking_day(&self, day: NaiveDate) -> bool {
        if self.working.contains(&day) {
            return true;
        }
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        !weekend && !self.off.contains(&day) && !HOLIDAYS.contains(&(day.month(), day.day()))
    }

    /// The first banking day after a day: when money sent on that day is posted at the latest.
    #[must_use]
    pub fn first_after(&self, day: NaiveDate) -> NaiveDate {
        // The longest run of days off there ever was is under a month.
        day.iter_days().skip(1).take(60).find(|d| self.is_banking_day(*d)).unwrap_or(day)
    }

    /// Banking days by which a payment posted on `paid` is late: 0 until the first banking
    /// morning after the due date.
    #[must_use]
    pub fn days_late(&self, due: NaiveDate, paid: NaiveDate) -> usize {
        let first = self.first_after(due);
        first
            .iter_days()
            .skip(1)
            .take_while(|d| *d <= paid)
            .filter(|d| self.is_banking_day(*d))
            .count()
    }

    /// True when an invoice that is still unpaid on `today` is overdue.
    #[must_use]
    pub fn is_overdue(&self, due: NaiveDate, today: NaiveDate) -> bool {
        today >= self.first_overdue(due)
    }

    /// The first day on which an unpaid invoice is overdue.
    #[must_use]
    pub fn first_overdue(&self, due: NaiveDate) -> NaiveDate {
        self.first_after(due) + Days::new(1)
    }

    /// The last due date with which an unpaid invoice is overdue on `today`: with every later one
    /// it is not.
    #[must_use]
    pub fn last_overdue(&self, today: NaiveDate) -> NaiveDate {
        let before = today.iter_days().rev().skip(1);
        before.take(60).find(|due| self.is_overdue(*due, today)).unwrap_or(today)
    }
}

/// Calendar days by which a payment is late.
#[must_use]
pub fn calendar_days_late(due: NaiveDate, paid: NaiveDate) -> u64 {
    u64::try_from((paid - due).num_days()).unwrap_or(0)
}

/// The last day of a validity of some days that starts on `from`.
#[must_use]
pub fn valid_until(from: NaiveDate, days: u32) -> NaiveDate {
    from.checked_add_days(Days::new(u64::from(days))).unwrap_or(from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cycles::tests::day;

    /// G17: due Friday 15.02.2019, paid Monday 18.02 10:00: calendar-late 3 d, banking-late 0 d.
    #[test]
    fn g17_paid_by_the_first_banking_morning() {
        let c = BankingCalendar::default();
        let (due, paid) = (day("2019-02-15"), day("2019-02-18"));
        assert_eq!(calendar_days_late(due, paid), 3);
        assert_eq!(c.days_late(due, paid), 0);
        assert!(!c.is_overdue(due, paid));
        assert!(c.is_overdue(due, day("2019-02-19")));
        assert_eq!(c.days_late(due, day("2019-02-20")), 2);
        assert_eq!(calendar_days_late(due, day("2019-02-01")), 0);
    }

    #[test]
    fn the_last_overdue_day_divides_those_that_are_late() {
        let c = BankingCalendar::default();
        for today in day("2018-12-20").iter_days().take(60) {
            let last = c.last_overdue(today);
            assert!(c.is_overdue(last, today), "{today}");
            assert!(last.iter_days().skip(1).take(60).all(|due| !c.is_overdue(due, today)));
        }
    }

    #[test]
    fn holidays_and_moved_days() {
        let c = BankingCalendar::new([day("2019-05-02"), day("2019-05-03")], [day("2018-12-29")]);
        assert_eq!(c.first_after(day("2018-12-31")), day("2019-01-09"));
        assert_eq!(c.first_after(day("2019-04-30")), day("2019-05-06"));
        assert!(c.is_banking_day(day("2018-12-29")), "working Saturday");
        assert_eq!(valid_until(day("2019-02-08"), 8), day("2019-02-16"));
    }
}
