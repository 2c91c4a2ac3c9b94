//! The lock rows: whoever touches a client's money holds its row first.

use chrono::{DateTime, NaiveDate, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::id::{ClientId, SellerId};

/// What the lock row says.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    /// The run makes held invoices for this client.
    pub hold_invoices: bool,
}

/// Locks the row of a client until the transaction ends; makes it when it is not there yet.
///
/// # Errors
/// Those of the database.
pub async fn lock(
    conn: &mut PgConnection,
    client: ClientId,
    now: DateTime<Utc>,
) -> Result<Account, Failure> {
    sqlx::query!(
        "insert into accounts (client_id, created_at) values ($1, $2) on conflict do nothing",
        client.0,
        now
    )
    .execute(&mut *conn)
    .await?;
    let account = sqlx::query_as!(
        Account,
        "select hold_invoices from accounts where client_id = $1 for update",
        client.0
    )
    .fetch_one(conn)
    .await?;
    Ok(account)
}

/// Locks the rows of many clients in ascending order, so that two such calls never wait for each
/// other in a circle.
///
/// # Errors
/// Those of the database.
pub async fn lock_all(
    conn: &mut PgConnection,
    clients: &[ClientId],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let mut ids: Vec<_> = clients.iter().map(|c| c.0).collect();
    ids.sort_unstable();
    ids.dedup();
    sqlx::query!(
        "insert into accounts (client_id, created_at)
         select id, $2 from unnest($1::uuid[]) as id order by id on conflict do nothing",
        &ids,
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "select client_id from accounts where client_id = any($1) order by client_id for update",
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Opens the account of a client with a seller, at its first order (E3); later calls change
/// nothing.
///
/// # Errors
/// Those of the database.
pub async fn open(
    conn: &mut PgConnection,
    client: ClientId,
    seller: SellerId,
    day: NaiveDate,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into client_accounts (client_id, seller_id, opened) values ($1, $2, $3)
         on conflict do nothing",
        client.0,
        seller.0,
        day
    )
    .execute(conn)
    .await?;
    Ok(())
}
