//! Credits against billed lines: the fraction of the line that the days are, newest lines first,
//! day by day no more than is left of them.

use super::{Line, Maker};
use crate::domain::{
    billing::{coverage::Span, history::BillingError, lines::Kind},
    fractions::share,
    pricing::give_back,
    proration::{CreditTrace, Flag, ROUNDING, Trace, portion, portion_by_days},
    tax::Taxed,
};
use chrono::NaiveDate;
use types::{Money, Period, id::InvoiceLineId};

impl<F: FnMut() -> InvoiceLineId> Maker<'_, F> {
    /// Gives units back from the newest billed lines, day by day no more than they cover.
    pub(super) fn credit(&mut self, span: &Span) -> Result<(), BillingError> {
        let change = self.change(&span.terms, span);
        let mut open = vec![(span.days, span.units.unsigned_abs())];
        for at in (0..self.billed.len()).rev() {
            let line = &self.billed[at];
            if line.kind == Kind::Credit || !line.kind.covers() || line.terms != span.terms {
                continue;
            }
            let mut rest = Vec::new();
            for (days, units) in open {
                let Some(common) = self.billed[at].period.intersect(days) else {
                    rest.push((days, units));
                    continue;
                };
                rest.extend(self.give_units(at, common, units, change)?);
                let outside = [
                    Period::new(days.start(), common.start()),
                    Period::new(common.end(), days.end()),
                ];
                rest.extend(outside.into_iter().flatten().map(|days| (days, units)));
            }
            open = rest;
        }
        Ok(())
    }

    fn credits_of(&self, id: InvoiceLineId) -> impl Iterator<Item = &Line> {
        self.billed.iter().chain(&self.made).filter(move |l| l.credits == Some(id))
    }

    /// Gives back as many units of a line as every one of the days has left, and more of those days
    /// that have more; answers what is open still.
    fn give_units(
        &mut self,
        at: usize,
        days: Period,
        units: u64,
        change: (u32, u32),
    ) -> Result<Vec<(Period, u64)>, BillingError> {
        let line = &self.billed[at];
        let take = self.left_units(line, days).min(units);
        let cut = self.cut(line, days);
        if take > 0 {
            self.give(at, days, u32::try_from(take).unwrap_or(u32::MAX), change)?;
        }
        let rest = units - take;
        match cut {
            _ if rest == 0 => Ok(Vec::new()),
            None => Ok(vec![(days, rest)]),
            Some(day) => {
                let mut open = Vec::new();
                let parts = [Period::new(days.start(), day), Period::new(day, days.end())];
                for part in parts.into_iter().flatten() {
                    open.extend(self.give_units(at, part, rest, change)?);
                }
                Ok(open)
            }
        }
    }

    /// Units of a line that none of these days has given back yet.
    fn left_units(&self, line: &Line, days: Period) -> u64 {
        let given = || self.credits_of(line.id).filter(|c| c.period.intersect(days).is_some());
        // Most are given on a day on which one of the credits begins.
        let starts = given().map(|c| c.period.start().max(days.start()));
        let on = |day| {
            let of = given().filter(move |c| c.period.contains(day));
            of.map(|c| u64::from(c.quantity)).sum::<u64>()
        };
        u64::from(line.quantity).saturating_sub(starts.map(on).max().unwrap_or(0))
    }

    /// The first day inside of these on which more or less of a line is given back than before.
    fn cut(&self, line: &Line, days: Period) -> Option<NaiveDate> {
        let ends = self.credits_of(line.id).flat_map(|c| [c.period.start(), c.period.end()]);
        ends.filter(|day| days.start() < *day && *day < days.end()).min()
    }

    /// A credit: the fraction of the line that the days are, at most what is left of it.
    fn give(
        &mut self,
        at: usize,
        days: Period,
        units: u32,
        change: (u32, u32),
    ) -> Result<(), BillingError> {
        let line = &self.billed[at];
        let (part, whole) = if line.by_hand {
            portion_by_days(line.period, days)
        } else {
            portion(&line.part(), days)
        };
        if part == 0 {
            return Ok(());
        }
        let before = self.credits_of(line.id).map(|c| c.amounts.gross.negated());
        let before = Money::sum(line.amounts.gross.currency(), before)?;
        let billed = line.amounts.gross;
        let exact =
            share(billed, part * u64::from(units), whole * u64::from(line.quantity.max(1)))?;
        let amount = exact.min(billed.checked_sub(before)?)?;
        let trace = CreditTrace {
            line: line.id,
            billed,
            credited_before: before,
            units,
            quantity: line.quantity.max(1),
            period: days,
            numerator: part,
            denominator: whole,
            rounding: ROUNDING.into(),
            amount,
            flags: if amount == exact { Vec::new() } else { vec![Flag::Capped] },
        };
        let segments = give_back(&line.segments, line.basis(), days, amount)?;
        let zero = Taxed::zero(amount.currency());
        let amounts = segments.iter().try_fold(zero, |sum, s| sum.checked_add(s.amounts))?;
        let id = (self.ids)();
        self.made.push(Line {
            id,
            kind: Kind::Credit,
            period: days,
            quantity: units,
            change: Some(change),
            credits: Some(line.id),
            amounts,
            segments,
            traces: vec![Trace::Credit(trace)],
            by_hand: false,
            charged: None,
            ..line.clone()
        });
        Ok(())
    }
}
