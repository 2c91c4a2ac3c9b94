//! Tells monitoring how much waits: jobs by kind and state and since when, how far each follower is
//! behind its producer, events without position or parked, and what a service adds of its own.

use crate::{Failure, Frame, telemetry::gauge};
use chrono::{DateTime, TimeDelta};
use futures::future::BoxFuture;
use proto::system::v1::{GetLagRequest, Lag, feed_client::FeedClient};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use types::Clock;

/// How often to look.
const PERIOD: Duration = Duration::from_secs(15);

/// Reads a service's own gauges: names and numbers.
pub(crate) type Read = Arc<
    dyn Fn(Frame) -> BoxFuture<'static, Result<Vec<(&'static str, i64)>, Failure>> + Send + Sync,
>;

/// Labels of a gauge.
type Labels = Vec<(&'static str, String)>;

/// What was told once is told as 0 later, not as its last value for ever.
#[derive(Default)]
struct Told {
    seen: HashSet<(&'static str, Labels)>,
}

impl Told {
    fn tell(&mut self, values: Vec<(&'static str, Labels, i64)>) {
        for (name, labels) in &self.seen {
            if !values.iter().any(|(n, l, _)| n == name && l == labels) {
                gauge(name, 0, labels);
            }
        }
        for (name, labels, value) in values {
            gauge(name, value, &labels);
            self.seen.insert((name, labels));
        }
    }
}

/// Looks and tells until `stop`.
pub(crate) async fn run(
    frame: Frame,
    own: Vec<Read>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let service = [("service", frame.name.to_owned())];
    let mut told = Told::default();
    while !stop.is_cancelled() {
        let (jobs, events) = (jobs(&frame).await?, events(&frame).await?);
        told.tell(jobs.into_iter().chain(events).collect());
        tell_lags(&frame).await?;
        for read in &own {
            for (name, value) in read(frame.clone()).await? {
                gauge(name, value, &service);
            }
        }
        let _ = tokio::time::timeout(PERIOD, stop.cancelled()).await;
    }
    Ok(())
}

/// Jobs by kind and state, and how long the oldest due one of each kind waits for a worker.
async fn jobs(frame: &Frame) -> Result<Vec<(&'static str, Labels, i64)>, Failure> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "select kind, state, count(*) from jobs
         where state in ('READY', 'RUNNING', 'PARKED') group by kind, state",
    )
    .fetch_all(&frame.pool)
    .await?;
    let label = |kind: &str| vec![("service", frame.name.to_owned()), ("kind", kind.to_owned())];
    let mut told: Vec<_> = rows
        .into_iter()
        .map(|(kind, state, count)| {
            ("jobs.waiting", [label(&kind), vec![("state", state)]].concat(), count)
        })
        .collect();
    // Due since the later of two moments of different clocks: the business time it was asked for,
    // and the system time at which it was pushed, or may be tried again.
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select kind, max(least(
             extract(epoch from $1 - run_at),
             extract(epoch from $2 - greatest(changed_at, retry_at))))::bigint
         from jobs
         where state = 'READY' and run_at <= $1 and (retry_at is null or retry_at <= $2)
         group by kind",
    )
    .bind(frame.clock.now())
    .bind(Clock::system_now())
    .fetch_all(&frame.pool)
    .await?;
    told.extend(rows.into_iter().map(|(kind, age)| ("jobs.oldest_due_seconds", label(&kind), age)));
    Ok(told)
}

/// Events of our own without a position; others' that are parked, or held back behind one.
async fn events(frame: &Frame) -> Result<Vec<(&'static str, Labels, i64)>, Failure> {
    let pending: i64 =
        sqlx::query_scalar("select count(*) from feed_pending").fetch_one(&frame.pool).await?;
    let service = || ("service", frame.name.to_owned());
    let mut told = vec![("feed.unsequenced", vec![service()], pending)];
    let parked: Vec<(String, String, i64)> = sqlx::query_as(
        "select producer, state, count(*) from parked_events
         where state in ('PARKED', 'HELD_BACK') group by producer, state",
    )
    .fetch_all(&frame.pool)
    .await?;
    told.extend(parked.into_iter().map(|(producer, state, count)| {
        ("feed.parked_events", vec![service(), ("producer", producer), ("state", state)], count)
    }));
    Ok(told)
}

/// How far each follower is behind, in events and seconds. Where a producer does not answer, the
/// last that was known stands.
async fn tell_lags(frame: &Frame) -> Result<(), Failure> {
    let cursors: Vec<(String, i64)> = sqlx::query_as("select producer, position from feed_cursors")
        .fetch_all(&frame.pool)
        .await?;
    for (producer, position) in cursors {
        let mut feed = FeedClient::new(frame.peers.channel(&producer));
        let Ok(lag) = feed.get_lag(GetLagRequest { position }).await else { continue };
        let Lag { events, since } = lag.into_inner();
        let since = since.and_then(|at| DateTime::from_timestamp(at.seconds, 0));
        let age = since.map_or(TimeDelta::zero(), |since| frame.clock.now() - since);
        let labels = [("service", frame.name.to_owned()), ("producer", producer)];
        gauge("feed.lag_events", events, &labels);
        gauge("feed.lag_seconds", age.num_seconds().max(0), &labels);
    }
    Ok(())
}
