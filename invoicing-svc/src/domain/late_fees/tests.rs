//! What late fees cost, whom their policies charge, and what pays them.

use super::*;
use crate::domain::cycles::tests::{day, period};
use proptest::prelude::*;
use types::{Currency, id::LateFeePolicyId};

fn rub(amount: Decimal) -> Money {
    Money::new(amount, Currency::Rub).unwrap()
}

fn terms(daily: Decimal, cap: Decimal) -> Terms {
    Terms { policy: LateFeePolicyId::generate(), daily_percent: daily, cap_percent: cap }
}

fn charged(terms: Terms, first: &str, last: &str) -> ChargedDays {
    ChargedDays { terms, days: period(first, last) }
}

fn debt(asked: Decimal, payments: &[(&str, Decimal)]) -> Debt {
    let payments = payments.iter().map(|(on, amount)| (day(on), rub(*amount))).collect();
    Debt { asked: rub(asked), payments }
}

/// A47: 0.1 % a day of 10,000 for ten days; half of it comes on the sixth, and lowers that day's
/// debt already: 5 × 10.00 + 5 × 5.00.
#[test]
fn the_day_of_a_payment_is_free_of_it() {
    let ten = [charged(terms(dec!(0.1), dec!(10)), "2019-03-01", "2019-03-10")];
    let price = debt(dec!(10000), &[("2019-03-06", dec!(5000))]).price(&ten).unwrap();
    let told: Vec<_> = price.parts.iter().map(|p| (p.days, p.debt, p.price)).collect();
    assert_eq!(
        told,
        [
            (period("2019-03-01", "2019-03-05"), rub(dec!(10000)), dec!(50.000)),
            (period("2019-03-06", "2019-03-10"), rub(dec!(5000)), dec!(25.000)),
        ]
    );
    assert_eq!((price.amount, price.uncapped), (rub(dec!(75)), rub(dec!(75))));
    let early = debt(dec!(10000), &[("2019-03-01", dec!(10000))]).price(&ten).unwrap();
    assert_eq!(early.amount, rub(dec!(0)), "the bank told late of money that came in time");
    assert_eq!(early.parts, []);
}

/// The cap is of what the invoice asked for, not of what is left; the fraction is rounded once.
#[test]
fn it_is_capped_and_rounded_once() {
    let quarter = [charged(terms(dec!(0.1), dec!(5)), "2019-03-01", "2019-06-08")];
    let price = debt(dec!(1000), &[]).price(&quarter).unwrap();
    assert_eq!((price.uncapped, price.amount), (rub(dec!(100)), rub(dec!(50))));
    let thirds = [
        charged(terms(dec!(0.1), dec!(10)), "2019-03-01", "2019-03-01"),
        charged(terms(dec!(0.2), dec!(10)), "2019-03-02", "2019-03-02"),
    ];
    // 0.10333 + 0.20666: 0.31, where parts rounded by themselves would give 0.10 + 0.21 as well;
    // three times 0.004 are 0.01, not nothing.
    assert_eq!(debt(dec!(103.33), &[]).price(&thirds).unwrap().amount, rub(dec!(0.31)));
    let days = ["2019-03-01", "2019-03-02", "2019-03-03"];
    let small = days.map(|on| charged(terms(dec!(0.1), dec!(10)), on, on));
    assert_eq!(debt(dec!(4), &[]).price(&small).unwrap().amount, rub(dec!(0.01)));
}

fn policy(from: &str, until: Option<&str>, grace_days: u32) -> LateFeePolicy {
    LateFeePolicy {
        seller: SellerId::generate(),
        terms: terms(dec!(0.1), dec!(10)),
        grace_days,
        from: day(from),
        until: until.map(day),
    }
}

/// Grace days are never charged; where one policy follows another, each charges its own days.
#[test]
fn each_policy_charges_its_days() {
    let old = policy("2019-01-01", Some("2019-03-10"), 0);
    let new = policy("2019-03-10", None, 5);
    let window = period("2019-03-01", "2019-03-31");
    let days = |first: &str| -> Vec<Period> {
        to_charge(&[new, old], day(first), window).iter().map(|c| c.days).collect()
    };
    let (before, after) = (period("2019-03-03", "2019-03-09"), period("2019-03-10", "2019-03-31"));
    assert_eq!(days("2019-03-03"), [before, after]);
    assert_eq!(days("2019-03-12"), [period("2019-03-17", "2019-03-31")]);
    assert_eq!(days("2019-04-01"), []);
}

