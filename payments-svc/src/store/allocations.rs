//! Allocations of lines. Amounts never change; a reversal marks the row.

use super::money;
use crate::domain::allocations::{Allocation, Part};
use crate::domain::lines::Line;
use crate::domain::matching::reasons::Reason;
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::HashMap;
use types::Money;
use types::id::{AllocationId, ClientId, InvoiceId, LegalEntityId, LineId};
use uuid::Uuid;

/// An allocation with who made it and what invoicing answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it says.
    pub allocation: Allocation,
    /// By the machine.
    pub automatic: bool,
    /// Who did it.
    pub actor: String,
    /// Invoicing has answered.
    pub settled: bool,
    /// Set against the invoice.
    pub applied: Money,
    /// Became credit.
    pub credit: Money,
}

/// Who allocates, when and why.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// Who.
    pub actor: &'a str,
    /// Whether the machine did.
    pub automatic: bool,
    /// Its reasons.
    pub reasons: &'a [Reason],
    /// Business instant.
    pub at: DateTime<Utc>,
}

/// Stores parts of a line; the caller has locked their clients and the line.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    line: &Line,
    parts: &[Part],
    act: Act<'_>,
) -> Result<Vec<Allocation>, Failure> {
    let allocations: Vec<Allocation> = parts
        .iter()
        .map(|part| Allocation {
            id: AllocationId::generate(),
            part: part.clone(),
            reversed: false,
        })
        .collect();
    let ids: Vec<Uuid> = allocations.iter().map(|a| a.id.0).collect();
    let clients: Vec<Uuid> = parts.iter().map(|part| part.client.0).collect();
    let payers: Vec<Option<Uuid>> = parts.iter().map(|part| part.payer.map(|p| p.0)).collect();
    let invoices: Vec<Option<Uuid>> = parts.iter().map(|part| part.invoice.map(|i| i.0)).collect();
    let amounts: Vec<_> = parts.iter().map(|part| part.amount.amount()).collect();
    sqlx::query!(
        "insert into allocations (id, line_id, client_id, payer_id, seller_id, invoice_id, amount,
             currency, automatic, actor, reasons, created_at)
         select id, $1, client_id, payer_id, $2, invoice_id, amount, $3, $4, $5, $6, $7
         from unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::uuid[], $12::numeric[])
             as given (id, client_id, payer_id, invoice_id, amount)",
        line.id.0,
        line.seller.0,
        line.amount.currency().code(),
        act.automatic,
        act.actor,
        Json(act.reasons) as _,
        act.at,
        &ids,
        &clients,
        &payers as _,
        &invoices as _,
        &amounts
    )
    .execute(conn)
    .await?;
    Ok(allocations)
}

/// Allocations of these lines, reversed ones too, in order of making.
///
/// # Errors
/// Those of the database.
pub async fn of_lines(
    conn: &mut PgConnection,
    lines: &[LineId],
) -> Result<HashMap<LineId, Vec<Kept>>, Failure> {
    let lines: Vec<Uuid> = lines.iter().map(|line| line.0).collect();
    let rows = sqlx::query!(
        r#"select id, line_id, client_id, payer_id, invoice_id, amount, currency, automatic, actor,
               settled, applied, credit, reversed_at is not null as "reversed!"
           from allocations where line_id = any($1) order by created_at, id"#,
        &lines
    )
    .fetch_all(conn)
    .await?;
    let mut found: HashMap<LineId, Vec<Kept>> = HashMap::new();
    for row in rows {
        let part = Part {
            invoice: row.invoice_id.map(InvoiceId),
            client: ClientId(row.client_id),
            payer: row.payer_id.map(LegalEntityId),
            amount: money(row.amount, &row.currency)?,
        };
        let id = AllocationId(row.id);
        found.entry(LineId(row.line_id)).or_default().push(Kept {
            allocation: Allocation { id, part, reversed: row.reversed },
            automatic: row.automatic,
            actor: row.actor,
            settled: row.settled,
            applied: money(row.applied, &row.currency)?,
            credit: money(row.credit, &row.currency)?,
        });
    }
    Ok(found)
}

/// Marks allocations as taken back; the caller has locked their clients and the line.
///
/// # Errors
/// Those of the database.
pub async fn reverse(
    conn: &mut PgConnection,
    ids: &[AllocationId],
    actor: &str,
    reason: &str,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "update allocations set reversed_at = $2, reversed_by = $3, reversal_reason = $4,
             settled = false
         where id = any($1) and reversed_at is null",
        &ids,
        at,
        actor,
        reason
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes what invoicing answered to an allocation or its reversal; false for one never heard of.
///
/// # Errors
/// Those of the database.
pub async fn settle(
    conn: &mut PgConnection,
    id: AllocationId,
    applied: Money,
    credit: Money,
    of_reversal: bool,
) -> Result<bool, Failure> {
    // The answer to the allocation may come after it was reversed here: the later answer counts.
    let settled = sqlx::query!(
        "update allocations
         set applied = $2, credit = $3, settled = ($4 = (reversed_at is not null))
         where id = $1",
        id.0,
        applied.amount(),
        credit.amount(),
        of_reversal
    );
    Ok(settled.execute(conn).await?.rows_affected() == 1)
}
