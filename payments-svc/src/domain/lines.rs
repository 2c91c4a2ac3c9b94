//! Lines of statements: who a line is, what it is, and what state it is in.

mod classes;

pub use classes::{Class, classify, outgoing_kind, plain};

use super::allocations::{self, Allocation, AllocationError, Part};
use super::matching::{Decision, Proposal, reasons::Reason};
use super::statements::{Direction, Party, StatementLine};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::HashMap;
use types::Money;
use types::id::{AllocationId, BankAccountId, LineId, SellerId, StatementId};

/// State of a stored line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for the matcher.
    Imported,
    /// Waits for a person.
    Review,
    /// Wholly allocated.
    Matched,
    /// No payment of a client.
    Ignored,
}

impl State {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Review => "review",
            Self::Matched => "matched",
            Self::Ignored => "ignored",
        }
    }

    /// From what is stored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Imported, Self::Review, Self::Matched, Self::Ignored]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A stored line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: LineId,
    /// File that brought it first.
    pub statement: StatementId,
    /// Own account.
    pub bank_account: BankAccountId,
    /// Seller whose account it is.
    pub seller: SellerId,
    /// Which way the money went.
    pub direction: Direction,
    /// Its state.
    pub state: State,
    /// What it is about: a [`Class`], or what a person wrote.
    pub class: String,
    /// Amount.
    pub amount: Money,
    /// Σ of the allocations that stand.
    pub allocated: Money,
    /// Booked by the bank.
    pub booked_on: NaiveDate,
    /// Number of the payment document.
    pub doc_no: Option<String>,
    /// Date of the payment document.
    pub doc_date: Option<NaiveDate>,
    /// Who paid.
    pub payer: Party,
    /// Who was paid.
    pub payee: Party,
    /// Purpose as written.
    pub purpose: String,
    /// Why the machine decided as it did.
    pub reasons: Vec<Reason>,
    /// Candidates, best first.
    pub proposals: Vec<Proposal>,
    /// Version, from 1.
    pub revision: i64,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
}

/// Why an act on a line is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Only money that came can be meant for somebody.
    #[error("the line is not incoming")]
    NotIncoming,
    /// The line was set aside.
    #[error("the line is ignored")]
    Ignored,
    /// Parts of it are allocated.
    #[error("parts of the line are allocated")]
    Allocated,
    /// The parts do not fit.
    #[error(transparent)]
    Allocation(#[from] AllocationError),
}

impl Line {
    /// What is not meant for anything yet.
    #[must_use]
    pub fn unallocated(&self) -> Money {
        self.amount.checked_sub(self.allocated).unwrap_or(self.amount)
    }

    /// Whether the matcher may decide about it: nobody has touched it, nothing is allocated.
    #[must_use]
    pub fn waits_for_matcher(&self) -> bool {
        let waits = matches!(self.state, State::Imported | State::Review);
        waits
            && self.direction == Direction::In
            && self.allocated.is_zero()
            && self.class == Class::CustomerPayment.as_str()
    }

