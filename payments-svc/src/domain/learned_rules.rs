//! Rules learnt from people (payments.md §4.8): a match by hand proposes one, a second one of
//! another line or an explicit word makes it count, one that contradicts suspends it. A rule tells
//! who pays, and nothing else: it never takes the place of number, amount, currency or seller.

mod lessons;

pub use lessons::{Learnt, Lesson, Taught, learn};

use super::lines::plain;
use super::statements::Party;
use chrono::{DateTime, Utc};
use types::id::{ClientId, LearnedRuleId, LineId};

/// Longest account or tax id, characters.
const MOST_OF_KEY: usize = 64;

/// So many lines make a rule count.
const ENOUGH: usize = 2;

/// What a rule goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The account that the money comes from.
    PayerAccount,
    /// The tax id of who pays on behalf of a client.
    PayerTaxId,
    /// What a line looks like that is no client's payment.
    PurposeClass,
}

impl Kind {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PayerAccount => "payer_account",
            Self::PayerTaxId => "payer_tax_id",
            Self::PurposeClass => "purpose_class",
        }
    }

    /// From what is stored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::PayerAccount, Self::PayerTaxId, Self::PurposeClass];
        all.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Whether a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not yet.
    Proposed,
    /// It does.
    Active,
    /// Something, or somebody, spoke against it.
    Suspended,
    /// No more.
    Retired,
}

impl State {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Retired => "retired",
        }
    }

    /// From what is stored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Proposed, Self::Active, Self::Suspended, Self::Retired];
        all.into_iter().find(|state| state.as_str() == text)
    }
}

/// What follows where a rule counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The payer pays for this client.
    Client(ClientId),
    /// The line is of this class.
    Class(String),
}

/// A line that spoke against a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The line.
    pub line: LineId,
    /// When people decided about it.
    pub at: DateTime<Utc>,
    /// Whether the rule is suspended because of it.
    pub suspends: bool,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: LearnedRuleId,
    /// What people call it by; 0 before it is stored.
    pub number: i64,
    /// What it goes by.
    pub kind: Kind,
    /// The account, the tax id, or what a line looks like.
    pub key: String,
    /// What follows.
    pub target: Target,
    /// The payer, or the purpose, as last written.
    pub title: String,
    /// Whether it counts.
    pub state: State,
    /// A person confirmed it.
    pub remembered: bool,
    /// It has counted: decisions may name it, and so it never goes.
    pub activated: bool,
    /// What last spoke against it.
    pub conflict: Option<Conflict>,
    /// Version, from 1.
    pub revision: i64,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
}

/// Why an act on a rule is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It counts already.
    #[error("the rule is active")]
    Active,
    /// It does not count anyway.
    #[error("the rule is not active")]
    NotActive,
    /// It was retired.
    #[error("the rule is retired")]
    Retired,
}

impl Rule {
    /// A person stands by it.
    ///
    /// # Errors
    /// [`RuleError::Active`], [`RuleError::Retired`].
    pub fn confirm(self) -> Result<Self, RuleError> {
        match self.state {
            State::Active => Err(RuleError::Active),
            State::Retired => Err(RuleError::Retired),
            State::Proposed | State::Suspended => Ok(Self { remembered: true, ..self.active() }),
        }
    }

    /// A person wants it not to count for now.
    ///
    /// # Errors
    /// [`RuleError::NotActive`].
    pub fn suspend(self) -> Result<Self, RuleError> {
        match self.state {
            State::Active => Ok(Self { state: State::Suspended, ..self }),
            _ => Err(RuleError::NotActive),
        }
    }

    /// A person wants it never to count again.
    ///
    /// # Errors
    /// [`RuleError::Retired`].
    pub fn retire(self) -> Result<Self, RuleError> {
        match self.state {
            State::Retired => Err(RuleError::Retired),
            _ => Ok(Self { state: State::Retired, remembered: false, ..self.calm() }),
        }
    }

    /// It has so many examples now, one of which is new or a person's explicit word.
    fn taught(self, examples: usize, remember: bool) -> Self {
        let rule = Self { remembered: self.remembered || remember, ..self };
        let enough = examples >= ENOUGH && rule.conflict.is_none();
        match rule.state {
            State::Proposed if enough || remember => rule.active(),
            State::Suspended | State::Retired if remember => rule.active(),
            _ => rule,
        }
    }

