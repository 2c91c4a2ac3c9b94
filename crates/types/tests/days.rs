//! Days of a client's zone, where the clock is put forward and back.

use chrono::{DateTime, Duration, Utc};
use types::Clock;

/// Issue 5, 7 (DST): a year has each of its days once and in order, though one lasts 23 hours and
/// one 25: whoever bills by calendar days bills none twice and leaves none out.
#[test]
fn no_day_is_lost_or_comes_twice() {
    for zone in [chrono_tz::Europe::Kyiv, chrono_tz::Europe::Moscow, chrono_tz::Asia::Almaty] {
        let clock = Clock::manual("2025-12-31T12:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let mut days = vec![clock.today(zone)];
        let mut hours = vec![0];
        while clock.now() < "2027-01-01T12:00:00Z".parse::<DateTime<Utc>>().unwrap() {
            clock.advance(clock.now() + Duration::hours(1));
            let today = clock.today(zone);
            if today != days[days.len() - 1] {
                assert_eq!(days[days.len() - 1].succ_opt(), Some(today), "{zone}");
                days.push(today);
                hours.push(0);
            }
            *hours.last_mut().unwrap() += 1;
        }
        let whole = &hours[1..hours.len() - 1];
        assert_eq!(whole.len(), 365, "{zone}");
        let odd: Vec<i32> = whole.iter().copied().filter(|hours| *hours != 24).collect();
        let put = zone == chrono_tz::Europe::Kyiv;
        assert_eq!(odd, if put { vec![23, 25] } else { vec![] }, "{zone}");
    }
}
