//! Cuts by month: golden vectors, sums, and closing again.

use super::*;
use crate::domain::{
    changes::preview,
    cycles::tests::{day, period},
    discounts::Discount,
    fixtures::World,
    products::{PriceVersion, tests::rub},
    proration::{Convention, Part, basis, prorate},
    subscriptions::Subscription,
    tax::PriceTax,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal_macros::dec;
use types::Money;

fn gross(pieces: &[ActLine]) -> Vec<Decimal> {
    pieces.iter().map(|p| p.amounts.gross.amount()).collect()
}

fn rendered(w: &World, line: Line) -> RenderedLine {
    let c = &w.contract;
    let (seller, client, legal_entity) = (c.seller, c.client, c.legal_entity);
    let account = Account { seller, client, legal_entity, contract: c.id, currency: c.currency };
    RenderedLine { account, line }
}

/// G53: 344.00 (08.02–31.07.2019) → Feb 44.00, Mar–Jul 60.00 each.
#[test]
fn g53_first_month_weighs_as_it_was_charged() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2019-02-08", 6, 1);
    let pieces = cut(&w.line(&s, period("2019-02-08", "2019-07-31"))).unwrap();
    assert_eq!(gross(&pieces), [dec!(44.00), dec!(60), dec!(60), dec!(60), dec!(60), dec!(60)]);
    assert_eq!(pieces[0].period, period("2019-02-08", "2019-02-28"));
}

/// G53: 48,336.00, six months → 6 × 8056.00.
#[test]
fn g53_whole_half_year() {
    let w = World::new(6, dec!(48336));
    let s = w.subscription("2019-02-01", 6, 1);
    let pieces = cut(&w.line(&s, period("2019-02-01", "2019-07-31"))).unwrap();
    assert_eq!(gross(&pieces), [dec!(8056.00); 6]);
}

/// G53: G6 with 5 % → Mar 658.67 + 4 × 760.00 = 3698.67.
#[test]
fn g53_delta_of_a_discounted_half_year() {
    let w = World::new(6, dec!(4560));
    let s = w.subscription("2019-02-01", 6, 5);
    let main = [w.line(&s, period("2019-02-01", "2019-07-31"))];
    let change = w.change(&s, (&main, &[]), 6, "2019-03-04");
    let p = preview(&change, InvoiceLineId::generate).unwrap();
    assert_eq!(p.total(), rub(dec!(3698.67)));
    let pieces = cut(&p.lines[0]).unwrap();
    assert_eq!(gross(&pieces), [dec!(658.67), dec!(760), dec!(760), dec!(760), dec!(760)]);
}

/// Exact year: by days in the month over days of the period.
#[test]
fn exact_year_weighs_by_days() {
    let w = World::new(12, dec!(900));
    let s = w.anniversary("2019-03-10", 12, 1);
    let pieces = cut(&w.line(&s, period("2019-03-10", "2020-03-09"))).unwrap();
    assert_eq!(pieces.len(), 13);
    // 22 and 9 of 366 days of 900.00.
    assert_eq!((gross(&pieces)[0], gross(&pieces)[12]), (dec!(54.10), dec!(22.13)));
    let sum = Money::sum(types::Currency::Rub, pieces.iter().map(|p| p.amounts.gross));
    assert_eq!(sum.unwrap(), rub(dec!(900.00)));
}

fn g54(tax: PriceTax) -> (Line, Vec<ActLine>) {
    let mut w = World::new(1, dec!(1000));
    w.price = PriceVersion { tax, effective: day("2025-06-01"), ..w.price };
    let s = w.subscription("2025-11-01", 6, 1);
    let line = w.line(&s, period("2025-11-01", "2026-04-30"));
    let pieces = cut(&line).unwrap();
    (line, pieces)
}

