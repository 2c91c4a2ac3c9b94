//! Contracts.

use super::{code, count, stored_count};
use crate::domain::contracts::Contract;
use chrono::{DateTime, NaiveDate, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::id::{ClientId, ContractId};
use uuid::Uuid;

/// Constraint: numbers are unique per seller.
pub const NUMBER_KEY: &str = "contracts_number_key";

/// A contract with what is stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractRow {
    /// The contract.
    pub contract: Contract,
    /// Version.
    pub revision: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    client_id: Uuid,
    payer_id: Uuid,
    seller_id: Uuid,
    number: String,
    date: NaiveDate,
    kind: String,
    terms: String,
    due_days: i32,
    currency: String,
    closed: Option<NaiveDate>,
    revision: i64,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for ContractRow {
    type Error = Failure;

    fn try_from(r: Row) -> Result<Self, Failure> {
        let contract = Contract {
            id: r.id.into(),
            client: r.client_id.into(),
            legal_entity: r.payer_id.into(),
            seller: r.seller_id.into(),
            number: r.number,
            date: r.date,
            kind: code(&r.kind)?,
            terms: code(&r.terms)?,
            due_days: count(r.due_days)?,
            currency: code(&r.currency)?,
            closed: r.closed,
        };
        Ok(Self { contract, revision: r.revision, created_at: r.created_at })
    }
}

/// Inserts a contract.
///
/// # Errors
/// Those of the database; [`NUMBER_KEY`] when the number is taken.
pub async fn insert(
    conn: &mut PgConnection,
    c: &Contract,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into contracts (id, client_id, payer_id, seller_id, number, date, kind, terms,
            due_days, currency, closed, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        c.id.0,
        c.client.0,
        c.legal_entity.0,
        c.seller.0,
        c.number,
        c.date,
        c.kind.code(),
        c.terms.code(),
        stored_count(c.due_days)?,
        c.currency.code(),
        c.closed,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The contracts of these ids, in the order of ids.
///
/// # Errors
/// Those of the database.
pub async fn get_all(
    conn: &mut PgConnection,
    ids: &[ContractId],
) -> Result<Vec<ContractRow>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        "select id, client_id, payer_id, seller_id, number, date, kind, terms, due_days, currency,
            closed, revision, created_at
         from contracts where id = any($1) order by id",
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(ContractRow::try_from).collect()
}

/// The contract of an id.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: ContractId) -> Result<Option<ContractRow>, Failure> {
    Ok(get_all(conn, &[id]).await?.pop())
}

/// Contracts before one, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    client: Option<ClientId>,
    before: Option<ContractId>,
    limit: i64,
) -> Result<Vec<ContractRow>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, client_id, payer_id, seller_id, number, date, kind, terms, due_days, currency,
            closed, revision, created_at
         from contracts
         where ($1::uuid is null or client_id = $1) and ($2::uuid is null or id < $2)
         order by id desc limit $3",
        client.map(|id| id.0),
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(ContractRow::try_from).collect()
}

/// How many contracts a list has, counted up to `cap`.
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
            select 1 from contracts where $1::uuid is null or client_id = $1 limit $2) as t"#,
        client.map(|id| id.0),
        cap
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}
