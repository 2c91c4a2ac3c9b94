//! What the period of an extra invoice line must be: co-terming with the main service.
//!
//! The end of an extra line equals the end of the main subscription (A159) and is the last day of
//! a month (A160), unless the line is for exactly one year (A161, G8).

use crate::domain::{codes::codes, texts::Text};
use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use types::{Period, period::first_of_month};

codes! {
    /// A rule that the period of a line breaks.
    PeriodRule {
        /// The line ends on another day than the main subscription (A159).
        EndDiffersFromMain = "END_DIFFERS_FROM_MAIN",
        /// The line ends inside a month (A160).
        EndInsideMonth = "END_INSIDE_MONTH",
    }
}

/// A broken rule, with the last day that would be right, if it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodViolation {
    /// The rule.
    pub rule: PeriodRule,
    /// Last day that the line has.
    pub last: NaiveDate,
    /// Last day that would satisfy the rule.
    pub offered: NaiveDate,
}

impl PeriodViolation {
    /// What is wrong and what to do.
    #[must_use]
    pub fn text(&self) -> Text {
        let last = self.last.format("%d.%m.%Y");
        let offered = self.offered.format("%d.%m.%Y");
        match self.rule {
            PeriodRule::EndDiffersFromMain => Text::new(
                format!(
                    "Строка заканчивается {last}, а основная услуга – {offered}; \
                     укажите {offered} или ровно год"
                ),
                format!(
                    "The line ends on {last}, the main service on {offered}; \
                     set {offered} or exactly one year"
                ),
            ),
            PeriodRule::EndInsideMonth => Text::new(
                format!("Строка заканчивается {last} – не в конце месяца; укажите {offered}"),
                format!("The line ends on {last}, inside a month; set {offered}"),
            ),
        }
    }
}

/// True when the period is exactly one year: start + 1 year − 1 day is its last day (A161).
#[must_use]
pub fn is_exact_year(period: Period) -> bool {
    period.start().checked_add_months(Months::new(12)) == Some(period.end())
}

/// True when the last day of the period is the last day of a month.
#[must_use]
pub fn ends_with_month(period: Period) -> bool {
    first_of_month(period.end()) == period.end()
}

/// Checks the period of an extra line against the main subscription's current period.
///
/// Without a main subscription only the end of month counts. An empty list allows the line.
#[must_use]
pub fn check_extra(line: Period, main: Option<Period>) -> Vec<PeriodViolation> {
    // A main service that itself runs from anniversary to anniversary ends inside a month;
    // what is billed together with it ends with it.
    if is_exact_year(line) || main.is_some_and(|main| main.end() == line.end()) {
        return Vec::new();
    }
    let last = line.last();
    if let Some(main) = main {
        let offered = main.last();
        return vec![PeriodViolation { rule: PeriodRule::EndDiffersFromMain, last, offered }];
    }
    if ends_with_month(line) {
        return Vec::new();
    }
    let offered = types::period::next_month(last).pred_opt().unwrap_or(last);
    vec![PeriodViolation { rule: PeriodRule::EndInsideMonth, last, offered }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cycles::tests::{day, period};

    /// A159, A160, A161, G8: release is blocked and 31.07.2019 offered; a year is allowed.
    #[test]
    fn g8_extra_line_ends_with_the_main_service() {
        let main = period("2019-02-01", "2019-07-31");
        let wrong = check_extra(period("2019-03-04", "2019-06-30"), Some(main));
        assert_eq!(wrong.len(), 1);
        assert_eq!(wrong[0].rule, PeriodRule::EndDiffersFromMain);
        assert_eq!(wrong[0].offered, day("2019-07-31"));
        assert!(wrong[0].text().ru.contains("31.07.2019"));
        assert_eq!(check_extra(period("2019-03-04", "2019-07-31"), Some(main)), []);
        assert_eq!(check_extra(period("2019-03-10", "2020-03-09"), Some(main)), [], "exact year");
        let longer = check_extra(period("2019-03-10", "2020-03-10"), Some(main));
        assert_eq!(longer[0].rule, PeriodRule::EndDiffersFromMain);
    }

    #[test]
    fn without_a_main_service_the_end_of_month_counts() {
        assert_eq!(check_extra(period("2019-02-08", "2019-02-28"), None), []);
        let inside = check_extra(period("2020-02-08", "2020-02-28"), None);
        assert_eq!(inside[0].rule, PeriodRule::EndInsideMonth);
        assert_eq!(inside[0].offered, day("2020-02-29"), "leap year");
    }

    #[test]
    fn exact_year_over_leap_days() {
        assert!(is_exact_year(period("2019-03-10", "2020-03-09")));
        assert!(is_exact_year(period("2020-02-29", "2021-02-27")));
        assert!(is_exact_year(period("2019-03-01", "2020-02-29")));
        assert!(!is_exact_year(period("2019-03-01", "2020-02-28")));
    }
}
