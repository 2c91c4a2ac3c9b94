//! Which invoice a payment is meant for: a pure decision over a snapshot (payments.md §4).
//!
//! Hard gates come before any score: an exact and bounded number, exact money, a known payer, the
//! right seller, no contradiction and no rival allocate by themselves; everything else waits for a
//! person with its reasons. Being right wins over being complete.

pub mod evidence;
mod gates;
pub mod hints;
pub mod index;
pub mod known;
pub mod mentions;
pub mod numbers;
pub mod reasons;
pub mod rivals;
mod sets;
pub mod text;
mod words;

use super::lines::Class;
use chrono::NaiveDate;
use hints::{Clues, Hints};
use mentions::Mention;
use numbers::NumberKey;
use reasons::Reason;
use serde::{Deserialize, Serialize};
use types::Money;
use types::id::{ClientId, InvoiceId, LegalEntityId, SellerId};

/// Most proposals that a line keeps.
const MAX_PROPOSALS: usize = 5;

/// A line as the matcher sees it.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Seller whose account the money came to.
    pub seller: SellerId,
    /// What is left of the line.
    pub amount: Money,
    /// Booked by the bank.
    pub booked_on: NaiveDate,
    /// What the line is about.
    pub class: Class,
    /// Tax id that the payer gave.
    pub payer_tax_id: Option<String>,
    /// КПП that the payer gave.
    pub payer_kpp: Option<String>,
    /// Account that the money came from.
    pub payer_account: Option<String>,
    /// Tax ids of whom it is paid for, by the bank's own field.
    pub on_behalf: Vec<String>,
    /// Whether the bank stands by it.
    pub booked: bool,
    /// Whether the same payment was seen before.
    pub repeated: bool,
    /// Numbers that the purpose names.
    pub mentions: Vec<Mention>,
    /// What else the purpose says.
    pub hints: Hints,
}

impl Payment {
    /// Tax ids of others than the payer, whom it may pay for.
    pub fn behalf(&self) -> impl Iterator<Item = &String> {
        let named = self.on_behalf.iter().chain(&self.hints.tax_ids);
        // Who names itself pays for itself.
        named.filter(|tax_id| self.payer_tax_id.as_ref() != Some(*tax_id))
    }

    /// Takes what a purpose says.
    #[must_use]
    pub fn saying(self, purpose: &str) -> Self {
        let Clues { mentions, hints } = Clues::of(purpose);
        Self { mentions, hints, ..self }
    }
}

/// An issued invoice.
#[derive(Debug, Clone)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// Number as printed.
    pub number: String,
    /// Sequence in its series; 0 when unknown.
    pub sequence: u64,
    /// Client.
    pub client: ClientId,
    /// Legal entity that pays.
    pub payer: Option<LegalEntityId>,
    /// Seller.
    pub seller: SellerId,
    /// Left to pay, less what is allocated and not answered yet.
    pub residual: Money,
    /// Day of issue.
    pub issued_on: NaiveDate,
    /// Neither cancelled nor expired.
    pub open: bool,
}

/// How a client is known to be the payer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KnownBy {
    /// One of its legal entities has the payer's tax id.
    TaxId,
    /// One of its legal entities has the payer's account.
    Account,
    /// The purpose, or the bank's own field, names the tax id of one of its legal entities.
    OnBehalf,
    /// People taught that this payer pays for it, by the rule of this number.
    Learned(i64),
}

/// What was known when the decision was made.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Invoices that the purpose may name (by number or tail, of any seller and state) and open
    /// ones of the payer.
    pub invoices: Vec<Invoice>,
    /// Clients that the payer is known as.
    pub payers: Vec<(ClientId, KnownBy)>,
    /// Those of them whose branch (КПП) is the payer's.
    pub branches: Vec<ClientId>,
    /// Invoices that a person took back from this line.
    pub unmatched: Vec<InvoiceId>,
    /// Invoices that an earlier line waits for already: of equal ones these come last.
    pub awaited: Vec<InvoiceId>,
}

/// How much certainty the company asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Number, amount and payer.
    #[default]
    Standard,
    /// Number and amount, when the number itself names the client (D56–D58; §1.9 item 9).
    NumberAndAmount,
}

/// One invoice that the line may be meant for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The invoice.
    pub invoice: InvoiceId,
    /// Its client.
    pub client: ClientId,
    /// Its payer.
    pub payer: Option<LegalEntityId>,
    /// Evidence for and against.
    pub reasons: Vec<Reason>,
}

impl Proposal {
    /// Its place among proposals, tenths of a decade of likelihood.
    #[must_use]
    pub fn score(&self) -> i32 {
        self.reasons.iter().map(Reason::weight).sum()
    }

    fn has(&self, code: &str) -> bool {
        self.reasons.iter().any(|reason| reason.code() == code)
    }
}

/// A part of a line for one invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The invoice with its evidence.
    pub proposal: Proposal,
    /// How much of the line.
    pub amount: Money,
}

/// Several invoices that a line may be meant for together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// The invoices, in the order in which money should reach them.
    pub invoices: Vec<InvoiceId>,
    /// Evidence for and against.
    pub reasons: Vec<Reason>,
}

impl Set {
    /// Its place among proposals, tenths of a decade of likelihood.
    #[must_use]
    pub fn score(&self) -> i32 {
        self.reasons.iter().map(Reason::weight).sum()
    }
}

