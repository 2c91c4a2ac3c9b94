//! The first payment moves a client from sales to care.

use crate::{domain::clients::Client, store};
use proto::{clients::v1::ClientChanged, invoicing::v1::InvoicePaid};
use service::{
    Frame,
    feed::{self, Event, Handler, HandlerError},
};
use sqlx::PgConnection;

/// Follows invoicing.
pub struct FollowInvoicing {
    frame: Frame,
}

impl FollowInvoicing {
    /// A follower over a frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }
}

impl Handler for FollowInvoicing {
    type Prepared = ();

    const KINDS: &'static [&'static str] = &["raschet.invoicing.v1.InvoicePaid"];

    async fn prepare(&self, _event: &Event) -> Result<(), HandlerError> {
        Ok(())
    }

    async fn apply(
        &self,
        conn: &mut PgConnection,
        event: &Event,
        (): (),
    ) -> Result<(), HandlerError> {
        let paid: InvoicePaid = event.decode()?;
        let Some(id) = event.client.filter(|_| paid.first) else { return Ok(()) };
        let Some(client) = store::clients::lock(conn, id).await? else {
            return Err(HandlerError::Park(format!("there is no {id}")));
        };
        let before = client.stage;
        let client = client.first_paid();
        if client.stage == before {
            return Ok(());
        }
        let client = Client { revision: client.revision + 1, ..client };
        store::clients::update(conn, &client).await?;
        let changed = ClientChanged { client: id.to_string(), revision: client.revision };
        feed::append(conn, &self.frame, Some(id), &changed).await?;
        Ok(())
    }
}
