//! Prices a line: proration, then tax per rate of its period.
//!
//! The amount of a line is rounded once; a period that crosses a change of rate is cut into a
//! segment per rate by the weights of its months (G54).

use crate::domain::{
    fractions::share,
    proration::{
        Basis, Convention, OnceTrace, OverrideTrace, Part, ProrationError, Trace, basis,
        prorate_by_days, prorate_or_by_days, weigh,
    },
    sellers::RegimeHistory,
    subscriptions::PriceTerm,
    tax::{
        Buyer, PriceTax, TaxDecision, TaxError, TaxGround, Taxed, decide, decide_by_period, on_top,
        within,
    },
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use types::{Period, money::MoneyError};

/// A part of a line with one rate of tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxSegment {
    /// Days that the rate is for.
    pub period: Period,
    /// The decision.
    pub decision: TaxDecision,
    /// Amounts.
    pub amounts: Taxed,
}

/// A priced line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// Σ of the segments.
    pub amounts: Taxed,
    /// A segment per rate, in order; at least one.
    pub segments: Vec<TaxSegment>,
    /// How the amounts came about; Σ of their amounts is the gross, or the net for tax on top.
    pub traces: Vec<Trace>,
    /// What months weigh by at month close.
    pub basis: Basis,
}

/// What decides the tax of a line besides its dates.
#[derive(Debug, Clone, Copy)]
pub struct TaxTerms<'a> {
    /// The seller's regimes.
    pub regimes: &'a RegimeHistory,
    /// The product's ground.
    pub ground: TaxGround,
    /// The buyer.
    pub buyer: Buyer,
}

