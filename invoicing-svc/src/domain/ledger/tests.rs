//! Postings close their accounts, in any order of money and acts.

use super::*;
use crate::domain::{
    cycles::tests::day,
    products::tests::rub,
    tax::{TaxRate, Taxed, within},
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal_macros::dec;
use types::Currency;

fn party() -> Party {
    Party {
        seller: SellerId::generate(),
        client: ClientId::generate(),
        legal_entity: LegalEntityId::generate(),
        contract: ContractId::generate(),
    }
}

fn taxed(amount: Decimal) -> Taxed {
    within(rub(amount), TaxRate::percent_of(20).unwrap()).unwrap()
}

/// The books of one contract, posted step by step.
struct Books {
    party: Party,
    rows: Vec<Transfer>,
}

impl Books {
    fn of(&self, kind: AccountKind) -> Decimal {
        Balances::fold(&self.rows).unwrap().of_kind(kind, Currency::Rub).unwrap().amount()
    }

    /// Credit balance of the advances of the contract (not the free ones).
    fn prepaid(&self) -> Money {
        let (legal_entity, contract) = (Some(self.party.legal_entity), Some(self.party.contract));
        let account = Account { kind: AccountKind::Advances, legal_entity, contract };
        let balances = Balances::fold(&self.rows).unwrap();
        balances.of(self.party.seller, account, Currency::Rub).unwrap().negated()
    }

    fn pay(&mut self, amount: Decimal) {
        let (p, on) = (self.party, day("2019-01-28"));
        let invoice = taxed(dec!(360));
        self.rows.push(received(p.seller, rub(amount), "lines/1", on).unwrap());
        let whose = (p.seller, p.client, p.legal_entity);
        self.rows.push(allocated(whose, rub(amount), "allocations/1", on).unwrap());
        let vat = advance_vat(rub(amount), invoice).unwrap();
        self.rows.extend(applied(&p, p.legal_entity, rub(amount), vat, "applications/1", on));
        self.meet();
    }

    fn act(&mut self, amount: Decimal) {
        let vat = rub(self.of(AccountKind::VatOnAdvances));
        let prepaid = self.prepaid();
        let advance = Advance { money: prepaid, vat };
        let rendered = Act { amounts: taxed(amount), advance };
        self.rows.extend(act(&self.party, &rendered, "acts/1", day("2019-02-28")).unwrap());
    }

    fn meet(&mut self) {
        let cause = Cause { kind: CauseKind::Applied, name: "applications/1".into() };
        let debt = rub(self.of(AccountKind::Receivable));
        let row = rebalance(&self.party, self.prepaid(), debt, &cause, day("2019-01-28"));
        self.rows.extend(row.unwrap());
    }
}

/// Money → suspense → advance → revenue and VAT, month by month; all accounts close.
#[test]
fn prepaid_half_year() {
    let mut b = Books { party: party(), rows: Vec::new() };
    b.pay(dec!(360));
    assert_eq!(b.of(AccountKind::BankClearing), dec!(360));
    assert_eq!(b.of(AccountKind::Suspense), dec!(0));
    assert_eq!(b.of(AccountKind::Advances), dec!(-360));
    assert_eq!(
        (b.of(AccountKind::VatOnAdvances), b.of(AccountKind::VatPayable)),
        (dec!(60), dec!(-60))
    );
    for _ in 0..6 {
        b.act(dec!(60));
    }
    assert_eq!(b.of(AccountKind::Advances), dec!(0));
    assert_eq!(b.of(AccountKind::VatOnAdvances), dec!(0), "all VAT on the advance is offset");
    assert_eq!(b.of(AccountKind::Revenue), dec!(-300), "without VAT");
    assert_eq!(b.of(AccountKind::VatPayable), dec!(-60), "once, not twice");
    assert_eq!(b.of(AccountKind::Receivable), dec!(0));
}

/// Rendered before paid: receivable, and the money that comes meets it.
#[test]
fn act_before_money() {
    let mut b = Books { party: party(), rows: Vec::new() };
    b.pay(dec!(20));
    b.act(dec!(60));
    assert_eq!((b.of(AccountKind::Receivable), b.of(AccountKind::Advances)), (dec!(40), dec!(0)));
    b.pay(dec!(50));
    assert_eq!((b.of(AccountKind::Receivable), b.of(AccountKind::Advances)), (dec!(0), dec!(-10)));
}

/// Unmatching reverses exactly; money that was used already becomes debt.
#[test]
fn reversal_is_exact() {
    let mut b = Books { party: party(), rows: Vec::new() };
    b.pay(dec!(60));
    let before = Balances::fold(&b.rows).unwrap();
    b.pay(dec!(30));
    let last: Vec<Transfer> = b.rows[b.rows.len() - 4..].to_vec();
    let back: Vec<Transfer> =
        last.iter().rev().map(|t| reverse(t, "allocations/1", day("2019-02-01"))).collect();
    assert!(back.iter().all(|t| t.cause().kind == CauseKind::Reversal));
    b.rows.extend(back);
    let after = Balances::fold(&b.rows).unwrap();
    assert_eq!(after.rows().collect::<Vec<_>>(), before.rows().collect::<Vec<_>>());
    b.act(dec!(60));
    let paid: Vec<Transfer> = b.rows[..4].iter().rev().cloned().collect();
    b.rows.extend(paid.iter().map(|t| reverse(t, "allocations/1", day("2019-03-01"))));
    b.meet();
    assert_eq!((b.of(AccountKind::Receivable), b.of(AccountKind::Advances)), (dec!(60), dec!(0)));
    let vat = rub(b.of(AccountKind::VatOnAdvances));
    assert_eq!(vat, rub(dec!(-10)), "the act had offset it");
    let cause = Cause { kind: CauseKind::Reversal, name: "allocations/1".into() };
    b.rows.extend(restore_vat(&b.party, vat, &cause, day("2019-03-01")));
    assert_eq!(b.of(AccountKind::VatOnAdvances), dec!(0));
    assert_eq!(b.of(AccountKind::VatPayable), dec!(-10), "VAT of the act alone");
    assert_eq!(b.of(AccountKind::BankClearing), dec!(0));
}

#[test]
fn an_unbalanced_row_cannot_be_written() {
    let p = party();
    let nothing = received(p.seller, rub(dec!(0)), "lines/1", day("2019-01-28"));
    assert_eq!(nothing, Err(TransferError::NotPositive(rub(dec!(0)))));
    assert!(received(p.seller, rub(dec!(-1)), "lines/1", day("2019-01-28")).is_err());
    let account = Account::of_seller(AccountKind::Suspense);
    let cause = Cause { kind: CauseKind::Received, name: "lines/1".into() };
    let same =
        Transfer::new((p.seller, None), account, account, rub(dec!(1)), cause, day("2019-01-28"));
    assert_eq!(same, Err(TransferError::SameAccount));
}

#[test]
fn the_law_names_both_sides() {
    let zero = rub(dec!(0));
    let law = Law {
        received: rub(dec!(100)),
        unallocated: rub(dec!(40)),
        allocated: rub(dec!(60)),
        applied: rub(dec!(50)),
        credit: rub(dec!(10)),
        refunded: zero,
        in_flight: zero,
    };
    assert_eq!(law.check(), Ok(()));
    let lost = Law { credit: rub(dec!(9.99)), ..law };
    assert!(matches!(lost.check(), Err(LawBroken::Allocated { .. })));
    let lost = Law { unallocated: rub(dec!(39.99)), ..law };
    assert!(matches!(lost.check(), Err(LawBroken::Received { .. })));
}

proptest! {
    /// Payments and acts in any order: Σ of all balances is zero, receivable and advances are
    /// never both open, and rendered less paid is what they say.
    #[test]
    fn any_order_of_money_and_acts(
        steps in prop::collection::vec((any::<bool>(), 1i64..100_000), 1..25),
    ) {
        let mut b = Books { party: party(), rows: Vec::new() };
        let mut owed = Decimal::ZERO;
        for (pays, kopecks) in steps {
            let amount = Decimal::new(kopecks, 2);
            if pays { b.pay(amount); owed -= amount } else { b.act(amount); owed += amount }
            let all = Balances::fold(&b.rows).unwrap();
            prop_assert_eq!(all.rows().map(|r| r.3).sum::<Decimal>(), Decimal::ZERO);
            let (debt, money) = (b.of(AccountKind::Receivable), b.of(AccountKind::Advances));
            prop_assert_eq!(debt + money, owed);
            prop_assert!(debt.is_zero() || money.is_zero());
            prop_assert!(debt >= Decimal::ZERO && money <= Decimal::ZERO);
        }
    }
}
