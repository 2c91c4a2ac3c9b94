//! What follows when an invoice becomes paid, or is paid no longer.

use crate::{
    domain::{
        invoices::{Invoice, InvoiceKind},
        lines::LineKind,
        products::FulfilmentPolicy,
        subscriptions::{Subscription, SubscriptionState},
    },
    flows::{events, terms::Terms},
    store::{self, invoices::InvoiceRow},
};
use proto::{convert, invoicing::v1 as pb};
use service::{Failure, Frame, feed};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use types::id::{OrderId, SubscriptionId};

/// Paid: what it covers is paid through, what waited for payment or was suspended works, work that
/// waited for payment begins, and the others are told.
///
/// # Errors
/// Those of the database.
pub async fn became_paid(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &InvoiceRow,
    first: bool,
) -> Result<(), Failure> {
    let invoice = &row.invoice;
    let paid = pb::InvoicePaid {
        invoice: invoice.id.to_string(),
        paid_time: row.paid_at.map(convert::timestamp),
        first,
    };
    feed::append(conn, frame, Some(invoice.client), &paid).await?;
    let through = invoice.paid_through();
    let ids: Vec<SubscriptionId> = through.keys().copied().collect();
    let rows = store::subscriptions::get_all(conn, &ids).await?;
    let orders: BTreeSet<OrderId> = rows.iter().filter_map(|r| r.order).collect();
    let mut changed = Vec::new();
    for row in rows {
        let was = row.subscription.clone();
        let paid = was.clone().paid_to(through[&was.id]);
        let next = match paid.state {
            SubscriptionState::Pending => paid.activate(),
            SubscriptionState::Suspended => paid.resume(),
            _ => Ok(paid),
        };
        let next = next.map_err(Failure::internal)?;
        if next != was {
            changed.push(next);
        }
    }
    save(conn, frame, &changed).await?;
    let orders: Vec<OrderId> = orders.into_iter().collect();
    store::orders::activate_complete(conn, &orders).await?;
    request_work(conn, frame, invoice, FulfilmentPolicy::OnPayment).await
}

/// Paid no longer (the money was taken back): what it covered is paid only up to its first day.
/// Services go on; dunning decides about them.
///
/// # Errors
/// Those of the database.
pub async fn no_longer_paid(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &InvoiceRow,
) -> Result<(), Failure> {
    let mut from: BTreeMap<SubscriptionId, chrono::NaiveDate> = BTreeMap::new();
    for line in row.invoice.lines.iter().filter(|l| l.kind == LineKind::Period) {
        if let Some(id) = line.subscription {
            let start = line.period.start();
            from.entry(id).and_modify(|day| *day = start.min(*day)).or_insert(start);
        }
    }
    let ids: Vec<SubscriptionId> = from.keys().copied().collect();
    let rows = store::subscriptions::get_all(conn, &ids).await?;
    let changed: Vec<Subscription> = rows
        .into_iter()
        .map(|r| r.subscription)
        .filter(|s| from[&s.id] < s.paid_through)
        .map(|s| Subscription { paid_through: from[&s.id], ..s })
        .collect();
    save(conn, frame, &changed).await
}

async fn save(
    conn: &mut PgConnection,
    frame: &Frame,
    changed: &[Subscription],
) -> Result<(), Failure> {
    store::subscriptions::save(conn, changed).await?;
    for subscription in changed {
        let event = events::subscription_changed(subscription);
        feed::append(conn, frame, Some(subscription.client), &event).await?;
    }
    Ok(())
}

/// Asks technicians for what the lines of an invoice change, by the policy of each product: on
/// issue or on payment (A188). Renewals change nothing.
///
/// # Errors
/// Those of the database.
pub async fn request_work(
    conn: &mut PgConnection,
    frame: &Frame,
    invoice: &Invoice,
    trigger: FulfilmentPolicy,
) -> Result<(), Failure> {
    if invoice.kind == InvoiceKind::Main {
        return Ok(());
    }
    let products: BTreeSet<_> = invoice.lines.iter().filter_map(|l| l.product).collect();
    let terms = Terms::read(conn, BTreeSet::new(), products, BTreeSet::new()).await?;
    for line in &invoice.lines {
        let (Some(product), Some(subscription)) = (line.product, line.subscription) else {
            continue;
        };
        let work = terms.product(product)?.product.fulfilment.as_ref();
        if let Some(work) = work.filter(|w| w.policy == trigger) {
            let event = events::work_requested(invoice, line, subscription, work);
            feed::append(conn, frame, Some(invoice.client), &event).await?;
        }
    }
    Ok(())
}
