//! Commands that need no running suite.

use chrono::NaiveDate;
use clap::Args;
use invoicing_svc::domain::{
    discounts::Discount,
    estimates::Vat,
    proration::{Change, Convention},
};
use rust_decimal::Decimal;
use std::path::PathBuf;
use types::{Currency, Money, Period};

/// `raschet prorate`
#[derive(Debug, Args)]
pub struct Prorate {
    /// Price of one unit for one month, such as 800.00.
    #[arg(long, value_parser = price, allow_hyphen_values = true)]
    pub price: Money,
    /// Months of the cycle, 1 to 120.
    #[arg(long)]
    pub months: u32,
    /// Units before and after, such as 5..6; fewer give a negative amount.
    #[arg(long, value_parser = units, allow_hyphen_values = true)]
    pub quantity: Change,
    /// Day of the change, such as 2019-03-04.
    #[arg(long)]
    pub change_on: NaiveDate,
    /// The current cycle, both days included, such as 2019-02-01..2019-07-31.
    #[arg(long, value_parser = period)]
    pub period: Period,
    /// SEED30, ACT_MONTH, ACT_CYCLE, NONE, FULL, or all of them in this order.
    #[arg(long, default_value = "all", value_parser = conventions)]
    pub convention: Conventions,
    /// Discount on the price, such as 5%.
    #[arg(long, default_value = "0%", allow_hyphen_values = true)]
    pub discount: Discount,
    /// VAT: none, or a rate inside the price or on top of it, such as 20%-included, 20%-on-top.
    #[arg(long)]
    pub vat: Option<Vat>,
}

/// `raschet bill-plan`
#[derive(Debug, Args)]
pub struct BillPlan {
    /// The history, JSON as docs/bill-plan.md describes it.
    pub history: PathBuf,
    /// Date up to which to bill, such as 2019-03-04.
    #[arg(long)]
    pub as_of: NaiveDate,
    /// Also tell what looks wrong in the subscriptions and in the lines that are due.
    #[arg(long)]
    pub lint: bool,
}

/// Which conventions to count by.
#[derive(Debug, Clone)]
pub struct Conventions(pub Vec<Convention>);

fn conventions(text: &str) -> Result<Conventions, String> {
    if text == "all" {
        return Ok(Conventions(Convention::ALL.to_vec()));
    }
    let text = text.to_ascii_uppercase();
    // The name by which WHMCS users know it.
    let text = if text == "WHMCS" { Convention::ActCycle.code() } else { &text };
    let one: Convention = text.parse().map_err(|e| format!("{e}, or all"))?;
    Ok(Conventions(vec![one]))
}

/// An amount in roubles.
fn price(text: &str) -> Result<Money, String> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    let amount: Option<Decimal> = text.parse().ok().filter(|_| plain);
    let amount = amount.ok_or_else(|| format!("{text:?} is not an amount such as 800.00"))?;
    Money::new(amount, Currency::Rub).map_err(|e| e.to_string())
}

/// Units before and after.
fn units(text: &str) -> Result<Change, String> {
    let change = text.split_once("..").and_then(|(before, after)| {
        Some(Change { before: before.parse().ok()?, after: after.parse().ok()? })
    });
    change.ok_or_else(|| format!("{text:?} is not units before and after such as 5..6"))
}

/// First and last day.
fn period(text: &str) -> Result<Period, String> {
    let days = text.split_once("..").and_then(|(start, last)| {
        Some((start.parse::<NaiveDate>().ok()?, last.parse::<NaiveDate>().ok()?))
    });
    let (start, last) =
        days.ok_or_else(|| format!("{text:?} is not a period such as 2019-02-01..2019-07-31"))?;
    Period::inclusive(start, last)
        .map_err(|_| format!("the last day {last} is before the first day {start}"))
}
