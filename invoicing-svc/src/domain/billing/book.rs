//! What a service stores, as the engine takes it; and lines of invoices, both ways.
//!
//! A stored subscription is less than a [`History`] can tell: its product and contract stay, its
//! price is pinned, its grid is its own, and only its quantity changes. It is told exactly: nothing
//! that was billed looks different because a catalogue was changed since.

use super::{
    history::{self, Event, Happened, History, Kept, Override, Timing},
    lines::{Kind, Line},
    timeline::Terms,
};
use crate::domain::{
    covered::unclaimed,
    cycles::Cycle,
    discounts::Discount,
    lines as invoices,
    pricing::{Priced, Segment, TaxSegment, TaxTerms},
    products::{PriceVersion, Product, price_at},
    proration::{Convention, Part, Trace},
    subscriptions::{PriceTerm, Subscription},
    tax::Judged,
};
use chrono::NaiveDate;
use std::collections::HashMap;
use types::{
    Period,
    id::{ChangeId, ContractId, ProductId, SellerId},
};

/// A confirmed change of quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The change.
    pub change: ChangeId,
    /// First day of it.
    pub day: NaiveDate,
    /// Units before.
    pub before: u32,
    /// Units after.
    pub after: u32,
}

/// A stored subscription with what it refers to.
#[derive(Debug, Clone)]
pub struct Stored<'a> {
    /// The subscription.
    pub subscription: &'a Subscription,
    /// Its product.
    pub product: &'a Product,
    /// How parts of a cycle are counted: [`convention`].
    pub convention: Convention,
    /// Why its price is not the catalogue's; empty when it is.
    pub reason: &'a str,
    /// When a period is billed.
    pub timing: Timing,
    /// What decides the tax.
    pub tax: TaxTerms<'a>,
    /// Changes of its quantity that stand, in the order in which they were confirmed.
    pub steps: &'a [Step],
    /// First day of a suspension that goes on.
    pub suspended: Option<NaiveDate>,
    /// Days that are not looked at.
    pub settled: Vec<Period>,
}

/// A history of stored subscriptions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    /// The history.
    pub history: History,
    sellers: HashMap<SellerId, usize>,
    products: HashMap<ProductId, usize>,
    contracts: HashMap<ContractId, usize>,
}

impl Book {
    /// Adds a seller with its regimes; answers its place.
    pub fn seller(&mut self, id: SellerId, tax: TaxTerms<'_>) -> usize {
        let all = &mut self.history.sellers;
        *self.sellers.entry(id).or_insert_with(|| {
            all.push(history::Seller { id: id.to_string(), regimes: tax.regimes.clone() });
            all.len() - 1
        })
    }

    /// The seller at a place.
    #[must_use]
    pub fn seller_at(&self, place: usize) -> Option<SellerId> {
        self.sellers.iter().find(|(_, at)| **at == place).map(|(id, _)| *id)
    }

    /// The product at a place.
    #[must_use]
    pub fn product_at(&self, place: usize) -> Option<ProductId> {
        self.products.iter().find(|(_, at)| **at == place).map(|(id, _)| *id)
    }

    /// Adds a product without prices; answers its place.
    pub fn product(&mut self, product: &Product, tax: TaxTerms<'_>) -> usize {
        let seller = self.seller(product.seller, tax);
        let all = &mut self.history.products;
        *self.products.entry(product.id).or_insert_with(|| {
            all.push(history::Product {
                code: product.code.clone(),
                seller,
                family: None,
                ground: product.ground,
                accounting_code: product.accounting_code.clone(),
                pack: 1,
                prices: Vec::new(),
            });
            all.len() - 1
        })
    }

    /// Adds a contract with who buys under it; answers its place.
    pub fn contract(&mut self, id: ContractId, tax: TaxTerms<'_>) -> usize {
        let all = &mut self.history.contracts;
        *self.contracts.entry(id).or_insert_with(|| {
            let exempt = tax.exempt.to_vec();
            all.push(history::Contract { id: id.to_string(), buyer: tax.buyer, exempt });
            all.len() - 1
        })
    }

