//! Golden vectors through the engine.

use super::*;
use crate::domain::billing::next::{check, next_renewal};
use crate::domain::proration::{Flag, Trace, difference};
use rust_decimal_macros::dec;
use types::Money;

fn half_year(amount: Decimal) -> Price {
    let discount = "5%".parse().unwrap();
    Price { discount, ..price(6, amount, 1, Convention::Seed30) }
}

/// Seed A's client: a program with five users and five of another option, by the half-year, 5 %.
fn hoster() -> History {
    let prices = [dec!(2230), dec!(800), dec!(450)].map(half_year);
    let products = ["program", "user", "cloud"].into_iter().zip(prices);
    let products = products.map(|(code, price)| product(code, vec![price])).collect();
    let mut s = subscription("main", 0, "2019-02-01", 6);
    s.options = vec![(1, 5), (2, 5)];
    history(products, vec![s])
}

/// G9, G10, G18: 12711.00 + 5 × 4560.00 + 5 × 2565.00 = 48336.00, billed on 12.01.2019.
#[test]
fn g10_main_invoice_twenty_days_ahead() {
    let h = hoster();
    assert_eq!(run(&h, &[], day("2019-01-11")), []);
    let lines = run(&h, &[], day("2019-01-12"));
    let amounts: Vec<_> = lines.iter().map(|l| l.amounts.gross.amount()).collect();
    assert_eq!(amounts, [dec!(12711.00), dec!(22800.00), dec!(12825.00)]);
    assert!(lines.iter().all(|l| l.kind == Kind::Renewal));
    let all = Money::sum(types::Currency::Rub, lines.iter().map(|l| l.amounts.gross)).unwrap();
    assert_eq!(all.amount(), dec!(48336.00));
}

/// G6, G7, G53: "5 → 6" on 04.03.2019 is one line for 1 user, 3698.67 with 5 %; a rerun is a no-op,
/// and the next renewal bills 6.
#[test]
fn g6_g7_one_more_user() {
    let mut h = hoster();
    let mut billed = Vec::new();
    bill(&h, &mut billed, day("2019-01-12"));
    h.subscriptions[0].events.push(at("2019-03-04", Happened::Option(1, 6)));
    let lines = bill(&h, &mut billed, day("2019-03-04"));
    let expected = (Kind::Change, "04.03.2019–31.07.2019".to_owned(), 1, dec!(3698.67));
    assert_eq!(told(&lines), [expected]);
    assert_eq!(lines[0].change, Some((5, 6)));
    assert_eq!(run(&h, &billed, day("2019-03-05")), []);
    let next = bill(&h, &mut billed, day("2019-07-12"));
    let users = next.iter().find(|l| l.terms.product == 1).unwrap();
    assert_eq!((users.quantity, users.amounts.gross.amount()), (6, dec!(27360.00)));
    assert_eq!(run(&h, &billed, day("2019-08-01")), []);
}

/// G11, §1.9 item 13: the next renewal is what was promised, or a row with the difference.
#[test]
fn item_13_next_renewal_is_checked() {
    let mut h = hoster();
    let before = next_renewal(&h, 0, day("2019-02-01")).unwrap().unwrap();
    assert_eq!((before.day, before.gross.amount()), (day("2019-02-01"), dec!(48336.00)));
    h.subscriptions[0].events.push(at("2019-03-04", Happened::Option(1, 7)));
    h.subscriptions[0].events.push(at("2019-03-04", Happened::Option(2, 7)));
    let promised = next_renewal(&h, 0, day("2019-03-04")).unwrap().unwrap();
    assert_eq!((promised.day, promised.units), (day("2019-08-01"), 1));
    // 12711 + 7 × 4560 + 7 × 2565.
    assert_eq!(promised.gross.amount(), dec!(62586.00));
    assert_eq!(check(promised, promised), Ok(None));
    h.subscriptions[0].events.push(at("2019-06-01", Happened::Option(1, 6)));
    let now = next_renewal(&h, 0, day("2019-06-02")).unwrap().unwrap();
    let broken = check(promised, now).unwrap().unwrap();
    assert_eq!(broken.difference.amount(), dec!(-4560.00));
}

