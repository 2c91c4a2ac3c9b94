//! Clients who are not charged VAT, by month (A93).
//!
//! An exemption holds for days, like a regime of a seller: what a line charges is decided by the
//! exemption in force on the days that it is for, when the line is made. What was billed stands.

use chrono::{Datelike, NaiveDate};
use types::{
    Period,
    id::{ClientId, TaxExemptionId},
};

/// An exemption of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxExemption {
    /// Identity.
    pub id: TaxExemptionId,
    /// Whose.
    pub client: ClientId,
    /// First day.
    pub from: NaiveDate,
    /// First day without it; none while no end is known.
    pub until: Option<NaiveDate>,
    /// The document that it rests on.
    pub basis: String,
}

/// Why an exemption cannot begin or end so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExemptionError {
    /// Acts are of whole months, and are charged one tax each.
    #[error("the first day of a month is expected; got {0}")]
    InsideMonth(NaiveDate),
    /// Months that are over have their acts.
    #[error("{0} is in a month that is over")]
    Past(NaiveDate),
    /// It ends before it begins.
    #[error("it begins on {0}: it cannot end before that")]
    BeforeStart(NaiveDate),
    /// It has ended already.
    #[error("it ended on {0} already")]
    Ended(NaiveDate),
}

impl TaxExemption {
    /// The days that it holds for; none for one that never began.
    #[must_use]
    pub fn days(&self) -> Option<Period> {
        Period::new(self.from, self.until.unwrap_or(NaiveDate::MAX)).ok()
    }

    /// Checks a new one.
    ///
    /// # Errors
    /// [`ExemptionError`] unless it begins with a month that is not over.
    pub fn check(&self, today: NaiveDate) -> Result<(), ExemptionError> {
        boundary(self.from, today)
    }

    /// Ends it; on its own first day it never begins. An end that is still to come may be moved.
    ///
    /// # Errors
    /// [`ExemptionError`].
    pub fn end(self, until: NaiveDate, today: NaiveDate) -> Result<Self, ExemptionError> {
        if let Some(ended) = self.until.filter(|ended| *ended <= today) {
            return Err(ExemptionError::Ended(ended));
        }
        boundary(until, today)?;
        if until < self.from {
            return Err(ExemptionError::BeforeStart(self.from));
        }
        Ok(Self { until: Some(until), ..self })
    }
}

fn boundary(day: NaiveDate, today: NaiveDate) -> Result<(), ExemptionError> {
    if day.day() != 1 {
        return Err(ExemptionError::InsideMonth(day));
    }
    if day < today.with_day(1).unwrap_or(today) {
        return Err(ExemptionError::Past(day));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cycles::tests::{day, period};

    fn exemption(from: &str) -> TaxExemption {
        TaxExemption {
            id: TaxExemptionId::generate(),
            client: ClientId::generate(),
            from: day(from),
            until: None,
            basis: "Письмо МИД".into(),
        }
    }

    #[test]
    fn it_begins_with_a_month_that_is_not_over() {
        let today = day("2026-12-15");
        let checked = |from| exemption(from).check(today);
        assert_eq!(checked("2026-12-01"), Ok(()));
        assert_eq!(checked("2027-03-01"), Ok(()));
        assert_eq!(checked("2026-12-02"), Err(ExemptionError::InsideMonth(day("2026-12-02"))));
        assert_eq!(checked("2026-11-01"), Err(ExemptionError::Past(day("2026-11-01"))));
    }

    #[test]
    fn it_ends_once_and_not_before_it_begins() {
        let today = day("2026-12-15");
        let end = |until| exemption("2026-10-01").end(day(until), today);
        let ended = end("2027-02-01").unwrap();
        assert_eq!(ended.days(), Some(period("2026-10-01", "2027-01-31")));
        assert!(ended.clone().end(day("2027-01-01"), today).is_ok(), "what is to come is moved");
        let late = ended.end(day("2027-04-01"), day("2027-02-01"));
        assert_eq!(late, Err(ExemptionError::Ended(day("2027-02-01"))));
        assert_eq!(end("2026-11-01"), Err(ExemptionError::Past(day("2026-11-01"))));
        let future = exemption("2027-03-01");
        let before = future.clone().end(day("2027-02-01"), today);
        assert_eq!(before, Err(ExemptionError::BeforeStart(day("2027-03-01"))));
        let never = future.end(day("2027-03-01"), today).unwrap();
        assert_eq!(never.days(), None, "it never began");
        assert_eq!(exemption("2026-10-01").days().map(|days| days.end()), Some(NaiveDate::MAX));
    }
}