    /// Adds a subscription; answers its place.
    pub fn add(&mut self, stored: Stored<'_>) -> usize {
        let s = stored.subscription;
        let product = self.product(stored.product, stored.tax);
        let contract = self.contract(s.contract, stored.tax);
        let cycle = s.schedule.map_or(s.price.cycle, |grid| Cycle::Months(grid.months()));
        let (quantity, mut events) = quantities(s.quantity, stored.steps);
        let event = |what: Happened| move |on| Event { on, what: what.clone() };
        events.extend(stored.suspended.map(event(Happened::Suspend)));
        events.extend(s.end.map(event(Happened::End)));
        let by_hand = s.price.price.is_none().then(|| Override {
            amount: s.price.unit_price,
            months: months(&s.price),
            reason: stored.reason.to_owned(),
        });
        self.history.subscriptions.push(history::Subscription {
            id: s.id.to_string(),
            product,
            contract,
            quantity,
            options: Vec::new(),
            cycle,
            anchor: s.schedule.map(|grid| grid.anchor()),
            main: None,
            start: s.start,
            price: by_hand,
            discount: None,
            events,
            kept: Kept {
                origin: s.schedule.map(|grid| grid.origin()),
                price: Some(version(&s.price, cycle, stored.convention, stored.timing)),
                settled: stored.settled,
            },
        });
        self.history.subscriptions.len() - 1
    }
}

fn months(price: &PriceTerm) -> u32 {
    price.cycle.recurring().unwrap_or(1)
}

/// The version of the catalogue that a price says to be.
fn version(
    price: &PriceTerm,
    cycle: Cycle,
    convention: Convention,
    timing: Timing,
) -> history::Price {
    history::Price {
        effective: price.since,
        cycle,
        amount: price.unit_price,
        months: months(price),
        tax: price.tax,
        convention,
        discount: Discount::NONE,
        setup: None,
        timing,
    }
}

/// A version of the catalogue, of a product that counts parts of a cycle so where it is silent.
#[must_use]
pub fn listed(price: &PriceVersion, own: Convention) -> history::Price {
    history::Price {
        effective: price.effective,
        cycle: price.cycle,
        amount: price.amount,
        months: price.cycle.recurring().unwrap_or(1),
        tax: price.tax,
        convention: price.convention.unwrap_or(own),
        discount: Discount::NONE,
        setup: None,
        timing: Timing::Advance,
    }
}

/// How parts of a cycle are counted at a price: as its version says; of a price by hand the version
/// in its place; else as the product says.
#[must_use]
pub fn convention(
    product: &Product,
    prices: &[PriceVersion],
    price: &PriceTerm,
    day: NaiveDate,
) -> Convention {
    let currency = price.unit_price.currency();
    let version = match price.price {
        Some(id) => prices.iter().find(|p| p.id == id),
        None => price_at(prices, price.cycle, currency, day),
    };
    version.and_then(|p| p.convention).unwrap_or(product.convention)
}

/// Units at the start, and the total by day. A change says what the total is from its day on, also
/// on days for which another one was confirmed before it.
fn quantities(now: u32, steps: &[Step]) -> (u32, Vec<Event>) {
    let more = |s: &Step| i64::from(s.after) - i64::from(s.before);
    let mut units = i64::from(now) - steps.iter().map(more).sum::<i64>();
    let count = |units: i64| u32::try_from(units).unwrap_or(0);
    let first = count(units);
    let mut events: Vec<Event> = Vec::new();
    for step in steps {
        units += more(step);
        events.retain(|e| e.on < step.day);
        events.push(Event { on: step.day, what: Happened::Quantity(count(units)) });
    }
    (first, events)
}

