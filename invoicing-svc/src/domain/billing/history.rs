//! What the engine is told: catalogue versions, contracts, subscriptions and what happened to them.

use crate::domain::{
    codes::codes,
    cycles::Cycle,
    discounts::Discount,
    pricing::PricingError,
    proration::Convention,
    sellers::RegimeHistory,
    tax::{Buyer, PriceTax, TaxGround},
};
use chrono::NaiveDate;
use types::{Money, Period, money::MoneyError};

codes! {
    /// When a period is billed.
    Timing {
        /// Before it: lead days ahead.
        Advance = "ADVANCE",
        /// Once it is over; what was billed is never credited.
        Arrears = "ARREARS",
    }
}

/// A legal entity that sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// Its name here.
    pub id: String,
    /// Its regimes through time.
    pub regimes: RegimeHistory,
}

/// A product, or an option of one, with its prices by date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its code.
    pub code: String,
    /// Who sells it; lines of several sellers go to several invoices (A182).
    pub seller: usize,
    /// Products of one family exclude each other (A133).
    pub family: Option<String>,
    /// Tax ground.
    pub ground: TaxGround,
    /// Code by which accounting knows it.
    pub accounting_code: Option<String>,
    /// Units of the resource in one that is sold: 5 for disk sold by packs of 5 GB (A187).
    pub pack: u32,
    /// Prices by cycle and first day.
    pub prices: Vec<Price>,
}

impl Product {
    /// Units to sell for so much of the resource: whole packs only (A184, A187).
    ///
    /// # Errors
    /// [`BillingError::Packs`] with what whole packs would make.
    pub fn packs(&self, resource: u32) -> Result<u32, BillingError> {
        let pack = self.pack.max(1);
        if resource.is_multiple_of(pack) {
            return Ok(resource / pack);
        }
        let offered = resource.div_ceil(pack).saturating_mul(pack);
        Err(BillingError::Packs { product: self.code.clone(), pack, resource, offered })
    }
}

/// A version of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// First day on which it is offered.
    pub effective: NaiveDate,
    /// Cycle that it is sold by.
    pub cycle: Cycle,
    /// Price of one unit for [`Price::months`].
    pub amount: Money,
    /// Months that the amount is for: those of the cycle, or 1 where the list names a monthly one.
    pub months: u32,
    /// Whether tax is inside.
    pub tax: PriceTax,
    /// How parts of a cycle are counted.
    pub convention: Convention,
    /// Discount for taking the cycle.
    pub discount: Discount,
    /// Charged once when the subscription starts.
    pub setup: Option<Money>,
    /// When a period is billed.
    pub timing: Timing,
}

/// A contract: who pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Its name here.
    pub id: String,
    /// The buyer, as far as tax cares.
    pub buyer: Buyer,
    /// Days on which the buyer is exempt from VAT.
    pub exempt: Vec<Period>,
}

/// A price that a person set instead of the catalogue's (A175).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Price of one unit for [`Override::months`].
    pub amount: Money,
    /// Months that the amount is for.
    pub months: u32,
    /// Why.
    pub reason: String,
}

/// A subscription as it was ordered, and what happened to it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its name here.
    pub id: String,
    /// Product.
    pub product: usize,
    /// Contract.
    pub contract: usize,
    /// Units sold, the TOTAL.
    pub quantity: u32,
    /// Options with their units.
    pub options: Vec<(usize, u32)>,
    /// Cycle.
    pub cycle: Cycle,
    /// Day of the month on which periods start, 1–31, unclamped; none is that of [`Self::start`]
    /// ("exactly one year", A161).
    pub anchor: Option<u32>,
    /// The main subscription whose periods it shares (A159).
    pub main: Option<usize>,
    /// First day.
    pub start: NaiveDate,
    /// A price set by a person.
    pub price: Option<Override>,
    /// A discount in place of the cycle's.
    pub discount: Option<Discount>,
    /// What happened, in any order.
    pub events: Vec<Event>,
    /// What a store keeps of it.
    pub kept: Kept,
}

/// What a store keeps of a subscription that start and catalogue do not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Month of the first boundary of its grid; none for that of the start.
    pub origin: Option<NaiveDate>,
    /// The version that it pays until product or cycle change; none for the one in force on the
    /// first day.
    pub price: Option<Price>,
    /// Days that are settled: what is billed of them stands, and nobody owes more or less.
    pub settled: Vec<Period>,
}

/// Something that happened to a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The day from which it holds.
    pub on: NaiveDate,
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// Another contract (and payer) from that day on.
    Transfer(usize),
    /// Another product.
    Product(usize),
    /// Another cycle: its price at once, its periods from the next boundary on.
    Cycle(u32),
    /// A price set by a person, or the catalogue's again.
    Price(Option<Override>),
    /// A discount in place of the cycle's, or the cycle's again.
    Discount(Option<Discount>),
    /// The new TOTAL of units.
    Quantity(u32),
    /// The new TOTAL of an option.
    Option(usize, u32),
    /// Not working from that day on.
    Suspend,
    /// Working again.
    Resume,
    /// The first day on which it is over.
    End,
}

impl Happened {
    /// Order of events of one day: what they set is independent, so that the order in which they
    /// were recorded does not matter.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Transfer(_) => 0,
            Self::Product(_) => 1,
            Self::Cycle(_) => 2,
            Self::Price(_) => 3,
            Self::Discount(_) => 4,
            Self::Quantity(_) => 5,
            Self::Option(..) => 6,
            Self::Suspend => 7,
            Self::Resume => 8,
            Self::End => 9,
        }
    }
}

/// Everything that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Sellers.
    pub sellers: Vec<Seller>,
    /// Catalogue.
    pub products: Vec<Product>,
    /// Contracts.
    pub contracts: Vec<Contract>,
    /// Subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Days before its period that a renewal is billed.
    pub lead_days: u32,
}

/// Why it cannot be told what should have been billed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BillingError {
    /// The catalogue has no price.
    #[error("{product} has no price for the cycle {cycle} on {day}")]
    NoPrice {
        /// Code of the product.
        product: String,
        /// Cycle.
        cycle: Cycle,
        /// Day.
        day: NaiveDate,
    },
    /// Not a whole number of packs.
    #[error("{product} is sold by {pack}; {resource} is no multiple of it, {offered} is")]
    Packs {
        /// Code of the product.
        product: String,
        /// Units of the resource in one pack.
        pack: u32,
        /// As asked.
        resource: u32,
        /// The next whole number of packs.
        offered: u32,
    },
    /// Numbers that make no grid.
    #[error("{subscription}: an anchor of 1 to 31 and a cycle of 1 to 120 months are expected")]
    Grid {
        /// The subscription.
        subscription: String,
    },
    /// A subscription that shares the periods of one that has none, or of itself.
    #[error("{subscription}: its main subscription has no periods of its own")]
    Main {
        /// The subscription.
        subscription: String,
    },
    /// Too far behind.
    #[error("{subscription}: more than {max} periods; check its start and the date")]
    TooMany {
        /// The subscription.
        subscription: String,
        /// Most periods.
        max: usize,
    },
    /// The price.
    #[error(transparent)]
    Pricing(#[from] PricingError),
    /// The amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
