//! What other services are told, made of what happened.

use crate::domain::{
    invoices::Invoice, lines::Line, products::Fulfilment, subscriptions::Subscription,
};
use proto::invoicing::v1 as pb;
use service::Failure;
use types::id::SubscriptionId;

/// An invoice was issued.
///
/// # Errors
/// `INTERNAL` when its sums do not fit.
pub fn invoice_issued(i: &Invoice) -> Result<pb::InvoiceIssued, Failure> {
    let totals = i.totals().map_err(Failure::internal)?;
    let issued = i.issued.as_ref();
    Ok(pb::InvoiceIssued {
        invoice: i.id.to_string(),
        number: issued.map(|n| n.number.clone()).unwrap_or_default(),
        sequence: issued.map_or(0, |n| n.sequence),
        client: i.client.to_string(),
        payer: i.legal_entity.to_string(),
        contract: i.contract.to_string(),
        seller: i.seller.to_string(),
        total: Some(totals.gross.into()),
        residual: Some(i.payable().map_err(Failure::internal)?.into()),
        issue_date: issued.map(|n| n.date.into()),
        due_date: issued.map(|n| n.due.into()),
    })
}

/// What is left to pay on an invoice changed, or its state did.
///
/// # Errors
/// `INTERNAL` when its sums do not fit.
pub fn residual_changed(i: &Invoice) -> Result<pb::InvoiceResidualChanged, Failure> {
    Ok(pb::InvoiceResidualChanged {
        invoice: i.id.to_string(),
        residual: Some(i.payable().map_err(Failure::internal)?.into()),
        state: i.state.code().into(),
        payment_state: i.payment_state().map_err(Failure::internal)?.code().into(),
    })
}

/// A subscription's service starts, stops or goes on.
#[must_use]
pub fn subscription_changed(s: &Subscription) -> pb::SubscriptionChanged {
    pb::SubscriptionChanged {
        subscription: s.id.to_string(),
        state: s.state.code().into(),
        paid_through: Some(s.paid_through.into()),
    }
}

/// What makes a work order once, whichever trigger asks and however often the invoice is reissued:
/// the change, or the subscription that begins.
fn work_key(line: &Line, subscription: SubscriptionId) -> String {
    line.change.map_or_else(|| subscription.to_string(), |change| change.to_string())
}

/// Technicians shall change a resource: once per line, whatever the trigger (A188, A189, G32).
#[must_use]
pub fn work_requested(
    i: &Invoice,
    line: &Line,
    subscription: SubscriptionId,
    work: &Fulfilment,
) -> pb::WorkRequested {
    let (before, after) = line.change_of_quantity.unwrap_or((0, line.quantity));
    let units = |n: u32| i32::try_from(u64::from(n) * u64::from(work.factor)).unwrap_or(i32::MAX);
    pb::WorkRequested {
        key: work_key(line, subscription),
        client: i.client.to_string(),
        subscription: subscription.to_string(),
        resource: work.resource.clone(),
        quantity_before: units(before),
        quantity_after: units(after),
        trigger: work.policy.code().into(),
    }
}
