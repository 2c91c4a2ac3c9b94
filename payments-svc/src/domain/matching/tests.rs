//! Golden decisions (G21–G23, G21b, §1.9 items 9 and 10) and properties of the matcher.

use super::mentions::mentions;
use super::*;
use proptest::prelude::*;
use rust_decimal::Decimal;
use types::Currency;

const PURPOSE: &str = "Оплата по счету 88#72815 от 09.02.19; Увел. диск. простр-ва 5 гб + \
    Доступ на 1 польз. \"Стандарт\" с 01.03.19 по 31.03.19 Сумма: 860р. 00к. НДС не облагается.";

fn rub(kopecks: i64) -> Money {
    Money::new(Decimal::new(kopecks, 2), Currency::Rub).unwrap()
}

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

/// The world of G21: one seller, one client, one open invoice of 860.00.
struct World {
    payment: Payment,
    snapshot: Snapshot,
}

impl World {
    fn g21(number: &str) -> Self {
        let (seller, client) = (SellerId::generate(), ClientId::generate());
        let invoice = Invoice {
            id: InvoiceId::generate(),
            number: number.into(),
            sequence: 72815,
            client,
            payer: Some(LegalEntityId::generate()),
            seller,
            residual: rub(86_000),
            issued_on: day(2019, 2, 9),
            open: true,
        };
        let payment = Payment {
            seller,
            amount: rub(86_000),
            booked_on: day(2019, 2, 26),
            class: Class::CustomerPayment,
            payer_tax_id: Some("7814695160".into()),
            payer_kpp: None,
            payer_account: None,
            on_behalf: vec![],
            booked: true,
            repeated: false,
            mentions: vec![],
            hints: Hints::default(),
        };
        let payment = payment.saying(PURPOSE);
        let snapshot = Snapshot {
            invoices: vec![invoice],
            payers: vec![(client, KnownBy::TaxId)],
            branches: vec![],
            unmatched: vec![],
            awaited: vec![],
        };
        Self { payment, snapshot }
    }

    fn says(&mut self, purpose: &str) {
        self.payment = self.payment.clone().saying(purpose);
    }

    fn decide(&self) -> Decision {
        decide(&self.payment, &self.snapshot, Preset::Standard)
    }

    fn codes(&self) -> Vec<&'static str> {
        let decision = self.decide();
        assert!(decision.allocate.is_empty(), "{:?}", decision.allocate);
        decision.reasons.iter().map(Reason::code).collect()
    }
}

/// G21: number, amount, tax id and date → auto; the prefix is noise where the number has none;
/// 5, 1, 860 and the dates are no candidates.
#[test]
fn g21_is_allocated_with_its_reasons() {
    let world = World::g21("72815");
    let proposal = world.decide().allocate.remove(0).proposal;
    let codes: Vec<_> = proposal.reasons.iter().map(Reason::code).collect();
    assert_eq!(
        codes,
        [
            "NUMBER_EXACT",
            "PREFIX_NOISE",
            "DATE_AGREES",
            "AMOUNT_EQUAL",
            "PAYER_TAX_ID",
            "SELLER_ACCOUNT"
        ]
    );
    assert_eq!(proposal.reasons[1], Reason::PrefixNoise { prefix: "88".into() });
    let Reason::NumberExact { span: (from, to), .. } = proposal.reasons[0] else { panic!() };
    let quoted: String = PURPOSE.chars().skip(from).take(to - from).collect();
    assert_eq!(quoted, "88#72815");
    let keys: Vec<_> = probes(PURPOSE).into_iter().map(|key| key.full).collect();
    assert_eq!(keys, ["88#72815"]);
    assert!(World::g21("88#72815").decide().allocate.len() == 1);
}

/// G22: a kopeck short, too much, another payer: review, with the reason in words.
#[test]
fn g22_waits_for_a_person_with_the_reason() {
    let mut world = World::g21("88#72815");
    world.payment.amount = rub(85_999);
    let decision = world.decide();
    assert!(decision.allocate.is_empty());
    assert_eq!(decision.reasons, [Reason::AmountShort { by: rub(1) }]);
    assert_eq!(decision.reasons[0].ru(), "−0,01");
    world.payment.amount = rub(90_000);
    let decision = world.decide();
    assert_eq!(decision.reasons, [Reason::AmountOver { by: rub(4_000) }]);
    assert_eq!(decision.reasons[0].en(), "+40.00 → credit?");
    world.payment.amount = rub(86_000);
    world.snapshot.payers = vec![(ClientId::generate(), KnownBy::TaxId)];
    assert_eq!(world.codes(), ["PAYER_DIFFERS"]);
    world.snapshot.payers = vec![];
    assert_eq!(world.codes(), ["PAYER_DIFFERS"]);
    world.payment.payer_tax_id = None;
    assert_eq!(world.codes(), ["PAYER_UNKNOWN"]);
}

