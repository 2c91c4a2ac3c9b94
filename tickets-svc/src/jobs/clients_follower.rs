//! Follows clients-svc: who writes to us, and where they get letters.

use super::profiles;
use crate::{domain::profiles::Profile, store};
use prost::Name;
use proto::clients::v1::ClientChanged;
use service::{
    Frame,
    feed::{Event, Handler, HandlerError},
};
use sqlx::PgConnection;
use types::id::ClientId;

/// Keeps the projection of clients.
#[derive(Debug)]
pub struct ClientsFollower {
    frame: Frame,
}

impl ClientsFollower {
    /// A follower.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }
}

impl Handler for ClientsFollower {
    type Prepared = Option<Profile>;

    const KINDS: &'static [&'static str] = &["raschet.clients.v1.ClientChanged"];

    async fn prepare(&self, event: &Event) -> Result<Option<Profile>, HandlerError> {
        let changed: ClientChanged = event.decode()?;
        let client: ClientId = parse(&changed.client)?;
        let mut conn = self.frame.pool.acquire().await?;
        let known = store::clients::revision(&mut conn, client).await?;
        drop(conn);
        if known.is_some_and(|known| known >= changed.revision) {
            return Ok(None);
        }
        Ok(profiles::fetch(&self.frame, client).await?)
    }

    async fn apply(
        &self,
        conn: &mut PgConnection,
        _: &Event,
        profile: Option<Profile>,
    ) -> Result<(), HandlerError> {
        if let Some(profile) = profile {
            store::clients::keep(conn, &profile).await?;
        }
        Ok(())
    }
}

fn parse(name: &str) -> Result<ClientId, HandlerError> {
    name.parse().map_err(|e| HandlerError::Park(format!("{}: {e}", ClientChanged::NAME)))
}
