//! Allocations: what parts of a line are meant for. Σ of those that stand never exceeds the line.

use super::matching::Share;
use serde::{Deserialize, Serialize};
use types::Money;
use types::id::{AllocationId, ClientId, InvoiceId, LegalEntityId};

/// A part of a line that is meant for a client, and perhaps for an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Invoice; none for the client's credit.
    pub invoice: Option<InvoiceId>,
    /// Client.
    pub client: ClientId,
    /// Legal entity that the invoice names; none when unknown.
    pub payer: Option<LegalEntityId>,
    /// How much; above zero.
    pub amount: Money,
}

impl Part {
    /// What a decision allocates.
    #[must_use]
    pub fn of(share: &Share) -> Self {
        let Share { proposal, amount } = share;
        Self {
            invoice: Some(proposal.invoice),
            client: proposal.client,
            payer: proposal.payer,
            amount: *amount,
        }
    }
}

/// A part as it stands or stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// Its id.
    pub id: AllocationId,
    /// What it says.
    pub part: Part,
    /// Taken back.
    pub reversed: bool,
}

/// Why parts do not fit a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AllocationError {
    /// Nothing was given.
    #[error("no part was given")]
    Empty,
    /// A part is zero or below.
    #[error("part {0}: the amount must be above zero")]
    NotPositive(usize),
    /// A part is in another currency than the line.
    #[error("part {0}: the currency is not the line's")]
    Currency(usize),
    /// Together they exceed what is left.
    #[error("the parts are {asked}, the line has {left} left")]
    Exceeds {
        /// Σ of the parts.
        asked: Money,
        /// What the line has left.
        left: Money,
    },
    /// The allocation named is not one of the line's that stand.
    #[error("{0} does not stand on this line")]
    Unknown(AllocationId),
    /// Nothing stands on the line.
    #[error("nothing is allocated on this line")]
    NothingStands,
}

/// What of a line is not meant for anything yet.
#[must_use]
pub fn unallocated(amount: Money, allocations: &[Allocation]) -> Money {
    allocations
        .iter()
        .filter(|a| !a.reversed)
        .fold(amount, |left, allocation| left.checked_sub(allocation.part.amount).unwrap_or(left))
}

/// Checks new parts against what a line has left; answers what remains after them.
///
/// # Errors
/// [`AllocationError`].
pub fn fit(left: Money, parts: &[Part]) -> Result<Money, AllocationError> {
    if parts.is_empty() {
        return Err(AllocationError::Empty);
    }
    for (at, part) in parts.iter().enumerate() {
        if !part.amount.is_positive() {
            return Err(AllocationError::NotPositive(at));
        }
        if part.amount.currency() != left.currency() {
            return Err(AllocationError::Currency(at));
        }
    }
    let asked = Money::sum(left.currency(), parts.iter().map(|part| part.amount))
        .map_err(|_| AllocationError::Exceeds { asked: left, left })?;
    let rest = left.checked_sub(asked).map_err(|_| AllocationError::Exceeds { asked, left })?;
    if rest.is_negative() {
        return Err(AllocationError::Exceeds { asked, left });
    }
    Ok(rest)
}

/// The allocations that a reversal takes back: the named one, or all that stand.
///
/// # Errors
/// [`AllocationError::Unknown`], [`AllocationError::NothingStands`].
pub fn to_reverse(
    allocations: &[Allocation],
    only: Option<AllocationId>,
) -> Result<Vec<&Allocation>, AllocationError> {
    let standing = allocations.iter().filter(|allocation| !allocation.reversed);
    let chosen: Vec<_> =
        standing.filter(|allocation| only.is_none_or(|id| id == allocation.id)).collect();
    match (chosen.is_empty(), only) {
        (false, _) => Ok(chosen),
        (true, Some(id)) => Err(AllocationError::Unknown(id)),
        (true, None) => Err(AllocationError::NothingStands),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::Decimal;
    use types::Currency;

    fn rub(kopecks: i64) -> Money {
        Money::new(Decimal::new(kopecks, 2), Currency::Rub).unwrap()
    }

    fn part(kopecks: i64) -> Part {
        let client = ClientId::generate();
        Part { invoice: None, client, payer: None, amount: rub(kopecks) }
    }

    proptest! {
        /// I1, I4, I7: whatever is allocated and taken back, Σ of what stands plus what is left is
        /// the line, nothing is below zero, and a reversal restores exactly what was before.
        #[test]
        fn the_sum_law_holds(
            line in 1i64..100_000,
            steps in proptest::collection::vec((any::<bool>(), -5i64..60_000, 0usize..8), 1..40),
        ) {
            let mut all: Vec<Allocation> = Vec::new();
            for (allocate, kopecks, at) in steps {
                let left = unallocated(rub(line), &all);
                if allocate {
                    if fit(left, &[part(kopecks)]).is_ok() {
                        let id = AllocationId::generate();
                        all.push(Allocation { id, part: part(kopecks), reversed: false });
                    }
                } else if let Some(id) = all.get(at).map(|a| a.id)
                    && let Ok(chosen) = to_reverse(&all, Some(id)).map(|c| c[0].clone())
                {
                    all[at].reversed = true;
                    let restored = left.checked_add(chosen.part.amount).unwrap();
                    prop_assert_eq!(unallocated(rub(line), &all), restored);
                }
                let standing = all.iter().filter(|a| !a.reversed).map(|a| a.part.amount);
                let standing = Money::sum(Currency::Rub, standing).unwrap();
                let left = unallocated(rub(line), &all);
                prop_assert!(!left.is_negative());
                prop_assert_eq!(left.checked_add(standing).unwrap(), rub(line));
            }
        }
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        assert_eq!(fit(rub(100), &[]), Err(AllocationError::Empty));
        assert_eq!(fit(rub(100), &[part(50), part(0)]), Err(AllocationError::NotPositive(1)));
        let exceeds = AllocationError::Exceeds { asked: rub(101), left: rub(100) };
        assert_eq!(fit(rub(100), &[part(50), part(51)]), Err(exceeds));
        assert_eq!(fit(rub(100), &[part(50), part(50)]), Ok(rub(0)));
        assert_eq!(to_reverse(&[], None), Err(AllocationError::NothingStands));
    }
}
