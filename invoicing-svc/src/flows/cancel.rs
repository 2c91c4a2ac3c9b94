//! Cancelling and reissuing: claims are released in the transaction that ends an invoice, and what
//! a change had changed is changed back.

use crate::{
    domain::{
        invoices::{Invoice, InvoiceKind, InvoiceState, Reissued},
        lines::LineKind,
        subscriptions::{Subscription, SubscriptionState},
    },
    flows::{billed, events, issue::refused},
    store::{
        self,
        invoices::{InvoiceRow, NewInvoice},
    },
};
use service::{Failure, Frame, Text, feed};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use types::id::{ChangeId, InvoiceId, InvoiceLineId, SubscriptionId};

/// Cancels an invoice whose client's account the caller has locked.
///
/// # Errors
/// `FAILED_PRECONDITION` when money or a credit stands against it, or it is over already.
pub async fn cancel(
    conn: &mut PgConnection,
    frame: &Frame,
    row: InvoiceRow,
    reason: &str,
) -> Result<(), Failure> {
    check_credited(&row)?;
    let told = row.invoice.state == InvoiceState::Issued;
    let invoice = row.invoice.cancel(reason).map_err(|e| refused(&e))?;
    let row = InvoiceRow { invoice, ..row };
    end(conn, frame, &row, told).await?;
    undo(conn, frame, &row.invoice).await
}

/// Cancels an unpaid wrong invoice and makes its held successor, with the same lines and claims.
///
/// # Errors
/// As [`cancel`]; `FAILED_PRECONDITION` unless it is issued or expired.
pub async fn reissue(
    conn: &mut PgConnection,
    frame: &Frame,
    row: InvoiceRow,
    reason: &str,
) -> Result<InvoiceId, Failure> {
    check_credited(&row)?;
    let InvoiceRow { invoice, payer_revision, paid_at, order, revision, created_at } = row;
    let told = invoice.state == InvoiceState::Issued;
    let id = InvoiceId::generate();
    let Reissued { old, new } =
        invoice.reissue(id, reason, InvoiceLineId::generate).map_err(|e| refused(&e))?;
    let old = InvoiceRow { invoice: old, payer_revision, paid_at, order, revision, created_at };
    if told {
        end(conn, frame, &old, told).await?;
    }
    let new = NewInvoice { invoice: new, order, run: None, payer_revision: None, paid_at: None };
    let ids: Vec<SubscriptionId> = new.invoice.paid_through().into_keys().collect();
    store::invoices::insert(conn, &[new], frame.clock.now()).await.map_err(|f| {
        f.on_constraint(store::billed_periods::OVERLAP, || {
            let text = Text::new(
                "Эти периоды уже вошли в другой счёт. Отмените его или не перевыпускайте этот.",
                "Another invoice bills these periods already. Cancel that one first.",
            );
            Failure::precondition("PERIODS_BILLED", text)
        })
    })?;
    // What the release moved back is billed again.
    billed::through(conn, &ids).await?;
    Ok(id)
}

/// Saves an invoice that ended, and releases what it claimed.
async fn end(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &InvoiceRow,
    told: bool,
) -> Result<(), Failure> {
    store::invoices::save(conn, &[row]).await?;
    store::billed_periods::release(conn, row.invoice.id).await?;
    // Who was never told that it was issued need not know that it is cancelled.
    if told {
        let event = events::residual_changed(&row.invoice)?;
        feed::append(conn, frame, Some(row.invoice.client), &event).await?;
    }
    Ok(())
}

fn check_credited(row: &InvoiceRow) -> Result<(), Failure> {
    if !row.invoice.sums.credited.is_positive() {
        return Ok(());
    }
    Err(Failure::precondition(
        "INVOICE_CREDITED",
        Text::new(
            "По строкам счёта уже выпущен кредит. Отмените сначала его.",
            "A later invoice credits lines of this one. Cancel that one first.",
        ),
    ))
}

/// Changes back what the lines of a cancelled invoice had changed: quantities, and subscriptions
/// that never began.
async fn undo(conn: &mut PgConnection, frame: &Frame, invoice: &Invoice) -> Result<(), Failure> {
    let mut seen: BTreeSet<ChangeId> = BTreeSet::new();
    let mut back: BTreeMap<SubscriptionId, i64> = BTreeMap::new();
    for line in &invoice.lines {
        let (Some(change), Some(subscription), Some((before, after))) =
            (line.change, line.subscription, line.change_of_quantity)
        else {
            continue;
        };
        if seen.insert(change) {
            *back.entry(subscription).or_default() += i64::from(before) - i64::from(after);
        }
    }
    let begins = invoice.kind == InvoiceKind::Order;
    let periods = invoice.lines.iter().filter(|l| l.kind == LineKind::Period && begins);
    let begun: BTreeSet<SubscriptionId> = periods.filter_map(|l| l.subscription).collect();
    let ids: Vec<SubscriptionId> = begun.iter().chain(back.keys()).copied().collect();
    let mut changed = Vec::new();
    for row in store::subscriptions::get_all(conn, &ids).await? {
        let s = row.subscription;
        let quantity = i64::from(s.quantity) + back.get(&s.id).copied().unwrap_or(0);
        let quantity = u32::try_from(quantity.max(1)).map_err(Failure::internal)?;
        let pending = s.state == SubscriptionState::Pending && begun.contains(&s.id);
        let start = s.start;
        let s = Subscription { quantity, ..s };
        let s = if pending { s.terminate(start).map_err(Failure::internal)? } else { s };
        if pending {
            let event = events::subscription_changed(&s);
            feed::append(conn, frame, Some(s.client), &event).await?;
        }
        changed.push(s);
    }
    store::subscriptions::save(conn, &changed).await
}
