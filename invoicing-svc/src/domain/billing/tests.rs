//! The engine: golden vectors, and what holds for every history.

mod golden;
mod laws;
mod suspended;

use super::{history::*, *};
use crate::domain::{
    cycles::{Cycle, tests::day},
    discounts::Discount,
    products::tests::rub,
    proration::Convention,
    sellers::RegimeHistory,
    tax::{Buyer, PriceTax, TaxGround, TaxRegime},
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use types::id::InvoiceLineId;

/// A price version on the general system, VAT inside.
pub(crate) fn price(months: u32, amount: Decimal, per: u32, convention: Convention) -> Price {
    Price {
        effective: day("2018-01-01"),
        cycle: Cycle::Months(months),
        amount: rub(amount),
        months: per,
        tax: PriceTax::Included,
        convention,
        discount: Discount::NONE,
        setup: None,
        timing: Timing::Advance,
    }
}

pub(crate) fn product(code: &str, prices: Vec<Price>) -> Product {
    Product {
        code: code.into(),
        seller: 0,
        family: None,
        ground: TaxGround::Standard,
        accounting_code: Some("00-00001".into()),
        pack: 1,
        prices,
    }
}

pub(crate) fn subscription(id: &str, product: usize, start: &str, months: u32) -> Subscription {
    Subscription {
        id: id.into(),
        product,
        contract: 0,
        quantity: 1,
        options: Vec::new(),
        cycle: Cycle::Months(months),
        anchor: Some(1),
        main: None,
        start: day(start),
        price: None,
        discount: None,
        events: Vec::new(),
        kept: Kept::default(),
    }
}

/// A seller on the general system, a Russian company as the buyer.
pub(crate) fn history(products: Vec<Product>, subscriptions: Vec<Subscription>) -> History {
    let regimes = RegimeHistory::new(vec![(day("2018-01-01"), TaxRegime::General)]).unwrap();
    History {
        sellers: vec![Seller { id: "one".into(), regimes }],
        products,
        contracts: ["main", "other"]
            .map(|id| Contract { id: id.into(), buyer: Buyer::RUSSIAN_COMPANY, exempt: vec![] })
            .to_vec(),
        subscriptions,
        lead_days: 20,
    }
}

pub(crate) fn at(on: &str, what: Happened) -> Event {
    Event { on: day(on), what }
}

/// What is due of the first subscription.
fn run(h: &History, billed: &[Line], as_of: NaiveDate) -> Vec<Line> {
    due_of(h, 0, billed, as_of, &mut InvoiceLineId::generate).unwrap()
}

/// Bills what is due into the lines that stand.
fn bill(h: &History, billed: &mut Vec<Line>, as_of: NaiveDate) -> Vec<Line> {
    let made = run(h, billed, as_of);
    billed.extend(made.iter().cloned());
    made
}

fn told(lines: &[Line]) -> Vec<(Kind, String, u32, Decimal)> {
    let told = |l: &Line| (l.kind, l.period.to_string(), l.quantity, l.amounts.gross.amount());
    lines.iter().map(told).collect()
}
