//! Walls against robots that answer robots: headers cannot tell them all, counting can.

use chrono::{DateTime, TimeDelta, Utc};

/// Most automatic letters to one address within a day (tickets.md §5.4, 6).
pub const AUTO_PER_DAY_MAX: usize = 5;
/// Most automatic letters on one ticket within an hour.
pub const AUTO_PER_TICKET_HOUR_MAX: usize = 10;
/// Least time between two acknowledgements to one address.
pub const ACKNOWLEDGE_PAUSE: TimeDelta = TimeDelta::minutes(10);
/// Most tickets that one sender opens within [`OPENING_WINDOW`].
pub const OPENINGS_MAX: usize = 20;
/// The time over which openings are counted.
pub const OPENING_WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Automatic letters that have been sent.
#[derive(Debug, Clone, Default)]
pub struct AutoLetters {
    /// To the same address, within the last day at least.
    pub to_address: Vec<DateTime<Utc>>,
    /// On the same ticket, within the last hour at least.
    pub on_ticket: Vec<DateTime<Utc>>,
}

/// True when one more automatic letter may leave.
#[must_use]
pub fn may_write(sent: &AutoLetters, now: DateTime<Utc>) -> bool {
    within(&sent.to_address, ACKNOWLEDGE_PAUSE, now) == 0 && may_ask(sent, now)
}

/// The same for a question without which something stays undone: it waits for no pause.
#[must_use]
pub fn may_ask(sent: &AutoLetters, now: DateTime<Utc>) -> bool {
    within(&sent.to_address, TimeDelta::days(1), now) < AUTO_PER_DAY_MAX
        && within(&sent.on_ticket, TimeDelta::hours(1), now) < AUTO_PER_TICKET_HOUR_MAX
}

fn within(times: &[DateTime<Utc>], span: TimeDelta, now: DateTime<Utc>) -> usize {
    times.iter().filter(|time| now - **time < span).count()
}

/// True when one more ticket may be opened by the sender who opened so many within the window.
#[must_use]
pub const fn may_open(opened: usize) -> bool {
    opened < OPENINGS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// tickets.md §5.4 (6), §5.5 (12): whatever a robot does, in any 24 hours it gets at most
        /// five automatic letters, and a ticket at most ten an hour.
        #[test]
        fn a_war_of_robots_dies_out(pauses in proptest::collection::vec(0_i64..4_000, 1..400)) {
            let mut now = DateTime::from_timestamp(1_551_179_580, 0).expect("a time");
            let mut sent: Vec<DateTime<Utc>> = Vec::new();
            for pause in pauses {
                now += TimeDelta::seconds(pause);
                let log = AutoLetters { to_address: sent.clone(), on_ticket: sent.clone() };
                if may_write(&log, now) {
                    sent.push(now);
                }
                let today = sent.iter().filter(|t| now - **t < TimeDelta::days(1)).count();
                prop_assert!(today <= AUTO_PER_DAY_MAX);
            }
            prop_assert!(!sent.is_empty());
        }
    }

    #[test]
    fn a_busy_ticket_is_silent() {
        let now = DateTime::from_timestamp(1_551_179_580, 0).expect("a time");
        let on_ticket = vec![now - TimeDelta::minutes(5); AUTO_PER_TICKET_HOUR_MAX];
        assert!(!may_write(&AutoLetters { to_address: vec![], on_ticket }, now));
    }
}
