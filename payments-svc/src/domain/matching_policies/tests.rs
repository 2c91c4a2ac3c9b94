//! What a policy leaves of decisions.

use super::*;
use crate::domain::lines::Class;
use crate::domain::matching::Proposal;
use crate::domain::matching::hints::Hints;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use types::id::{ClientId, InvoiceId};

fn rub(roubles: i64) -> Money {
    Money::new(Decimal::from(roubles), Currency::Rub).unwrap()
}

fn certain(seller: SellerId, roubles: i64) -> (Payment, Decision) {
    let payment = Payment {
        seller,
        amount: rub(roubles),
        booked_on: NaiveDate::from_ymd_opt(2026, 2, 1).unwrap(),
        class: Class::CustomerPayment,
        payer_tax_id: None,
        payer_kpp: None,
        payer_account: None,
        on_behalf: vec![],
        booked: true,
        repeated: false,
        mentions: vec![],
        hints: Hints::default(),
    };
    let proposal = Proposal {
        invoice: InvoiceId::generate(),
        client: ClientId::generate(),
        payer: None,
        reasons: vec![Reason::AmountEqual],
    };
    let share = Share { proposal: proposal.clone(), amount: payment.amount };
    let reasons = proposal.reasons.clone();
    let decision =
        Decision { allocate: vec![share], proposals: vec![proposal], sets: vec![], reasons };
    (payment, decision)
}

fn codes(allowance: &mut Allowance, seller: SellerId, roubles: i64) -> Vec<&'static str> {
    let (payment, mut decision) = certain(seller, roubles);
    allowance.admit(&payment, &mut decision);
    assert_eq!(decision.proposals.len(), 1, "a person still sees what fits");
    if decision.allocate.is_empty() {
        decision.reasons.iter().map(Reason::code).collect()
    } else {
        vec!["allocated"]
    }
}

#[test]
fn of_two_modes_the_stricter_holds() {
    let (one, other) = (SellerId::generate(), SellerId::generate());
    let mut allowance = Allowance::default();
    assert_eq!(codes(&mut allowance, one, 1), ["allocated"]);
    let policy = |mode| Policy { mode, ..Policy::default() };
    allowance.sellers.insert(one, policy(Mode::Proposals));
    assert_eq!(codes(&mut allowance, one, 1), ["AUTOMATIC_OFF"]);
    assert_eq!(codes(&mut allowance, other, 1), ["allocated"]);
    allowance.sellers.insert(one, policy(Mode::Automatic));
    allowance.whole.mode = Mode::Shadow;
    assert_eq!(codes(&mut allowance, one, 1), ["SHADOW_MODE"]);
    let (payment, mut decision) = certain(other, 5);
    let shadow = allowance.admit(&payment, &mut decision);
    assert_eq!(shadow.len(), 1, "what would have been allocated is told");
}

#[test]
fn a_day_has_its_cap_in_payments_and_in_money() {
    let seller = SellerId::generate();
    let mut allowance = Allowance::default();
    allowance.whole.daily_count = Some(2);
    for want in ["allocated", "allocated", "DAILY_CAP"] {
        assert_eq!(codes(&mut allowance, seller, 10), [want]);
    }
    let mut allowance = Allowance::default();
    allowance.whole.daily_amount = Some(rub(100));
    assert_eq!(codes(&mut allowance, seller, 60), ["allocated"]);
    assert_eq!(codes(&mut allowance, seller, 41), ["DAILY_CAP"]);
    assert_eq!(codes(&mut allowance, seller, 40), ["allocated"], "exactly the cap");
    assert_eq!(codes(&mut allowance, SellerId::generate(), 60), ["allocated"], "another's day");
}

#[test]
fn a_sample_is_about_its_share_and_always_the_same() {
    let seller = SellerId::generate();
    let lines: Vec<LineId> = (0..2_000).map(|_| LineId::generate()).collect();
    let share = |percent| {
        let mut allowance = Allowance::default();
        allowance.whole.sample_percent = percent;
        lines.iter().filter(|line| allowance.samples(seller, **line)).count()
    };
    assert_eq!((share(0), share(100)), (0, lines.len()));
    assert!((300..700).contains(&share(25)), "{}", share(25));
    assert_eq!(share(25), share(25));
}