/// Why a line cannot be priced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// The part.
    #[error(transparent)]
    Proration(#[from] ProrationError),
    /// The tax.
    #[error(transparent)]
    Tax(#[from] TaxError),
    /// The amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The price does not recur.
    #[error("a price of cycle {0} cannot be charged for a period")]
    NotRecurring(crate::domain::cycles::Cycle),
}

/// Prices a part of a billing period.
///
/// # Errors
/// [`PricingError`].
pub fn price_period(
    convention: Convention,
    price: &PriceTerm,
    quantity: u32,
    period: Period,
    full: (Period, u32),
    tax: TaxTerms<'_>,
) -> Result<Priced, PricingError> {
    let price_months = price.cycle.recurring().ok_or(PricingError::NotRecurring(price.cycle))?;
    let part = Part {
        convention,
        unit_price: price.unit_price,
        price_months,
        quantity,
        period,
        full: full.0,
        full_months: full.1,
    };
    let pieces = decide_by_period(tax.regimes, tax.ground, tax.buyer, period)?;
    let basis = basis(convention, period);
    if price.tax == PriceTax::IncludedNetFixed {
        return net_fixed(&part, price, pieces, basis, tax);
    }
    let trace = prorate_or_by_days(&part)?;
    let periods: Vec<Period> = pieces.iter().map(|(piece, _)| *piece).collect();
    let parts = trace.amount.split(&weights(basis, period, &periods));
    let segments: Result<Vec<TaxSegment>, MoneyError> = pieces
        .into_iter()
        .zip(parts)
        .map(|((period, decision), amount)| {
            let amounts = match price.tax {
                PriceTax::OnTop => on_top(amount, decision.rate)?,
                PriceTax::Included | PriceTax::IncludedNetFixed => within(amount, decision.rate)?,
            };
            Ok(TaxSegment { period, decision, amounts })
        })
        .collect();
    priced(segments?, vec![Trace::Charge(trace)], basis)
}

/// Prices something that happens once, on a day.
///
/// # Errors
/// [`PricingError`].
pub fn price_once(
    price: &PriceTerm,
    quantity: u32,
    day: NaiveDate,
    tax: TaxTerms<'_>,
) -> Result<Priced, PricingError> {
    let amount = share(price.unit_price, u64::from(quantity), 1)?;
    let decision = decide(tax.regimes.at(day), tax.ground, tax.buyer, day)?;
    let amounts = match price.tax {
        PriceTax::OnTop => on_top(amount, decision.rate)?,
        PriceTax::Included | PriceTax::IncludedNetFixed => within(amount, decision.rate)?,
    };
    let period = Period::inclusive(day, day).map_err(|_| MoneyError::Overflow)?;
    let trace = OnceTrace { unit_price: price.unit_price, quantity, amount };
    let segments = vec![TaxSegment { period, decision, amounts }];
    priced(segments, vec![Trace::Once(trace)], Basis::Days)
}

/// Tells the tax of an amount that a person set for a period; months weigh by days.
///
/// # Errors
/// [`MoneyError`] of the sums.
pub fn price_override(
    set: OverrideTrace,
    period: Period,
    decisions: Vec<(Period, TaxDecision)>,
) -> Result<Priced, MoneyError> {
    let periods: Vec<Period> = decisions.iter().map(|(piece, _)| *piece).collect();
    let parts = set.amount.split(&weights(Basis::Days, period, &periods));
    let segments: Result<Vec<TaxSegment>, MoneyError> = decisions
        .into_iter()
        .zip(parts)
        .map(|((period, decision), gross)| {
            let amounts = within(gross, decision.rate)?;
            Ok(TaxSegment { period, decision, amounts })
        })
        .collect();
    let segments = segments?;
    let amounts = Taxed::sum(set.amount.currency(), segments.iter().map(|s| s.amounts))?;
    Ok(Priced { amounts, segments, traces: vec![Trace::Override(set)], basis: Basis::Days })
}

/// The price without tax stays: each rate has its own unit price, rounded as the price list
/// prints it, and its own part of the period (G54: 1000.00 × 2, then 1016.67 × 4).
fn net_fixed(
    part: &Part,
    price: &PriceTerm,
    pieces: Vec<(Period, TaxDecision)>,
    basis: Basis,
    tax: TaxTerms<'_>,
) -> Result<Priced, PricingError> {
    let made_at = decide(tax.regimes.at(price.since), tax.ground, tax.buyer, price.since)?;
    let made_with = 100 + u64::from(made_at.rate.points());
    let (mut segments, mut traces) = (Vec::new(), Vec::new());
    let alone = pieces.len() == 1;
    for (period, decision) in pieces {
        let now = 100 + u64::from(decision.rate.points());
        let unit_price = share(part.unit_price, now, made_with)?;
        let piece = Part { unit_price, period, ..*part };
        // Pieces of one line are counted in one way, else they would not make the whole.
        let trace = match basis {
            Basis::Days if !alone => prorate_by_days(&piece)?,
            _ => prorate_or_by_days(&piece)?,
        };
        let amounts = within(trace.amount, decision.rate)?;
        segments.push(TaxSegment { period, decision, amounts });
        traces.push(Trace::Charge(trace));
    }
    priced(segments, traces, basis)
}

/// Weights of the parts that a line is cut into, by its basis: of whole months as the basis weighs
/// them; a cut inside a month makes all parts weigh by days.
#[must_use]
pub fn weights(basis: Basis, line: Period, parts: &[Period]) -> Vec<Decimal> {
    let months = weigh(basis, line);
    let whole_months = |part: &Period| -> Option<u64> {
        let inside = months.iter().filter_map(|m| m.period.intersect(*part).map(|c| (m, c)));
        inside.map(|(month, common)| (common == month.period).then_some(month.weight)).sum()
    };
    let by_basis: Option<Vec<u64>> = parts.iter().map(whole_months).collect();
    let weights =
        by_basis.unwrap_or_else(|| parts.iter().map(|p| p.days().unsigned_abs()).collect());
    weights.into_iter().map(Decimal::from).collect()
}

fn priced(
    segments: Vec<TaxSegment>,
    traces: Vec<Trace>,
    basis: Basis,
) -> Result<Priced, PricingError> {
    let currency = segments[0].amounts.gross.currency();
    let amounts = Taxed::sum(currency, segments.iter().map(|s| s.amounts))?;
    Ok(Priced { amounts, segments, traces, basis })
}