/// G23: without a number nothing is certain; the client's open invoice is proposed.
#[test]
fn g23_without_a_number_is_a_proposal_only() {
    let mut world = World::g21("88#72815");
    world.says("Оплата услуг");
    assert_eq!(world.codes(), ["NUMBER_ABSENT"]);
    assert_eq!(world.decide().proposals.len(), 1);
    world.snapshot.payers = vec![];
    assert_eq!(world.codes(), ["NO_CANDIDATE"]);
}

/// G21b, §1.9 item 9: a number that names its client needs no payer, where the company says so; a
/// known tax id of another client still goes to review.
#[test]
fn g21b_a_number_may_name_its_client() {
    let mut world = World::g21("HOR-11111-007");
    world.says("Оплата HOR-11111-007");
    world.payment.payer_tax_id = None;
    world.snapshot.payers = vec![];
    assert_eq!(world.codes(), ["PAYER_UNKNOWN"]);
    let decide = |world: &World| decide(&world.payment, &world.snapshot, Preset::NumberAndAmount);
    assert!(decide(&world).allocate[0].proposal.has("NUMBER_NAMES_CLIENT"));
    world.says("оплата НОR 11111 7");
    assert!(decide(&world).allocate.is_empty(), "«7» is too short to be told from a quantity");
    world.says("Оплата по счету НОR-11111-007");
    world.snapshot.payers = vec![(ClientId::generate(), KnownBy::TaxId)];
    assert!(decide(&world).allocate.is_empty());
}

/// A182, §1.9 item 10: money on one seller's account never closes another seller's invoice.
#[test]
fn money_never_crosses_sellers() {
    let mut world = World::g21("88#72815");
    world.payment.seller = SellerId::generate();
    assert_eq!(world.codes(), ["PAID_TO_OTHER_SELLER"]);
}

/// Each obstacle alone keeps a line from being allocated.
#[test]
fn each_obstacle_alone_is_enough() {
    let base = || World::g21("88#72815");
    let mut world = base();
    world.snapshot.invoices[0].open = false;
    assert_eq!(world.codes(), ["INVOICE_CLOSED"]);
    let mut world = base();
    world.snapshot.invoices[0].residual = rub(0);
    assert_eq!(world.codes(), ["INVOICE_PAID"]);
    let mut world = base();
    world.snapshot.invoices[0].issued_on = day(2019, 2, 10);
    assert_eq!(world.codes(), ["DATE_DIFFERS"]);
    let mut world = base();
    world.payment.booked_on = day(2019, 2, 8);
    assert_eq!(world.codes(), ["ISSUED_LATER"]);
    let mut world = base();
    world.payment.booked_on = day(2020, 4, 1);
    assert_eq!(world.codes(), ["TOO_OLD"]);
    let mut world = base();
    world.snapshot.unmatched = vec![world.snapshot.invoices[0].id];
    assert_eq!(world.codes(), ["UNMATCHED_BEFORE"]);
    let mut world = base();
    world.payment.class = Class::Acquirer;
    assert_eq!(world.codes(), ["NOT_CUSTOMER_PAYMENT"]);
    let mut world = base();
    world.snapshot.invoices[0].residual =
        Money::new(Decimal::new(86_000, 2), Currency::Byn).unwrap();
    assert_eq!(world.codes(), ["CURRENCY_DIFFERS"]);
}

/// A number without its prefix is a number; with another prefix it is another one.
#[test]
fn a_prefix_may_be_dropped_and_not_changed() {
    let mut world = World::g21("88#72815");
    for purpose in ["Оплата по счету 72815 от 09.02.2019", "Оплата по счету 72815", "сч 88-72815"]
    {
        world.says(purpose);
        assert!(world.decide().allocate.len() == 1, "{purpose}");
    }
    world.says("Оплата по счету 99#72815 от 09.02.2019");
    assert!(world.decide().allocate.is_empty(), "another prefix is another number");
}

