//! The trace of an amount: enough to compute it again, and to tell a person how.

use super::{Convention, Formula, Part};
use crate::domain::{codes::codes, discounts::Discount, fractions::share, texts::Text};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use types::{Money, Period, id::InvoiceLineId, money::MoneyError, period::days_in_month};

/// The only rounding there is (design.md §2).
pub const ROUNDING: &str = "once, half away from zero, to the minor unit";

codes! {
    /// Something that a reviewer should look at.
    Flag {
        /// A start on day 30 or 31 counts one thirtieth, not none.
        MinimumOneThirtieth = "MINIMUM_ONE_THIRTIETH",
        /// The period ends on the 30th of a longer month, which SEED30 takes for its end.
        EndOnThirtieth = "END_ON_THIRTIETH",
        /// One printed day at the end of February counts more than one thirtieth.
        MoreThirtiethsThanDays = "MORE_THIRTIETHS_THAN_DAYS",
        /// The period ends inside a month: priced by days.
        EndInsideMonth = "END_INSIDE_MONTH",
        /// Months of different length made more than the whole: the whole is charged.
        CutAtTheWhole = "CUT_AT_THE_WHOLE",
        /// The billing period is not the number of months that the cycle has.
        PeriodIsNotTheCycle = "PERIOD_IS_NOT_THE_CYCLE",
        /// A credit was cut down to what was left to credit.
        Capped = "CAPPED",
    }
}

/// One calendar month (or the part of it) of a period, and its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The days.
    pub period: Period,
    /// How many they are.
    pub days: i64,
    /// What they weigh: thirtieths, days, or parts of a month.
    pub weight: u64,
}

/// How a charge for a period came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeTrace {
    /// Convention.
    pub convention: Convention,
    /// Formula.
    pub formula: Formula,
    /// Price of one unit per cycle of the price.
    pub unit_price: Money,
    /// Months of the price's cycle.
    pub price_months: u32,
    /// Discount on the price.
    #[serde(default, skip_serializing_if = "Discount::is_none")]
    pub discount: Discount,
    /// Units charged.
    pub quantity: u32,
    /// Period charged.
    pub period: Period,
    /// Whole billing period around it.
    pub full: Period,
    /// Months of the whole billing period.
    pub full_months: u32,
    /// The months of the period with their weights.
    pub pieces: Vec<Piece>,
    /// Numerator of the fraction of the price.
    pub numerator: u64,
    /// Denominator of the fraction of the price.
    pub denominator: u64,
    /// How it was rounded.
    pub rounding: Cow<'static, str>,
    /// The result.
    pub amount: Money,
    /// What to look at.
    pub flags: Vec<Flag>,
    /// Why the price is not the catalogue's; none when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_reason: Option<String>,
}

/// How a credit against a billed line came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditTrace {
    /// The billed line.
    pub line: InvoiceLineId,
    /// What was billed on it.
    pub billed: Money,
    /// What was credited on it before.
    pub credited_before: Money,
    /// Units given back.
    pub units: u32,
    /// Units of the line as billed.
    pub quantity: u32,
    /// Period given back.
    pub period: Period,
    /// Weight of that period.
    pub numerator: u64,
    /// Weight of the line's period.
    pub denominator: u64,
    /// How it was rounded.
    pub rounding: Cow<'static, str>,
    /// The result, positive: the line carries it with the other sign.
    pub amount: Money,
    /// What to look at.
    pub flags: Vec<Flag>,
}

/// A price for something that happens once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnceTrace {
    /// Price of one unit.
    pub unit_price: Money,
    /// Units.
    pub quantity: u32,
    /// Discount on the price.
    #[serde(default, skip_serializing_if = "Discount::is_none")]
    pub discount: Discount,
    /// The result.
    pub amount: Money,
}

/// An amount that a person set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideTrace {
    /// The amount.
    pub amount: Money,
    /// What the rules had computed, if they had.
    pub computed: Option<Money>,
    /// Why.
    pub reason: String,
    /// Who (`staff/{uuid}`).
    pub author: String,
}

/// The trace of the amount of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Trace {
    /// A charge for a period.
    Charge(ChargeTrace),
    /// A credit against a billed line.
    Credit(CreditTrace),
    /// A one-time price.
    Once(OnceTrace),
    /// Set by a person.
    Override(OverrideTrace),
}

