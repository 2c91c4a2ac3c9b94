//! A small, independent model of the books: what each client should have been asked for, what came
//! and what it stands against. It calls nothing of the suite; everything is found by place.

mod acts;
mod billing;
mod changes;
mod money;

pub use acts::Act;
pub use money::{BankLine, Coming};

use super::arithmetic::{Span, period};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// Days before its period that a renewal is asked for.
const LEAD: u64 = 20;

/// Place of a seller: hosting with VAT, works without.
pub const HOSTING: usize = 0;
pub const WORKS: usize = 1;

/// All that is known.
#[derive(Debug, Clone, Default)]
pub struct Model {
    today: Option<NaiveDate>,
    pub subscriptions: Vec<Subscription>,
    /// Where the lines of each subscription are: invoice and line.
    places: Vec<Vec<(usize, usize)>>,
    pub invoices: Vec<Invoice>,
    pub bank: Vec<BankLine>,
    /// Money meant for a client.
    allocations: Vec<money::Allocation>,
    /// Money of an allocation set against an invoice.
    applications: Vec<money::Application>,
    pub acts: Vec<Act>,
    /// Pieces of lines that acts hold.
    closed: BTreeSet<acts::Piece>,
}

/// What is billed by periods of whole calendar months.
#[derive(Debug, Clone)]
pub struct Subscription {
    pub client: usize,
    /// Price of one for so many months.
    pub price: Decimal,
    pub price_months: u32,
    /// Any day of the month that its periods are counted from.
    pub origin: NaiveDate,
    /// Months of a period.
    pub months: u32,
    pub start: NaiveDate,
    pub quantity: u32,
    pub state: State,
    /// When a technician is told of what an order or a change of it asks for.
    pub work: Work,
    /// As the suite calls it.
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Never,
    OnIssue,
    /// Once, whatever becomes of the money.
    OnPayment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for its first payment.
    Pending,
    Active,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Order,
    Renewal,
    Extra,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Held,
    Issued,
    Cancelled,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Invoice {
    pub client: usize,
    pub seller: usize,
    pub kind: Kind,
    pub stage: Stage,
    pub issued: Option<NaiveDate>,
    pub lines: Vec<Line>,
    /// Taken back by later invoices.
    pub credited: Decimal,
    /// Nothing was left to pay at some time.
    was_paid: bool,
    /// Money set against it, taken back or not.
    applications: Vec<usize>,
    /// As the suite calls it; empty until it is found there.
    pub name: String,
    /// As printed.
    pub number: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// A subscription's period.
    Period,
    /// More units for the rest of one.
    More,
    /// Fewer units: this much of a line is taken back (invoice, line).
    Less(usize, usize),
    /// Once.
    Once,
}

#[derive(Debug, Clone)]
pub struct Line {
    pub charge: Charge,
    pub subscription: Option<usize>,
    pub span: Span,
    pub units: u32,
    pub amount: Decimal,
}

impl Invoice {
    pub fn total(&self) -> Decimal {
        self.lines.iter().map(|l| l.amount).sum()
    }

    fn stands(&self) -> bool {
        self.stage != Stage::Cancelled
    }
}

impl Subscription {
    fn period(&self, day: NaiveDate) -> Span {
        period(self.origin, self.months, day)
    }
}

impl Model {
    /// Nothing yet, on a day.
    pub fn of(today: NaiveDate) -> Self {
        Self { today: Some(today), ..Self::default() }
    }

    /// Business day.
    pub fn day(&self) -> NaiveDate {
        self.today.unwrap()
    }

    /// Lines of a subscription on invoices that stand, oldest first.
    pub fn lines_of(&self, subscription: usize) -> Vec<(usize, usize, &Line)> {
        let places = self.places[subscription].iter();
        let standing = places.filter(|(i, _)| self.invoices[*i].stands());
        standing.map(|(i, l)| (*i, *l, &self.invoices[*i].lines[*l])).collect()
    }

    /// First day that no invoice covers.
    pub fn billed_through(&self, subscription: usize) -> NaiveDate {
        self.covered(subscription, |_| true)
    }

    /// First day that no paid invoice covers.
    pub fn paid_through(&self, subscription: usize) -> NaiveDate {
        self.covered(subscription, |invoice| self.is_paid(invoice))
    }

    fn covered(&self, subscription: usize, counts: impl Fn(usize) -> bool) -> NaiveDate {
        let lines = self.lines_of(subscription).into_iter();
        let mut spans: Vec<Span> = lines
            .filter(|(i, _, line)| line.charge == Charge::Period && counts(*i))
            .map(|(_, _, line)| line.span)
            .collect();
        spans.sort_unstable();
        let start = self.subscriptions[subscription].start;
        spans.iter().fold(start, |day, s| if s.0 <= day && day < s.1 { s.1 } else { day })
    }

    /// Whether nothing is left to pay of an issued invoice.
    pub fn is_paid(&self, invoice: usize) -> bool {
        self.invoices[invoice].stage == Stage::Issued && self.left(invoice).is_zero()
    }

    /// What is left to pay.
    pub fn left(&self, invoice: usize) -> Decimal {
        let asked = self.invoices[invoice].total() - self.invoices[invoice].credited;
        (asked - self.applied(invoice)).max(Decimal::ZERO)
    }

    /// Everybody who was asked for money.
    pub fn clients(&self) -> BTreeSet<usize> {
        self.invoices.iter().map(|i| i.client).collect()
    }

    /// What was paid makes what waited for it work.
    fn settle(&mut self, invoice: usize) {
        if !self.is_paid(invoice) {
            return;
        }
        self.invoices[invoice].was_paid = true;
        let lines = self.invoices[invoice].lines.iter();
        let paid = lines.filter(|l| l.charge == Charge::Period).filter_map(|l| l.subscription);
        for subscription in paid.collect::<Vec<_>>() {
            let state = &mut self.subscriptions[subscription].state;
            if *state == State::Pending {
                *state = State::Active;
            }
        }
    }
}
