//! Events as a follower gets them, for tests of one handler.

use chrono::DateTime;
use prost::{Message, Name};
use service::feed::Event;
use types::id::{ClientId, EventId};

/// An event about a client, at position 1.
#[must_use]
pub fn event<P: Message + Name>(client: ClientId, payload: &P) -> Event {
    Event {
        id: EventId::generate(),
        position: 1,
        client: Some(client),
        kind: P::full_name(),
        payload: payload.encode_to_vec().into(),
        trace: String::new(),
        create_time: DateTime::UNIX_EPOCH,
    }
}
