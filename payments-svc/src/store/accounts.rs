//! Clients as payments know them: the row that is locked, and whose tax ids and accounts they have.

use crate::domain::statements::Party;
use service::Failure;
use sqlx::PgConnection;
use types::id::{ClientId, LegalEntityId};
use uuid::Uuid;

/// A legal entity of a client, as far as matching needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// Its id.
    pub legal_entity: LegalEntityId,
    /// Tax id; none for individuals.
    pub tax_id: Option<String>,
    /// КПП.
    pub kpp: Option<String>,
    /// Accounts that money is expected from.
    pub accounts: Vec<String>,
}

/// Locks the rows of these clients in ascending id; makes missing ones. First act of every
/// transaction that touches their money.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, clients: &[ClientId]) -> Result<(), Failure> {
    let mut ids: Vec<Uuid> = clients.iter().map(|client| client.0).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into accounts (client_id) select id from unnest($1::uuid[]) as given (id)
         order by id on conflict do nothing",
        &ids
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

/// [`lock`] for an act of a person. An import locks clients as it comes to them, a thousand lines
/// at a time: whoever needs several waits for it first ([`tell`](super::matching::tell)), lest
/// each holds what the other waits for.
///
/// # Errors
/// Those of the database.
pub async fn lock_beside_imports(
    conn: &mut PgConnection,
    clients: &[ClientId],
) -> Result<(), Failure> {
    if clients.iter().any(|client| Some(client) != clients.first()) {
        super::matching::tell(&mut *conn).await?;
    }
    lock(conn, clients).await
}

/// Revision of the profile that is known; none for a client never heard of.
///
/// # Errors
/// Those of the database.
pub async fn revision(conn: &mut PgConnection, client: ClientId) -> Result<Option<i64>, Failure> {
    let revision =
        sqlx::query_scalar!("select profile_revision from accounts where client_id = $1", client.0);
    Ok(revision.fetch_optional(conn).await?)
}

/// Replaces what is known of a client's payers, unless something newer is known. The caller has
/// locked the client. Answers whether anything was replaced.
///
/// # Errors
/// Those of the database.
pub async fn save_payers(
    conn: &mut PgConnection,
    client: ClientId,
    revision: i64,
    payers: &[Payer],
) -> Result<bool, Failure> {
    let newer = sqlx::query!(
        "update accounts set profile_revision = $2
         where client_id = $1 and profile_revision < $2",
        client.0,
        revision
    );
    if newer.execute(&mut *conn).await?.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!("delete from payers where client_id = $1", client.0).execute(&mut *conn).await?;
    let ids: Vec<Uuid> = payers.iter().map(|payer| payer.legal_entity.0).collect();
    let tax_ids: Vec<Option<String>> = payers.iter().map(|payer| payer.tax_id.clone()).collect();
    let kpps: Vec<Option<String>> = payers.iter().map(|payer| payer.kpp.clone()).collect();
    sqlx::query!(
        "insert into payers (legal_entity_id, client_id, tax_id, kpp)
         select id, $1, tax_id, kpp
         from unnest($2::uuid[], $3::text[], $4::text[]) as given (id, tax_id, kpp)
         on conflict (legal_entity_id) do update
             set client_id = excluded.client_id, tax_id = excluded.tax_id, kpp = excluded.kpp",
        client.0,
        &ids,
        &tax_ids as _,
        &kpps as _
    )
    .execute(&mut *conn)
    .await?;
    let (owners, accounts): (Vec<Uuid>, Vec<String>) = payers
        .iter()
        .flat_map(|payer| payer.accounts.iter().map(|a| (payer.legal_entity.0, a.clone())))
        .unzip();
    sqlx::query!(
        "insert into payer_accounts (legal_entity_id, account)
         select id, account from unnest($1::uuid[], $2::text[]) as given (id, account)
         on conflict do nothing",
        &owners,
        &accounts
    )
    .execute(conn)
    .await?;
    Ok(true)
}

/// The legal entity of a client that has this tax id.
///
/// # Errors
/// Those of the database.
pub async fn payer_of(
    conn: &mut PgConnection,
    client: ClientId,
    tax_id: &str,
) -> Result<Option<LegalEntityId>, Failure> {
    let id = sqlx::query_scalar!(
        "select legal_entity_id from payers where client_id = $1 and tax_id = $2
         order by legal_entity_id limit 1",
        client.0,
        tax_id
    );
    Ok(id.fetch_optional(conn).await?.map(LegalEntityId))
}

/// Those of these clients whose own tax id or account the payer has.
///
/// # Errors
/// Those of the database.
pub async fn own_payers(
    conn: &mut PgConnection,
    clients: &[ClientId],
    payer: &Party,
) -> Result<Vec<ClientId>, Failure> {
    let clients: Vec<Uuid> = clients.iter().map(|client| client.0).collect();
    let own = sqlx::query_scalar!(
        "select distinct client_id from payers p
         where client_id = any($1) and (tax_id = $2 or exists (
             select from payer_accounts a
             where a.legal_entity_id = p.legal_entity_id and a.account = $3))",
        &clients,
        payer.tax_id,
        payer.account
    );
    Ok(own.fetch_all(conn).await?.into_iter().map(ClientId).collect())
}
