//! Times of what was done: medians over runs, percentiles over calls.

use anyhow::Result;
use std::time::{Duration, Instant};

/// The value below which a share of the others lies (nearest rank); zero of nothing.
#[must_use]
pub fn percentile(times: &[Duration], share: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// The middle one.
#[must_use]
pub fn median(times: &[Duration]) -> Duration {
    percentile(times, 0.5)
}

/// What came out, and how long it took.
///
/// # Errors
/// That of the work.
pub async fn timed<T>(work: impl Future<Output = Result<T>>) -> Result<(T, Duration)> {
    let start = Instant::now();
    let out = work.await?;
    Ok((out, start.elapsed()))
}

/// Repeats a call `calls` times by each of `callers` at once; how long each call took, and all of
/// it together. `call` gets the number of the call.
///
/// # Errors
/// The first that a call fails with.
pub async fn callers<F>(
    callers: usize,
    calls: usize,
    call: impl Fn(usize) -> F + Sync,
) -> Result<(Vec<Duration>, Duration)>
where
    F: Future<Output = Result<()>> + Send,
{
    let (call, start) = (&call, Instant::now());
    let lanes = (0..callers).map(|lane| async move {
        let mut times = Vec::with_capacity(calls);
        for n in 0..calls {
            times.push(timed(call(lane * calls + n)).await?.1);
        }
        anyhow::Ok(times)
    });
    let times = futures::future::try_join_all(lanes).await?;
    Ok((times.concat(), start.elapsed()))
}

/// Milliseconds.
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let times: Vec<Duration> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 0.5), Duration::from_millis(50));
        assert_eq!(percentile(&times, 0.99), Duration::from_millis(99));
        assert_eq!(median(&times[..3]), Duration::from_millis(99));
        assert_eq!(median(&[]), Duration::ZERO);
    }
}
