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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2019, 2, 28, hour, 0, 0).unwrap()
    }

    #[test]
    fn a_manual_clock_stands_until_all_its_copies_are_advanced() {
        let clock = Clock::manual(at(10));
        let copy = clock.clone();
        assert_eq!(clock.now(), at(10));
        copy.advance(at(12));
        assert_eq!(clock.now(), at(12));
        copy.advance(at(11));
        assert_eq!(clock.now(), at(12), "time never goes back");
    }

    /// Billing dates are dates of the client's zone: 22:00 UTC is tomorrow in Moscow.
    #[test]
    fn today_depends_on_the_zone() {
        let clock = Clock::manual(at(22));
        assert_eq!(clock.today(chrono_tz::Europe::Moscow).to_string(), "2019-03-01");
        assert_eq!(clock.today(chrono_tz::UTC).to_string(), "2019-02-28");
    }

    #[test]
    fn the_system_clock_counts_microseconds_and_is_not_advanced() {
        let before = Clock::system_now();
        Clock::System.advance(before + chrono::Duration::days(365));
        let after = Clock::System.now();
        assert!(before <= after && after < before + chrono::Duration::days(1));
        assert_eq!(after.timestamp_subsec_nanos() % 1000, 0);
    }
}
