//! Requests about policies → commands; every violation at once.

use crate::domain::matching_policies::{Mode, Policy};
use proto::payments::v1 as pb;
use service::{Failure, Text, Violations};
use types::Money;
use types::id::{LineId, SellerId};

/// Longest reason or note, characters.
const MAX_TEXT: usize = 1_000;

/// The seller that is named, if one is.
///
/// # Errors
/// `INVALID_ARGUMENT`.
pub fn seller(given: &str) -> Result<Option<SellerId>, Failure> {
    if given.is_empty() { Ok(None) } else { crate::api::name("seller", given).map(Some) }
}

/// Reads UpdateMatchingPolicy: whose, what, and why.
///
/// # Errors
/// `INVALID_ARGUMENT` with every field that is wrong.
pub fn update(
    request: &pb::UpdateMatchingPolicyRequest,
) -> Result<(Option<SellerId>, Policy, String), Failure> {
    let mut violations = Violations::default();
    let seller = seller(&request.seller)?;
    let mode = match request.mode() {
        pb::MatchingMode::Automatic => Some(Mode::Automatic),
        pb::MatchingMode::Shadow => Some(Mode::Shadow),
        pb::MatchingMode::Proposals => Some(Mode::Proposals),
        pb::MatchingMode::Unspecified => {
            violations.field("mode", Text::new("Укажите режим.", "Give the mode."));
            None
        }
    };
    let daily_count = u32::try_from(request.daily_count).ok();
    if daily_count.is_none() {
        let text = Text::new("Не может быть меньше нуля.", "It cannot be below zero.");
        violations.field("daily_count", text);
    }
    let daily_amount = amount(&mut violations, request);
    let sample_percent = u8::try_from(request.sample_percent).ok().filter(|p| *p <= 100);
    if sample_percent.is_none() {
        violations.field("sample_percent", Text::new("От 0 до 100.", "0 to 100."));
    }
    let reason = request.reason.trim().to_owned();
    if reason.is_empty() || is_bad(&reason) {
        violations.field(
            "reason",
            Text::new(
                "Укажите причину, не длиннее 1000 знаков.",
                "Give a reason, at most 1000 characters.",
            ),
        );
    }
    violations.finish()?;
    let policy = Policy {
        mode: mode.unwrap_or_default(),
        daily_count: daily_count.filter(|count| *count > 0),
        daily_amount,
        sample_percent: sample_percent.unwrap_or_default(),
    };
    Ok((seller, policy, reason))
}

fn amount(violations: &mut Violations, request: &pb::UpdateMatchingPolicyRequest) -> Option<Money> {
    let given = request.daily_amount.as_ref()?;
    let amount = Money::try_from(given).map_err(|error| Text::of(&error));
    let amount = violations.take("daily_amount", amount)?;
    if !amount.is_positive() {
        violations.field(
            "daily_amount",
            Text::new("Сумма должна быть больше нуля.", "The amount must be above zero."),
        );
    }
    Some(amount)
}

fn is_bad(text: &str) -> bool {
    text.chars().count() > MAX_TEXT || text.contains('\0')
}

/// Reads ResolveMatchingReview.
///
/// # Errors
/// `INVALID_ARGUMENT` with every field that is wrong.
pub fn resolve(
    request: &pb::ResolveMatchingReviewRequest,
) -> Result<(LineId, bool, String), Failure> {
    let line = crate::api::name("line", &request.line)?;
    let note = request.note.trim().to_owned();
    if is_bad(&note) || (!request.agrees && note.is_empty()) {
        let text = Text::new(
            "Если не согласны, напишите почему; не длиннее 1000 знаков.",
            "Say why when you do not agree; at most 1000 characters.",
        );
        return Err(Failure::invalid("note", text));
    }
    Ok((line, request.agrees, note))
}

/// A kind as stored.
pub const fn kind(kind: pb::matching_review::Kind) -> Option<&'static str> {
    match kind {
        pb::matching_review::Kind::Unspecified => None,
        pb::matching_review::Kind::Sample => Some("sample"),
        pb::matching_review::Kind::Shadow => Some("shadow"),
    }
}

/// An outcome as stored.
pub const fn outcome(outcome: pb::matching_review::Outcome) -> Option<&'static str> {
    match outcome {
        pb::matching_review::Outcome::Unspecified => None,
        pb::matching_review::Outcome::Waiting => Some("waiting"),
        pb::matching_review::Outcome::Agreed => Some("agreed"),
        pb::matching_review::Outcome::Differed => Some("differed"),
    }
}
