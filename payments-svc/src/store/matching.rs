//! What the matcher needs to know about a batch of lines: one query per kind of evidence, each by
//! index probes only, whatever the length of the batch. Laterals with a limit keep them probes:
//! free to choose, the planner reads all invoices or all waiting lines once a batch is long.

use super::invoices::Row;
use super::money;
use crate::domain::learned_rules::Kind;
use crate::domain::lines::{Class, Line};
use crate::domain::matching::hints::Hints;
use crate::domain::matching::known::Known;
use crate::domain::matching::{Invoice, KnownBy, Payment};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};
use types::Currency;
use types::id::{ClientId, InvoiceId, LineId};
use uuid::Uuid;

/// The line as the matcher sees it.
#[must_use]
pub fn payment(line: &Line) -> Payment {
    let payment = Payment {
        seller: line.seller,
        amount: line.unallocated(),
        booked_on: line.booked_on,
        class: Class::parse(&line.class).unwrap_or(Class::Unclear),
        payer_tax_id: line.payer.tax_id.clone(),
        payer_kpp: line.payer.kpp.clone(),
        payer_account: line.payer.account.clone(),
        on_behalf: Vec::new(),
        // What the bank has not booked is not imported.
        booked: true,
        repeated: false,
        mentions: Vec::new(),
        hints: Hints::default(),
    };
    payment.saying(&line.purpose)
}

/// Advisory lock of what the matcher knows: "rschknow" in ASCII.
const KNOWN: i64 = 0x7273_6368_6b6e_6f77;

/// Until this transaction ends, nothing new is told of invoices and payers ([`tell`]): what is
/// known stays true while lines are decided, and a line that is decided before it is stored is
/// found by whoever tells something next. Taken before clients are locked; one transaction at a
/// time has it.
///
/// # Errors
/// Those of the database.
pub async fn keep_still(conn: &mut PgConnection) -> Result<(), Failure> {
    sqlx::query("select pg_advisory_xact_lock($1)").bind(KNOWN).execute(conn).await?;
    Ok(())
}

/// Something new is told of invoices or payers in this transaction, and lines that wait for it are
/// looked up: those whose decision is being stored are waited for ([`keep_still`]). Taken before
/// clients are locked.
///
/// # Errors
/// Those of the database.
pub async fn tell(conn: &mut PgConnection) -> Result<(), Failure> {
    sqlx::query("select pg_advisory_xact_lock_shared($1)").bind(KNOWN).execute(conn).await?;
    Ok(())
}

/// What is known about these payments, but for what is allocated of the invoices that they name and
/// not answered yet ([`in_flight`]), and other invoices of the payers ([`open`]).
///
/// # Errors
/// Those of the database.
pub async fn known(conn: &mut PgConnection, payments: &[Payment]) -> Result<Known, Failure> {
    let mut known = Known::default();
    payers(&mut *conn, payments, &mut known).await?;
    named(conn, payments, &mut known).await?;
    Ok(known)
}

/// What is allocated of the invoices that are named, and not answered yet. Only who has locked
/// their clients knows.
///
/// # Errors
/// Those of the database.
pub async fn in_flight(conn: &mut PgConnection, known: &mut Known) -> Result<(), Failure> {
    let named: HashMap<InvoiceId, (ClientId, Currency)> = known
        .all_named()
        .map(|invoice| (invoice.id, (invoice.client, invoice.residual.currency())))
        .collect();
    let invoices: Vec<Uuid> = named.keys().map(|id| id.0).collect();
    let clients: Vec<Uuid> = named.values().map(|(client, _)| client.0).collect();
    let rows = sqlx::query!(
        r#"select given.invoice_id as "invoice_id!", a.amount as "amount!"
           from unnest($1::uuid[], $2::uuid[]) as given (client_id, invoice_id)
           cross join lateral (
               select sum(amount) as amount from allocations
               where allocations.client_id = given.client_id
                 and allocations.invoice_id = given.invoice_id
                 and reversed_at is null and not settled
           ) a where a.amount is not null"#,
        &clients,
        &invoices
    );
    for row in rows.fetch_all(conn).await? {
        let id = InvoiceId(row.invoice_id);
        if let Some((_, currency)) = named.get(&id) {
            known.in_flight(id, money(row.amount, currency.code())?);
        }
    }
    Ok(())
}

/// Invoices that a person took back from these lines.
///
/// # Errors
/// Those of the database.
pub async fn unmatched(
    conn: &mut PgConnection,
    lines: &[LineId],
    known: &mut Known,
) -> Result<(), Failure> {
    let lines: Vec<Uuid> = lines.iter().map(|line| line.0).collect();
    let unmatched = sqlx::query!(
        r#"select distinct line_id, invoice_id as "invoice_id!" from allocations
           where line_id = any($1) and reversed_at is not null and invoice_id is not null"#,
        &lines
    );
    for row in unmatched.fetch_all(conn).await? {
        known.unmatched(LineId(row.line_id), InvoiceId(row.invoice_id));
    }
    Ok(())
}

