//! Products, prices and events of the file, as the engine knows them.

use super::{
    FileEvent, FileOverride, FilePrice, FileProduct, FileWhat, at, contract_at, product_at, units,
};
use anyhow::{Context, Result, bail};
use invoicing_svc::domain::{
    billing::history::{Event, Happened, History, Override, Price, Product, Timing},
    proration::Convention,
    tax::{PriceTax, TaxGround},
};
use types::{Currency, Money};

impl FileProduct {
    pub(super) fn product(&self, history: &History, currency: Currency) -> Result<Product> {
        let seller = match &self.seller {
            Some(id) => at(history.sellers.iter().map(|s| s.id.as_str()), id, "seller")?,
            None => 0,
        };
        let prices: Result<Vec<Price>> = self.prices.iter().map(|p| p.price(currency)).collect();
        Ok(Product {
            code: self.code.clone(),
            seller,
            family: self.family.clone(),
            ground: self.ground.unwrap_or(TaxGround::Standard),
            accounting_code: self.accounting_code.clone(),
            pack: self.pack.max(1),
            prices: prices?,
        })
    }
}

impl FilePrice {
    pub(super) fn price(&self, currency: Currency) -> Result<Price> {
        let cycle = self.cycle.cycle()?;
        Ok(Price {
            effective: self.from,
            cycle,
            amount: Money::new(self.amount, currency)?,
            months: self.months.or(cycle.recurring()).unwrap_or(1).max(1),
            tax: self.tax.unwrap_or(PriceTax::Included),
            convention: self.convention.unwrap_or(Convention::Seed30),
            discount: self.discount.unwrap_or_default(),
            setup: self.setup.map(|s| Money::new(s, currency)).transpose()?,
            timing: self.timing.unwrap_or(Timing::Advance),
        })
    }
}

impl FileOverride {
    pub(super) fn price(&self, currency: Currency) -> Result<Override> {
        if self.reason.trim().is_empty() {
            bail!("price.reason: say why the price is not the catalogue's");
        }
        let (amount, reason) = (Money::new(self.amount, currency)?, self.reason.clone());
        Ok(Override { amount, months: self.months.max(1), reason })
    }
}

impl FileEvent {
    pub(super) fn event(
        &self,
        history: &History,
        product: usize,
        currency: Currency,
    ) -> Result<Event> {
        let what = match &self.what {
            FileWhat::Quantity { quantity, resource } => {
                let units = units(&history.products[product], *quantity, *resource)?;
                Happened::Quantity(units.context("QUANTITY: quantity or resource is expected")?)
            }
            FileWhat::Option { option, quantity } => {
                Happened::Option(product_at(history, option)?, *quantity)
            }
            FileWhat::Product { product } => Happened::Product(product_at(history, product)?),
            FileWhat::Cycle { months } => Happened::Cycle(*months),
            FileWhat::Price { price } => {
                Happened::Price(price.as_ref().map(|p| p.price(currency)).transpose()?)
            }
            FileWhat::Discount { discount } => Happened::Discount(*discount),
            FileWhat::Transfer { contract } => {
                Happened::Transfer(contract_at(history, Some(contract))?)
            }
            FileWhat::Suspend {} => Happened::Suspend,
            FileWhat::Resume {} => Happened::Resume,
            FileWhat::End {} => Happened::End,
        };
        Ok(Event { on: self.on, what })
    }
}