/// G1, G2, G3 as first periods of a subscription.
#[test]
fn g1_g2_g3_first_periods() {
    let first = |convention, start: &str, amount: Decimal, months| {
        let p = product("disk", vec![price(months, amount, 1, convention)]);
        let h = history(vec![p], vec![subscription("disk", 0, start, months)]);
        run(&h, &[], day(start))[0].amounts.gross.amount()
    };
    let pack = |convention| {
        let p = product("disk", vec![price(6, dec!(60), 1, convention)]);
        let main = subscription("main", 0, "2019-02-01", 6);
        let extra = Subscription { main: Some(0), ..subscription("extra", 0, "2019-02-08", 6) };
        let h = history(vec![p], vec![main, extra]);
        let lines = due_of(&h, 1, &[], day("2019-02-08"), &mut InvoiceLineId::generate).unwrap();
        assert!(lines.iter().all(|l| l.period.last() == day("2019-07-31")), "A159: with the main");
        lines.iter().map(|l| l.amounts.gross.amount()).sum::<Decimal>()
    };
    let all: Vec<_> = Convention::ALL.iter().map(|c| pack(*c)).collect();
    assert_eq!(all, [dec!(344.00), dec!(345.00), dec!(346.08), dec!(0), dec!(360.00)]);
    assert_eq!(first(Convention::Seed30, "2019-03-01", dec!(860), 1), dec!(860.00));
    assert_eq!(first(Convention::Seed30, "2019-01-31", dec!(60), 1), dec!(2.00));
}

/// G8, A161: exactly one year, unprorated, to 09.03.2020; the next one is a year again.
#[test]
fn g8_exact_year() {
    let p = product("reports", vec![price(12, dec!(900), 12, Convention::Seed30)]);
    let s = Subscription { anchor: None, ..subscription("reports", 0, "2019-03-10", 12) };
    let h = history(vec![p], vec![s]);
    let lines = run(&h, &[], day("2020-03-10"));
    let periods: Vec<_> = lines.iter().map(|l| l.period.to_string()).collect();
    assert_eq!(periods, ["10.03.2019–09.03.2020", "10.03.2020–09.03.2021"]);
    assert!(lines.iter().all(|l| l.amounts.gross.amount() == dec!(900.00)));
}

/// Fewer units: the same fraction of the newest billed line, capped at what is left of it.
#[test]
fn credits_are_fractions_of_what_was_billed() {
    for (convention, charged) in [
        (Convention::Seed30, dec!(3893.33)),
        (Convention::ActMonth, dec!(3922.58)),
        (Convention::ActCycle, dec!(3977.90)),
        (Convention::Full, dec!(4800.00)),
    ] {
        let p = product("user", vec![price(6, dec!(800), 1, convention)]);
        let mut s = subscription("user", 0, "2019-02-01", 6);
        s.quantity = 5;
        let mut h = history(vec![p], vec![s]);
        let mut billed = Vec::new();
        bill(&h, &mut billed, day("2019-02-01"));
        h.subscriptions[0].events.push(at("2019-03-04", Happened::Quantity(4)));
        let credit = bill(&h, &mut billed, day("2019-03-04"));
        assert_eq!(told(&credit)[0].3, -charged, "{convention}");
        assert_eq!(credit[0].credits, Some(billed[0].id));
        let Trace::Credit(trace) = &credit[0].traces[0] else { panic!() };
        assert_eq!((trace.units, trace.quantity, trace.flags.len()), (1, 5, 0));
        assert_eq!(credit[0].traces[0].recompute().unwrap(), credit[0].amounts.gross);
        let told = credit[0].traces[0].sentence();
        assert!(told.ru.contains(" за 1 из 5 единиц с 04.03.2019 по 31.07.2019: 24000,00 ₽ по"));
        assert!(told.en.contains("24000.00 RUB of the line × 1/5"), "{}", told.en);
        assert_eq!(run(&h, &billed, day("2019-03-04")), [], "{convention}");
    }
}

