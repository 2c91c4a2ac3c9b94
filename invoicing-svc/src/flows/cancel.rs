//! Cancelling and reissuing: claims are released in the transaction that ends an invoice, and what
//! a change had changed is changed back.

use crate::{
    domain::{
        invoices::{Invoice, InvoiceKind, InvoiceState, Reissued},
        lines::LineKind,
        subscriptions::{Subscription, SubscriptionState},
    },
    flows::{billed, events, issue::refused, late_fees},
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
/// `FAILED_PRECONDITION` when money or a later invoice stands on it, an act holds a part of it, or
/// it is over already.
pub async fn cancel(
    conn: &mut PgConnection,
    frame: &Frame,
    row: InvoiceRow,
    reason: &str,
) -> Result<(), Failure> {
    check_alone(conn, &row, false).await?;
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
    check_alone(conn, &row, true).await?;
    let InvoiceRow { invoice, payer_revision, paid_at, order, revision, created_at } = row;
    let told = invoice.state == InvoiceState::Issued;
    // Of an expired one the periods were let go: they may be billed, or skipped, by now.
    if !told && !store::billed_periods::are_free(conn, invoice.id).await? {
        return Err(billed_already());
    }
    let id = InvoiceId::generate();
    let Reissued { old, new } =
        invoice.reissue(id, reason, InvoiceLineId::generate).map_err(|e| refused(&e))?;
    let old = InvoiceRow { invoice: old, payer_revision, paid_at, order, revision, created_at };
    if told {
        end(conn, frame, &old, told).await?;
    }
    let new = NewInvoice { invoice: new, order, run: None, payer_revision: None, paid_at: None };
    let ids: Vec<SubscriptionId> = new.invoice.paid_through().into_keys().collect();
    store::invoices::insert(conn, &[new], frame.clock.now())
        .await
        .map_err(|f| f.on_constraint(store::billed_periods::OVERLAP, billed_already))?;
    // What the release moved back is billed again.
    billed::through(conn, &ids).await?;
    Ok(id)
}

fn billed_already() -> Failure {
    let text = Text::new(
        "Эти периоды уже вошли в другой счёт, или услуга тогда не работала. Отмените тот счёт или \
         не перевыпускайте этот.",
        "Another invoice bills these periods already, or there was no service in them. Cancel that \
         invoice, or leave this one.",
    );
    Failure::precondition("PERIODS_BILLED", text)
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
    late_fees::follow(conn, frame, &[row.invoice.id]).await?;
    // Who was never told that it was issued need not know that it is cancelled.
    if told {
        let event = events::residual_changed(&row.invoice)?;
        feed::append(conn, frame, Some(row.invoice.client), &event).await?;
    }
    Ok(())
}

/// Nothing stands on an invoice that is to end: what was rendered of it, or was made because of it,
/// would be billed once more by whatever bills its periods next. `again`: the same lines are.
async fn check_alone(
    conn: &mut PgConnection,
    row: &InvoiceRow,
    again: bool,
) -> Result<(), Failure> {
    let id = row.invoice.id;
    if store::billed_periods::is_rendered(conn, id).await? {
        let text = Text::new(
            "Часть услуг по счёту уже вошла в акт, поэтому счёт не отменить. Уменьшите количество: \
             разница станет кредитом.",
            "An act holds a part of this invoice already, so it stands. Lower the quantity \
             instead: the difference becomes a credit.",
        );
        return Err(Failure::precondition("INVOICE_RENDERED", text));
    }
    let total = row.invoice.totals().map_err(Failure::internal)?.gross;
    if row.invoice.state == InvoiceState::Issued && total.is_negative() {
        let text = Text::new(
            "Этот кредит уже уменьшил более ранние счета. Верните количество новым изменением.",
            "This credit has lowered earlier invoices already. Change the quantity back instead.",
        );
        return Err(Failure::precondition("CREDIT_GIVEN", text));
    }
    if row.invoice.sums.credited.is_positive() {
        let text = Text::new(
            "По строкам счёта уже выпущен кредит, поэтому счёт не отменить. Измените количество.",
            "A later invoice has credited lines of this one, so it stands. Change the quantity.",
        );
        return Err(Failure::precondition("INVOICE_CREDITED", text));
    }
    let Some(later) = store::billed_periods::built_on(conn, id, again).await? else {
        return Ok(());
    };
    let text = Text::new(
        "На этом счёте основан более поздний: по изменению количества или за следующий период. \
         Отмените сначала его.",
        "A later invoice was made because of this one: for a change of quantity or the next \
         period. Cancel that one first.",
    );
    Err(Failure::precondition("LATER_INVOICE", text).with("invoice", later.to_string()))
}

/// Changes back what the lines of a cancelled invoice had changed: quantities, and subscriptions
/// that never began.
async fn undo(conn: &mut PgConnection, frame: &Frame, invoice: &Invoice) -> Result<(), Failure> {
    let mut seen: BTreeSet<ChangeId> = BTreeSet::new();
    let mut back: BTreeMap<SubscriptionId, i64> = BTreeMap::new();
    // What a run billed of a change was changed without it, and stays changed.
    let own = invoice.lines.iter().filter(|_| invoice.kind != InvoiceKind::Main);
    for line in own {
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
