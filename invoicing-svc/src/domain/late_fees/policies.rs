//! Terms of late fees: which days of a debt are charged, at which rate.

use super::ChargedDays;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use types::{
    Bilingual, Period,
    id::{LateFeePolicyId, SellerId},
};

/// What a day costs, and how much all of them may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Of which policy.
    pub policy: LateFeePolicyId,
    /// Percent of the debt a day.
    pub daily_percent: Decimal,
    /// Most that is charged, percent of what the invoice asks for.
    pub cap_percent: Decimal,
}

/// From when on, and how, a seller charges for delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateFeePolicy {
    /// Whose contracts.
    pub seller: SellerId,
    /// What is charged.
    pub terms: Terms,
    /// Days that an invoice may be overdue before any is charged.
    pub grace_days: u32,
    /// First day that may be charged.
    pub from: NaiveDate,
    /// First day that is not charged any more; none while no end is known.
    pub until: Option<NaiveDate>,
}

/// Why a policy cannot begin or end so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Days that are over are not charged afterwards.
    #[error("{0} is over: nobody is charged afterwards")]
    Past(NaiveDate),
    /// It ends before it begins.
    #[error("it begins on {0}: it cannot end before that")]
    BeforeStart(NaiveDate),
    /// It has ended already.
    #[error("it ended on {0} already")]
    Ended(NaiveDate),
}

impl Bilingual for PolicyError {
    fn ru(&self) -> String {
        let printed = |day: &NaiveDate| day.format("%d.%m.%Y").to_string();
        match self {
            Self::Past(day) => format!("{} уже прошло: задним числом не начисляют.", printed(day)),
            Self::BeforeStart(day) => {
                format!("Правило начинается {}: раньше закончить нельзя.", printed(day))
            }
            Self::Ended(day) => format!("Правило уже закончилось {}.", printed(day)),
        }
    }
}

impl LateFeePolicy {
    /// Checks a new one.
    ///
    /// # Errors
    /// [`PolicyError::Past`] for one that begins before today.
    pub fn check(&self, today: NaiveDate) -> Result<(), PolicyError> {
        if self.from < today { Err(PolicyError::Past(self.from)) } else { Ok(()) }
    }

    /// Ends it; on its own first day it never begins. An end that is still to come may be moved.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn end(self, until: NaiveDate, today: NaiveDate) -> Result<Self, PolicyError> {
        if let Some(ended) = self.until.filter(|ended| *ended <= today) {
            return Err(PolicyError::Ended(ended));
        }
        if until < self.from {
            return Err(PolicyError::BeforeStart(self.from));
        }
        if until < today {
            return Err(PolicyError::Past(until));
        }
        Ok(Self { until: Some(until), ..self })
    }

    /// Days of a window that it charges of a debt that is overdue from a day on.
    fn charges(&self, first_overdue: NaiveDate, window: Period) -> Option<ChargedDays> {
        let own = Period::new(self.from, self.until.unwrap_or(NaiveDate::MAX)).ok()?;
        let grace = Days::new(u64::from(self.grace_days));
        let late = first_overdue.checked_add_days(grace)?;
        let late = Period::new(late, NaiveDate::MAX).ok()?;
        let days = own.intersect(late)?.intersect(window)?;
        Some(ChargedDays { terms: self.terms, days })
    }
}

/// The days of a window that a seller's policies charge of a debt that is overdue from a day on, in
/// order; the policies do not overlap.
#[must_use]
pub fn to_charge(
    policies: &[LateFeePolicy],
    first_overdue: NaiveDate,
    window: Period,
) -> Vec<ChargedDays> {
    let mut charged: Vec<ChargedDays> =
        policies.iter().filter_map(|policy| policy.charges(first_overdue, window)).collect();
    charged.sort_by_key(|days| days.days.start());
    charged
}
