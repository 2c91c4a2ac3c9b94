//! Takes jobs and does them.

use crate::{
    Failure, Frame, layers,
    queue::{JobError, Worker},
    supervise::backoff,
    telemetry,
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use sqlx::{PgConnection, PgPool};
use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info_span};
use types::{Clock, id::JobId};
use uuid::Uuid;

/// A job that nobody has renewed for this long is free again.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How often a lease is renewed.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// First pause after a failed try.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Longest pause between tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Pause while our own database or a peer is away.
const AWAY_PAUSE: Duration = Duration::from_secs(4);
/// Pause between tries to note how a job ended, while the database is away.
const NOTE_PAUSE: Duration = Duration::from_millis(200);
/// How often to look for jobs without being woken.
const POLL: Duration = Duration::from_millis(200);

/// The right to do one job, for as long as it is renewed.
#[derive(Debug)]
pub struct Lease {
    job: JobId,
    lease: Uuid,
    attempt: i32,
    pool: PgPool,
}

impl Lease {
    /// Id of the job.
    #[must_use]
    pub const fn job(&self) -> JobId {
        self.job
    }

    /// Which try this is, from 1.
    #[must_use]
    pub const fn attempt(&self) -> i32 {
        self.attempt
    }

    /// Marks the job as done in the transaction of its effect: both happen, or neither.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the lease is lost: somebody else does the job, so roll back.
    pub async fn finish(&self, conn: &mut PgConnection) -> Result<(), Failure> {
        let done = sqlx::query(
            "update jobs set state = 'DONE', error = null, lease = null, lease_until = null,
                 changed_at = $3
             where id = $1 and lease = $2",
        );
        let done = done.bind(self.job.0).bind(self.lease).bind(Clock::system_now());
        if done.execute(conn).await?.rows_affected() == 0 {
            return Err(Failure::unavailable(format!("the lease of {} is lost", self.job)));
        }
        Ok(())
    }

