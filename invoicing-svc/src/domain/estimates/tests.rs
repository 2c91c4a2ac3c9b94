//! Every golden vector of proration, as the command prints it.

use super::*;
use crate::domain::{
    cycles::tests::{day, period},
    products::tests::rub,
    proration::{Flag, Trace},
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal_macros::dec;
use types::period::days_in_month;

/// One more unit at a monthly price.
fn question(price: Decimal, months: u32, on: &str, full: Period) -> Question {
    Question {
        price: rub(price),
        months,
        change: Change { before: 5, after: 6 },
        day: day(on),
        period: full,
        discount: Discount::NONE,
        vat: None,
    }
}

fn half_year() -> Period {
    period("2019-02-01", "2019-07-31")
}

fn all(question: &Question) -> Vec<Decimal> {
    let gross = |c: &Convention| estimate(question, *c).unwrap().amounts.gross.amount();
    Convention::ALL.iter().map(gross).collect()
}

/// G6 and the example: 3893.33, 3922.58, 3977.90, 0.00, 4800.00.
#[test]
fn g6_one_more_user_by_every_convention() {
    let q = question(dec!(800), 6, "2019-03-04", half_year());
    let expected = [dec!(3893.33), dec!(3922.58), dec!(3977.90), dec!(0), dec!(4800)];
    assert_eq!(all(&q), expected);
    let formulas: Vec<String> =
        Convention::ALL.iter().map(|c| estimate(&q, *c).unwrap().formula()).collect();
    assert_eq!(
        formulas,
        [
            "800.00 × (26/30 + 4) = 3893.33",
            "800.00 × (28/31 + 4) = 3922.58",
            "800.00 × 6 × 150/181 = 3977.90",
            "800.00 × 0 = 0.00",
            "800.00 × 6 = 4800.00",
        ]
    );
    let five = Question { discount: "5%".parse().unwrap(), ..q };
    let expected = [dec!(3698.67), dec!(3726.45), dec!(3779.01), dec!(0), dec!(4560)];
    assert_eq!(all(&five), expected);
    let less = Question { change: Change { before: 6, after: 5 }, ..q };
    assert_eq!(all(&less)[..3], [dec!(-3893.33), dec!(-3922.58), dec!(-3977.90)]);
    assert_eq!(all(&Question { change: Change { before: 5, after: 5 }, ..q }), [dec!(0); 5]);
}

/// Sentences name days, rates and rounding.
#[test]
fn sentences() {
    let q = Question {
        vat: Some(Vat::Included(TaxRate::percent_of(20).unwrap())),
        ..question(dec!(800), 6, "2019-03-04", half_year())
    };
    let text = |c| estimate(&q, c).unwrap().explanation();
    assert_eq!(
        text(Convention::ActMonth).ru,
        "Начислено 3922,58 ₽ за 1 единицу (5 → 6) с 04.03.2019 по 31.07.2019 по правилу ACT_MONTH: \
         800,00 ₽ в месяц × (28/31 + 4), то есть 28 из 31 дня первого месяца и 4 полных месяца, \
         округлено один раз до копейки, в том числе НДС 20 % – 653,76 ₽."
    );
    assert_eq!(
        text(Convention::ActCycle).en,
        "Charged 3977.90 RUB for 1 unit (5 → 6) from 04.03.2019 to 31.07.2019 by ACT_CYCLE: \
         800.00 RUB per month × 6 × 150/181, that is 150 of 181 days of the billing period, \
         rounded once to the kopeck, VAT of 20% included: 662.98 RUB."
    );
    assert!(text(Convention::None).ru.contains("остаток периода (150 из 181 дня) не оплачивается"));
    assert!(text(Convention::Full).ru.contains("без пересчёта, хотя остаётся 150 из 181 дня"));
    let back = Question { change: Change { before: 8, after: 6 }, ..q };
    let back = estimate(&back, Convention::Seed30).unwrap();
    assert_eq!(
        back.formula(),
        "-800.00 × 2 × (26/30 + 4) = -7786.67; -7786.67 × 20/120 = -1297.78"
    );
    assert!(back.explanation().ru.starts_with("Возвращается 7786,67 ₽ за 2 единицы (8 → 6)"));
}

/// G1, G2, G3.
#[test]
fn g1_g2_g3() {
    for full in [half_year(), period("2019-02-08", "2019-07-31")] {
        let q = question(dec!(60), 6, "2019-02-08", full);
        assert_eq!(all(&q)[..2], [dec!(344.00), dec!(345.00)], "{full}");
    }
    assert_eq!(all(&question(dec!(60), 6, "2019-02-08", half_year()))[2], dec!(346.08));
    let march = question(dec!(860), 1, "2019-03-01", period("2019-03-01", "2019-03-31"));
    assert_eq!(all(&march), [dec!(860), dec!(860), dec!(860), dec!(0), dec!(860)]);
}

/// §1.9 item 8, traps 3 and 4: each flagged.
#[test]
fn item_8_flagged_vectors() {
    use Flag as F;
    let cases = [
        ("2019-01-31", "2019-01-31", dec!(2.00), F::MinimumOneThirtieth),
        ("2019-01-30", "2019-01-30", dec!(2.00), F::MinimumOneThirtieth),
        ("2019-01-31", "2019-07-31", dec!(362.00), F::MinimumOneThirtieth),
        ("2019-02-28", "2019-02-28", dec!(4.00), F::MoreThirtiethsThanDays),
    ];
    for (start, last, amount, flag) in cases {
        let (own, year) = (period(start, last), period("2019-01-01", last));
        for (full, months) in [(own, 1), (own, 6), (own, 7), (year, 12)] {
            let q = question(dec!(60), months, start, full);
            let estimate = estimate(&q, Convention::Seed30).unwrap();
            assert_eq!(estimate.amounts.gross.amount(), amount, "{start} {full} {months}");
            assert!(estimate.trace.flags.contains(&flag), "{start}: {:?}", estimate.trace.flags);
            assert!(estimate.explanation().en.contains("please check"), "{start}");
        }
    }
    let leap = question(dec!(60), 1, "2020-02-29", period("2020-02-01", "2020-02-29"));
    let expected = [dec!(2.00), dec!(2.07), dec!(2.07), dec!(0), dec!(60)];
    assert_eq!(all(&leap), expected, "(30 − 29)/30 and 1/29");
}

/// G8: 900.00 a year from 10.03.2019 is whole, though it ends inside a month.
#[test]
fn g8_exact_year() {
    let q = question(dec!(75), 12, "2019-03-10", period("2019-03-10", "2020-03-09"));
    assert_eq!(all(&q), [dec!(900), dec!(900), dec!(900), dec!(0), dec!(900)]);
    let later = Question { day: day("2019-06-10"), ..q };
    let estimate = estimate(&later, Convention::Seed30).unwrap();
    assert_eq!(estimate.amounts.gross, rub(dec!(673.77)));
    assert_eq!(estimate.trace.flags, [Flag::EndInsideMonth]);
    // 21/30 + 8 + 9/31 months of June to March.
    assert_eq!(all(&later)[1], dec!(674.27));
}

/// G9, G10: 5 % off a half-year: 1026.00, 4560.00, 12711.00, 48336.00.
#[test]
fn g9_g10_half_years_with_five_per_cent_off() {
    let cases = [
        (dec!(60), 3, dec!(1026.00)),
        (dec!(800), 1, dec!(4560.00)),
        (dec!(2230), 1, dec!(12711.00)),
        (dec!(8480), 1, dec!(48336.00)),
        (dec!(60), 1, dec!(342.00)),
    ];
    for (price, units, expected) in cases {
        let q = Question {
            change: Change { before: 0, after: units },
            discount: "5%".parse().unwrap(),
            ..question(price, 6, "2019-02-01", half_year())
        };
        let amounts = all(&q);
        assert_eq!(amounts, [expected, expected, expected, dec!(0), expected]);
    }
}

/// G55: VAT inside 344.00, 860.00, 3893.33; on top it is counted from the rounded net.
#[test]
fn vat_is_told() {
    let rate = TaxRate::percent_of(20).unwrap();
    let q = question(dec!(800), 6, "2019-03-04", half_year());
    let with = |vat| estimate(&Question { vat: Some(vat), ..q }, Convention::Seed30).unwrap();
    let inside = with(Vat::Included(rate)).amounts;
    assert_eq!((inside.tax, inside.gross), (rub(dec!(648.89)), rub(dec!(3893.33))));
    let top = with(Vat::OnTop(rate)).amounts;
    assert_eq!(
        (top.net, top.tax, top.gross),
        (rub(dec!(3893.33)), rub(dec!(778.67)), rub(dec!(4672.00)))
    );
    assert_eq!(with(Vat::None).amounts.tax, rub(dec!(0)));
    for text in ["20%-included", "20-included", "22%-on-top", "none", "0%-included"] {
        assert!(text.parse::<Vat>().is_ok(), "{text}");
    }
    for text in ["", "20%", "19%-included", "-included", "+20%-included", "None", "20%-inside"] {
        assert!(text.parse::<Vat>().is_err(), "{text}");
    }
}

#[test]
fn bad_questions_are_refused() {
    let q = question(dec!(800), 6, "2019-03-04", half_year());
    let refused = |q: Question| estimate(&q, Convention::Seed30).unwrap_err().to_string();
    assert!(refused(Question { day: day("2019-08-01"), ..q }).starts_with("change-on"));
    assert!(refused(Question { months: 0, ..q }).starts_with("months"));
    assert!(refused(Question { price: rub(dec!(-1)), ..q }).starts_with("price"));
    let many = Change { before: 0, after: MAX_QUANTITY + 1 };
    assert!(refused(Question { change: many, ..q }).starts_with("quantity"));
}

/// The second implementation: a day costs its part of its month, or of its cycle, as a fraction
/// over the least common multiple of all lengths; summed up day by day, rounded once.
fn naive(q: &Question, convention: Convention) -> Decimal {
    let mut sum = 0i128;
    let unit = 28 * 29 * 30 * 31 * i128::from(q.period.days());
    for at in q.day.iter_days().take_while(|d| *d < q.period.end()) {
        sum += match convention {
            Convention::ActMonth => unit / i128::from(days_in_month(at)),
            _ => unit / i128::from(q.period.days()) * i128::from(q.months),
        };
    }
    let units = i128::from(q.change.after) - i128::from(q.change.before);
    let doubled = 2 * q.price.minor() * sum * units.abs() * i128::from(q.discount.left());
    let whole = unit * 10_000;
    let kopecks = (doubled + whole) / (2 * whole);
    Decimal::from_i128_with_scale(kopecks * units.signum(), 2)
}

fn any_question() -> impl Strategy<Value = Question> {
    (0i32..600, 1u32..=36, 0i64..1200, 0i64..10_000_000, 0u32..50, 0u32..50, 0u32..=10_000)
        .prop_map(|(n, months, into, kopecks, before, after, discount)| {
            let grid =
                crate::domain::cycles::Schedule::calendar(day("1999-01-01"), months).unwrap();
            let full = grid.period(n % (600 / i32::try_from(months).unwrap())).unwrap();
            Question {
                price: rub(Decimal::new(kopecks, 2)),
                months,
                change: Change { before, after },
                day: full.start() + chrono::Duration::days(into % full.days()),
                period: full,
                discount: format!("{}.{:02}%", discount / 100, discount % 100).parse().unwrap(),
                vat: None,
            }
        })
}

proptest! {
    #[test]
    fn day_by_day_gives_the_same(q in any_question()) {
        for convention in [Convention::ActMonth, Convention::ActCycle] {
            let estimate = estimate(&q, convention).unwrap();
            prop_assert_eq!(estimate.amounts.gross.amount(), naive(&q, convention));
        }
    }

    /// The amount follows from the trace alone, through its stored form, for each convention.
    #[test]
    fn amounts_are_recomputed_from_their_traces(q in any_question()) {
        for convention in Convention::ALL {
            let estimate = estimate(&q, *convention).unwrap();
            let stored = serde_json::to_string(&Trace::Charge(estimate.trace.clone())).unwrap();
            let read: Trace = serde_json::from_str(&stored).unwrap();
            let amount = read.recompute().unwrap();
            let back = q.change.after < q.change.before;
            prop_assert_eq!(if back { amount.negated() } else { amount }, estimate.amounts.gross);
        }
    }
}
