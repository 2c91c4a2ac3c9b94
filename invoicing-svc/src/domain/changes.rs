//! Changes of quantity to a new total: "5 → 6" charges one more for the rest of what is billed,
//! "6 → 5" credits one against the newest billed lines by the same fraction (A151, G6, G7).
//!
//! The billing engine computes it: what should be billed of the days that are, with the change and
//! without it; the difference is the change's. The preview and the confirmation are one
//! computation: the confirm token is a hash of [`Preview::canonical`], so that nothing else than
//! what was seen can be confirmed.

use crate::domain::{
    billing::{
        self, BillingError, Kind,
        book::{self, Book, Step, Stored},
        due_of,
        history::Timing,
        timeline::timeline,
    },
    lines::{Line, LineKind},
    pricing::TaxTerms,
    products::{Product, ProductError, check_quantity},
    proration::Convention,
    subscriptions::{Subscription, SubscriptionState},
    tax::Taxed,
};
use chrono::NaiveDate;
use std::fmt::Write;
use types::{
    Money, Period,
    id::{ChangeId, InvoiceLineId, SubscriptionId},
    money::MoneyError,
};

/// A change of quantity as asked for.
#[derive(Debug, Clone, Copy)]
pub struct QuantityChange<'a> {
    /// Identity of the change.
    pub id: ChangeId,
    /// The subscription as it is.
    pub subscription: &'a Subscription,
    /// Its product.
    pub product: &'a Product,
    /// How parts of a cycle are counted.
    pub convention: Convention,
    /// Why its price is not the catalogue's; empty when it is.
    pub reason: &'a str,
    /// The new TOTAL, not the increment (A151).
    pub quantity: u32,
    /// Day of the change: the printed period starts with it; in money it belongs to the old
    /// quantity, as SEED30 counts.
    pub day: NaiveDate,
    /// Changes before it that stand, in the order in which they were confirmed.
    pub steps: &'a [Step],
    /// Lines that bill the subscription, of invoices that stand (HELD included), oldest first.
    pub billed: &'a [Line],
    /// What decides the tax.
    pub tax: TaxTerms<'a>,
}

