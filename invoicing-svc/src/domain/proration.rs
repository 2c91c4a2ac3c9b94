//! Proration: what a price costs for a part of its cycle, with the trace of how.
//!
//! SEED30 (features §1.8, §1.9 item 8): a first month that starts on day d > 1 counts
//! max(30 − d, 1) thirtieths, every other month counts thirty; the end must be the end of a month.
//! In money the day of change belongs to the old package, though the printed period starts with it.

mod sentence;
mod trace;

pub use trace::{
    ChargeTrace, CreditTrace, Flag, OnceTrace, OverrideTrace, Piece, ROUNDING, Trace, TraceError,
};

use crate::domain::{
    codes::codes,
    fractions::share,
    periods::{ends_with_month, is_exact_year},
};
use chrono::Datelike;
use types::{Money, Period, money::MoneyError};

codes! {
    /// A named way of counting parts of a month.
    Convention {
        /// Thirtieths of the first month, then whole months.
        Seed30 = "SEED30",
    }
}

codes! {
    /// What the months of a line weigh by when the line is cut.
    Basis {
        /// By the convention's own thirtieths.
        Thirtieths = "THIRTIETHS",
        /// By days, where the convention cannot weigh (exact year, end inside a month, override).
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
        /// Price × quantity × days ÷ days of the whole period, for ends inside a month.
        Days = "DAYS",
    }
}

/// Why a part cannot be priced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProrationError {
    /// SEED30 counts to the end of a month only.
    #[error("{0} ends inside a month; months of 30 days need the end of one")]
    EndInsideMonth(Period),
    /// The part is not inside the whole.
    #[error("{part} is not inside the billing period {full}")]
    Outside {
        /// The part.
        part: Period,
        /// The whole billing period.
        full: Period,
    },
    /// Quantity or months are out of range.
    #[error("quantity and months must be positive")]
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
    /// Units, at least 1.
    pub quantity: u32,
    /// The part to pay for.
    pub period: Period,
    /// The whole billing period that the part lies in.
    pub full: Period,
    /// Months of the whole billing period.
    pub full_months: u32,
}

/// Months of a period with the thirtieths that SEED30 counts for each.
///
/// # Errors
/// [`ProrationError::EndInsideMonth`].
pub fn seed30(period: Period) -> Result<(Vec<Piece>, Vec<Flag>), ProrationError> {
    let mut flags = Vec::new();
    if !ends_with_month(period) {
        // A month of thirty days is over on the 30th: 30.01–30.01 is 1/30 (§1.9 item 8).
        if period.last().day() != 30 {
            return Err(ProrationError::EndInsideMonth(period));
        }
        flags.push(Flag::EndOnThirtieth);
    }
    let pieces = period.by_month().into_iter().map(|month| {
        let day = month.start().day();
        // Days 30 and 31 would weigh nothing: one thirtieth at least, and a person looks at it.
        let weight = if day == 1 { 30 } else { 30u32.saturating_sub(day).max(1) };
        if day >= 30 {
            flags.push(Flag::MinimumOneThirtieth);
        } else if month.days() == 1 && weight > 1 {
            flags.push(Flag::MoreThirtiethsThanDays);
        }
        Piece { period: month, days: month.days(), weight: u64::from(weight) }
    });
    let pieces = pieces.collect();
    Ok((pieces, flags))
}

/// Months of a period with the days of each.
#[must_use]
pub fn by_days(period: Period) -> Vec<Piece> {
    period.by_month().into_iter().map(piece_by_days).collect()
}

fn piece_by_days(period: Period) -> Piece {
    Piece { period, days: period.days(), weight: period.days().unsigned_abs() }
}

/// The basis by which a period can be cut by month: its convention's, else days (G53).
#[must_use]
pub fn basis(convention: Convention, period: Period) -> Basis {
    let Convention::Seed30 = convention;
    let anniversary = is_exact_year(period) && period.start().day() != 1;
    if !anniversary && seed30(period).is_ok() { Basis::Thirtieths } else { Basis::Days }
}

