//! How services tell each other what happened (design.md §3).
//!
//! A transaction that makes something happen appends an event, after it has locked the row of the
//! client concerned. The [`sequencer`] gives committed events a dense position. The [`server`]
//! streams them to other services, whose [`follower`]s apply each one in the same transaction that
//! moves their cursor.
//!
//! ```ignore
//! feed::append(&mut tx, &self.frame, Some(client), &InvoiceIssued { … }).await?;
//! tx.commit().await?;
//! self.frame.wake();      // optional: the sequencer looks by itself every 50 ms
//! ```

pub(crate) mod follower;
pub(crate) mod parked;
pub(crate) mod receipt;
pub(crate) mod sequencer;
pub(crate) mod server;

use crate::{Failure, Frame, error, layers, telemetry};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use prost::{Message, Name};
use sqlx::PgConnection;
use types::id::{ClientId, EventId};

/// Largest payload: a larger one would not fit into a message of gRPC (4 MiB), and would stop every
/// follower for ever. Whoever has more to say says it in several events.
const LARGEST: usize = 3 * 1024 * 1024;

/// An event that is about to be appended: its client, and its payload already encoded.
#[derive(Debug, Clone)]
pub struct NewEvent {
    id: EventId,
    client: Option<ClientId>,
    kind: String,
    payload: Vec<u8>,
}

impl NewEvent {
    /// An event with this payload, about this client.
    #[must_use]
    pub fn new<P: Message + Name>(client: Option<ClientId>, payload: &P) -> Self {
        Self {
            id: EventId::generate(),
            client,
            kind: P::full_name(),
            payload: payload.encode_to_vec(),
        }
    }

    /// The id that the event will have.
    #[must_use]
    pub const fn id(&self) -> EventId {
        self.id
    }
}

/// Appends one event in the transaction that makes it true. The caller has locked the client's row.
///
/// # Errors
/// Those of the database.
pub async fn append<P: Message + Name>(
    conn: &mut PgConnection,
    frame: &Frame,
    client: Option<ClientId>,
    payload: &P,
) -> Result<EventId, Failure> {
    let event = NewEvent::new(client, payload);
    let id = event.id;
    append_all(conn, frame, &[event]).await?;
    Ok(id)
}

/// Appends events in this order. The caller has locked the rows of all their clients.
///
/// # Errors
/// Those of the database.
pub async fn append_all(
    conn: &mut PgConnection,
    frame: &Frame,
    events: &[NewEvent],
) -> Result<(), Failure> {
    if let Some(large) = events.iter().find(|e| e.payload.len() > LARGEST) {
        let (kind, size) = (&large.kind, large.payload.len());
        return Err(Failure::internal(format!(
            "an event {kind} of {size} bytes cannot be followed"
        )));
    }
    let ids: Vec<_> = events.iter().map(|e| e.id.0).collect();
    let clients: Vec<_> = events.iter().map(|e| e.client.map(|c| c.0)).collect();
    let kinds: Vec<_> = events.iter().map(|e| e.kind.as_str()).collect();
    let payloads: Vec<_> = events.iter().map(|e| e.payload.as_slice()).collect();
    sqlx::query(
        "with given as (
            select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[])
                with ordinality as given (id, client_id, kind, payload, place)
        ), appended as (
            insert into events (id, client_id, kind, payload, trace, created_at)
            select id, client_id, kind, payload, $5, $6 from given order by place
            returning seq, id
        )
        insert into feed_pending (seq, event_id) select seq, id from appended",
    )
    .bind(&ids)
    .bind(&clients)
    .bind(&kinds)
    .bind(&payloads)
    .bind(telemetry::traceparent())
    .bind(frame.clock.now())
    .execute(conn)
    .await?;
    layers::note_events(ids.iter().map(|id| format!("{}={id}", frame.name)));
    Ok(())
}

/// An event of another service, as a handler gets it.
#[derive(Debug, Clone)]
pub struct Event {
    /// Id of the event: a handler that has seen it must change nothing when it sees it again.
    pub id: EventId,
    /// Position in the producer's feed.
    pub position: i64,
    /// Client whom it concerns.
    pub client: Option<ClientId>,
    /// Full name of the payload's message.
    pub kind: String,
    /// The encoded payload.
    pub payload: Bytes,
    /// W3C `traceparent` of the cause; may be empty.
    pub trace: String,
    /// Business instant of the cause.
    pub create_time: DateTime<Utc>,
}

impl Event {
    /// True when the payload is a `P`.
    #[must_use]
    pub fn is<P: Name>(&self) -> bool {
        self.kind == P::full_name()
    }

    /// The payload.
    ///
    /// # Errors
    /// [`HandlerError::Park`] when the bytes are not a `P`.
    pub fn decode<P: Message + Name + Default>(&self) -> Result<P, HandlerError> {
        P::decode(self.payload.clone())
            .map_err(|e| HandlerError::Park(format!("the payload is not a {}: {e}", P::NAME)))
    }
}

/// Why an event could not be handled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandlerError {
    /// A peer or the database is away: the follower waits and tries again, in order.
    #[error("{0}")]
    Retry(String),
    /// The event cannot be handled as things are: it is parked for staff, with this text, and so
    /// are the later ones of its client.
    #[error("{0}")]
    Park(String),
}

impl From<sqlx::Error> for HandlerError {
    /// Errors of our own database are retried; what it refuses because of the data is parked.
    fn from(e: sqlx::Error) -> Self {
        if error::is_transient(&e) { Self::Retry(e.to_string()) } else { Self::Park(e.to_string()) }
    }
}

impl From<Failure> for HandlerError {
    fn from(e: Failure) -> Self {
        if e.is_transient() { Self::Retry(e.to_string()) } else { Self::Park(e.to_string()) }
    }
}

impl From<tonic::Status> for HandlerError {
    fn from(status: tonic::Status) -> Self {
        let text = format!("{:?}: {}", status.code(), status.message());
        if error::is_transient_status(&status) { Self::Retry(text) } else { Self::Park(text) }
    }
}

/// Applies the events of one producer to this service's own database.
pub trait Handler: Send + Sync + 'static {
    /// What [`prepare`](Self::prepare) found out and [`apply`](Self::apply) needs; often `()`.
    type Prepared: Send + Sync;

    /// Kinds that are handled, such as `raschet.invoicing.v1.InvoiceIssued`; other ones are
    /// counted and passed.
    const KINDS: &'static [&'static str];

    /// Runs before the transaction: fetches from other services what the event does not carry.
    fn prepare(
        &self,
        event: &Event,
    ) -> impl Future<Output = Result<Self::Prepared, HandlerError>> + Send;

    /// Runs inside the transaction that moves the cursor; when it fails, whatever it did is undone.
    /// Calls nobody. It may see an event again (a retry, a repair), and must then change nothing.
    fn apply(
        &self,
        conn: &mut PgConnection,
        event: &Event,
        prepared: Self::Prepared,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;

    /// Applies several events at once where that is cheaper than one after another, with the same
    /// effect; false when it cannot, having changed nothing. It runs in a savepoint: after an error
    /// everything is rolled back and the events are applied one at a time, so that only what fails
    /// is parked.
    fn apply_batch(
        &self,
        _conn: &mut PgConnection,
        _batch: &[(&Event, &Self::Prepared)],
    ) -> impl Future<Output = Result<bool, HandlerError>> + Send {
        async { Ok(false) }
    }
}
