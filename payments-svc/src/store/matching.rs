//! What the matcher needs to know about one line.

use super::invoices::Row;
use crate::domain::lines::{Class, Line};
use crate::domain::matching::{Invoice, KnownBy, Payment, Snapshot, probes};
use service::Failure;
use sqlx::PgConnection;
use types::id::{ClientId, InvoiceId};
use uuid::Uuid;

/// The line as the matcher sees it.
#[must_use]
pub fn payment(line: &Line) -> Payment {
    Payment {
        seller: line.seller,
        amount: line.unallocated(),
        booked_on: line.booked_on,
        class: Class::parse(&line.class).unwrap_or(Class::Unclear),
        payer_has_tax_id: line.payer.tax_id.is_some(),
        purpose: line.purpose.clone(),
    }
}

/// Candidates and payers of a line: hash probes only, never a scan.
///
/// # Errors
/// Those of the database.
pub async fn snapshot(conn: &mut PgConnection, line: &Line) -> Result<Snapshot, Failure> {
    let payers = payers(&mut *conn, line).await?;
    let clients: Vec<Uuid> = payers.iter().map(|(client, _)| client.0).collect();
    let keys = probes(&line.purpose);
    let whole: Vec<String> = keys.iter().map(|key| key.full.clone()).collect();
    let mut either: Vec<String> = keys.iter().map(|key| key.tail.clone()).collect();
    either.extend(whole.iter().cloned());
    let rows = sqlx::query_as!(
        Row,
        r#"with candidates as (
               select invoice_id from invoices where number_full = any($1)
               union
               select invoice_id from invoices where number_tail = any($2)
               union
               (select invoice_id from invoices
                where client_id = any($3) and state = 'ISSUED' and residual > 0
                order by issued_on, invoice_id limit 50)
           )
           select i.invoice_id, i.number, i.sequence, i.client_id, i.payer_id, i.seller_id,
               i.currency, i.state, i.issued_on,
               i.residual - coalesce((
                   select sum(a.amount) from allocations a
                   where a.invoice_id = i.invoice_id and a.reversed_at is null and not a.settled
               ), 0) as "residual!"
           from candidates join invoices i using (invoice_id)
           order by i.invoice_id limit 200"#,
        &either,
        &whole,
        &clients
    )
    .fetch_all(&mut *conn)
    .await?;
    let invoices = rows.into_iter().map(Invoice::try_from).collect::<Result<_, _>>()?;
    let unmatched = sqlx::query_scalar!(
        r#"select distinct invoice_id as "invoice_id!" from allocations
           where line_id = $1 and reversed_at is not null and invoice_id is not null"#,
        line.id.0
    );
    let unmatched = unmatched.fetch_all(conn).await?.into_iter().map(InvoiceId).collect();
    Ok(Snapshot { invoices, payers, unmatched })
}

async fn payers(conn: &mut PgConnection, line: &Line) -> Result<Vec<(ClientId, KnownBy)>, Failure> {
    let rows = sqlx::query!(
        r#"select distinct client_id as "client_id!", true as "by_tax_id!"
           from payers where tax_id = $1
           union
           select distinct p.client_id, false
           from payer_accounts a join payers p using (legal_entity_id) where a.account = $2
           limit 100"#,
        line.payer.tax_id,
        line.payer.account
    )
    .fetch_all(conn)
    .await?;
    let by = |by_tax_id| if by_tax_id { KnownBy::TaxId } else { KnownBy::Account };
    Ok(rows.into_iter().map(|row| (ClientId(row.client_id), by(row.by_tax_id))).collect())
}
