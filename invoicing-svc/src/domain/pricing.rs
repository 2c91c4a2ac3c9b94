//! Prices a line: proration, then tax per rate of its period.
//!
//! The amount of a line is rounded once; a period that crosses a change of rate is cut into a
//! segment per rate by the weights of its months (G54).

use crate::domain::{
    fractions::share,
    proration::{
        Basis, ChargeTrace, OverrideTrace, Part, ProrationError, Trace, basis, prorate,
        prorate_piece, weigh,
    },
    sellers::RegimeHistory,
    tax::{
        Buyer, Judged, PriceTax, TaxDecision, TaxError, TaxGround, Taxed, judge, judge_by_period,
        on_top, within,
    },
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use types::{Money, Period, money::MoneyError};

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
    /// Days on which the buyer is exempt.
    pub exempt: &'a [Period],
}

impl TaxTerms<'_> {
    /// The pieces of a period by decision, in order.
    ///
    /// # Errors
    /// [`TaxError`] when the tables say nothing about the dates.
    pub fn judge(&self, period: Period) -> Result<Vec<(Period, Judged)>, TaxError> {
        judge_by_period(self.regimes, self.ground, self.buyer, self.exempt, period)
    }
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
}

/// A part of a line with one rate of tax, without the phrase that documents print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Days that the rate is for.
    pub period: Period,
    /// Rate and reason.
    pub judged: Judged,
    /// Amounts.
    pub amounts: Taxed,
}

/// A part of a billing period as counted, before anything is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Σ of the segments.
    pub amounts: Taxed,
    /// A segment per rate, in order; at least one.
    pub segments: Vec<Segment>,
    /// How the amounts came about: one, or with a fixed net one per rate.
    pub traces: Vec<ChargeTrace>,
    /// What months weigh by at month close.
    pub basis: Basis,
}

/// How tax stands to a price, and which price it was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceMode {
    /// Whether tax is inside.
    pub tax: PriceTax,
    /// Day whose tax rate the price was made with.
    pub since: NaiveDate,
}

/// Counts a part of a billing period, with its tax.
///
/// # Errors
/// [`PricingError`].
pub fn count(part: &Part, mode: PriceMode, tax: TaxTerms<'_>) -> Result<Counted, PricingError> {
    let pieces = tax.judge(part.period)?;
    let basis = basis(part.convention, part.period);
    if mode.tax == PriceTax::IncludedNetFixed {
        return net_fixed(part, mode.since, pieces, basis, tax);
    }
    let trace = prorate(part)?;
    let taxed = |amount: Money, rate| match mode.tax {
        PriceTax::OnTop => on_top(amount, rate),
        PriceTax::Included | PriceTax::IncludedNetFixed => within(amount, rate),
    };
    let segments = match pieces.as_slice() {
        [(period, judged)] => {
            let amounts = taxed(trace.amount, judged.rate)?;
            vec![Segment { period: *period, judged: *judged, amounts }]
        }
        _ => {
            let periods: Vec<Period> = pieces.iter().map(|(piece, _)| *piece).collect();
            let parts = trace.amount.split(&weights(basis, part.period, &periods));
            let segment = |((period, judged), amount): ((Period, Judged), Money)| {
                Ok(Segment { period, judged, amounts: taxed(amount, judged.rate)? })
            };
            pieces.into_iter().zip(parts).map(segment).collect::<Result<_, MoneyError>>()?
        }
    };
    let amounts = sum(&segments)?;
    Ok(Counted { amounts, segments, traces: vec![trace], basis })
}

fn sum(segments: &[Segment]) -> Result<Taxed, MoneyError> {
    let Some((first, rest)) = segments.split_first() else { return Err(MoneyError::Overflow) };
    rest.iter().try_fold(first.amounts, |sum, s| sum.checked_add(s.amounts))
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
    since: NaiveDate,
    pieces: Vec<(Period, Judged)>,
    basis: Basis,
    tax: TaxTerms<'_>,
) -> Result<Counted, PricingError> {
    // A list is made for buyers who pay VAT: whoever is exempt pays its prices without it.
    let made_at = judge(tax.regimes.at(since), tax.ground, tax.buyer, since)?;
    let made_with = 100 + u64::from(made_at.rate.points());
    let (mut segments, mut traces) = (Vec::new(), Vec::new());
    for (period, judged) in pieces {
        let now = 100 + u64::from(judged.rate.points());
        let unit_price = share(part.unit_price, now, made_with)?;
        let trace = prorate_piece(part, period, unit_price)?;
        let amounts = within(trace.amount, judged.rate)?;
        segments.push(Segment { period, judged, amounts });
        traces.push(trace);
    }
    Ok(Counted { amounts: sum(&segments)?, segments, traces, basis })
}

/// What of a part of a billed line is given back, by rate: the decisions of the line stand,
/// whatever the law says now. The amounts are below zero.
///
/// # Errors
/// [`MoneyError`] of the sums.
pub fn give_back(
    line: &[Segment],
    basis: Basis,
    rest: Period,
    amount: Money,
) -> Result<Vec<Segment>, MoneyError> {
    let part = |s: &Segment| Some(Segment { period: s.period.intersect(rest)?, ..*s });
    let mut parts: Vec<Segment> = line.iter().filter_map(part).collect();
    let periods: Vec<Period> = parts.iter().map(|s| s.period).collect();
    let amounts = match periods.as_slice() {
        [_] => vec![amount],
        _ => amount.split(&weights(basis, rest, &periods)),
    };
    for (part, amount) in parts.iter_mut().zip(amounts) {
        part.amounts = within(amount, part.judged.rate)?.negated();
    }
    Ok(parts)
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
