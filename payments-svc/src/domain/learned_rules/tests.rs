//! Lives of rules.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Rules as a table would keep them.
#[derive(Debug, Default)]
struct Book {
    rules: Vec<Rule>,
    examples: BTreeMap<LearnedRuleId, BTreeSet<LineId>>,
}

const ACCOUNT: &str = "40702810000000000888";

fn client(at: u128) -> Target {
    Target::Client(ClientId(uuid_of(at)))
}

fn line(at: u128) -> LineId {
    LineId(uuid_of(at))
}

fn uuid_of(at: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(at)
}

impl Book {
    /// People say what a line is meant for; nothing takes it back.
    fn say(&mut self, at: u128, targets: &[Target], remember: bool) -> Learnt {
        let lesson = Lesson {
            line: line(at),
            keys: vec![(Kind::PayerAccount, ACCOUNT.into())],
            title: "ООО «Плательщик»".into(),
            targets: targets.iter().cloned().collect(),
            denies: false,
            remember,
            at: DateTime::UNIX_EPOCH,
        };
        let known = self.rules.iter().map(|rule| {
            let examples = self.examples.get(&rule.id).cloned().unwrap_or_default();
            let has_line = examples.contains(&line(at));
            Taught { rule: rule.clone(), examples: examples.len(), has_line }
        });
        let learnt = learn(&lesson, known.collect());
        for changed in &learnt.changed {
            self.rules.retain(|rule| rule.id != changed.id);
            self.rules.push(Rule { number: changed.number.max(1), ..changed.clone() });
        }
        for id in &learnt.gained {
            self.examples.entry(*id).or_default().insert(line(at));
        }
        for id in &learnt.lost {
            self.examples.entry(*id).or_default().remove(&line(at));
        }
        self.rules.retain(|rule| !learnt.gone.contains(&rule.id));
        learnt
    }

    fn state(&self, target: &Target) -> Option<State> {
        self.rules.iter().find(|rule| rule.target == *target).map(|rule| rule.state)
    }

    fn act(&mut self, target: &Target, act: impl Fn(Rule) -> Result<Rule, RuleError>) {
        for rule in self.rules.iter_mut().filter(|rule| rule.target == *target) {
            *rule = act(rule.clone()).unwrap();
        }
    }
}

/// payments.md §4.8: proposed, then confirmed by another line; the same line again is no second.
#[test]
fn two_lines_make_a_rule() {
    let (mut book, a) = (Book::default(), client(1));
    book.say(1, std::slice::from_ref(&a), false);
    assert_eq!(book.state(&a), Some(State::Proposed));
    assert_eq!(book.say(1, std::slice::from_ref(&a), false), Learnt::default());
    book.say(2, std::slice::from_ref(&a), false);
    assert_eq!(book.state(&a), Some(State::Active));
    // Undone, it has one example; undone again, it stays, for decisions may name it.
    book.say(2, &[], false);
    assert_eq!(book.state(&a), Some(State::Proposed));
    book.say(1, &[], false);
    assert_eq!(book.state(&a), Some(State::Proposed));
    // What never counted goes.
    let b = client(2);
    let mut book = Book::default();
    book.say(1, std::slice::from_ref(&b), false);
    book.say(1, &[], false);
    assert_eq!(book.state(&b), None);
}

#[test]
fn one_line_is_enough_with_a_word_and_undoing_it_does_not_unsay_the_word() {
    let (mut book, a) = (Book::default(), client(1));
    book.say(1, std::slice::from_ref(&a), true);
    assert_eq!(book.state(&a), Some(State::Active));
    book.say(1, &[], false);
    assert_eq!(book.state(&a), Some(State::Active));
}

#[test]
fn what_contradicts_suspends_until_it_is_taken_back() {
    let (mut book, a, b) = (Book::default(), client(1), client(2));
    book.say(1, std::slice::from_ref(&a), false);
    book.say(2, std::slice::from_ref(&a), false);
    book.say(3, std::slice::from_ref(&b), false);
    assert_eq!((book.state(&a), book.state(&b)), (Some(State::Suspended), Some(State::Proposed)));
    // More of the same does not lift it; only undoing, or a person.
    book.say(4, std::slice::from_ref(&a), false);
    assert_eq!(book.state(&a), Some(State::Suspended));
    book.say(3, &[], false);
    assert_eq!((book.state(&a), book.state(&b)), (Some(State::Active), None));
    // A line moved from one client to another contradicts as well.
    book.say(4, std::slice::from_ref(&b), false);
    assert_eq!((book.state(&a), book.state(&b)), (Some(State::Suspended), Some(State::Proposed)));
}

