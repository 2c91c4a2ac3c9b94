//! A subscription by day: units and terms of its product and options, the grid of its periods, and
//! when it was suspended.

use super::history::{
    BillingError, Happened, History, Override, Price, Product, Subscription, Timing,
};
use crate::domain::{
    covered::unclaimed,
    cycles::{Cycle, Schedule},
    discounts::Discount,
    pricing::PriceMode,
    proration::Convention,
    tax::PriceTax,
};
use chrono::{Datelike, NaiveDate};
use types::{Money, Period};

/// What units are billed by. Units of equal terms are alike: one more or less of them is a charge
/// or a credit; other terms are a credit of the old ones and a charge of the new.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Product or option.
    pub product: usize,
    /// True for an option of the subscription's product.
    pub option: bool,
    /// Who pays.
    pub contract: usize,
    /// Price of one unit for [`Terms::price_months`].
    pub unit_price: Money,
    /// Months that the price is for.
    pub price_months: u32,
    /// Discount on it.
    pub discount: Discount,
    /// How parts of a period are counted.
    pub convention: Convention,
    /// Whether tax is inside.
    pub tax: PriceTax,
    /// Day whose tax rate the price was made with.
    pub since: NaiveDate,
    /// When a period is billed.
    pub timing: Timing,
    /// True for a price that a person set.
    pub by_hand: bool,
}

/// What tells units apart is what their price is made of, not since when it holds or who set it.
impl PartialEq for Terms {
    fn eq(&self, other: &Self) -> bool {
        (self.product, self.option, self.contract) == (other.product, other.option, other.contract)
            && (self.unit_price, self.price_months, self.discount)
                == (other.unit_price, other.price_months, other.discount)
            && (self.convention, self.tax) == (other.convention, other.tax)
    }
}

impl Eq for Terms {}

impl Terms {
    /// How tax stands to the price.
    #[must_use]
    pub const fn mode(&self) -> PriceMode {
        PriceMode { tax: self.tax, since: self.since }
    }

    /// Units of these terms replace each other: of the subscription's product, or of one option.
    #[must_use]
    pub fn same_role(&self, other: &Self) -> bool {
        self.option == other.option && (!self.option || self.product == other.product)
    }
}

/// Days with units of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// First day.
    pub from: NaiveDate,
    /// Day after the last; none for no end in sight.
    pub to: Option<NaiveDate>,
    /// Terms.
    pub terms: Terms,
    /// Units.
    pub units: u32,
}

/// A subscription by day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Units by days, in order of days; those of different terms may lie side by side.
    pub stretches: Vec<Stretch>,
    /// Suspensions, in order: first day, and the first day on which it works again.
    pub suspended: Vec<(NaiveDate, Option<NaiveDate>)>,
    /// Grids by their first day; empty for what does not recur.
    pub grids: Vec<(NaiveDate, Schedule)>,
    /// First day on which it is over.
    pub end: Option<NaiveDate>,
    /// Reasons of prices set by hand, by first day.
    pub reasons: Vec<(NaiveDate, String)>,
    /// Days that are settled: they are not looked at.
    pub settled: Vec<Period>,
}

impl Timeline {
    /// The whole period of the grid that holds a day, and its months.
    #[must_use]
    pub fn period(&self, day: NaiveDate) -> Option<(Period, u32)> {
        let after = self.grids.partition_point(|(from, _)| *from <= day);
        let (_, grid) = self.grids.get(after.saturating_sub(1))?;
        Some((grid.containing(day)?, grid.months()))
    }

    /// The day on which work goes on, where it rests on a day; none while nobody resumed it.
    #[must_use]
    pub fn works_from(&self, day: NaiveDate) -> Option<NaiveDate> {
        let rests = |(from, to): &&(NaiveDate, Option<NaiveDate>)| {
            *from <= day && to.is_none_or(|to| day < to)
        };
        match self.suspended.iter().find(rests) {
            Some((_, to)) => *to,
            None => Some(day),
        }
    }

    /// The days of a period on which it does not rest.
    #[must_use]
    pub fn worked(&self, period: Period) -> Vec<Period> {
        let rests = |(from, to): &(NaiveDate, Option<NaiveDate>)| {
            Period::new(*from, to.unwrap_or(period.end()).max(*from)).ok()
        };
        let rests: Vec<Period> = self.suspended.iter().filter_map(rests).collect();
        unclaimed(period, &rests)
    }

