//! What is due: for one subscription, or for all of a history.

use super::{
    coverage::difference,
    history::{BillingError, History, Timing},
    lines::{Kind, Line, Maker},
    timeline::{Terms, Timeline, price_at, timeline},
};
use crate::domain::{cycles::Cycle, discounts::Discount};
use chrono::{Days, NaiveDate};
use types::{Period, id::InvoiceLineId};

/// Most periods of one subscription that are looked at; more means that a date is wrong.
pub const MAX_PERIODS: usize = 2_400;

/// Most periods that one run bills of one subscription; more means that a date is wrong.
pub const MAX_BEGUN: usize = 120;

/// How far is looked.
#[derive(Debug, Clone, Copy)]
struct Until {
    /// The day.
    as_of: NaiveDate,
    /// Last day on which days of a period may begin to be billed ahead.
    horizon: NaiveDate,
    /// Of a period that has begun by then, all of it.
    whole: bool,
}

/// The lines that are due of all subscriptions: `billed` are those of each subscription that stand,
/// oldest first.
///
/// # Errors
/// [`BillingError`].
pub fn due(
    history: &History,
    billed: &[Vec<Line>],
    as_of: NaiveDate,
    mut ids: impl FnMut() -> InvoiceLineId,
) -> Result<Vec<Line>, BillingError> {
    let mut lines = Vec::new();
    for index in 0..history.subscriptions.len() {
        let of = billed.get(index).map_or(&[][..], Vec::as_slice);
        lines.extend(due_of(history, index, of, as_of, &mut ids)?);
    }
    Ok(lines)
}

/// The lines that are due of one subscription.
///
/// Periods are looked at from the first day on, up to those that begin within the lead days (in
/// arrears: that are over), and as far as something is billed. Nothing is charged or given back
/// for days that begin beyond the lead days, except that what a charge replaces is given back with
/// it; an end that is known shortens what is billed.
///
/// # Errors
/// [`BillingError`].
pub fn due_of<F: FnMut() -> InvoiceLineId>(
    history: &History,
    index: usize,
    billed: &[Line],
    as_of: NaiveDate,
    ids: &mut F,
) -> Result<Vec<Line>, BillingError> {
    let until = Until { as_of, horizon: ahead(as_of, history.lead_days), whole: false };
    lines(history, index, billed, until, ids)
}

/// The lines that a run or an order makes of one subscription: of each period that has begun by
/// `as_of` and `lead_days`, all that is not settled (in arrears: of each that is over). What is
/// billed is told by [`super::history::Kept::settled`]; a period that costs nothing by its
/// convention is a line of nothing, so that it is known to be billed.
///
/// # Errors
/// [`BillingError`].
pub fn begun_of<F: FnMut() -> InvoiceLineId>(
    history: &History,
    index: usize,
    (as_of, lead_days): (NaiveDate, u32),
    ids: &mut F,
) -> Result<Vec<Line>, BillingError> {
    let until = Until { as_of, horizon: ahead(as_of, lead_days), whole: true };
    lines(history, index, &[], until, ids)
}

fn lines<F: FnMut() -> InvoiceLineId>(
    history: &History,
    index: usize,
    billed: &[Line],
    until: Until,
    ids: &mut F,
) -> Result<Vec<Line>, BillingError> {
    let timeline = timeline(history, index)?;
    let mut maker = Maker {
        history,
        timeline: &timeline,
        subscription: index,
        billed,
        begun: until.whole,
        horizon: until.horizon,
        ids,
        made: Vec::new(),
        worthless: Vec::new(),
    };
    once(&mut maker, until.horizon)?;
    periods(&mut maker, until)?;
    Ok(maker.made)
}

fn ahead(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::from(days))).unwrap_or(day)
}

/// What is charged once: the setup fee, and products that do not recur. Once is once: it is
/// neither repaired nor given back.
fn once<F: FnMut() -> InvoiceLineId>(
    maker: &mut Maker<'_, F>,
    horizon: NaiveDate,
) -> Result<(), BillingError> {
    let subscription = &maker.history.subscriptions[maker.subscription];
    let start = subscription.start;
    if start > horizon || maker.timeline.end.is_some_and(|end| end <= start) {
        return Ok(());
    }
    let first: Vec<_> = maker.timeline.stretches.iter().filter(|s| s.from == start).collect();
    for stretch in first {
        let (terms, units) = (stretch.terms, stretch.units);
        let has = |kind| {
            let of = maker.billed.iter().filter(|l| l.kind == kind);
            of.filter(|l| l.terms.product == terms.product).count() > 0
        };
        let product = &maker.history.products[terms.product];
        let listed = price_at(product, subscription.cycle, start);
        if subscription.cycle == Cycle::Once && !has(Kind::Once) {
            maker.once(Kind::Once, terms, terms.unit_price, units)?;
        }
        if let Some(fee) = listed.and_then(|p| p.setup).filter(|_| !has(Kind::Setup)) {
            maker.once(Kind::Setup, Terms { discount: Discount::NONE, ..terms }, fee, 1)?;
        }
    }
    Ok(())
}

fn periods<F: FnMut() -> InvoiceLineId>(
    maker: &mut Maker<'_, F>,
    Until { as_of, horizon, whole }: Until,
) -> Result<(), BillingError> {
    let subscription = &maker.history.subscriptions[maker.subscription];
    if maker.timeline.grids.is_empty() {
        return Ok(());
    }
    let covered = || maker.billed.iter().filter(|l| l.kind.covers()).map(|l| l.period);
    let first = covered().map(|p| p.start()).min();
    let mut day = first.map_or(subscription.start, |first| first.min(subscription.start));
    let billed_to = covered().map(|p| p.end()).max();
    let too_many = |max| BillingError::TooMany { subscription: subscription.id.clone(), max };
    let mut found = Vec::new();
    for looked_at in 0.. {
        let Some((period, months)) = maker.timeline.period(day) else { break };
        let billed = billed_to.is_some_and(|to| period.start() < to);
        let begins = period.start().max(subscription.start);
        if !billed && (begins > horizon || over(maker.timeline, period)) {
            break;
        }
        if looked_at > MAX_PERIODS {
            return Err(too_many(MAX_PERIODS));
        }
        let mut spans = difference(maker.timeline, maker.billed, period);
        let ends = maker.timeline.end.is_some_and(|end| end <= as_of);
        spans.retain(|s| match s.terms.timing {
            // The maker knows when: it depends on the lines that they are given back from.
            _ if s.units < 0 => true,
            Timing::Advance => whole || s.days.start() <= horizon,
            Timing::Arrears => period.end() <= as_of || ends,
        });
        if !spans.is_empty() {
            found.push((spans, period, months));
        }
        day = period.end();
    }
    if whole && found.len() > MAX_BEGUN {
        return Err(too_many(MAX_BEGUN));
    }
    found.iter().try_for_each(|(spans, period, months)| maker.period(spans, *period, *months))
}

/// True when nothing of the subscription is left in a period.
fn over(timeline: &Timeline, period: Period) -> bool {
    timeline.end.is_some_and(|end| end <= period.start())
}