/// What a change would make; nothing is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Units before.
    pub before: u32,
    /// Units after.
    pub after: u32,
    /// Day of the change.
    pub day: NaiveDate,
    /// Lines: a delta per billed period, or credits; none where nothing ahead is billed yet.
    pub lines: Vec<Line>,
    /// Sums of the lines; below zero for credits.
    pub amounts: Taxed,
}

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// Quantity out of range.
    #[error(transparent)]
    Quantity(#[from] ProductError),
    /// Nothing would change.
    #[error("quantity: {0} is the quantity already; enter the new total")]
    Same(u32),
    /// Less than before needs a yes (G7).
    #[error("quantity: {after} is less than {before}; confirm the downgrade")]
    ConfirmDowngrade {
        /// Units before.
        before: u32,
        /// Units after.
        after: u32,
    },
    /// The subscription is not working.
    #[error("the subscription is {0}; only an active or pending one changes")]
    State(SubscriptionState),
    /// Before the subscription begins, or after it ends.
    #[error("effective_date: the subscription does not work on {0}")]
    Day(NaiveDate),
    /// The subscription does not recur.
    #[error("the product is not billed by periods; order it again instead")]
    NotRecurring,
    /// The token is of another preview: prices, quantity or what is billed has changed since.
    #[error("token: the change is no longer what was previewed; preview it again")]
    Stale,
    /// What is billed.
    #[error(transparent)]
    Billing(#[from] BillingError),
    /// The amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Computes a change.
///
/// # Errors
/// [`ChangeError`], but not for a downgrade: [`Preview::confirm`] asks for the yes.
pub fn preview(
    change: &QuantityChange<'_>,
    mut line_id: impl FnMut() -> InvoiceLineId,
) -> Result<Preview, ChangeError> {
    check(change)?;
    let (subscription, day) = (change.subscription, change.day);
    let (before, after) = (subscription.quantity, change.quantity);
    let lines = difference(change, &mut line_id)?;
    let currency = subscription.price.unit_price.currency();
    let amounts = Taxed::sum(currency, lines.iter().map(|l| l.amounts))?;
    Ok(Preview { subscription: subscription.id, before, after, day, lines, amounts })
}

fn check(change: &QuantityChange<'_>) -> Result<(), ChangeError> {
    let subscription = change.subscription;
    check_quantity(change.quantity)?;
    if subscription.quantity == change.quantity {
        return Err(ChangeError::Same(change.quantity));
    }
    if !matches!(subscription.state, SubscriptionState::Active | SubscriptionState::Pending) {
        return Err(ChangeError::State(subscription.state));
    }
    if subscription.schedule.is_none() {
        return Err(ChangeError::NotRecurring);
    }
    let ended = subscription.end.is_some_and(|end| end <= change.day);
    if change.day < subscription.start || ended {
        return Err(ChangeError::Day(change.day));
    }
    Ok(())
}

/// What is due of the billed days with the change, once all is billed that is due without it.
fn difference(
    change: &QuantityChange<'_>,
    ids: &mut impl FnMut() -> InvoiceLineId,
) -> Result<Vec<Line>, ChangeError> {
    let subscription = change.subscription;
    let periods = change.billed.iter().filter(|l| l.kind == LineKind::Period).map(|l| l.period);
    let periods: Vec<Period> = periods.collect();
    let Some(to) = periods.iter().map(|p| p.end()).max() else { return Ok(Vec::new()) };
    let mut known = standing(change, &periods)?;
    let real = known.len();
    let without = engine(change, &periods, change.steps, subscription.quantity);
    known.extend(due_of(&without.history, 0, &known, to, ids)?);
    let mut steps = change.steps.to_vec();
    let (before, after) = (subscription.quantity, change.quantity);
    steps.push(Step { change: change.id, day: change.day, before, after });
    let with = engine(change, &periods, &steps, change.quantity);
    let made = due_of(&with.history, 0, &known, to, ids)?;
    // What nobody was asked for yet is not changed either: it will be asked for as it is then.
    let asked = |id| known[..real].iter().any(|l| l.id == id);
    let mut lines: Vec<Line> = Vec::new();
    for line in made {
        let written = match (line.kind, line.credits) {
            (Kind::Change, _) => charged(change, line),
            (Kind::Credit, Some(of)) if asked(of) => given_back(change, line, of),
            _ => None,
        };
        let Some(written) = written else { continue };
        let same = |l: &&mut Line| {
            l.kind == LineKind::Credit
                && (l.billed_line, l.period) == (written.billed_line, written.period)
        };
        match lines.iter_mut().find(same) {
            Some(known) => join(known, written)?,
            None => lines.push(written),
        }
    }
    Ok(lines)
}

/// The subscription with these changes, as far as it is billed.
fn engine(change: &QuantityChange<'_>, billed: &[Period], steps: &[Step], quantity: u32) -> Book {
    let subscription = Subscription { quantity, ..change.subscription.clone() };
    let mut book = Book::default();
    book.add(Stored {
        subscription: &subscription,
        product: change.product,
        convention: change.convention,
        reason: change.reason,
        // What is billed is changed, whenever it was billed.
        timing: Timing::Advance,
        tax: change.tax,
        steps,
        suspended: None,
        settled: book::outside(subscription.start, billed),
    });
    book
}

/// The billed lines as the engine knows them.
fn standing(
    change: &QuantityChange<'_>,
    periods: &[Period],
) -> Result<Vec<billing::Line>, ChangeError> {
    let subscription = change.subscription;
    let book = engine(change, periods, &[], subscription.quantity);
    let timeline = timeline(&book.history, 0)?;
    let Some(terms) = timeline.stretches.first().map(|s| s.terms) else { return Ok(Vec::new()) };
    let lines = change.billed.iter().filter_map(|line| {
        let full = timeline.period(line.period.start()).unwrap_or((line.period, 1));
        book::standing(line, 0, terms, full)
    });
    Ok(lines.collect())
}

/// More units for the rest of a billed period, ending with it (A159): "5 → 6", charged for 1.
fn charged(change: &QuantityChange<'_>, line: billing::Line) -> Option<Line> {
    let start = line.period.start();
    let around = |l: &&Line| l.kind == LineKind::Period && l.period.contains(start);
    let billed = change.billed.iter().find(around)?.id;
    Some(of_change(change, book::written(line, LineKind::Delta, change.product), billed))
}

/// A credit against a billed line, with the decisions of tax, and their phrases, of that line. It
/// may come to 0.00: it still says that the units are gone.
fn given_back(change: &QuantityChange<'_>, line: billing::Line, of: InvoiceLineId) -> Option<Line> {
    let billed = change.billed.iter().find(|l| l.id == of)?;
    let mut credit = book::written(line, LineKind::Credit, change.product);
    credit.basis = billed.basis;
    credit.unit_price = billed.unit_price;
    let printed = billed.segments.iter().filter(|s| s.period.intersect(credit.period).is_some());
    for (part, printed) in credit.segments.iter_mut().zip(printed) {
        part.decision = printed.decision.clone();
    }
    Some(of_change(change, credit, of))
}

fn of_change(change: &QuantityChange<'_>, line: Line, billed: InvoiceLineId) -> Line {
    let line = Line {
        subscription: Some(change.subscription.id),
        change: Some(change.id),
        billed_line: Some(billed),
        ..line
    };
    line.of_change(change.product, change.subscription.quantity, change.quantity)
}

/// Two credits of the same days of one line are one: a change claims them once.
fn join(into: &mut Line, more: Line) -> Result<(), MoneyError> {
    into.quantity += more.quantity;
    into.amounts = into.amounts.checked_add(more.amounts)?;
    for (part, more) in into.segments.iter_mut().zip(more.segments) {
        part.amounts = part.amounts.checked_add(more.amounts)?;
    }
    into.traces.extend(more.traces);
    Ok(())
}

impl Preview {
    /// True when less is asked for than there is.
    #[must_use]
    pub const fn is_downgrade(&self) -> bool {
        self.after < self.before
    }

    /// Total to pay, below zero for credits.
    #[must_use]
    pub const fn total(&self) -> Money {
        self.amounts.gross
    }

    /// Says yes to what was seen: `token` is the canonical text (or its hash made by `hash`).
    ///
    /// # Errors
    /// [`ChangeError::Stale`] for another token, [`ChangeError::ConfirmDowngrade`] without a yes.
    pub fn confirm(
        self,
        token: &str,
        hash: impl FnOnce(&str) -> String,
        confirm_downgrade: bool,
    ) -> Result<Self, ChangeError> {
        if hash(&self.canonical()) != token {
            return Err(ChangeError::Stale);
        }
        if self.is_downgrade() && !confirm_downgrade {
            let (before, after) = (self.before, self.after);
            return Err(ChangeError::ConfirmDowngrade { before, after });
        }
        Ok(self)
    }

    /// Everything that a person saw, as one text without new ids: equal previews, equal texts.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut text = format!("{}|{}|{}|{}", self.subscription, self.before, self.after, self.day);
        for line in &self.lines {
            let billed = line.billed_line.map(|id| id.to_string()).unwrap_or_default();
            let (kind, period, amounts) = (line.kind, line.period, line.amounts);
            // Writing to a text cannot fail.
            let _ = write!(
                text,
                "\n{kind}|{period}|{}|{}|{}|{}|{billed}",
                line.quantity, line.unit_price, amounts.net, amounts.tax
            );
            for trace in &line.traces {
                let _ = write!(text, "|{}", trace.sentence().en);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests;
