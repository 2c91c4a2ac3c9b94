//! Suspensions: since when a subscription is stopped, why, and which of those days nobody owes.

use crate::domain::covered::unclaimed;
use chrono::NaiveDate;
use types::{
    Bilingual, Period,
    id::{ClientId, SubscriptionId, SuspensionId},
};

/// A subscription that is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Identity.
    pub id: SuspensionId,
    /// What is stopped.
    pub subscription: SubscriptionId,
    /// Whose.
    pub client: ClientId,
    /// First day without service.
    pub first_day: NaiveDate,
    /// Why, in the words of whoever stopped it.
    pub reason: String,
    /// Who stopped it.
    pub actor: String,
}

impl Suspension {
    /// The days until `resumed` that nothing bills: they are skipped, not billed later. What was
    /// billed before stays billed; `claimed` are the subscription's standing claims.
    #[must_use]
    pub fn skipped(&self, resumed: NaiveDate, claimed: &[Period]) -> Vec<Period> {
        let days = Period::new(self.first_day, resumed).ok();
        days.map(|days| unclaimed(days, claimed)).unwrap_or_default()
    }
}

/// What is said against suspending a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wishes {
    /// Services of the client are not to be suspended (A57).
    pub never: bool,
    /// The first day on which this one may be (A145).
    pub until: Option<NaiveDate>,
}

/// A subscription is not to be suspended today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unwanted {
    /// The client's never are.
    #[error("services of this client are not to be suspended; say so if it must be, all the same")]
    Never,
    /// Not before a day.
    #[error("the service is not to be suspended before {0}; say so if it must be, all the same")]
    Until(NaiveDate),
}

impl Bilingual for Unwanted {
    fn ru(&self) -> String {
        match self {
            Self::Never => {
                "У этого клиента услуги не приостанавливают. Если всё же нужно, подтвердите.".into()
            }
            Self::Until(day) => format!(
                "Эту услугу не приостанавливают до {}. Если всё же нужно, подтвердите.",
                day.format("%d.%m.%Y")
            ),
        }
    }
}

impl Wishes {
    /// Whether it may be suspended on a day.
    ///
    /// # Errors
    /// [`Unwanted`] says why not.
    pub fn permit(self, today: NaiveDate) -> Result<(), Unwanted> {
        match self {
            Self { never: true, .. } => Err(Unwanted::Never),
            Self { until: Some(day), .. } if today < day => Err(Unwanted::Until(day)),
            Self { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        covered::covered,
        cycles::tests::{day, period},
    };
    use proptest::prelude::*;

    fn stopped(first_day: NaiveDate) -> Suspension {
        Suspension {
            id: SuspensionId::generate(),
            subscription: SubscriptionId::generate(),
            client: ClientId::generate(),
            first_day,
            reason: "Не оплачен счёт".into(),
            actor: "staff/1".into(),
        }
    }

    /// A142: what was billed ahead stays; of the rest only the days without service are skipped.
    #[test]
    fn only_what_nothing_bills_is_skipped() {
        let stopped = stopped(day("2019-03-10"));
        let march = period("2019-03-01", "2019-03-31");
        assert_eq!(stopped.skipped(day("2019-03-20"), &[march]), [], "billed already");
        let april = period("2019-04-01", "2019-04-14");
        assert_eq!(stopped.skipped(day("2019-04-15"), &[march]), [april]);
        let postpaid = period("2019-03-10", "2019-03-19");
        assert_eq!(stopped.skipped(day("2019-03-20"), &[]), [postpaid], "nine days are owed");
        assert_eq!(stopped.skipped(day("2019-03-10"), &[]), [], "the same day");
    }

    /// A57, A145: the client's word counts for every day, the service's until its day.
    #[test]
    fn wishes_hold_until_their_day() {
        let today = day("2018-08-09");
        let until = |text: &str| Wishes { never: false, until: Some(day(text)) };
        assert_eq!(until("2018-08-10").permit(today), Err(Unwanted::Until(day("2018-08-10"))));
        assert_eq!(until("2018-08-09").permit(today), Ok(()));
        let never = Wishes { never: true, until: None };
        assert_eq!(never.permit(today), Err(Unwanted::Never));
        assert_eq!(Wishes { never: false, until: None }.permit(today), Ok(()));
    }

    proptest! {
        /// Nothing before the day of resumption is left open that was stopped, nothing is twice.
        #[test]
        fn skipped_and_claimed_cover_the_suspension(
            claims in prop::collection::vec((0i64..90, 1i64..40), 0..5),
            days in 1i64..90,
        ) {
            let start = day("2019-01-01");
            let claims: Vec<Period> = claims
                .into_iter()
                .map(|(from, days)| {
                    let from = start + chrono::TimeDelta::days(from);
                    Period::new(from, from + chrono::TimeDelta::days(days)).unwrap()
                })
                .collect();
            let resumed = start + chrono::TimeDelta::days(days);
            let skipped = stopped(start).skipped(resumed, &claims);
            for part in &skipped {
                prop_assert!(claims.iter().all(|claim| claim.intersect(*part).is_none()));
            }
            let all: Vec<Period> = claims.into_iter().chain(skipped).collect();
            prop_assert!(covered(start, &all) >= resumed);
        }
    }
}