/// payments.md §4.8: a parent pays for several, many to many.
#[test]
fn a_payer_of_several_is_confirmed_for_each() {
    let (mut book, a, b, c) = (Book::default(), client(1), client(2), client(3));
    book.say(1, &[a.clone(), b.clone()], false);
    book.say(2, &[a.clone(), b.clone()], false);
    assert_eq!((book.state(&a), book.state(&b)), (Some(State::Active), Some(State::Active)));
    book.say(3, std::slice::from_ref(&a), false);
    book.say(4, std::slice::from_ref(&c), false);
    let states = [&a, &b, &c].map(|target| book.state(target));
    assert_eq!(states, [Some(State::Active), Some(State::Active), Some(State::Proposed)]);
    // Suspended by another one first, and then confirmed by a person.
    let mut book = Book::default();
    for (at, target) in [(1, &a), (2, &a), (3, &b), (4, &b)] {
        book.say(at, std::slice::from_ref(target), false);
    }
    assert_eq!((book.state(&a), book.state(&b)), (Some(State::Suspended), Some(State::Active)));
    book.act(&a, Rule::confirm);
    book.say(5, std::slice::from_ref(&b), false);
    book.say(6, std::slice::from_ref(&a), false);
    assert_eq!((book.state(&a), book.state(&b)), (Some(State::Active), Some(State::Active)));
}

/// Two clients in turn confirm nothing: a person has to say.
#[test]
fn proposals_that_contradict_each_other_wait() {
    let (mut book, a, b) = (Book::default(), client(1), client(2));
    for (at, target) in [(1, &a), (2, &b), (3, &a), (4, &b)] {
        book.say(at, std::slice::from_ref(target), false);
    }
    assert_eq!((book.state(&a), book.state(&b)), (Some(State::Proposed), Some(State::Proposed)));
    book.act(&a, Rule::confirm);
    assert_eq!(book.state(&a), Some(State::Active));
}

#[test]
fn people_suspend_and_retire() {
    let (mut book, a) = (Book::default(), client(1));
    book.say(1, std::slice::from_ref(&a), true);
    book.act(&a, Rule::suspend);
    assert_eq!(book.rules[0].clone().suspend(), Err(RuleError::NotActive));
    book.say(2, std::slice::from_ref(&a), false);
    assert_eq!(book.state(&a), Some(State::Suspended), "a person's word stands");
    book.act(&a, Rule::confirm);
    assert_eq!(book.rules[0].clone().confirm(), Err(RuleError::Active));
    book.act(&a, Rule::retire);
    assert_eq!(book.rules[0].clone().retire(), Err(RuleError::Retired));
    assert_eq!(book.rules[0].clone().confirm(), Err(RuleError::Retired));
    for at in 3..6 {
        book.say(at, std::slice::from_ref(&a), false);
    }
    assert_eq!(book.state(&a), Some(State::Retired));
    book.say(6, std::slice::from_ref(&a), true);
    assert_eq!(book.state(&a), Some(State::Active), "an explicit word begins it again");
}

/// Accounts of banks and zeros for a tax id tell nothing of who pays.
#[test]
fn what_everybody_has_is_no_key() {
    let payer = |account: &str, tax_id: &str| Party {
        account: Some(account.into()),
        tax_id: Some(tax_id.into()),
        ..Party::default()
    };
    assert_eq!(keys_of_payer(&payer(ACCOUNT, "7725381772")).len(), 2);
    assert_eq!(keys_of_payer(&payer(ACCOUNT, "0")).len(), 1);
    assert_eq!(keys_of_payer(&payer("30232810000000000001", "7725381772")), []);
    assert_eq!(keys_of_payer(&Party::default()), []);
    assert_eq!(keys_of_payer(&payer("UA213223130000026007233566001", "0")).len(), 1);
}

/// Figures and look-alikes do not matter, words and the payer do.
#[test]
fn lines_of_a_class_look_alike() {
    let payer = |tax_id: &str| Party { tax_id: Some(tax_id.into()), ..Party::default() };
    let key = |tax_id: &str, purpose: &str| key_of_class(&payer(tax_id), purpose);
    let first = key("7725381772", "Вознаграждение  по дог. 12/3 от 01.02.2019");
    assert_eq!(first, "7725381772 вознаграждение по дог. #/# от #.#.#");
    assert_eq!(first, key("7725381772", "ВОЗНАГРАЖДЕНИЕ по дог. 7/14 от 28.02.2020"));
    assert_ne!(first, key("7707083893", "Вознаграждение по дог. 12/3 от 01.02.2019"));
    assert_eq!(payer_of_class(&first), "7725381772");
    assert!(key("1", &"я".repeat(9_999)).chars().count() <= LONGEST + 2);
}

proptest! {
    /// Whatever people say and take back: the same lesson again changes nothing, what counts has
    /// two examples or a person's word, and without any line nothing that is not remembered counts.
    #[test]
    fn rules_follow_what_stands(
        steps in proptest::collection::vec(
            (0u128..6, 0u128..4, proptest::bool::weighted(0.1)),
            1..40,
        ),
    ) {
        let mut book = Book::default();
        for (at, who, remember) in steps {
            let targets = if who == 0 { vec![] } else { vec![client(who)] };
            book.say(at, &targets, remember);
            prop_assert_eq!(book.say(at, &targets, false), Learnt::default());
            for rule in &book.rules {
                let examples = book.examples.get(&rule.id).map_or(0, BTreeSet::len);
                let counts = rule.state == State::Active;
                prop_assert!(!counts || rule.remembered || examples >= ENOUGH, "{rule:?}");
                prop_assert!(examples > 0 || rule.activated, "{rule:?}");
            }
        }
        for at in 0..6 {
            book.say(at, &[], false);
        }
        prop_assert!(book.rules.iter().all(|rule| rule.state != State::Active || rule.remembered));
    }
}
