//! Looking up less changes nothing.

use super::*;
use crate::domain::lines::Class;
use crate::domain::matching::hints::Hints;
use crate::domain::matching::numbers::NumberKey;
use crate::domain::matching::{Invoice, KnownBy, Snapshot, decide};
use chrono::NaiveDate;
use proptest::prelude::*;
use types::id::{ClientId, InvoiceId, SellerId};
use types::{Currency, Money};

const NUMBERS: [&str; 8] =
    ["88#7281", "88#7282", "88#7218", "88-7281", "7281", "77#7281", "88#72815", "ХОР-7281"];

const PURPOSES: [&str; 7] = [
    "Оплата по счету {a}",
    "Оплата по счету {a} от 09.02.19",
    "Оплата по счетам {a}, {b}",
    "Оплата по счету {a}, сумма 2-00 руб.",
    "Оплата по счету № {a} НДС не облагается, доступ на 1 польз.",
    "Оплата {a} по договору 7281",
    "Оплата по счету {a}, тел. 7282",
];

fn rub(amount: i64) -> Money {
    Money::new(Decimal::from(amount), Currency::Rub).unwrap()
}

prop_compose! {
    fn invoices()(
        all in proptest::collection::vec((0..NUMBERS.len(), 1i64..4, 0i64..2, 0..10, 0..2), 1..9)
    ) -> Vec<(usize, i64, i64, bool, bool)> {
        all.into_iter().map(|(n, amount, day, open, ours)| (n, amount, day, open > 0, ours > 0))
            .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// A241: what the machine allocates with the rivals known is what it allocates with everything
    /// known.
    #[test]
    fn nothing_else_speaks_against_it(
        invoices in invoices(),
        purpose in 0..PURPOSES.len(),
        (a, b) in (0..NUMBERS.len(), 0..NUMBERS.len()),
        amount in 1i64..4,
    ) {
        let (seller, payer, other) =
            (SellerId::generate(), ClientId::generate(), ClientId::generate());
        let first = NaiveDate::from_ymd_opt(2019, 2, 9).unwrap();
        let all: Vec<Invoice> = invoices
            .iter()
            .map(|(number, amount, day, open, ours)| Invoice {
                id: InvoiceId::generate(),
                number: NUMBERS[*number].into(),
                sequence: 0,
                client: if *ours { payer } else { other },
                payer: None,
                seller,
                residual: rub(*amount),
                issued_on: first + chrono::TimeDelta::days(*day),
                open: *open,
            })
            .collect();
        let text = PURPOSES[purpose].replace("{a}", NUMBERS[a]).replace("{b}", NUMBERS[b]);
        let payment = Payment {
            seller,
            amount: rub(amount),
            booked_on: NaiveDate::from_ymd_opt(2019, 2, 26).unwrap(),
            class: Class::CustomerPayment,
            payer_tax_id: Some("7814695160".into()),
            payer_kpp: None,
            payer_account: None,
            on_behalf: vec![],
            booked: true,
            repeated: false,
            mentions: vec![],
            hints: Hints::default(),
        }
        .saying(&text);
        let named = |invoice: &Invoice| {
            let own = NumberKey::of(&invoice.number);
            payment.mentions.iter().any(|mention| {
                let said = &mention.key;
                own.full == said.full || own.full == said.tail || own.tail == said.full
            })
        };
        let open = |invoice: &Invoice| invoice.client == payer && invoice.open;
        let seen = |which: &dyn Fn(&Invoice) -> bool| {
            let snapshot = Snapshot {
                invoices: all.iter().filter(|i| named(i) || which(i)).cloned().collect(),
                payers: vec![(payer, KnownBy::TaxId)],
                ..Snapshot::default()
            };
            decide(&payment, &snapshot, Preset::Standard)
        };
        let by_name = seen(&|_| false);
        if let Rivals::OfAmounts(amounts) = rivals(&payment, &by_name, Preset::Standard) {
            let some = seen(&|i| open(i) && amounts.contains(&i.residual.amount()));
            let whole = seen(&open);
            prop_assert_eq!(some.allocate.len(), whole.allocate.len(), "{}", text);
            for (a, b) in some.allocate.iter().zip(&whole.allocate) {
                prop_assert_eq!(a, b, "{}", &text);
            }
        }
    }
}
