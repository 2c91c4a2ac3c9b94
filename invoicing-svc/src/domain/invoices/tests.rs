//! Verbs of invoices: golden vectors and random orders of verbs.

use super::*;
use crate::domain::{
    cycles::tests::{day, period},
    fixtures::World,
    lines::ClaimKind,
    periods::PeriodRule,
    products::tests::rub,
    sellers::RegimeHistory,
    tax::TaxRegime,
};
use proptest::prelude::*;
use rust_decimal_macros::dec;
use types::id::InvoiceLineId;

/// A draft of a half-year of 5 users: 24,000.00.
pub(crate) fn main_invoice(w: &World) -> Invoice {
    let s = w.subscription("2019-02-01", 6, 5);
    let line = w.line(&s, period("2019-02-01", "2019-07-31"));
    Invoice::draft(InvoiceId::generate(), InvoiceKind::Main, &w.contract, vec![line]).unwrap()
}

pub(crate) fn issued(w: &World, draft: Invoice) -> Invoice {
    let numbering = Numbering { sequence: 72815, number: "88#728156".into() };
    draft.issue(day("2019-01-12"), &w.contract, numbering, Vec::new()).unwrap()
}

fn paid(invoice: Invoice, amount: rust_decimal::Decimal) -> Invoice {
    Invoice { sums: Sums { applied: rub(amount), ..invoice.sums }, ..invoice }
}

/// A150, A163, G51: a held draft is no request; issuing is the one way out, once.
#[test]
fn g51_held_until_issued_once() {
    let w = World::new(1, dec!(800));
    let held = main_invoice(&w).hold(Some("check the client".into())).unwrap();
    assert_eq!(held.state, InvoiceState::Held);
    assert!(held.payable().unwrap().is_zero() && held.issued.is_none() && held.holds_claims());
    assert!(held.clone().hold(None).is_err());
    let invoice = issued(&w, held);
    let given = invoice.issued.clone().unwrap();
    assert_eq!((given.sequence, given.number.as_str()), (72815, "88#728156"));
    assert_eq!(given.due, day("2019-02-01"), "A195: first day of the period");
    assert_eq!(invoice.hold_reason, None);
    let numbering = Numbering { sequence: 2, number: "2".into() };
    let again = invoice.clone().issue(day("2019-01-13"), &w.contract, numbering, vec![]);
    let issued_already = InvoiceError::State { state: InvoiceState::Issued, verb: "issued" };
    assert_eq!(again, Err(issued_already));
    assert!(invoice.clone().edit(invoice.lines.clone()).is_err(), "issued lines never change");
    assert!(invoice.hold(None).is_err());
}

/// G8: release is blocked while a line ends on another day than the main service.
#[test]
fn g8_release_is_blocked() {
    let w = World::new(1, dec!(60));
    let s = w.subscription("2019-03-01", 1, 1);
    let line = w.line(&s, period("2019-03-01", "2019-03-31"));
    let draft = Invoice::draft(InvoiceId::generate(), InvoiceKind::Extra, &w.contract, vec![line]);
    let draft = draft.unwrap();
    let broken = draft.period_violations(|_, _| Some(period("2019-02-01", "2019-07-31")));
    assert_eq!(broken[0].1.rule, PeriodRule::EndDiffersFromMain);
    assert_eq!(broken[0].1.offered, day("2019-07-31"));
    assert_eq!(draft.check_issue(broken.clone()), Err(InvoiceError::Periods(broken)));
    assert_eq!(draft.period_violations(|_, _| None), [], "no main service: end of month");
}

#[test]
fn payment_state_follows_from_money() {
    let w = World::new(1, dec!(800));
    let invoice = issued(&w, main_invoice(&w));
    let state = |i: &Invoice| i.payment_state().unwrap();
    assert_eq!(invoice.totals().unwrap().gross, rub(dec!(24000)));
    assert_eq!(state(&invoice), PaymentState::Open);
    let part = paid(invoice.clone(), dec!(0.01));
    assert_eq!(state(&part), PaymentState::PartiallyPaid);
    assert_eq!(part.residual().unwrap(), rub(dec!(23999.99)));
    let whole = paid(invoice.clone(), dec!(24000));
    assert_eq!(state(&whole), PaymentState::Paid);
    let through: Vec<_> = whole.paid_through().into_values().collect();
    assert_eq!(through, [day("2019-08-01")]);
    let mut refunded = invoice.clone();
    refunded.sums.refunded = rub(dec!(24000));
    assert_eq!(state(&refunded), PaymentState::Refunded);
    let mut credited = paid(invoice, dec!(24000));
    credited.sums.credited = rub(dec!(4000));
    assert_eq!(state(&credited), PaymentState::Paid);
    assert_eq!(credited.sums.overpaid(rub(dec!(24000))).unwrap(), rub(dec!(4000)));
}

