//! Orders, renewals, issue and cancellation.

use super::{
    super::arithmetic::{Span, charge},
    Charge, HOSTING, Invoice, Kind, LEAD, Line, Model, Stage, State, Subscription, Work,
};
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

impl Model {
    /// An accepted order makes a held invoice for each seller. Answers hosting's, if any.
    pub fn order(&mut self, client: usize, subscriptions: Vec<Subscription>) -> Option<usize> {
        let mut lines = Vec::new();
        for made in subscriptions {
            let full = made.period(made.start);
            let span = (made.start, full.1);
            let amount = charge(made.price, made.price_months, made.quantity, span, full);
            let (units, subscription) = (made.quantity, Some(self.subscriptions.len()));
            lines.push(Line { charge: Charge::Period, subscription, span, units, amount });
            self.subscriptions.push(made);
            self.places.push(Vec::new());
        }
        (!lines.is_empty()).then(|| self.ask(client, HOSTING, Kind::Order, lines))
    }

    /// Something that is charged once, on a day.
    pub fn order_once(
        &mut self,
        client: usize,
        seller: usize,
        units: u32,
        price: Decimal,
    ) -> usize {
        let span: Span = (self.day(), self.day() + Days::new(1));
        let amount = price * Decimal::from(units);
        let line = Line { charge: Charge::Once, subscription: None, span, units, amount };
        self.ask(client, seller, Kind::Order, vec![line])
    }

    /// A held invoice.
    pub(super) fn ask(
        &mut self,
        client: usize,
        seller: usize,
        kind: Kind,
        lines: Vec<Line>,
    ) -> usize {
        let invoice = self.invoices.len();
        for (place, line) in lines.iter().enumerate() {
            if let Some(subscription) = line.subscription {
                self.places[subscription].push((invoice, place));
            }
        }
        self.invoices.push(Invoice {
            client,
            seller,
            kind,
            stage: Stage::Held,
            issued: None,
            lines,
            credited: Decimal::ZERO,
            was_paid: false,
            applications: Vec::new(),
            name: String::new(),
            number: String::new(),
        });
        invoice
    }

    /// Business time goes on, and every day is billed.
    pub fn advance(&mut self, to: NaiveDate) {
        while self.day() < to {
            let next = self.day().succ_opt().unwrap();
            self.today = Some(next);
            self.bill(next);
        }
    }

    /// Bills what begins until the lead days after a date and is not billed. Answers the invoices.
    pub fn bill(&mut self, date: NaiveDate) -> Vec<usize> {
        let until = date + Days::new(LEAD);
        let mut made = Vec::new();
        for client in self.clients() {
            let all = 0..self.subscriptions.len();
            let own = all.filter(|s| self.subscriptions[*s].client == client && self.renews(*s));
            let lines: Vec<Line> = own.flat_map(|s| self.renewals(s, until)).collect();
            if !lines.is_empty() {
                let invoice = self.ask(client, HOSTING, Kind::Renewal, lines);
                self.issue(invoice);
                made.push(invoice);
            }
        }
        made
    }

    /// What works, or waits for a payment that is asked for.
    fn renews(&self, subscription: usize) -> bool {
        let lines = self.lines_of(subscription);
        let mut periods = lines.iter().filter(|(_, _, l)| l.charge == Charge::Period).peekable();
        match self.subscriptions[subscription].state {
            State::Active => true,
            State::Pending => {
                periods.peek().is_some()
                    && periods.all(|(i, _, _)| self.invoices[*i].stage == Stage::Issued)
            }
        }
    }

    fn renewals(&self, place: usize, until: NaiveDate) -> Vec<Line> {
        let it = &self.subscriptions[place];
        let billed: Vec<Span> = self
            .lines_of(place)
            .iter()
            .filter(|(_, _, l)| l.charge == Charge::Period)
            .map(|(_, _, l)| l.span)
            .collect();
        let (mut from, mut lines) = (it.start, Vec::new());
        while from <= until {
            let full = it.period(from);
            let span = (from, full.1);
            if !billed.contains(&span) {
                let amount = charge(it.price, it.price_months, it.quantity, span, full);
                let (units, subscription) = (it.quantity, Some(place));
                lines.push(Line { charge: Charge::Period, subscription, span, units, amount });
            }
            from = full.1;
        }
        lines
    }

