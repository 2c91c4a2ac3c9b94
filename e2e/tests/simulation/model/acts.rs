//! What was rendered, month by month.

use super::{
    super::arithmetic::{by_month, month_of, split, thirtieths},
    Invoice, Line, Model, Stage, State,
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What was rendered to a client under the contract with a seller, by the act of a month.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    pub client: usize,
    pub seller: usize,
    /// First day of the month.
    pub month: NaiveDate,
    pub total: Decimal,
    pub lines: usize,
}

/// A month of a line of an invoice: invoice, line, first day of the month.
pub(super) type Piece = (usize, usize, NaiveDate);

impl Model {
    /// Closes a month: every piece of it, or of an earlier one, that no act holds.
    pub fn close(&mut self, month: NaiveDate) -> Vec<Act> {
        let mut pieces: BTreeMap<(usize, usize), Vec<(Piece, Decimal)>> = BTreeMap::new();
        for (i, invoice) in self.invoices.iter().enumerate() {
            for (l, line) in invoice.lines.iter().enumerate() {
                if self.is_served(i, invoice, line) {
                    let due = cut(line).into_iter().filter(|(m, part)| {
                        *m <= month && !part.is_zero() && !self.closed.contains(&(i, l, *m))
                    });
                    let own = pieces.entry((invoice.client, invoice.seller)).or_default();
                    own.extend(due.map(|(m, part)| ((i, l, m), part)));
                }
            }
        }
        let mut acts = Vec::new();
        for ((client, seller), pieces) in pieces {
            let total: Decimal = pieces.iter().map(|(_, part)| *part).sum();
            // Credits that outweigh what was rendered wait for the next month.
            if total > Decimal::ZERO {
                acts.push(Act { client, seller, month, total, lines: pieces.len() });
                self.closed.extend(pieces.into_iter().map(|(key, _)| key));
            }
        }
        self.acts.extend(acts.iter().cloned());
        acts
    }

    /// Issued, and no more waiting for the first payment.
    fn is_served(&self, place: usize, invoice: &Invoice, line: &Line) -> bool {
        let served = match line.subscription {
            Some(s) => self.subscriptions[s].state != State::Pending,
            None => self.is_paid(place),
        };
        invoice.stage == Stage::Issued && served
    }

    /// Whether an act holds something of an invoice.
    pub fn is_rendered(&self, invoice: usize) -> bool {
        self.closed.iter().any(|(i, _, _)| *i == invoice)
    }

    /// Σ of the acts of a client with a seller.
    pub fn rendered(&self, client: usize, seller: usize) -> Decimal {
        let own = self.acts.iter().filter(|a| (a.client, a.seller) == (client, seller));
        own.map(|a| a.total).sum()
    }
}

/// A line by month.
fn cut(line: &Line) -> Vec<(NaiveDate, Decimal)> {
    let months = by_month(line.span).into_iter().map(|(start, _)| month_of(start));
    match line.subscription {
        Some(_) => months.zip(split(line.amount, &thirtieths(line.span))).collect(),
        None => vec![(month_of(line.span.0), line.amount)],
    }
}
