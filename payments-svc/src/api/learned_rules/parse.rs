//! Requests about rules → commands; every violation at once.

use crate::api::bad_name;
use crate::domain::learned_rules::{Kind, State};
use crate::store::learned_rules::Filter;
use prost::Message;
use proto::payments::v1::{self as pb, learned_rule};
use service::idempotency::Key;
use service::{Failure, Scope, Text, Violations};
use tonic::Request;
use types::id::{BadName, LearnedRuleId};

/// Longest reason, characters.
const MAX_REASON: usize = 1_000;

/// What a person wants of a rule.
#[derive(Debug)]
pub struct Act {
    /// The rule.
    pub rule: LearnedRuleId,
    /// Why.
    pub reason: String,
    /// The version that they saw.
    pub etag: String,
}

/// Who asks, and what keeps it from being done twice.
///
/// # Errors
/// `INVALID_ARGUMENT` for a bad request id.
pub fn who<M: Message>(request: &Request<M>, request_id: &str) -> Result<(Key, String), Failure> {
    Ok((Key::of(request, request_id)?, Scope::of(request)?.actor))
}

/// Reads an act.
///
/// # Errors
/// `INVALID_ARGUMENT` with every field that is wrong.
pub fn act(name: &str, reason: &str, etag: &str, needs_reason: bool) -> Result<Act, Failure> {
    let mut violations = Violations::default();
    let rule = name.parse().map_err(|error: BadName| bad_name(&error));
    let rule: Option<LearnedRuleId> = violations.take("name", rule);
    let reason = reason.trim().to_owned();
    let too_long = reason.chars().count() > MAX_REASON || reason.contains('\0');
    if too_long || (needs_reason && reason.is_empty()) {
        violations.field(
            "reason",
            Text::new(
                "Укажите причину, не длиннее 1000 знаков.",
                "Give a reason, at most 1000 characters.",
            ),
        );
    }
    violations.finish()?;
    let rule = rule.ok_or_else(|| Failure::internal("a request without violation and name"))?;
    Ok(Act { rule, reason, etag: etag.to_owned() })
}

/// Reads what a list is to hold.
///
/// # Errors
/// `INVALID_ARGUMENT`.
pub fn filter(request: &pb::ListLearnedRulesRequest) -> Result<Filter, Failure> {
    let state = match request.state() {
        learned_rule::State::Unspecified => None,
        learned_rule::State::Proposed => Some(State::Proposed),
        learned_rule::State::Active => Some(State::Active),
        learned_rule::State::Suspended => Some(State::Suspended),
        learned_rule::State::Retired => Some(State::Retired),
    };
    let kind = match request.kind() {
        learned_rule::Kind::Unspecified => None,
        learned_rule::Kind::PayerAccount => Some(Kind::PayerAccount),
        learned_rule::Kind::PayerTaxId => Some(Kind::PayerTaxId),
        learned_rule::Kind::PurposeClass => Some(Kind::PurposeClass),
    };
    let given = Some(request.client.as_str()).filter(|client| !client.is_empty());
    Ok(Filter {
        state: state.map(State::as_str),
        client: given.map(|client| crate::api::name("client", client)).transpose()?,
        kind: kind.map(Kind::as_str),
    })
}
