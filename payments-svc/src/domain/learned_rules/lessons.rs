//! What people's decision about one line changes in the rules.

use super::{Kind, Rule, State, Target};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use types::id::{LearnedRuleId, LineId};

/// A rule with the lines that taught it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taught {
    /// The rule.
    pub rule: Rule,
    /// How many lines taught it.
    pub examples: usize,
    /// Whether the line in question is one of them.
    pub has_line: bool,
}

/// What people have decided about one line, as it stands now.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// The line.
    pub line: LineId,
    /// What a rule about it would go by.
    pub keys: Vec<(Kind, String)>,
    /// The payer, or the purpose, as written.
    pub title: String,
    /// What it teaches; nothing once it was taken back, or where it needs no rule.
    pub targets: BTreeSet<Target>,
    /// Whether it speaks against whatever rules say, without teaching one.
    pub denies: bool,
    /// Whether people want it to count at once.
    pub remember: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// What becomes of the rules of a lesson's keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Learnt {
    /// Rules that are new, or other than before.
    pub changed: Vec<Rule>,
    /// Rules of which the line becomes an example.
    pub gained: Vec<LearnedRuleId>,
    /// Rules of which it no longer is one.
    pub lost: Vec<LearnedRuleId>,
    /// Rules of which nothing is left.
    pub gone: Vec<LearnedRuleId>,
}

/// Learns what a line teaches, given all rules of its keys. The same lesson again changes nothing:
/// what counts is how things stand, not how they came to be so.
#[must_use]
pub fn learn(lesson: &Lesson, known: Vec<Taught>) -> Learnt {
    let mut by_key: BTreeMap<(Kind, String), Vec<Taught>> = BTreeMap::new();
    for taught in known {
        let key = (taught.rule.kind, taught.rule.key.clone());
        by_key.entry(key).or_default().push(taught);
    }
    let mut learnt = Learnt::default();
    for key in &lesson.keys {
        let known = by_key.remove(key).unwrap_or_default();
        learn_of(lesson, key, known, &mut learnt);
    }
    learnt
}

/// The same for one key.
fn learn_of(lesson: &Lesson, key: &(Kind, String), known: Vec<Taught>, learnt: &mut Learnt) {
    // A payer that pays for several, as people confirmed, contradicts nothing by paying for one.
    let active = known.iter().filter(|taught| taught.rule.state == State::Active).count();
    let (mut told, others): (Vec<Taught>, Vec<Taught>) =
        known.into_iter().partition(|taught| lesson.targets.contains(&taught.rule.target));
    for target in &lesson.targets {
        if !told.iter().any(|taught| taught.rule.target == *target) {
            told.push(Taught { rule: new(lesson, key, target), examples: 0, has_line: false });
        }
    }
    let fresh = lesson.denies || told.iter().any(|taught| !taught.has_line);
    for taught in told {
        agreed(lesson, taught, learnt);
    }
    for taught in others {
        not_meant(lesson, taught, fresh && active < 2, learnt);
    }
}

/// A rule that says what people said about the line.
fn agreed(lesson: &Lesson, Taught { rule, examples, has_line }: Taught, learnt: &mut Learnt) {
    let before = rule.clone();
    let examples = if has_line { examples } else { examples + 1 };
    let rule = if rule.is_against(lesson.line) { rule.acquitted(examples) } else { rule };
    let rule = if !has_line || lesson.remember {
        Rule { title: lesson.title.clone(), ..rule.taught(examples, lesson.remember) }
    } else {
        rule
    };
    if !has_line {
        learnt.gained.push(rule.id);
    }
    if rule != before || rule.number == 0 {
        learnt.changed.push(rule);
    }
}

/// A rule that says something else than people did, if they said anything.
fn not_meant(
    lesson: &Lesson,
    Taught { rule, examples, has_line }: Taught,
    contradicts: bool,
    learnt: &mut Learnt,
) {
    let before = rule.clone();
    let examples = examples.saturating_sub(usize::from(has_line));
    let mut left = Some(rule);
    if has_line {
        learnt.lost.push(before.id);
        left = left.and_then(|rule| rule.forgot(examples));
    }
    let against = before.is_against(lesson.line);
    let silent = lesson.targets.is_empty() && !lesson.denies;
    left = left.map(|rule| match (silent, against) {
        (true, true) => rule.acquitted(examples),
        (false, false) if contradicts && rule.state != State::Retired => {
            rule.contradicted(lesson.line, lesson.at)
        }
        _ => rule,
    });
    match left {
        None => learnt.gone.push(before.id),
        Some(rule) if rule != before => learnt.changed.push(rule),
        Some(_) => {}
    }
}

fn new(lesson: &Lesson, (kind, key): &(Kind, String), target: &Target) -> Rule {
    Rule {
        id: LearnedRuleId::generate(),
        number: 0,
        kind: *kind,
        key: key.clone(),
        target: target.clone(),
        title: lesson.title.clone(),
        state: State::Proposed,
        remembered: false,
        activated: false,
        conflict: None,
        revision: 1,
        created_at: lesson.at,
    }
}
