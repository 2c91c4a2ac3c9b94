//! Rules → messages.

use crate::domain::learned_rules::{Kind, State, Target};
use crate::store::learned_rules::{Change, Example, Kept};
use proto::convert::timestamp;
use proto::payments::v1::{self as pb, learned_rule};
use service::etag;

/// A rule with its last examples and changes.
pub fn rule(kept: Kept) -> pb::LearnedRule {
    let Kept { rule, example_count, examples, hits, changes } = kept;
    let kind = match rule.kind {
        Kind::PayerAccount => learned_rule::Kind::PayerAccount,
        Kind::PayerTaxId => learned_rule::Kind::PayerTaxId,
        Kind::PurposeClass => learned_rule::Kind::PurposeClass,
    };
    let (client, class) = match rule.target {
        Target::Client(client) => (client.to_string(), String::new()),
        Target::Class(class) => (String::new(), class),
    };
    pb::LearnedRule {
        name: rule.id.to_string(),
        number: rule.number,
        kind: kind.into(),
        key: rule.key,
        title: rule.title,
        client,
        class,
        state: state(rule.state).into(),
        remembered: rule.remembered,
        examples: examples.into_iter().map(example).collect(),
        example_count: super::total(example_count),
        hit_count: hits.0,
        last_hit_time: hits.1.map(timestamp),
        conflict: rule.conflict.map(|conflict| learned_rule::Example {
            line: conflict.line.to_string(),
            actor: String::new(),
            create_time: Some(timestamp(conflict.at)),
        }),
        changes: changes.into_iter().map(change).collect(),
        etag: etag(rule.revision),
        create_time: Some(timestamp(rule.created_at)),
    }
}

const fn state(state: State) -> learned_rule::State {
    match state {
        State::Proposed => learned_rule::State::Proposed,
        State::Active => learned_rule::State::Active,
        State::Suspended => learned_rule::State::Suspended,
        State::Retired => learned_rule::State::Retired,
    }
}

fn example(example: Example) -> learned_rule::Example {
    learned_rule::Example {
        line: example.line.to_string(),
        actor: example.actor,
        create_time: Some(timestamp(example.at)),
    }
}

fn change(change: Change) -> learned_rule::Change {
    let known = State::parse(&change.state).map(state);
    learned_rule::Change {
        state: known.unwrap_or_default().into(),
        actor: change.actor,
        reason: change.reason,
        line: change.line.map(|line| line.to_string()).unwrap_or_default(),
        create_time: Some(timestamp(change.at)),
    }
}
