//! A batch is decided as its lines one after another would be.

use super::*;
use crate::domain::lines::Class;
use crate::domain::matching::hints::Hints;
use crate::domain::matching::numbers::NumberKey;
use crate::domain::matching::{Preset, decide};
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;
use types::Currency;
use types::id::SellerId;

const TAX_ID: &str = "7814695160";

fn rub(kopecks: i64) -> Money {
    Money::new(Decimal::new(kopecks, 2), Currency::Rub).unwrap()
}

fn invoice(seller: SellerId, client: ClientId, number: &str, kopecks: i64) -> Invoice {
    Invoice {
        id: InvoiceId::generate(),
        number: number.into(),
        sequence: 0,
        client,
        payer: None,
        seller,
        residual: rub(kopecks),
        issued_on: NaiveDate::from_ymd_opt(2019, 2, 9).unwrap(),
        open: true,
    }
}

fn payment(seller: SellerId, number: &str, kopecks: i64) -> Payment {
    Payment {
        seller,
        amount: rub(kopecks),
        booked_on: NaiveDate::from_ymd_opt(2019, 2, 26).unwrap(),
        class: Class::CustomerPayment,
        payer_tax_id: Some(TAX_ID.into()),
        payer_kpp: None,
        payer_account: None,
        on_behalf: vec![],
        booked: true,
        repeated: false,
        mentions: vec![],
        hints: Hints::default(),
    }
    .saying(&format!("Оплата по счету {number}"))
}

proptest! {
    /// Two lines that compete for one invoice see each other: whatever a batch holds, no invoice
    /// gets more than is left to pay, and it is the first line that fits which gets it. What else
    /// is open of the payer, and no slip away, decides nothing.
    #[test]
    fn lines_of_a_batch_see_each_other(
        invoices in proptest::collection::vec(1i64..4, 1..4),
        lines in proptest::collection::vec((0usize..4, 1i64..4), 1..20),
    ) {
        let (seller, client) = (SellerId::generate(), ClientId::generate());
        let mut known = Known::default();
        known.payer(KnownBy::TaxId, TAX_ID.into(), client);
        let mut left = Vec::new();
        for (at, kopecks) in invoices.iter().enumerate() {
            let number = format!("88#{}", 72_815 + 11_111 * at);
            let key = NumberKey::of(&number);
            let invoice = invoice(seller, client, &number, *kopecks);
            left.push((invoice.id, *kopecks));
            known.named(invoice.clone(), key.full, key.tail);
            known.open(invoice);
        }
        for (at, kopecks) in lines {
            let payment = payment(seller, &format!("88#{}", 72_815 + 11_111 * at), kopecks);
            let snapshot = known.snapshot(LineId::generate(), &payment);
            let chosen = decide(&payment, &snapshot, Preset::Standard).allocate;
            let mut named = known.clone();
            named.open.clear();
            let named = named.snapshot(LineId::generate(), &payment);
            let by_number = decide(&payment, &named, Preset::Standard).allocate;
            prop_assert_eq!(&by_number, &chosen);
            let fits = left.get(at).is_some_and(|(_, left)| *left == kopecks);
            let target = chosen.first().map(|share| share.proposal.invoice);
            prop_assert_eq!(target, fits.then(|| left[at].0));
            for share in chosen {
                known.allocate(share.proposal.invoice, share.amount);
                left[at].1 = 0;
            }
        }
    }
}

proptest! {
    /// Lines that are decided in two batches, of which the second is looked up before anything of
    /// the first is stored, are decided as in one.
    #[test]
    fn batches_carry_what_was_allocated_before(
        invoices in proptest::collection::vec(1i64..4, 1..4),
        lines in proptest::collection::vec((0usize..4, 1i64..4), 1..20),
        cut in 0usize..20,
    ) {
        let (seller, client) = (SellerId::generate(), ClientId::generate());
        let number = |at: usize| format!("88#{}", 72_815 + 11_111 * at);
        let told: Vec<Invoice> = (0..).zip(&invoices)
            .map(|(at, kopecks)| invoice(seller, client, &number(at), *kopecks)).collect();
        let looked_up = |earlier: Earlier| {
            let mut known = Known::default();
            known.payer(KnownBy::TaxId, TAX_ID.into(), client);
            for invoice in &told {
                let key = NumberKey::of(&invoice.number);
                known.named(invoice.clone(), key.full, key.tail);
            }
            known.carry(earlier);
            told.iter().for_each(|invoice| known.open(invoice.clone()));
            known
        };
        let payments: Vec<Payment> =
            lines.iter().map(|(at, kopecks)| payment(seller, &number(*at), *kopecks)).collect();
        let decided = |known: &mut Known, payments: &[Payment]| -> Vec<_> {
            payments.iter().map(|payment| {
                let snapshot = known.snapshot(LineId::generate(), payment);
                let decision = decide(payment, &snapshot, Preset::Standard);
                for share in &decision.allocate {
                    known.allocate(share.proposal.invoice, share.amount);
                }
                decision
            }).collect()
        };
        let one = decided(&mut looked_up(Earlier::default()), &payments);
        let (first, second) = payments.split_at(cut.min(payments.len()));
        let mut known = looked_up(Earlier::default());
        let mut two = decided(&mut known, first);
        two.extend(decided(&mut looked_up(known.carried()), second));
        prop_assert_eq!(one, two);
    }
}

/// What the batch holds for other lines is no evidence for this one.
#[test]
fn evidence_of_other_lines_is_not_taken_for_ones_own() {
    let (seller, stranger) = (SellerId::generate(), ClientId::generate());
    let mut known = Known::default();
    known.payer(KnownBy::Account, TAX_ID.into(), stranger);
    let theirs = invoice(seller, stranger, "88#1", 100);
    known.named(theirs.clone(), "88#1".into(), "1".into());
    known.open(theirs);
    known.unmatched(LineId::generate(), InvoiceId::generate());
    let snapshot = known.snapshot(LineId::generate(), &payment(seller, "88#2", 100));
    assert!(snapshot.invoices.is_empty(), "{snapshot:?}");
    assert!(snapshot.payers.is_empty() && snapshot.unmatched.is_empty(), "{snapshot:?}");
}
