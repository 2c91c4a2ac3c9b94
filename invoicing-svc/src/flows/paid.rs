//! What follows when an invoice becomes paid, or is paid no longer.

use crate::{
    domain::{
        covered::covered,
        invoices::{Invoice, InvoiceKind},
        products::FulfilmentPolicy,
        subscriptions::{Subscription, SubscriptionState},
    },
    flows::{events, suspend, terms::Terms},
    store::{self, invoices::InvoiceRow},
};
use proto::{convert, invoicing::v1 as pb};
use service::{
    Failure, Frame,
    feed::{self, NewEvent},
};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use types::id::{OrderId, SubscriptionId};

/// Paid: what they cover is paid through, what waited for payment or was suspended works, an order
/// is complete once nothing of it waits, work that waited for payment begins, and the others are
/// told. With each invoice goes whether it is the first that its client has paid; no client is
/// there twice.
///
/// # Errors
/// Those of the database.
pub async fn became_paid(
    conn: &mut PgConnection,
    frame: &Frame,
    paid: &[(&InvoiceRow, bool)],
) -> Result<(), Failure> {
    let told: Vec<NewEvent> = paid
        .iter()
        .map(|(row, first)| {
            let event = pb::InvoicePaid {
                invoice: row.invoice.id.to_string(),
                paid_time: row.paid_at.map(convert::timestamp),
                first: *first,
            };
            NewEvent::new(Some(row.invoice.client), &event)
        })
        .collect();
    feed::append_all(conn, frame, &told).await?;
    let ids: Vec<SubscriptionId> =
        paid.iter().flat_map(|(row, _)| row.invoice.paid_through().into_keys()).collect();
    let rows = store::subscriptions::get_all(conn, &ids).await?;
    let orders = rows.iter().filter_map(|r| r.order);
    let orders: BTreeSet<OrderId> =
        orders.chain(paid.iter().filter_map(|(row, _)| row.order)).collect();
    let subscriptions = rows.into_iter().map(|row| row.subscription);
    let (stopped, others): (Vec<Subscription>, Vec<Subscription>) =
        subscriptions.partition(|s| s.state == SubscriptionState::Suspended);
    let periods = store::billed_periods::paid(conn, &ids).await?;
    let mut changed = suspend::ended(conn, frame, stopped).await?;
    for was in others {
        let through = covered(was.start, periods.get(&was.id).map_or(&[], Vec::as_slice));
        let paid = Subscription { paid_through: through, ..was.clone() };
        let next = match paid.state {
            SubscriptionState::Pending => paid.activate().map_err(Failure::internal)?,
            _ => paid,
        };
        if next != was {
            changed.push(next);
        }
    }
    save(conn, frame, &changed).await?;
    let orders: Vec<OrderId> = orders.into_iter().collect();
    store::orders::activate_complete(conn, &orders).await?;
    for (row, _) in paid {
        request_work(conn, frame, &row.invoice, FulfilmentPolicy::OnPayment).await?;
    }
    Ok(())
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
    if changed.is_empty() {
        return Ok(());
    }
    store::subscriptions::save(conn, changed).await?;
    let told: Vec<NewEvent> = changed
        .iter()
        .map(|s| NewEvent::new(Some(s.client), &events::subscription_changed(s)))
        .collect();
    feed::append_all(conn, frame, &told).await
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
