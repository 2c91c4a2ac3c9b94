//! A decision as JSON.

use super::line::Given;
use crate::domain::lines::{Class, outgoing_kind};
use crate::domain::matching::index::{Index, is_worth_a_look};
use crate::domain::matching::reasons::{Language, Reason};
use crate::domain::matching::{Decision, Payment};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use types::id::InvoiceId;

/// Most proposals that are shown.
const MAX_PROPOSALS: usize = 5;

/// One decision.
#[derive(Debug, Serialize)]
pub struct Answer {
    line: Value,
    /// `auto`, `suggest` or `queue`.
    pub decision: &'static str,
    allocations: Vec<Allocation>,
    credit: String,
    proposals: Vec<Proposal>,
    class: &'static str,
    reasons: Vec<&'static str>,
    /// The reasons in words, where a language is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    texts: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Allocation {
    invoice: String,
    amount: String,
}

#[derive(Debug, Serialize)]
struct Proposal {
    invoices: Vec<String>,
    score: f64,
    reasons: Vec<&'static str>,
}

fn money(amount: Decimal) -> String {
    format!("{amount:.2}")
}

fn codes(reasons: &[Reason]) -> Vec<&'static str> {
    let mut codes: Vec<&'static str> = Vec::new();
    for reason in reasons {
        if !codes.contains(&reason.code()) {
            codes.push(reason.code());
        }
    }
    codes
}

fn class_name(given: &Given, class: Class) -> &'static str {
    match class {
        Class::Bank => "bank_fee",
        Class::Unclear => "other",
        Class::Outgoing => class_name(given, outgoing_kind(&given.line.purpose)),
        other => other.as_str(),
    }
}

/// The answer to a payment.
pub fn of(
    given: &Given,
    payment: &Payment,
    decision: &Decision,
    ids: &[String],
    language: Option<Language>,
) -> Answer {
    let id = |invoice: &InvoiceId| ids.get(Index::place(*invoice)).cloned().unwrap_or_default();
    let allocations: Vec<Allocation> = decision
        .allocate
        .iter()
        .map(|share| Allocation {
            invoice: id(&share.proposal.invoice),
            amount: money(share.amount.amount()),
        })
        .collect();
    let sets = decision.sets.iter().map(|set| (set.score(), set.invoices.clone(), &set.reasons));
    let ones = decision.proposals.iter().map(|p| (p.score(), vec![p.invoice], &p.reasons));
    let mut all: Vec<(i32, Vec<InvoiceId>, &Vec<Reason>)> =
        sets.chain(ones).filter(|(score, _, reasons)| is_worth_a_look(reasons, *score)).collect();
    all.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    let proposals: Vec<Proposal> = all
        .into_iter()
        .take(MAX_PROPOSALS)
        .map(|(score, invoices, reasons)| Proposal {
            invoices: invoices.iter().map(id).collect(),
            score: f64::from(score) / 10.0,
            reasons: codes(reasons),
        })
        .collect();
    let prepaid = decision.reasons.contains(&Reason::Prepayment);
    let word = if !allocations.is_empty() {
        "auto"
    } else if !proposals.is_empty() || prepaid {
        "suggest"
    } else {
        "queue"
    };
    Answer {
        line: given.id.clone(),
        decision: word,
        allocations,
        credit: if prepaid { money(payment.amount.amount()) } else { money(Decimal::ZERO) },
        proposals,
        class: class_name(given, payment.class),
        reasons: codes(&decision.reasons),
        texts: language
            .map(|language| decision.reasons.iter().map(|reason| reason.text(language)).collect())
            .unwrap_or_default(),
    }
}

/// The answer to a line in a currency that nothing is billed in.
pub fn unknown(given: &Given, class: Class) -> Answer {
    Answer {
        line: given.id.clone(),
        decision: "queue",
        allocations: Vec::new(),
        credit: money(Decimal::ZERO),
        proposals: Vec::new(),
        class: class_name(given, class),
        reasons: vec![Reason::NoCandidate.code()],
        texts: Vec::new(),
    }
}