/// NONE: nothing for the rest of the cycle, either way; the new quantity from the next renewal.
#[test]
fn none_bills_from_the_next_renewal() {
    let p = product("user", vec![price(6, dec!(800), 1, Convention::None)]);
    let mut s = subscription("user", 0, "2019-02-01", 6);
    s.quantity = 5;
    s.events = vec![at("2019-03-04", Happened::Quantity(6))];
    let h = history(vec![p], vec![s]);
    let lines = run(&h, &[], day("2019-08-01"));
    let units: Vec<_> = lines.iter().map(|l| (l.quantity, l.amounts.gross.amount())).collect();
    assert_eq!(units, [(5, dec!(24000.00)), (6, dec!(28800.00))]);
}

/// A late change: recorded after two renewals, it is made up in both periods.
#[test]
fn late_changes_are_made_up() {
    let p = product("user", vec![price(1, dec!(800), 1, Convention::ActMonth)]);
    let mut s = subscription("user", 0, "2019-02-01", 1);
    s.quantity = 5;
    let mut h = history(vec![p], vec![s]);
    let mut billed = Vec::new();
    bill(&h, &mut billed, day("2019-03-01"));
    h.subscriptions[0].events.push(at("2019-02-15", Happened::Quantity(6)));
    let made = bill(&h, &mut billed, day("2019-03-01"));
    let expected = [
        (Kind::Change, "15.02.2019–28.02.2019".to_owned(), 1, dec!(400.00)),
        (Kind::Change, "01.03.2019–31.03.2019".to_owned(), 1, dec!(800.00)),
    ];
    assert_eq!(told(&made), expected);
    assert_eq!(made[1].change, Some((5, 6)));
    h.subscriptions[0].events.clear();
    let back = bill(&h, &mut billed, day("2019-03-01"));
    assert_eq!(back.iter().map(|l| l.amounts.gross.amount()).sum::<Decimal>(), dec!(-1200.00));
    assert_eq!(run(&h, &billed, day("2019-03-01")), []);
}

/// Another product, price or payer: a credit of the remainder and a charge by the same fraction.
#[test]
fn other_terms_are_a_credit_and_a_charge() {
    let small = product("small", vec![price(6, dec!(800), 1, Convention::Seed30)]);
    let large = product("large", vec![price(6, dec!(1000), 1, Convention::Seed30)]);
    let cases = [
        (Happened::Product(1), dec!(4866.67)),
        (Happened::Transfer(1), dec!(3893.33)),
        (
            Happened::Price(Some(Override {
                amount: rub(dec!(600)),
                months: 1,
                reason: "a promise".into(),
            })),
            dec!(2920.00),
        ),
        (Happened::Discount(Some("10%".parse().unwrap())), dec!(3504.00)),
    ];
    for (what, charged) in cases {
        let s = subscription("x", 0, "2019-02-01", 6);
        let mut h = history(vec![small.clone(), large.clone()], vec![s]);
        let mut billed = Vec::new();
        bill(&h, &mut billed, day("2019-02-01"));
        h.subscriptions[0].events.push(Event { on: day("2019-03-04"), what: what.clone() });
        let made = bill(&h, &mut billed, day("2019-03-04"));
        let mut amounts: Vec<_> = made.iter().map(|l| l.amounts.gross.amount()).collect();
        amounts.sort_unstable();
        assert_eq!(amounts, [dec!(-3893.33), charged], "{what:?}");
        assert_eq!(run(&h, &billed, day("2019-03-04")), []);
        if let Happened::Price(_) = what {
            let charge = made.iter().find(|l| l.kind == Kind::Change).unwrap();
            assert!(charge.traces[0].sentence().en.contains("set by hand: a promise"));
        }
    }
}

/// Another cycle: its price at once, its periods from the next boundary on.
#[test]
fn another_cycle_starts_at_the_boundary() {
    let prices = vec![
        price(1, dec!(100), 1, Convention::Seed30),
        price(12, dec!(1000), 12, Convention::Seed30),
    ];
    let mut s = subscription("x", 0, "2019-01-01", 1);
    s.events = vec![at("2019-02-11", Happened::Cycle(12))];
    let h = history(vec![product("p", prices)], vec![s]);
    let lines = run(&h, &[], day("2019-02-11"));
    let told = told(&lines);
    assert_eq!(told[0], (Kind::Renewal, "01.01.2019–31.01.2019".into(), 1, dec!(100.00)));
    assert_eq!(told[1], (Kind::Renewal, "01.02.2019–10.02.2019".into(), 1, dec!(36.67)));
    // (30 − 11)/30 of a twelfth of 1000.00.
    assert_eq!(told[2], (Kind::Change, "11.02.2019–28.02.2019".into(), 1, dec!(52.78)));
    assert_eq!(told[3], (Kind::Renewal, "01.03.2019–29.02.2020".into(), 1, dec!(1000.00)));
}