/// Trap §1.7.11: overdue is derived, by the banking calendar.
#[test]
fn overdue_is_derived() {
    let w = World::new(1, dec!(800));
    let invoice = issued(&w, main_invoice(&w));
    let overdue = |i: &Invoice, on| i.is_overdue(day(on), &BankingCalendar::default()).unwrap();
    // Due Friday 01.02.2019: money sent that day is posted on Monday.
    assert!(!overdue(&invoice, "2019-02-04"));
    assert!(overdue(&invoice, "2019-02-05"));
    assert!(!overdue(&paid(invoice.clone(), dec!(24000)), "2019-02-05"));
    assert!(!overdue(&invoice.cancel("wrong").unwrap(), "2019-02-05"));
}

#[test]
fn cancel_needs_a_reason_and_no_money() {
    let w = World::new(1, dec!(800));
    let invoice = issued(&w, main_invoice(&w));
    assert_eq!(invoice.clone().cancel("  "), Err(InvoiceError::NoReason));
    assert_eq!(paid(invoice.clone(), dec!(1)).cancel("wrong"), Err(InvoiceError::HasMoney));
    let cancelled = invoice.cancel(" wrong payer ").unwrap();
    assert_eq!(cancelled.cancel_reason.as_deref(), Some("wrong payer"));
    assert!(!cancelled.holds_claims());
    assert!(cancelled.cancel("again").is_err());
}

/// Cancelled and reissued in one act; the successor is held and claims the same periods.
#[test]
fn reissue_keeps_what_it_bills() {
    let w = World::new(1, dec!(800));
    let invoice = issued(&w, main_invoice(&w));
    let id = InvoiceId::generate();
    let r = invoice.clone().reissue(id, "wrong payer", InvoiceLineId::generate).unwrap();
    assert_eq!((r.old.state, r.new.state), (InvoiceState::Cancelled, InvoiceState::Held));
    assert_eq!((r.new.replaces, &r.new.issued), (Some(invoice.id), &None));
    assert_eq!(r.new.claims(), invoice.claims());
    assert_eq!(r.new.claims()[0].kind, ClaimKind::Renewal);
    assert_ne!(r.new.lines[0].id, invoice.lines[0].id);
    let with_money = paid(invoice, dec!(1)).reissue(id, "wrong", InvoiceLineId::generate);
    assert_eq!(with_money, Err(InvoiceError::HasMoney));
    let draft = main_invoice(&w).reissue(id, "wrong", InvoiceLineId::generate);
    assert!(draft.is_err(), "a draft is edited, not reissued");
}

/// design.md "Invoice states": expired, revived by money dated within its validity, reissued.
#[test]
fn expired_and_back() {
    let w = World::new(1, dec!(800));
    let mut one_off = issued(&w, main_invoice(&w));
    assert_eq!(one_off.clone().expire(day("2030-01-01")), Err(InvoiceError::NoValidity));
    let until = day("2019-02-10");
    one_off.valid_until = Some(until);
    assert_eq!(one_off.clone().expire(until), Err(InvoiceError::StillValid(until)));
    let full = paid(one_off.clone(), dec!(24000));
    assert_eq!(full.expire(day("2019-02-11")), Err(InvoiceError::Paid));
    let expired = one_off.expire(day("2019-02-11")).unwrap();
    assert!(!expired.holds_claims() && expired.payable().unwrap().is_zero());
    let revived = expired.clone().revive(until, true).unwrap();
    assert_eq!(revived.state, InvoiceState::Issued);
    let late = day("2019-02-11");
    assert_eq!(expired.clone().revive(late, true), Err(InvoiceError::TooLate(until)));
    assert_eq!(expired.clone().revive(until, false), Err(InvoiceError::PeriodsTaken));
    let r = expired.reissue(InvoiceId::generate(), "repeat", InvoiceLineId::generate).unwrap();
    assert_eq!(r.old.state, InvoiceState::Expired, "the old one stays expired");
}

