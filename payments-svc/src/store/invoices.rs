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

/// Stores an issued invoice; one that is known already is left as it is.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut PgConnection, invoice: &Issued) -> Result<bool, Failure> {
    let key = NumberKey::of(&invoice.number);
    let inserted = sqlx::query!(
        "insert into invoices (invoice_id, number, number_full, number_tail, sequence, client_id,
             payer_id, contract_id, seller_id, currency, total, residual, state, payment_state,
             issued_on, due_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'ISSUED', 'OPEN', $13, $14)
         on conflict do nothing",
        invoice.id.0,
        invoice.number,
        key.full,
        key.tail,
        invoice.sequence,
        invoice.client.0,
        invoice.payer.map(|id| id.0),
        invoice.contract.map(|id| id.0),
        invoice.seller.0,
        invoice.total.currency().code(),
        invoice.total.amount(),
        invoice.residual.amount(),
        invoice.issued_on,
        invoice.due_on
    );
    Ok(inserted.execute(conn).await?.rows_affected() == 1)
}

/// Notes what is left to pay and the states; answers the canonical number, whole and without
/// prefix, or none for an invoice never heard of.
///
/// # Errors
/// Those of the database.
pub async fn update(
    conn: &mut PgConnection,
    invoice: InvoiceId,
    residual: Money,
    state: &str,
    payment_state: &str,
) -> Result<Option<[String; 2]>, Failure> {
    let updated = sqlx::query!(
        "update invoices set residual = $2, state = $3, payment_state = $4 where invoice_id = $1
         returning number_full, number_tail",
        invoice.0,
        residual.amount(),
        state,
        payment_state
    );
    let row = updated.fetch_optional(conn).await?;
    Ok(row.map(|row| [row.number_full, row.number_tail]))
}

/// The canonical number of an invoice, whole and without prefix.
///
/// # Errors
/// Those of the database.
pub async fn number_keys(
    conn: &mut PgConnection,
    invoice: InvoiceId,
) -> Result<Option<[String; 2]>, Failure> {
    let keys = sqlx::query!(
        "select number_full, number_tail from invoices where invoice_id = $1",
        invoice.0
    );
    let row = keys.fetch_optional(conn).await?;
    Ok(row.map(|row| [row.number_full, row.number_tail]))
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
                   where a.invoice_id = i.invoice_id and a.reversed_at is null and not a.settled
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
