//! Proration: what a price costs for a part of its cycle, with the trace of how.
//!
//! | convention | a part costs |
//! |---|---|
//! | `SEED30` | a month from day d > 1 max(30 − d, 1) thirtieths, every other month all |
//! | `ACT_MONTH` | of each month its days over the days of that month |
//! | `ACT_CYCLE` | its days over the days of the cycle |
//! | `NONE` | nothing: what is new is billed from the next renewal |
//! | `FULL` | the whole cycle |
//!
//! (SEED30: features §1.9 item 8.) A whole cycle costs its price under each of them. Under SEED30
//! the day of change belongs, in money, to the old package, though the printed period starts with
//! it; under the others to the new one.

mod difference;
mod formula;
mod sentence;
mod trace;
mod weights;

pub use difference::{Cause, Effect, difference};
pub use sentence::{Change, VatNote, of_charge as explain, ru as told_in_russian};
pub use trace::{
    ChargeTrace, CreditTrace, Flag, OnceTrace, OverrideTrace, Piece, ROUNDING, Trace, TraceError,
};
pub use weights::{basis, weigh};

use crate::domain::{codes::codes, discounts::Discount};
use chrono::Datelike;
use types::{Money, Period, money::MoneyError};
use weights::Fraction;

codes! {
    /// A named way of counting parts of a cycle.
    Convention {
        /// Thirtieths of the first month, then whole months.
        Seed30 = "SEED30",
        /// Days of a month over the days of that month.
        ActMonth = "ACT_MONTH",
        /// Days over the days of the cycle (features.md calls it WHMCS).
        ActCycle = "ACT_CYCLE",
        /// Nothing for the rest of a cycle.
        None = "NONE",
        /// The whole price for any part of a cycle.
        Full = "FULL",
    }
}

codes! {
    /// What the months of a line weigh by when the line is cut.
    Basis {
        /// By the convention's own thirtieths.
        Thirtieths = "THIRTIETHS",
        /// By days over the days of each month.
        Months = "MONTHS",
        /// By days, where the convention counts days or cannot weigh (exact year, end inside a
        /// month, override).
        Days = "DAYS",
    }
}

codes! {
    /// The formula that gave an amount.
    Formula {
        /// The whole billing period: nothing is prorated.
        Whole = "WHOLE",
        /// Price × quantity × thirtieths ÷ (30 × months of the price).
        Thirtieths = "THIRTIETHS",
        /// Price × quantity × months ÷ months of the price; of a part of a month its days over
        /// the days of that month.
        Months = "MONTHS",
        /// Price × quantity × days ÷ days of the whole period.
        Days = "DAYS",
        /// Nothing.
        Nothing = "NOTHING",
    }
}

/// Why a part cannot be priced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProrationError {
    /// The part is not inside the whole.
    #[error("{part} is not inside the billing period {full}")]
    Outside {
        /// The part.
        part: Period,
        /// The whole billing period.
        full: Period,
    },
    /// Months are out of range.
    #[error("months must be positive")]
    NotPositive,
    /// The amount does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// What to price: a part of a billing period at a price per cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Convention of the product.
    pub convention: Convention,
    /// Price of one unit for one cycle of the price.
    pub unit_price: Money,
    /// Months of the price's cycle; a monthly price may be billed by the half-year.
    pub price_months: u32,
    /// Discount on the price.
    pub discount: Discount,
    /// Units.
    pub quantity: u32,
    /// The part to pay for.
    pub period: Period,
    /// The whole billing period that the part lies in.
    pub full: Period,
    /// Months of the whole billing period.
    pub full_months: u32,
}

/// Prices a part by its convention. SEED30 counts to the end of a month; in a billing period that
/// ends inside one (from anniversary to anniversary) it counts days, and the trace is flagged.
///
/// # Errors
/// [`ProrationError`].
pub fn prorate(part: &Part) -> Result<ChargeTrace, ProrationError> {
    check(part)?;
    charge(part, weights::fraction(part))
}

/// Prices the rest of a period at nothing, the whole of it too: what a change under `NONE` costs.
///
/// # Errors
/// [`ProrationError`].
pub fn prorate_nothing(part: &Part) -> Result<ChargeTrace, ProrationError> {
    check(part)?;
    charge(part, weights::nothing(part))
}

/// Prices a piece of a part at a price of its own, so that the pieces of one price make the part.
///
/// # Errors
/// [`ProrationError`].
pub fn prorate_piece(
    part: &Part,
    piece: Period,
    unit_price: Money,
) -> Result<ChargeTrace, ProrationError> {
    let of_part = Part { unit_price, period: piece, ..*part };
    // Months that the convention does not weigh are pieces of the part by days of the part.
    let by_days = Part { full: part.period, ..of_part };
    let whole = part.period == part.full;
    match (part.convention, basis(part.convention, part.period)) {
        _ if piece == part.period => prorate(&of_part),
        (Convention::Full, _) => prorate_by_days(&by_days),
        (Convention::None, _) if whole => prorate_by_days(&by_days),
        (_, Basis::Months) if whole && part.full.start().day() != 1 => prorate_by_days(&of_part),
        (Convention::None, _) | (_, Basis::Thirtieths | Basis::Months) => prorate(&of_part),
        (_, Basis::Days) => prorate_by_days(&of_part),
    }
}

fn prorate_by_days(part: &Part) -> Result<ChargeTrace, ProrationError> {
    check(part)?;
    let mut fraction = weights::days(part);
    if part.convention == Convention::Seed30 {
        fraction.flags.push(Flag::EndInsideMonth);
    }
    charge(part, fraction)
}

fn check(part: &Part) -> Result<(), ProrationError> {
    if part.price_months == 0 || part.full_months == 0 {
        return Err(ProrationError::NotPositive);
    }
    if part.period.intersect(part.full) != Some(part.period) {
        return Err(ProrationError::Outside { part: part.period, full: part.full });
    }
    Ok(())
}

fn charge(part: &Part, fraction: Fraction) -> Result<ChargeTrace, ProrationError> {
    let Fraction { formula, pieces, numerator, denominator, flags } = fraction;
    let mut trace = ChargeTrace {
        convention: part.convention,
        formula,
        unit_price: part.unit_price,
        price_months: part.price_months,
        discount: part.discount,
        quantity: part.quantity,
        period: part.period,
        full: part.full,
        full_months: part.full_months,
        pieces,
        numerator,
        denominator,
        rounding: ROUNDING.into(),
        amount: part.unit_price,
        flags,
        price_reason: None,
    };
    trace.amount = trace.share()?;
    Ok(trace)
}

/// The fraction of a charged part that a piece of it is, by its own convention.
#[must_use]
pub fn portion(charged: &Part, piece: Period) -> (u64, u64) {
    if piece == charged.period {
        return (1, 1);
    }
    let of = |period| weights::fraction(&Part { period, ..*charged });
    let (part, whole) = (of(piece), of(charged.period));
    let common = weights::gcd(part.denominator, whole.denominator);
    let numerator = part.numerator * (whole.denominator / common);
    let denominator = whole.numerator * (part.denominator / common);
    (numerator.min(denominator), denominator.max(1))
}

/// The same of a line whose amount a person set: by days.
#[must_use]
pub fn portion_by_days(charged: Period, piece: Period) -> (u64, u64) {
    (piece.days().unsigned_abs(), charged.days().unsigned_abs())
}

#[cfg(test)]
mod tests;
