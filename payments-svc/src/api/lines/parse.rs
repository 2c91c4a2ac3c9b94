//! Requests → commands, all violations at once.

use crate::api::bad_name;
use proto::payments::v1 as pb;
use service::{Failure, Text, Violations};
use types::Money;
use types::id::{AllocationId, BadName, ClientId, InvoiceId, LineId};

/// Most parts of one AllocateLine.
const MAX_PARTS: usize = 100;

/// Longest reason, characters.
const MAX_REASON: usize = 1_000;

/// A part as asked for: its client and payer are looked up.
#[derive(Debug, Clone)]
pub struct AskedPart {
    pub invoice: Option<InvoiceId>,
    pub client: Option<ClientId>,
    pub amount: Money,
}

/// AllocateLine.
#[derive(Debug, Clone)]
pub struct Allocate {
    pub line: LineId,
    pub parts: Vec<AskedPart>,
    pub remember: bool,
}

/// UnmatchLine.
#[derive(Debug, Clone)]
pub struct Unmatch {
    pub line: LineId,
    pub allocation: Option<AllocationId>,
    pub reason: String,
}

/// IgnoreLine.
#[derive(Debug, Clone)]
pub struct Ignore {
    pub line: LineId,
    pub class: String,
    pub reason: String,
}

fn named<T>(violations: &mut Violations, field: &str, text: &str) -> Option<T>
where
    T: std::str::FromStr<Err = BadName>,
{
    violations.take(field, text.parse().map_err(|error: BadName| bad_name(&error)))
}

fn optional<T>(violations: &mut Violations, field: &str, text: &str) -> Option<T>
where
    T: std::str::FromStr<Err = BadName>,
{
    if text.is_empty() { None } else { named(violations, field, text) }
}

fn reason(violations: &mut Violations, text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_REASON || text.contains('\0') {
        violations.field(
            "reason",
            Text::new(
                "Укажите причину, не длиннее 1000 знаков.",
                "Give a reason, at most 1000 characters.",
            ),
        );
    }
    text.to_owned()
}

/// What a parsed request must have when no violation was noted.
fn checked<T>(value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::internal("a request was parsed without violation and value"))
}

/// Reads AllocateLine.
///
/// # Errors
/// `INVALID_ARGUMENT` with every field that is wrong.
pub fn allocate(request: &pb::AllocateLineRequest) -> Result<Allocate, Failure> {
    let mut violations = Violations::default();
    let line = named(&mut violations, "name", &request.name);
    if request.parts.is_empty() || request.parts.len() > MAX_PARTS {
        violations.field("parts", Text::new("Укажите от 1 до 100 частей.", "Give 1 to 100 parts."));
    }
    let mut parts = Vec::new();
    for (at, part) in request.parts.iter().take(MAX_PARTS).enumerate() {
        parts.extend(asked(&mut violations, at, part));
    }
    violations.finish()?;
    Ok(Allocate { line: checked(line)?, parts, remember: request.remember })
}

fn asked(violations: &mut Violations, at: usize, part: &pb::AllocationPart) -> Option<AskedPart> {
    let field = |name: &str| format!("parts[{at}].{name}");
    let invoice = optional(violations, &field("invoice"), &part.invoice);
    let client = optional(violations, &field("client"), &part.client);
    if part.invoice.is_empty() && part.client.is_empty() {
        violations.field(
            field("client"),
            Text::new("Укажите клиента или счёт.", "Give the client or the invoice."),
        );
    }
    let amount = proto::convert::required(part.amount.as_ref())
        .and_then(Money::try_from)
        .map_err(|error| Text::of(&error));
    let amount = violations.take(field("amount"), amount)?;
    if !amount.is_positive() {
        violations.field(
            field("amount"),
            Text::new("Сумма должна быть больше нуля.", "The amount must be above zero."),
        );
    }
    Some(AskedPart { invoice, client, amount })
}

/// Reads UnmatchLine.
///
/// # Errors
/// `INVALID_ARGUMENT` with every field that is wrong.
pub fn unmatch(request: &pb::UnmatchLineRequest) -> Result<Unmatch, Failure> {
    let mut violations = Violations::default();
    let line = named(&mut violations, "name", &request.name);
    let allocation = optional(&mut violations, "allocation", &request.allocation);
    let reason = reason(&mut violations, &request.reason);
    violations.finish()?;
    Ok(Unmatch { line: checked(line)?, allocation, reason })
}

/// Reads IgnoreLine.
///
/// # Errors
/// `INVALID_ARGUMENT` with every field that is wrong.
pub fn ignore(request: &pb::IgnoreLineRequest) -> Result<Ignore, Failure> {
    let mut violations = Violations::default();
    let line = named(&mut violations, "name", &request.name);
    let class = request.class.trim().to_owned();
    let word = |c: char| c.is_ascii_lowercase() || c == '_';
    if class.is_empty() || class.len() > 40 || !class.chars().all(word) {
        violations.field(
            "class",
            Text::new(
                "Укажите вид латинскими строчными буквами, например bank_fee.",
                "Give a class in lower-case Latin letters, such as bank_fee.",
            ),
        );
    }
    if class == "customer_payment" {
        violations.field(
            "class",
            Text::new(
                "Оплату клиента нельзя отложить: привяжите её.",
                "A payment of a client cannot be set aside: allocate it.",
            ),
        );
    }
    let reason = reason(&mut violations, &request.reason);
    violations.finish()?;
    Ok(Ignore { line: checked(line)?, class, reason })
}
