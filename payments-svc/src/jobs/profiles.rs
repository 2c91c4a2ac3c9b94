//! Billing profiles of clients, fetched from clients-svc: events carry no personal data.

use crate::store;
use crate::store::accounts::Payer;
use proto::clients::v1::clients_client::ClientsClient;
use proto::clients::v1::{GetProfileRequest, Profile};
use service::{Failure, Frame};
use tonic::Code;
use types::id::ClientId;

/// A client's profile; none when clients-svc knows no such client.
///
/// # Errors
/// What clients-svc answers otherwise.
pub async fn fetch(frame: &Frame, client: ClientId) -> Result<Option<Profile>, tonic::Status> {
    let mut clients = ClientsClient::new(frame.peers.channel("clients"));
    match clients.get_profile(GetProfileRequest { client: client.to_string() }).await {
        Ok(profile) => Ok(Some(profile.into_inner())),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(status),
    }
}

/// The payers of a profile, as far as matching needs them.
///
/// # Errors
/// What is wrong with a name in it.
pub fn payers(profile: &Profile) -> Result<Vec<Payer>, types::id::BadName> {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    profile
        .legal_entities
        .iter()
        .map(|entity| {
            Ok(Payer {
                legal_entity: entity.name.parse()?,
                tax_id: given(&entity.tax_id),
                kpp: given(&entity.kpp),
                accounts: entity.accounts.iter().map(|account| account.account.clone()).collect(),
            })
        })
        .collect()
}

/// Makes sure that a client whom a person names exists, asking its owner when it is not known here.
///
/// # Errors
/// `NOT_FOUND` for a client that does not exist; `UNAVAILABLE` when nobody can tell.
pub async fn ensure(frame: &Frame, client: ClientId) -> Result<(), Failure> {
    let mut conn = frame.pool.acquire().await?;
    if store::accounts::revision(&mut conn, client).await?.is_some() {
        return Ok(());
    }
    drop(conn);
    let profile = fetch(frame, client).await.map_err(Failure::unavailable)?;
    let profile = profile.ok_or_else(|| Failure::not_found(client.to_string()))?;
    let payers = payers(&profile).map_err(Failure::internal)?;
    let mut tx = frame.begin().await?;
    store::accounts::lock(&mut tx, &[client]).await?;
    store::accounts::save_payers(&mut tx, client, profile.revision, &payers).await?;
    tx.commit().await?;
    Ok(())
}
