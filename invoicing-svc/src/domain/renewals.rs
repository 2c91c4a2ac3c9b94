//! What the billing run should bill: propose every period, take away what is claimed, bill the
//! difference (anchors C, F3). Running again is a no-op, whatever happened in between.

use crate::domain::{
    contracts::PaymentTerms,
    lines::{Line, LineKind},
    pricing::{PricingError, TaxTerms, price_period},
    products::Product,
    subscriptions::{Subscription, SubscriptionState},
};
use chrono::{Days, NaiveDate};
use types::{Period, id::InvoiceLineId};

/// Days before its period that a renewal is issued (A195, G18).
pub const DEFAULT_LEAD_DAYS: u32 = 20;

/// Most periods that one run bills of one subscription; more means that a date is wrong.
pub const MAX_PERIODS: usize = 120;

/// Why renewals cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenewalError {
    /// The subscription is too far behind.
    #[error("more than {MAX_PERIODS} periods are unbilled; check the start {start} and the date")]
    TooMany {
        /// First day of the subscription.
        start: NaiveDate,
    },
    /// The price.
    #[error(transparent)]
    Pricing(#[from] PricingError),
}

/// The periods to bill now, in order: begun (or about to begin within the lead days) and claimed by
/// no standing invoice.
///
/// Billing goes on whatever is paid, so a subscription that still waits for its first payment is
/// billed too; dunning stops it by suspending or ending it (design.md, "Billed and paid").
/// Prepaid periods are billed up to `date` + `lead_days`, postpaid ones once they are over.
/// `claimed` are the subscription's renewal claims that are not released.
///
/// # Errors
/// [`RenewalError::TooMany`].
pub fn due(
    subscription: &Subscription,
    terms: PaymentTerms,
    claimed: &[Period],
    date: NaiveDate,
    lead_days: u32,
) -> Result<Vec<Period>, RenewalError> {
    let Some(schedule) = subscription.schedule else { return Ok(Vec::new()) };
    if !matches!(subscription.state, SubscriptionState::Pending | SubscriptionState::Active) {
        return Ok(Vec::new());
    }
    let ahead = date.checked_add_days(Days::new(u64::from(lead_days))).unwrap_or(date);
    let mut periods = Vec::new();
    let mut from = subscription.start;
    while let Some(whole) = schedule.containing(from) {
        let end = subscription.end.map_or(whole.end(), |end| end.min(whole.end()));
        let Ok(period) = Period::new(from, end) else { break };
        let begun = match terms {
            PaymentTerms::Prepaid => period.start() <= ahead,
            PaymentTerms::Postpaid => period.end() <= date,
        };
        if !begun {
            break;
        }
        periods.extend(unclaimed(period, claimed));
        if periods.len() > MAX_PERIODS {
            return Err(RenewalError::TooMany { start: subscription.start });
        }
        from = whole.end();
    }
    Ok(periods)
}

/// The parts of a period that no claim covers, in order.
#[must_use]
pub fn unclaimed(period: Period, claimed: &[Period]) -> Vec<Period> {
    let mut claims: Vec<Period> = claimed.iter().filter_map(|c| c.intersect(period)).collect();
    claims.sort_unstable();
    let mut gaps = Vec::new();
    let mut from = period.start();
    for claim in claims {
        gaps.extend(Period::new(from, claim.start()));
        from = from.max(claim.end());
    }
    gaps.extend(Period::new(from, period.end()));
    gaps
}

/// The line that bills a period of a subscription.
///
/// # Errors
/// [`RenewalError::Pricing`].
pub fn line(
    id: InvoiceLineId,
    subscription: &Subscription,
    product: &Product,
    period: Period,
    tax: TaxTerms<'_>,
) -> Result<Line, RenewalError> {
    let months = subscription.schedule.map_or(1, |s| s.months());
    let full = subscription.period_of(period.start()).unwrap_or(period);
    let (price, quantity) = (&subscription.price, subscription.quantity);
    let priced = price_period(product.convention, price, quantity, period, (full, months), tax)?;
    let unit = (quantity, price.unit_price);
    let mut line = Line::new(id, LineKind::Period, product, period, unit, priced);
    line.subscription = Some(subscription.id);
    Ok(line)
}

#[cfg(test)]
mod tests;
