//! Issued invoices as invoicing tells them: what money may be meant for.

use super::money;
use crate::domain::matching::Invoice;
use crate::domain::matching::numbers::NumberKey;
use chrono::NaiveDate;
use service::Failure;
use sqlx::PgConnection;
use types::Money;
use types::id::{ClientId, ContractId, InvoiceId, LegalEntityId, SellerId};
use uuid::Uuid;

/// An invoice as it is issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Its id.
    pub id: InvoiceId,
    /// Human number.
    pub number: String,
    /// Sequence in its series.
    pub sequence: i64,
    /// Client.
    pub client: ClientId,
    /// Legal entity that pays.
    pub payer: Option<LegalEntityId>,
    /// Contract.
    pub contract: Option<ContractId>,
    /// Seller.
    pub seller: SellerId,
    /// With VAT.
    pub total: Money,
    /// Left to pay at issue.
    pub residual: Money,
    /// Day of issue.
    pub issued_on: NaiveDate,
    /// Day to pay by.
    pub due_on: Option<NaiveDate>,
}

/// Stores issued invoices; those that are known already are left as they are. Answers the new ones.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    invoices: &[Issued],
) -> Result<Vec<InvoiceId>, Failure> {
    let keys: Vec<NumberKey> = invoices.iter().map(|i| NumberKey::of(&i.number)).collect();
    let rows = Columns(invoices);
    let inserted = sqlx::query_scalar!(
        "insert into invoices (invoice_id, number, number_full, number_tail, sequence, client_id,
             payer_id, contract_id, seller_id, currency, total, residual, state, payment_state,
             issued_on, due_on)
         select invoice_id, number, number_full, number_tail, sequence, client_id, payer_id,
             contract_id, seller_id, currency, total, residual, 'ISSUED', 'OPEN', issued_on, due_on
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::uuid[],
             $7::uuid[], $8::uuid[], $9::uuid[], $10::text[], $11::numeric[], $12::numeric[],
             $13::date[], $14::date[])
             as given (invoice_id, number, number_full, number_tail, sequence, client_id, payer_id,
                 contract_id, seller_id, currency, total, residual, issued_on, due_on)
         on conflict do nothing returning invoice_id",
        &rows.of(|i| i.id.0),
        &rows.of(|i| i.number.clone()),
        &keys.iter().map(|key| key.full.clone()).collect::<Vec<_>>(),
        &keys.iter().map(|key| key.tail.clone()).collect::<Vec<_>>(),
        &rows.of(|i| i.sequence),
        &rows.of(|i| i.client.0),
        &rows.of(|i| i.payer.map(|id| id.0)) as _,
        &rows.of(|i| i.contract.map(|id| id.0)) as _,
        &rows.of(|i| i.seller.0),
        &rows.of(|i| i.total.currency().code().to_owned()),
        &rows.of(|i| i.total.amount()),
        &rows.of(|i| i.residual.amount()),
        &rows.of(|i| i.issued_on),
        &rows.of(|i| i.due_on) as _
    );
    Ok(inserted.fetch_all(conn).await?.into_iter().map(InvoiceId).collect())
}

struct Columns<'a, T>(&'a [T]);

impl<T> Columns<'_, T> {
    fn of<C>(&self, value: impl Fn(&T) -> C) -> Vec<C> {
        self.0.iter().map(value).collect()
    }
}

/// What is left to pay on an invoice, and its states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The invoice.
    pub id: InvoiceId,
    /// Left to pay.
    pub residual: Money,
    /// State, as invoicing names it.
    pub state: String,
    /// How far it is paid, as invoicing names it.
    pub payment_state: String,
}

/// Notes what is left to pay and the states, at most one change per invoice; one never heard of is
/// passed.
///
/// # Errors
/// Those of the database.
pub async fn update(conn: &mut PgConnection, changed: &[Changed]) -> Result<(), Failure> {
    let rows = Columns(changed);
    sqlx::query!(
        "update invoices set residual = given.residual, state = given.state,
             payment_state = given.payment_state
         from unnest($1::uuid[], $2::numeric[], $3::text[], $4::text[])
             as given (id, residual, state, payment_state)
         where invoices.invoice_id = given.id",
        &rows.of(|c| c.id.0),
        &rows.of(|c| c.residual.amount()),
        &rows.of(|c| c.state.clone()),
        &rows.of(|c| c.payment_state.clone())
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One row of a look-up; `residual` is less what is allocated and not answered yet.
pub(super) struct Row {
    pub invoice_id: Uuid,
    pub number: String,
    pub sequence: i64,
    pub client_id: Uuid,
    pub payer_id: Option<Uuid>,
    pub seller_id: Uuid,
    pub currency: String,
    pub residual: rust_decimal::Decimal,
    pub state: String,
    pub issued_on: NaiveDate,
}

impl TryFrom<Row> for Invoice {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        Ok(Self {
            id: InvoiceId(row.invoice_id),
            number: row.number,
            sequence: u64::try_from(row.sequence).unwrap_or_default(),
            client: ClientId(row.client_id),
            payer: row.payer_id.map(LegalEntityId),
            seller: SellerId(row.seller_id),
            residual: money(row.residual, &row.currency)?,
            issued_on: row.issued_on,
            open: row.state == "ISSUED",
        })
    }
}

/// Invoices by id, with the name of their state.
///
/// # Errors
/// Those of the database.
pub async fn get_all(
    conn: &mut PgConnection,
    ids: &[InvoiceId],
) -> Result<Vec<(Invoice, String)>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select i.invoice_id, i.number, i.sequence, i.client_id, i.payer_id, i.seller_id,
               i.currency, i.state, i.issued_on,
               i.residual - coalesce((
                   select sum(a.amount) from allocations a
                   where a.client_id = i.client_id and a.invoice_id = i.invoice_id
                     and a.reversed_at is null and not a.settled
               ), 0) as "residual!"
           from invoices i where i.invoice_id = any($1)"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let state = row.state.clone();
            Ok((Invoice::try_from(row)?, state))
        })
        .collect()
}
