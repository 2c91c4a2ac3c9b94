//! What the matcher needs to know about a batch of lines: one query per kind of evidence, each by
//! index probes only, whatever the length of the batch. Laterals with a limit keep them probes:
//! free to choose, the planner reads all invoices or all waiting lines once a batch is long.

use super::invoices::Row;
use crate::domain::lines::{Class, Line};
use crate::domain::matching::known::Known;
use crate::domain::matching::numbers::mentions;
use crate::domain::matching::{Invoice, KnownBy, Payment};
use service::Failure;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use types::id::{ClientId, InvoiceId, LineId};
use uuid::Uuid;

/// The line as the matcher sees it.
#[must_use]
pub fn payment(line: &Line) -> Payment {
    Payment {
        seller: line.seller,
        amount: line.unallocated(),
        booked_on: line.booked_on,
        class: Class::parse(&line.class).unwrap_or(Class::Unclear),
        payer_tax_id: line.payer.tax_id.clone(),
        payer_account: line.payer.account.clone(),
        mentions: mentions(&line.purpose),
    }
}

/// Clients whose money a decision about these lines may touch: those whose open invoices the
/// purposes name. They are locked before the lines are decided.
///
/// # Errors
/// Those of the database.
pub async fn clients(conn: &mut PgConnection, lines: &[LineId]) -> Result<Vec<ClientId>, Failure> {
    let lines: Vec<Uuid> = lines.iter().map(|line| line.0).collect();
    let clients = sqlx::query_scalar!(
        r#"with keys as (
               select distinct seller_id, unnest(number_keys) as key
               from unnest($1::uuid[]) as given (id) cross join lateral (
                   select seller_id, number_keys from lines
                   where lines.id = given.id and state in ('imported', 'review') and allocated = 0
                   limit 1
               ) waiting
           )
           select distinct named.client_id as "client_id!"
           from keys cross join lateral (
               select i.client_id from invoices i
               where i.number_full = keys.key and i.seller_id = keys.seller_id
                 and i.state = 'ISSUED' and i.residual > 0
               union all
               select i.client_id from invoices i
               where i.number_tail = keys.key and i.seller_id = keys.seller_id
                 and i.state = 'ISSUED' and i.residual > 0
           ) named"#,
        &lines
    );
    Ok(clients.fetch_all(conn).await?.into_iter().map(ClientId).collect())
}

/// What is known about these payments of these lines, but for other invoices of the payers
/// ([`open`]).
///
/// # Errors
/// Those of the database.
pub async fn known(
    conn: &mut PgConnection,
    lines: &[Line],
    payments: &[Payment],
) -> Result<Known, Failure> {
    let mut known = Known::default();
    payers(&mut *conn, payments, &mut known).await?;
    named(&mut *conn, payments, &mut known).await?;
    let lines: Vec<Uuid> = lines.iter().map(|line| line.id.0).collect();
    let unmatched = sqlx::query!(
        r#"select distinct line_id, invoice_id as "invoice_id!" from allocations
           where line_id = any($1) and reversed_at is not null and invoice_id is not null"#,
        &lines
    );
    for row in unmatched.fetch_all(conn).await? {
        known.unmatched(LineId(row.line_id), InvoiceId(row.invoice_id));
    }
    Ok(known)
}

/// Whose tax ids and accounts the payers have.
async fn payers(
    conn: &mut PgConnection,
    payments: &[Payment],
    known: &mut Known,
) -> Result<(), Failure> {
    let tax_ids: BTreeSet<&String> =
        payments.iter().filter_map(|payment| payment.payer_tax_id.as_ref()).collect();
    let accounts: BTreeSet<&String> =
        payments.iter().filter_map(|payment| payment.payer_account.as_ref()).collect();
    let (tax_ids, accounts) = (owned(tax_ids), owned(accounts));
    let rows = sqlx::query!(
        r#"select key as "key!", client_id as "client_id!", true as "by_tax_id!"
           from unnest($1::text[]) as given (key) cross join lateral (
               select distinct client_id from payers where tax_id = given.key
               order by client_id limit 100
           ) by_tax_id
           union all
           select key, client_id, false
           from unnest($2::text[]) as given (key) cross join lateral (
               select distinct p.client_id
               from payer_accounts a cross join lateral (
                   select client_id from payers
                   where payers.legal_entity_id = a.legal_entity_id limit 1
               ) p
               where a.account = given.key
               order by client_id limit 100
           ) by_account"#,
        &tax_ids,
        &accounts
    )
    .fetch_all(conn)
    .await?;
    for row in rows {
        let by = if row.by_tax_id { KnownBy::TaxId } else { KnownBy::Account };
        known.payer(by, row.key, ClientId(row.client_id));
    }
    Ok(())
}