/// G54: gross fixed: VAT in acts is 166.67 for Nov and Dec, 180.33 for Jan–Apr; the line has a
/// segment per rate.
#[test]
fn g54_gross_fixed() {
    let (line, pieces) = g54(PriceTax::Included);
    assert_eq!(gross(&pieces), [dec!(1000); 6]);
    let vat: Vec<_> = pieces.iter().map(|p| p.amounts.tax.amount()).collect();
    let (before, after) = (dec!(166.67), dec!(180.33));
    assert_eq!(vat, [before, before, after, after, after, after]);
    let segments: Vec<_> = line
        .segments
        .iter()
        .map(|s| (s.decision.rate.percent(), s.amounts.gross.amount(), s.amounts.tax.amount()))
        .collect();
    let expected = [(Some(20), dec!(2000), dec!(333.33)), (Some(22), dec!(4000), dec!(721.31))];
    assert_eq!(segments, expected);
}

/// G54: net fixed: 1000.00 × 2, then 1016.67 × 4.
#[test]
fn g54_net_fixed() {
    let (line, pieces) = g54(PriceTax::IncludedNetFixed);
    let (before, after) = (dec!(1000.00), dec!(1016.67));
    assert_eq!(gross(&pieces), [before, before, after, after, after, after]);
    assert_eq!(line.amounts.gross, rub(dec!(6066.68)));
    let traced = line.traces.iter().map(crate::domain::proration::Trace::amount);
    assert_eq!(Money::sum(types::Currency::Rub, traced).unwrap(), line.amounts.gross);
}

/// Acts are per contract; closing again, and closing late, bills every piece once.
#[test]
fn closing_again_is_a_no_op() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2019-02-08", 6, 1);
    let line = rendered(&w, w.line(&s, period("2019-02-08", "2019-07-31")));
    let other = World::new(1, dec!(10));
    let o = other.subscription("2019-03-01", 1, 1);
    let lines = [line, rendered(&other, other.line(&o, period("2019-03-01", "2019-03-31")))];
    let mut closed = Closed::new();
    // February was not closed in time: March takes both months.
    let p = plan(&lines, day("2019-03-15"), &closed).unwrap();
    assert_eq!(p.acts.len(), 2, "an act per contract");
    let act = p.acts.iter().find(|a| a.account == lines[0].account).unwrap();
    assert_eq!((act.month, act.date), (day("2019-03-01"), day("2019-03-31")));
    assert_eq!(act.amounts.gross, rub(dec!(104.00)));
    closed.extend(p.acts.iter().flat_map(|a| a.lines.iter().map(|l| (l.line, l.month))));
    assert_eq!(plan(&lines, day("2019-03-31"), &closed).unwrap(), Plan::default());
    let april = plan(&lines, day("2019-04-30"), &closed).unwrap();
    assert_eq!(april.acts.len(), 1);
    assert_eq!(april.acts[0].amounts.gross, rub(dec!(60.00)));
}

/// A credit beyond what was rendered is no act; it waits for its correction.
#[test]
fn credits_that_exceed_wait() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2019-02-01", 1, 2);
    let february = w.line(&s, period("2019-02-01", "2019-02-28"));
    let change = w.change(&s, (std::slice::from_ref(&february), &[]), 1, "2019-02-01");
    let credit = preview(&change, InvoiceLineId::generate).unwrap().lines.remove(0);
    let lines = [rendered(&w, february), rendered(&w, credit)];
    let both = plan(&lines, day("2019-02-01"), &Closed::new()).unwrap();
    assert_eq!(both.acts[0].amounts.gross, rub(dec!(60.00)));
    let closed = Closed::from([(lines[0].line.id, day("2019-02-01"))]);
    let alone = plan(&lines, day("2019-03-01"), &closed).unwrap();
    assert_eq!((alone.acts.len(), alone.corrections.len()), (0, 1));
}

