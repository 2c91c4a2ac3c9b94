//! Lines with amounts, tax and traces: charges of spans, and credits against billed lines.

use super::{
    coverage::{Span, billed_on},
    history::{BillingError, History, Timing},
    timeline::{Terms, Timeline},
};
use crate::domain::{
    codes::codes,
    fractions::share,
    pricing::{Segment, TaxTerms, count, give_back},
    proration::{
        Basis, ChargeTrace, CreditTrace, Flag, Formula, OnceTrace, Part, ROUNDING, Trace, portion,
        portion_by_days,
    },
    tax::{Taxed, judge, on_top, within},
};
use chrono::NaiveDate;
use types::{Money, Period, id::InvoiceLineId, money::MoneyError};

codes! {
    /// What a line is.
    Kind {
        /// A period: the first or a next one. Those of one subscription and option never overlap.
        Renewal = "RENEWAL",
        /// More units, or other terms, for the rest of a period.
        Change = "CHANGE",
        /// Given back of a billed line.
        Credit = "CREDIT",
        /// Charged once.
        Once = "ONCE",
        /// The setup fee.
        Setup = "SETUP",
    }
}

impl Kind {
    /// True when the line covers days of units.
    #[must_use]
    pub const fn covers(self) -> bool {
        matches!(self, Self::Renewal | Self::Change | Self::Credit)
    }
}

/// A line: one to make, or one of an invoice that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Identity.
    pub id: InvoiceLineId,
    /// Of which subscription.
    pub subscription: usize,
    /// What it is.
    pub kind: Kind,
    /// What its units are billed by.
    pub terms: Terms,
    /// Days that it is for.
    pub period: Period,
    /// The whole billing period around them.
    pub full: Period,
    /// Months of it.
    pub full_months: u32,
    /// Units charged or given back.
    pub quantity: u32,
    /// Units before and after, of what is not a first period or a renewal.
    pub change: Option<(u32, u32)>,
    /// The line that it gives back from.
    pub credits: Option<InvoiceLineId>,
    /// Amounts; below zero for credits.
    pub amounts: Taxed,
    /// By rate of tax.
    pub segments: Vec<Segment>,
    /// How the amounts came about; nothing for lines that were billed elsewhere.
    pub traces: Vec<Trace>,
    /// True when a person set the amount: parts of it are counted by days.
    pub by_hand: bool,
    /// What was charged, where its terms do not tell: a line that stands tells it itself.
    pub charged: Option<Part>,
}

impl Line {
    /// Units that it covers: below zero for a credit.
    #[must_use]
    pub fn covered_units(&self) -> i64 {
        let units = i64::from(self.quantity);
        if self.kind == Kind::Credit { -units } else { units }
    }

    /// What was priced.
    #[must_use]
    pub const fn part(&self) -> Part {
        if let Some(charged) = self.charged {
            return charged;
        }
        Part {
            convention: self.terms.convention,
            unit_price: self.terms.unit_price,
            price_months: self.terms.price_months,
            discount: self.terms.discount,
            quantity: self.quantity,
            period: self.period,
            full: self.full,
            full_months: self.full_months,
        }
    }

    /// What its months weigh by when it is cut by month (G53).
    #[must_use]
    pub fn basis(&self) -> Basis {
        if self.by_hand || !self.kind.covers() {
            return Basis::Days;
        }
        crate::domain::proration::basis(self.part().convention, self.period)
    }
}

/// What lines are made from.
pub(super) struct Maker<'a, F> {
    pub(super) history: &'a History,
    pub(super) timeline: &'a Timeline,
    pub(super) subscription: usize,
    /// Lines of standing invoices, oldest first.
    pub(super) billed: &'a [Line],
    /// Lines are made of all that has begun and is not settled ([`super::due::begun_of`]).
    pub(super) begun: bool,
    pub(super) ids: &'a mut F,
    pub(super) made: Vec<Line>,
}

