//! The catalogue: products, their prices by cycle and date, and how they are fulfilled.

use crate::domain::{
    codes::codes,
    cycles::Cycle,
    proration::Convention,
    tax::{PriceTax, TaxGround},
    texts::Text,
};
use chrono::NaiveDate;
use types::{
    Currency, Money,
    id::{PriceId, ProductId, SellerId},
};

/// Most units of one line.
pub const MAX_QUANTITY: u32 = 1_000_000;

codes! {
    /// When a subscription starts to work.
    Activation {
        /// As soon as the order is accepted.
        OnAccept = "ON_ACCEPT",
        /// When its first invoice is paid (the default).
        OnPayment = "ON_PAYMENT",
    }
}

codes! {
    /// When the technicians' work order opens (A188; once per line, whatever the trigger).
    FulfilmentPolicy {
        /// When the invoice is issued: today's practice, the default.
        OnIssue = "ON_ISSUE",
        /// When the invoice is paid.
        OnPayment = "ON_PAYMENT",
    }
}

codes! {
    /// How the billing periods of a new subscription lie.
    Alignment {
        /// With calendar months: the first one is prorated to the end of a month (A160).
        Calendar = "CALENDAR",
        /// From its own start day: "exactly one year" (A161).
        Anniversary = "ANNIVERSARY",
    }
}

codes! {
    /// What sort of thing is sold.
    ProductKind {
        /// A service like any other (the default).
        Service = "SERVICE",
        /// A domain name: registered for years, and lost when nobody renews it (A20).
        Domain = "DOMAIN",
    }
}

/// What a technician is asked to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fulfilment {
    /// When the work order opens.
    pub policy: FulfilmentPolicy,
    /// The resource: subject of the ticket, as «дисковое пространство».
    pub resource: String,
    /// Units of the resource in one unit of quantity: a pack of disk is 5 GB (A187).
    pub factor: u32,
}

/// A ticket for technicians: what there was and what there must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkOrder {
    /// Subject: the resource.
    pub subject: String,
    /// Body: "Δ was-becomes".
    pub body: String,
}

impl Fulfilment {
    /// The hand-over "was → became" (A189, G32): subject is the resource, body "Δ 5-10".
    #[must_use]
    pub fn work_order(&self, before: u32, after: u32) -> WorkOrder {
        let units = |quantity: u32| u64::from(quantity) * u64::from(self.factor);
        let body = format!("Δ {}-{}", units(before), units(after));
        WorkOrder { subject: self.resource.clone(), body }
    }
}

/// The option of a product that is counted, as «Пользователь», шт (A141).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityOption {
    /// What is counted.
    pub name: Text,
    /// The unit printed after the number.
    pub unit: Text,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Identity.
    pub id: ProductId,
    /// Who sells it; an order splits into invoices by seller (A182).
    pub seller: SellerId,
    /// Code, unique, as `disk-5gb`.
    pub code: String,
    /// Name as printed.
    pub name: Text,
    /// What the quantity counts, if the product is sold in quantities.
    pub option: Option<QuantityOption>,
    /// Tax ground.
    pub ground: TaxGround,
    /// Code by which accounting (1C) knows it.
    pub accounting_code: Option<String>,
    /// When subscriptions start to work.
    pub activation: Activation,
    /// Work for technicians, if there is any.
    pub fulfilment: Option<Fulfilment>,
    /// Convention of proration.
    pub convention: Convention,
    /// How periods lie.
    pub alignment: Alignment,
    /// False once it is no longer sold; subscriptions go on.
    pub on_sale: bool,
}

/// A price of a product for a cycle from a date on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceVersion {
    /// Identity.
    pub id: PriceId,
    /// Of which product.
    pub product: ProductId,
    /// For which cycle.
    pub cycle: Cycle,
    /// First day on which it is offered.
    pub effective: NaiveDate,
    /// For one unit and one cycle.
    pub amount: Money,
    /// Whether tax is inside.
    pub tax: PriceTax,
    /// How parts of a cycle are counted at this price; none as the product says.
    pub convention: Option<Convention>,
}

/// A field of a product or a price that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProductError {
    /// Code out of form.
    #[error("code: 1 to 64 of a-z, 0-9, '-', '_', '.' are expected; got {0:?}")]
    Code(String),
    /// A name is missing or too long.
    #[error("name.{0}: 1 to 200 characters are expected")]
    Name(&'static str),
    /// The work order would say nothing.
    #[error("fulfilment: a resource and a factor of at least 1 are expected")]
    Fulfilment,
    /// Price below zero or too large.
    #[error("amount: 0 to 1,000,000,000.00 is expected; got {0}")]
    Amount(Money),
    /// A free product with a price.
    #[error("amount: a price of cycle FREE must be 0.00; got {0}")]
    NotFree(Money),
    /// Quantity out of range.
    #[error("quantity: 1 to {MAX_QUANTITY} is expected; got {0}")]
    Quantity(u32),
}

