//! Allocations of lines. Amounts never change; a reversal marks the row.

use super::money;
use crate::domain::allocations::{Allocation, Part};
use crate::domain::lines::Line;
use crate::domain::matching::reasons::Reason;
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use sqlx::types::Json;
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
    let ids: Vec<Uuid> = allocations.iter().map(|a| a.id.0).collect();
    let lines: Vec<Uuid> = new.iter().map(|new| new.line.id.0).collect();
    let clients: Vec<Uuid> = new.iter().map(|new| new.part.client.0).collect();
    let payers: Vec<Option<Uuid>> = new.iter().map(|new| new.part.payer.map(|p| p.0)).collect();
    let sellers: Vec<Uuid> = new.iter().map(|new| new.line.seller.0).collect();
    let invoices: Vec<Option<Uuid>> = new.iter().map(|new| new.part.invoice.map(|i| i.0)).collect();
    let amounts: Vec<_> = new.iter().map(|new| new.part.amount.amount()).collect();
    let currencies: Vec<String> =
        new.iter().map(|new| new.part.amount.currency().code().to_owned()).collect();
    let reasons: Vec<_> = new.iter().map(|new| Json(new.reasons)).collect();
    sqlx::query!(
        "insert into allocations (id, line_id, client_id, payer_id, seller_id, invoice_id, amount,
             currency, automatic, actor, reasons, created_at)
         select id, line_id, client_id, payer_id, seller_id, invoice_id, amount, currency, $1, $2,
             reasons, $3
         from unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[],
             $10::numeric[], $11::text[], $12::jsonb[])
             as given (id, line_id, client_id, payer_id, seller_id, invoice_id, amount, currency,
                 reasons)",
        act.automatic,
        act.actor,
        act.at,
        &ids,
        &lines,
        &clients,
        &payers as _,
        &sellers,
        &invoices as _,
        &amounts,
        &currencies,
        &reasons as _
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