    /// Why a price that holds on a day was set by hand.
    #[must_use]
    pub fn reason(&self, day: NaiveDate) -> Option<&str> {
        let after = self.reasons.partition_point(|(from, _)| *from <= day);
        self.reasons.get(after.saturating_sub(1)).map(|(_, reason)| reason.as_str())
    }
}

/// What holds between two events.
struct State<'h> {
    product: usize,
    contract: usize,
    quantity: u32,
    options: Vec<(usize, u32, NaiveDate)>,
    cycle: Cycle,
    price: Option<&'h Override>,
    /// The version that was kept for it, while that holds.
    kept: Option<&'h Price>,
    discount: Option<Discount>,
    /// Day on which the catalogue's price was taken: a version holds until product or cycle change.
    pinned: NaiveDate,
}

/// Builds the timeline of a subscription.
///
/// # Errors
/// [`BillingError`] where the catalogue has no price or the numbers make no grid.
pub fn timeline(history: &History, index: usize) -> Result<Timeline, BillingError> {
    let subscription = &history.subscriptions[index];
    let settled = subscription.kept.settled.clone();
    let mut line = Timeline { grids: grids(history, index)?, settled, ..Timeline::default() };
    let mut events: Vec<_> = subscription.events.iter().collect();
    events.sort_by_key(|e| (e.on, e.what.rank()));
    let ends = events.iter().filter(|e| e.what == Happened::End).map(|e| e.on);
    line.end = ends.min().map(|end| end.max(subscription.start));
    let mut state = first(subscription);
    let mut from = subscription.start;
    state.reason(&mut line, from);
    for event in events {
        // What is recorded for a day before the start holds from the start.
        let on = event.on.max(subscription.start);
        if line.end.is_some_and(|end| on >= end) {
            break;
        }
        if on > from {
            state.stretch(history, &mut line, from, Some(on))?;
            from = on;
        }
        state.apply(&event.what, on, &mut line);
    }
    let end = line.end;
    if let Some(end) = end {
        // What is over does not rest: what was billed beyond the end is given back.
        line.suspended.retain(|(from, _)| *from < end);
        line.suspended.iter_mut().for_each(|(_, to)| *to = Some(to.map_or(end, |to| to.min(end))));
    }
    if end.is_none_or(|end| end > from) {
        state.stretch(history, &mut line, from, end)?;
    }
    Ok(line)
}

fn first(subscription: &Subscription) -> State<'_> {
    let start = subscription.start;
    State {
        product: subscription.product,
        contract: subscription.contract,
        quantity: subscription.quantity,
        options: subscription.options.iter().map(|(o, n)| (*o, *n, start)).collect(),
        cycle: subscription.cycle,
        price: subscription.price.as_ref(),
        kept: subscription.kept.price.as_ref(),
        discount: subscription.discount,
        pinned: start,
    }
}

impl<'h> State<'h> {
    fn apply(&mut self, what: &'h Happened, on: NaiveDate, line: &mut Timeline) {
        match what {
            Happened::Transfer(contract) => self.contract = *contract,
            Happened::Product(product) => {
                (self.product, self.price, self.pinned) = (*product, None, on);
                self.kept = None;
            }
            Happened::Cycle(months) => {
                (self.cycle, self.price, self.pinned) = (Cycle::Months(*months), None, on);
                self.kept = None;
                self.options.iter_mut().for_each(|(_, _, pinned)| *pinned = on);
            }
            Happened::Price(price) => {
                self.price = price.as_ref();
                self.reason(line, on);
            }
            Happened::Discount(discount) => self.discount = *discount,
            Happened::Quantity(quantity) => self.quantity = *quantity,
            Happened::Option(option, units) => {
                match self.options.iter_mut().find(|(o, ..)| o == option) {
                    Some(known) => known.1 = *units,
                    None => self.options.push((*option, *units, on)),
                }
            }
            Happened::Suspend => match line.suspended.last() {
                Some((_, None)) => {}
                _ => line.suspended.push((on, None)),
            },
            Happened::Resume => {
                if let Some((from, to @ None)) = line.suspended.last_mut() {
                    // Suspended and resumed on one day is nothing.
                    *to = Some(on.max(*from));
                }
            }
            Happened::End => {}
        }
    }

    fn reason(&self, line: &mut Timeline, from: NaiveDate) {
        if let Some(price) = self.price {
            line.reasons.push((from, price.reason.clone()));
        }
    }

