//! Durable work: whatever may not run inside the transaction that asks for it.
//!
//! A job is pushed in that transaction and taken by a [`Worker`] later: claimed with `skip locked`
//! under a lease that is renewed while it runs, tried again with growing pauses, parked with its
//! error after the last try. A process that dies loses its leases, and others take the jobs.
//!
//! When a job is due is business time; leases and pauses are system time.

pub(crate) mod gauges;
pub(crate) mod parked;
pub(crate) mod schedule;
pub(crate) mod server;
pub(crate) mod worker;

use crate::{Failure, error, telemetry};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgConnection;
use tonic::Code;
use types::{
    Clock,
    id::{ClientId, JobId},
};
use uuid::Uuid;

pub use worker::Lease;

/// A job that is about to be pushed.
#[derive(Debug, Clone)]
pub struct NewJob {
    key: Option<String>,
    client: Option<ClientId>,
    run_at: DateTime<Utc>,
    payload: serde_json::Value,
}

impl NewJob {
    /// A job that is due at `run_at`, business time.
    ///
    /// # Errors
    /// When the payload is no JSON (a map whose keys are not texts).
    pub fn new(run_at: DateTime<Utc>, payload: &impl Serialize) -> Result<Self, Failure> {
        let payload = serde_json::to_value(payload).map_err(Failure::internal)?;
        Ok(Self { key: None, client: None, run_at, payload })
    }

    /// Its natural key within the kind: pushed again with the same key, it is the same job, even
    /// when it is done already (keys are remembered for 30 days).
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The client whom it concerns, for whoever looks at parked jobs.
    #[must_use]
    pub fn client(mut self, client: ClientId) -> Self {
        self.client = Some(client);
        self
    }
}

/// Pushes a job in the transaction that asks for it; false when its key is taken already.
///
/// # Errors
/// Those of the database.
pub async fn push(
    conn: &mut PgConnection,
    kind: &'static str,
    key: Option<&str>,
    client: Option<ClientId>,
    run_at: DateTime<Utc>,
    payload: &impl Serialize,
) -> Result<bool, Failure> {
    let payload = serde_json::to_value(payload).map_err(Failure::internal)?;
    let job = NewJob { key: key.map(str::to_owned), client, run_at, payload };
    Ok(push_all(conn, kind, &[job]).await? == 1)
}

/// Pushes many jobs of one kind; answers how many of them are new.
///
/// # Errors
/// Those of the database.
pub async fn push_all(
    conn: &mut PgConnection,
    kind: &'static str,
    jobs: &[NewJob],
) -> Result<u64, Failure> {
    let pushed = sqlx::query(
        "insert into jobs (id, kind, key, client_id, run_at, payload, changed_at, trace)
         select id, $1, key, client_id, run_at, payload, $2, $8
         from unnest($3::uuid[], $4::text[], $5::uuid[], $6::timestamptz[], $7::jsonb[])
             as given (id, key, client_id, run_at, payload)
         on conflict on constraint jobs_kind_key do nothing",
    )
    .bind(kind)
    .bind(Clock::system_now())
    .bind(jobs.iter().map(|_| JobId::generate().0).collect::<Vec<Uuid>>())
    .bind(jobs.iter().map(|job| job.key.as_deref()).collect::<Vec<_>>())
    .bind(jobs.iter().map(|job| job.client.map(|c| c.0)).collect::<Vec<_>>())
    .bind(jobs.iter().map(|job| job.run_at).collect::<Vec<_>>())
    .bind(jobs.iter().map(|job| &job.payload).collect::<Vec<_>>())
    .bind(telemetry::traceparent())
    .execute(conn)
    .await?;
    Ok(pushed.rows_affected())
}

/// Marks the job with this key as done, in the transaction of its effect: whoever pushed it has
/// done its work without waiting for a worker.
///
/// # Errors
/// Those of the database.
pub async fn done(conn: &mut PgConnection, kind: &'static str, key: &str) -> Result<(), Failure> {
    sqlx::query(
        "update jobs set state = 'DONE', error = null, lease = null, lease_until = null,
             changed_at = $3
         where kind = $1 and key = $2 and state in ('READY', 'RUNNING')",
    )
    .bind(kind)
    .bind(key)
    .bind(Clock::system_now())
    .execute(conn)
    .await?;
    Ok(())
}

/// Why a job could not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// It may succeed later: it is tried again after a pause, up to [`Worker::TRIES`] times.
    #[error("{0}")]
    Retry(String),
    /// Our own database or a peer is away: it is tried again after a pause, however often, and this
    /// was no try. Nothing is parked because somebody was away.
    #[error("{0}")]
    Away(String),
    /// It cannot succeed as things are: it is parked for staff, with this text.
    #[error("{0}")]
    Park(String),
    /// Its time has not come: it is due again at this business time, and this was no try.
    #[error("due again at {at}: {why}")]
    Later {
        /// Business time.
        at: DateTime<Utc>,
        /// What it waits for.
        why: String,
    },
}

impl From<sqlx::Error> for JobError {
    fn from(e: sqlx::Error) -> Self {
        let text = e.to_string();
        if error::is_transient(&e) { Self::Away(text) } else { Self::Retry(text) }
    }
}

impl From<Failure> for JobError {
    /// What is refused for a reason stays refused; a bug or an outage may pass.
    fn from(e: Failure) -> Self {
        match e.kind() {
            error::Kind::Unavailable => Self::Away(e.to_string()),
            error::Kind::Internal
            | error::Kind::Aborted
            | error::Kind::Expired
            | error::Kind::Exhausted => Self::Retry(e.to_string()),
            _ => Self::Park(e.to_string()),
        }
    }
}

impl From<tonic::Status> for JobError {
    fn from(status: tonic::Status) -> Self {
        let text = format!("{:?}: {}", status.code(), status.message());
        if matches!(status.code(), Code::Unavailable | Code::Unknown) {
            Self::Away(text)
        } else if error::is_transient_status(&status) || status.code() == Code::Internal {
            Self::Retry(text)
        } else {
            Self::Park(text)
        }
    }
}

/// Does the jobs of one kind.
pub trait Worker: Send + Sync + 'static {
    /// Kind of its jobs, unique within the service, such as `letter`.
    const KIND: &'static str;
    /// Jobs done at a time by one process.
    const CONCURRENCY: usize = 1;
    /// Tries before a job is parked.
    const TRIES: i32 = 8;
    /// What a job carries.
    type Job: DeserializeOwned + Send;

    /// Does one job, outside of any transaction; it may be done twice (a process may die after the
    /// effect), unless the effect's transaction ends with [`Lease::finish`].
    fn run(
        &self,
        job: Self::Job,
        lease: &Lease,
    ) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// Runs once for each business day, in order; days that were slept through are made up for.
pub trait Schedule: Send + Sync + 'static {
    /// Name, unique within the service, such as `billing`.
    const NAME: &'static str;
    /// Zone whose midnight begins the day.
    const ZONE: Tz = chrono_tz::Europe::Moscow;

    /// Pushes what this day asks for, in the transaction that notes the day as done. Work that is
    /// long or calls somebody belongs into the jobs pushed here.
    fn run(
        &self,
        conn: &mut PgConnection,
        day: NaiveDate,
    ) -> impl Future<Output = Result<(), JobError>> + Send;
}
