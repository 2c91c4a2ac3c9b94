//! Builders for tests of the rules.

use crate::domain::{
    changes::BilledLine,
    contracts::{Contract, tests::contract},
    cycles::{Schedule, tests::day},
    lines::Line,
    pricing::TaxTerms,
    products::{
        PriceVersion, Product,
        tests::{price, user_product},
    },
    renewals,
    sellers::RegimeHistory,
    subscriptions::{Subscription, tests::subscription},
    tax::{Buyer, TaxGround, TaxRegime},
};
use rust_decimal::Decimal;
use types::{
    Money, Period,
    id::{InvoiceLineId, SellerId},
};

/// A seller on the general system with a contract, a product and a price.
pub(crate) struct World {
    pub(crate) contract: Contract,
    pub(crate) product: Product,
    pub(crate) price: PriceVersion,
    pub(crate) regimes: RegimeHistory,
}

impl World {
    pub(crate) fn new(months: u32, amount: Decimal) -> Self {
        let seller = SellerId::generate();
        let product = user_product(seller);
        Self {
            contract: contract(seller),
            price: price(product.id, months, amount),
            product,
            regimes: RegimeHistory::new(vec![(day("2018-01-01"), TaxRegime::General)]).unwrap(),
        }
    }

    pub(crate) fn tax(&self) -> TaxTerms<'_> {
        let (ground, buyer) = (TaxGround::Standard, Buyer::RUSSIAN_COMPANY);
        TaxTerms { regimes: &self.regimes, ground, buyer }
    }

    /// An active subscription on the calendar grid.
    pub(crate) fn subscription(&self, start: &str, months: u32, quantity: u32) -> Subscription {
        let s = subscription(&self.contract, &self.product, &self.price, start, months);
        Subscription { quantity, ..s }
    }

    /// The same on the grid of its own start.
    pub(crate) fn anniversary(&self, start: &str, months: u32, quantity: u32) -> Subscription {
        let schedule = Some(Schedule::anniversary(day(start), months).unwrap());
        Subscription { schedule, ..self.subscription(start, months, quantity) }
    }

    /// On the grid of its own start, or on that of calendar months.
    pub(crate) fn aligned(&self, anniversary: bool, start: &str, months: u32) -> Subscription {
        if anniversary {
            self.anniversary(start, months, 3)
        } else {
            self.subscription(start, months, 3)
        }
    }

    pub(crate) fn line(&self, subscription: &Subscription, period: Period) -> Line {
        let id = InvoiceLineId::generate();
        renewals::line(id, subscription, &self.product, period, self.tax()).unwrap()
    }

    /// A standing line that bills a period of the subscription.
    pub(crate) fn billed(&self, subscription: &Subscription, period: Period) -> BilledLine {
        billed(self.line(subscription, period), 0)
    }
}

pub(crate) fn billed(line: Line, order: i64) -> BilledLine {
    let credited = Money::zero(line.amounts.gross.currency());
    BilledLine { line, order, credited, credited_units: 0 }
}
