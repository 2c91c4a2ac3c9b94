//! What a number is of: the words before it name its paper, or the account that is no invoice.

use super::shapes::word;
use crate::domain::matching::text::{Item, Placed};
use crate::domain::matching::words;

/// Whether the invoice word that stands here is none: «лицевой счет», «на счет», «договор счета».
pub(super) fn is_other_account(items: &[Placed], at: usize) -> bool {
    let Some(invoice) = word(items, at) else { return false };
    let point = usize::from(at > 0 && items[at - 1].item == Item::Sign('.'));
    let before = at.checked_sub(1 + point).and_then(|before| word(items, before));
    let named = |before| {
        words::is_account_after(before, invoice)
            || (point == 0 && words::is_other_adjective(before))
    };
    before.is_some_and(named) || (words::is_of_something(invoice) && is_under_a_paper(items, at))
}

/// Most words between the name of a paper and what is told of it.
const BETWEEN: usize = 3;

/// Whether the words before belong to the name of another paper: «акту выполненных работ № 12»,
/// «договор эскроу счета № 12». What parts them begins anew.
fn is_under_a_paper(items: &[Placed], at: usize) -> bool {
    let mut between = 0;
    for placed in items[..at].iter().rev() {
        match &placed.item {
            Item::Sign('.' | '"' | '«' | '»') => {}
            Item::Word(word) if words::is_competing(word) => return true,
            Item::Word(word) if between < BETWEEN && !words::begins_anew(word) => between += 1,
            _ => return false,
        }
    }
    false
}

/// Whether what stands here is the number of another paper: «договору № 45».
pub(super) fn follows_competing(items: &[Placed], at: usize) -> bool {
    let mut before = at;
    for _ in 0..6 {
        let Some(prior) = before.checked_sub(1) else { return false };
        match &items[prior].item {
            Item::Sign('№' | '.' | ':' | '#' | '"' | '«' | '»' | '-' | '(') => {}
            Item::Word(word) if words::is_number_sign(word) || words::is_from(word) => {}
            // «договору от 01.01.2025 № 45»
            Item::Date(_) | Item::DayMonth(..) => {}
            Item::Word(word) => {
                let further = word == "СОГЛ" && is_further(items, prior);
                let named = words::is_competing(word) || words::is_of_other_account(word);
                // «дог. поставки № 45»
                let told = || {
                    let anew = words::begins_anew(word) || words::is_invoice(word);
                    !anew && is_under_a_paper(items, prior)
                };
                return further || named || told();
            }
            _ => return false,
        }
        before = prior;
    }
    false
}

/// «доп. согл.»
fn is_further(items: &[Placed], at: usize) -> bool {
    let mut before = items[..at].iter().rev().filter(|p| p.item != Item::Sign('.'));
    before.next().is_some_and(|placed| placed.item == Item::Word("ДОП".into()))
}

/// Whether nothing before a number says what it is of.
pub(super) fn may_be_anything(items: &[Placed], at: usize) -> bool {
    let before = (0..at).rev().find(|at| match &items[*at].item {
        Item::Sign(c) => !matches!(c, '№' | '.' | ':' | '#' | '"' | '«' | '»' | '-' | '('),
        Item::Word(word) => !words::is_number_sign(word),
        _ => true,
    });
    match before.map(|at| &items[at].item) {
        // After an invoice word a number that is no invoice's is an account's.
        Some(Item::Word(word)) => {
            let under = || before.is_some_and(|before| is_under_a_paper(items, before + 1));
            words::is_lead(word) && !words::is_invoice(word) && !under()
        }
        // «КС-3 № 12»
        Some(Item::Id(form)) => !form.contains(char::is_alphabetic),
        _ => true,
    }
}
