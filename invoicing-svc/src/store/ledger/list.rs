//! Lists of transfers, and the transfers of a cause.

use crate::{
    domain::ledger::{Account, Cause, Transfer},
    store::{code, money},
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;
use types::id::{ClientId, TransferId};
use uuid::Uuid;

/// A transfer with its identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRow {
    /// Identity.
    pub id: TransferId,
    /// The transfer.
    pub transfer: Transfer,
    /// When it was posted.
    pub created_at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    seller_id: Uuid,
    client_id: Option<Uuid>,
    debit_kind: String,
    debit_payer: Option<Uuid>,
    debit_contract: Option<Uuid>,
    credit_kind: String,
    credit_payer: Option<Uuid>,
    credit_contract: Option<Uuid>,
    currency: String,
    amount: Decimal,
    cause: String,
    kind: String,
    date: NaiveDate,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for TransferRow {
    type Error = Failure;

    fn try_from(r: Row) -> Result<Self, Failure> {
        let side = |kind: &str, payer: Option<Uuid>, contract: Option<Uuid>| {
            Ok::<_, Failure>(Account {
                kind: code(kind)?,
                legal_entity: payer.map(Into::into),
                contract: contract.map(Into::into),
            })
        };
        let transfer = Transfer::new(
            (r.seller_id.into(), r.client_id.map(Into::into)),
            side(&r.debit_kind, r.debit_payer, r.debit_contract)?,
            side(&r.credit_kind, r.credit_payer, r.credit_contract)?,
            money(r.amount, &r.currency)?,
            Cause { kind: code(&r.kind)?, name: r.cause },
            r.date,
        );
        let transfer = transfer.map_err(Failure::internal)?;
        Ok(Self { id: r.id.into(), transfer, created_at: r.created_at })
    }
}

/// Transfers before one, newest first; of all clients and of none without a client.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    client: Option<ClientId>,
    before: Option<TransferId>,
    limit: i64,
) -> Result<Vec<TransferRow>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select t.id, d.seller_id, t.client_id, d.kind as debit_kind, d.payer_id as debit_payer,
            d.contract_id as debit_contract, c.kind as credit_kind, c.payer_id as credit_payer,
            c.contract_id as credit_contract, t.currency, t.amount, t.cause, t.kind, t.date,
            t.created_at
         from transfers t
         join balances d on d.id = t.debit_id join balances c on c.id = t.credit_id
         where ($1::uuid is null or t.client_id = $1) and ($2::uuid is null or t.id < $2)
         order by t.id desc limit $3",
        client.map(|id| id.0),
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(TransferRow::try_from).collect()
}

/// The transfers of these causes, in the order in which they were posted.
///
/// # Errors
/// Those of the database.
pub async fn of_causes(
    conn: &mut PgConnection,
    causes: &[String],
) -> Result<Vec<Transfer>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select t.id, d.seller_id, t.client_id, d.kind as debit_kind, d.payer_id as debit_payer,
            d.contract_id as debit_contract, c.kind as credit_kind, c.payer_id as credit_payer,
            c.contract_id as credit_contract, t.currency, t.amount, t.cause, t.kind, t.date,
            t.created_at
         from transfers t
         join balances d on d.id = t.debit_id join balances c on c.id = t.credit_id
         where t.cause = any($1) order by t.id",
        causes
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|r| TransferRow::try_from(r).map(|t| t.transfer)).collect()
}

/// How many transfers a list has, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn total(
    conn: &mut PgConnection,
    client: Option<ClientId>,
    cap: i64,
) -> Result<i64, Failure> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (
            select from transfers where $1::uuid is null or client_id = $1 limit $2) as t"#,
        client.map(|id| id.0),
        cap
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}