/// Invoices, of any seller and state, whose number or tail a purpose names.
async fn named(
    conn: &mut PgConnection,
    payments: &[Payment],
    known: &mut Known,
) -> Result<(), Failure> {
    let keys = || payments.iter().flat_map(|payment| &payment.mentions).map(|m| &m.key);
    let whole = owned(keys().map(|key| &key.full).collect());
    let either = owned(keys().flat_map(|key| [&key.full, &key.tail]).collect());
    let rows = sqlx::query!(
        r#"with named as (
               select invoice_id from unnest($1::text[]) as given (key) cross join lateral (
                   select invoice_id from invoices where number_full = given.key
                   order by invoice_id limit 200) by_full
               union
               select invoice_id from unnest($2::text[]) as given (key) cross join lateral (
                   select invoice_id from invoices where number_tail = given.key
                   order by invoice_id limit 200) by_tail
           )
           select i.invoice_id, i.number, i.sequence, i.client_id, i.payer_id, i.seller_id,
               i.currency, i.state, i.issued_on, i.number_full, i.number_tail,
               i.residual - coalesce((
                   select sum(a.amount) from allocations a
                   where a.invoice_id = i.invoice_id and a.reversed_at is null and not a.settled
               ), 0) as "residual!"
           from named cross join lateral (
               select invoice_id, number, sequence, client_id, payer_id, seller_id, currency,
                   state, issued_on, number_full, number_tail, residual
               from invoices where invoices.invoice_id = named.invoice_id limit 1
           ) i order by i.invoice_id"#,
        &either,
        &whole
    )
    .fetch_all(conn)
    .await?;
    for row in rows {
        let invoice = Row {
            invoice_id: row.invoice_id,
            number: row.number,
            sequence: row.sequence,
            client_id: row.client_id,
            payer_id: row.payer_id,
            seller_id: row.seller_id,
            currency: row.currency,
            residual: row.residual,
            state: row.state,
            issued_on: row.issued_on,
        };
        known.named(Invoice::try_from(invoice)?, row.number_full, row.number_tail);
    }
    Ok(())
}

/// Open invoices of these clients, the oldest first.
///
/// # Errors
/// Those of the database.
pub async fn open(
    conn: &mut PgConnection,
    clients: impl IntoIterator<Item = ClientId>,
    known: &mut Known,
) -> Result<(), Failure> {
    let clients: Vec<Uuid> = clients.into_iter().map(|client| client.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select i.invoice_id, i.number, i.sequence, i.client_id, i.payer_id, i.seller_id,
               i.currency, i.state, i.issued_on,
               i.residual - coalesce((
                   select sum(a.amount) from allocations a
                   where a.invoice_id = i.invoice_id and a.reversed_at is null and not a.settled
               ), 0) as "residual!"
           from unnest($1::uuid[]) as given (client_id) cross join lateral (
               select invoice_id, number, sequence, client_id, payer_id, seller_id, currency,
                   state, issued_on, residual
               from invoices
               where invoices.client_id = given.client_id and state = 'ISSUED' and residual > 0
               order by issued_on, invoice_id limit 50
           ) i"#,
        &clients
    )
    .fetch_all(conn)
    .await?;
    for row in rows {
        known.open(Invoice::try_from(row)?);
    }
    Ok(())
}

fn owned(keys: BTreeSet<&String>) -> Vec<String> {
    keys.into_iter().cloned().collect()
}
