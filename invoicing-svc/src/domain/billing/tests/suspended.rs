//! Suspension: no renewals while it lasts; from the day of resuming the rest of the period.

use super::*;
use rust_decimal_macros::dec;

fn suspended(from: &str, to: Option<&str>) -> History {
    let p = product("p", vec![price(1, dec!(310), 1, Convention::ActMonth)]);
    let mut s = subscription("x", 0, "2019-01-01", 1);
    s.events.push(at(from, Happened::Suspend));
    s.events.extend(to.map(|to| at(to, Happened::Resume)));
    History { lead_days: 0, ..history(vec![p], vec![s]) }
}

fn sum(lines: &[Line]) -> Decimal {
    lines.iter().map(|l| l.amounts.gross.amount()).sum()
}

/// While it rests nothing is renewed; what was billed stands.
#[test]
fn nothing_is_renewed_while_it_rests() {
    let h = suspended("2019-01-15", None);
    let mut billed = Vec::new();
    bill(&h, &mut billed, day("2019-06-01"));
    assert_eq!(sum(&billed), dec!(310.00), "January is paid for, whole");
    assert_eq!(run(&h, &billed, day("2019-12-01")), []);
}

/// Resumed on the 11th of May: the rest of May, 21/31, then whole months; whichever is told first.
#[test]
fn resumed_inside_a_period() {
    let h = suspended("2019-01-15", Some("2019-05-11"));
    let at_once = run(&h, &[], day("2019-06-01"));
    let told = told(&at_once);
    assert_eq!(told[1], (Kind::Renewal, "11.05.2019–31.05.2019".into(), 1, dec!(210.00)));
    assert_eq!((told.len(), sum(&at_once)), (3, dec!(830.00)));
    let mut billed = Vec::new();
    bill(&suspended("2019-01-15", None), &mut billed, day("2019-04-01"));
    bill(&h, &mut billed, day("2019-05-11"));
    bill(&h, &mut billed, day("2019-06-01"));
    assert_eq!(sum(&billed), dec!(830.00));
}

/// Resumed before what is billed is over: nothing changes.
#[test]
fn resumed_within_what_is_billed() {
    let h = suspended("2019-01-10", Some("2019-01-20"));
    let mut billed = Vec::new();
    bill(&suspended("2019-01-10", None), &mut billed, day("2019-01-10"));
    assert_eq!(run(&h, &billed, day("2019-01-31")), []);
    // A period that was billed ahead of a suspension over its start stands, too.
    let ahead = History { lead_days: 20, ..suspended("2019-01-25", Some("2019-02-10")) };
    let active =
        History { subscriptions: vec![subscription("x", 0, "2019-01-01", 1)], ..ahead.clone() };
    let mut billed = Vec::new();
    bill(&active, &mut billed, day("2019-01-15"));
    assert_eq!(sum(&billed), dec!(620.00));
    assert_eq!(run(&ahead, &billed, day("2019-02-08")), []);
}

/// An end while it rests gives back what was billed beyond the end.
#[test]
fn an_end_while_it_rests() {
    let mut h = History { lead_days: 20, ..suspended("2019-01-25", None) };
    let events = std::mem::take(&mut h.subscriptions[0].events);
    let mut billed = Vec::new();
    bill(&h, &mut billed, day("2019-01-15"));
    h.subscriptions[0].events = events;
    h.subscriptions[0].events.push(at("2019-02-01", Happened::End));
    let made = bill(&h, &mut billed, day("2019-02-01"));
    assert_eq!((made.len(), sum(&made)), (1, dec!(-310.00)));
    assert_eq!(run(&h, &billed, day("2019-02-01")), []);
}

/// In arrears the days of work are owed, those of rest are not: 14/31 of January, 21/31 of May.
#[test]
fn in_arrears_days_of_work_are_owed() {
    let mut h = suspended("2019-01-15", Some("2019-05-11"));
    h.products[0].prices[0].timing = Timing::Arrears;
    let lines = run(&h, &[], day("2019-06-01"));
    let expected = [
        (Kind::Renewal, "01.01.2019–14.01.2019".to_owned(), 1, dec!(140.00)),
        (Kind::Renewal, "11.05.2019–31.05.2019".to_owned(), 1, dec!(210.00)),
    ];
    assert_eq!(told(&lines), expected);
    assert_eq!(run(&h, &lines, day("2019-06-01")), []);
}
