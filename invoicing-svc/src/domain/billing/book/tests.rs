//! Runs in any order bill once, each period as the quantity was.

use super::*;
use crate::domain::{
    billing::{BillingError, begun_of, due::MAX_BEGUN},
    cycles::tests::{day, period},
    fixtures::World,
    lines::{Line as Written, LineKind},
    products::tests::{price, rub},
    subscriptions::Subscription,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal_macros::dec;
use types::id::InvoiceLineId;

/// What a run makes, 20 days ahead.
fn run(w: &World, s: &Subscription, claimed: &[Period], steps: &[Step], on: &str) -> Vec<Written> {
    let mut book = Book::default();
    book.add(Stored { steps, ..w.stored(s, claimed.to_vec()) });
    let ids = &mut InvoiceLineId::generate;
    let made = begun_of(&book.history, 0, (day(on), 20), ids).unwrap();
    billed_now(made, s, &w.product, steps)
}

fn prepaid(w: &World, s: &Subscription, claimed: &[Period], on: &str) -> Vec<Period> {
    run(w, s, claimed, &[], on).iter().map(|l| l.period).collect()
}

/// A195, G18: the period from 01.02.2019 is billed on 12.01.2019, 20 days ahead, and not before.
#[test]
fn g18_renewal_comes_twenty_days_ahead() {
    let w = World::new(6, dec!(4560));
    let s = w.subscription("2018-08-01", 6, 5);
    let first = period("2018-08-01", "2019-01-31");
    let next = period("2019-02-01", "2019-07-31");
    assert_eq!(prepaid(&w, &s, &[first], "2019-01-11"), []);
    assert_eq!(prepaid(&w, &s, &[first], "2019-01-12"), [next]);
    assert_eq!(prepaid(&w, &s, &[first, next], "2019-01-12"), [], "again: a no-op");
    let line = w.line(&s, next);
    assert_eq!(line.amounts.gross, rub(dec!(22800.00)));
    assert_eq!(line.claim().unwrap().period, next);
}

/// A160, G1: the first period of a half-year from 08.02 ends on 31.07; later ones are whole.
#[test]
fn first_period_is_prorated_to_the_grid() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2019-02-08", 6, 1);
    let periods = prepaid(&w, &s, &[], "2019-07-12");
    assert_eq!(periods, [period("2019-02-08", "2019-07-31"), period("2019-08-01", "2020-01-31")]);
    assert_eq!(w.line(&s, periods[0]).amounts.gross, rub(dec!(344.00)));
    assert_eq!(w.line(&s, periods[1]).amounts.gross, rub(dec!(360.00)));
}

#[test]
fn what_ends_is_billed_to_its_end_and_what_is_free_not_at_all() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2019-02-01", 1, 1);
    let ending = Subscription { end: Some(day("2019-03-11")), ..s.clone() };
    let periods = prepaid(&w, &ending, &[], "2019-06-01");
    assert_eq!(periods, [period("2019-02-01", "2019-02-28"), period("2019-03-01", "2019-03-10")]);
    let mut free = Subscription { schedule: None, ..s };
    free.price.cycle = Cycle::Free;
    assert_eq!(prepaid(&w, &free, &[], "2019-06-01"), []);
}

/// §1.9 item 18: postpaid periods are billed once they are over.
#[test]
fn postpaid_waits_for_the_end() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2019-02-01", 1, 1);
    let at = |on| {
        let mut book = Book::default();
        book.add(Stored { timing: Timing::Arrears, ..w.stored(&s, Vec::new()) });
        let made = begun_of(&book.history, 0, (day(on), 20), &mut InvoiceLineId::generate).unwrap();
        made.iter().map(|l| l.period).collect::<Vec<_>>()
    };
    assert_eq!(at("2019-02-28"), []);
    assert_eq!(at("2019-03-01"), [period("2019-02-01", "2019-02-28")]);
}

#[test]
fn a_date_far_off_is_refused() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2000-01-01", 1, 1);
    let mut book = Book::default();
    book.add(w.stored(&s, Vec::new()));
    let far = begun_of(&book.history, 0, (day("2019-02-01"), 20), &mut InvoiceLineId::generate);
    let subscription = s.id.to_string();
    assert_eq!(far, Err(BillingError::TooMany { subscription, max: MAX_BEGUN }));
}