    /// The line with these parts allocated: matched when nothing is left.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn allocate(self, parts: &[Part]) -> Result<Self, LineError> {
        if self.direction != Direction::In {
            return Err(LineError::NotIncoming);
        }
        if self.state == State::Ignored {
            return Err(LineError::Ignored);
        }
        let left = allocations::fit(self.unallocated(), parts)?;
        let allocated = self.amount.checked_sub(left).unwrap_or(self.amount);
        let state = if left.is_zero() { State::Matched } else { State::Review };
        Ok(Self { allocated, state, ..self })
    }

    /// The line with one allocation, or all that stand, taken back; and those.
    ///
    /// # Errors
    /// [`LineError::Allocation`].
    pub fn unmatch(
        self,
        allocations: &[Allocation],
        only: Option<AllocationId>,
    ) -> Result<(Self, Vec<Allocation>), LineError> {
        let taken: Vec<Allocation> =
            allocations::to_reverse(allocations, only)?.into_iter().cloned().collect();
        let allocated = taken.iter().fold(self.allocated, |sum, allocation| {
            sum.checked_sub(allocation.part.amount).unwrap_or(sum)
        });
        Ok((Self { allocated, state: State::Review, ..self }, taken))
    }

    /// The line set aside as no payment of a client.
    ///
    /// # Errors
    /// [`LineError::Allocated`], [`LineError::Ignored`].
    pub fn ignore(self, class: String) -> Result<Self, LineError> {
        if self.state == State::Ignored {
            return Err(LineError::Ignored);
        }
        if !self.allocated.is_zero() {
            return Err(LineError::Allocated);
        }
        Ok(Self { class, state: State::Ignored, ..self })
    }

    /// The line as a learnt rule classes it, for a person to look at.
    #[must_use]
    pub fn seems(self, rule: i64, class: &str) -> Self {
        let reasons = vec![Reason::LearnedClass { rule, class: class.to_owned() }];
        Self { class: class.to_owned(), state: State::Review, reasons, proposals: vec![], ..self }
    }

    /// The line as it was before a learnt rule classed it, unless a person has decided since.
    #[must_use]
    pub fn unclassed(self) -> Self {
        let by_rule = matches!(self.reasons.as_slice(), [Reason::LearnedClass { .. }]);
        if !by_rule || self.state != State::Review {
            return self;
        }
        Self { class: Class::CustomerPayment.as_str().into(), reasons: vec![], ..self }
    }

    /// The line as the matcher leaves it: allocated, or waiting for a person with reasons. Of an
    /// allocated one nothing but the evidence for its invoices is kept.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn decided(self, decision: &Decision) -> Result<Self, LineError> {
        let chosen = |p: &&Proposal| {
            let mut chosen = decision.allocate.iter().map(|share| share.proposal.invoice);
            decision.allocate.is_empty() || chosen.any(|invoice| invoice == p.invoice)
        };
        let proposals = decision.proposals.iter().filter(chosen).cloned().collect();
        let line = Self { reasons: decision.reasons.clone(), proposals, ..self };
        if decision.allocate.is_empty() {
            return Ok(Self { state: State::Review, ..line });
        }
        let parts: Vec<Part> = decision.allocate.iter().map(Part::of).collect();
        line.allocate(&parts)
    }
}

/// The bytes whose digest is a line's fingerprint (payments.md §4.2, §1.9 item 17): each part with
/// its length before it, so that no two lines share bytes by moving a character between fields.
/// Names, letter case, receipts, encoding, file and place are no part of it.
#[must_use]
pub fn fingerprint_source(line: &StatementLine) -> Vec<u8> {
    let other = match line.direction {
        Direction::In | Direction::Out => line.counterparty().account.clone().unwrap_or_default(),
        Direction::Unknown => [&line.payer, &line.payee]
            .map(|party| party.account.clone().unwrap_or_default())
            .join(">"),
    };
    let doc_date = line.doc_date.map(|date| date.to_string()).unwrap_or_default();
    let purpose = line.purpose.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let parts = [
        line.own_account.as_str(),
        line.direction.mark(),
        line.doc_no.as_deref().unwrap_or_default(),
        &doc_date,
        &line.booked_on.to_string(),
        &line.amount.normalize().to_string(),
        line.currency.code(),
        &other,
        line.counterparty().tax_id.as_deref().unwrap_or_default(),
        &purpose,
    ];
    let mut bytes = Vec::new();
    for part in parts {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        bytes.extend(length.to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes
}

/// Digest of a fingerprint's bytes.
pub type Fingerprint = [u8; 32];

/// What makes a line unique within its own account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identity {
    /// The bank's own unique id.
    Bank(String),
    /// Fingerprint and occurrence number, from 0, among equal ones of the same file. A file with k
    /// equal lines over m stored ones adds max(0, k − m): overlapping exports are safe, and two
    /// genuine equal payments stay apart.
    Fingerprint(Fingerprint, u32),
}

/// The identities of a file's lines, in their order; `digest` is SHA-256.
#[must_use]
pub fn identities(lines: &[StatementLine], digest: impl Fn(&[u8]) -> Fingerprint) -> Vec<Identity> {
    let mut seen: HashMap<Fingerprint, u32> = HashMap::new();
    lines
        .iter()
        .map(|line| {
            if let Some(id) = &line.bank_unique_id {
                return Identity::Bank(id.clone());
            }
            let fingerprint = digest(&fingerprint_source(line));
            let next = seen.entry(fingerprint).or_default();
            let occurrence = *next;
            *next += 1;
            Identity::Fingerprint(fingerprint, occurrence)
        })
        .collect()
}

#[cfg(test)]
mod tests;
