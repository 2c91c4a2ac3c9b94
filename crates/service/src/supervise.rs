//! Keeps background work alive: whatever ends it but a stop is logged, counted and started again.

use crate::{Failure, layers, telemetry};
use futures::FutureExt;
use rand::Rng;
use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// First pause after a failure.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Longest pause after repeated failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Failures in a row that may pass by themselves before they are worth a warning: some 3 s.
const PATIENCE: u32 = 5;
/// Work that ran this long before it failed starts afresh.
const HEALTHY: Duration = Duration::from_secs(60);

/// Runs `work` until `stop`, restarting it with growing pauses when it fails or panics. Work that
/// returns `Ok` has seen the stop, or is started again at once.
pub(crate) async fn supervise<Work>(
    name: &str,
    stop: &CancellationToken,
    mut work: impl FnMut() -> Work,
) where
    Work: Future<Output = Result<(), Failure>>,
{
    let mut failures = 0;
    while !stop.is_cancelled() {
        let started = Instant::now();
        match AssertUnwindSafe(async { work().await }).catch_unwind().await {
            Ok(Ok(())) => {
                failures = 0;
                continue;
            }
            // Services that start together do not find each other at once: that is no news.
            Ok(Err(error)) if failures < PATIENCE && error.is_transient() => {
                tracing::debug!(worker = name, "worker failed, restarting: {error}");
            }
            Ok(Err(error)) => tracing::warn!(worker = name, "worker failed, restarting: {error}"),
            Err(panic) => {
                let text = layers::panic_text(&*panic);
                tracing::error!(worker = name, "worker panicked, restarting: {text}");
            }
        }
        telemetry::count_by("workers.restarted", 1, &[("worker", name)]);
        failures = if started.elapsed() > HEALTHY { 0 } else { failures + 1 };
        let pause = backoff(failures, FIRST_PAUSE, LONGEST_PAUSE);
        let _ = tokio::time::timeout(pause, stop.cancelled()).await;
    }
}

/// A pause that doubles with each failure, up to a limit, less a random part of up to a half: so
/// that what failed together does not come back together.
pub(crate) fn backoff(failures: u32, first: Duration, longest: Duration) -> Duration {
    let full = first.saturating_mul(1 << failures.saturating_sub(1).min(20)).min(longest);
    let millis = u64::try_from(full.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(millis - rand::rng().random_range(0..=millis / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_limit() {
        let (first, longest) = (Duration::from_millis(100), Duration::from_secs(30));
        for (failures, full) in [(0, 100), (1, 100), (2, 200), (4, 800), (9, 25_600), (50, 30_000)]
        {
            for _ in 0..100 {
                let pause = backoff(failures, first, longest).as_millis();
                assert!((full / 2..=full).contains(&pause), "{failures}: {pause}");
            }
        }
    }

    #[tokio::test]
    async fn restarts_what_panics_or_fails() {
        let stop = CancellationToken::new();
        let mut runs = 0;
        supervise("test", &stop, || {
            runs += 1;
            let (run, stop) = (runs, stop.clone());
            async move {
                match run {
                    1 => panic!("expected by the test"),
                    2 => Err(Failure::internal("expected by the test")),
                    _ => {
                        stop.cancel();
                        Ok(())
                    }
                }
            }
        })
        .await;
        assert_eq!(runs, 3);
    }
}