/// A151: what was changed inside of days that nothing billed yet is billed by the day: five users
/// of the half-year, and the sixth from its day on; less of them up to it.
#[test]
fn a_change_before_the_bill_counts_from_its_day() {
    let w = World::new(6, dec!(4800));
    let s = w.subscription("2019-02-01", 6, 6);
    let change = ChangeId::generate();
    let up = Step { change, day: day("2019-03-04"), before: 5, after: 6 };
    let made = run(&w, &s, &[], &[up], "2019-03-10");
    let told: Vec<_> =
        made.iter().map(|l| (l.kind, l.quantity, l.amounts.gross.amount())).collect();
    let whole = (LineKind::Period, 5, dec!(24000.00));
    assert_eq!(told, [whole, (LineKind::Delta, 1, dec!(3893.33))]);
    let claim = made[1].claim().unwrap();
    assert_eq!(claim.change, Some((change, made[0].id)));
    assert_eq!(made[1].change_of_quantity, Some((5, 6)));
    let s = Subscription { quantity: 4, ..s };
    let down = Step { after: 4, ..up };
    let made = run(&w, &s, &[], &[down], "2019-03-10");
    let told: Vec<_> = made.iter().map(|l| (l.kind, l.quantity, l.period.last())).collect();
    let rest = (LineKind::Delta, 1, day("2019-03-03"));
    assert_eq!(told, [(LineKind::Period, 4, day("2019-07-31")), rest]);
}

/// A142: days of a suspension that nobody owes leave two parts of a period, each billed by itself.
#[test]
fn settled_days_are_left_out() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2019-03-01", 1, 1);
    let skipped = period("2019-03-10", "2019-03-19");
    let periods = prepaid(&w, &s, &[skipped], "2019-03-01");
    assert_eq!(periods, [period("2019-03-01", "2019-03-09"), period("2019-03-20", "2019-03-31")]);
    assert!(run(&w, &s, &[skipped], &[], "2019-03-01").iter().all(|l| l.kind == LineKind::Period));
}

/// A part of a cycle that costs nothing is billed all the same: it is not asked about again.
#[test]
fn a_first_part_at_nothing_is_a_line() {
    let mut w = World::new(6, dec!(4800));
    w.product.convention = Convention::None;
    let s = w.subscription("2019-02-08", 6, 1);
    let made = run(&w, &s, &[], &[], "2019-02-08");
    assert_eq!(made.len(), 1);
    assert!(made[0].amounts.gross.is_zero() && made[0].claim().is_some());
}

/// The version of the price says how parts of a cycle are counted; the product, where it does not.
#[test]
fn g2_the_price_names_its_convention() {
    let w = World::new(6, dec!(4800));
    let own = |convention| PriceVersion { convention, ..w.price.clone() };
    let s = w.subscription("2019-02-08", 6, 1);
    let told = |prices: &[PriceVersion], term: &PriceTerm| {
        convention(&w.product, prices, term, day("2019-02-08"))
    };
    assert_eq!(told(&[own(None)], &s.price), Convention::Seed30);
    assert_eq!(told(&[own(Some(Convention::Full))], &s.price), Convention::Full);
    let newer = PriceVersion { effective: day("2019-02-01"), ..price(w.product.id, 6, dec!(1)) };
    let all = [own(Some(Convention::Full)), newer];
    assert_eq!(told(&all, &s.price), Convention::Full, "the version that it pays");
    let by_hand = PriceTerm { price: None, ..s.price.clone() };
    assert_eq!(told(&all, &by_hand), Convention::Seed30, "the one in force");
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
            let date = (s.start + chrono::Duration::days(*after)).to_string();
            claimed.extend(prepaid(&w, &s, &claimed, &date));
            prop_assert_eq!(prepaid(&w, &s, &claimed, &date), []);
        }
        claimed.sort_unstable();
        prop_assert_eq!(claimed[0].start(), s.start);
        prop_assert!(claimed.windows(2).all(|p| p[0].end() == p[1].start()));
        let once = s.start + chrono::Duration::days(*runs.iter().max().unwrap());
        prop_assert_eq!(prepaid(&w, &s, &[], &once.to_string()), claimed);
    }

    /// Whatever was changed before the bill, every day is billed by the units that it had, and
    /// every difference has a claim of its own.
    #[test]
    fn every_day_has_its_units(steps in prop::collection::vec((1u32..9, 0i64..180), 0..6)) {
        let w = World::new(6, Decimal::from(4800));
        let (mut quantity, mut made) = (3, Vec::new());
        for (after, days) in steps {
            if after == quantity { continue; }
            let day = day("2019-02-01") + chrono::Duration::days(days);
            made.push(Step { change: ChangeId::generate(), day, before: quantity, after });
            quantity = after;
        }
        let s = w.subscription("2019-02-01", 6, quantity);
        let lines = run(&w, &s, &[], &made, "2019-02-01");
        let (first, events) = quantities(quantity, &made);
        for day in s.start.iter_days().take(180) {
            let of = lines.iter().filter(|l| l.period.contains(day));
            let before = events.iter().filter(|e| e.on <= day).max_by_key(|e| e.on);
            let told = before.map_or(first, |e| match e.what {
                Happened::Quantity(n) => n,
                _ => 0,
            });
            prop_assert_eq!(of.map(|l| l.quantity).sum::<u32>(), told, "{}", day);
        }
        let claims: Vec<_> = lines.iter().map(|l| l.claim().unwrap()).collect();
        let twice = claims.iter().enumerate().any(|(i, c)| claims[..i].iter().any(|d| {
            (c.kind, c.change, c.period) == (d.kind, d.change, d.period)
        }));
        prop_assert!(!twice, "{:?}", claims);
    }
}