/// What shall happen to a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The invoices that all of it is meant for; none when a person must look.
    pub allocate: Vec<Share>,
    /// Candidates, best first.
    pub proposals: Vec<Proposal>,
    /// Candidates that only fit together, best first.
    pub sets: Vec<Set>,
    /// Why, about the line as a whole.
    pub reasons: Vec<Reason>,
}

impl Decision {
    /// The invoices that a person will most likely choose, where nothing was allocated: the best
    /// ones, if all of the money goes to them.
    #[must_use]
    pub fn awaits(&self) -> Vec<InvoiceId> {
        let fits = |reasons: &[Reason]| {
            let codes = || reasons.iter().map(Reason::code);
            let known = |code| {
                ["PAYER_TAX_ID", "PAYER_ACCOUNT", "ON_BEHALF", "LEARNED_RULE"].contains(&code)
            };
            codes().any(|code| matches!(code, "AMOUNT_EQUAL" | "SUM_OF_OPEN"))
                && codes().any(known)
                && !codes().any(|code| matches!(code, "SOFT_DUPLICATE" | "PAID_TO_OTHER_SELLER"))
        };
        let set = self.sets.first();
        let one = self.proposals.first();
        let together = set.filter(|set| one.is_none_or(|one| set.score() >= one.score()));
        match (self.allocate.as_slice(), together, one) {
            ([], Some(set), _) if fits(&set.reasons) => set.invoices.clone(),
            ([], None, Some(one)) if fits(&one.reasons) => vec![one.invoice],
            _ => Vec::new(),
        }
    }
}

/// What to look up for a decision: canonical numbers, whole and without prefix.
#[must_use]
pub fn probes(purpose: &str) -> Vec<NumberKey> {
    mentions::mentions(purpose).into_iter().map(|mention| mention.key).collect()
}

/// Decides about one payment. Same input, same answer: no clock, no I/O, no randomness.
#[must_use]
pub fn decide(payment: &Payment, snapshot: &Snapshot, preset: Preset) -> Decision {
    if payment.class != Class::CustomerPayment {
        let reasons = vec![Reason::NotCustomerPayment { class: payment.class }];
        return Decision { allocate: vec![], proposals: vec![], sets: vec![], reasons };
    }
    let candidates = evidence::candidates(payment, snapshot, preset);
    let case = gates::Case { payment, snapshot, preset, candidates: &candidates };
    let mut proposals: Vec<(usize, Proposal)> =
        (0..candidates.len()).map(|at| (at, case.proposal(at))).collect();
    let certain: Vec<usize> =
        proposals.iter().filter(|(_, p)| gates::is_certain(p, preset)).map(|(at, _)| *at).collect();
    let listed = sets::listed(&case);
    let (allocate, reasons) = match (certain.as_slice(), &listed) {
        ([only], None) => {
            let proposal = proposals[*only].1.clone();
            let reasons = proposal.reasons.clone();
            (vec![Share { proposal, amount: payment.amount }], reasons)
        }
        ([], Some(sets::Listed { shares: Some(shares), .. })) => {
            let all = shares.iter().flat_map(|share| share.proposal.reasons.clone());
            (shares.clone(), sets::distinct(all))
        }
        ([], _) => (vec![], vec![]),
        _ => (vec![], vec![Reason::SeveralFit]),
    };
    let mut sets: Vec<Set> = listed.map(|listed| listed.sets).unwrap_or_default();
    if allocate.is_empty() && sets.is_empty() {
        sets.extend(sets::unlisted(&case));
    }
    proposals.sort_by_key(|(at, proposal)| {
        let invoice = candidates[*at].invoice;
        let awaited = snapshot.awaited.contains(&invoice.id);
        // What is named first is meant first, and of namesakes the newest: numbers begin anew. Who
        // names none pays what is owed the longest.
        let days = invoice.issued_on.signed_duration_since(NaiveDate::MIN).num_days();
        let place = candidates[*at].mention.map(|mention| mention.span.0);
        let age = if place.is_none() { days } else { -days };
        let named = place.unwrap_or(usize::MAX);
        (std::cmp::Reverse(proposal.score()), awaited, named, age, invoice.id)
    });
    let mut proposals: Vec<Proposal> = proposals.into_iter().map(|(_, p)| p).collect();
    let reasons = if allocate.is_empty() && reasons.is_empty() {
        obstacles(payment, snapshot, &proposals)
    } else {
        reasons
    };
    proposals.truncate(MAX_PROPOSALS);
    Decision { allocate, proposals, sets, reasons }
}

/// Why a person must look.
fn obstacles(payment: &Payment, snapshot: &Snapshot, proposals: &[Proposal]) -> Vec<Reason> {
    if let Some(best) = proposals.first() {
        let against = best.reasons.iter().filter(|reason| reason.is_obstacle());
        let against: Vec<Reason> = against.cloned().collect();
        // Nothing speaks against it, and the way in which it is named is not enough.
        return if against.is_empty() { best.reasons[..1].to_vec() } else { against };
    }
    let mut payers: Vec<ClientId> = snapshot.payers.iter().map(|(client, _)| *client).collect();
    payers.sort_unstable();
    payers.dedup();
    if payers.len() == 1 && payment.mentions.is_empty() && payment.booked && !payment.repeated {
        return vec![Reason::Prepayment];
    }
    vec![Reason::NoCandidate]
}

#[cfg(test)]
mod tests;
