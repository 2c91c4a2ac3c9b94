//! Invoices beside the one that is meant: strangers' numbers, siblings, namesakes.

use super::*;

impl World {
    /// Another invoice like the first one.
    fn beside(&mut self, change: impl FnOnce(&mut Invoice)) -> InvoiceId {
        let mut other = self.snapshot.invoices[0].clone();
        other.id = InvoiceId::generate();
        change(&mut other);
        let id = other.id;
        self.snapshot.invoices.push(other);
        id
    }

    fn target(&self) -> Vec<InvoiceId> {
        self.decide().allocate.iter().map(|share| share.proposal.invoice).collect()
    }
}

/// A12: a slip that is by chance the number of a stranger's invoice of another amount is repaired
/// where date, amount and payer agree; of the same amount, or without a date, a person looks.
#[test]
fn a_slip_onto_a_strangers_number_is_repaired() {
    let mut world = World::g21("88#72815");
    let meant = world.snapshot.invoices[0].id;
    world.says("Оплата по счету 88#72851 от 09.02.2019");
    world.beside(|other| {
        other.number = "88#72851".into();
        other.client = ClientId::generate();
        other.residual = rub(120_000);
    });
    assert_eq!(world.target(), [meant]);
    world.says("Оплата по счету 88#72851");
    assert_eq!(world.target(), []);
    world.says("Оплата по счету 88#72851 от 09.02.2019");
    world.snapshot.invoices[1].residual = rub(86_000);
    assert_eq!(world.target(), [], "C2: the stranger's may be meant");
}

/// A8: numbers that clients share by chance are the payer's own in a list.
#[test]
fn a_list_is_of_the_payers_own() {
    let mut world = World::g21("72815");
    let first = world.snapshot.invoices[0].id;
    let second = world.beside(|other| other.number = "915".into());
    world.beside(|other| other.client = ClientId::generate());
    world.payment.amount = rub(172_000);
    world.says("Оплата по счетам № 72815 и 915 без НДС");
    assert_eq!(world.target(), [first, second]);
    // «5 гб» is no number of the list.
    world.says("Оплата по счету № 72815, 915 гб");
    assert_eq!(world.target(), []);
}

/// C15: a date beside the number that is a sibling's of the same amount speaks against it.
#[test]
fn the_date_of_a_sibling_is_a_contradiction() {
    let mut world = World::g21("88#72815");
    let meant = world.snapshot.invoices[0].id;
    let sibling = world.beside(|other| {
        other.number = "88#64001".into();
        other.issued_on = day(2019, 1, 15);
    });
    world.says("Оплата по счету 88#72815, 15.01.2019");
    let first = |world: &World| world.decide().proposals[0].invoice;
    assert_eq!((world.target(), first(&world)), (vec![], sibling), "its day and amount");
    world.says("Оплата по счету 88#72815, 16.01.2019");
    assert_eq!(world.target(), [meant], "a date of nothing is of the payment");
}

/// C17: a bare number of three digits that is the payer's other open invoice is a second one.
#[test]
fn a_second_number_without_its_word_counts() {
    let mut world = World::g21("72815");
    world.beside(|other| other.number = "987".into());
    world.says("Оплата по счету 72815 за услуги без НДС, 987");
    assert_eq!(world.codes(), ["OTHER_INVOICE_NAMED"]);
}

/// B3: sets of open invoices are proposed, and never allocated: first those that were billed one
/// after another, of these the oldest.
#[test]
fn several_sets_are_proposed_without_gaps_first() {
    let mut world = World::g21("1001");
    let newest = world.snapshot.invoices[0].id;
    let old = world.beside(|other| other.issued_on = day(2019, 1, 1));
    let older = world.beside(|other| other.issued_on = day(2018, 12, 1));
    world.payment.amount = rub(172_000);
    world.says("Оплата услуг");
    let decision = world.decide();
    assert_eq!(decision.allocate, []);
    let sets: Vec<_> = decision.sets.iter().map(|set| set.invoices.clone()).collect();
    assert_eq!(sets, [vec![older, old], vec![old, newest], vec![older, newest]]);
}

/// A8: of a list whose numbers are those of two years each, those whose sum came are proposed.
#[test]
fn namesakes_of_a_list_are_told_apart_by_the_sum() {
    let mut world = World::g21("1001");
    let meant = world.snapshot.invoices[0].id;
    let old = world.beside(|other| {
        other.residual = rub(10_000);
        other.issued_on = day(2018, 3, 9);
    });
    let second = world.beside(|other| other.number = "1002".into());
    world.payment.amount = rub(172_000);
    world.says("Оплата по счетам № 1001 и 1002");
    let decision = world.decide();
    assert_eq!(decision.allocate, [], "a sum is weak evidence");
    assert_eq!(decision.sets[0].invoices, [meant, second]);
    world.payment.amount = rub(96_000);
    assert_eq!(world.decide().sets[0].invoices, [old, second]);
}

/// What a line waits for comes last for the next one, among invoices that are equal otherwise; what
/// is named first, and of namesakes the newest, comes first.
#[test]
fn equal_proposals_have_an_order() {
    let mut world = World::g21("1001");
    let newest = world.snapshot.invoices[0].id;
    let oldest = world.beside(|other| other.issued_on = day(2018, 3, 9));
    let first = |world: &World| world.decide().proposals[0].invoice;
    world.says("Оплата услуг");
    assert_eq!((first(&world), world.decide().awaits()), (oldest, vec![oldest]));
    world.snapshot.awaited = vec![oldest];
    assert_eq!(first(&world), newest);
    world.snapshot.awaited.clear();
    world.says("Оплата по счету № 1001");
    assert_eq!((first(&world), world.target()), (newest, vec![]));
    world.snapshot.invoices[1].number = "987".into();
    for (purpose, want) in [("счет 987 счет 1001", oldest), ("счет 1001 счет 987", newest)]
    {
        world.says(purpose);
        assert_eq!(first(&world), want, "{purpose}");
    }
}

/// Each reason has a text in each language, and no two languages the same but for figures.
#[test]
fn reasons_are_told_in_three_languages() {
    use super::super::reasons::Language;
    let world = World::g21("88#72815");
    for reason in world.decide().proposals[0].reasons.iter().chain(&[
        Reason::NoCandidate,
        Reason::SeveralFit,
        Reason::DateOfAnother,
        Reason::OtherInvoiceNamed { numbers: vec!["12".into()] },
    ]) {
        let texts = [Language::Ru, Language::Uk, Language::En].map(|l| reason.text(l));
        assert!(texts.iter().all(|text| !text.is_empty()), "{reason:?}");
        assert_ne!(texts[1], texts[2], "{reason:?}");
    }
    assert_eq!(Reason::DateAgrees.text(Language::Uk), "Дата збіглася");
}