/// Months of a period with their weights by a basis; a basis that cannot weigh falls to days.
#[must_use]
pub fn weigh(basis: Basis, period: Period) -> Vec<Piece> {
    match basis {
        Basis::Thirtieths => seed30(period).map_or_else(|_| by_days(period), |(pieces, _)| pieces),
        Basis::Days => by_days(period),
    }
}

/// Prices a part strictly by its convention.
///
/// # Errors
/// [`ProrationError`], among them an end inside a month.
pub fn prorate(part: &Part) -> Result<ChargeTrace, ProrationError> {
    check(part)?;
    if part.period == part.full {
        return whole(part);
    }
    let Convention::Seed30 = part.convention;
    let (pieces, flags) = seed30(part.period)?;
    let numerator = pieces.iter().map(|p| p.weight).sum();
    let denominator = 30 * u64::from(part.price_months);
    charge(part, Formula::Thirtieths, pieces, numerator, denominator, flags)
}

/// Prices a part by its convention, and by days where the convention cannot (a service that runs
/// from anniversary to anniversary); the trace is flagged then.
///
/// # Errors
/// [`ProrationError`], but never for an end inside a month.
pub fn prorate_or_by_days(part: &Part) -> Result<ChargeTrace, ProrationError> {
    match prorate(part) {
        Err(ProrationError::EndInsideMonth(_)) => prorate_by_days(part),
        other => other,
    }
}

/// Prices a part by days of the whole billing period; the trace is flagged.
///
/// # Errors
/// [`ProrationError`], but never for an end inside a month.
pub fn prorate_by_days(part: &Part) -> Result<ChargeTrace, ProrationError> {
    check(part)?;
    let days = part.period.days().unsigned_abs();
    let full = part.full.days().unsigned_abs();
    charge(
        part,
        Formula::Days,
        by_days(part.period),
        days * u64::from(part.full_months),
        full * u64::from(part.price_months),
        vec![Flag::EndInsideMonth],
    )
}

fn check(part: &Part) -> Result<(), ProrationError> {
    if part.quantity == 0 || part.price_months == 0 || part.full_months == 0 {
        return Err(ProrationError::NotPositive);
    }
    if part.period.intersect(part.full) != Some(part.period) {
        return Err(ProrationError::Outside { part: part.period, full: part.full });
    }
    Ok(())
}

fn whole(part: &Part) -> Result<ChargeTrace, ProrationError> {
    let pieces = weigh(basis(part.convention, part.period), part.period);
    let (n, d) = (u64::from(part.full_months), u64::from(part.price_months));
    charge(part, Formula::Whole, pieces, n, d, Vec::new())
}

fn charge(
    part: &Part,
    formula: Formula,
    pieces: Vec<Piece>,
    numerator: u64,
    denominator: u64,
    flags: Vec<Flag>,
) -> Result<ChargeTrace, ProrationError> {
    let amount = share(part.unit_price, u64::from(part.quantity) * numerator, denominator)?;
    Ok(ChargeTrace {
        convention: part.convention,
        formula,
        unit_price: part.unit_price,
        price_months: part.price_months,
        quantity: part.quantity,
        period: part.period,
        full: part.full,
        full_months: part.full_months,
        pieces,
        numerator,
        denominator,
        rounding: ROUNDING.into(),
        amount,
        flags,
    })
}

/// Σ of the weights of the part of a line from a day on, and of the whole line, by its basis.
///
/// Cutting inside a month follows the convention: SEED30 counts the month of the day by
/// max(30 − d, 1), so that a credit and a charge from one day are the same fraction.
#[must_use]
pub fn remainder(
    basis: Basis,
    line: Period,
    from: chrono::NaiveDate,
) -> Option<(Period, u64, u64)> {
    let rest = Period::new(line.start().max(from), line.end()).ok()?;
    let sum = |period| weigh(basis, period).iter().map(|p| p.weight).sum::<u64>();
    let whole = sum(line);
    Some((rest, sum(rest).min(whole), whole))
}

#[cfg(test)]
mod tests;
