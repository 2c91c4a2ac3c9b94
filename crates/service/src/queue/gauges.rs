//! Tells monitoring how much waits: jobs by kind and state, events without position or parked, and
//! what a service adds of its own.

use crate::{Failure, Frame, telemetry::gauge};
use futures::future::BoxFuture;
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How often to count.
const PERIOD: Duration = Duration::from_secs(15);

/// Reads a service's own gauges: names and numbers.
pub(crate) type Read = Arc<
    dyn Fn(Frame) -> BoxFuture<'static, Result<Vec<(&'static str, i64)>, Failure>> + Send + Sync,
>;

/// Counts until `stop`.
pub(crate) async fn run(
    frame: Frame,
    own: Vec<Read>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    // What was seen once is told as 0 later, not as its last value for ever.
    let mut seen: HashSet<(String, String)> = HashSet::new();
    while !stop.is_cancelled() {
        let jobs: Vec<(String, String, i64)> = sqlx::query_as(
            "select kind, state, count(*) from jobs
             where state in ('READY', 'RUNNING', 'PARKED') group by kind, state",
        )
        .fetch_all(&frame.pool)
        .await?;
        let labels = |kind: &str, state: &str| {
            [("service", frame.name.into()), ("kind", kind.into()), ("state", state.into())]
        };
        for (kind, state) in &seen {
            gauge("jobs.waiting", 0, &labels(kind, state));
        }
        for (kind, state, count) in jobs {
            gauge("jobs.waiting", count, &labels(&kind, &state));
            seen.insert((kind, state));
        }
        let (pending, parked): (i64, i64) = sqlx::query_as(
            "select (select count(*) from feed_pending),
                    (select count(*) from parked_events where state in ('PARKED', 'HELD_BACK'))",
        )
        .fetch_one(&frame.pool)
        .await?;
        let service = [("service", frame.name.to_owned())];
        gauge("feed.unsequenced", pending, &service);
        gauge("feed.parked_events", parked, &service);
        for read in &own {
            for (name, value) in read(frame.clone()).await? {
                gauge(name, value, &service);
            }
        }
        let _ = tokio::time::timeout(PERIOD, stop.cancelled()).await;
    }
    Ok(())
}
