//! Business time. The only place that may read the system clock.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Source of business time, passed by value wherever a rule needs "today" or "now".
///
/// Leases, backoff, deadlines and token expiry use [`Clock::system_now`] instead: a manual clock
/// must not stop them.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands until it is advanced (tests, demo, `--clock manual`).
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A manual clock that stands at `now`.
    #[must_use]
    pub fn manual(now: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(now.timestamp_micros())))
    }

    /// The business instant.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Self::system_now(),
            Self::Manual(micros) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)).unwrap_or_default()
            }
        }
    }

    /// The business date in a zone.
    #[must_use]
    pub fn today(&self, zone: Tz) -> NaiveDate {
        self.now().with_timezone(&zone).date_naive()
    }

    /// Moves a manual clock forward; never back. Does nothing to the system clock.
    pub fn advance(&self, to: DateTime<Utc>) {
        if let Self::Manual(micros) = self {
            micros.fetch_max(to.timestamp_micros(), Ordering::SeqCst);
        }
    }

    /// The machine's time, for what must go on while business time stands.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
    pub fn system_now() -> DateTime<Utc> {
        // PostgreSQL keeps microseconds; equal instants must stay equal after a round trip.
        let now = Utc::now();
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }
}
