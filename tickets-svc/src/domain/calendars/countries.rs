//! Working days of the countries that our clients live in: holidays, days moved, eves that are an
//! hour shorter (G30).
//!
//! Russia moves days by a decree each year: they are data. Belarus, Kazakhstan and Ukraine follow
//! from their laws; a day that a government moves beside them is entered by hand as an exception.
//! Days on which people were told to stay at home in 2020 and 2021 are no holidays: who serves
//! clients worked.

use super::{BadHours, Calendar, Hours};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use chrono_tz::Tz;
use std::{collections::BTreeMap, ops::RangeInclusive};

/// Minutes by which the eve of a holiday is shorter.
const EVE_MINUTES: u32 = 60;

/// A country with working days of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Country {
    /// Russia.
    Ru,
    /// Belarus.
    By,
    /// Ukraine.
    Ua,
    /// Kazakhstan.
    Kz,
}

/// Month and day.
type Day = (u32, u32);

/// A year as it was decreed.
struct Decreed {
    year: i32,
    off: &'static [Day],
    eves: &'static [Day],
    /// Saturdays that are worked.
    worked: &'static [Day],
}

/// Russia, by the decrees on moving days; weekends that stay weekends are not named.
const RUSSIA: [Decreed; 8] = [
    Decreed {
        year: 2019,
        off: &[(3, 8), (5, 1), (5, 2), (5, 3), (5, 9), (5, 10), (6, 12), (11, 4)],
        eves: &[(2, 22), (3, 7), (4, 30), (5, 8), (6, 11), (12, 31)],
        worked: &[],
    },
    Decreed {
        year: 2020,
        off: &[(2, 24), (3, 9), (5, 1), (5, 4), (5, 5), (5, 11), (6, 12), (6, 24), (7, 1), (11, 4)],
        eves: &[(4, 30), (5, 8), (6, 11), (11, 3), (12, 31)],
        worked: &[],
    },
    Decreed {
        year: 2021,
        off: &[(2, 22), (2, 23), (3, 8), (5, 3), (5, 10), (6, 14), (11, 4), (11, 5), (12, 31)],
        eves: &[(2, 20), (4, 30), (6, 11), (11, 3)],
        worked: &[(2, 20)],
    },
    Decreed {
        year: 2022,
        off: &[(2, 23), (3, 7), (3, 8), (5, 2), (5, 3), (5, 9), (5, 10), (6, 13), (11, 4)],
        eves: &[(2, 22), (3, 5), (11, 3)],
        worked: &[(3, 5)],
    },
    Decreed {
        year: 2023,
        off: &[(2, 23), (2, 24), (3, 8), (5, 1), (5, 8), (5, 9), (6, 12), (11, 6)],
        eves: &[(2, 22), (3, 7), (11, 3)],
        worked: &[],
    },
    Decreed {
        year: 2024,
        off: &[
            (2, 23),
            (3, 8),
            (4, 29),
            (4, 30),
            (5, 1),
            (5, 9),
            (5, 10),
            (6, 12),
            (11, 4),
            (12, 30),
            (12, 31),
        ],
        eves: &[(2, 22), (3, 7), (5, 8), (6, 11), (11, 2)],
        worked: &[(4, 27), (11, 2), (12, 28)],
    },
    Decreed {
        year: 2025,
        off: &[(5, 1), (5, 2), (5, 8), (5, 9), (6, 12), (6, 13), (11, 3), (11, 4), (12, 31)],
        eves: &[(3, 7), (4, 30), (6, 11), (11, 1)],
        worked: &[(11, 1)],
    },
    Decreed {
        year: 2026,
        off: &[(1, 9), (2, 23), (3, 9), (5, 1), (5, 11), (6, 12), (11, 4), (12, 31)],
        eves: &[(4, 30), (5, 8), (6, 11), (11, 3)],
        worked: &[],
    },
];

/// What of a day differs from its weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Off,
    Eve,
    Worked,
    WorkedEve,
}

