//! The file of a history: docs/bill-plan.md says what each field means.

mod convert;

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use invoicing_svc::domain::{
    billing::history::{Contract, Event, History, Kept, Product, Seller, Subscription, Timing},
    cycles::Cycle,
    discounts::Discount,
    proration::Convention,
    sellers::RegimeHistory,
    tax::{Buyer, BuyerKind, PriceTax, TaxGround, TaxRegime},
};
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;
use types::Currency;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    currency: Option<String>,
    #[serde(default = "twenty")]
    lead_days: u32,
    #[serde(default)]
    sellers: Vec<FileSeller>,
    #[serde(default)]
    contracts: Vec<FileContract>,
    products: Vec<FileProduct>,
    subscriptions: Vec<FileSubscription>,
    #[serde(default)]
    pub(super) billed: Vec<super::billed::FileLine>,
}

const fn twenty() -> u32 {
    20
}

const fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSeller {
    id: String,
    regimes: Vec<FileRegime>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRegime {
    from: NaiveDate,
    regime: TaxRegime,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileContract {
    id: String,
    #[serde(default)]
    buyer: Option<BuyerKind>,
    #[serde(default)]
    country: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileProduct {
    code: String,
    #[serde(default)]
    seller: Option<String>,
    #[serde(default)]
    family: Option<String>,
    #[serde(default)]
    ground: Option<TaxGround>,
    #[serde(default)]
    accounting_code: Option<String>,
    #[serde(default = "one")]
    pack: u32,
    prices: Vec<FilePrice>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePrice {
    from: NaiveDate,
    cycle: CycleText,
    amount: Decimal,
    #[serde(default)]
    months: Option<u32>,
    #[serde(default)]
    tax: Option<PriceTax>,
    #[serde(default)]
    convention: Option<Convention>,
    #[serde(default)]
    discount: Option<Discount>,
    #[serde(default)]
    setup: Option<Decimal>,
    #[serde(default)]
    timing: Option<Timing>,
}

/// A cycle: months as a number, or `ONCE`, `FREE`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum CycleText {
    Months(u32),
    Text(String),
}

impl CycleText {
    fn cycle(&self) -> Result<Cycle> {
        Ok(match self {
            Self::Months(n) => Cycle::months(*n)?,
            Self::Text(text) => text.parse()?,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileOverride {
    amount: Decimal,
    #[serde(default = "one")]
    months: u32,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSubscription {
    id: String,
    product: String,
    #[serde(default)]
    contract: Option<String>,
    #[serde(default)]
    quantity: Option<u32>,
    #[serde(default)]
    resource: Option<u32>,
    #[serde(default)]
    options: BTreeMap<String, u32>,
    cycle: CycleText,
    #[serde(default = "first_of_month")]
    anchor: Anchor,
    #[serde(default)]
    main: Option<String>,
    start: NaiveDate,
    #[serde(default)]
    price: Option<FileOverride>,
    #[serde(default)]
    discount: Option<Discount>,
    #[serde(default)]
    events: Vec<FileEvent>,
}

/// Day of the month on which periods start, or `START` for the day of the start.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Anchor {
    Day(u32),
    Text(String),
}

const fn first_of_month() -> Anchor {
    Anchor::Day(1)
}

#[derive(Debug, Deserialize)]
struct FileEvent {
    on: NaiveDate,
    #[serde(flatten)]
    what: FileWhat,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "what", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
enum FileWhat {
    Quantity {
        #[serde(default)]
        quantity: Option<u32>,
        #[serde(default)]
        resource: Option<u32>,
    },
    Option {
        option: String,
        quantity: u32,
    },
    Product {
        product: String,
    },
    Cycle {
        months: u32,
    },
    Price {
        #[serde(default)]
        price: Option<FileOverride>,
    },
    Discount {
        #[serde(default)]
        discount: Option<Discount>,
    },
    Transfer {
        contract: String,
    },
    Suspend {},
    Resume {},
    End {},
}

/// Where a name stands in a list of the file.
pub(super) fn at<'a>(
    names: impl IntoIterator<Item = &'a str>,
    name: &str,
    what: &str,
) -> Result<usize> {
    let at = names.into_iter().position(|known| known == name);
    at.with_context(|| format!("{what} {name:?} is not in the file"))
}

impl File {
    pub(super) fn currency(&self) -> Result<Currency> {
        Ok(self.currency.as_deref().unwrap_or("RUB").parse()?)
    }

    /// The history that the file tells; what it leaves out is one seller on the general system and
    /// one contract of a Russian company.
    pub(super) fn history(&self, currency: Currency) -> Result<History> {
        let mut history = History {
            sellers: self.sellers()?,
            products: Vec::new(),
            contracts: self.contracts()?,
            subscriptions: Vec::new(),
            lead_days: self.lead_days,
        };
        for product in &self.products {
            let product = product
                .product(&history, currency)
                .with_context(|| format!("product {}", product.code))?;
            history.products.push(product);
        }
        for subscription in &self.subscriptions {
            let one = self
                .subscription(subscription, &history, currency)
                .with_context(|| format!("subscription {}", subscription.id))?;
            history.subscriptions.push(one);
        }
        Ok(history)
    }

    fn sellers(&self) -> Result<Vec<Seller>> {
        if self.sellers.is_empty() {
            let since = NaiveDate::from_ymd_opt(2004, 1, 1).context("a date")?;
            let regimes = RegimeHistory::new(vec![(since, TaxRegime::General)])?;
            return Ok(vec![Seller { id: "seller".into(), regimes }]);
        }
        let seller = |s: &FileSeller| -> Result<Seller> {
            let rows = s.regimes.iter().map(|r| (r.from, r.regime)).collect();
            let regimes = RegimeHistory::new(rows).with_context(|| format!("seller {}", s.id))?;
            Ok(Seller { id: s.id.clone(), regimes })
        };
        self.sellers.iter().map(seller).collect()
    }

    fn contracts(&self) -> Result<Vec<Contract>> {
        if self.contracts.is_empty() {
            let (buyer, exempt) = (Buyer::RUSSIAN_COMPANY, Vec::new());
            return Ok(vec![Contract { id: "contract".into(), buyer, exempt }]);
        }
        let contract = |c: &FileContract| -> Result<Contract> {
            let kind = c.buyer.unwrap_or(BuyerKind::Company);
            let buyer = Buyer::new(kind, c.country.as_deref().unwrap_or("RU"));
            let buyer = buyer.with_context(|| {
                format!("contract {}: country: two capital letters are expected", c.id)
            })?;
            Ok(Contract { id: c.id.clone(), buyer, exempt: Vec::new() })
        };
        self.contracts.iter().map(contract).collect()
    }

    fn subscription(
        &self,
        s: &FileSubscription,
        history: &History,
        currency: Currency,
    ) -> Result<Subscription> {
        let product = product_at(history, &s.product)?;
        let quantity = units(&history.products[product], s.quantity, s.resource)?.unwrap_or(1);
        let options: Result<Vec<(usize, u32)>> =
            s.options.iter().map(|(code, n)| Ok((product_at(history, code)?, *n))).collect();
        let main = s.main.as_deref().map(|main| {
            at(self.subscriptions.iter().map(|s| s.id.as_str()), main, "main subscription")
        });
        let anchor = match &s.anchor {
            Anchor::Day(day) => Some(*day),
            Anchor::Text(text) if text == "START" => None,
            Anchor::Text(text) => bail!("anchor: 1 to 31 or START is expected, got {text:?}"),
        };
        let events: Result<Vec<Event>> =
            s.events.iter().map(|e| e.event(history, product, currency)).collect();
        Ok(Subscription {
            id: s.id.clone(),
            product,
            contract: contract_at(history, s.contract.as_deref())?,
            quantity,
            options: options?,
            cycle: s.cycle.cycle()?,
            anchor,
            main: main.transpose()?,
            start: s.start,
            price: s.price.as_ref().map(|p| p.price(currency)).transpose()?,
            discount: s.discount,
            events: events?,
            kept: Kept::default(),
        })
    }
}

pub(super) fn product_at(history: &History, code: &str) -> Result<usize> {
    at(history.products.iter().map(|p| p.code.as_str()), code, "product")
}

pub(super) fn contract_at(history: &History, id: Option<&str>) -> Result<usize> {
    let Some(id) = id else { return Ok(0) };
    at(history.contracts.iter().map(|c| c.id.as_str()), id, "contract")
}

/// Units as told, or as many packs as make the resource (A184, A187).
fn units(product: &Product, quantity: Option<u32>, resource: Option<u32>) -> Result<Option<u32>> {
    match (quantity, resource) {
        (Some(_), Some(_)) => bail!("quantity and resource are two ways to say one thing"),
        (quantity, None) => Ok(quantity),
        (None, Some(resource)) => Ok(Some(product.packs(resource)?)),
    }
}
