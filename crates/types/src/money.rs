//! Exact amounts of money.

use crate::Currency;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in one currency, never finer than the currency's minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    amount: Decimal,
    currency: Currency,
}

/// Why an amount is not money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// More digits after the point than the currency counts.
    #[error("{amount} is finer than the minor unit of {currency}")]
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

/// Rounds an exact fraction once, half away from zero, to the minor unit of the currency.
#[must_use]
pub fn round(exact: Decimal, currency: Currency) -> Money {
    let amount =
        exact.round_dp_with_strategy(currency.scale(), RoundingStrategy::MidpointAwayFromZero);
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
    /// [`MoneyError::TooFine`] when it has more digits than the currency counts.
    pub fn new(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        if amount.normalize().scale() > currency.scale() {
            return Err(MoneyError::TooFine { amount, currency });
        }
        Ok(Self { amount: canonical(amount, currency), currency })
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
        Ok(Self { amount: canonical(amount, self.currency), ..self })
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
    /// to the earlier part). Parts of zero weights are zero; no weight at all yields no parts.
    #[must_use]
    pub fn split(self, weights: &[Decimal]) -> Vec<Self> {
        let total: Decimal = weights.iter().copied().sum();
        if total <= Decimal::ZERO {
            return Vec::new();
        }
        let unit = Decimal::new(1, self.currency.scale());
        let exact: Vec<Decimal> = weights.iter().map(|w| self.amount * *w / total).collect();
        let mut parts: Vec<Decimal> = exact
            .iter()
            .map(|e| e.round_dp_with_strategy(self.currency.scale(), RoundingStrategy::ToZero))
            .collect();
        let left = self.amount - parts.iter().copied().sum::<Decimal>();
        let step = if left.is_sign_negative() { -unit } else { unit };
        let mut order: Vec<usize> = (0..parts.len()).filter(|&i| !weights[i].is_zero()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse((exact[i] - parts[i]).abs()));
        let mut rest = left;
        for &i in order.iter().cycle() {
            if rest.is_zero() {
                break;
            }
            parts[i] += step;
            rest -= step;
        }
        parts
            .into_iter()
            .map(|amount| Self { amount: canonical(amount, self.currency), ..self })
            .collect()
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
