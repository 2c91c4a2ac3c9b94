//! Invariants of payments.md §4.9 over worlds of chance.

use super::*;

/// What a payer may write about numbers, `#` for one, `@` for a date.
const TEXTS: [&str; 16] = [
    "Оплата по счету № # от @",
    "Оплата по счету #",
    "сч.# дог. 45",
    "счета №#,#",
    "счета # и # от @",
    "счета №# - #",
    "счет # от @, счет # от @",
    "по договору # от @",
    "Оплата №# от @",
    "за услуги #",
    "зг. рах. # від @ та #",
    "счет #/2019",
    "счет №# #",
    "счета с # по #",
    "акт №# счет #",
    "oplata po schetu N# ot @",
];

#[derive(Debug, Clone)]
struct Chance {
    text: usize,
    numbers: Vec<u64>,
    days: Vec<u32>,
    invoices: Vec<(u64, u32, i64, bool, bool)>,
    kopecks: i64,
}

fn chance() -> impl Strategy<Value = Chance> {
    let number = || 1_u64..14;
    let invoice = (number(), 1_u32..6, 1_i64..4, any::<bool>(), any::<bool>());
    (
        0..TEXTS.len(),
        prop::collection::vec(number(), 3),
        prop::collection::vec(1_u32..6, 3),
        prop::collection::vec(invoice, 0..12),
        1_i64..8,
    )
        .prop_map(|(text, numbers, days, invoices, amount)| Chance {
            text,
            numbers,
            days,
            invoices,
            kopecks: amount * 10_000,
        })
}

/// The purpose that chance writes.
fn purpose(chance: &Chance) -> String {
    let (mut numbers, mut days) = (chance.numbers.iter().cycle(), chance.days.iter().cycle());
    let mut text = String::new();
    for c in TEXTS[chance.text].chars() {
        match c {
            '#' => text.push_str(&numbers.next().unwrap().to_string()),
            '@' => text.push_str(&format!("0{}.02.2019", days.next().unwrap())),
            other => text.push(other),
        }
    }
    text
}

fn world(chance: &Chance) -> World {
    let mut world = World::g21("1");
    let (own, pattern) = (world.payment.seller, world.snapshot.invoices.remove(0));
    let stranger = ClientId::generate();
    for (number, on, hundreds, theirs, elsewhere) in &chance.invoices {
        let mut invoice = pattern.clone();
        invoice.id = InvoiceId::generate();
        invoice.number = number.to_string();
        invoice.issued_on = day(2019, 2, *on);
        invoice.residual = rub(hundreds * 10_000);
        invoice.seller = if *elsewhere && *theirs { SellerId::generate() } else { own };
        invoice.client = if *theirs { stranger } else { pattern.client };
        world.snapshot.invoices.push(invoice);
    }
    world.payment.amount = rub(chance.kopecks);
    world.says(&purpose(chance));
    world
}

/// Maximal runs of digits.
fn runs(text: &str) -> Vec<u64> {
    let parts = text.split(|c: char| !c.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

fn targets(decision: &Decision) -> Vec<InvoiceId> {
    let mut all: Vec<InvoiceId> =
        decision.allocate.iter().map(|share| share.proposal.invoice).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// I1–I4, I11: what is allocated is the whole line, each part the whole of an open invoice of
    /// the payer and the seller; and no invoice that is not one of the numbers, or between two of
    /// them, is paid.
    #[test]
    fn what_is_allocated_is_due_and_named(chance in chance()) {
        let world = world(&chance);
        let decision = world.decide();
        let sum: Decimal = decision.allocate.iter().map(|share| share.amount.amount()).sum();
        prop_assert!(decision.allocate.is_empty() || sum == world.payment.amount.amount());
        let text = purpose(&chance);
        let runs = runs(&text);
        let range = TEXTS[chance.text].contains(" - ") || TEXTS[chance.text].contains(" с # по");
        for share in &decision.allocate {
            let invoice = world.snapshot.invoices.iter();
            let invoice = invoice.clone().find(|i| i.id == share.proposal.invoice).unwrap();
            prop_assert_eq!(invoice.residual, share.amount);
            prop_assert_eq!(invoice.seller, world.payment.seller);
            prop_assert_eq!(invoice.client, world.snapshot.payers[0].0);
            let number: u64 = invoice.number.parse().unwrap();
            let (below, above) = (|n: &u64| *n < number, |n: &u64| *n > number);
            let between = range && runs.iter().any(below) && runs.iter().any(above);
            let slip = share.proposal.has("NUMBER_SLIP");
            prop_assert!(runs.contains(&number) || between || slip, "{} {}", text, number);
        }
        let ids = targets(&decision);
        prop_assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "each invoice once");
    }

    /// I6, I13: neither the order of what is known nor a second look changes a decision's target.
    #[test]
    fn order_changes_nothing(chance in chance(), turn in 0_usize..12) {
        let mut world = world(&chance);
        let before = world.decide();
        prop_assert_eq!(&before, &world.decide());
        let length = world.snapshot.invoices.len().max(1);
        world.snapshot.invoices.rotate_left(turn % length);
        world.snapshot.invoices.reverse();
        prop_assert_eq!(targets(&before), targets(&world.decide()));
    }

    /// I8, more: another open invoice of the payer itself may stop the machine, and never make it
    /// take another target.
    #[test]
    fn more_invoices_never_redirect(chance in chance(), number in 1_u64..14, on in 1_u32..6) {
        let mut world = world(&chance);
        let before = targets(&world.decide());
        let Some(mut other) = world.snapshot.invoices.first().cloned() else { return Ok(()) };
        other.id = InvoiceId::generate();
        other.number = format!("{number}77");
        other.issued_on = day(2019, 2, on);
        world.snapshot.invoices.push(other);
        let after = targets(&world.decide());
        prop_assert!(after.is_empty() || after == before || before.is_empty());
    }

    /// G5 of payments.md §4.7: a payer that people taught is worth as much as one that is known by
    /// its tax id, and no more: every other gate stands.
    #[test]
    fn a_learnt_payer_is_a_known_payer(chance in chance()) {
        let mut world = world(&chance);
        let before = targets(&world.decide());
        let client = world.snapshot.payers[0].0;
        world.snapshot.payers = vec![(client, KnownBy::Learned(7))];
        prop_assert_eq!(before, targets(&world.decide()));
        world.snapshot.payers.clear();
        prop_assert!(targets(&world.decide()).is_empty());
    }

    /// I9: case, blanks, quotes and look-alike letters of any purpose do not change the target.
    #[test]
    fn dress_does_not_change_the_target(chance in chance(), upper in any::<bool>(),
        blanks in any::<bool>(), quoted in any::<bool>(), latin in any::<bool>()) {
        let mut world = world(&chance);
        let before = targets(&world.decide());
        let mut text = purpose(&chance);
        if latin { text = text.replace('е', "e").replace('а', "a").replace('о', "o"); }
        if blanks { text = text.replace(' ', "\u{A0}"); }
        if upper { text = text.to_uppercase(); }
        if quoted { text = format!("«{text}»"); }
        world.says(&text);
        prop_assert_eq!(before, targets(&world.decide()), "{}", text);
    }
}
