//! What follows when an invoice becomes paid, or is paid no longer.

use crate::{
    domain::{
        covered::covered,
        invoices::{Invoice, InvoiceKind},
        products::FulfilmentPolicy,
        subscriptions::{Subscription, SubscriptionState},
    },
    flows::{events, terms::Terms},
    store::{self, invoices::InvoiceRow},
};
use proto::{convert, invoicing::v1 as pb};
use service::{Failure, Frame, feed};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use types::id::{OrderId, SubscriptionId};

/// Paid: what it covers is paid through, what waited for payment or was suspended works, its order
/// is complete once nothing of it waits, work that waited for payment begins, and the others are
/// told.
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
    let ids: Vec<SubscriptionId> = invoice.paid_through().into_keys().collect();
    let rows = store::subscriptions::get_all(conn, &ids).await?;
    let periods = store::billed_periods::paid(conn, &ids).await?;
    let orders = rows.iter().filter_map(|r| r.order).chain(row.order);
    let orders: BTreeSet<OrderId> = orders.collect();
    let mut changed = Vec::new();
    for row in rows {
        let was = row.subscription.clone();
        let through = covered(was.start, periods.get(&was.id).map_or(&[], Vec::as_slice));
        let paid = Subscription { paid_through: through, ..was.clone() };
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

/// Paid no longer (the money was taken back): its subscriptions are paid as far as the invoices
/// that are still paid say. Services go on; dunning decides about them.
///
/// # Errors
/// Those of the database.
pub async fn no_longer_paid(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &InvoiceRow,
) -> Result<(), Failure> {
    let ids: Vec<SubscriptionId> = row.invoice.paid_through().into_keys().collect();
    let rows = store::subscriptions::get_all(conn, &ids).await?;
    let periods = store::billed_periods::paid(conn, &ids).await?;
    let through =
        |s: &Subscription| covered(s.start, periods.get(&s.id).map_or(&[], Vec::as_slice));
    let changed: Vec<Subscription> = rows
        .into_iter()
        .map(|r| r.subscription)
        .filter(|s| through(s) != s.paid_through)
        .map(|s| Subscription { paid_through: through(&s), ..s })
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