    /// Adds the days up to the next event, prolonging what goes on unchanged.
    fn stretch(
        &self,
        history: &History,
        line: &mut Timeline,
        from: NaiveDate,
        to: Option<NaiveDate>,
    ) -> Result<(), BillingError> {
        if self.cycle == Cycle::Free {
            return Ok(());
        }
        let main = self.terms(history, self.product, self.pinned, false)?;
        add(line, Stretch { from, to, terms: main, units: self.quantity });
        for (option, units, pinned) in &self.options {
            let terms = self.terms(history, *option, *pinned, true)?;
            add(line, Stretch { from, to, terms, units: *units });
        }
        Ok(())
    }

    fn terms(
        &self,
        history: &History,
        product: usize,
        pinned: NaiveDate,
        option: bool,
    ) -> Result<Terms, BillingError> {
        let kept = self.kept.filter(|_| !option);
        let listed = kept.or_else(|| price_at(&history.products[product], self.cycle, pinned));
        let by_hand = self.price.filter(|_| !option);
        let Some(listed) = listed else {
            let code = history.products[product].code.clone();
            return Err(BillingError::NoPrice { product: code, cycle: self.cycle, day: pinned });
        };
        let (unit_price, price_months) =
            by_hand.map_or((listed.amount, listed.months), |o| (o.amount, o.months));
        // A price that a person set is the price: the cycle's discount is in it.
        let listed_discount = if by_hand.is_some() { Discount::NONE } else { listed.discount };
        Ok(Terms {
            product,
            option,
            contract: self.contract,
            unit_price,
            price_months: price_months.max(1),
            discount: self.discount.unwrap_or(listed_discount),
            convention: listed.convention,
            tax: listed.tax,
            since: if by_hand.is_some() { pinned } else { listed.effective },
            timing: listed.timing,
            by_hand: by_hand.is_some(),
        })
    }
}

fn add(line: &mut Timeline, stretch: Stretch) {
    if stretch.units == 0 {
        return;
    }
    let goes_on = |s: &&mut Stretch| {
        s.to == Some(stretch.from) && s.terms == stretch.terms && s.units == stretch.units
    };
    match line.stretches.iter_mut().rev().find(goes_on) {
        Some(before) => before.to = stretch.to,
        None => line.stretches.push(stretch),
    }
}

/// The version of a cycle in force on a day: the latest that has begun.
#[must_use]
pub fn price_at(product: &Product, cycle: Cycle, day: NaiveDate) -> Option<&Price> {
    let begun = product.prices.iter().filter(|p| p.cycle == cycle && p.effective <= day);
    begun.max_by_key(|p| p.effective)
}

/// The grids of a subscription by their first day: its own, or its main one's.
fn grids(history: &History, index: usize) -> Result<Vec<(NaiveDate, Schedule)>, BillingError> {
    let subscription = &history.subscriptions[index];
    let Some(main) = subscription.main else { return own_grids(subscription) };
    if subscription.cycle.recurring().is_none() {
        return Ok(Vec::new());
    }
    let of = &history.subscriptions[main];
    let grids = if of.main.is_none() { own_grids(of)? } else { Vec::new() };
    if grids.is_empty() {
        return Err(BillingError::Main { subscription: subscription.id.clone() });
    }
    Ok(grids)
}

fn own_grids(subscription: &Subscription) -> Result<Vec<(NaiveDate, Schedule)>, BillingError> {
    let start = subscription.start;
    let anchor = subscription.anchor.unwrap_or(start.day());
    let bad = || BillingError::Grid { subscription: subscription.id.clone() };
    let mut grids = Vec::new();
    if let Some(months) = subscription.cycle.recurring() {
        // A start before the anchor day of its month lies in the period of the month before.
        let origin = subscription.kept.origin.unwrap_or(start);
        grids.push((start, Schedule::new(origin, anchor, months).map_err(|_| bad())?));
    }
    let mut changes: Vec<(NaiveDate, u32)> = Vec::new();
    for event in &subscription.events {
        if let Happened::Cycle(months) = event.what {
            changes.push((event.on.max(start), months));
        }
    }
    changes.sort_unstable();
    for (on, months) in changes {
        let (known, last) = match grids.last() {
            Some((known, last)) => (*known, *last),
            None => {
                grids.push((on, Schedule::new(on, anchor, months).map_err(|_| bad())?));
                continue;
            }
        };
        let at = on.max(known);
        let Some(period) = last.containing(at) else { return Err(bad()) };
        // The period that runs is billed to its end; the new cycle starts with the next one.
        let from = if period.start() == at { at } else { period.end() };
        let grid = Schedule::new(from, anchor, months).map_err(|_| bad())?;
        grids.retain(|(since, _)| *since < from);
        grids.push((from, grid));
    }
    Ok(grids)
}
