//! What could speak against a decision that was made by names alone.

use super::{Decision, Payment, Preset};
use rust_decimal::Decimal;

/// What has to be looked up before a decision stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rivals {
    /// Any open invoice of payer and client.
    Any,
    /// Of those, invoices of which so much is left to pay: one that may be meant by a slip, or
    /// whose sum the purpose tells. No other one changes what is allocated.
    OfAmounts(Vec<Decimal>),
}

/// Which open invoices could change what was decided with the named ones known.
///
/// The usual payment names one number, exactly, of an invoice of its payer, and nothing else that
/// could be a number: then only a sibling of the same amount or a sum of another invoice could
/// speak against it ([`gates`](super::gates)).
#[must_use]
pub fn rivals(payment: &Payment, decision: &Decision, preset: Preset) -> Rivals {
    let [share] = decision.allocate.as_slice() else { return Rivals::Any };
    let usual = preset == Preset::Standard
        && payment.mentions.len() == 1
        && payment.mentions[0].several.is_empty()
        && payment.hints.bare.is_empty()
        && share.proposal.has("NUMBER_EXACT");
    if !usual {
        return Rivals::Any;
    }
    let mut amounts = payment.hints.sums.clone();
    amounts.push(share.amount.amount());
    Rivals::OfAmounts(amounts)
}

#[cfg(test)]
mod tests;
