//! Follows clients-svc: events say whose profile changed, the profile itself is fetched and kept
//! in erasable rows (design.md §2, "People's data").

use crate::store::{
    self,
    profiles::{Payer, Profile},
};
use proto::clients::v1::{
    self as pb, ClientChanged, GetProfileRequest, client, clients_client::ClientsClient,
};
use service::{
    Failure, Frame,
    feed::{Event, Handler, HandlerError},
};
use sqlx::PgConnection;
use tonic::Code;
use types::id::ClientId;

/// Keeps the profiles of clients.
#[derive(Debug, Clone)]
pub struct Follower {
    frame: Frame,
}

impl Follower {
    /// A follower over this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }
}

impl Handler for Follower {
    /// The profile as it is now; none when the client is gone.
    type Prepared = Option<Profile>;

    const KINDS: &'static [&'static str] = &["raschet.clients.v1.ClientChanged"];

    async fn prepare(&self, event: &Event) -> Result<Self::Prepared, HandlerError> {
        let changed: ClientChanged = event.decode()?;
        let client = changed.client.parse::<ClientId>();
        let client = client.map_err(|e| HandlerError::Park(e.to_string()))?;
        Ok(fetch(&self.frame, client).await?)
    }

    async fn apply(
        &self,
        conn: &mut PgConnection,
        _: &Event,
        profile: Self::Prepared,
    ) -> Result<(), HandlerError> {
        if let Some(profile) = profile {
            store::profiles::keep(conn, &profile).await?;
        }
        Ok(())
    }
}

/// Fetches the profile of a client from its owner; never called inside a transaction.
///
/// # Errors
/// `UNAVAILABLE` when clients-svc does not answer.
pub async fn fetch(frame: &Frame, client: ClientId) -> Result<Option<Profile>, Failure> {
    let mut clients = ClientsClient::new(frame.peers.channel("clients"));
    match clients.get_profile(GetProfileRequest { client: client.to_string() }).await {
        Ok(reply) => read(reply.into_inner()).map(Some),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) if status.code() == Code::Internal => Err(Failure::internal(status)),
        Err(status) => Err(Failure::unavailable(status)),
    }
}

fn read(given: pb::Profile) -> Result<Profile, Failure> {
    let kind = client::Kind::try_from(given.kind).unwrap_or_default();
    let kind = kind.as_str_name().parse().map_err(Failure::internal)?;
    let payers: Result<Vec<Payer>, Failure> = given
        .legal_entities
        .into_iter()
        .map(|e| {
            Ok(Payer {
                id: e.name.parse().map_err(Failure::internal)?,
                revision: given.revision,
                kind,
                title: e.title,
                country: if e.country.is_empty() { "RU".into() } else { e.country },
                tax_id: e.tax_id,
                kpp: e.kpp,
                ogrn: e.ogrn,
                address: e.address,
            })
        })
        .collect();
    Ok(Profile {
        client: given.client.parse().map_err(Failure::internal)?,
        revision: given.revision,
        number: given.number,
        title: given.title,
        kind,
        language: if given.language.is_empty() { "ru".into() } else { given.language },
        zone: if given.zone.is_empty() { "Europe/Moscow".into() } else { given.zone },
        never_suspend: given.never_suspend,
        no_overdue_notices: given.no_overdue_notices,
        no_late_fees: given.no_late_fees,
        payers: payers?,
    })
}