/// An end that is known shortens what is billed; one that comes later gives the same back.
#[test]
fn ends_known_and_unknown_cost_the_same() {
    let p = product("user", vec![price(6, dec!(800), 1, Convention::Seed30)]);
    let mut h = history(vec![p], vec![subscription("user", 0, "2019-02-01", 6)]);
    let mut billed = Vec::new();
    bill(&h, &mut billed, day("2019-02-01"));
    h.subscriptions[0].events.push(at("2019-03-04", Happened::End));
    let known = run(&h, &[], day("2019-02-01"));
    // One month and 4/30: in money the day of the end is still paid.
    assert_eq!(told(&known), [(Kind::Renewal, "01.02.2019–03.03.2019".into(), 1, dec!(906.67))]);
    bill(&h, &mut billed, day("2019-03-04"));
    let sum: Decimal = billed.iter().map(|l| l.amounts.gross.amount()).sum();
    assert_eq!(sum, dec!(906.67));
    assert_eq!(run(&h, &billed, day("2020-03-04")), []);
}

/// Days of a month that are worth nothing by NONE do not bring along the months behind them, run by
/// run: those are given back once, when they are near.
#[test]
fn what_is_not_due_is_not_brought_along() {
    let prices = [1, 6].map(|months| price(months, dec!(800), 1, Convention::None)).to_vec();
    let mut s = subscription("user", 0, "2019-08-01", 1);
    s.events = vec![at("2019-10-01", Happened::Quantity(10))];
    let mut h = history(vec![product("user", prices)], vec![s]);
    let mut billed = Vec::new();
    bill(&h, &mut billed, day("2019-10-15"));
    let late = [at("2019-08-01", Happened::Cycle(6)), at("2019-09-15", Happened::End)];
    h.subscriptions[0].events.extend(late);
    assert_eq!(run(&h, &billed, day("2019-09-01")), []);
    let back = bill(&h, &mut billed, day("2019-09-11"));
    let expected = [
        (Kind::Credit, "01.11.2019–30.11.2019".to_owned(), 1, dec!(-800.00)),
        (Kind::Credit, "01.10.2019–31.10.2019".to_owned(), 1, dec!(-800.00)),
        (Kind::Credit, "01.11.2019–30.11.2019".to_owned(), 9, dec!(-7200.00)),
        (Kind::Credit, "01.10.2019–31.10.2019".to_owned(), 9, dec!(-7200.00)),
    ];
    assert_eq!(told(&back), expected);
    assert_eq!(run(&h, &billed, day("2019-09-11")), []);
}

/// In arrears a period is billed when it is over, with all that happened in it, and never credited.
#[test]
fn arrears() {
    let later = Price { timing: Timing::Arrears, ..price(1, dec!(100), 1, Convention::ActCycle) };
    let mut s = subscription("x", 0, "2019-04-01", 1);
    s.quantity = 3;
    s.events = vec![at("2019-04-11", Happened::Quantity(2))];
    let mut h = history(vec![product("p", vec![later])], vec![s]);
    assert_eq!(run(&h, &[], day("2019-04-30")), []);
    let mut billed = Vec::new();
    let made = bill(&h, &mut billed, day("2019-05-01"));
    assert_eq!(made.iter().map(|l| l.amounts.gross.amount()).sum::<Decimal>(), dec!(233.33));
    assert_eq!(made.iter().filter(|l| l.kind == Kind::Renewal).count(), 1);
    h.subscriptions[0].events.push(at("2019-04-21", Happened::Quantity(1)));
    assert_eq!(run(&h, &billed, day("2019-05-01")), []);
}

