//! SEED30: golden vectors, and what holds for every part.

use super::*;
use crate::domain::cycles::{
    Schedule,
    tests::{day, period},
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal_macros::dec;
use types::Currency;

fn rub(amount: Decimal) -> Money {
    Money::new(amount, Currency::Rub).unwrap()
}

/// A monthly price billed from `start` to `last` inside the half-year grid of February.
fn monthly(price: Decimal, start: &str, last: &str) -> Part {
    let part = period(start, last);
    let grid = Schedule::calendar(day("2019-02-01"), 6).unwrap();
    let full = grid.containing(part.start()).unwrap();
    Part {
        convention: Convention::Seed30,
        unit_price: rub(price),
        price_months: 1,
        discount: Discount::NONE,
        quantity: 1,
        period: part,
        full,
        full_months: 6,
    }
}

/// G1: 44.00 (22/30) + 5 × 60.00 = 344.00; the trace tells days and denominator, not the total
/// alone (trap §1.7.2).
#[test]
fn g1_five_gb_pack() {
    let trace = prorate(&monthly(dec!(60), "2019-02-08", "2019-07-31")).unwrap();
    assert_eq!(trace.amount, rub(dec!(344.00)));
    let weights: Vec<_> = trace.pieces.iter().map(|p| (p.days, p.weight)).collect();
    assert_eq!(weights, [(21, 22), (31, 30), (30, 30), (31, 30), (30, 30), (31, 30)]);
    assert_eq!((trace.numerator, trace.denominator), (172, 30));
    assert_eq!((trace.formula, trace.convention), (Formula::Thirtieths, Convention::Seed30));
    assert!(trace.flags.is_empty());
    let text = Trace::Charge(trace).sentence();
    assert_eq!(
        text.ru,
        "Начислено 344,00 ₽ за 1 единицу с 08.02.2019 по 31.07.2019: 60,00 ₽ в месяц × \
         (22/30 + 5), то есть 22/30 первого месяца (30 − 8) и 5 полных месяцев \
         (в месяце считается 30 дней), округлено один раз до копейки."
    );
    assert_eq!(
        text.en,
        "Charged 344.00 RUB for 1 unit from 08.02.2019 to 31.07.2019: 60.00 RUB per month × \
         (22/30 + 5), that is 22/30 of the first month (30 − 8) and 5 full months (a month counts \
         30 days), rounded once to the kopeck."
    );
}

/// G2: the same by the other conventions: 345.00 and 346.08; none gives 344.09, 343.23, 346.00.
#[test]
fn g2_other_conventions() {
    let amount = |convention| {
        let part = Part { convention, ..monthly(dec!(60), "2019-02-08", "2019-07-31") };
        prorate(&part).unwrap().amount.amount()
    };
    let amounts = [dec!(344.00), dec!(345.00), dec!(346.08), dec!(0.00), dec!(360.00)];
    assert_eq!(Convention::ALL.iter().map(|c| amount(*c)).collect::<Vec<_>>(), amounts);
    let base = Part {
        convention: Convention::ActCycle,
        unit_price: rub(dec!(342)),
        price_months: 6,
        ..monthly(dec!(60), "2019-02-08", "2019-07-31")
    };
    assert_eq!(prorate(&base).unwrap().amount, rub(dec!(328.77)));
}

/// G3: a full calendar month is 1.0; 30E/360 would give 831.33 (trap §1.7.4).
#[test]
fn g3_full_month_is_whole() {
    let trace = prorate(&monthly(dec!(860), "2019-03-01", "2019-03-31")).unwrap();
    assert_eq!(trace.amount, rub(dec!(860.00)));
    assert_eq!((trace.numerator, trace.denominator), (30, 30));
}

/// §1.9 item 8: 2.00, 2.00 and 362.00, each flagged; 28 Feb counts 2/30 and is flagged.
#[test]
fn flagged_vectors() {
    let cases = [
        ("2019-01-31", "2019-01-31", dec!(2.00), &[Flag::MinimumOneThirtieth][..]),
        (
            "2019-01-30",
            "2019-01-30",
            dec!(2.00),
            &[Flag::EndOnThirtieth, Flag::MinimumOneThirtieth],
        ),
        ("2019-01-31", "2019-07-31", dec!(362.00), &[Flag::MinimumOneThirtieth]),
        ("2019-02-28", "2019-02-28", dec!(4.00), &[Flag::MoreThirtiethsThanDays]),
    ];
    for (start, last, amount, flags) in cases {
        let part = Part {
            period: period(start, last),
            full: period("2019-01-01", "2019-12-31"),
            full_months: 12,
            ..monthly(dec!(60), "2019-03-01", "2019-03-31")
        };
        let trace = prorate(&part).unwrap();
        assert_eq!(trace.amount, rub(amount), "{start}");
        assert_eq!(trace.flags, flags, "{start}");
    }
}

/// G6: +1 user at 800.00 on 04.03.2019, co-term 31.07.2019: 3893.33; at the half-year price with
/// 5 % off 3698.67.
#[test]
fn g6_one_more_user() {
    let part = monthly(dec!(800), "2019-03-04", "2019-07-31");
    let trace = prorate(&part).unwrap();
    assert_eq!(trace.amount, rub(dec!(3893.33)));
    assert_eq!((trace.numerator, trace.denominator), (146, 30));
    let discounted = Part { unit_price: rub(dec!(4560)), price_months: 6, ..part };
    assert_eq!(prorate(&discounted).unwrap().amount, rub(dec!(3698.67)));
    let others = [dec!(3922.58), dec!(3977.90), dec!(3779.01)];
    assert!(others.iter().all(|other| trace.amount != rub(*other)));
}

/// G8, A161: exactly one year costs the whole price, though it ends inside a month.
#[test]
fn g8_exact_year_is_unprorated() {
    let year = period("2019-03-10", "2020-03-09");
    let part = Part {
        convention: Convention::Seed30,
        unit_price: rub(dec!(900)),
        price_months: 12,
        discount: Discount::NONE,
        quantity: 1,
        period: year,
        full: year,
        full_months: 12,
    };
    let trace = prorate(&part).unwrap();
    assert_eq!((trace.amount, trace.formula), (rub(dec!(900.00)), Formula::Whole));
    let inside = Part { period: period("2019-06-10", "2020-03-09"), ..part };
    let by_days = prorate(&inside).unwrap();
    assert_eq!(by_days.flags, [Flag::EndInsideMonth]);
    assert_eq!((by_days.numerator, by_days.denominator), (274 * 12, 366 * 12));
    assert_eq!(by_days.amount, rub(dec!(673.77)));
}

/// G9, G10 (derived): the half-year prices with 5 % off times their quantities.
#[test]
fn g10_main_invoice() {
    let full = period("2019-02-01", "2019-07-31");
    let whole = |price, quantity| {
        let part = Part {
            unit_price: rub(price),
            price_months: 6,
            quantity,
            period: full,
            ..monthly(dec!(1), "2019-02-01", "2019-07-31")
        };
        prorate(&part).unwrap().amount
    };
    let lines = [whole(dec!(12711), 1), whole(dec!(4560), 5), whole(dec!(2565), 5)];
    assert_eq!(Money::sum(Currency::Rub, lines).unwrap(), rub(dec!(48336.00)));
}

#[test]
fn impossible_parts_are_refused() {
    let good = monthly(dec!(60), "2019-02-08", "2019-07-31");
    let outside = Part { period: period("2019-02-08", "2019-08-31"), ..good };
    assert!(matches!(prorate(&outside), Err(ProrationError::Outside { .. })));
    for bad in [Part { full_months: 0, ..good }, Part { price_months: 0, ..good }] {
        assert_eq!(prorate(&bad), Err(ProrationError::NotPositive));
    }
}

fn any_part() -> impl Strategy<Value = Part> {
    (0i32..40, 1u32..=31, 1u32..=12, 1u32..=12, 1u32..1000, 0i64..400, 0i64..10_000_000).prop_map(
        |(n, anchor, months, price_months, quantity, into, kopecks)| {
            let grid = Schedule::new(day("2018-11-01"), anchor, months).unwrap();
            let full = grid.period(n).unwrap();
            let start = full.start() + chrono::Duration::days(into % full.days());
            Part {
                convention: Convention::Seed30,
                unit_price: rub(Decimal::new(kopecks, 2)),
                price_months,
                discount: Discount::NONE,
                quantity,
                period: Period::new(start, full.end()).unwrap(),
                full,
                full_months: months,
            }
        },
    )
}

proptest! {
    /// The amount follows from the trace alone, after a trip through its stored form.
    #[test]
    fn amount_is_recomputed_from_the_trace(part in any_part()) {
        let trace = Trace::Charge(prorate(&part).unwrap());
        let stored = serde_json::to_string(&trace).unwrap();
        let read: Trace = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&read, &trace);
        prop_assert_eq!(read.recompute().unwrap(), trace.amount());
    }

    /// A part never costs more than the whole, nor less than nothing; a later start never more.
    #[test]
    fn later_starts_cost_no_more(part in any_part()) {
        let cost = |start| {
            let period = Period::new(start, part.full.end()).unwrap();
            prorate(&Part { period, ..part }).unwrap().amount.amount()
        };
        let (whole, here) = (cost(part.full.start()), cost(part.period.start()));
        prop_assert!(here <= whole && here >= Decimal::ZERO);
        let next = part.period.start() + chrono::Duration::days(1);
        if next < part.full.end() {
            prop_assert!(cost(next) <= here);
        }
    }

    /// The months cover the period exactly, in order.
    #[test]
    fn pieces_cover_the_period(part in any_part(), thirtieths: bool) {
        let pieces = weigh(if thirtieths { Basis::Thirtieths } else { Basis::Days }, part.period);
        prop_assert_eq!(pieces[0].period.start(), part.period.start());
        prop_assert_eq!(pieces[pieces.len() - 1].period.end(), part.period.end());
        prop_assert!(pieces.windows(2).all(|w| w[0].period.end() == w[1].period.start()));
        prop_assert!(pieces.iter().all(|p| p.weight > 0));
    }
}
