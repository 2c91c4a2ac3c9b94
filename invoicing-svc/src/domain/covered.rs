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

/// The parts of a period that no claim covers, in order.
#[must_use]
pub fn unclaimed(period: Period, claimed: &[Period]) -> Vec<Period> {
    let mut claims: Vec<Period> = claimed.iter().filter_map(|c| c.intersect(period)).collect();
    claims.sort_unstable();
    let mut gaps = Vec::new();
    let mut from = period.start();
    for claim in claims {
        gaps.extend(Period::new(from, claim.start()));
        from = from.max(claim.end());
    }
    gaps.extend(Period::new(from, period.end()));
    gaps
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

        /// What a released claim left open is billed again, exactly.
        #[test]
        fn gaps_are_filled_exactly(cuts in prop::collection::vec((0i64..180, 1i64..40), 0..6)) {
            let whole = period("2019-02-01", "2019-07-31");
            let claims: Vec<Period> = cuts.iter().filter_map(|(from, days)| {
                let start = whole.start() + chrono::TimeDelta::days(*from);
                Period::new(start, start + chrono::TimeDelta::days(*days)).ok()
            }).collect();
            let gaps = unclaimed(whole, &claims);
            for day in whole.start().iter_days().take_while(|d| *d < whole.end()) {
                let claimed = claims.iter().any(|c| c.contains(day));
                let times = gaps.iter().filter(|g| g.contains(day)).count();
                prop_assert_eq!(times, usize::from(!claimed));
            }
        }
    }
}