impl Product {
    /// Checks what a form may get wrong; every violation at once.
    ///
    /// # Errors
    /// The list of [`ProductError`], never empty.
    pub fn check(&self) -> Result<(), Vec<ProductError>> {
        let mut errors = Vec::new();
        let code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
        if !(1..=64).contains(&self.code.len()) || !self.code.bytes().all(code) {
            errors.push(ProductError::Code(self.code.clone()));
        }
        for (language, name) in [("ru", &self.name.ru), ("en", &self.name.en)] {
            if name.trim().is_empty() || name.chars().count() > 200 {
                errors.push(ProductError::Name(language));
            }
        }
        let nothing = |f: &Fulfilment| f.resource.trim().is_empty() || f.factor == 0;
        if self.fulfilment.as_ref().is_some_and(nothing) {
            errors.push(ProductError::Fulfilment);
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl PriceVersion {
    /// Checks the amount against its cycle and the limits of arithmetic.
    ///
    /// # Errors
    /// [`ProductError`].
    pub fn check(&self) -> Result<(), ProductError> {
        check_price(self.amount)?;
        if self.cycle == Cycle::Free && !self.amount.is_zero() {
            return Err(ProductError::NotFree(self.amount));
        }
        Ok(())
    }
}

/// Checks a price of one unit: not negative, at most a milliard.
///
/// # Errors
/// [`ProductError::Amount`].
pub fn check_price(amount: Money) -> Result<(), ProductError> {
    let limit = rust_decimal::Decimal::from(1_000_000_000);
    if amount.is_negative() || amount.amount() > limit {
        return Err(ProductError::Amount(amount));
    }
    Ok(())
}

/// Checks a quantity: 1 to [`MAX_QUANTITY`].
///
/// # Errors
/// [`ProductError::Quantity`].
pub fn check_quantity(quantity: u32) -> Result<(), ProductError> {
    if (1..=MAX_QUANTITY).contains(&quantity) {
        Ok(())
    } else {
        Err(ProductError::Quantity(quantity))
    }
}

/// The price of a cycle and currency in force on a day: the latest one that has begun.
#[must_use]
pub fn price_at(
    prices: &[PriceVersion],
    cycle: Cycle,
    currency: Currency,
    day: NaiveDate,
) -> Option<&PriceVersion> {
    prices
        .iter()
        .filter(|p| p.cycle == cycle && p.amount.currency() == currency && p.effective <= day)
        .max_by_key(|p| p.effective)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::cycles::tests::day;
    use rust_decimal::Decimal;
    use rust_decimal_macros::dec;

    pub(crate) fn rub(amount: Decimal) -> Money {
        Money::new(amount, Currency::Rub).unwrap()
    }

    pub(crate) fn user_product(seller: SellerId) -> Product {
        Product {
            id: ProductId::generate(),
            seller,
            code: "cloud-user".into(),
            name: Text::new("Доступ к облаку", "Cloud access"),
            option: Some(QuantityOption {
                name: Text::new("Пользователь", "User"),
                unit: Text::new("шт", "pcs"),
            }),
            ground: TaxGround::Standard,
            accounting_code: Some("00-00001".into()),
            activation: Activation::OnPayment,
            fulfilment: None,
            convention: Convention::Seed30,
            alignment: Alignment::Calendar,
            on_sale: true,
        }
    }

    pub(crate) fn price(product: ProductId, months: u32, amount: Decimal) -> PriceVersion {
        PriceVersion {
            id: PriceId::generate(),
            product,
            cycle: Cycle::Months(months),
            effective: day("2018-01-01"),
            amount: rub(amount),
            tax: PriceTax::Included,
            convention: None,
        }
    }

    /// G32: delta 5→10 → subject "дисковое пространство", body "Δ 5-10".
    #[test]
    fn g32_work_order() {
        let disk = Fulfilment {
            policy: FulfilmentPolicy::OnIssue,
            resource: "дисковое пространство".into(),
            factor: 5,
        };
        let order = disk.work_order(1, 2);
        assert_eq!(
            (order.subject.as_str(), order.body.as_str()),
            ("дисковое пространство", "Δ 5-10")
        );
        assert_eq!(disk.work_order(0, 3).body, "Δ 0-15");
    }

    #[test]
    fn latest_price_that_has_begun() {
        let id = ProductId::generate();
        let old = price(id, 1, dec!(60));
        let new = PriceVersion { effective: day("2019-03-01"), ..price(id, 1, dec!(70)) };
        let prices = [new.clone(), old.clone(), price(id, 6, dec!(342))];
        let at = |d| price_at(&prices, Cycle::Months(1), Currency::Rub, day(d)).map(|p| p.id);
        assert_eq!(at("2019-02-28"), Some(old.id));
        assert_eq!(at("2019-03-01"), Some(new.id));
        assert_eq!(at("2017-12-31"), None);
        assert!(price_at(&prices, Cycle::Once, Currency::Rub, day("2020-01-01")).is_none());
    }

    #[test]
    fn violations() {
        let good = user_product(SellerId::generate());
        assert_eq!(good.check(), Ok(()));
        let bad = Product { code: "Я".into(), name: Text::new("", "x"), ..good };
        let errors = bad.check().unwrap_err();
        assert_eq!(errors, [ProductError::Code("Я".into()), ProductError::Name("ru")]);
        assert!(price(bad.id, 1, dec!(-1)).check().is_err());
        let free = PriceVersion { cycle: Cycle::Free, ..price(bad.id, 1, dec!(1)) };
        assert_eq!(free.check(), Err(ProductError::NotFree(rub(dec!(1)))));
        assert!(check_quantity(0).is_err() && check_quantity(MAX_QUANTITY).is_ok());
    }
}
