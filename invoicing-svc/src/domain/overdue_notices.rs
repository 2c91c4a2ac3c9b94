//! On which days a client is reminded of an invoice that is overdue (A48): a short ladder, counted
//! from the first banking morning on which money sent in time must have been there.

use super::calendars::BankingCalendar;
use chrono::{Days, NaiveDate};

/// Days that an invoice has been overdue when each notice is due; the first is sent at once.
const LATE: [u64; 3] = [1, 7, 21];
/// A notice that could not be sent for so many days is not sent any more: whoever turns notices on
/// again, or brings a company with old debts, does not write to all of its past.
const LAST: u64 = 14;

/// A notice, and the due days of the invoices that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// Which of the ladder, from 1.
    pub nth: i32,
    /// Invoices due after this day.
    pub after: NaiveDate,
    /// Invoices due up to this day.
    pub until: NaiveDate,
}

/// The notices to send on a day; none while banks are closed: nobody can pay then.
#[must_use]
pub fn on(calendar: &BankingCalendar, today: NaiveDate) -> Vec<Notice> {
    if !calendar.is_banking_day(today) {
        return Vec::new();
    }
    // The last due day of invoices that are overdue for so many days.
    let due = |late: u64| calendar.last_overdue(today - Days::new(late - 1));
    let ends = LATE.iter().skip(1).copied().chain([LATE[2] + LAST]);
    (1..)
        .zip(LATE.into_iter().zip(ends))
        .map(|(nth, (begin, end))| Notice { nth, after: due(end), until: due(begin) })
        .filter(|notice| notice.after < notice.until)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cycles::tests::day;

    fn nth(due: &str, today: &str) -> Option<i32> {
        let due = day(due);
        let all = on(&BankingCalendar::default(), day(today));
        let mut found = all.into_iter().filter(|n| n.after < due && due <= n.until);
        let first = found.next().map(|n| n.nth);
        assert!(found.next().is_none(), "two notices at once");
        first
    }

    /// A48, G17: due on Friday the 15th: nobody is reminded before the banking Monday is over, nor
    /// on days off; then once at once, after a week and after three, and no more.
    #[test]
    fn the_ladder() {
        for (today, expected) in [
            ("2019-02-15", None),
            ("2019-02-18", None),
            ("2019-02-19", Some(1)),
            ("2019-02-22", Some(1)),
            ("2019-02-23", None),
            ("2019-02-25", Some(2)),
            ("2019-03-07", Some(2)),
            ("2019-03-11", Some(3)),
            ("2019-03-15", Some(3)),
            ("2019-03-22", Some(3)),
            ("2019-03-25", None),
            ("2019-06-03", None),
        ] {
            assert_eq!(nth("2019-02-15", today), expected, "{today}");
        }
    }

    /// The ladder goes up only, and to its end, whatever the holidays.
    #[test]
    fn none_comes_twice() {
        for due in day("2018-12-20").iter_days().take(60) {
            let days = due.iter_days().take(60);
            let mut seen: Vec<i32> =
                days.filter_map(|today| nth(&due.to_string(), &today.to_string())).collect();
            seen.dedup();
            assert!(seen == [1, 2, 3] || seen == [2, 3], "{due}: {seen:?}");
        }
    }
}
