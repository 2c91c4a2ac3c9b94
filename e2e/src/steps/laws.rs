//! The invariants of design.md §6, looked at from outside: what any program with a token can check.

use super::{catalogue::SellerOf, customers::Customer, done, letters::read};
use crate::{
    Suite,
    money::{amount, day},
};
use proto::{
    invoicing::v1::{
        Application, GetActRequest, Invoice, ListActsRequest, ListApplicationsRequest,
        ListInvoicesRequest, billing_client::BillingClient, invoice,
        invoices_client::InvoicesClient, ledger_client::LedgerClient,
    },
    payments::v1::{
        GetLineRequest, Line, ListLinesRequest,
        line::{Direction, State},
        lines_client::LinesClient,
    },
};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Most rows that a page holds; the laws are checked over fewer.
const PAGE: i32 = 1000;

impl Suite {
    /// Asserts every law, then that the suite's own audit agrees and nothing is stuck.
    ///
    /// # Panics
    /// When a law is broken; names what breaks it.
    pub async fn assert_laws(&self, customers: &[Customer], sellers: &[&SellerOf]) {
        let (mut applied, mut credit) = (Decimal::ZERO, Decimal::ZERO);
        for customer in customers {
            let client = customer.client.name.as_str();
            let invoices = self.invoices(client).await;
            assert_billed_once(&invoices);
            assert_asked(&invoices);
            for invoice in &invoices {
                assert_sums(invoice);
                assert_eq!(self.applied_to(&invoice.name).await, amount(invoice.applied.as_ref()));
            }
            applied += invoices.iter().map(|i| amount(i.applied.as_ref())).sum::<Decimal>();
            for seller in sellers {
                credit += self.assert_balance(client, &seller.name, &invoices).await;
            }
            self.assert_acts(client, &invoices).await;
        }
        for seller in sellers {
            self.assert_gapless(&seller.name).await;
        }
        self.assert_money(applied, credit).await;
        self.assert_clean().await;
    }

    /// Σ of the live applications to an invoice.
    async fn applied_to(&self, invoice: &str) -> Decimal {
        let request = ListApplicationsRequest {
            invoice: invoice.into(),
            page_size: PAGE,
            ..Default::default()
        };
        let mut ledger = LedgerClient::new(self.admin.clone());
        let found: Vec<Application> = done(ledger.list_applications(request).await).applications;
        found.iter().filter(|a| !a.reversed).map(|a| amount(a.amount.as_ref())).sum()
    }

    /// Credits are never negative, what is due is what issued invoices lack, and every advance
    /// holds the credit in it. Answers the credit.
    async fn assert_balance(&self, client: &str, seller: &str, invoices: &[Invoice]) -> Decimal {
        let Some(row) = self.balance(client, seller).await else { return Decimal::ZERO };
        let credit = amount(row.credit.as_ref());
        let due: Decimal = invoices
            .iter()
            .filter(|i| i.seller == seller && i.state() == invoice::State::Issued)
            .map(|i| amount(i.residual.as_ref()))
            .sum();
        assert!(credit >= Decimal::ZERO, "{client} has credit {credit}");
        assert_eq!(amount(row.due.as_ref()), due, "what {client} owes {seller}");
        assert!(amount(row.advances.as_ref()) >= credit, "{row:?}");
        assert!(amount(row.receivable.as_ref()) >= Decimal::ZERO, "{row:?}");
        credit
    }

    /// received = unallocated + allocated; allocated = applied + credit, when feeds are drained.
    async fn assert_money(&self, applied: Decimal, credit: Decimal) {
        let (mut received, mut unallocated) = (Decimal::ZERO, Decimal::ZERO);
        let mut allocated = Decimal::ZERO;
        for line in self.incoming().await {
            received += amount(line.amount.as_ref());
            unallocated += amount(line.unallocated.as_ref());
            for allocation in line.allocations.iter().filter(|a| !a.reversed) {
                assert!(allocation.settled, "in flight: {allocation:?}");
                let whole = amount(allocation.amount.as_ref());
                let parts =
                    amount(allocation.applied.as_ref()) + amount(allocation.credit.as_ref());
                assert_eq!(whole, parts, "{allocation:?}");
                allocated += whole;
            }
        }
        assert_eq!(received, unallocated + allocated, "received = unallocated + allocated");
        assert_eq!(allocated, applied + credit, "allocated = applied + credit");
    }

    /// Every line that brought money, whole; ignored ones are no money of clients.
    async fn incoming(&self) -> Vec<Line> {
        let request = ListLinesRequest {
            direction: Direction::In.into(),
            page_size: PAGE,
            ..Default::default()
        };
        let mut client = LinesClient::new(self.admin.clone());
        let listed = done(client.list_lines(request).await);
        assert!(listed.next_page_token.is_empty(), "more than {PAGE} lines");
        let mut whole = Vec::new();
        for line in listed.lines.into_iter().filter(|l| l.state() != State::Ignored) {
            whole.push(done(client.get_line(GetLineRequest { name: line.name }).await));
        }
        whole
    }

