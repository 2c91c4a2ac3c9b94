//! Credits against billed lines: from what was billed, by the same fraction as a charge, never
//! more than what is left to credit (anchors F5).

use super::{ChangeError, QuantityChange};
use crate::domain::{
    fractions::share,
    lines::{Line, LineKind},
    pricing::{Priced, Segment, TaxSegment, give_back},
    proration::{CreditTrace, Flag, ROUNDING, Trace, remainder},
    tax::{Judged, Taxed},
};
use std::collections::BTreeMap;
use types::{Money, Period, id::InvoiceLineId, money::MoneyError};

/// A line as it was billed, with what was credited on it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilledLine {
    /// The line.
    pub line: Line,
    /// When it was billed: later lines have greater numbers (position of the invoice, then line).
    pub order: i64,
    /// Σ of standing credits on it, ≥ 0.
    pub credited: Money,
    /// Σ of units of those credits.
    pub credited_units: u32,
}

impl BilledLine {
    fn units_left(&self) -> u32 {
        self.line.quantity.saturating_sub(self.credited_units)
    }

    fn left(&self) -> Result<Money, MoneyError> {
        self.line.amounts.gross.checked_sub(self.credited)
    }
}

/// Credits `before − after` units in every billed period that reaches beyond the day, newest
/// lines first.
pub(super) fn credits(
    change: &QuantityChange<'_>,
    ahead: &[&BilledLine],
    line_id: &mut impl FnMut() -> InvoiceLineId,
) -> Result<Vec<Line>, ChangeError> {
    // Lines of one billed period end together (A159), whatever day they start on.
    let mut periods: BTreeMap<_, Vec<&BilledLine>> = BTreeMap::new();
    for billed in ahead.iter().filter(|b| b.line.kind != LineKind::Credit) {
        periods.entry(billed.line.period.end()).or_default().push(billed);
    }
    let mut lines = Vec::new();
    for mut billed in periods.into_values() {
        billed.sort_by_key(|b| std::cmp::Reverse((b.order, b.line.id)));
        let mut units = change.subscription.quantity - change.quantity;
        for b in billed {
            let take = units.min(b.units_left());
            if take == 0 {
                continue;
            }
            units -= take;
            lines.extend(credit(change, b, take, line_id)?);
        }
    }
    Ok(lines)
}

/// Credits units of one billed line for the rest of its period. A credit may come to 0.00: it
/// still says that the units are gone.
fn credit(
    change: &QuantityChange<'_>,
    billed: &BilledLine,
    units: u32,
    line_id: &mut impl FnMut() -> InvoiceLineId,
) -> Result<Option<Line>, ChangeError> {
    let line = &billed.line;
    let remainder = remainder(&line.traces, line.basis, line.period, change.day);
    let Some((rest, part, whole)) = remainder else { return Ok(None) };
    let gross = line.amounts.gross;
    let exact = share(gross, part * u64::from(units), whole * u64::from(line.quantity))?;
    let amount = exact.min(billed.left()?)?;
    let trace = CreditTrace {
        line: line.id,
        billed: gross,
        credited_before: billed.credited,
        units,
        quantity: line.quantity,
        period: rest,
        numerator: part,
        denominator: whole,
        rounding: ROUNDING.into(),
        amount,
        flags: if amount == exact { Vec::new() } else { vec![Flag::Capped] },
    };
    let segments = segments(line, rest, amount)?;
    let amounts = Taxed::sum(amount.currency(), segments.iter().map(|s| s.amounts))?;
    let basis = line.basis;
    let priced = Priced { amounts, segments, traces: vec![Trace::Credit(trace)], basis };
    let unit = (units, line.unit_price);
    let credit = Line::new(line_id(), LineKind::Credit, change.product, rest, unit, priced);
    let before = change.subscription.quantity;
    Ok(Some(Line {
        subscription: Some(change.subscription.id),
        change: Some(change.id),
        billed_line: Some(line.id),
        ..credit.of_change(change.product, before, change.quantity)
    }))
}

/// The credit by rate of tax, with the phrases of the billed line.
fn segments(line: &Line, rest: Period, amount: Money) -> Result<Vec<TaxSegment>, MoneyError> {
    let plain = |s: &TaxSegment| Segment {
        period: s.period,
        judged: Judged { rate: s.decision.rate, reason: s.decision.reason },
        amounts: s.amounts,
    };
    let billed: Vec<Segment> = line.segments.iter().map(plain).collect();
    let printed = line.segments.iter().filter(|s| s.period.intersect(rest).is_some());
    let parts = give_back(&billed, line.basis, rest, amount)?;
    let segment = |(part, of): (Segment, &TaxSegment)| TaxSegment {
        period: part.period,
        decision: of.decision.clone(),
        amounts: part.amounts,
    };
    Ok(parts.into_iter().zip(printed).map(segment).collect())
}
