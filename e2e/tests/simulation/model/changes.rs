//! More and fewer units from a day on.

use super::{
    super::arithmetic::{charge, share, thirtieths},
    Charge, HOSTING, Kind, Line, Model, Stage,
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

impl Model {
    /// Whether the quantity may change: it has begun, and nothing of it is held.
    pub fn may_change(&self, subscription: usize) -> bool {
        let it = &self.subscriptions[subscription];
        let issued = |i: usize| self.invoices[i].stage == Stage::Issued;
        it.start <= self.day() && self.lines_of(subscription).iter().all(|(i, _, _)| issued(*i))
    }

    /// A new total. Answers the held invoice; none where nothing ahead is billed.
    pub fn change(&mut self, subscription: usize, quantity: u32) -> Option<usize> {
        let (day, it) = (self.day(), &self.subscriptions[subscription]);
        let lines = match quantity > it.quantity {
            true => self.more(subscription, quantity - it.quantity, day),
            false => self.less(subscription, it.quantity - quantity, day),
        };
        let client = it.client;
        self.subscriptions[subscription].quantity = quantity;
        (!lines.is_empty()).then(|| self.ask(client, HOSTING, Kind::Extra, lines))
    }

    fn more(&self, place: usize, units: u32, day: NaiveDate) -> Vec<Line> {
        let it = &self.subscriptions[place];
        let periods = self.lines_of(place).into_iter().map(|(_, _, line)| line);
        periods
            .filter(|line| line.charge == Charge::Period && line.span.1 > day)
            .map(|line| {
                let span = (line.span.0.max(day), line.span.1);
                let full = it.period(line.span.0);
                let amount = charge(it.price, it.price_months, units, span, full);
                let subscription = Some(place);
                Line { charge: Charge::More, subscription, span, units, amount }
            })
            .collect()
    }

    /// Of each billed period the newest lines are taken back, by the part that is left of them.
    fn less(&self, place: usize, units: u32, day: NaiveDate) -> Vec<Line> {
        let all = self.lines_of(place);
        let taken = |i: usize, l: usize| {
            let back = all.iter().filter(|(_, _, x)| x.charge == Charge::Less(i, l));
            back.fold((0, Decimal::ZERO), |(u, a), (_, _, x)| (u + x.units, a - x.amount))
        };
        let mut periods: BTreeMap<NaiveDate, Vec<(usize, usize, &Line)>> = BTreeMap::new();
        for (i, l, line) in &all {
            if line.span.1 > day && !matches!(line.charge, Charge::Less(..)) {
                periods.entry(line.span.1).or_default().push((*i, *l, line));
            }
        }
        let mut lines = Vec::new();
        for lines_of_period in periods.into_values() {
            let mut units = units;
            for (i, l, line) in lines_of_period.into_iter().rev() {
                let (units_gone, amount_gone) = taken(i, l);
                let take = units.min(line.units - units_gone);
                if take == 0 {
                    continue;
                }
                units -= take;
                let span = (line.span.0.max(day), line.span.1);
                let sum = |span| thirtieths(span).into_iter().sum::<i64>();
                let (rest, whole) = (sum(span).min(sum(line.span)), sum(line.span));
                let (n, d) = (rest * i64::from(take), whole * i64::from(line.units));
                let back = share(line.amount, n, d).min(line.amount - amount_gone);
                let (charge, subscription) = (Charge::Less(i, l), Some(place));
                lines.push(Line { charge, subscription, span, units: take, amount: -back });
            }
        }
        lines
    }
}
