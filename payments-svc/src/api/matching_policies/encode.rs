//! Policies and reviews → messages.

use crate::domain::matching_policies::{Mode, Used};
use crate::store::matching_policies::Set;
use crate::store::matching_reviews::{Meant, Review};
use proto::convert::timestamp;
use proto::payments::v1 as pb;
use service::etag;
use types::Money;

/// A policy with what was used of it.
pub fn policy(set: Set, used: &Used) -> pb::MatchingPolicy {
    let mode = match set.policy.mode {
        Mode::Automatic => pb::MatchingMode::Automatic,
        Mode::Shadow => pb::MatchingMode::Shadow,
        Mode::Proposals => pb::MatchingMode::Proposals,
    };
    let amount = set.policy.daily_amount;
    pb::MatchingPolicy {
        seller: set.seller.map(|seller| seller.to_string()).unwrap_or_default(),
        mode: mode.into(),
        daily_count: set.policy.daily_count.map_or(0, whole),
        daily_amount: amount.map(Into::into),
        sample_percent: i32::from(set.policy.sample_percent),
        reason: set.reason,
        actor: set.actor,
        create_time: set.at.map(timestamp),
        etag: etag(set.id),
        used_count: whole(used.count),
        used_amount: amount.map(|most| used.amount(most.currency()).into()),
    }
}

fn whole(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A review.
pub fn review(review: Review) -> pb::MatchingReview {
    let kind = match review.kind.as_str() {
        "sample" => pb::matching_review::Kind::Sample,
        "shadow" => pb::matching_review::Kind::Shadow,
        _ => pb::matching_review::Kind::Unspecified,
    };
    let outcome = match review.outcome.as_str() {
        "waiting" => pb::matching_review::Outcome::Waiting,
        "agreed" => pb::matching_review::Outcome::Agreed,
        "differed" => pb::matching_review::Outcome::Differed,
        _ => pb::matching_review::Outcome::Unspecified,
    };
    let (reviewer, at) = review.reviewed.unzip();
    pb::MatchingReview {
        line: review.line.to_string(),
        kind: kind.into(),
        parts: review.parts.iter().map(part).collect(),
        outcome: outcome.into(),
        create_time: Some(timestamp(review.created_at)),
        reviewer: reviewer.unwrap_or_default(),
        review_time: at.map(timestamp),
        note: review.note,
    }
}

fn part(meant: &Meant) -> pb::matching_review::Part {
    let amount = Money::new(meant.amount, meant.currency).ok();
    pb::matching_review::Part { invoice: meant.invoice.to_string(), amount: amount.map(Into::into) }
}
