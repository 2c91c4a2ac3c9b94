//! Runs in any order bill once.

use super::*;
use crate::domain::{
    cycles::tests::{day, period},
    fixtures::World,
    products::tests::rub,
    subscriptions::Subscription,
};
use proptest::prelude::*;
use rust_decimal_macros::dec;

fn prepaid(s: &Subscription, claimed: &[Period], date: &str) -> Vec<Period> {
    due(s, PaymentTerms::Prepaid, claimed, day(date), DEFAULT_LEAD_DAYS).unwrap()
}

/// A195, G18: the period from 01.02.2019 is billed on 12.01.2019, 20 days ahead, and not before.
#[test]
fn g18_renewal_comes_twenty_days_ahead() {
    let w = World::new(6, dec!(4560));
    let s = w.subscription("2018-08-01", 6, 5);
    let first = period("2018-08-01", "2019-01-31");
    let next = period("2019-02-01", "2019-07-31");
    assert_eq!(prepaid(&s, &[first], "2019-01-11"), []);
    assert_eq!(prepaid(&s, &[first], "2019-01-12"), [next]);
    assert_eq!(prepaid(&s, &[first, next], "2019-01-12"), [], "again: a no-op");
    let line = w.line(&s, next);
    assert_eq!(line.amounts.gross, rub(dec!(22800.00)));
    assert_eq!(line.claim().unwrap().period, next);
}

/// A160, G1: the first period of a half-year from 08.02 ends on 31.07; later ones are whole.
#[test]
fn first_period_is_prorated_to_the_grid() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2019-02-08", 6, 1);
    let periods = prepaid(&s, &[], "2019-07-12");
    assert_eq!(periods, [period("2019-02-08", "2019-07-31"), period("2019-08-01", "2020-01-31")]);
    assert_eq!(w.line(&s, periods[0]).amounts.gross, rub(dec!(344.00)));
    assert_eq!(w.line(&s, periods[1]).amounts.gross, rub(dec!(360.00)));
}

/// design.md "Billed and paid": whatever is paid, until dunning or staff stop it.
#[test]
fn suspended_and_ended_subscriptions_are_not_billed() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2019-02-01", 1, 1);
    for state in SubscriptionState::ALL {
        let billed =
            !prepaid(&Subscription { state: *state, ..s.clone() }, &[], "2019-02-01").is_empty();
        let goes_on = matches!(state, SubscriptionState::Pending | SubscriptionState::Active);
        assert_eq!(billed, goes_on, "{state}");
    }
    let ending = Subscription { end: Some(day("2019-03-11")), ..s.clone() };
    let periods = prepaid(&ending, &[], "2019-06-01");
    assert_eq!(periods, [period("2019-02-01", "2019-02-28"), period("2019-03-01", "2019-03-10")]);
    let free = Subscription { schedule: None, ..s };
    assert_eq!(prepaid(&free, &[], "2019-06-01"), []);
}

/// §1.9 item 18: postpaid periods are billed once they are over.
#[test]
fn postpaid_waits_for_the_end() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2019-02-01", 1, 1);
    let at = |date| due(&s, PaymentTerms::Postpaid, &[], day(date), 20).unwrap();
    assert_eq!(at("2019-02-28"), []);
    assert_eq!(at("2019-03-01"), [period("2019-02-01", "2019-02-28")]);
}

#[test]
fn a_date_far_off_is_refused() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2000-01-01", 1, 1);
    let far = due(&s, PaymentTerms::Prepaid, &[], day("2019-02-01"), 20);
    assert_eq!(far, Err(RenewalError::TooMany { start: s.start }));
}

proptest! {
    /// Whatever runs came before, on whatever days, twice or not: periods never overlap, leave no
    /// gap, and the last run again is a no-op.
    #[test]
    fn runs_in_any_order_bill_once(
        day_of in 1u32..=31,
        months in 1u32..=24,
        anniversary: bool,
        mut runs in prop::collection::vec(0i64..900, 1..20),
        sorted: bool,
    ) {
        let w = World::new(months, dec!(100));
        let start = format!("2019-01-{day_of:02}");
        let s = w.aligned(anniversary, &start, months);
        if sorted { runs.sort_unstable(); }
        let mut claimed: Vec<Period> = Vec::new();
        for after in &runs {
            let date = s.start + chrono::Duration::days(*after);
            claimed.extend(due(&s, PaymentTerms::Prepaid, &claimed, date, 20).unwrap());
            prop_assert_eq!(due(&s, PaymentTerms::Prepaid, &claimed, date, 20).unwrap(), []);
        }
        claimed.sort_unstable();
        prop_assert_eq!(claimed[0].start(), s.start);
        prop_assert!(claimed.windows(2).all(|p| p[0].end() == p[1].start()));
        let once = s.start + chrono::Duration::days(*runs.iter().max().unwrap());
        prop_assert_eq!(due(&s, PaymentTerms::Prepaid, &[], once, 20).unwrap(), claimed);
    }

    /// What a released claim left open is billed again, exactly.
    #[test]
    fn gaps_are_filled_exactly(cuts in prop::collection::vec((0i64..180, 1i64..40), 0..6)) {
        let whole = period("2019-02-01", "2019-07-31");
        let claims: Vec<Period> = cuts.iter().filter_map(|(from, days)| {
            let start = whole.start() + chrono::Duration::days(*from);
            Period::new(start, start + chrono::Duration::days(*days)).ok()
        }).collect();
        let gaps = unclaimed(whole, &claims);
        for day in whole.start().iter_days().take_while(|d| *d < whole.end()) {
            let claimed = claims.iter().any(|c| c.contains(day));
            prop_assert_eq!(gaps.iter().filter(|g| g.contains(day)).count(), usize::from(!claimed));
        }
    }
}
