//! What holds for every history: 200 random changes, recorded in any order, run at any time.

use super::*;
use crate::domain::tax::Taxed;
use proptest::prelude::*;
use rust_decimal_macros::dec;
use std::collections::BTreeMap;
use types::{Money, period::days_in_month};

fn any_event() -> impl Strategy<Value = (i64, Happened)> {
    let what = prop_oneof![
        6 => (1u32..20).prop_map(Happened::Quantity),
        3 => (0u32..9).prop_map(|n| Happened::Option(2, n)),
        1 => (0usize..2).prop_map(Happened::Product),
        1 => prop_oneof![Just(1u32), Just(3), Just(6)].prop_map(Happened::Cycle),
        1 => (0usize..2).prop_map(Happened::Transfer),
        1 => (0u16..=20).prop_map(|n| Happened::Discount(Some(format!("{n}%").parse().unwrap()))),
        1 => (1i64..90_000).prop_map(|n| Happened::Price(Some(Override {
            amount: rub(Decimal::new(n, 2)), months: 1, reason: "chance".into(),
        }))),
        1 => Just(Happened::Suspend),
        2 => Just(Happened::Resume),
    ];
    (0i64..1500, what)
}

fn products(convention: Convention) -> Vec<Product> {
    let of = |code: &str, amount: Decimal| {
        let prices = [1u32, 3, 6].map(|m| price(m, amount, 1, convention)).to_vec();
        product(code, prices)
    };
    vec![of("one", dec!(799.99)), of("two", dec!(1234.56)), of("option", dec!(33.33))]
}

fn any_history(events: usize) -> impl Strategy<Value = History> {
    let list = proptest::collection::vec(any_event(), 0..=events);
    (0usize..5, 1u32..=31, 0usize..3, 1u32..9, list, proptest::option::of(0i64..1800)).prop_map(
        |(convention, anchor, months, quantity, list, end)| {
            let mut s = subscription("x", 0, "2019-01-31", [1, 3, 6][months]);
            (s.anchor, s.quantity) = (Some(anchor), quantity);
            let on = |n: i64| day("2019-01-31") + chrono::Duration::days(n);
            s.events = list.into_iter().map(|(n, what)| Event { on: on(n), what }).collect();
            s.events.extend(end.map(|n| Event { on: on(n), what: Happened::End }));
            history(products(Convention::ALL[convention]), vec![s])
        },
    )
}

/// What must hold of everything that stands.
fn laws(h: &History, billed: &[Line], as_of: NaiveDate) {
    assert_eq!(run(h, billed, as_of), [], "a rerun is a no-op");
    let renewals: Vec<&Line> = billed.iter().filter(|l| l.kind == Kind::Renewal).collect();
    for (i, a) in renewals.iter().enumerate() {
        for b in &renewals[i + 1..] {
            let apart = !a.terms.same_role(&b.terms) || a.period.intersect(b.period).is_none();
            assert!(apart, "renewals overlap: {} {}", a.period, b.period);
        }
    }
    let mut credited: BTreeMap<InvoiceLineId, Decimal> = BTreeMap::new();
    for line in billed {
        let traced = line.traces.iter().map(|t| t.recompute().unwrap());
        let traced = Money::sum(types::Currency::Rub, traced).unwrap();
        assert_eq!(traced, line.amounts.gross, "the trace replays");
        let parts = line.segments.iter().map(|s| s.amounts);
        assert_eq!(Taxed::sum(types::Currency::Rub, parts).unwrap(), line.amounts);
        if let Some(id) = line.credits {
            *credited.entry(id).or_default() -= line.amounts.gross.amount();
            assert!(line.amounts.gross.amount() <= Decimal::ZERO);
        }
    }
    for line in billed.iter().filter(|l| l.kind != Kind::Credit) {
        let given = credited.get(&line.id).copied().unwrap_or_default();
        assert!(given <= line.amounts.gross.amount(), "credits exceed {}", line.period);
    }
}