#[test]
fn a_policy_is_not_of_the_past() {
    let today = day("2019-03-10");
    assert_eq!(policy("2019-03-10", None, 0).check(today), Ok(()));
    let past = policy("2019-03-09", None, 0);
    assert_eq!(past.check(today), Err(PolicyError::Past(day("2019-03-09"))));
    assert_eq!(past.end(day("2019-03-08"), today), Err(PolicyError::BeforeStart(past.from)));
    assert_eq!(past.end(past.from, today), Err(PolicyError::Past(past.from)));
    let ended = past.end(day("2019-04-01"), today).unwrap();
    assert!(ended.end(day("2019-03-20"), today).is_ok(), "what is to come is moved");
    let over = ended.end(day("2019-05-01"), day("2019-04-01"));
    assert_eq!(over, Err(PolicyError::Ended(day("2019-04-01"))));
}

fn fee(amount: Decimal, paid: Decimal) -> LateFee {
    LateFee {
        id: LateFeeId::generate(),
        invoice: InvoiceId::generate(),
        client: ClientId::generate(),
        seller: SellerId::generate(),
        legal_entity: LegalEntityId::generate(),
        charged: Vec::new(),
        amount: rub(amount),
        paid: rub(paid),
        waived: false,
    }
}

fn credit(of: &LateFee, received: &str, amount: Decimal) -> Incoming {
    Incoming {
        allocation: AllocationId::generate(),
        seller: of.seller,
        legal_entity: of.legal_entity,
        received: day(received),
        amount: rub(amount),
    }
}

/// The debt comes first; then the oldest money of the same payer with the same seller (A182).
#[test]
fn credit_pays_what_is_left() {
    let fee = fee(dec!(100), dec!(30));
    let paid = debt(dec!(1000), &[("2019-03-05", dec!(1000))]);
    let owed = debt(dec!(1000), &[("2019-03-05", dec!(999.99))]);
    let (new, old) = (credit(&fee, "2019-04-02", dec!(60)), credit(&fee, "2019-04-01", dec!(20)));
    let other = Incoming { seller: SellerId::generate(), ..new };
    let foreign = Incoming { legal_entity: LegalEntityId::generate(), ..new };
    assert_eq!(fee.pay(&owed, &[new]), Err(Unpayable::Growing));
    assert_eq!(fee.pay(&paid, &[other, foreign]), Err(Unpayable::NoCredit));
    let parts = fee.pay(&paid, &[new, other, old]).unwrap();
    assert_eq!(parts, [(old.allocation, rub(dec!(20))), (new.allocation, rub(dec!(50)))]);
    let waived = LateFee { waived: true, ..fee };
    assert_eq!(waived.residual().unwrap(), rub(dec!(0)));
    assert_eq!(waived.pay(&paid, &[new]), Err(Unpayable::Nothing));
}

proptest! {
    /// Whatever was paid and when: the parts add up, days with nothing unpaid are free, the fee is
    /// never above its cap, and it does not matter in how many runs its days were charged.
    #[test]
    fn runs_do_not_change_the_price(
        asked in 1i64..10_000_000,
        payments in prop::collection::vec((0u64..80, 1i64..5_000_000), 0..5),
        cut in 1u64..60,
    ) {
        let start = day("2019-03-01");
        let on = |after: u64| start + chrono::Days::new(after);
        let minor = |amount: i64| Decimal::new(amount, 2);
        let payments: Vec<(NaiveDate, Money)> =
            payments.into_iter().map(|(d, amount)| (on(d), rub(minor(amount)))).collect();
        let debt = Debt { asked: rub(minor(asked)), payments };
        let terms = terms(dec!(0.1), dec!(3));
        let whole = Period::new(start, on(60)).unwrap();
        let halves = [(start, on(cut)), (on(cut), on(60))]
            .map(|(from, to)| Period::new(from, to).ok())
            .into_iter()
            .flatten();
        let halves: Vec<_> = halves.map(|days| ChargedDays { terms, days }).collect();
        let price = debt.price(&[ChargedDays { terms, days: whole }]).unwrap();
        prop_assert_eq!(debt.price(&halves).unwrap().amount, price.amount);
        prop_assert!(price.amount.amount() <= price.uncapped.amount());
        prop_assert!(price.amount.amount() <= minor(asked) * dec!(0.03) + dec!(0.005));
        let exact: Decimal = price.parts.iter().map(|p| p.price).sum();
        prop_assert_eq!(round(exact, Currency::Rub), price.uncapped);
        prop_assert!(price.parts.iter().all(|p| p.debt.is_positive()));
    }
}
