//! Lines of standing invoices, as a plan prints them; of what is left out, the history's own terms
//! on the first day of the line are taken.

use super::{
    Names,
    wire::{File, at, contract_at, product_at},
};
use anyhow::{Context, Result, anyhow, bail};
use chrono::NaiveDate;
use invoicing_svc::domain::{
    billing::{
        History, Kind, Line,
        history::{Happened, Timing},
        lines::tax_terms,
        timeline::{Stretch, Terms, Timeline, timeline},
    },
    discounts::Discount,
    pricing::{Segment, weights},
    proration::{Basis, Convention, basis},
    tax::{Judged, PriceTax, Taxed, within},
};
use rust_decimal::Decimal;
use serde::Deserialize;
use types::{Money, Period};

#[derive(Debug, Deserialize)]
pub(super) struct FileLine {
    id: String,
    subscription: String,
    kind: Kind,
    period: FilePeriod,
    quantity: u32,
    amount: Decimal,
    #[serde(default)]
    product: Option<String>,
    #[serde(default)]
    contract: Option<String>,
    #[serde(default)]
    unit_price: Option<Decimal>,
    #[serde(default)]
    price_months: Option<u32>,
    #[serde(default)]
    discount: Option<Discount>,
    #[serde(default)]
    convention: Option<Convention>,
    #[serde(default)]
    full: Option<FilePeriod>,
    #[serde(default)]
    full_months: Option<u32>,
    #[serde(default)]
    credits: Option<String>,
    #[serde(default)]
    by_hand: bool,
}

/// First and last day.
#[derive(Debug, Clone, Copy, Deserialize)]
struct FilePeriod {
    from: NaiveDate,
    to: NaiveDate,
}

impl FilePeriod {
    fn period(self) -> Result<Period> {
        Period::inclusive(self.from, self.to)
            .map_err(|_| anyhow!("period: {} is before {}", self.to, self.from))
    }
}

/// The lines of the file by subscription, oldest first as they stand there.
pub(super) fn lines(file: &File, history: &History, names: &mut Names) -> Result<Vec<Vec<Line>>> {
    let mut lines: Vec<Vec<Line>> = vec![Vec::new(); history.subscriptions.len()];
    let timelines: Result<Vec<Timeline>, _> =
        (0..history.subscriptions.len()).map(|i| timeline(history, i)).collect();
    let timelines = timelines.map_err(|e| anyhow!("{e}"))?;
    for one in &file.billed {
        if names.0.contains(&one.id) {
            bail!("billed: the id {:?} is given twice", one.id);
        }
        let ids = history.subscriptions.iter().map(|s| s.id.as_str());
        let index = at(ids, &one.subscription, "subscription")?;
        let line = one.line(history, index, &timelines[index], &lines[index], names);
        lines[index].push(line.with_context(|| format!("billed line {}", one.id))?);
    }
    Ok(lines)
}

impl FileLine {
    fn line(
        &self,
        history: &History,
        index: usize,
        timeline: &Timeline,
        before: &[Line],
        names: &mut Names,
    ) -> Result<Line> {
        let period = self.period.period()?;
        let credited = match &self.credits {
            Some(name) => {
                let id = names.id(name);
                let line = before.iter().find(|l| l.id == id);
                Some(line.with_context(|| format!("credits: {name:?} stands nowhere before"))?)
            }
            None => None,
        };
        let terms = match credited {
            Some(line) => line.terms,
            None => self.terms(history, index, timeline, period.start())?,
        };
        let grid = credited.map(|line| (line.full, line.full_months));
        let grid = grid.or(timeline.period(period.start())).unwrap_or((period, 1));
        let full = self.full.map_or(Ok(grid.0), FilePeriod::period)?;
        if full.intersect(period) != Some(period) {
            bail!("the period {period} is not inside the billing period {full}");
        }
        let gross = Money::new(self.amount, terms.unit_price.currency())?;
        if (self.kind == Kind::Credit) != self.credits.is_some() {
            bail!("credits: a line of kind CREDIT, and only that, names the line it credits");
        }
        let basis = if self.by_hand { Basis::Days } else { basis(terms.convention, period) };
        let segments = segments(history, &terms, period, basis, gross)?;
        let amounts = Taxed::sum(gross.currency(), segments.iter().map(|s| s.amounts))?;
        Ok(Line {
            credits: credited.map(|line| line.id),
            id: names.id(&self.id),
            subscription: index,
            kind: self.kind,
            terms,
            period,
            full,
            full_months: self.full_months.unwrap_or(grid.1),
            quantity: self.quantity,
            change: None,
            amounts,
            segments,
            traces: Vec::new(),
            by_hand: self.by_hand,
            charged: None,
        })
    }

    fn terms(
        &self,
        history: &History,
        index: usize,
        timeline: &Timeline,
        day: NaiveDate,
    ) -> Result<Terms> {
        let subscription = &history.subscriptions[index];
        let product = match &self.product {
            Some(code) => product_at(history, code)?,
            None => subscription.product,
        };
        let known = timeline.stretches.iter().filter(|s| s.terms.product == product);
        let holds = |s: &&Stretch| s.from <= day && s.to.is_none_or(|to| day < to);
        let told = known.clone().find(holds).or(known.clone().next()).map(|s| s.terms);
        let base = match (told, self.unit_price) {
            (Some(terms), _) => terms,
            (None, Some(price)) => self.foreign(history, index, product, price)?,
            (None, None) => bail!("unit_price: the history does not tell the terms of this line"),
        };
        let currency = base.unit_price.currency();
        Ok(Terms {
            contract: match &self.contract {
                Some(id) => contract_at(history, Some(id))?,
                None => base.contract,
            },
            unit_price: match self.unit_price {
                Some(price) => Money::new(price, currency)?,
                None => base.unit_price,
            },
            price_months: self.price_months.unwrap_or(base.price_months).max(1),
            discount: self.discount.unwrap_or(base.discount),
            convention: self.convention.unwrap_or(base.convention),
            ..base
        })
    }

    /// Terms of a product that the subscription does not have any more.
    fn foreign(
        &self,
        history: &History,
        index: usize,
        product: usize,
        price: Decimal,
    ) -> Result<Terms> {
        let currency = history.products.iter().flat_map(|p| &p.prices).next();
        let currency = currency.context("products: no price is given")?.amount.currency();
        let main = history.subscriptions[index].product;
        let events = &history.subscriptions[index].events;
        let of_main = events.iter().any(|e| e.what == Happened::Product(product));
        Ok(Terms {
            product,
            option: product != main && !of_main,
            contract: history.subscriptions[index].contract,
            unit_price: Money::new(price, currency)?,
            price_months: 1,
            discount: Discount::NONE,
            convention: Convention::Seed30,
            tax: PriceTax::Included,
            since: history.subscriptions[index].start,
            timing: Timing::Advance,
            by_hand: false,
        })
    }
}

/// Tax of the line by rate, as the law is on its days.
fn segments(
    history: &History,
    terms: &Terms,
    period: Period,
    basis: Basis,
    gross: Money,
) -> Result<Vec<Segment>> {
    let tax = tax_terms(history, terms);
    let judged = tax.judge(period)?;
    let periods: Vec<Period> = judged.iter().map(|(period, _)| *period).collect();
    let parts = gross.split(&weights(basis, period, &periods));
    let segment = |((period, judged), part): ((Period, Judged), Money)| {
        Ok(Segment { period, judged, amounts: within(part, judged.rate)? })
    };
    judged.into_iter().zip(parts).map(segment).collect()
}