/// Whose tax ids and accounts the payers have, and for whom people taught that they pay.
async fn payers(
    conn: &mut PgConnection,
    payments: &[Payment],
    known: &mut Known,
) -> Result<(), Failure> {
    let behalf = payments.iter().flat_map(Payment::behalf);
    let tax_ids: BTreeSet<&String> =
        payments.iter().filter_map(|payment| payment.payer_tax_id.as_ref()).chain(behalf).collect();
    let accounts: BTreeSet<&String> =
        payments.iter().filter_map(|payment| payment.payer_account.as_ref()).collect();
    let (tax_ids, accounts) = (owned(tax_ids), owned(accounts));
    let rows = sqlx::query!(
        r#"select key as "key!", client_id as "client_id!", true as "by_tax_id!",
               null::bigint as rule
           from unnest($1::text[]) as given (key) cross join lateral (
               select distinct client_id from payers where tax_id = given.key
               order by client_id limit 100
           ) by_tax_id
           union all
           select key, client_id, false, null
           from unnest($2::text[]) as given (key) cross join lateral (
               select distinct p.client_id
               from payer_accounts a cross join lateral (
                   select client_id from payers
                   where payers.legal_entity_id = a.legal_entity_id limit 1
               ) p
               where a.account = given.key
               order by client_id limit 100
           ) by_account
           union all
           select key, client_id, true, number
           from unnest($1::text[]) as given (key) cross join lateral (
               select client_id, number from learned_rules r
               where r.kind = 'payer_tax_id' and r.key = given.key and r.state = 'active'
               order by client_id limit 100
           ) learned_by_tax_id
           union all
           select key, client_id, false, number
           from unnest($2::text[]) as given (key) cross join lateral (
               select client_id, number from learned_rules r
               where r.kind = 'payer_account' and r.key = given.key and r.state = 'active'
               order by client_id limit 100
           ) learned_by_account"#,
        &tax_ids,
        &accounts
    )
    .fetch_all(conn)
    .await?;
    for row in rows {
        let client = ClientId(row.client_id);
        match (row.rule, row.by_tax_id) {
            (None, true) => known.payer(KnownBy::TaxId, row.key, client),
            (None, false) => known.payer(KnownBy::Account, row.key, client),
            (Some(rule), true) => known.learned(Kind::PayerTaxId, row.key, client, rule),
            (Some(rule), false) => known.learned(Kind::PayerAccount, row.key, client, rule),
        }
    }
    Ok(())
}

/// Invoices, of any seller and state, whose number or tail a purpose names. One that is found by
/// both comes twice.
async fn named(
    conn: &mut PgConnection,
    payments: &[Payment],
    known: &mut Known,
) -> Result<(), Failure> {
    let keys = || payments.iter().flat_map(|payment| &payment.mentions).map(|m| &m.key);
    let either = owned(keys().flat_map(|key| [&key.full, &key.tail]).collect());
    // What has a prefix is no tail.
    let whole = owned(keys().map(|key| &key.full).filter(|full| !full.contains('#')).collect());
    let rows = sqlx::query!(
        r#"select i.invoice_id as "invoice_id!", i.number as "number!", i.sequence as "sequence!",
               i.client_id as "client_id!", i.payer_id, i.seller_id as "seller_id!",
               i.currency as "currency!", i.state as "state!", i.issued_on as "issued_on!",
               i.number_full as "number_full!", i.number_tail as "number_tail!",
               i.residual as "residual!"
           from unnest($1::text[]) as given (key) cross join lateral (
               select invoice_id, number, sequence, client_id, payer_id, seller_id, currency,
                   state, issued_on, number_full, number_tail, residual
               from invoices where number_full = given.key order by invoice_id limit 200
           ) i
           union all
           select i.invoice_id, i.number, i.sequence, i.client_id, i.payer_id, i.seller_id,
               i.currency, i.state, i.issued_on, i.number_full, i.number_tail, i.residual
           from unnest($2::text[]) as given (key) cross join lateral (
               select invoice_id, number, sequence, client_id, payer_id, seller_id, currency,
                   state, issued_on, number_full, number_tail, residual
               from invoices where number_tail = given.key order by invoice_id limit 200
           ) i"#,
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
                   where a.client_id = i.client_id and a.invoice_id = i.invoice_id
                     and a.reversed_at is null and not a.settled
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

/// Open invoices of clients of which so much is left to pay as is given with the client.
///
/// # Errors
/// Those of the database.
pub async fn open_of_amounts(
    conn: &mut PgConnection,
    given: &[(ClientId, Decimal)],
    known: &mut Known,
) -> Result<(), Failure> {
    let clients: Vec<Uuid> = given.iter().map(|(client, _)| client.0).collect();
    let amounts: Vec<Decimal> = given.iter().map(|(_, amount)| *amount).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select i.invoice_id as "invoice_id!", i.number as "number!", i.sequence as "sequence!",
               i.client_id as "client_id!", i.payer_id, i.seller_id as "seller_id!",
               i.currency as "currency!", i.state as "state!", i.issued_on as "issued_on!",
               i.left as "residual!"
           from unnest($1::uuid[], $2::numeric[]) as given (client_id, amount)
           cross join lateral (
               select invoice_id, number, sequence, client_id, payer_id, seller_id, currency,
                   state, issued_on, residual as left
               from invoices
               where invoices.client_id = given.client_id and state = 'ISSUED' and residual > 0
                 and residual = given.amount and not exists (
                     select from allocations a
                     where a.client_id = given.client_id and a.invoice_id = invoices.invoice_id
                       and a.reversed_at is null and not a.settled
                 )
               union all
               select invoice_id, number, sequence, client_id, payer_id, seller_id, currency,
                   state, issued_on, residual - allocated
               from (
                   select a.invoice_id, sum(a.amount) as allocated from allocations a
                   where a.client_id = given.client_id and a.reversed_at is null and not a.settled
                   group by a.invoice_id
               ) in_flight join invoices using (invoice_id)
               where state = 'ISSUED' and residual - allocated = given.amount
           ) i"#,
        &clients,
        &amounts
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
