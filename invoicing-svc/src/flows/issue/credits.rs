//! Credits of an issued invoice against lines of earlier ones: what does not net within the
//! invoice lowers what the earlier ones ask for, and money that is then too much becomes credit.

use crate::{
    domain::{
        applications::{Unapplied, unapply},
        lines::LineKind,
    },
    flows::pay,
    store::{self, applications::Origin, invoices::InvoiceRow},
};
use service::{Failure, Frame};
use sqlx::PgConnection;
use types::{
    Money,
    id::{AllocationId, InvoiceId},
};

/// Hands back what the invoice credits beyond its own charges.
///
/// # Errors
/// Those of the database.
pub(super) async fn hand_back(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &InvoiceRow,
) -> Result<(), Failure> {
    let total = row.invoice.totals().map_err(Failure::internal)?.gross;
    let mut left = total.negated();
    for line in row.invoice.lines.iter().filter(|l| l.kind == LineKind::Credit) {
        if !left.is_positive() {
            return Ok(());
        }
        let Some(billed) = line.billed_line else { continue };
        let invoice = store::invoices::of_line(conn, billed).await?;
        let invoice = invoice.ok_or_else(|| Failure::internal("a credit against nothing"))?;
        let part = line.amounts.gross.negated().min(left).map_err(Failure::internal)?;
        left = left.checked_sub(part).map_err(Failure::internal)?;
        lower(conn, frame, invoice, part).await?;
    }
    Ok(())
}

/// Lowers what an earlier invoice asks for.
async fn lower(
    conn: &mut PgConnection,
    frame: &Frame,
    id: InvoiceId,
    part: Money,
) -> Result<(), Failure> {
    let row = store::invoices::get(conn, id).await?;
    let mut row = row.ok_or_else(|| Failure::internal("a credit against no invoice"))?;
    let before = row.invoice.payment_state().map_err(Failure::internal)?;
    let sums = &mut row.invoice.sums;
    sums.credited = sums.credited.checked_add(part).map_err(Failure::internal)?;
    let total = row.invoice.totals().map_err(Failure::internal)?.gross;
    let over = row.invoice.sums.overpaid(total).map_err(Failure::internal)?;
    let mut touched: Vec<AllocationId> = Vec::new();
    if over.is_positive() {
        let live = store::applications::of_invoice(conn, id).await?;
        let Unapplied { reversed, anew } = unapply(&live, over).map_err(Failure::internal)?;
        let reversed: Vec<_> = live.iter().filter(|a| reversed.contains(&a.id)).copied().collect();
        touched = reversed.iter().map(|a| a.allocation).collect();
        pay::unapply(conn, frame, &mut row, &reversed, "credited").await?;
        if let Some((allocation, amount)) = anew {
            let found = store::allocations::get(conn, allocation).await?;
            let allocation = found.ok_or_else(|| Failure::internal("money from nowhere"))?;
            let parts = &mut [(allocation, amount, Origin::Allocation)];
            pay::apply(conn, frame, &mut row, parts).await?;
        }
    }
    pay::settle(conn, frame, &mut row, before).await?;
    pay::tell(conn, frame, Some(&row), &touched).await
}
