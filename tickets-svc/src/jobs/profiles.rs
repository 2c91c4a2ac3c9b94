//! Profiles of clients, fetched from their owner.

use crate::{
    domain::{
        profiles::{Profile, ProfileAddress},
        templates::Audience,
    },
    store,
};
use proto::clients::v1::{
    GetProfileRequest, Profile as Wire, clients_client::ClientsClient, contact::LetterKind,
};
use service::{Failure, Frame, error::is_transient_status};
use tonic::Code;
use types::{EmailAddress, id::ClientId};

/// The profile of a client as its owner has it now; none when there is no such client.
///
/// # Errors
/// `UNAVAILABLE` when the owner does not answer, `INTERNAL` when its answer makes no sense.
pub async fn fetch(frame: &Frame, client: ClientId) -> Result<Option<Profile>, Failure> {
    let mut clients = ClientsClient::new(frame.peers.channel("clients"));
    let request = GetProfileRequest { client: client.to_string() };
    match clients.get_profile(request).await {
        Ok(reply) => Ok(Some(profile(client, reply.into_inner()))),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) if is_transient_status(&status) => Err(Failure::unavailable(status)),
        Err(status) => Err(Failure::internal(status)),
    }
}

/// Fetches the profile unless we have one; none when we do, or when there is no such client.
///
/// # Errors
/// Those of [`fetch`] and of the database.
pub async fn missing(frame: &Frame, client: ClientId) -> Result<Option<Profile>, Failure> {
    let mut conn = frame.pool.acquire().await?;
    let known = store::clients::revision(&mut conn, client).await?;
    drop(conn);
    if known.is_some() { Ok(None) } else { fetch(frame, client).await }
}

/// Makes sure that we know a client, in a transaction of its own; false when nobody does.
///
/// # Errors
/// Those of [`fetch`] and of the database.
pub async fn ensure(frame: &Frame, client: ClientId) -> Result<bool, Failure> {
    let profile = missing(frame, client).await?;
    let mut tx = frame.begin().await?;
    if let Some(profile) = profile {
        store::clients::keep(&mut tx, &profile).await?;
    }
    let known = store::clients::revision(&mut tx, client).await?.is_some();
    tx.commit().await?;
    Ok(known)
}

/// The owner's answer as we keep it. Addresses that are none are left out: the owner checks them.
fn profile(client: ClientId, wire: Wire) -> Profile {
    let mut addresses: Vec<ProfileAddress> = Vec::new();
    let main = EmailAddress::parse(&wire.email).ok();
    for contact in &wire.contacts {
        let audiences = contact.letters().filter_map(audience).collect();
        if let Ok(address) = EmailAddress::parse(&contact.email) {
            let main = contact.main || main.as_ref() == Some(&address);
            addresses.push(ProfileAddress { address, main, audiences });
        }
    }
    if let Some(main) = main.filter(|main| addresses.iter().all(|known| known.address != *main)) {
        addresses.push(ProfileAddress { address: main, main: true, audiences: Vec::new() });
    }
    Profile {
        client,
        revision: wire.revision,
        title: wire.title,
        language: wire.language,
        zone: wire.zone,
        addresses,
    }
}

const fn audience(kind: LetterKind) -> Option<Audience> {
    match kind {
        LetterKind::Billing => Some(Audience::Billing),
        LetterKind::Support => Some(Audience::Support),
        LetterKind::General => Some(Audience::General),
        LetterKind::Unspecified => None,
    }
}