/// G53: each convention cuts by its own months, and the pieces sum to the line.
#[test]
fn g53_by_every_convention() {
    let months = |first| vec![first, dec!(800), dec!(800), dec!(800), dec!(800)];
    let expected = [
        (Convention::Seed30, dec!(3893.33), months(dec!(693.33))),
        (Convention::ActMonth, dec!(3922.58), months(dec!(722.58))),
        (
            Convention::ActCycle,
            dec!(3977.90),
            vec![dec!(742.54), dec!(795.58), dec!(822.10), dec!(795.58), dec!(822.10)],
        ),
        (
            Convention::Full,
            dec!(4800.00),
            vec![dec!(896.00), dec!(960), dec!(992), dec!(960), dec!(992)],
        ),
    ];
    for (convention, amount, months) in expected {
        let (full, part) = (period("2019-02-01", "2019-07-31"), period("2019-03-04", "2019-07-31"));
        let charged = prorate(&Part {
            convention,
            unit_price: rub(dec!(800)),
            price_months: 1,
            discount: Discount::NONE,
            quantity: 1,
            period: part,
            full,
            full_months: 6,
        });
        let gross = charged.unwrap().amount;
        assert_eq!(gross, rub(amount));
        let cut = by_month(basis(convention, part), part, part, gross);
        let pieces: Vec<_> = cut.iter().map(|(_, money)| money.amount()).collect();
        assert_eq!(pieces, months, "{convention}");
    }
}

/// A later change corrects closed months by documents of their own, and open ones in their acts.
#[test]
fn later_changes_correct_closed_months() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2019-02-01", 6, 2);
    let half_year = w.line(&s, period("2019-02-01", "2019-07-31"));
    let change = w.change(&s, (std::slice::from_ref(&half_year), &[]), 1, "2019-03-01");
    let credit = preview(&change, InvoiceLineId::generate).unwrap().lines.remove(0);
    let months = ["2019-02-01", "2019-03-01", "2019-04-01"];
    let closed: Closed = months.iter().map(|m| (half_year.id, day(m))).collect();
    let lines = [rendered(&w, half_year), rendered(&w, credit)];
    let late = corrections(&lines, day("2019-04-30"), &closed).unwrap();
    let told: Vec<_> = late.iter().map(|c| (c.month, c.amounts.gross.amount())).collect();
    assert_eq!(told, [(day("2019-03-01"), dec!(-60.00)), (day("2019-04-01"), dec!(-60.00))]);
    let mut known = closed;
    known.extend(late.iter().flat_map(|c| c.lines.iter().map(|l| (l.line, l.month))));
    assert_eq!(corrections(&lines, day("2019-04-30"), &known).unwrap(), []);
    let may = plan(&lines, day("2019-05-31"), &known).unwrap();
    assert_eq!(may.acts[0].amounts.gross, rub(dec!(60.00)), "the open month has one unit less");
}

proptest! {
    /// Σ of the pieces is the line, whatever the grid, the price, the rate or the start.
    #[test]
    fn pieces_sum_to_the_line(
        anchor in 1u32..=31, months in 1u32..=24, price_months in 1u32..=12,
        kopecks in 0i64..10_000_000, into in 0i64..700, n in 0i32..100, mode in 0usize..3,
    ) {
        let mut w = World::new(price_months, Decimal::new(kopecks, 2));
        w.price.tax = PriceTax::ALL[mode];
        let start = format!("2018-01-{anchor:02}");
        let s: Subscription = w.anniversary(&start, months, 2);
        let full = s.schedule.unwrap().period(n % 96).unwrap();
        let from = full.start() + chrono::Duration::days(into % full.days());
        let line = w.line(&s, Period::new(from, full.end()).unwrap());
        let pieces = cut(&line).unwrap();
        let sum = Taxed::sum(types::Currency::Rub, pieces.iter().map(|p| p.amounts)).unwrap();
        prop_assert_eq!(sum.gross, line.amounts.gross);
        for Taxed { net, tax, gross } in pieces.iter().map(|p| p.amounts) {
            prop_assert_eq!(net.checked_add(tax).unwrap(), gross);
        }
        let mut keys: Vec<_> = pieces.iter().map(|p| p.month).collect();
        keys.dedup();
        prop_assert_eq!(keys.len(), pieces.len(), "one piece per month");
    }
}
