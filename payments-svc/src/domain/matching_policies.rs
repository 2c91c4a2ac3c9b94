//! How far the machine may go: what a policy leaves of a decision (issue 6, part 3).

use super::matching::reasons::Reason;
use super::matching::{Decision, Payment, Share};
use std::collections::HashMap;
use types::id::{LineId, SellerId};
use types::{Currency, Money};

/// How far the machine may go, from the freest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Mode {
    /// It allocates what is certain.
    #[default]
    Automatic,
    /// It allocates nothing, and keeps what it would have allocated.
    Shadow,
    /// It only proposes.
    Proposals,
}

impl Mode {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Shadow => "shadow",
            Self::Proposals => "proposals",
        }
    }

    /// From what is stored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Automatic, Self::Shadow, Self::Proposals].into_iter().find(|m| m.as_str() == text)
    }
}

/// What holds for a seller, or for all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// How far the machine may go.
    pub mode: Mode,
    /// Most payments that it allocates a day.
    pub daily_count: Option<u32>,
    /// Most money that it allocates a day.
    pub daily_amount: Option<Money>,
    /// Of a hundred decisions, so many are put before a person.
    pub sample_percent: u8,
}

/// What the machine has allocated on a day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Used {
    /// Payments.
    pub count: u32,
    /// Their sums, by currency.
    pub amounts: HashMap<Currency, Money>,
}

impl Used {
    /// So many payments more, and their sum.
    pub fn add(&mut self, count: u32, amount: Money) {
        self.count = self.count.saturating_add(count);
        let sum = self.amounts.entry(amount.currency()).or_insert(Money::zero(amount.currency()));
        *sum = sum.checked_add(amount).unwrap_or(*sum);
    }

    /// The sum in a currency.
    #[must_use]
    pub fn amount(&self, currency: Currency) -> Money {
        self.amounts.get(&currency).copied().unwrap_or(Money::zero(currency))
    }
}

/// The policies of a moment, and what was used of them.
#[derive(Debug, Clone, Default)]
pub struct Allowance {
    /// Of all sellers.
    pub whole: Policy,
    /// Of those that have one of their own.
    pub sellers: HashMap<SellerId, Policy>,
    /// What was allocated today.
    pub used: HashMap<SellerId, Used>,
}

impl Allowance {
    /// Whether some policy has a cap, so that what was used has to be known.
    #[must_use]
    pub fn has_caps(&self) -> bool {
        let capped = |p: &Policy| p.daily_count.is_some() || p.daily_amount.is_some();
        capped(&self.whole) || self.sellers.values().any(capped)
    }

    /// What holds for a seller: of its mode and that of all the stricter one; its own caps and
    /// sample, where it has a policy.
    #[must_use]
    pub fn of(&self, seller: SellerId) -> Policy {
        match self.sellers.get(&seller) {
            Some(own) => Policy { mode: own.mode.max(self.whole.mode), ..own.clone() },
            None => self.whole.clone(),
        }
    }

    /// What a policy leaves of a decision; what it leaves is used up. Answers what would have been
    /// allocated in the shadow.
    pub fn admit(&mut self, payment: &Payment, decision: &mut Decision) -> Vec<Share> {
        if decision.allocate.is_empty() {
            return Vec::new();
        }
        let policy = self.of(payment.seller);
        let used = self.used.entry(payment.seller).or_default();
        let reason = match policy.mode {
            Mode::Proposals => Reason::AutomaticOff,
            Mode::Shadow => Reason::ShadowMode,
            Mode::Automatic if exceeds(&policy, used, payment.amount) => Reason::DailyCap,
            Mode::Automatic => {
                used.add(1, payment.amount);
                return Vec::new();
            }
        };
        decision.reasons = vec![reason];
        let held = std::mem::take(&mut decision.allocate);
        if policy.mode == Mode::Shadow { held } else { Vec::new() }
    }

    /// Whether a decision about this line is put before a person: by its id, which is random, so
    /// that the same line is sampled or not however often it is decided.
    #[must_use]
    pub fn samples(&self, seller: SellerId, line: LineId) -> bool {
        let bytes = line.0.as_bytes();
        let chance = u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]) % 100;
        chance < u32::from(self.of(seller).sample_percent)
    }
}

fn exceeds(policy: &Policy, used: &Used, amount: Money) -> bool {
    let count = policy.daily_count.is_some_and(|most| used.count >= most);
    // Money of another currency has no cap here; a sum that cannot be counted is over any.
    let most = policy.daily_amount.filter(|most| most.currency() == amount.currency());
    let sum = most.is_some_and(|most| {
        let after = used.amount(most.currency()).checked_add(amount);
        !after.is_ok_and(|after| after.amount() <= most.amount())
    });
    count || sum
}

#[cfg(test)]
mod tests;