/// A text that names two existing invoices, and two invoices of one number, wait for a person.
#[test]
fn two_invoices_are_never_decided_by_the_machine() {
    let mut world = World::g21("88#72815");
    let mut other = world.snapshot.invoices[0].clone();
    other.id = InvoiceId::generate();
    world.snapshot.invoices.push(other.clone());
    assert_eq!(world.codes(), ["SEVERAL_FIT"]);
    other.number = "88#72816".into();
    other.residual = rub(100);
    world.snapshot.invoices[1] = other;
    world.says("Оплата по счетам 88#72815 и 88#72816");
    assert_eq!(world.codes(), ["OTHER_INVOICE_NAMED"]);
}

proptest! {
    /// No purpose makes the matcher panic, and none allocates to an invoice of another seller.
    #[test]
    fn any_text_is_decided(purpose in "\\PC{0,300}", same_seller in any::<bool>()) {
        let mut world = World::g21("88#72815");
        world.says(&purpose);
        if !same_seller {
            world.payment.seller = SellerId::generate();
        }
        let decision = world.decide();
        prop_assert!(same_seller || decision.allocate.is_empty());
        prop_assert_eq!(&decision, &world.decide());
    }

    /// I9: case, kind of blank and look-alike letters of the purpose do not change the target.
    #[test]
    fn spelling_does_not_change_the_target(
        upper in any::<bool>(),
        nbsp in any::<bool>(),
        latin in any::<bool>(),
    ) {
        let mut world = World::g21("HOR-11111-007");
        let mut purpose = "Оплата по счету HOR-11111-007 от 09.02.2019".to_owned();
        if latin { purpose = purpose.replace("HOR", "НОR").replace('е', "e"); }
        if nbsp { purpose = purpose.replace(' ', "\u{A0}"); }
        if upper { purpose = purpose.to_uppercase(); }
        world.says(&purpose);
        prop_assert!(world.decide().allocate.len() == 1);
    }

    /// I10: one changed digit of the number never allocates to another invoice; to the same one
    /// only when the date, the amount and the payer agree with that one alone.
    #[test]
    fn one_wrong_digit_reaches_no_other_invoice(
        place in 0usize..5, digit in 0u8..10, dated in any::<bool>(), sibling in any::<bool>(),
    ) {
        let mut number = *b"72815";
        prop_assume!(number[place] != b'0' + digit && !(place == 0 && digit == 0));
        number[place] = b'0' + digit;
        let number = std::str::from_utf8(&number).unwrap();
        let mut world = World::g21("88#72815");
        let meant = world.snapshot.invoices[0].id;
        if sibling {
            let mut other = world.snapshot.invoices[0].clone();
            other.id = InvoiceId::generate();
            other.number = format!("88#{number}");
            world.snapshot.invoices.push(other);
        }
        let date = if dated { " от 09.02.19" } else { "" };
        world.says(&format!("Оплата по счету 88#{number}{date}"));
        let decision = world.decide();
        prop_assert!(decision.allocate.iter().all(|share| share.proposal.invoice == meant));
        prop_assert!(dated && !sibling || decision.allocate.is_empty());
    }

    /// I8: unrelated invoices never change the target of a payment.
    #[test]
    fn unrelated_invoices_change_nothing(
        numbers in prop::collection::vec((1_u64..100_000, 1_i64..200_000), 0..30),
    ) {
        let mut world = World::g21("88#72815");
        let before = world.decide();
        for (number, kopecks) in numbers {
            let mut other = world.snapshot.invoices[0].clone();
            other.id = InvoiceId::generate();
            other.client = ClientId::generate();
            other.number = format!("88#{number}");
            other.residual = rub(kopecks);
            world.snapshot.invoices.push(other);
        }
        let target = |decision: &Decision| -> Vec<InvoiceId> {
            decision.allocate.iter().map(|share| share.proposal.invoice).collect()
        };
        let after = world.decide();
        prop_assert!(after.allocate.is_empty() || target(&after) == target(&before));
    }

    /// I12: neither dates nor sums nor tax ids are numbers of invoices.
    #[test]
    fn masked_text_names_no_invoice(
        day in 1_u32..29, month in 1_u32..13, roubles in 1_u32..1_000_000, kopecks in 0_u32..100,
    ) {
        let purpose = format!(
            "Оплата за услуги с {day:02}.{month:02}.2019 по {day:02}.{month:02}.2020, сумма \
             {roubles},{kopecks:02} руб, в т.ч. НДС 20% {roubles}-{kopecks:02}, ИНН 7814695160"
        );
        prop_assert_eq!(mentions(&purpose), vec![]);
    }
}

mod accountants;
mod authors;
mod invariants;
mod neighbours;
mod purposes;
