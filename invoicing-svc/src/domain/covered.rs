//! How far a subscription is billed and paid: the first day that no (paid) invoice covers.
//!
//! Derived from first facts, so that taking a payment back moves it back exactly, and an invoice
//! that is paid before an older one does not hide the gap.

use chrono::NaiveDate;
use types::Period;

/// The first day from `start` on that none of the periods covers.
#[must_use]
pub fn covered(start: NaiveDate, periods: &[Period]) -> NaiveDate {
    let mut periods = periods.to_vec();
    periods.sort_unstable();
    periods.iter().fold(start, |day, period| if period.contains(day) { period.end() } else { day })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cycles::tests::{day, period};
    use proptest::prelude::*;

    /// The screen's "next due" is the day after the last paid one; a gap stops it.
    #[test]
    fn a_gap_stops_it() {
        let start = day("2019-02-08");
        let half = period("2019-02-08", "2019-07-31");
        let next = period("2019-08-01", "2020-01-31");
        assert_eq!(covered(start, &[]), start);
        assert_eq!(covered(start, &[half]), day("2019-08-01"));
        assert_eq!(covered(start, &[next, half]), day("2020-02-01"), "in any order");
        assert_eq!(covered(start, &[next]), start, "the newer one is paid first");
    }

    proptest! {
        /// More money never moves it back, and no day before it is uncovered.
        #[test]
        fn monotonous(
            spans in prop::collection::vec((0i64..200, 1i64..60), 0..8),
            more in (0i64..200, 1i64..60),
        ) {
            let start = day("2019-01-01");
            let span = |(from, days): (i64, i64)| {
                let from = start + chrono::TimeDelta::days(from);
                Period::new(from, from + chrono::TimeDelta::days(days)).unwrap()
            };
            let mut paid: Vec<Period> = spans.into_iter().map(span).collect();
            let before = covered(start, &paid);
            for day in start.iter_days().take_while(|d| *d < before) {
                prop_assert!(paid.iter().any(|p| p.contains(day)));
            }
            prop_assert!(!paid.iter().any(|p| p.contains(before)));
            paid.push(span(more));
            prop_assert!(covered(start, &paid) >= before);
        }
    }
}
