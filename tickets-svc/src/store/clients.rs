//! Who the clients are and where they get letters, as clients-svc last told us.

use super::rows;
use crate::domain::{profiles::Profile, templates::Audience};
use service::Failure;
use sqlx::PgConnection;
use types::{EmailAddress, id::ClientId};

/// Keeps a profile if it is newer than the one that we have; answers whether it was.
///
/// # Errors
/// Those of the database.
pub async fn keep(conn: &mut PgConnection, profile: &Profile) -> Result<bool, Failure> {
    let kept = sqlx::query!(
        "insert into clients (id, revision, title, language, zone) values ($1, $2, $3, $4, $5)
         on conflict (id) do update
         set revision = excluded.revision, title = excluded.title, language = excluded.language,
             zone = excluded.zone
         where clients.revision < excluded.revision",
        profile.client.0,
        profile.revision,
        profile.title,
        profile.language,
        profile.zone,
    )
    .execute(&mut *conn)
    .await?;
    if kept.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!("delete from client_addresses where client_id = $1", profile.client.0)
        .execute(&mut *conn)
        .await?;
    for address in &profile.addresses {
        let audiences: Vec<String> =
            address.audiences.iter().map(|audience| audience.as_str().to_owned()).collect();
        sqlx::query!(
            "insert into client_addresses (client_id, address_key, address, main, audiences)
             values ($1, $2, $3, $4, $5) on conflict (client_id, address_key) do update
             set main = client_addresses.main or excluded.main,
                 audiences = client_addresses.audiences || excluded.audiences",
            profile.client.0,
            address.address.key(),
            address.address.as_str(),
            address.main,
            &audiences,
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(true)
}

/// Locks the row of a client for this transaction, which may then emit events about it; false when
/// we do not know the client.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, client: ClientId) -> Result<bool, Failure> {
    let row = sqlx::query_scalar!("select id from clients where id = $1 for update", client.0);
    Ok(row.fetch_optional(conn).await?.is_some())
}

/// The revision that we have of a client.
///
/// # Errors
/// Those of the database.
pub async fn revision(conn: &mut PgConnection, client: ClientId) -> Result<Option<i64>, Failure> {
    let row = sqlx::query_scalar!("select revision from clients where id = $1", client.0);
    Ok(row.fetch_optional(conn).await?)
}

/// Language and zone of a client.
///
/// # Errors
/// Those of the database.
pub async fn manner(
    conn: &mut PgConnection,
    client: ClientId,
) -> Result<Option<(String, String)>, Failure> {
    let row = sqlx::query!("select language, zone from clients where id = $1", client.0);
    Ok(row.fetch_optional(conn).await?.map(|row| (row.language, row.zone)))
}

/// Clients that an address belongs to, and whether it is the main one of each; and the turn of the
/// address, until this transaction ends: letters of one sender are judged one after another, for
/// copies, walls and threads need it.
///
/// # Errors
/// Those of the database.
pub async fn in_turn(
    conn: &mut PgConnection,
    address: &EmailAddress,
) -> Result<Vec<(ClientId, bool)>, Failure> {
    let rows = sqlx::query!(
        r#"with turn as materialized (
             select pg_advisory_xact_lock(hashtextextended($1, 0)) as taken)
           select a.client_id as "client_id?", a.main as "main?"
           from turn left join client_addresses a on a.address_key = $1
           order by a.client_id"#,
        address.key(),
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    Ok(rows.filter_map(|row| row.client_id.map(ClientId::from).zip(row.main)).collect())
}

/// The address in a client's profile.
///
/// # Errors
/// Those of the database.
pub async fn main_address(
    conn: &mut PgConnection,
    client: ClientId,
) -> Result<Option<EmailAddress>, Failure> {
    let address = sqlx::query_scalar!(
        "select address from client_addresses where client_id = $1 and main
         order by address_key limit 1",
        client.0,
    );
    let address = address.fetch_optional(conn).await?;
    address.map(|text| rows::address("client_addresses.address", &text)).transpose()
}

/// What clients are called, in order.
///
/// # Errors
/// Those of the database.
pub async fn titles(conn: &mut PgConnection, clients: &[ClientId]) -> Result<Vec<String>, Failure> {
    let ids: Vec<_> = clients.iter().map(|client| client.0).collect();
    let rows = sqlx::query_scalar!(
        "select title from clients where id = any($1) order by title, id",
        &ids,
    );
    Ok(rows.fetch_all(conn).await?)
}

/// Addresses of a client that get letters of an audience: the main one first; the main one alone
/// when nobody asked for that audience.
///
/// # Errors
/// Those of the database.
pub async fn recipients(
    conn: &mut PgConnection,
    client: ClientId,
    audience: Audience,
) -> Result<Vec<EmailAddress>, Failure> {
    let rows = sqlx::query!(
        "select address, main, $2 = any(audiences) as \"asked!\"
         from client_addresses where client_id = $1 order by main desc, address_key",
        client.0,
        audience.as_str(),
    )
    .fetch_all(conn)
    .await?;
    let nobody = !rows.iter().any(|row| row.asked);
    let chosen = rows.iter().filter(|row| row.asked || (nobody && row.main));
    chosen.map(|row| rows::address("client_addresses.address", &row.address)).collect()
}
