//! Reads see what their caller has written, although services follow each other a little later.
//!
//! The reply to a mutating call carries `raschet-events: invoicing={uuid},…`. A call that sends it
//! back is answered once this service has taken those events, or refused after two seconds.

use crate::{Failure, Frame, layers};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use proto::system::v1::{LocateEventsRequest, feed_client::FeedClient};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use uuid::Uuid;

/// Most events that a reply names and a call waits for.
pub(crate) const MOST: usize = 16;
/// How long a call waits.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often to look again.
const POLL: Duration = Duration::from_millis(20);

/// Which producers this service follows.
pub(crate) struct Follows {
    pub(crate) frame: Frame,
    pub(crate) producers: Vec<&'static str>,
}

/// The layer that lets a call wait for what it has seen elsewhere.
pub(crate) async fn wait(
    State(follows): State<Arc<Follows>>,
    request: Request,
    next: Next,
) -> Response {
    let seen = request.headers().get(layers::EVENTS).and_then(|v| v.to_str().ok());
    let seen = seen.map(events).unwrap_or_default();
    for (producer, events) in seen {
        // Events of services that this one does not follow cannot show in its answers.
        if let Some(producer) = follows.producers.iter().find(|name| **name == producer) {
            let taken = tokio::time::timeout(PATIENCE, follows.taken(producer, events)).await;
            let taken = taken.unwrap_or_else(|_| {
                Err(Failure::unavailable(format!("{producer} is not followed closely enough")))
            });
            if let Err(failure) = taken {
                return layers::refuse(failure);
            }
        }
    }
    next.run(request).await
}

impl Follows {
    /// Waits until the follower has passed all these events.
    async fn taken(&self, producer: &str, events: Vec<String>) -> Result<(), Failure> {
        let mut feed = FeedClient::new(self.frame.peers.channel(producer));
        let position = loop {
            let request = LocateEventsRequest { events: events.clone() };
            let located = feed.locate_events(request).await;
            let located = located.map_err(|e| Failure::unavailable(e.message()))?.into_inner();
            if located.missing == 0 {
                break located.position;
            }
            tokio::time::sleep(POLL).await;
        };
        let mut followed = self.frame.signals.followed.subscribe();
        loop {
            let cursor: Option<i64> =
                sqlx::query_scalar("select position from feed_cursors where producer = $1")
                    .bind(producer)
                    .fetch_optional(&self.frame.pool)
                    .await?;
            if cursor.is_some_and(|cursor| cursor >= position) {
                return Ok(());
            }
            // Whether our follower moved, or another replica's may have.
            let _ = tokio::time::timeout(POLL, followed.changed()).await;
        }
    }
}

/// Reads `invoicing={uuid},…`; what is not of this form is passed over.
fn events(header: &str) -> BTreeMap<String, Vec<String>> {
    let mut events: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (producer, id) in header.split(',').take(MOST).filter_map(|e| e.trim().split_once('=')) {
        if Uuid::try_parse(id).is_ok() {
            events.entry(producer.to_owned()).or_default().push(id.to_owned());
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_header() {
        let (a, b) = (Uuid::now_v7(), Uuid::now_v7());
        let read = events(&format!("invoicing={a}, clients={b},rubbish,x=y,invoicing={b}"));
        let expected = BTreeMap::from([
            ("clients".to_owned(), vec![b.to_string()]),
            ("invoicing".to_owned(), vec![a.to_string(), b.to_string()]),
        ]);
        assert_eq!(read, expected);
        assert!(events("").is_empty());
    }
}
