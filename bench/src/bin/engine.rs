//! The billing engine alone, on one core: subscriptions with twelve renewals and two changes each,
//! billed from nothing, with traces; and looked at again once all is billed. `engine 200000` names
//! how many subscriptions; that is also the default.

use anyhow::{Context, Result};
use bench::{
    process,
    report::{Figure, Report},
    stage::Stage,
};
use chrono::NaiveDate;
use invoicing_svc::domain::{
    billing::{History, Line, due_of, history},
    cycles::Cycle,
    proration::Convention,
    sellers::RegimeHistory,
    tax::{Buyer, PriceTax, TaxGround, TaxRegime},
};
use std::{hint::black_box, time::Instant};
use types::{Currency, Money, id::InvoiceLineId};
use uuid::Uuid;

/// Least subscriptions a second.
const FLOOR: f64 = 50_000.0;

#[tokio::main]
async fn main() -> Result<()> {
    let count: u32 = std::env::args().nth(1).map_or(Ok(200_000), |n| n.parse()).context("count")?;
    let stage = Stage::open().await?;
    let mut report = Report::new("engine", stage.machine().await?);
    for convention in [Convention::Seed30, Convention::ActMonth, Convention::ActCycle] {
        let history = year(convention)?;
        let billed = due(&history, &[])?;
        for (what, known) in [("from nothing", &[][..]), ("all billed", billed.as_slice())] {
            due(&history, known)?;
            let before = process::peak_of(std::process::id())?;
            let begun = Instant::now();
            for _ in 0..count {
                black_box(due(&history, known)?);
            }
            let took = begun.elapsed();
            let grown = process::peak_of(std::process::id())? - before;
            let name = format!("engine, {convention}, {what}");
            let figure = Figure::new(name, "subscriptions", count.into(), &[took]);
            let holds = figure.rate >= FLOOR && grown < 1.0;
            report.add(figure.floor("50,000/s a core, memory flat", holds))?;
        }
    }
    report.finish()
}

fn due(history: &History, billed: &[Line]) -> Result<Vec<Line>> {
    let mut n = 0;
    let mut ids = || {
        n += 1;
        InvoiceLineId::from(Uuid::from_u128(n))
    };
    Ok(due_of(history, 0, billed, day("2019-12-01")?, &mut ids)?)
}

fn day(text: &str) -> Result<NaiveDate> {
    Ok(text.parse()?)
}

/// A monthly service through a year, in which its quantity changed twice.
fn year(convention: Convention) -> Result<History> {
    let price = history::Price {
        effective: day("2018-01-01")?,
        cycle: Cycle::Months(1),
        amount: Money::from_minor(79_999, Currency::Rub)?,
        months: 1,
        tax: PriceTax::Included,
        convention,
        discount: "5%".parse()?,
        setup: None,
        timing: history::Timing::Advance,
    };
    let product = history::Product {
        code: "cloud-user".into(),
        seller: 0,
        family: None,
        ground: TaxGround::Standard,
        accounting_code: None,
        pack: 1,
        prices: vec![price],
    };
    let change = |on, quantity| -> Result<history::Event> {
        Ok(history::Event { on: day(on)?, what: history::Happened::Quantity(quantity) })
    };
    let subscription = history::Subscription {
        id: "users".into(),
        product: 0,
        contract: 0,
        quantity: 5,
        options: Vec::new(),
        cycle: Cycle::Months(1),
        anchor: Some(1),
        main: None,
        start: day("2019-01-01")?,
        price: None,
        discount: None,
        events: vec![change("2019-03-04", 6)?, change("2019-09-12", 9)?],
        kept: history::Kept::default(),
    };
    let regimes = RegimeHistory::new(vec![(day("2018-01-01")?, TaxRegime::General)])?;
    Ok(History {
        sellers: vec![history::Seller { id: "seller".into(), regimes }],
        products: vec![product],
        contracts: vec![history::Contract {
            id: "contract".into(),
            buyer: Buyer::RUSSIAN_COMPANY,
            exempt: Vec::new(),
        }],
        subscriptions: vec![subscription],
        lead_days: 0,
    })
}
