//! Changes of quantity to a new total: "5 → 6" charges one more for the rest of what is billed,
//! "6 → 5" credits one against the newest billed lines by the same fraction (A151, G6, G7).
//!
//! The preview and the confirmation are one computation: the confirm token is a hash of
//! [`Preview::canonical`], so that nothing else than what was seen can be confirmed.

mod credits;

pub use credits::BilledLine;

use crate::domain::{
    lines::{Line, LineKind},
    pricing::{PricingError, TaxTerms, price_period},
    products::{Product, ProductError, check_quantity},
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
    /// The new TOTAL, not the increment (A151).
    pub quantity: u32,
    /// Day of the change: the printed period starts with it; in money it belongs to the old
    /// quantity, as SEED30 counts.
    pub day: NaiveDate,
    /// Lines that bill the subscription, of invoices that stand (HELD included).
    pub billed: &'a [BilledLine],
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
    /// The price.
    #[error(transparent)]
    Pricing(#[from] PricingError),
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
    let (subscription, day) = (change.subscription, change.day);
    check(change)?;
    let before = subscription.quantity;
    let ahead: Vec<&BilledLine> =
        change.billed.iter().filter(|b| b.line.period.end() > day).collect();
    let lines = if change.quantity > before {
        let periods = ahead.into_iter().filter(|b| b.line.kind == LineKind::Period);
        periods.map(|b| delta(change, b, line_id())).collect::<Result<Vec<Line>, _>>()?
    } else {
        credits::credits(change, &ahead, &mut line_id)?
    };
    let currency = subscription.price.unit_price.currency();
    let amounts = Taxed::sum(currency, lines.iter().map(|l| l.amounts))?;
    let after = change.quantity;
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

/// More units for the rest of a billed period, ending with it (A159): "5 → 6", charged for 1.
fn delta(
    change: &QuantityChange<'_>,
    billed: &BilledLine,
    id: InvoiceLineId,
) -> Result<Line, ChangeError> {
    let (subscription, product) = (change.subscription, change.product);
    let schedule = subscription.schedule.ok_or(ChangeError::NotRecurring)?;
    let start = billed.line.period.start();
    let rest = Period::new(start.max(change.day), billed.line.period.end());
    let rest = rest.map_err(|_| ChangeError::Day(change.day))?;
    let full = schedule.containing(start).unwrap_or(billed.line.period);
    let more = change.quantity - subscription.quantity;
    let price = &subscription.price;
    let priced =
        price_period(product.convention, price, more, rest, (full, schedule.months()), change.tax)?;
    let line = Line::new(id, LineKind::Delta, product, rest, (more, price.unit_price), priced);
    Ok(Line {
        subscription: Some(subscription.id),
        change: Some(change.id),
        billed_line: Some(billed.line.id),
        ..line.of_change(product, subscription.quantity, change.quantity)
    })
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