    /// An example was taken back, and so many are left; none when nothing is left of the rule.
    fn forgot(self, examples: usize) -> Option<Self> {
        let by_conflict = self.conflict.as_ref().is_some_and(|conflict| conflict.suspends);
        let by_person =
            self.state == State::Retired || (self.state == State::Suspended && !by_conflict);
        if self.remembered || examples >= ENOUGH || by_person {
            return Some(self);
        }
        let stays = examples > 0 || self.activated;
        stays.then(|| Self { state: State::Proposed, ..self.calm() })
    }

    /// People meant a line of the same payer for somebody else.
    fn contradicted(self, line: LineId, at: DateTime<Utc>) -> Self {
        let suspends = self.state == State::Active
            || self.conflict.as_ref().is_some_and(|conflict| conflict.suspends);
        let state = if self.state == State::Active { State::Suspended } else { self.state };
        Self { state, conflict: Some(Conflict { line, at, suspends }), ..self }
    }

    /// What people decided about the line that spoke against it was taken back.
    fn acquitted(self, examples: usize) -> Self {
        let suspended = self.conflict.as_ref().is_some_and(|conflict| conflict.suspends);
        let rule = Self { conflict: None, ..self };
        let enough = rule.remembered || examples >= ENOUGH;
        match rule.state {
            State::Suspended if suspended && enough => rule.active(),
            State::Suspended if suspended => Self { state: State::Proposed, ..rule },
            State::Proposed if enough => rule.active(),
            _ => rule,
        }
    }

    /// Whether this line is what last spoke against it.
    fn is_against(&self, line: LineId) -> bool {
        self.conflict.as_ref().is_some_and(|conflict| conflict.line == line)
    }

    fn active(self) -> Self {
        Self { state: State::Active, activated: true, ..self.calm() }
    }

    /// With whatever spoke against it kept, but no longer the reason of its state.
    fn calm(mut self) -> Self {
        if let Some(conflict) = &mut self.conflict {
            conflict.suspends = false;
        }
        self
    }
}

/// What a rule about a payer goes by. An account of a bank's own, through which everybody pays who
/// has none, tells nothing of who pays; nor does the bank's tax id then.
#[must_use]
pub fn keys_of_payer(payer: &Party) -> Vec<(Kind, String)> {
    let given = |text: &Option<String>| {
        let told = |text: &String| text.chars().any(|c| c.is_alphanumeric() && c != '0');
        text.clone().filter(|text| told(text) && text.chars().count() <= MOST_OF_KEY)
    };
    let account = given(&payer.account);
    if account.as_deref().is_some_and(is_of_bank) {
        return Vec::new();
    }
    let account = account.map(|account| (Kind::PayerAccount, account));
    let tax_id = given(&payer.tax_id).map(|tax_id| (Kind::PayerTaxId, tax_id));
    account.into_iter().chain(tax_id).collect()
}

/// Longest text of a purpose that a rule goes by, characters.
const LONGEST: usize = 300;

/// What an incoming line looks like: who paid, and the purpose without its figures.
#[must_use]
pub fn key_of_class(payer: &Party, purpose: &str) -> String {
    let who = payer.tax_id.as_deref().or(payer.account.as_deref()).unwrap_or_default();
    let mut key: String = who.chars().take(MOST_OF_KEY).chain([' ']).collect();
    let (mut length, mut figures) = (0, false);
    for c in plain(purpose).chars() {
        let digit = c.is_ascii_digit();
        if !digit || !figures {
            key.push(if digit { '#' } else { c });
            length += 1;
        }
        figures = digit;
        if length == LONGEST {
            break;
        }
    }
    key
}

/// Who paid, by the key of a class.
#[must_use]
pub fn payer_of_class(key: &str) -> &str {
    key.split_once(' ').map_or(key, |(who, _)| who)
}

/// Russian accounts of settlements of the banks themselves: correspondent ones, transit, transfers
/// of people without an account, unclear sums.
fn is_of_bank(account: &str) -> bool {
    let russian = account.len() == 20 && account.bytes().all(|b| b.is_ascii_digit());
    russian && ["301", "302", "303", "409", "474"].iter().any(|head| account.starts_with(head))
}

#[cfg(test)]
mod tests;