    /// Renews the lease until it is lost.
    async fn keep(&self) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let renewed =
                sqlx::query("update jobs set lease_until = $3 where id = $1 and lease = $2")
                    .bind(self.job.0)
                    .bind(self.lease)
                    .bind(Clock::system_now() + LEASE)
                    .execute(&self.pool)
                    .await;
            // Without a database the lease may still be ours: go on until somebody took it.
            if renewed.is_ok_and(|done| done.rows_affected() == 0) {
                return;
            }
        }
    }

    /// Notes how a try ended, unless [`finish`](Self::finish) did or the lease is lost. A database
    /// that is away is waited for while the lease may be ours: else the job would stand still
    /// until it runs out.
    async fn end(&self, outcome: Result<(), JobError>, tries: i32) -> Result<(), Failure> {
        let until = Clock::system_now() + LEASE;
        loop {
            match self.note(outcome.clone(), tries).await {
                Err(failure) if failure.is_transient() && Clock::system_now() < until => {
                    tokio::time::sleep(NOTE_PAUSE).await;
                }
                noted => return noted,
            }
        }
    }

    async fn note(&self, outcome: Result<(), JobError>, tries: i32) -> Result<(), Failure> {
        let now = Clock::system_now();
        let error = outcome.as_ref().err().map(ToString::to_string);
        let tried = !matches!(outcome, Err(JobError::Later { .. } | JobError::Away(_)));
        let (state, retry_at, run_at) = match outcome {
            Ok(()) => ("DONE", None, None),
            Err(JobError::Later { at, .. }) => ("READY", None, Some(at)),
            Err(JobError::Away(_)) => {
                ("READY", Some(now + backoff(1, AWAY_PAUSE, AWAY_PAUSE)), None)
            }
            Err(JobError::Retry(_)) if self.attempt < tries => {
                let failures = u32::try_from(self.attempt).unwrap_or(1);
                let pause = backoff(failures, FIRST_PAUSE, LONGEST_PAUSE);
                ("READY", Some(now + pause), None)
            }
            Err(JobError::Retry(_) | JobError::Park(_)) => ("PARKED", None, None),
        };
        sqlx::query(
            "update jobs set state = $3, error = $4, retry_at = $5, run_at = coalesce($6, run_at),
                 attempts = attempts - case when $8 then 0 else 1 end,
                 lease = null, lease_until = null, changed_at = $7
             where id = $1 and lease = $2",
        )
        .bind(self.job.0)
        .bind(self.lease)
        .bind(state)
        .bind(error)
        .bind(retry_at)
        .bind(run_at)
        .bind(now)
        .bind(tried)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

/// One job as it was claimed.
#[derive(sqlx::FromRow)]
struct Claimed {
    id: Uuid,
    attempts: i32,
    payload: serde_json::Value,
    trace: String,
}

/// Does the jobs of one kind until `stop`; then finishes those at hand and takes no more.
pub(crate) async fn run<W: Worker>(
    frame: Frame,
    worker: Arc<W>,
    due: Arc<Notify>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let mut running = JoinSet::new();
    while !stop.is_cancelled() {
        let free = W::CONCURRENCY.saturating_sub(running.len());
        let lease = Uuid::now_v7();
        let claimed = match free {
            0 => Ok(Vec::new()),
            _ => frame.unless_away(claim(&frame, W::KIND, lease, free)).await,
        };
        let claimed = match claimed {
            Ok(claimed) => claimed,
            Err(failure) => {
                // Those at hand end well first: what is cut off now may have had its effect.
                while running.join_next().await.is_some() {}
                return Err(failure);
            }
        };
        for job in claimed {
            running.spawn(attempt(frame.clone(), Arc::clone(&worker), job, lease));
        }
        if running.len() < W::CONCURRENCY {
            // Fewer than asked for: there is no more, so wait to be told.
            tokio::select! {
                () = stop.cancelled() => {}
                () = due.notified() => {}
                Some(_) = running.join_next() => {}
            }
        } else {
            running.join_next().await;
        }
    }
    while running.join_next().await.is_some() {}
    Ok(())
}

/// Frees the jobs of processes that have died, for whoever knows that no other one lives.
pub(crate) async fn free_leases(pool: &PgPool) -> Result<u64, Failure> {
    let freed = sqlx::query(
        "update jobs set state = 'READY', lease = null, lease_until = null, changed_at = $1
         where state = 'RUNNING'",
    );
    Ok(freed.bind(Clock::system_now()).execute(pool).await?.rows_affected())
}

async fn claim(
    frame: &Frame,
    kind: &str,
    lease: Uuid,
    limit: usize,
) -> Result<Vec<Claimed>, Failure> {
    let now = Clock::system_now();
    let claimed = sqlx::query_as(
        "update jobs
         set state = 'RUNNING', attempts = attempts + 1, lease = $2, lease_until = $3,
             retry_at = null, changed_at = $4
         where id in (
             select id from jobs
             where kind = $1
               and (state = 'READY' and run_at <= $5 and (retry_at is null or retry_at <= $4)
                 or state = 'RUNNING' and lease_until < $4)
             order by run_at, id limit $6
             for update skip locked)
         returning id, attempts, payload, trace",
    )
    .bind(kind)
    .bind(lease)
    .bind(now + LEASE)
    .bind(now)
    .bind(frame.clock.now())
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(&frame.pool)
    .await?;
    Ok(claimed)
}

/// One try of one job.
async fn attempt<W: Worker>(frame: Frame, worker: Arc<W>, job: Claimed, lease: Uuid) {
    let lease =
        Lease { job: job.id.into(), lease, attempt: job.attempts, pool: frame.pool.clone() };
    let span = info_span!("job", kind = W::KIND, id = %job.id, attempt = job.attempts);
    telemetry::set_parent(&span, &job.trace);
    let outcome = async {
        // A process that dies while it does a job leaves no error; the tries still count.
        if job.attempts > W::TRIES {
            return Err(JobError::Park("the process died at every try".into()));
        }
        let job = serde_json::from_value(job.payload)
            .map_err(|e| JobError::Park(format!("the payload cannot be read: {e}")))?;
        tokio::select! {
            outcome = AssertUnwindSafe(worker.run(job, &lease)).catch_unwind() => {
                outcome.unwrap_or_else(|panic| {
                    telemetry::count_by("jobs.panics", 1, &[("kind", W::KIND)]);
                    Err(JobError::Retry(format!("panicked: {}", layers::panic_text(&*panic))))
                })
            }
            () = lease.keep() => Err(JobError::Retry("the lease is lost".into())),
        }
    }
    .instrument(span.clone())
    .await;
    let label = match &outcome {
        Ok(()) => "done",
        Err(JobError::Later { .. }) => "later",
        Err(JobError::Away(why)) => {
            span.in_scope(|| tracing::debug!("job waits for somebody who is away: {why}"));
            "away"
        }
        Err(error) => {
            span.in_scope(|| tracing::warn!("job failed: {error}"));
            "failed"
        }
    };
    telemetry::count_by("jobs", 1, &[("kind", W::KIND), ("outcome", label)]);
    if let Err(failure) = lease.end(outcome, W::TRIES).await {
        // The lease runs out and the job is done again.
        span.in_scope(|| tracing::warn!("the end of the job could not be noted: {failure}"));
    }
    frame.wake();
}

/// Looks for due jobs, for all workers of a service at once, and wakes those that have any.
pub(crate) async fn watch(
    frame: Frame,
    workers: HashMap<&'static str, Arc<Notify>>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let kinds: Vec<_> = workers.keys().copied().collect();
    while !stop.is_cancelled() {
        let due: Vec<String> = due_kinds(&frame.pool, &kinds, frame.clock.now()).await?;
        for kind in due {
            if let Some(worker) = workers.get(kind.as_str()) {
                worker.notify_one();
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = frame.signals.pushed.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    Ok(())
}

async fn due_kinds(
    pool: &PgPool,
    kinds: &[&str],
    now: DateTime<Utc>,
) -> Result<Vec<String>, Failure> {
    let due = sqlx::query_scalar(
        "select kind from unnest($1::text[]) as kind
         where exists (
             select 1 from jobs
             where jobs.kind = kind.kind and state = 'READY' and run_at <= $2
               and (retry_at is null or retry_at <= $3))
            or exists (
             select 1 from jobs
             where jobs.kind = kind.kind and state = 'RUNNING' and lease_until < $3)",
    );
    Ok(due.bind(kinds).bind(now).bind(Clock::system_now()).fetch_all(pool).await?)
}