impl<F: FnMut() -> InvoiceLineId> Maker<'_, F> {
    /// Lines of one period.
    pub(super) fn period(
        &mut self,
        spans: &[Span],
        full: Period,
        months: u32,
    ) -> Result<(), BillingError> {
        for (i, span) in spans.iter().enumerate() {
            if span.units > 0 {
                let renewal = self.is_renewal(spans, i);
                self.charge(span, full, months, renewal)?;
            } else if span.terms.timing == Timing::Advance {
                self.credit(span)?;
            }
        }
        Ok(())
    }

    /// A span renews when nothing of its product is billed for its first day, and it is the first
    /// and longest of its period; where days are settled, of each part that is left of the period.
    fn is_renewal(&self, spans: &[Span], at: usize) -> bool {
        let span = &spans[at];
        let rivals = spans.iter().enumerate();
        let mut rivals = rivals.filter(|(i, s)| {
            let apart = self.begun && s.days.intersect(span.days).is_none();
            *i != at && !apart && s.units > 0 && s.terms.same_role(&span.terms) && {
                let earlier = s.days.start() < span.days.start();
                let longer = s.days.start() == span.days.start() && s.days.end() > span.days.end();
                earlier || longer || (s.days == span.days && *i < at)
            }
        });
        let claimed = |day| billed_on(self.billed, &span.terms, day);
        rivals.next().is_none()
            && claimed(span.days.start()) == (0, false)
            && !self.renewal_within(span)
    }

    fn renewal_within(&self, span: &Span) -> bool {
        self.billed.iter().any(|line| {
            line.kind == Kind::Renewal
                && line.terms.same_role(&span.terms)
                && line.period.intersect(span.days).is_some()
        })
    }

    fn charge(
        &mut self,
        span: &Span,
        full: Period,
        full_months: u32,
        renewal: bool,
    ) -> Result<(), BillingError> {
        let terms = span.terms;
        let quantity = u32::try_from(span.units).unwrap_or(u32::MAX);
        let part = Part {
            convention: terms.convention,
            unit_price: terms.unit_price,
            price_months: terms.price_months,
            discount: terms.discount,
            quantity,
            period: span.days,
            full,
            full_months,
        };
        let mut counted = count(&part, terms.mode(), self.tax(&terms))?;
        let nothing = |t: &ChargeTrace| t.formula == Formula::Nothing;
        if counted.traces.iter().all(nothing) && !(self.begun && renewal) {
            return Ok(());
        }
        if let Some(reason) = self.timeline.reason(span.days.start()).filter(|_| terms.by_hand) {
            counted.traces.iter_mut().for_each(|t| t.price_reason = Some(reason.to_owned()));
        }
        let kind = if renewal { Kind::Renewal } else { Kind::Change };
        let change = (!renewal).then(|| self.change(&terms, span));
        let id = (self.ids)();
        self.made.push(Line {
            id,
            subscription: self.subscription,
            kind,
            terms,
            period: span.days,
            full,
            full_months,
            quantity,
            change,
            credits: None,
            amounts: counted.amounts,
            segments: counted.segments,
            traces: counted.traces.into_iter().map(Trace::Charge).collect(),
            by_hand: false,
            charged: None,
        });
        Ok(())
    }

    /// Units of these terms after the span's first day, and before it.
    fn change(&self, terms: &Terms, span: &Span) -> (u32, u32) {
        let day = span.days.start();
        let of = self
            .timeline
            .stretches
            .iter()
            .filter(|s| s.terms == *terms && s.from <= day && s.to.is_none_or(|to| day < to));
        let after: i64 = of.map(|s| i64::from(s.units)).sum();
        let units = |n: i64| u32::try_from(n.max(0)).unwrap_or(u32::MAX);
        (units(after - span.units), units(after))
    }

    /// Gives units back from the newest billed lines, day by day no more than they cover.
    fn credit(&mut self, span: &Span) -> Result<(), BillingError> {
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

    /// Something charged once, on the first day.
    pub(super) fn once(
        &mut self,
        kind: Kind,
        terms: Terms,
        amount: Money,
        quantity: u32,
    ) -> Result<(), BillingError> {
        let day = self.history.subscriptions[self.subscription].start;
        let exact = share(amount, u64::from(quantity) * terms.discount.left(), 10_000)?;
        let tax = self.tax(&terms);
        let judged = judge(tax.regimes.at(day), tax.ground, tax.buyer, day)
            .map_err(crate::domain::pricing::PricingError::from)?;
        let amounts = match terms.tax {
            crate::domain::tax::PriceTax::OnTop => on_top(exact, judged.rate)?,
            _ => within(exact, judged.rate)?,
        };
        let period = Period::inclusive(day, day).map_err(|_| MoneyError::Overflow)?;
        let trace =
            OnceTrace { unit_price: amount, quantity, discount: terms.discount, amount: exact };
        let id = (self.ids)();
        self.made.push(Line {
            id,
            subscription: self.subscription,
            kind,
            terms,
            period,
            full: period,
            full_months: 1,
            quantity,
            change: None,
            credits: None,
            amounts,
            segments: vec![Segment { period, judged, amounts }],
            traces: vec![Trace::Once(trace)],
            by_hand: false,
            charged: None,
        });
        Ok(())
    }

    fn tax(&self, terms: &Terms) -> TaxTerms<'_> {
        tax_terms(self.history, terms)
    }
}

/// What decides the tax of a line besides its dates.
#[must_use]
pub fn tax_terms<'h>(history: &'h History, terms: &Terms) -> TaxTerms<'h> {
    let product = &history.products[terms.product];
    TaxTerms {
        regimes: &history.sellers[product.seller].regimes,
        ground: product.ground,
        buyer: history.contracts[terms.contract].buyer,
    }
}
