//! Lines with amounts, tax and traces: charges of spans, and credits against billed lines.

mod credits;

use super::{
    coverage::{Span, billed_on},
    history::{BillingError, History, Timing},
    timeline::{Terms, Timeline},
};
use crate::domain::{
    codes::codes,
    fractions::share,
    pricing::{Segment, TaxTerms, count},
    proration::{Basis, ChargeTrace, Formula, OnceTrace, Part, Trace},
    tax::{Taxed, on_top, within},
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
    /// Last day on which days that are given back may begin.
    pub(super) horizon: NaiveDate,
    pub(super) ids: &'a mut F,
    pub(super) made: Vec<Line>,
    /// What would have to be given back and is worth nothing: taken as well, so that units are
    /// given back from the same lines however they are asked for.
    pub(super) worthless: Vec<credits::Piece>,
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
                self.credit(span, spans)?;
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
        let period = Period::inclusive(day, day).map_err(|_| MoneyError::Overflow)?;
        let judged = tax.judge(period).map_err(crate::domain::pricing::PricingError::from)?;
        let Some(&(_, judged)) = judged.first() else { return Err(MoneyError::Overflow.into()) };
        let amounts = match terms.tax {
            crate::domain::tax::PriceTax::OnTop => on_top(exact, judged.rate)?,
            _ => within(exact, judged.rate)?,
        };
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
        exempt: &history.contracts[terms.contract].exempt,
    }
}