    /// Sequences of a seller's invoices are 1, 2, 3, …
    async fn assert_gapless(&self, seller: &str) {
        let request =
            ListInvoicesRequest { seller: seller.into(), page_size: PAGE, ..Default::default() };
        let mut client = InvoicesClient::new(self.admin.clone());
        let listed = done(client.list_invoices(request).await);
        assert!(listed.next_page_token.is_empty(), "more than {PAGE} invoices");
        let mut sequences: Vec<i64> =
            listed.invoices.iter().map(|i| i.sequence).filter(|n| *n > 0).collect();
        sequences.sort_unstable();
        assert!(sequences.iter().copied().eq(1..=sequences.len() as i64), "{sequences:?}");
    }

    /// Σ of the pieces that acts cut from a line is at most the line (G53).
    async fn assert_acts(&self, client: &str, invoices: &[Invoice]) {
        let request =
            ListActsRequest { client: client.into(), page_size: PAGE, ..Default::default() };
        let mut billing = BillingClient::new(self.admin.clone());
        let mut cut: BTreeMap<String, Decimal> = BTreeMap::new();
        for act in done(billing.list_acts(request).await).acts {
            let act = done(billing.get_act(GetActRequest { name: act.name }).await);
            let sum: Decimal = act.lines.iter().map(|l| amount(l.amount.as_ref())).sum();
            assert_eq!(sum, amount(act.total.as_ref()), "{}", act.name);
            for line in act.lines {
                *cut.entry(line.invoice_line).or_default() += amount(line.amount.as_ref());
            }
        }
        let lines = invoices.iter().flat_map(|i| &i.lines);
        let whole: BTreeMap<&str, Decimal> =
            lines.map(|l| (l.name.as_str(), amount(l.amount.as_ref()))).collect();
        for (line, rendered) in cut {
            let charged = whole.get(line.as_str()).copied().unwrap_or_default();
            // What a credit took back is cut with its sign.
            assert!(rendered.abs() <= charged.abs(), "{line}: {rendered} of {charged}");
        }
    }
}

/// Σ of the lines is the invoice, to the kopeck, tax included (G55).
fn assert_sums(invoice: &Invoice) {
    let sum = |part: fn(&proto::invoicing::v1::InvoiceLine) -> Decimal| {
        invoice.lines.iter().map(part).sum::<Decimal>()
    };
    let (net, tax) = (amount(invoice.net.as_ref()), amount(invoice.tax.as_ref()));
    let total = amount(invoice.total.as_ref());
    assert_eq!(sum(|l| amount(l.amount.as_ref())), total, "{invoice:?}");
    assert_eq!(sum(|l| amount(l.net.as_ref())), net, "{invoice:?}");
    assert_eq!(sum(|l| amount(l.tax.as_ref())), tax, "{invoice:?}");
    assert_eq!(net + tax, total, "{invoice:?}");
    let (applied, left) = (amount(invoice.applied.as_ref()), amount(invoice.residual.as_ref()));
    assert!(applied >= Decimal::ZERO, "{invoice:?}");
    // Less where a later credit has lowered what it asks for.
    assert!(applied + left <= total.max(Decimal::ZERO), "{invoice:?}");
    if invoice.state() == invoice::State::Issued {
        assert!(left >= Decimal::ZERO, "{invoice:?}");
        assert!(!invoice.number.is_empty() && invoice.sequence > 0, "{invoice:?}");
    }
}

/// What was asked for, credits taken off, is what is paid and what is left to pay.
fn assert_asked(invoices: &[Invoice]) {
    let issued = || invoices.iter().filter(|i| i.state() == invoice::State::Issued);
    let asked: Decimal = issued().map(|i| amount(i.total.as_ref())).sum();
    let parts = |i: &Invoice| amount(i.applied.as_ref()) + amount(i.residual.as_ref());
    assert_eq!(asked, issued().map(parts).sum::<Decimal>(), "asked = applied + left");
}

/// No day of a subscription is billed twice by what orders and renewals made.
fn assert_billed_once(invoices: &[Invoice]) {
    let mut periods: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    let live = invoices.iter().filter(|i| {
        !matches!(i.state(), invoice::State::Cancelled | invoice::State::Expired)
            && matches!(i.kind(), invoice::Kind::Main | invoice::Kind::Order)
    });
    let charges = live
        .flat_map(|i| &i.lines)
        .filter(|l| l.start_date.is_some() && amount(l.amount.as_ref()) > Decimal::ZERO);
    for line in charges {
        let period = (day(line.start_date.as_ref()), day(line.last_day.as_ref()));
        periods.entry(line.subscription.as_str()).or_default().push(period);
    }
    for (subscription, mut billed) in periods {
        billed.sort();
        for pair in billed.windows(2) {
            assert!(pair[0].1 < pair[1].0, "{subscription} is billed twice: {pair:?}");
        }
    }
}

/// No two letters are one: nothing was sent twice.
///
/// # Panics
/// When something was.
pub fn assert_no_letter_twice(suite: &Suite) {
    let letters = suite.sink.letters();
    let ids: BTreeSet<String> = letters.iter().map(|l| read(l).message_id).collect();
    assert_eq!(ids.len(), letters.len(), "a letter was sent twice");
}
