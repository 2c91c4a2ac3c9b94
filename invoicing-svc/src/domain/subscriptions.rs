//! Subscriptions: what a client has, at which price, on which grid of periods, and how far it is
//! billed and paid.

use crate::domain::{
    codes::codes,
    cycles::{Cycle, Schedule},
    tax::PriceTax,
};
use chrono::NaiveDate;
use types::{
    Money, Period,
    id::{ClientId, ContractId, LegalEntityId, PriceId, ProductId, SubscriptionId},
};

codes! {
    /// What a subscription is doing.
    SubscriptionState {
        /// Ordered, not yet working.
        Pending = "PENDING",
        /// Working.
        Active = "ACTIVE",
        /// Stopped by dunning or by staff; not renewed.
        Suspended = "SUSPENDED",
        /// Over.
        Terminated = "TERMINATED",
    }
}

/// The price that a subscription pays: a version of the catalogue, pinned, or an override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceTerm {
    /// The catalogue's version, or none when staff set the price (A175).
    pub price: Option<PriceId>,
    /// For one unit and one cycle.
    pub unit_price: Money,
    /// The cycle that the price is for.
    pub cycle: Cycle,
    /// Whether tax is inside.
    pub tax: PriceTax,
    /// Day whose tax rate the price was made with.
    pub since: NaiveDate,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Identity.
    pub id: SubscriptionId,
    /// Whose.
    pub client: ClientId,
    /// Who pays.
    pub legal_entity: LegalEntityId,
    /// Under which contract.
    pub contract: ContractId,
    /// What.
    pub product: ProductId,
    /// At which price.
    pub price: PriceTerm,
    /// How many units.
    pub quantity: u32,
    /// Its grid of billing periods; none for free products.
    pub schedule: Option<Schedule>,
    /// First day.
    pub start: NaiveDate,
    /// Day after the last, once it is set to end.
    pub end: Option<NaiveDate>,
    /// The main subscription whose periods it shares (A159).
    pub main: Option<SubscriptionId>,
    /// Service code of its group, for series that count per code.
    pub service_code: Option<String>,
    /// Free text of the order's period field (A172).
    pub period_text: Option<String>,
    /// Domain, where the product has one.
    pub domain: Option<String>,
    /// First day not billed yet; moves when an invoice is made.
    pub billed_through: NaiveDate,
    /// First day not paid yet, the screen's "next due"; moves when an invoice is paid.
    pub paid_through: NaiveDate,
    /// State.
    pub state: SubscriptionState,
}

/// The state does not allow the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a subscription that is {state} cannot {verb}")]
pub struct SubscriptionStateError {
    /// State it is in.
    pub state: SubscriptionState,
    /// What was asked.
    pub verb: &'static str,
}

impl Subscription {
    /// Starts to work. A subscription that works already stays as it is.
    ///
    /// # Errors
    /// [`SubscriptionStateError`] when suspended or terminated.
    pub fn activate(self) -> Result<Self, SubscriptionStateError> {
        self.step(
            "activate",
            &[SubscriptionState::Pending, SubscriptionState::Active],
            SubscriptionState::Active,
        )
    }

    /// Stops for want of payment.
    ///
    /// # Errors
    /// [`SubscriptionStateError`] unless active.
    pub fn suspend(self) -> Result<Self, SubscriptionStateError> {
        self.step("be suspended", &[SubscriptionState::Active], SubscriptionState::Suspended)
    }

    /// Works again.
    ///
    /// # Errors
    /// [`SubscriptionStateError`] unless suspended.
    pub fn resume(self) -> Result<Self, SubscriptionStateError> {
        self.step("resume", &[SubscriptionState::Suspended], SubscriptionState::Active)
    }

    /// Something can still be said of when it may be suspended (A145).
    ///
    /// # Errors
    /// [`SubscriptionStateError`] when it has ended.
    pub fn protect(&self) -> Result<(), SubscriptionStateError> {
        match self.state {
            SubscriptionState::Terminated => {
                Err(SubscriptionStateError { state: self.state, verb: "be protected" })
            }
            _ => Ok(()),
        }
    }