fn sum(lines: &[Line]) -> Decimal {
    lines.iter().map(|l| l.amounts.gross.amount()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// 200 random changes, told bit by bit in any order, with runs in between.
    #[test]
    fn histories_of_200_changes(
        h in any_history(200),
        steps in proptest::collection::vec((0i64..1900, any::<proptest::sample::Index>()), 1..8),
    ) {
        let mut told = h.clone();
        told.subscriptions[0].events.clear();
        let mut billed = Vec::new();
        let mut rest = h.subscriptions[0].events.clone();
        for (days, pick) in steps {
            let n = if rest.is_empty() { 0 } else { pick.index(rest.len()) };
            told.subscriptions[0].events.extend(rest.drain(..n));
            let as_of = day("2019-01-31") + chrono::Duration::days(days);
            bill(&told, &mut billed, as_of);
            laws(&told, &billed, as_of);
        }
        bill(&h, &mut billed, day("2024-06-01"));
        laws(&h, &billed, day("2024-06-01"));
    }

    /// The order in which independent changes are recorded is nothing.
    #[test]
    fn order_of_recording_is_nothing(h in any_history(30), seed: u64) {
        let mut events = h.subscriptions[0].events.clone();
        // Two totals for one day contradict each other: only the first is kept.
        let mut seen = std::collections::BTreeSet::new();
        events.retain(|e| seen.insert((e.on, e.what.rank())));
        let mut other = History { ..h.clone() };
        other.subscriptions[0].events = events.clone();
        let first = run(&other, &[], day("2023-01-01"));
        let n = events.len().max(1);
        events.rotate_left(usize::try_from(seed % u64::try_from(n).unwrap()).unwrap());
        if seed % 2 == 0 { events.reverse(); }
        other.subscriptions[0].events = events;
        let second = run(&other, &[], day("2023-01-01"));
        let amounts = |lines: &[Line]| told(lines);
        prop_assert_eq!(amounts(&first), amounts(&second));
    }

    /// Told at once or one after the other, changes of quantity cost the same, to half a kopeck a
    /// line; and a second implementation that counts day by day agrees (ACT_MONTH, ACT_CYCLE).
    #[test]
    fn day_by_day_gives_the_same(
        months in prop_oneof![Just(1u32), Just(3), Just(6)], cycle: bool, quantity in 1u32..9,
        changes in proptest::collection::vec((0i64..700, 1u32..15), 0..12), order in 0usize..12,
    ) {
        let convention = if cycle { Convention::ActCycle } else { Convention::ActMonth };
        let mut s = subscription("x", 0, "2019-12-05", months);
        s.quantity = quantity;
        let on = |n: &i64| day("2019-12-05") + chrono::Duration::days(*n);
        let mut events: BTreeMap<NaiveDate, u32> = BTreeMap::new();
        events.extend(changes.iter().map(|(n, q)| (on(n), *q)));
        let told = events.iter().map(|(d, q)| Event { on: *d, what: Happened::Quantity(*q) });
        s.events = told.collect();
        let h = history(products(convention), vec![s]);
        let as_of = day("2021-12-01");
        let at_once = run(&h, &[], as_of);
        let mut bit = h.clone();
        bit.subscriptions[0].events.clear();
        let mut billed = Vec::new();
        let mut rest = h.subscriptions[0].events.clone();
        if !rest.is_empty() { let n = order % rest.len(); rest.rotate_left(n); }
        for event in rest {
            bill(&bit, &mut billed, as_of);
            bit.subscriptions[0].events.push(event);
        }
        bill(&bit, &mut billed, as_of);
        let expected = naive(&h, &at_once, cycle);
        let tolerance = |lines: &[Line]| dec!(0.005) * Decimal::from(lines.len()) + dec!(0.000001);
        prop_assert!((sum(&at_once) - expected).abs() <= tolerance(&at_once));
        prop_assert!((sum(&billed) - expected).abs() <= tolerance(&billed));
    }
}

/// Σ over the billed days of units × price of the day.
fn naive(h: &History, lines: &[Line], cycle: bool) -> Decimal {
    let s = &h.subscriptions[0];
    let last = lines.iter().map(|l| l.period.end()).max().unwrap();
    let mut sum = Decimal::ZERO;
    for at in s.start.iter_days().take_while(|d| *d < last) {
        let told = s.events.iter().filter(|e| e.on <= at).max_by_key(|e| e.on);
        let units = match told.map(|e| &e.what) {
            Some(Happened::Quantity(n)) => *n,
            _ => s.quantity,
        };
        let months = s.cycle.recurring().unwrap();
        let grid = crate::domain::cycles::Schedule::calendar(s.start, months).unwrap();
        let full = grid.containing(at).unwrap();
        let (of, days) =
            if cycle { (months, full.days()) } else { (1, i64::from(days_in_month(at))) };
        sum += dec!(799.99) * Decimal::from(units * of) / Decimal::from(days);
    }
    sum
}
