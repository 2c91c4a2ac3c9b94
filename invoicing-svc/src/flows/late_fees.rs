//! Late fees are charged, follow the money of their invoices, are paid out of credit and given up.

use crate::{
    domain::{
        applications::Incoming,
        late_fees::{ChargedDays, Debt, Unpayable},
        ledger::{CauseKind, late_fee_paid, reverse},
    },
    flows::{accept, pay},
    store::{
        self,
        allocations::Allocation,
        late_fees::{LateFeeRow, Payment, Waiver},
    },
};
use service::{Failure, Frame, Text};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use types::{
    Money,
    id::{AllocationId, InvoiceId, LateFeePaymentId},
};

/// Charges days of overdue invoices of one client, whose account the caller has locked.
///
/// # Errors
/// Those of the database.
pub async fn charge(
    conn: &mut PgConnection,
    frame: &Frame,
    due: &[(InvoiceId, Vec<ChargedDays>)],
) -> Result<(), Failure> {
    let invoices: Vec<InvoiceId> = due.iter().map(|(invoice, _)| *invoice).collect();
    store::late_fees::make(conn, &invoices, frame.clock.now()).await?;
    for row in store::late_fees::of_invoices(conn, &invoices).await? {
        let before = row.fee.charged.last().map(|charged| charged.days.end());
        let days = due.iter().find(|(invoice, _)| *invoice == row.fee.invoice);
        for charged in days.map_or(&[][..], |(_, days)| days) {
            // A run that was cut short has charged some of them already.
            if before.is_none_or(|end| end <= charged.days.start()) {
                store::late_fees::charge(conn, row.fee.id, charged).await?;
            }
        }
    }
    follow(conn, frame, &invoices).await
}

/// Derives anew what late fees of these invoices cost, after their money or state has changed. What
/// was paid of a fee that became cheaper than that is the client's credit again.
///
/// # Errors
/// Those of the database.
pub async fn follow(
    conn: &mut PgConnection,
    frame: &Frame,
    invoices: &[InvoiceId],
) -> Result<(), Failure> {
    let rows = store::late_fees::of_invoices(conn, invoices).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let debts = store::late_fees::debts(conn, invoices).await?;
    for mut row in rows {
        let amount = priced(&row, debts.get(&row.fee.invoice))?;
        if amount == row.fee.amount {
            continue;
        }
        let cheaper = amount.checked_sub(row.fee.paid).map_err(Failure::internal)?.is_negative();
        if cheaper {
            let paid = store::late_fees::of_fee(conn, row.fee.id).await?;
            release(conn, frame, &mut row, &paid, "the late fee became less").await?;
            let from: Vec<AllocationId> = paid.iter().map(|p| p.allocation).collect();
            pay::tell(conn, frame, None, &from).await?;
        }
        row.fee.amount = amount;
        store::late_fees::save(conn, &row).await?;
    }
    Ok(())
}

fn priced(row: &LateFeeRow, debt: Option<&Debt>) -> Result<Money, Failure> {
    let debt = debt.ok_or_else(|| Failure::internal("a late fee of no invoice"))?;
    Ok(debt.price(&row.fee.charged).map_err(Failure::internal)?.amount)
}

/// Sets the client's credit against a fee and posts that; the caller has locked the account.
///
/// # Errors
/// `FAILED_PRECONDITION` when nothing can be paid of it; those of the database.
pub async fn pay(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &mut LateFeeRow,
    author: &str,
) -> Result<(), Failure> {
    let (client, invoice) = (row.fee.client, row.fee.invoice);
    let debt = store::late_fees::debts(conn, &[invoice]).await?.remove(&invoice);
    let debt = debt.ok_or_else(|| Failure::internal("a late fee of no invoice"))?;
    let mut credit = pay::credit_of(conn, &[client]).await?.remove(&client).unwrap_or_default();
    let sources: Vec<Incoming> = credit.iter().filter_map(source).collect();
    let parts = row.fee.pay(&debt, &sources).map_err(|e| refused(&e))?;
    let date = frame.clock.today(accept::zone(conn, client).await?);
    let (mut payments, mut posted, mut from) = (Vec::new(), Vec::new(), Vec::new());
    for (allocation, amount) in parts {
        let id = LateFeePaymentId::generate();
        payments.push(Payment { id, fee: row.fee.id, allocation, amount });
        let whose = (row.fee.seller, client, row.fee.legal_entity);
        let transfer = late_fee_paid(whose, amount, &id.to_string(), date);
        posted.push(transfer.map_err(Failure::internal)?);
        row.fee.paid = row.fee.paid.checked_add(amount).map_err(Failure::internal)?;
        let Some(source) = credit.iter_mut().find(|a| a.id == allocation) else { continue };
        source.credit = source.credit.checked_sub(amount).map_err(Failure::internal)?;
        from.push(source.clone());
    }
    store::late_fees::insert_payments(conn, client, &payments, author, frame.clock.now()).await?;
    store::allocations::save_credit(conn, &from.iter().collect::<Vec<_>>()).await?;
    store::ledger::post(conn, &posted, frame.clock.now()).await?;
    store::late_fees::save(conn, row).await?;
    let told: Vec<AllocationId> = from.iter().map(|a| a.id).collect();
    pay::tell(conn, frame, None, &told).await
}