/// A trace that does not lead to its amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// Its pieces and its fraction disagree.
    #[error("the months of the trace do not make its fraction")]
    Pieces,
    /// Its arithmetic does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Trace {
    /// The amount that the trace says, with the sign that the line has.
    #[must_use]
    pub fn amount(&self) -> Money {
        match self {
            Self::Charge(t) => t.amount,
            Self::Credit(t) => t.amount.negated(),
            Self::Once(t) => t.amount,
            Self::Override(t) => t.amount,
        }
    }

    /// Computes the amount again from the inputs of the trace alone.
    ///
    /// # Errors
    /// [`TraceError`] when the trace contradicts itself.
    pub fn recompute(&self) -> Result<Money, TraceError> {
        match self {
            Self::Charge(t) => t.recompute(),
            Self::Credit(t) => {
                let exact = share(
                    t.billed,
                    t.numerator * u64::from(t.units),
                    t.denominator * u64::from(t.quantity),
                )?;
                Ok(exact.min(t.billed.checked_sub(t.credited_before)?)?.negated())
            }
            Self::Once(t) => {
                let units = u64::from(t.quantity) * t.discount.left();
                Ok(share(t.unit_price, units, Discount::WHOLE)?)
            }
            Self::Override(t) => Ok(t.amount),
        }
    }

    /// What a reviewer should look at.
    #[must_use]
    pub fn flags(&self) -> &[Flag] {
        match self {
            Self::Charge(t) => &t.flags,
            Self::Credit(t) => &t.flags,
            Self::Once(_) | Self::Override(_) => &[],
        }
    }

    /// The formula with its numbers.
    #[must_use]
    pub fn formula(&self) -> String {
        match self {
            Self::Charge(t) => t.formula(),
            Self::Credit(t) => format!(
                "−{} × {}/{} × {}/{}",
                t.billed.amount(),
                t.units,
                t.quantity,
                t.numerator,
                t.denominator
            ),
            Self::Once(t) if t.discount.is_none() => {
                format!("{} × {}", t.unit_price.amount(), t.quantity)
            }
            Self::Once(t) => {
                format!("{} × {} less {}", t.unit_price.amount(), t.quantity, t.discount)
            }
            Self::Override(t) => t.amount.amount().to_string(),
        }
    }

    /// One sentence that answers "why this amount?".
    #[must_use]
    pub fn sentence(&self) -> Text {
        super::sentence::of(self)
    }
}

impl ChargeTrace {
    /// What was priced.
    #[must_use]
    pub const fn part(&self) -> Part {
        Part {
            convention: self.convention,
            unit_price: self.unit_price,
            price_months: self.price_months,
            discount: self.discount,
            quantity: self.quantity,
            period: self.period,
            full: self.full,
            full_months: self.full_months,
        }
    }

    /// The formula with its numbers, such as `60.00 × (22/30 + 5)`.
    #[must_use]
    pub fn formula(&self) -> String {
        super::formula::of(self)
    }

    /// Price × quantity × fraction × what the discount leaves, rounded once.
    pub(super) fn share(&self) -> Result<Money, MoneyError> {
        let units = u64::from(self.quantity) * self.numerator;
        if self.discount.is_none() {
            return share(self.unit_price, units, self.denominator);
        }
        let numerator = units.checked_mul(self.discount.left()).ok_or(MoneyError::Overflow)?;
        share(self.unit_price, numerator, self.denominator * Discount::WHOLE)
    }

    fn recompute(&self) -> Result<Money, TraceError> {
        let weights: u64 = self.pieces.iter().map(|p| p.weight).sum();
        let months = u64::from(self.price_months);
        let (numerator, denominator) = match self.formula {
            Formula::Whole => (u64::from(self.full_months), months),
            Formula::Nothing => (0, months),
            Formula::Thirtieths => (weights, 30 * months),
            // Any unit does in which each part of a month weighs its days over the month's.
            Formula::Months => (weights, self.month_unit()? * months),
            Formula::Days => {
                (weights * u64::from(self.full_months), self.full.days().unsigned_abs() * months)
            }
        };
        let covered: i64 = self.pieces.iter().map(|p| p.days).sum();
        if covered != self.period.days()
            || (numerator, denominator) != (self.numerator, self.denominator)
        {
            return Err(TraceError::Pieces);
        }
        Ok(self.share()?)
    }

    /// What a whole month weighs under [`Formula::Months`]; every piece must agree with it.
    fn month_unit(&self) -> Result<u64, TraceError> {
        let length = |p: &Piece| u64::from(days_in_month(p.period.start()));
        let unit = self.denominator / u64::from(self.price_months.max(1));
        let agrees = |p: &Piece| p.weight * length(p) == unit * p.days.unsigned_abs();
        if self.pieces.iter().all(agrees) { Ok(unit) } else { Err(TraceError::Pieces) }
    }
}
