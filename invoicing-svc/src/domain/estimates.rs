//! What a change of quantity costs by each convention, from numbers alone: `raschet prorate`.

use crate::domain::{
    cycles::MAX_MONTHS,
    discounts::Discount,
    products::{MAX_QUANTITY, ProductError, check_price},
    proration::{
        Change, ChargeTrace, Convention, Part, ProrationError, VatNote, explain, prorate,
        prorate_nothing,
    },
    tax::{TaxRate, Taxed, on_top, within},
    texts::Text,
};
use chrono::NaiveDate;
use std::str::FromStr;
use types::{Money, Period, money::MoneyError};

/// How VAT stands to a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vat {
    /// There is none.
    None,
    /// Inside the price.
    Included(TaxRate),
    /// On top of the price.
    OnTop(TaxRate),
}

/// The text does not say how VAT stands to the price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a VAT; none, or a rate of 0, 5, 7, 10, 18, 20 or 22% with -included or \
         -on-top is expected, such as 20%-included"
)]
pub struct BadVat(pub String);

impl FromStr for Vat {
    type Err = BadVat;

    fn from_str(text: &str) -> Result<Self, BadVat> {
        if text == "none" {
            return Ok(Self::None);
        }
        let rate = |number: &str| -> Option<TaxRate> {
            let digits = number.strip_suffix('%').unwrap_or(number);
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            TaxRate::percent_of(digits.parse().ok().filter(|_| plain)?)
        };
        let vat = text.strip_suffix("-included").and_then(rate).map(Self::Included);
        let vat = vat.or_else(|| text.strip_suffix("-on-top").and_then(rate).map(Self::OnTop));
        vat.ok_or_else(|| BadVat(text.into()))
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Price of one unit for one month.
    pub price: Money,
    /// Months of the cycle.
    pub months: u32,
    /// Units before and after.
    pub change: Change,
    /// Day of the change.
    pub day: NaiveDate,
    /// The current cycle.
    pub period: Period,
    /// Discount on the price.
    pub discount: Discount,
    /// VAT, if something is to be said about it.
    pub vat: Option<Vat>,
}

/// The answer by one convention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The change.
    pub change: Change,
    /// VAT as asked.
    pub vat: Option<Vat>,
    /// What is paid is the gross; below zero for fewer units.
    pub amounts: Taxed,
    /// How it came about; of what is given back, with the sign of a charge.
    pub trace: ChargeTrace,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EstimateError {
    /// The change is not in the cycle.
    #[error("change-on: {day} is not in the period {period}")]
    Day {
        /// Day of the change.
        day: NaiveDate,
        /// The cycle.
        period: Period,
    },
    /// Months out of range.
    #[error("months: 1 to {MAX_MONTHS} is expected; got {0}")]
    Months(u32),
    /// Quantity out of range.
    #[error("quantity: 0 to {MAX_QUANTITY} is expected; got {0}")]
    Quantity(u32),
    /// Price out of range.
    #[error("price: {0}")]
    Price(#[from] ProductError),
    /// The part.
    #[error(transparent)]
    Proration(#[from] ProrationError),
    /// The amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Answers by one convention.
///
/// # Errors
/// [`EstimateError`].
pub fn estimate(question: &Question, convention: Convention) -> Result<Estimate, EstimateError> {
    let part = part(question, convention)?;
    // The cycle is taken as billed: a change on its first day is no renewal.
    let trace = match convention {
        Convention::None => prorate_nothing(&part)?,
        _ => prorate(&part)?,
    };
    let change = question.change;
    let amount = if change.after < change.before { trace.amount.negated() } else { trace.amount };
    let amounts = match question.vat {
        None | Some(Vat::None) => within(amount, TaxRate::NONE)?,
        Some(Vat::Included(rate)) => within(amount, rate)?,
        Some(Vat::OnTop(rate)) => on_top(amount, rate)?,
    };
    Ok(Estimate { change, vat: question.vat, amounts, trace })
}

fn part(question: &Question, convention: Convention) -> Result<Part, EstimateError> {
    let Question { price, months, change, day, period, discount, .. } = *question;
    check_price(price)?;
    if !(1..=MAX_MONTHS).contains(&months) {
        return Err(EstimateError::Months(months));
    }
    if let Some(bad) = [change.before, change.after].into_iter().find(|q| *q > MAX_QUANTITY) {
        return Err(EstimateError::Quantity(bad));
    }
    let outside = EstimateError::Day { day, period };
    if !period.contains(day) {
        return Err(outside);
    }
    Ok(Part {
        convention,
        unit_price: price,
        price_months: 1,
        discount,
        quantity: change.before.abs_diff(change.after),
        period: Period::new(day, period.end()).map_err(|_| outside)?,
        full: period,
        full_months: months,
    })
}

impl Estimate {
    /// The formula with its numbers and result, such as `800.00 × (26/30 + 4) = 3893.33`.
    #[must_use]
    pub fn formula(&self) -> String {
        let back = if self.change.after < self.change.before { "-" } else { "" };
        let (Taxed { net, tax, gross }, formula) = (self.amounts, self.trace.formula());
        let (net, tax, gross) = (net.amount(), tax.amount(), gross.amount());
        match self.vat {
            Some(Vat::OnTop(rate)) => {
                let points = rate.points();
                format!("{back}{formula} = {net}; {net} × 1.{points:02} = {gross}")
            }
            Some(Vat::Included(rate)) => {
                let points = rate.points();
                let whole = 100 + u32::from(points);
                format!("{back}{formula} = {gross}; {gross} × {points}/{whole} = {tax}")
            }
            None | Some(Vat::None) => format!("{back}{formula} = {gross}"),
        }
    }

    /// One sentence that answers "why this amount?".
    #[must_use]
    pub fn explanation(&self) -> Text {
        let back = self.change.after < self.change.before;
        let amounts = if back { self.amounts.negated() } else { self.amounts };
        let vat = match self.vat {
            None => VatNote::Silent,
            Some(Vat::None) => VatNote::None,
            Some(Vat::Included(rate)) => VatNote::Within(rate.points(), amounts),
            Some(Vat::OnTop(rate)) => VatNote::OnTop(rate.points(), amounts),
        };
        explain(&self.trace, Some(self.change), vat)
    }
}

#[cfg(test)]
mod tests;
