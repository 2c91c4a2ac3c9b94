//! gRPC in and out: decode, authorise, call, encode.

mod clients;
mod contacts;
mod identities;
mod legal_entities;
mod notes;
mod passwords;
mod profiles;
mod staff;
mod views;

use passwords::Hasher;
use prost::Message;
use proto::clients::v1::ClientChanged;
use service::{Failure, Frame, Scope, feed, idempotency::Key};
use sqlx::PgConnection;
use std::sync::Arc;
use types::id::ClientId;

/// Every RPC of clients-svc; one file per noun implements its service.
#[derive(Clone)]
pub struct Api {
    frame: Frame,
    hasher: Arc<Hasher>,
}

impl Api {
    /// The RPCs over a frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone(), hasher: Arc::new(Hasher::default()) }
    }

    /// Who calls, and the key that makes the call once.
    fn caller<M: Message>(
        &self,
        request: &tonic::Request<M>,
        request_id: &str,
    ) -> Result<(String, Key), Failure> {
        Ok((Scope::of(request)?.actor, Key::of(request, request_id)?))
    }

    /// Tells the followers that a locked client has a newer profile.
    async fn changed(
        &self,
        conn: &mut PgConnection,
        client: ClientId,
        revision: i64,
    ) -> Result<(), Failure> {
        let event = ClientChanged { client: client.to_string(), revision };
        feed::append(conn, &self.frame, Some(client), &event).await?;
        Ok(())
    }
}

/// Reads a resource name of a request.
fn name<T>(field: &'static str, text: &str) -> Result<T, Failure>
where
    T: std::str::FromStr<Err = types::id::BadName>,
{
    text.parse().map_err(|e: types::id::BadName| Failure::invalid(field, service::Text::of(&e)))
}

/// `total_size` as the wire has it.
fn total(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