/// A line that the engine made, for an invoice.
#[must_use]
pub fn written(line: Line, kind: invoices::LineKind, product: &Product) -> invoices::Line {
    let basis = line.basis();
    let printed = |s: Segment| TaxSegment {
        period: s.period,
        decision: s.judged.decision(s.period.start()),
        amounts: s.amounts,
    };
    let priced = Priced {
        amounts: line.amounts,
        segments: line.segments.into_iter().map(printed).collect(),
        traces: line.traces,
        basis,
    };
    let unit = (line.quantity, line.terms.unit_price);
    invoices::Line::new(line.id, kind, product, line.period, unit, priced)
}

/// A line of an invoice that stands, of a subscription's units; nothing for what covers no days.
/// `terms` are the subscription's: what it pays never changes, whatever the catalogue says since.
#[must_use]
pub fn standing(
    line: &invoices::Line,
    subscription: usize,
    terms: Terms,
    (full, full_months): (Period, u32),
) -> Option<Line> {
    use invoices::LineKind;
    let kind = match line.kind {
        LineKind::Period => Kind::Renewal,
        LineKind::Delta => Kind::Change,
        LineKind::Credit => Kind::Credit,
        LineKind::Once | LineKind::Manual => return None,
    };
    let charged = match line.traces.first() {
        Some(Trace::Charge(trace)) => Some(Part { period: line.period, ..trace.part() }),
        _ => None,
    };
    Some(Line {
        id: line.id,
        subscription,
        kind,
        terms,
        period: line.period,
        full: charged.map_or(full, |part| part.full),
        full_months: charged.map_or(full_months, |part| part.full_months),
        quantity: line.quantity,
        change: line.change_of_quantity,
        credits: line.billed_line.filter(|_| kind == Kind::Credit),
        amounts: line.amounts,
        segments: line.segments.iter().map(segment).collect(),
        traces: Vec::new(),
        by_hand: charged.is_none() && kind != Kind::Credit,
        charged,
    })
}

/// A stored segment without its phrase.
#[must_use]
pub fn segment(s: &TaxSegment) -> Segment {
    Segment {
        period: s.period,
        judged: Judged { rate: s.decision.rate, reason: s.decision.reason },
        amounts: s.amounts,
    }
}

/// The lines that a run makes of a subscription, for its invoice: a period as a whole, or what is
/// left of it; and where its quantity changed inside of days that nothing billed, the difference.
#[must_use]
pub fn billed_now(
    made: Vec<Line>,
    subscription: &Subscription,
    product: &Product,
    steps: &[Step],
) -> Vec<invoices::Line> {
    use invoices::{Line as Written, LineKind};
    let mut lines: Vec<Written> = Vec::new();
    for line in made {
        let inside = |l: &&Written| {
            l.kind == LineKind::Period && l.period.intersect(line.period) == Some(line.period)
        };
        let change = change_of(steps, line.period);
        let (around, told) = (lines.iter().find(inside).map(|l| l.id), line.change);
        let written = match (line.kind, around, change) {
            (Kind::Change, Some(around), Some(step)) => {
                let (before, after) = told.unwrap_or((step.before, step.after));
                let delta = written(line, LineKind::Delta, product);
                Written {
                    change: Some(step.change),
                    billed_line: Some(around),
                    ..delta.of_change(product, before, after)
                }
            }
            (Kind::Once, ..) => written(line, LineKind::Once, product),
            _ => written(line, LineKind::Period, product),
        };
        let of = (written.kind != LineKind::Once).then_some(subscription.id);
        lines.push(Written { subscription: of, ..written });
    }
    lines
}

/// The change that a difference is due to: units begin or end with it.
fn change_of(steps: &[Step], period: Period) -> Option<Step> {
    let on = |day| steps.iter().rev().find(|s| s.day == day).copied();
    on(period.start()).or_else(|| on(period.end()))
}

/// Every day from the start on that none of these periods holds.
#[must_use]
pub fn outside(start: NaiveDate, periods: &[Period]) -> Vec<Period> {
    Period::new(start, NaiveDate::MAX).map(|all| unclaimed(all, periods)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