    /// The customer is asked; credit pays first, oldest money first, and what less quantity takes
    /// back lowers what was asked for before.
    pub fn issue(&mut self, invoice: usize) {
        let day = self.day();
        let it = &mut self.invoices[invoice];
        assert_eq!(it.stage, Stage::Held);
        (it.stage, it.issued) = (Stage::Issued, Some(day));
        let mut back = -it.total();
        for line in it.lines.clone() {
            let Charge::Less(lowered, _) = line.charge else { continue };
            if back > Decimal::ZERO {
                let part = back.min(-line.amount);
                back -= part;
                self.lower(lowered, part);
            }
        }
        self.pay_by_credit(invoice);
        self.settle(invoice);
    }

    /// Issued at some time with something to pay: each was sent.
    pub fn asked(&self) -> Vec<&Invoice> {
        let sent = |i: &&Invoice| i.issued.is_some() && i.total() > Decimal::ZERO;
        self.invoices.iter().filter(sent).collect()
    }

    /// What technicians were told of: orders and changes of such products.
    pub fn work(&self) -> usize {
        let asked = |i: &&Invoice| i.issued.is_some() && i.kind != Kind::Renewal;
        let told = |invoice: &Invoice, line: &Line| {
            line.subscription.is_some_and(|s| match self.subscriptions[s].work {
                Work::Never => false,
                Work::OnIssue => true,
                Work::OnPayment => invoice.was_paid,
            })
        };
        let asked = self.invoices.iter().filter(asked);
        // One for each order's line, and one for each change, whatever periods it concerns.
        let per_invoice = asked.map(|invoice| {
            let told = invoice.lines.iter().filter(|l| told(invoice, l));
            told.map(|l| l.subscription).collect::<BTreeSet<_>>().len()
        });
        per_invoice.sum()
    }

    /// What waits for staff.
    pub fn held(&self) -> Vec<usize> {
        let held = |i: &usize| self.invoices[*i].stage == Stage::Held;
        (0..self.invoices.len()).filter(held).collect()
    }

    /// Whether an invoice may be cancelled: no money and no later change stands on it.
    pub fn may_cancel(&self, invoice: usize) -> bool {
        let it = &self.invoices[invoice];
        let changed = || {
            let mut changes = self.invoices.iter().filter(|i| i.stands() && i.kind == Kind::Extra);
            let own = |s: &Option<usize>| it.lines.iter().any(|l| l.subscription == *s);
            changes.any(|i| i.lines.iter().any(|l| own(&l.subscription)))
        };
        it.kind == Kind::Renewal
            && it.stage == Stage::Issued
            && self.applied(invoice).is_zero()
            && it.credited.is_zero()
            && !self.is_rendered(invoice)
            && !changed()
    }

    /// Why an unpaid issued invoice must stand, where the model is sure of it.
    pub fn must_stand(&self, invoice: usize) -> Option<&'static str> {
        let it = &self.invoices[invoice];
        if it.stage != Stage::Issued || !self.applied(invoice).is_zero() {
            return None;
        }
        if self.is_rendered(invoice) {
            return Some("INVOICE_RENDERED");
        }
        if it.total() < Decimal::ZERO {
            return Some("CREDIT_GIVEN");
        }
        if !it.credited.is_zero() {
            return Some("INVOICE_CREDITED");
        }
        let periods = it.lines.iter().filter(|l| l.charge == Charge::Period);
        let changed = |line: &Line| {
            let lines = line.subscription.map(|s| self.lines_of(s)).unwrap_or_default();
            lines.into_iter().any(|(i, _, l)| {
                i != invoice
                    && matches!(l.charge, Charge::More | Charge::Less(..))
                    && l.span.0 < line.span.1
                    && line.span.0 < l.span.1
            })
        };
        periods.into_iter().any(changed).then_some("LATER_INVOICE")
    }

    /// It is asked for no more; the next run bills its periods again.
    pub fn cancel(&mut self, invoice: usize) {
        self.invoices[invoice].stage = Stage::Cancelled;
    }

    /// It is cancelled, and a held one asks for the same.
    pub fn reissue(&mut self, invoice: usize) -> usize {
        self.cancel(invoice);
        let Invoice { client, seller, kind, lines, .. } = self.invoices[invoice].clone();
        self.ask(client, seller, kind, lines)
    }
}
