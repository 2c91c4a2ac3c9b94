//! Changes of quantity: golden vectors and random orders of changes.

use super::*;
use crate::domain::{
    billing::{begun_of, book::billed_now},
    cycles::tests::{day, period},
    fixtures::World,
    periods::check_extra,
    products::tests::rub,
    proration::{Flag, Trace},
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal_macros::dec;
use types::Currency;

fn run(c: &QuantityChange<'_>) -> Result<Preview, ChangeError> {
    preview(c, InvoiceLineId::generate)
}

/// A151, A159, G6, G7: 5 users, 6 entered in total: line "5 → 6", charged for 1 from 04.03 to the
/// end of the main period: 3893.33, of which VAT 20 % is 648.89 (G55).
#[test]
fn g6_g7_new_total_charges_the_delta() {
    let w = World::new(1, dec!(800));
    let s = w.subscription("2019-02-01", 6, 5);
    let main = period("2019-02-01", "2019-07-31");
    let lines = [w.line(&s, main)];
    let p = run(&w.change(&s, (&lines, &[]), 6, "2019-03-04")).unwrap();
    assert!(!p.is_downgrade());
    assert_eq!(p.total(), rub(dec!(3893.33)));
    assert_eq!(p.amounts.tax, rub(dec!(648.89)));
    let [line] = &p.lines[..] else { panic!("{:?}", p.lines) };
    assert_eq!((line.kind, line.quantity), (LineKind::Delta, 1));
    assert_eq!(line.detail.as_ref().unwrap().ru, "Пользователь: 5 → 6");
    assert_eq!(line.title().ru, "Доступ к облаку (04.03.2019–31.07.2019)");
    assert_eq!(check_extra(line.period, Some(main)), []);
    let claim = line.claim().unwrap();
    assert_eq!(claim.change, Some((line.change.unwrap(), lines[0].id)));
}

/// G7: "1" when there are 5 is a downgrade that needs a yes, never one more.
#[test]
fn g7_less_than_before_needs_a_yes() {
    let w = World::new(1, dec!(800));
    let s = w.subscription("2019-02-01", 6, 5);
    let lines = [w.line(&s, period("2019-02-01", "2019-07-31"))];
    let c = w.change(&s, (&lines, &[]), 1, "2019-03-04");
    let p = run(&c).unwrap();
    assert!(p.is_downgrade());
    // 4 of 5 users for 146 of 180 thirtieths of 24,000.00.
    assert_eq!(p.total(), rub(dec!(-15573.33)));
    assert_eq!(p.lines[0].kind, LineKind::Credit);
    let token = p.canonical();
    let refused = p.clone().confirm(&token, str::to_owned, false);
    assert_eq!(refused, Err(ChangeError::ConfirmDowngrade { before: 5, after: 1 }));
    assert_eq!(p.clone().confirm("other", str::to_owned, true), Err(ChangeError::Stale));
    assert_eq!(p.clone().confirm(&token, str::to_owned, true), Ok(p));
}

/// The delta is credited before the main line: newest first, at what was billed for it.
#[test]
fn credit_takes_the_newest_line_first() {
    let w = World::new(1, dec!(800));
    let s = w.subscription("2019-02-01", 6, 5);
    let main = w.line(&s, period("2019-02-01", "2019-07-31"));
    let up = run(&w.change(&s, (std::slice::from_ref(&main), &[]), 6, "2019-03-04")).unwrap();
    let steps = [step(&up)];
    let s = Subscription { quantity: 6, ..s };
    let lines = [main, up.lines[0].clone()];
    let same_day = run(&w.change(&s, (&lines, &steps), 5, "2019-03-04")).unwrap();
    assert_eq!(same_day.total(), rub(dec!(-3893.33)), "the same fraction back");
    let two = run(&w.change(&s, (&lines, &steps), 4, "2019-05-10")).unwrap();
    let credited: Vec<_> = two.lines.iter().map(|l| (l.billed_line, l.quantity)).collect();
    assert_eq!(credited, [(Some(lines[1].id), 1), (Some(lines[0].id), 1)]);
    // 80/146 of 3893.33, and 1 of 5 users for 80/180 of 24,000.00.
    assert_eq!(two.lines[0].amounts.gross, rub(dec!(-2133.33)));
    assert_eq!(two.lines[1].amounts.gross, rub(dec!(-2133.33)));
    assert_eq!(two.lines[1].amounts.tax, rub(dec!(-355.56)));
}

#[test]
fn a_credit_is_capped_at_what_is_left() {
    let w = World::new(1, dec!(800));
    let s = w.subscription("2019-02-01", 6, 2);
    let main = w.line(&s, period("2019-02-01", "2019-07-31"));
    let mut credit = Line { kind: LineKind::Credit, billed_line: Some(main.id), ..main.clone() };
    (credit.id, credit.quantity) = (InvoiceLineId::generate(), 0);
    credit.amounts.gross = rub(dec!(-9500));
    let p = run(&w.change(&s, (&[main, credit], &[]), 1, "2019-02-01")).unwrap();
    assert_eq!(p.total(), rub(dec!(-100.00)));
    assert_eq!(p.lines[0].traces[0].flags(), [Flag::Capped]);
}

/// What is billed ahead changes too: the rest of this period, and the next one whole.
#[test]
fn every_billed_period_ahead_is_changed() {
    let w = World::new(1, dec!(800));
    let s = w.subscription("2019-02-01", 6, 5);
    let lines = [
        w.line(&s, period("2019-02-01", "2019-07-31")),
        w.line(&s, period("2019-08-01", "2020-01-31")),
    ];
    let p = run(&w.change(&s, (&lines, &[]), 6, "2019-07-20")).unwrap();
    let amounts: Vec<_> = p.lines.iter().map(|l| l.amounts.gross.amount()).collect();
    assert_eq!(amounts, [dec!(266.67), dec!(4800.00)]);
    let p = run(&w.change(&s, (&lines, &[]), 4, "2019-07-20")).unwrap();
    let amounts: Vec<_> = p.lines.iter().map(|l| l.amounts.gross.amount()).collect();
    assert_eq!(amounts, [dec!(-266.67), dec!(-4800.00)]);
    let nothing_ahead = run(&w.change(&s, (&lines, &[]), 6, "2020-02-01")).unwrap();
    assert!(nothing_ahead.lines.is_empty() && nothing_ahead.total().is_zero());
}

#[test]
fn impossible_changes_are_refused() {
    let w = World::new(1, dec!(800));
    let s = w.subscription("2019-02-01", 6, 5);
    let refused = |s: &Subscription, n, on| run(&w.change(s, (&[], &[]), n, on)).unwrap_err();
    assert_eq!(refused(&s, 5, "2019-03-04"), ChangeError::Same(5));
    assert!(matches!(refused(&s, 0, "2019-03-04"), ChangeError::Quantity(_)));
    assert_eq!(refused(&s, 6, "2019-01-31"), ChangeError::Day(day("2019-01-31")));
    let ended = s.clone().terminate(day("2019-03-01")).unwrap();
    let state = ChangeError::State(SubscriptionState::Terminated);
    assert_eq!(refused(&ended, 6, "2019-03-04"), state);
    let free = Subscription { schedule: None, ..s };
    assert_eq!(refused(&free, 6, "2019-03-04"), ChangeError::NotRecurring);
}

/// What a confirmed change leaves behind.
fn step(p: &Preview) -> Step {
    let change = p.lines[0].change.unwrap();
    Step { change, day: p.day, before: p.before, after: p.after }
}

/// Σ of what is credited on a line, and of its units.
fn credited(lines: &[Line], of: InvoiceLineId) -> (Decimal, u32) {
    let credits = lines.iter().filter(|l| l.kind == LineKind::Credit && l.billed_line == Some(of));
    credits.fold((Decimal::ZERO, 0), |(sum, units), l| {
        (sum - l.amounts.gross.amount(), units + l.quantity)
    })
}

/// Units that cost less than half a kopeck are given back too, for 0.00.
#[test]
fn a_credit_of_nothing_still_takes_the_units() {
    let w = World::new(6, dec!(0.01));
    let s = w.subscription("2019-02-01", 6, 5);
    let lines = [w.line(&s, period("2019-02-01", "2019-07-31"))];
    let p = run(&w.change(&s, (&lines, &[]), 4, "2019-07-20")).unwrap();
    assert_eq!((p.lines.len(), p.lines[0].quantity), (1, 1));
    assert!(p.total().is_zero());
}

proptest! {
    /// Random changes in any order: Σ credits ≤ billed on every line, traces lead to their
    /// amounts, preview equals confirmation, units billed ahead equal the quantity.
    #[test]
    fn random_changes(
        anniversary: bool,
        anchor in 1u32..=31,
        months in 1u32..=12,
        kopecks in 1i64..1_000_000,
        steps in prop::collection::vec((1u32..20, 0i64..40), 1..12),
    ) {
        let w = World::new(months, Decimal::new(kopecks, 2));
        let start = format!("2019-01-{anchor:02}");
        let mut s = w.aligned(anniversary, &start, months);
        let mut lines = renewed(&w, &s);
        let mut steps_made = Vec::new();
        let mut on = s.start;
        for (quantity, later) in steps {
            on += chrono::Duration::days(later);
            if quantity == s.quantity { continue; }
            let asked = on.to_string();
            let c = w.change(&s, (&lines, &steps_made), quantity, &asked);
            let (p, again) = (run(&c).unwrap(), run(&c).unwrap());
            prop_assert_eq!(p.canonical(), again.canonical());
            for line in &p.lines {
                let traced = line.traces.iter().map(Trace::amount);
                prop_assert_eq!(Money::sum(Currency::Rub, traced).unwrap(), line.amounts.gross);
                for trace in &line.traces {
                    prop_assert_eq!(trace.recompute().unwrap(), trace.amount());
                }
                let segments = line.segments.iter().map(|g| g.amounts);
                prop_assert_eq!(Taxed::sum(Currency::Rub, segments).unwrap(), line.amounts);
            }
            let (before, after) = (s.quantity, quantity);
            steps_made.push(Step { change: c.id, day: on, before, after });
            lines.extend(p.lines);
            s = Subscription { quantity, ..s };
            let charges: Vec<&Line> =
                lines.iter().filter(|l| l.kind != LineKind::Credit).collect();
            for line in &charges {
                let (sum, units) = credited(&lines, line.id);
                prop_assert!(sum <= line.amounts.gross.amount() && units <= line.quantity);
            }
            for end in charges.iter().map(|l| l.period.end()).filter(|end| *end > on) {
                let of = charges.iter().filter(|l| l.period.end() == end);
                let units: u32 = of.map(|l| l.quantity - credited(&lines, l.id).1).sum();
                prop_assert_eq!(units, quantity);
            }
        }
    }

    /// Whatever days changes are for, in whatever order they are confirmed: as many units are
    /// billed of every day as the last change for it or before it says.
    #[test]
    fn backdated_changes(steps in prop::collection::vec((1u32..9, 0i64..180), 1..8)) {
        let w = World::new(6, dec!(4800));
        let mut s = w.subscription("2019-02-01", 6, 3);
        let mut lines = renewed(&w, &s);
        let (mut made, mut totals) = (Vec::new(), std::collections::BTreeMap::new());
        totals.insert(s.start, 3u32);
        for (quantity, days) in steps {
            if quantity == s.quantity { continue; }
            let on = s.start + chrono::Duration::days(days);
            let c = w.change(&s, (&lines, &made), quantity, &on.to_string());
            let p = run(&c).unwrap();
            let keys: Vec<_> = p.lines.iter().map(|l| (l.billed_line, l.period)).collect();
            let apart = keys.iter().enumerate().all(|(i, key)| !keys[..i].contains(key));
            prop_assert!(apart, "a change claims days of a line once: {:?}", keys);
            made.push(Step { change: c.id, day: on, before: s.quantity, after: quantity });
            lines.extend(p.lines);
            s = Subscription { quantity, ..s };
            totals.retain(|day, _| *day < on);
            totals.insert(on, quantity);
            for day in s.start.iter_days().take(180) {
                let of = lines.iter().filter(|l| l.period.contains(day));
                let signed = |l: &Line| i64::from(l.quantity) * match l.kind {
                    LineKind::Credit => -1,
                    _ => 1,
                };
                let billed: i64 = of.map(signed).sum();
                let told = *totals.range(..=day).next_back().unwrap().1;
                prop_assert_eq!(billed, i64::from(told), "{}", day);
            }
        }
    }
}

fn renewed(w: &World, s: &Subscription) -> Vec<Line> {
    let mut book = Book::default();
    book.add(w.stored(s, Vec::new()));
    let ids = &mut InvoiceLineId::generate;
    let made = begun_of(&book.history, 0, (day("2019-06-01"), 20), ids).unwrap();
    billed_now(made, s, &w.product, &[])
}
