//! Follows clients-svc: whose tax ids and accounts mean whom.

use super::{matching, profiles};
use crate::store;
use proto::clients::v1::{ClientChanged, Profile};
use service::Frame;
use service::feed::{Event, Handler as Follow, HandlerError};
use sqlx::PgConnection;
use types::id::ClientId;

/// Handles the events of clients-svc.
#[derive(Debug, Clone)]
pub struct Handler {
    frame: Frame,
}

impl Handler {
    /// The handler of this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }
}

impl Follow for Handler {
    /// The client and its newest profile; none when it is gone.
    type Prepared = (ClientId, i64, Option<Profile>);

    const KINDS: &'static [&'static str] = &["raschet.clients.v1.ClientChanged"];

    async fn prepare(&self, event: &Event) -> Result<Self::Prepared, HandlerError> {
        let changed: ClientChanged = event.decode()?;
        let client: ClientId =
            changed.client.parse().map_err(|e| HandlerError::Park(format!("{e}")))?;
        let profile = profiles::fetch(&self.frame, client).await?;
        Ok((client, changed.revision, profile))
    }

    async fn apply(
        &self,
        conn: &mut PgConnection,
        event: &Event,
        (client, revision, profile): Self::Prepared,
    ) -> Result<(), HandlerError> {
        store::matching::tell(&mut *conn).await?;
        store::accounts::lock(&mut *conn, &[client]).await?;
        let (revision, payers) = match &profile {
            Some(profile) => {
                let payers = profiles::payers(profile);
                (profile.revision, payers.map_err(|e| HandlerError::Park(format!("{e}")))?)
            }
            // The client was erased: nothing personal stays.
            None => {
                store::learned_rules::forget(&mut *conn, client).await?;
                (revision, Vec::new())
            }
        };
        if !store::accounts::save_payers(&mut *conn, client, revision, &payers).await? {
            return Ok(());
        }
        let waiting = store::lines::waiting_for_payers(&mut *conn, client).await?;
        matching::push(conn, &self.frame, [(event.id, waiting)]).await?;
        Ok(())
    }
}