/// §1.9 item 16: an unpaid prepaid renewal is no debt; it lapses.
#[test]
fn renewals_lapse() {
    let w = World::new(1, dec!(800));
    let invoice = issued(&w, main_invoice(&w));
    let lapsed = invoice.clone().lapse(day("2019-02-20")).unwrap();
    assert_eq!(
        (lapsed.state, lapsed.valid_until),
        (InvoiceState::Expired, Some(day("2019-02-20")))
    );
    assert!(lapsed.revive(day("2019-02-19"), true).is_ok());
    let extra = Invoice { kind: InvoiceKind::Extra, ..invoice };
    assert!(extra.lapse(day("2019-02-20")).is_err());
}

/// A182: one invoice per contract and currency.
#[test]
fn lines_are_grouped_by_contract_and_currency() {
    let (a, b) = (World::new(1, dec!(10)), World::new(1, dec!(20)));
    let line =
        |w: &World| w.line(&w.subscription("2019-02-01", 1, 1), period("2019-02-01", "2019-02-28"));
    let lines =
        vec![(a.contract.id, line(&a)), (b.contract.id, line(&b)), (a.contract.id, line(&a))];
    let groups = group(lines);
    assert_eq!(groups[&(a.contract.id, Currency::Rub)].len(), 2);
    assert_eq!(groups[&(b.contract.id, Currency::Rub)].len(), 1);
    let none = Invoice::draft(InvoiceId::generate(), InvoiceKind::Main, &a.contract, vec![]);
    assert_eq!(none, Err(InvoiceError::NoLines));
    let euro = Contract { currency: Currency::Eur, ..a.contract.clone() };
    let other = Invoice::draft(InvoiceId::generate(), InvoiceKind::Main, &euro, vec![line(&a)]);
    assert_eq!(other, Err(InvoiceError::LineCurrency { line: 0, currency: Currency::Eur }));
}

/// A seller without VAT never prints one.
#[test]
fn no_vat_without_a_regime_that_has_it() {
    let mut w = World::new(1, dec!(800));
    w.regimes = RegimeHistory::new(vec![(day("2018-01-01"), TaxRegime::Simplified)]).unwrap();
    let rows = main_invoice(&w).tax_by_decision().unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].0.phrase.ru, "НДС не облагается (п. 2 ст. 346.11 НК РФ)");
    assert!(rows[0].1.tax.is_zero());
}

/// An amount that a person set keeps its decisions of tax and says what had been computed.
#[test]
fn an_amount_set_by_hand() {
    let w = World::new(1, dec!(800));
    let line = main_invoice(&w).lines.remove(0);
    let computed = line.amounts.gross;
    let set = line.with_amount(rub(dec!(20000)), "promised".into(), "staff/x".into()).unwrap();
    assert_eq!(set.amounts.tax, rub(dec!(3333.33)));
    assert_eq!(set.basis, crate::domain::proration::Basis::Days);
    let crate::domain::proration::Trace::Override(t) = &set.traces[0] else { panic!() };
    assert_eq!(t.computed, Some(computed));
    assert!(set.traces[0].sentence().ru.contains("вручную: promised"));
}

/// A line survives its stored form whole.
#[test]
fn a_line_reads_back() {
    let w = World::new(1, dec!(800));
    let line = main_invoice(&w).lines.remove(0);
    let stored = serde_json::to_string(&line).unwrap();
    assert_eq!(serde_json::from_str::<Line>(&stored).unwrap(), line);
}

proptest! {
    /// Whatever verbs come in whatever order: a number is given once and never changes, claims
    /// stand exactly while the invoice is neither cancelled nor expired.
    #[test]
    fn random_verbs(verbs in prop::collection::vec(0u8..6, 1..20)) {
        let w = World::new(1, dec!(800));
        let mut invoice = main_invoice(&w);
        let mut number = None;
        for (n, verb) in (1..).zip(verbs) {
            let numbering = Numbering { sequence: n, number: n.to_string() };
            let before = invoice.clone();
            let after = match verb {
                0 => invoice.clone().hold(None),
                1 => invoice.clone().issue(day("2019-01-12"), &w.contract, numbering, vec![]),
                2 => invoice.clone().cancel("x"),
                3 => invoice.clone().lapse(day("2019-02-01")),
                4 => invoice.clone().revive(day("2019-02-01"), true),
                _ => invoice.clone().edit(invoice.lines.clone()),
            };
            invoice = after.unwrap_or(before);
            if let Some(issued) = &invoice.issued {
                prop_assert_eq!(number.get_or_insert(issued.sequence), &issued.sequence);
            }
            let over = matches!(invoice.state, InvoiceState::Cancelled | InvoiceState::Expired);
            prop_assert_eq!(invoice.holds_claims(), !over);
        }
    }
}
