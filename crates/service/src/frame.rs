//! What the code of a service works with.

use crate::Peers;
use sqlx::{PgPool, Postgres, SqlStr, Transaction};
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

    /// Begins a transaction.
    ///
    /// # Errors
    /// When the database gives no connection in time.
    pub async fn begin(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        self.begin_with(None).await
    }

    /// Begins a transaction whose reads all see one moment.
    ///
    /// # Errors
    /// As [`Frame::begin`].
    pub async fn begin_snapshot(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        let begin = "begin isolation level repeatable read read only";
        self.begin_with(Some(SqlStr::from_static(begin))).await
    }

    /// In a task of its own, which a caller who goes away leaves to end: sqlx 0.9.0 rolls back only
    /// what it knows to have begun, so that a `begin` given up halfway would put a connection back
    /// with a transaction open, in which others' changes are lost (its issue 4393).
    async fn begin_with(
        &self,
        statement: Option<SqlStr>,
    ) -> sqlx::Result<Transaction<'static, Postgres>> {
        let conn = self.pool.acquire().await?;
        let begun = tokio::spawn(Transaction::begin(conn, statement)).await;
        begun.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }

    /// Tells the sequencer and the workers, after a commit, that there may be something to do. They
    /// look by themselves too, a little later.
    pub fn wake(&self) {
        self.signals.committed.notify_one();
        self.signals.pushed.notify_one();
    }
}