impl Country {
    /// The country of a code of ISO 3166.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let all = [("RU", Self::Ru), ("BY", Self::By), ("UA", Self::Ua), ("KZ", Self::Kz)];
        all.into_iter().find(|(known, _)| *known == code).map(|(_, country)| country)
    }

    /// Its code of ISO 3166.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ru => "RU",
            Self::By => "BY",
            Self::Ua => "UA",
            Self::Kz => "KZ",
        }
    }

    /// The zone of its capital.
    #[must_use]
    pub const fn zone(self) -> Tz {
        match self {
            Self::Ru => chrono_tz::Europe::Moscow,
            Self::By => chrono_tz::Europe::Minsk,
            Self::Ua => chrono_tz::Europe::Kyiv,
            Self::Kz => chrono_tz::Asia::Almaty,
        }
    }

    /// An office's calendar in a zone over the years: the same hours from Monday to Friday, the
    /// country's holidays off, and the eves of holidays an hour shorter.
    ///
    /// # Errors
    /// [`BadHours`] when the hours are no intervals of a day, or an hour or less.
    pub fn office(
        self,
        hours: &Hours,
        zone: Tz,
        years: RangeInclusive<i32>,
    ) -> Result<Calendar, BadHours> {
        let mut short = hours.clone();
        if let Some((from, to)) = short.last_mut() {
            *to = to.saturating_sub(EVE_MINUTES).max(*from);
        }
        let mut exceptions = BTreeMap::new();
        for (day, kind) in years.flat_map(|year| self.days(year)) {
            let hours = match kind {
                Kind::Off => Vec::new(),
                Kind::Worked => hours.clone(),
                Kind::Eve | Kind::WorkedEve => short.clone(),
            };
            exceptions.insert(day, hours);
        }
        let mut week: [Hours; 7] = std::array::from_fn(|_| hours.clone());
        week[5].clear();
        week[6].clear();
        Calendar::weekly(zone, week, exceptions)
    }

    /// The days of a year that differ from their weekday.
    fn days(self, year: i32) -> BTreeMap<NaiveDate, Kind> {
        if self == Self::Ru
            && let Some(decreed) = RUSSIA.iter().find(|decreed| decreed.year == year)
        {
            return decreed.days();
        }
        let holidays = self.holidays(year);
        let moves = |(day, moves): &&(NaiveDate, bool)| *moves && is_weekend(*day);
        let stay = holidays.iter().filter(|holiday| !moves(holiday));
        let mut days: BTreeMap<_, _> = stay.map(|(day, _)| (*day, Kind::Off)).collect();
        for (day, _) in holidays.iter().filter(moves) {
            let free = |day: &NaiveDate| !is_weekend(*day) && !days.contains_key(day);
            let off = day.iter_days().find(free);
            days.extend(off.map(|off| (off, Kind::Off)));
        }
        if self != Self::Kz {
            for eve in holidays.iter().filter_map(|(day, _)| day.pred_opt()) {
                if !is_weekend(eve) {
                    days.entry(eve).or_insert(Kind::Eve);
                }
            }
        }
        days
    }

    /// Holidays by law, in order, and whether one on a weekend moves to the next working day.
    fn holidays(self, year: i32) -> Vec<(NaiveDate, bool)> {
        let on = |days: &[Day], moves: bool| {
            let days = days.iter();
            let days = days.filter_map(|(month, day)| NaiveDate::from_ymd_opt(year, *month, *day));
            days.map(|day| (day, moves)).collect::<Vec<_>>()
        };
        let after_easter = |days: u64, moves| {
            easter(year)
                .and_then(|day| day.checked_add_days(Days::new(days)))
                .map(|day| (day, moves))
        };
        let mut found = match self {
            Self::Ru => {
                let january: Vec<Day> = (1..=8).map(|day| (1, day)).collect();
                let others = [(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)];
                [on(&january, false), on(&others, true)].concat()
            }
            Self::By => {
                let days =
                    [(1, 1), (1, 2), (1, 7), (3, 8), (5, 1), (5, 9), (7, 3), (11, 7), (12, 25)];
                let mut found = on(&days, false);
                found.extend(after_easter(9, false));
                found
            }
            // Since February 2022, under martial law, holidays are working days.
            Self::Ua if year > 2022 => Vec::new(),
            Self::Ua if year == 2022 => on(&[(1, 1), (1, 7)], true),
            Self::Ua => {
                let days =
                    [(1, 1), (1, 7), (3, 8), (5, 1), (5, 9), (6, 28), (8, 24), (10, 14), (12, 25)];
                let mut found = on(&days, true);
                found.extend(after_easter(0, true));
                found.extend(after_easter(49, true));
                found
            }
            Self::Kz => {
                let days = [
                    (1, 1),
                    (1, 2),
                    (3, 8),
                    (3, 21),
                    (3, 22),
                    (3, 23),
                    (5, 1),
                    (5, 7),
                    (5, 9),
                    (7, 6),
                    (8, 30),
                    (12, 16),
                ];
                let mut found = [on(&days, true), on(&[(1, 7)], false)].concat();
                found
                    .extend(on(if year < 2022 { &[(12, 1), (12, 17)] } else { &[(10, 25)] }, true));
                found.extend(on(kurban_ait(year), false));
                found
            }
        };
        found.sort();
        found
    }
}

