//! Allocations of lines. Amounts never change; a reversal marks the row.

use super::copy::Rows;
use super::money;
use crate::domain::allocations::{Allocation, Part};
use crate::domain::lines::Line;
use crate::domain::matching::reasons::Reason;
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};
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

/// Who allocates and when.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// Who.
    pub actor: &'a str,
    /// Whether the machine did.
    pub automatic: bool,
    /// Business instant.
    pub at: DateTime<Utc>,
}

/// A part of a line that is about to be stored, and why.
#[derive(Debug)]
pub struct New<'a> {
    /// The line.
    pub line: &'a Line,
    /// What is meant for whom.
    pub part: Part,
    /// The machine's reasons.
    pub reasons: &'a [Reason],
}

/// Stores parts of lines; the caller has locked their clients and the lines. Answers them in the
/// same order.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    new: &[New<'_>],
    act: Act<'_>,
) -> Result<Vec<Allocation>, Failure> {
    let allocations: Vec<Allocation> = new
        .iter()
        .map(|new| Allocation {
            id: AllocationId::generate(),
            part: new.part.clone(),
            reversed: false,
        })
        .collect();
    let mut rows = Rows::default();
    for (Allocation { id, part, .. }, new) in allocations.iter().zip(new) {
        rows.plain(id.0).plain(new.line.id.0).plain(part.client.0);
        rows.perhaps(part.payer.map(|payer| payer.0)).plain(new.line.seller.0);
        rows.perhaps(part.invoice.map(|invoice| invoice.0)).plain(part.amount.amount());
        rows.plain(part.amount.currency().code()).plain(act.automatic).text(act.actor);
        rows.json(&new.reasons)?.last(act.at.to_rfc3339());
    }
    let mut copy = conn.copy_in_raw(COPY).await?;
    copy.send(rows.into_bytes()).await?;
    copy.finish().await?;
    Ok(allocations)
}

const COPY: &str = "copy allocations (id, line_id, client_id, payer_id, seller_id, invoice_id,
    amount, currency, automatic, actor, reasons, created_at) from stdin";

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

/// What invoicing answered to an allocation or to its reversal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The allocation.
    pub id: AllocationId,
    /// Set against the invoice.
    pub applied: Money,
    /// Became credit.
    pub credit: Money,
    /// Whether the reversal is answered.
    pub of_reversal: bool,
}

/// Notes answers, at most one per allocation; tells which ones are known here.
///
/// # Errors
/// Those of the database.
pub async fn settle(
    conn: &mut PgConnection,
    answers: &[Answer],
) -> Result<HashSet<AllocationId>, Failure> {
    let ids: Vec<Uuid> = answers.iter().map(|answer| answer.id.0).collect();
    let applied: Vec<_> = answers.iter().map(|answer| answer.applied.amount()).collect();
    let credit: Vec<_> = answers.iter().map(|answer| answer.credit.amount()).collect();
    let of_reversal: Vec<bool> = answers.iter().map(|answer| answer.of_reversal).collect();
    // The answer to the allocation may come after it was reversed here: the later answer counts.
    let settled = sqlx::query_scalar!(
        "update allocations
         set applied = given.applied, credit = given.credit,
             settled = (given.of_reversal = (reversed_at is not null))
         from unnest($1::uuid[], $2::numeric[], $3::numeric[], $4::boolean[])
             as given (id, applied, credit, of_reversal)
         where allocations.id = given.id returning allocations.id",
        &ids,
        &applied,
        &credit,
        &of_reversal
    );
    Ok(settled.fetch_all(conn).await?.into_iter().map(AllocationId).collect())
}
