//! Builders for tests of the rules.

use crate::domain::{
    billing::{
        begun_of,
        book::{self, Book, Step, Stored},
        history::Timing,
    },
    changes::QuantityChange,
    contracts::{Contract, tests::contract},
    cycles::{Schedule, tests::day},
    lines::{Line, LineKind},
    pricing::TaxTerms,
    products::{
        PriceVersion, Product,
        tests::{price, user_product},
    },
    sellers::RegimeHistory,
    subscriptions::{Subscription, tests::subscription},
    tax::{Buyer, TaxGround, TaxRegime},
};
use rust_decimal::Decimal;
use types::{
    Period,
    id::{ChangeId, InvoiceLineId, SellerId},
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
        TaxTerms { regimes: &self.regimes, ground, buyer, exempt: &[] }
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

    /// The subscription as the engine takes it, with these days settled.
    pub(crate) fn stored<'a>(&'a self, s: &'a Subscription, settled: Vec<Period>) -> Stored<'a> {
        Stored {
            subscription: s,
            product: &self.product,
            convention: self.product.convention,
            reason: "",
            timing: Timing::Advance,
            tax: self.tax(),
            steps: &[],
            suspended: None,
            settled,
        }
    }

    /// A standing line that bills a period of the subscription.
    pub(crate) fn line(&self, subscription: &Subscription, period: Period) -> Line {
        let mut book = Book::default();
        let settled = book::outside(subscription.start, &[period]);
        book.add(self.stored(subscription, settled));
        let ids = &mut InvoiceLineId::generate;
        let made = begun_of(&book.history, 0, (period.end(), 0), ids).unwrap();
        let line = book::written(made[0].clone(), LineKind::Period, &self.product);
        Line { subscription: Some(subscription.id), ..line }
    }

    /// A change of quantity after these steps.
    pub(crate) fn change<'a>(
        &'a self,
        subscription: &'a Subscription,
        (billed, steps): (&'a [Line], &'a [Step]),
        quantity: u32,
        on: &str,
    ) -> QuantityChange<'a> {
        QuantityChange {
            id: ChangeId::generate(),
            subscription,
            product: &self.product,
            convention: self.product.convention,
            reason: "",
            quantity,
            day: day(on),
            steps,
            billed,
            tax: self.tax(),
        }
    }
}
