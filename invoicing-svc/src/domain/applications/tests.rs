//! Money is clamped, conserved and never crosses sellers.

use super::*;
use crate::domain::{
    cycles::tests::day,
    fixtures::World,
    invoices::{
        InvoiceState,
        tests::{issued, main_invoice},
    },
    products::tests::rub,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal_macros::dec;

fn money(invoice: &Invoice, amount: Decimal, received: &str) -> Incoming {
    Incoming {
        allocation: AllocationId::generate(),
        seller: invoice.seller,
        legal_entity: invoice.legal_entity,
        received: day(received),
        amount: rub(amount),
    }
}

/// Clamped to what is left; the rest is credit.
#[test]
fn money_is_clamped_to_the_residual() {
    let w = World::new(1, dec!(800));
    let invoice = issued(&w, main_invoice(&w));
    let cases = [
        (dec!(860), dec!(860), dec!(0)),
        (dec!(24000), dec!(24000), dec!(0)),
        (dec!(24000.01), dec!(24000), dec!(0.01)),
    ];
    for (amount, applied, credit) in cases {
        let (a, reason) = apply(&invoice, &money(&invoice, amount, "2019-01-28")).unwrap();
        assert_eq!((a.applied, a.credit, reason), (rub(applied), rub(credit), None));
    }
}

/// A182, §1.9 item 10: never across sellers, at equal amount and number.
#[test]
fn never_across_sellers() {
    let w = World::new(1, dec!(800));
    let invoice = issued(&w, main_invoice(&w));
    let other = types::id::SellerId::generate();
    let m = Incoming { seller: other, ..money(&invoice, dec!(24000), "2019-01-28") };
    let (a, reason) = apply(&invoice, &m).unwrap();
    assert_eq!((a.applied, a.credit), (rub(dec!(0)), rub(dec!(24000))));
    assert_eq!(reason, Some(CreditReason::PaidToOtherSeller));
    assert_eq!(apply_credit(&invoice, &[m]).unwrap(), []);
}

#[test]
fn what_is_no_request_takes_no_money() {
    let w = World::new(1, dec!(800));
    let draft = main_invoice(&w);
    let m = money(&draft, dec!(100), "2019-01-28");
    assert_eq!(apply(&draft, &m).unwrap().1, Some(CreditReason::NotIssued));
    let mut paid = issued(&w, draft);
    paid.sums.applied = rub(dec!(24000));
    assert_eq!(apply(&paid, &m).unwrap().1, Some(CreditReason::NothingToPay));
    let cancelled = Invoice { state: InvoiceState::Cancelled, ..paid };
    assert_eq!(apply(&cancelled, &m).unwrap().1, Some(CreditReason::NotIssued));
}

/// Credit of the same seller and payer is applied at issue, oldest money first.
#[test]
fn credit_oldest_first() {
    let w = World::new(1, dec!(800));
    let invoice = issued(&w, main_invoice(&w));
    let new = money(&invoice, dec!(23000), "2019-01-10");
    let old = money(&invoice, dec!(2000), "2018-12-01");
    let spent = money(&invoice, dec!(0), "2018-01-01");
    let payer = types::id::LegalEntityId::generate();
    let other = Incoming { legal_entity: payer, ..money(&invoice, dec!(5), "2018-01-01") };
    let applied = apply_credit(&invoice, &[new, other, spent, old]).unwrap();
    let expected = [(old.allocation, rub(dec!(2000))), (new.allocation, rub(dec!(22000)))];
    assert_eq!(applied, expected);
}

fn application(amount: Decimal, received: &str) -> Application {
    Application {
        id: ApplicationId::generate(),
        invoice: InvoiceId::generate(),
        allocation: AllocationId::generate(),
        amount: rub(amount),
        received: day(received),
        reversed: false,
    }
}

/// What a credit made too much comes off the newest money, to the kopeck.
#[test]
fn overpaid_money_comes_off_newest_first() {
    let a = application(dec!(100), "2019-01-01");
    let b = application(dec!(50), "2019-01-02");
    let gone = Application { reversed: true, ..application(dec!(70), "2019-01-03") };
    let off = unapply(&[a, gone, b], rub(dec!(60))).unwrap();
    assert_eq!(off.reversed, [b.id, a.id]);
    assert_eq!(off.anew, Some((a.allocation, rub(dec!(90)))));
    let whole = |reversed| Unapplied { reversed, anew: None };
    assert_eq!(unapply(&[a, b], rub(dec!(50))).unwrap(), whole(vec![b.id]));
    assert_eq!(unapply(&[a, b], rub(dec!(0))).unwrap(), whole(vec![]));
}

#[test]
fn more_than_there_is_breaks_the_law() {
    let a = application(dec!(100), "2019-01-01");
    let broken = Position::derive(rub(dec!(99.99)), rub(dec!(0)), &[a]);
    assert!(matches!(broken, Err(PositionError::Exceeded { .. })));
    let reversed = Application { reversed: true, ..a };
    let p = Position::derive(rub(dec!(99.99)), rub(dec!(9)), &[reversed]).unwrap();
    assert_eq!((p.applied, p.credit), (rub(dec!(0)), rub(dec!(90.99))));
}

proptest! {
    /// Whatever money comes in whatever parts: applied + credit is all of it, no invoice is
    /// overpaid, and taking everything back restores the state exactly.
    #[test]
    fn money_is_conserved(kopecks in prop::collection::vec(1i64..1_000_000, 1..12)) {
        let w = World::new(1, dec!(800));
        let open = issued(&w, main_invoice(&w));
        let mut invoice = open.clone();
        let (mut applications, mut credit) = (Vec::new(), rub(dec!(0)));
        for k in &kopecks {
            let m = money(&invoice, Decimal::new(*k, 2), "2019-01-28");
            let (a, _) = apply(&invoice, &m).unwrap();
            prop_assert_eq!(a.applied.checked_add(a.credit).unwrap(), m.amount);
            invoice.sums.applied = invoice.sums.applied.checked_add(a.applied).unwrap();
            credit = credit.checked_add(a.credit).unwrap();
            if a.applied.is_positive() {
                applications.push(Application {
                    id: ApplicationId::generate(), invoice: invoice.id, allocation: m.allocation,
                    amount: a.applied, received: m.received, reversed: false,
                });
            }
        }
        let total = invoice.totals().unwrap().gross;
        prop_assert!(invoice.sums.overpaid(total).unwrap().is_zero());
        let received = Decimal::new(kopecks.iter().sum(), 2);
        prop_assert_eq!(invoice.sums.applied.amount() + credit.amount(), received);
        let off = unapply(&applications, invoice.sums.applied).unwrap();
        prop_assert_eq!((off.reversed.len(), off.anew), (applications.len(), None));
    }
}