impl Decreed {
    fn days(&self) -> BTreeMap<NaiveDate, Kind> {
        let on = |days: &[Day], kind: Kind| {
            let days = days.iter();
            let days = days.filter_map(|(m, d)| NaiveDate::from_ymd_opt(self.year, *m, *d));
            days.map(|day| (day, kind)).collect::<Vec<_>>()
        };
        let january: Vec<Day> = (1..=8).map(|day| (1, day)).collect();
        let mut days: BTreeMap<NaiveDate, Kind> = on(&january, Kind::Off).into_iter().collect();
        days.extend(on(self.off, Kind::Off));
        days.extend(on(self.worked, Kind::Worked));
        for (eve, kind) in on(self.eves, Kind::Eve) {
            let kind = if days.contains_key(&eve) { Kind::WorkedEve } else { kind };
            days.insert(eve, kind);
        }
        days
    }
}

/// First day of Kurban Ait, which the moon sets; known for these years.
const fn kurban_ait(year: i32) -> &'static [Day] {
    match year {
        2019 => &[(8, 11)],
        2020 => &[(7, 31)],
        2021 => &[(7, 20)],
        2022 => &[(7, 9)],
        2023 => &[(6, 28)],
        2024 => &[(6, 16)],
        2025 => &[(6, 6)],
        2026 => &[(5, 27)],
        _ => &[],
    }
}

/// Orthodox Easter, by the Julian reckoning (Meeus); good until 2099.
fn easter(year: i32) -> Option<NaiveDate> {
    let full_moon = (19 * (year % 19) + 15) % 30;
    let weekday = (2 * (year % 4) + 4 * (year % 7) - full_moon + 34) % 7;
    let reckoned = full_moon + weekday + 114;
    let (month, day) = (u32::try_from(reckoned / 31).ok()?, u32::try_from(reckoned % 31).ok()? + 1);
    NaiveDate::from_ymd_opt(year, month, day)?.checked_add_days(Days::new(13))
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta, TimeZone, Utc};

    fn at(country: Country, text: &str) -> DateTime<Utc> {
        let wall = chrono::NaiveDateTime::parse_from_str(text, "%d.%m.%Y %H:%M").expect("a time");
        country.zone().from_local_datetime(&wall).unwrap().with_timezone(&Utc)
    }

    fn office(country: Country) -> Calendar {
        country.office(&vec![(9 * 60, 18 * 60)], country.zone(), 2019..=2027).expect("good hours")
    }

    /// G30: two hours from an instant, through weekends, holidays and shortened eves.
    #[test]
    fn two_hours_pass_as_the_country_works() {
        use Country::{By, Kz, Ru, Ua};
        for (country, start, due) in [
            (Ru, "15.02.2019 17:30", "18.02.2019 10:30"),
            (Ru, "22.02.2019 16:30", "25.02.2019 10:30"),
            (Ru, "30.04.2019 16:30", "06.05.2019 10:30"),
            (Ru, "31.12.2018 17:00", "09.01.2019 10:00"),
            // A Saturday that was worked, an hour shorter.
            (Ru, "20.02.2021 16:00", "24.02.2021 10:00"),
            (Ru, "02.11.2024 16:00", "05.11.2024 10:00"),
            (Ru, "30.12.2025 17:00", "12.01.2026 10:00"),
            // Radunitsa, the ninth day after Easter, and its eve.
            (By, "06.05.2019 16:30", "08.05.2019 10:30"),
            (By, "02.07.2026 16:30", "06.07.2026 10:30"),
            // Both the first of May and Easter moved.
            (Ua, "30.04.2021 16:30", "05.05.2021 10:30"),
            (Ua, "23.08.2023 17:30", "24.08.2023 10:30"),
            // Nauryz of 2026 begins on a Saturday: two days of it move.
            (Kz, "20.03.2026 17:00", "26.03.2026 10:00"),
            (Kz, "24.10.2023 17:00", "26.10.2023 10:00"),
        ] {
            let due_at = office(country).add(at(country, start), TimeDelta::minutes(120));
            assert_eq!(due_at, at(country, due), "{country:?} {start}");
        }
    }

    #[test]
    fn easter_falls_on_sundays() {
        for (year, month, day) in [(2019, 4, 28), (2021, 5, 2), (2024, 5, 5), (2026, 4, 12)] {
            assert_eq!(easter(year), NaiveDate::from_ymd_opt(year, month, day));
        }
        assert!((2000..2099).filter_map(easter).all(|day| day.weekday() == Weekday::Sun));
    }

    #[test]
    fn codes_and_hours_are_checked() {
        assert_eq!(Country::parse("KZ"), Some(Country::Kz));
        assert_eq!(Country::parse("kz"), None);
        assert!(
            Country::Ru.office(&vec![(600, 660)], chrono_tz::UTC, 2019..=2019).is_err(),
            "no eve is left"
        );
        assert!(Country::Kz.office(&vec![(600, 500)], chrono_tz::UTC, 2019..=2019).is_err());
    }
}