    /// Ends on a day, the first on which it no longer works.
    ///
    /// # Errors
    /// [`SubscriptionStateError`] when it has ended already.
    pub fn terminate(self, end: NaiveDate) -> Result<Self, SubscriptionStateError> {
        use SubscriptionState as S;
        let ended = self.step("end", &[S::Pending, S::Active, S::Suspended], S::Terminated)?;
        Ok(Self { end: Some(end.max(ended.start)), ..ended })
    }

    /// Moves what is paid forward; never back.
    #[must_use]
    pub fn paid_to(self, through: NaiveDate) -> Self {
        Self { paid_through: self.paid_through.max(through), ..self }
    }

    /// The whole billing period that holds a day.
    #[must_use]
    pub fn period_of(&self, day: NaiveDate) -> Option<Period> {
        self.schedule?.containing(day)
    }

    /// The whole period that lines of the subscription must end with: the main subscription's
    /// (A159), but its own where it keeps a grid of its own ("exactly one year", A161).
    #[must_use]
    pub fn period_with(&self, main: Option<&Self>, day: NaiveDate) -> Option<Period> {
        main.filter(|main| main.schedule == self.schedule).unwrap_or(self).period_of(day)
    }

    fn step(
        self,
        verb: &'static str,
        from: &[SubscriptionState],
        to: SubscriptionState,
    ) -> Result<Self, SubscriptionStateError> {
        if from.contains(&self.state) {
            return Ok(Self { state: to, ..self });
        }
        Err(SubscriptionStateError { state: self.state, verb })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::{
        contracts::Contract,
        cycles::tests::day,
        products::{PriceVersion, Product},
    };

    /// A subscription on the calendar grid from `start`, billed by `months`.
    pub(crate) fn subscription(
        contract: &Contract,
        product: &Product,
        price: &PriceVersion,
        start: &str,
        months: u32,
    ) -> Subscription {
        Subscription {
            id: SubscriptionId::generate(),
            client: contract.client,
            legal_entity: contract.legal_entity,
            contract: contract.id,
            product: product.id,
            price: PriceTerm {
                price: Some(price.id),
                unit_price: price.amount,
                cycle: price.cycle,
                tax: price.tax,
                since: price.effective,
            },
            quantity: 1,
            schedule: Some(Schedule::calendar(day(start), months).unwrap()),
            start: day(start),
            end: None,
            main: None,
            service_code: None,
            period_text: None,
            domain: None,
            billed_through: day(start),
            paid_through: day(start),
            state: SubscriptionState::Active,
        }
    }

    /// A159, A161: an extra service ends with the main one; one bought for a year keeps its year,
    /// and so does what is added to it.
    #[test]
    fn what_lines_must_end_with() {
        use crate::domain::{cycles::tests::period, fixtures::World};
        use rust_decimal_macros::dec;
        let w = World::new(12, dec!(900));
        let main = w.subscription("2019-02-01", 6, 5);
        let extra = w.subscription("2019-02-01", 6, 1);
        let year = w.anniversary("2019-03-10", 12, 1);
        let on = day("2019-06-10");
        let half_year = Some(period("2019-02-01", "2019-07-31"));
        assert_eq!(extra.period_with(Some(&main), on), half_year);
        let own = Some(period("2019-03-10", "2020-03-09"));
        assert_eq!(year.period_with(Some(&main), on), own);
        assert_eq!(year.period_with(None, on), own);
    }

    #[test]
    fn states() {
        use crate::domain::{
            contracts::tests::contract,
            products::tests::{price, user_product},
        };
        use rust_decimal_macros::dec;
        let seller = types::id::SellerId::generate();
        let (c, p) = (contract(seller), user_product(seller));
        let s = subscription(&c, &p, &price(p.id, 1, dec!(800)), "2019-02-01", 6);
        let s = Subscription { state: SubscriptionState::Pending, ..s };
        assert!(s.clone().suspend().is_err() && s.clone().resume().is_err());
        let s = s.activate().unwrap().activate().unwrap().suspend().unwrap();
        assert_eq!(s.clone().activate().unwrap_err().state, SubscriptionState::Suspended);
        let s = s.resume().unwrap().terminate(day("2019-01-01")).unwrap();
        assert_eq!(s.end, Some(day("2019-02-01")), "not before it began");
        assert!(s.clone().terminate(day("2020-01-01")).is_err());
    }
}
