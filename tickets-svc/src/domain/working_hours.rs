//! When the minutes of a mailbox run: a country's working days, hours of each, and a zone (G30).

use crate::domain::calendars::{Calendar, Country, Hours};
use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;
use types::Bilingual;

/// Hours of a working day where none are named.
const USUAL: &str = "09:00-18:00";

/// Years that a calendar is made for: before the one that a clock starts in, and after it. No clock
/// runs longer.
const YEARS: (i32, i32) = (1, 4);

/// Working days, hours and zone of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingHours {
    country: Country,
    hours: Hours,
    zone: Tz,
}

/// Why working hours are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadWorkingHours {
    /// A country whose holidays are not known.
    #[error("Countries whose calendars are known: RU, BY, UA, KZ.")]
    Country,
    /// No hours of a day.
    #[error("Hours such as 09:00-18:00 or 09:00-13:00,14:00-18:00, the last more than an hour.")]
    Hours,
    /// No zone.
    #[error("A time zone such as Europe/Moscow.")]
    Zone,
}

impl BadWorkingHours {
    /// The field of a mailbox that it is about.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Country => "calendar_country",
            Self::Hours => "working_hours",
            Self::Zone => "time_zone",
        }
    }
}

impl Bilingual for BadWorkingHours {
    fn ru(&self) -> String {
        match self {
            Self::Country => "Календари известны для стран RU, BY, UA и KZ.".into(),
            Self::Hours => "Часы вида 09:00-18:00 или 09:00-13:00,14:00-18:00, последний \
                            промежуток больше часа."
                .into(),
            Self::Zone => "Часовой пояс, например Europe/Moscow.".into(),
        }
    }
}

impl WorkingHours {
    /// Reads a country's code, hours, and the name of a zone. Without a country there are none:
    /// every minute counts. Empty hours are the usual ones, an empty zone is the capital's.
    ///
    /// # Errors
    /// [`BadWorkingHours`].
    pub fn parse(country: &str, hours: &str, zone: &str) -> Result<Option<Self>, BadWorkingHours> {
        if country.is_empty() {
            let nothing = hours.is_empty() && zone.is_empty();
            return if nothing { Ok(None) } else { Err(BadWorkingHours::Country) };
        }
        let country = Country::parse(country).ok_or(BadWorkingHours::Country)?;
        let hours = if hours.is_empty() { USUAL } else { hours };
        let hours = read(hours).ok_or(BadWorkingHours::Hours)?;
        let zone = match zone {
            "" => country.zone(),
            name => name.parse().map_err(|_| BadWorkingHours::Zone)?,
        };
        // An hour less on the eves of holidays leaves some.
        let made = country.office(&hours, zone, 2019..=2019);
        made.map_err(|_| BadWorkingHours::Hours)?;
        Ok(Some(Self { country, hours, zone }))
    }

    /// The code of its country.
    #[must_use]
    pub const fn country(&self) -> &'static str {
        self.country.code()
    }

    /// Its hours, as they are read.
    #[must_use]
    pub fn hours(&self) -> String {
        let time = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        let pieces = self.hours.iter().map(|(from, to)| format!("{}-{}", time(*from), time(*to)));
        pieces.collect::<Vec<_>>().join(",")
    }

    /// The name of its zone.
    #[must_use]
    pub fn zone(&self) -> &'static str {
        self.zone.name()
    }

    /// The calendar of clocks that start at an instant.
    #[must_use]
    pub fn calendar(&self, now: DateTime<Utc>) -> Calendar {
        let year = now.with_timezone(&self.zone).year();
        let made = self.country.office(&self.hours, self.zone, year - YEARS.0..=year + YEARS.1);
        // Cannot fail: the hours were tried when they were read.
        made.unwrap_or_else(|_| Calendar::round_the_clock())
    }
}

/// `09:00-13:00,14:00-18:00`.
fn read(text: &str) -> Option<Hours> {
    let minute = |text: &str| {
        let (hour, minute) = text.trim().split_once(':')?;
        let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        let (hour, minute): (u32, u32) = (digits(hour) && digits(minute))
            .then(|| Some((hour.parse().ok()?, minute.parse().ok()?)))
            .flatten()?;
        (hour <= 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let pieces = text.split(',').map(|piece| {
        let (from, to) = piece.split_once('-')?;
        Some((minute(from)?, minute(to)?))
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn working_hours_are_read_back() {
        let read = |country, hours, zone| WorkingHours::parse(country, hours, zone);
        assert_eq!(read("", "", ""), Ok(None));
        for (country, hours, zone, shown) in [
            ("RU", "", "", ("RU", "09:00-18:00", "Europe/Moscow")),
            ("KZ", "08:30-17:30", "Asia/Aqtau", ("KZ", "08:30-17:30", "Asia/Aqtau")),
            (
                "BY",
                "09:00-13:00,14:00-18:00",
                "",
                ("BY", "09:00-13:00,14:00-18:00", "Europe/Minsk"),
            ),
            ("UA", "00:00-24:00", "", ("UA", "00:00-24:00", "Europe/Kyiv")),
        ] {
            let made = read(country, hours, zone).expect("good").expect("some");
            assert_eq!((made.country(), made.hours().as_str(), made.zone()), shown);
        }
        for (country, hours, zone, bad) in [
            ("DE", "", "", BadWorkingHours::Country),
            ("", "09:00-18:00", "", BadWorkingHours::Country),
            ("RU", "9-18", "", BadWorkingHours::Hours),
            ("RU", "18:00-09:00", "", BadWorkingHours::Hours),
            ("RU", "09:00-10:00", "", BadWorkingHours::Hours),
            ("RU", "09:00-24:30", "", BadWorkingHours::Hours),
            ("RU", "", "Mars/Base", BadWorkingHours::Zone),
        ] {
            assert_eq!(read(country, hours, zone), Err(bad), "{country} {hours} {zone}");
        }
    }

    /// G30: opened on Friday at 17:30, due on Monday at 10:30; the eve of 23 February is shorter.
    #[test]
    fn two_hours_run_in_working_time() {
        let office = WorkingHours::parse("RU", "09:00-18:00", "").expect("good").expect("some");
        for (start, due) in [
            ("2019-02-15T14:30:00Z", "2019-02-18T07:30:00Z"),
            ("2019-02-22T13:30:00Z", "2019-02-25T07:30:00Z"),
            ("2030-12-31T13:30:00Z", "2031-01-09T07:30:00Z"),
        ] {
            let start: DateTime<Utc> = start.parse().expect("a time");
            let found = office.calendar(start).add(start, TimeDelta::minutes(120));
            assert_eq!(found, due.parse::<DateTime<Utc>>().expect("a time"), "{start}");
        }
    }
}