fn source(a: &Allocation) -> Option<Incoming> {
    Some(Incoming {
        allocation: a.id,
        seller: a.seller,
        legal_entity: a.payer?,
        received: a.date,
        amount: a.credit,
    })
}

fn refused(why: &Unpayable) -> Failure {
    let reason = match why {
        Unpayable::Nothing => "LATE_FEE_SETTLED",
        Unpayable::Growing => "LATE_FEE_GROWING",
        Unpayable::NoCredit => "NO_CREDIT",
        Unpayable::Money(e) => return Failure::internal(e),
    };
    Failure::precondition(reason, Text::of(why))
}

/// Gives up what is left of a fee; the caller has locked the account.
///
/// # Errors
/// `FAILED_PRECONDITION` when nothing is left; those of the database.
pub async fn waive(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &mut LateFeeRow,
    actor: String,
    reason: String,
) -> Result<(), Failure> {
    if !row.fee.residual().map_err(Failure::internal)?.is_positive() {
        return Err(refused(&Unpayable::Nothing));
    }
    row.fee.waived = true;
    row.waiver = Some(Waiver { actor, reason, at: frame.clock.now() });
    store::late_fees::save(conn, row).await
}

/// Takes back what an allocation paid of late fees, since its money is meant for nobody again;
/// answers how much it was. It is credit of the allocation then, as far as postings go.
///
/// # Errors
/// Those of the database.
pub async fn take_off(
    conn: &mut PgConnection,
    frame: &Frame,
    allocation: &Allocation,
    reason: &str,
) -> Result<Money, Failure> {
    let paid = store::late_fees::of_allocation(conn, allocation.id).await?;
    let fees: BTreeSet<_> = paid.iter().map(|p| p.fee).collect();
    for fee in fees {
        let row = store::late_fees::get(conn, fee).await?;
        let mut row = row.ok_or_else(|| Failure::internal("money against no late fee"))?;
        let own: Vec<Payment> = paid.iter().filter(|p| p.fee == fee).copied().collect();
        release(conn, frame, &mut row, &own, reason).await?;
        store::late_fees::save(conn, &row).await?;
    }
    let currency = allocation.amount.currency();
    Money::sum(currency, paid.iter().map(|p| p.amount)).map_err(Failure::internal)
}

/// Reverses payments of a fee: their money is credit again. The caller saves the row.
async fn release(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &mut LateFeeRow,
    payments: &[Payment],
    reason: &str,
) -> Result<(), Failure> {
    let now = frame.clock.now();
    let date = frame.clock.today(accept::zone(conn, row.fee.client).await?);
    let names: Vec<String> = payments.iter().map(|p| p.id.to_string()).collect();
    let posted = store::ledger::of_causes(conn, &names).await?;
    let applied = posted.iter().filter(|t| t.cause().kind == CauseKind::Applied);
    let back: Vec<_> = applied.map(|t| reverse(t, &t.cause().name, date)).collect();
    store::ledger::post(conn, &back, now).await?;
    store::late_fees::reverse_payments(conn, payments, reason, now).await?;
    for payment in payments {
        pay::give_back(conn, payment.allocation, payment.amount).await?;
        let paid = row.fee.paid.checked_sub(payment.amount);
        row.fee.paid = paid.map_err(Failure::internal)?;
    }
    Ok(())
}
