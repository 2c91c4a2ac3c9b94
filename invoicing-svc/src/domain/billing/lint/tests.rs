//! No false alarm on a clean company; every planted defect is found, and nothing besides.

use super::*;
use crate::domain::{
    billing::{
        due,
        history::*,
        lines::Kind,
        tests::{at, history, price, product, subscription},
    },
    cycles::tests::{day, period},
    products::tests::rub,
    proration::Convention,
    tax::TaxRate,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal_macros::dec;
use types::id::InvoiceLineId;

/// A client of a hoster: a program with users, disk, a yearly service, by two sellers.
fn clean() -> History {
    let half_year = |amount| {
        let discount = "5%".parse().unwrap();
        let sold = Price { discount, ..price(6, amount, 1, Convention::Seed30) };
        vec![sold, price(1, amount, 1, Convention::Seed30)]
    };
    let mut products = vec![
        product("program", half_year(dec!(2230))),
        product("user", half_year(dec!(800))),
        product("disk-5gb", half_year(dec!(60))),
        product("disk-15gb", half_year(dec!(180))),
        product("reports", vec![price(12, dec!(900), 12, Convention::Seed30)]),
        product("work", half_year(dec!(100))),
    ];
    products[2].family = Some("disk".into());
    products[3].family = Some("disk".into());
    products[5].seller = 1;
    let main = subscription("program", 0, "2019-02-01", 6);
    let extra = |id: &str, product, start: &str, quantity| Subscription {
        main: Some(0),
        quantity,
        ..subscription(id, product, start, 6)
    };
    let year = Subscription { anchor: None, ..subscription("reports", 4, "2019-03-10", 12) };
    let subscriptions = vec![
        main,
        extra("users", 1, "2019-02-01", 5),
        extra("disk", 2, "2019-02-08", 1),
        year,
        extra("work", 5, "2019-02-01", 1),
    ];
    let mut h = history(products, subscriptions);
    h.sellers.push(Seller { id: "two".into(), ..h.sellers[0].clone() });
    h
}

/// Drafts as of a day, after everything before was billed.
fn drafts_of(h: &History, before: &str, on: &str) -> Vec<Draft> {
    let none = vec![Vec::new(); h.subscriptions.len()];
    let mut billed = none.clone();
    for line in due(h, &none, day(before), InvoiceLineId::generate).unwrap() {
        billed[line.subscription].push(line);
    }
    let lines = due(h, &billed, day(on), InvoiceLineId::generate).unwrap();
    drafts(h, &lines, &billed)
}

fn look(h: &History, drafts: &[Draft]) -> Vec<Finding> {
    lint(&Case { history: h, drafts, today: day("2019-07-12"), allowed: &[] }).unwrap()
}

fn rules(found: &[Finding]) -> Vec<Rule> {
    found.iter().map(|f| f.rule).collect()
}

#[test]
fn a_clean_company_raises_no_alarm() {
    let h = clean();
    for (before, on) in [("2018-01-01", "2019-03-10"), ("2019-03-10", "2019-07-12")] {
        let drafts = drafts_of(&h, before, on);
        assert_eq!(drafts.len(), 2, "by seller (A182)");
        assert_eq!(look(&h, &drafts), []);
    }
}

/// G12: a 5 GB pack at its monthly 60.00 by the half-year, beside a 15 GB pack.
#[test]
fn g12_duplicate_family_and_monthly_price() {
    let mut h = clean();
    let by_hand = Override { amount: rub(dec!(60)), months: 6, reason: "typed".into() };
    h.subscriptions[2].price = Some(by_hand);
    h.subscriptions
        .push(Subscription { main: Some(0), ..subscription("disk 15", 3, "2019-02-01", 6) });
    let found = look(&h, &[]);
    assert_eq!(rules(&found), [Rule::PriceCycleMismatch, Rule::DuplicateFamily]);
    assert_eq!(found[0].fix, Fix::Price(rub(dec!(342.00))));
    assert_eq!(found[1].fix, Fix::Merge { keep: 2, end: 5 });
    let allowed = [("disk".to_owned(), "two machines".to_owned())];
    let case = Case { history: &h, drafts: &[], today: day("2019-07-12"), allowed: &allowed };
    assert_eq!(rules(&lint(&case).unwrap()), [Rule::PriceCycleMismatch]);
    h.subscriptions[5].events.push(at("2019-05-01", Happened::End));
    assert_eq!(rules(&look(&h, &[])), [Rule::PriceCycleMismatch]);
}

type Plant = fn(&mut History, &mut Vec<Draft>);

/// Thirty defects, each planted alone into a clean draft of the renewal of August.
const DEFECTS: [(Rule, Plant); 30] = [
    (Rule::DuplicateFamily, |h, _| again(h, 2, "2019-02-01")),
    (Rule::DuplicateFamily, |h, _| again(h, 3, "2019-06-11")),
    (Rule::DuplicateFamily, |h, _| {
        h.products[1].family = Some("access".into());
        again(h, 1, "2019-02-01");
    }),
    (Rule::PriceCycleMismatch, |h, _| by_hand(h, 2, dec!(60), 6, "typed")),
    (Rule::PriceCycleMismatch, |h, _| by_hand(h, 0, dec!(2230), 6, "typed")),
    (Rule::PriceCycleMismatch, |h, _| by_hand(h, 1, dec!(800), 6, "typed")),
    (Rule::EndDiffersFromMain, |_, d| ends(d, 1, "2019-12-31")),
    (Rule::EndDiffersFromMain, |_, d| ends(d, 2, "2019-08-31")),
    (Rule::EndInsideMonth, |_, d| ends(d, 1, "2020-01-30")),
    (Rule::EndInsideMonth, |_, d| ends(d, 2, "2019-12-15")),
    (Rule::NoAccountingCode, |_, d| d[0].lines[0].accounting_code = None),
    (Rule::NoAccountingCode, |_, d| d[0].lines[1].accounting_code = Some(" ".into())),
    (Rule::NoAccountingCode, |_, d| d[1].lines[0].accounting_code = None),
    (Rule::IssuerMismatch, |_, d| d[1].seller = 0),
    (Rule::IssuerMismatch, |_, d| {
        let line = d[1].lines[0].clone();
        d[0].lines.push(line);
    }),
    (Rule::IssuerMismatch, |_, d| {
        let line = d[0].lines[2].clone();
        d[1].lines.push(line);
    }),
    (Rule::VatPhrase, |_, d| d[0].lines[0].phrases.clear()),
    (Rule::VatPhrase, |_, d| d[0].lines[1].phrases[0] = Text::new("НДС 18 %", "VAT 18 %")),
    (Rule::VatPhrase, |_, d| d[0].lines[1].phrases[0] = Text::new("Без НДС", "No VAT")),
    (Rule::VatPhrase, |_, d| d[1].lines[0].line.segments[0].judged.rate = TaxRate::NONE),
    (Rule::OverrideWithoutReason, |_, d| d[0].lines[0].line.by_hand = true),
    (Rule::OverrideWithoutReason, |_, d| {
        (d[1].lines[0].line.by_hand, d[1].lines[0].reason) = (true, Some("  ".into()));
    }),
    (Rule::OverrideWithoutReason, |h, _| by_hand(h, 0, dec!(2000), 1, "")),
    (Rule::Zero, |_, d| amount(d, 0, dec!(0))),
    (Rule::Zero, |_, d| amount(d, 1, dec!(0))),
    (Rule::Negative, |_, d| amount(d, 2, dec!(-342.00))),
    (Rule::Negative, |_, d| amount(d, 1, dec!(-22800.00))),
    (Rule::Jump, |_, d| amount(d, 0, dec!(127110.00))),
    (Rule::Jump, |_, d| amount(d, 1, dec!(2280.00))),
    (Rule::Jump, |_, d| amount(d, 1, dec!(45600.01))),
];

fn again(h: &mut History, product: usize, start: &str) {
    let one = Subscription { main: Some(0), ..subscription("again", product, start, 6) };
    h.subscriptions.push(one);
}

fn by_hand(h: &mut History, at: usize, amount: Decimal, months: u32, reason: &str) {
    h.subscriptions[at].price =
        Some(Override { amount: rub(amount), months, reason: reason.into() });
}

fn ends(d: &mut [Draft], line: usize, last: &str) {
    d[0].lines[line].line.period = period("2019-08-01", last);
}

fn amount(d: &mut [Draft], line: usize, gross: Decimal) {
    d[0].lines[line].line.amounts.gross = rub(gross);
}

#[test]
fn thirty_planted_defects_are_found() {
    for (n, (rule, plant)) in DEFECTS.iter().enumerate() {
        let mut h = clean();
        let mut drafts = drafts_of(&h, "2019-03-10", "2019-07-12");
        plant(&mut h, &mut drafts);
        let found = look(&h, &drafts);
        assert!(rules(&found).contains(rule), "defect {n}, {rule}: {found:?}");
        assert!(found.iter().all(|f| !f.text.ru.is_empty() && !f.text.en.is_empty()));
        // What follows from the same defect: a bad end makes two, an amount of nothing is a jump.
        assert!(found.len() <= 3, "defect {n}, {rule}: {found:?}");
    }
}

#[test]
fn fixes_are_data() {
    let h = clean();
    let mut drafts = drafts_of(&h, "2019-03-10", "2019-07-12");
    ends(&mut drafts, 1, "2019-12-15");
    drafts[1].seller = 0;
    let fixes: Vec<Fix> = look(&h, &drafts).into_iter().map(|f| f.fix).collect();
    let expected =
        [Fix::LastDay(day("2020-01-31")), Fix::LastDay(day("2019-12-31")), Fix::Seller(1)];
    assert_eq!(fixes, expected);
}

proptest! {
    /// A company that lives as one does: quantities move a little, prices are promised with a
    /// reason, services end; nothing of it is an alarm.
    #[test]
    fn no_false_alarm(
        changes in proptest::collection::vec((0i64..170, 0usize..3, 4u32..8), 0..6), ends: bool,
    ) {
        let mut h = clean();
        h.subscriptions[2].quantity = 5;
        h.subscriptions[0].quantity = 5;
        for (days, of, quantity) in changes {
            let on = day("2019-02-10") + chrono::Duration::days(days);
            h.subscriptions[of].events.push(Event { on, what: Happened::Quantity(quantity) });
        }
        let promise = Override { amount: rub(dec!(95)), months: 1, reason: "a promise".into() };
        h.subscriptions[4].price = Some(promise);
        if ends { h.subscriptions[3].events.push(at("2020-03-10", Happened::End)); }
        for (before, on) in [("2018-01-01", "2019-04-10"), ("2019-04-10", "2019-07-12")] {
            let drafts = drafts_of(&h, before, on);
            let found = look(&h, &drafts);
            let credits = drafts.iter().flat_map(|d| &d.lines);
            let credits = credits.filter(|l| l.line.kind == Kind::Credit).count() > 0;
            // An extra invoice may come out below zero where much is given back.
            let alarms = found.iter().filter(|f| !(credits && f.rule == Rule::Negative)).count();
            prop_assert_eq!(alarms, 0, "{:?}", found);
        }
    }
}
