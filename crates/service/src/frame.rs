//! What the code of a service works with.

use crate::Peers;
use sqlx::PgPool;
use std::sync::Arc;
use tokio::sync::{Notify, watch};
use types::Clock;

/// What the code of a service works with.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Name of the service.
    pub name: &'static str,
    /// Its database, as the app role.
    pub pool: PgPool,
    /// Business time.
    pub clock: Clock,
    /// The other services.
    pub peers: Peers,
    pub(crate) signals: Arc<Signals>,
}

/// What wakes whom inside one process.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// Something was committed: wakes the sequencer.
    pub(crate) committed: Notify,
    /// Something was committed: wakes the watch over due jobs.
    pub(crate) pushed: Notify,
    /// The newest position of the feed, as PostgreSQL notified it.
    pub(crate) sequenced: watch::Sender<i64>,
    /// Changes whenever the manual clock is advanced: wakes the schedules.
    pub(crate) advanced: watch::Sender<()>,
    /// Changes whenever cursors are set back: wakes the followers.
    pub(crate) reset: watch::Sender<()>,
    /// True while the database does not answer.
    pub(crate) away: watch::Sender<bool>,
    /// Changes whenever a follower of this process has taken events.
    pub(crate) followed: watch::Sender<()>,
}

impl Frame {
    /// A frame over a database that is migrated, for what runs outside of [`start`]: tests of a
    /// store, tools. Nothing runs behind it.
    #[must_use]
    pub fn new(name: &'static str, pool: PgPool, clock: Clock, peers: Peers) -> Self {
        Self { name, pool, clock, peers, signals: Arc::default() }
    }

    /// Tells the sequencer and the workers, after a commit, that there may be something to do. They
    /// look by themselves too, a little later.
    pub fn wake(&self) {
        self.signals.committed.notify_one();
        self.signals.pushed.notify_one();
    }
}
