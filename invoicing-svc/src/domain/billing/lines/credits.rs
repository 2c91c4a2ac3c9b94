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

/// Units of a billed line that are to be given back for some days.
pub(in crate::domain::billing) struct Piece {
    /// Place among the billed lines.
    at: usize,
    days: Period,
    units: u32,
}

impl<F: FnMut() -> InvoiceLineId> Maker<'_, F> {
    /// Gives units back from the newest billed lines, day by day no more than they cover, once it
    /// is due. `among` are all spans of the period.
    pub(super) fn credit(&mut self, span: &Span, among: &[Span]) -> Result<(), BillingError> {
        let change = self.change(&span.terms, span);
        let worth = |p: &Piece| worth(&self.billed[p.at], p.days).0 > 0;
        let (worthy, worthless): (Vec<_>, Vec<_>) = self.pieces(span).into_iter().partition(worth);
        self.worthless.extend(worthless);
        if !self.is_due(span, &worthy, among) {
            return Ok(());
        }
        worthy.iter().try_for_each(|piece| self.give(piece, change))
    }

    /// Units are given back when some days of theirs that are worth something are near, or charged
    /// anew.
    /// (Days that are worth nothing stay in their span for good: were it due because of them, each
    /// run would take what begins to end behind them.)
    fn is_due(&self, span: &Span, pieces: &[Piece], among: &[Span]) -> bool {
        let anew = |s: &Span, days: Period| {
            let role = s.units > 0 && s.terms.same_role(&span.terms);
            role && s.days.intersect(days).is_some()
        };
        pieces
            .iter()
            .any(|p| p.days.start() <= self.horizon || among.iter().any(|s| anew(s, p.days)))
    }

    fn pieces(&self, span: &Span) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut open = vec![(span.days, span.units.unsigned_abs())];
        for (at, line) in self.billed.iter().enumerate().rev() {
            if line.kind == Kind::Credit || !line.kind.covers() || line.terms != span.terms {
                continue;
            }
            let mut rest = Vec::new();
            for (days, units) in open {
                let Some(common) = line.period.intersect(days) else {
                    rest.push((days, units));
                    continue;
                };
                rest.extend(self.of_line(at, (common, units), 0, &mut pieces));
                let outside = [
                    Period::new(days.start(), common.start()),
                    Period::new(common.end(), days.end()),
                ];
                rest.extend(outside.into_iter().flatten().map(|days| (days, units)));
            }
            open = rest;
        }
        pieces
    }

    fn credits_of(&self, id: InvoiceLineId) -> impl Iterator<Item = &Line> {
        self.billed.iter().chain(&self.made).filter(move |l| l.credits == Some(id))
    }

    /// As many units of a line as every one of the days has left, besides those taken already, and
    /// more of those days that have more; answers what is open still.
    fn of_line(
        &self,
        at: usize,
        (days, units): (Period, u64),
        taken: u64,
        pieces: &mut Vec<Piece>,
    ) -> Vec<(Period, u64)> {
        let take = self.left_units(at, days).saturating_sub(taken).min(units);
        if take > 0 {
            pieces.push(Piece { at, days, units: u32::try_from(take).unwrap_or(u32::MAX) });
        }
        let rest = units - take;
        match self.cut(at, days) {
            _ if rest == 0 => Vec::new(),
            None => vec![(days, rest)],
            Some(day) => {
                let parts = [Period::new(days.start(), day), Period::new(day, days.end())];
                let parts = parts.into_iter().flatten();
                parts.flat_map(|p| self.of_line(at, (p, rest), taken + take, pieces)).collect()
            }
        }
    }

    /// What is taken of a line already: days and units.
    fn taken(&self, at: usize) -> impl Iterator<Item = (Period, u32)> {
        let given = self.credits_of(self.billed[at].id).map(|c| (c.period, c.quantity));
        let worthless = self.worthless.iter().filter(move |p| p.at == at);
        given.chain(worthless.map(|p| (p.days, p.units)))
    }

    /// Units of a line that none of these days has given back yet.
    fn left_units(&self, at: usize, days: Period) -> u64 {
        let taken = || self.taken(at).filter(|(taken, _)| taken.intersect(days).is_some());
        // Most are taken on a day on which some of them begin.
        let starts = taken().map(|(taken, _)| taken.start().max(days.start()));
        let on = |day| {
            let of = taken().filter(move |(taken, _)| taken.contains(day));
            of.map(|(_, units)| u64::from(units)).sum::<u64>()
        };
        u64::from(self.billed[at].quantity).saturating_sub(starts.map(on).max().unwrap_or(0))
    }

    /// The first day inside of these on which more or less of a line is taken than before.
    fn cut(&self, at: usize, days: Period) -> Option<NaiveDate> {
        let ends = self.taken(at).flat_map(|(taken, _)| [taken.start(), taken.end()]);
        ends.filter(|day| days.start() < *day && *day < days.end()).min()
    }

    /// A credit: the fraction of the line that the days are, at most what is left of it.
    fn give(
        &mut self,
        &Piece { at, days, units }: &Piece,
        change: (u32, u32),
    ) -> Result<(), BillingError> {
        let line = &self.billed[at];
        let (part, whole) = worth(line, days);
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

/// The fraction of a line that some of its days are: numerator and denominator.
fn worth(line: &Line, days: Period) -> (u64, u64) {
    if line.by_hand { portion_by_days(line.period, days) } else { portion(&line.part(), days) }
}
