//! Exact amounts of money.

mod split;

use crate::{Bilingual, Currency};
use rust_decimal::{Decimal, RoundingStrategy};
use rust_decimal_macros::dec;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in one currency, never finer than the currency's minor unit.
///
/// Amounts stay within ±10^18 major units, so that they fit every format they travel in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Money {
    amount: Decimal,
    currency: Currency,
}

/// The shape in storage, checked again when read.
#[derive(Deserialize)]
struct Unchecked {
    amount: Decimal,
    currency: Currency,
}

impl TryFrom<Unchecked> for Money {
    type Error = MoneyError;

    fn try_from(given: Unchecked) -> Result<Self, Self::Error> {
        Self::new(given.amount, given.currency)
    }
}

/// Why an amount is not money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// More digits after the point than the currency counts.
    #[error("{amount} is finer than the minor unit of {currency}; use at most {} digits after \
             the point", currency.scale())]
    TooFine {
        /// The amount as given.
        amount: Decimal,
        /// Its currency.
        currency: Currency,
    },
    /// Two currencies met in one sum.
    #[error("{left} and {right} cannot be added")]
    CurrencyMismatch {
        /// Currency of the left side.
        left: Currency,
        /// Currency of the right side.
        right: Currency,
    },
    /// The result does not fit.
    #[error("the amount is too large")]
    Overflow,
}

impl Bilingual for MoneyError {
    fn ru(&self) -> String {
        match self {
            Self::TooFine { amount, currency } => format!(
                "сумма {amount} дробнее, чем считают в {currency}; не больше {} знаков после точки",
                currency.scale()
            ),
            Self::CurrencyMismatch { left, right } => {
                format!("суммы в {left} и {right} нельзя сложить")
            }
            Self::Overflow => "сумма слишком велика".into(),
        }
    }
}

/// Most major units of an amount, with either sign.
const LIMIT: Decimal = dec!(1_000_000_000_000_000_000);

/// Rounds an exact fraction once, half away from zero, to the minor unit of the currency.
///
/// What is beyond ±10^18 becomes that limit: the sum that it enters then fails with
/// [`MoneyError::Overflow`].
#[must_use]
pub fn round(exact: Decimal, currency: Currency) -> Money {
    let amount = exact
        .clamp(-LIMIT, LIMIT)
        .round_dp_with_strategy(currency.scale(), RoundingStrategy::MidpointAwayFromZero);
    Money { amount: canonical(amount, currency), currency }
}

/// Equal amounts have one representation, so that they hash, print and serialise alike.
fn canonical(mut amount: Decimal, currency: Currency) -> Decimal {
    amount.rescale(currency.scale());
    if amount.is_zero() { Decimal::new(0, currency.scale()) } else { amount }
}

impl Money {
    /// Takes an amount that must already be whole in minor units.
    ///
    /// # Errors
    /// [`MoneyError::TooFine`] when it has more digits than the currency counts, or
    /// [`MoneyError::Overflow`].
    pub fn new(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        if amount.normalize().scale() > currency.scale() {
            return Err(MoneyError::TooFine { amount, currency });
        }
        Self::fitting(amount, currency)
    }

    /// Takes whole minor units, such as kopecks.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn from_minor(minor: i128, currency: Currency) -> Result<Self, MoneyError> {
        match Decimal::try_from_i128_with_scale(minor, currency.scale()) {
            Ok(amount) => Self::fitting(amount, currency),
            Err(_) => Err(MoneyError::Overflow),
        }
    }

    /// Whole minor units, such as kopecks: what payment QR codes and card providers want.
    #[must_use]
    pub const fn minor(self) -> i128 {
        self.amount.mantissa()
    }

    /// An amount known to be whole in minor units, in its one representation.
    fn fitting(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        if amount.abs() <= LIMIT {
            Ok(Self { amount: canonical(amount, currency), currency })
        } else {
            Err(MoneyError::Overflow)
        }
    }

    /// Nothing, in this currency.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self { amount: Decimal::new(0, currency.scale()), currency }
    }

    /// The amount as a decimal number of major units.
    #[must_use]
    pub const fn amount(self) -> Decimal {
        self.amount
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// True for 0.00.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.amount.is_zero()
    }

    /// True for amounts above zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.amount > Decimal::ZERO
    }

    /// True for amounts below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.amount < Decimal::ZERO
    }

    /// Sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], or [`MoneyError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        let amount = self.amount.checked_add(other.amount).ok_or(MoneyError::Overflow)?;
        Self::fitting(amount, self.currency)
    }

    /// Difference of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], or [`MoneyError::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.checked_add(other.negated())
    }

    /// The same amount with the other sign.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { amount: canonical(-self.amount, self.currency), ..self }
    }

    /// The smaller of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`].
    pub fn min(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        Ok(if self.amount <= other.amount { self } else { other })
    }

    /// Σ of amounts of one currency; zero for none.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], or [`MoneyError::Overflow`].
    pub fn sum(
        currency: Currency,
        parts: impl IntoIterator<Item = Self>,
    ) -> Result<Self, MoneyError> {
        parts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// Splits the amount by weights so that the parts sum to the whole (largest remainder; ties go
    /// to the earlier part). A weight of zero or less gets nothing; no weight at all yields no
    /// parts.
    #[must_use]
    pub fn split(self, weights: &[Decimal]) -> Vec<Self> {
        let Some((shares, total)) = split::whole_weights(self.minor(), weights) else {
            return Vec::new();
        };
        let amount = |minor| Decimal::from_i128_with_scale(minor, self.currency.scale());
        let parts = split::largest_remainder(self.minor(), &shares, total);
        parts.into_iter().map(|minor| Self { amount: amount(minor), ..self }).collect()
    }

    fn same(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

#[cfg(test)]
mod tests;