/// Once and setup fees are charged once, whatever happens later; free costs nothing.
#[test]
fn once_setup_and_free() {
    let work = Price { cycle: Cycle::Once, ..price(1, dec!(5900), 1, Convention::Seed30) };
    let cloud = Price { setup: Some(rub(dec!(500))), ..price(1, dec!(100), 1, Convention::Seed30) };
    let free = Price { cycle: Cycle::Free, ..price(1, dec!(0), 1, Convention::Seed30) };
    let once = Subscription {
        cycle: Cycle::Once,
        start: day("2018-02-26"),
        ..subscription("work", 0, "2018-02-26", 1)
    };
    let gratis = Subscription { cycle: Cycle::Free, ..subscription("gift", 2, "2018-02-26", 1) };
    let products = vec![
        product("hour", vec![work]),
        product("cloud", vec![cloud]),
        product("gift", vec![free]),
    ];
    let h = history(products, vec![once, subscription("cloud", 1, "2018-03-01", 1), gratis]);
    let mut billed = vec![Vec::new(); 3];
    let made = due(&h, &billed, day("2018-03-01"), InvoiceLineId::generate).unwrap();
    // G16: 5000.00 and 18 % of 2018.
    assert_eq!((made[0].kind, made[0].amounts.tax.amount()), (Kind::Once, dec!(900.00)));
    let rest: Vec<_> = made[1..].iter().map(|l| (l.kind, l.amounts.gross.amount())).collect();
    assert_eq!(rest, [(Kind::Setup, dec!(500.00)), (Kind::Renewal, dec!(100.00))]);
    for line in made {
        billed[line.subscription].push(line);
    }
    assert_eq!(due(&h, &billed, day("2018-03-02"), InvoiceLineId::generate).unwrap(), []);
}

/// G54: a segment per rate; with the net fixed each rate has its own price.
#[test]
fn g54_two_rates_in_one_line() {
    for (tax, gross) in
        [(PriceTax::Included, dec!(6000)), (PriceTax::IncludedNetFixed, dec!(6066.68))]
    {
        let p = Price { tax, ..price(6, dec!(1000), 1, Convention::Seed30) };
        let p = Price { effective: day("2025-06-01"), ..p };
        let h = history(vec![product("p", vec![p])], vec![subscription("x", 0, "2025-11-01", 6)]);
        let line = run(&h, &[], day("2025-11-01")).remove(0);
        assert_eq!(line.amounts.gross.amount(), gross);
        let rates: Vec<_> = line.segments.iter().map(|s| s.judged.rate.percent()).collect();
        assert_eq!(rates, [Some(20), Some(22)]);
    }
}

/// What changed since the last invoice: effects add up to the difference.
#[test]
fn traces_are_compared() {
    let mut h = hoster();
    let before = run(&h, &[], day("2019-01-12")).remove(1);
    h.subscriptions[0].events.push(at("2019-03-04", Happened::Option(1, 7)));
    h.subscriptions[0].events.push(at("2019-08-01", Happened::Discount(Some(Discount::NONE))));
    let after = run(&h, &[], day("2019-08-01"));
    let after = after.iter().rfind(|l| l.terms.product == 1).unwrap();
    let (Trace::Charge(was), Trace::Charge(now)) = (&before.traces[0], &after.traces[0]) else {
        panic!()
    };
    let effects = difference(was, now).unwrap();
    let told: Vec<_> = effects.iter().map(|e| e.text().en).collect();
    assert_eq!(
        told,
        [
            "discount 5% → 0% (+1200.00 RUB)",
            "quantity 5 → 7 (+9600.00 RUB)",
            "period 01.02.2019–31.07.2019 → 01.08.2019–31.01.2020 (+0.00 RUB)",
        ]
    );
    assert_eq!(difference(was, was).unwrap(), []);
}

/// Trap 3 through the engine: flags reach the line.
#[test]
fn flags_reach_the_line() {
    let p = product("p", vec![price(1, dec!(60), 1, Convention::Seed30)]);
    let h = history(vec![p], vec![subscription("x", 0, "2019-01-30", 1)]);
    let line = run(&h, &[], day("2019-01-30")).remove(0);
    assert_eq!(line.traces[0].flags(), [Flag::MinimumOneThirtieth]);
    assert_eq!(line.amounts.gross.amount(), dec!(2.00));
}
