//! Identity under re-import (G28, §1.9 item 17) and classification.

use super::*;
use crate::domain::statements::{Party, Status};
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use types::Currency;

/// One of few payments: few kinds make equal ones frequent.
fn line(kind: u8) -> StatementLine {
    let day = NaiveDate::from_ymd_opt(2019, 2, 26).unwrap();
    let payer = Party {
        name: "ООО «Ромашка»".into(),
        tax_id: Some("7700000003".into()),
        account: Some("40702810000000000888".into()),
        ..Party::default()
    };
    StatementLine {
        line: usize::from(kind),
        own_account: "40702810502080001823".into(),
        direction: Direction::In,
        own_transfer: false,
        amount: Decimal::new(86_000 + i64::from(kind % 2), 2),
        status: Status::Booked,
        currency: Currency::Rub.into(),
        booked_on: day,
        doc_no: Some((kind / 2).to_string()),
        doc_date: Some(day),
        doc_kind: None,
        bank_unique_id: None,
        bank_reference: None,
        end_to_end_id: None,
        structured_reference: None,
        return_reason: None,
        on_behalf: None,
        uip: None,
        payer,
        payee: Party::default(),
        purpose: "Оплата по счету 88#72815".into(),
        raw: BTreeMap::new(),
    }
}

/// Good enough to tell few lines apart.
fn digest(bytes: &[u8]) -> Fingerprint {
    let mut digest = [0_u8; 32];
    for (at, byte) in bytes.iter().enumerate() {
        let sum = &mut digest[at % 32];
        *sum = sum.wrapping_mul(31).wrapping_add(*byte);
    }
    digest
}

fn count(lines: impl IntoIterator<Item = u8>, kind: u8) -> usize {
    lines.into_iter().filter(|k| *k == kind).count()
}

proptest! {
    /// I5, I6: whatever files come, in whatever order and however often, a payment is stored as
    /// often as it stands in the file that has it most often; the second import adds nothing.
    #[test]
    fn merging_is_a_max(
        files in proptest::collection::vec(proptest::collection::vec(0u8..4, 0..8), 1..5),
        again in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6),
    ) {
        let mut stored: HashSet<Identity> = HashSet::new();
        let mut import = |kinds: &Vec<u8>| {
            let lines: Vec<_> = kinds.iter().map(|kind| line(*kind)).collect();
            identities(&lines, digest).into_iter().filter(|id| stored.insert(id.clone())).count()
        };
        for file in &files {
            import(file);
        }
        for index in again {
            prop_assert_eq!(import(index.get(&files)), 0, "re-import = 0 new");
        }
        let want: usize = (0..4)
            .map(|kind| files.iter().map(|file| count(file.clone(), kind)).max().unwrap_or(0))
            .sum();
        prop_assert_eq!(stored.len(), want);
    }

    /// No two lines share a fingerprint because a character moved between fields.
    #[test]
    fn parts_never_run_together(
        a in "[0-9]{0,4}",
        b in "[0-9]{0,4}",
        c in "[0-9]{0,4}",
        d in "[0-9]{0,4}",
    ) {
        let of = |number: &str, purpose: &str| {
            let (doc_no, purpose) = (Some(number.to_owned()), purpose.to_owned());
            fingerprint_source(&StatementLine { doc_no, purpose, ..line(0) })
        };
        prop_assert_eq!(of(&a, &b) == of(&c, &d), (a, b) == (c, d));
    }
}

/// Names, letter case, blanks and place are no part of a line's identity; money and date are.
#[test]
fn identity_is_what_the_bank_cannot_rephrase() {
    let same = StatementLine {
        line: 99,
        purpose: "ОПЛАТА  по счету\t88#72815 ".into(),
        payer: Party { name: "OOO ROMASHKA".into(), ..line(0).payer },
        amount: Decimal::new(8600, 1),
        ..line(0)
    };
    assert_eq!(fingerprint_source(&same), fingerprint_source(&line(0)));
    let later = StatementLine { booked_on: line(0).booked_on.succ_opt().unwrap(), ..line(0) };
    assert_ne!(fingerprint_source(&later), fingerprint_source(&line(0)));
    let out = StatementLine { direction: Direction::Out, ..line(0) };
    assert_ne!(fingerprint_source(&out), fingerprint_source(&line(0)));
    let bank = StatementLine { bank_unique_id: Some("A1".into()), ..line(0) };
    assert_eq!(identities(&[bank], digest), [Identity::Bank("A1".into())]);
}

/// Own transfers, what we paid, returns, acquirers and the bank's own lines are no client's money.
#[test]
fn only_clients_payments_are_matched() {
    let own_accounts = BTreeSet::from(["40702810900000000002".to_owned()]);
    let own_tax_ids = BTreeSet::from(["7709983032".to_owned()]);
    let class = |line: &StatementLine| classify(line, &own_accounts, &own_tax_ids);
    let says = |purpose: &str| class(&StatementLine { purpose: purpose.into(), ..line(0) });
    assert_eq!(class(&line(0)), Class::CustomerPayment);
    assert_eq!(says("Возврат по письму"), Class::Return);
    assert_eq!(says("Перевод ошибочно перечисленной суммы"), Class::Return);
    assert_eq!(
        says("Зачисление средств по операциям с МБК (на основании реестров платежей)"),
        Class::Acquirer
    );
    assert_eq!(says("Выплата процентов по договору 5"), Class::Bank);
    let with_payer = |payer| StatementLine { payer, ..line(0) };
    let account = Some("40702810900000000002".to_owned());
    assert_eq!(class(&with_payer(Party { account, ..Party::default() })), Class::OwnTransfer);
    let tax_id = Some("7709983032".to_owned());
    assert_eq!(class(&with_payer(Party { tax_id, ..Party::default() })), Class::OwnTransfer);
    let of = |direction| class(&StatementLine { direction, ..line(0) });
    assert_eq!(of(Direction::Out), Class::Outgoing);
    assert_eq!(of(Direction::Unknown), Class::Unclear);
    assert_eq!(Class::Outgoing.first_state(), State::Ignored);
    assert_eq!(Class::Unclear.first_state(), State::Review);
}
