//! Tax inside an amount or on top of it, rounded per line.

use super::TaxRate;
use crate::domain::{codes::codes, fractions::share};
use serde::{Deserialize, Serialize};
use types::{Currency, Money, money::MoneyError};

/// An amount with its tax told apart: `gross = net + tax`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taxed {
    /// Without tax.
    pub net: Money,
    /// Tax.
    pub tax: Money,
    /// With tax: what is paid.
    pub gross: Money,
}

impl Taxed {
    /// Nothing.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { net: zero, tax: zero, gross: zero }
    }

    /// Adds part by part.
    ///
    /// # Errors
    /// [`MoneyError`] of the sums.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            net: self.net.checked_add(other.net)?,
            tax: self.tax.checked_add(other.tax)?,
            gross: self.gross.checked_add(other.gross)?,
        })
    }

    /// Σ part by part.
    ///
    /// # Errors
    /// [`MoneyError`] of the sums.
    pub fn sum(
        currency: Currency,
        parts: impl IntoIterator<Item = Self>,
    ) -> Result<Self, MoneyError> {
        parts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// The same amounts with the other sign.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { net: self.net.negated(), tax: self.tax.negated(), gross: self.gross.negated() }
    }
}

/// Tells the tax inside a gross amount: `gross × r / (100 + r)`, rounded once.
///
/// # Errors
/// [`MoneyError::Overflow`] for amounts that do not fit.
pub fn within(gross: Money, rate: TaxRate) -> Result<Taxed, MoneyError> {
    let points = u64::from(rate.points());
    let tax = share(gross, points, 100 + points)?;
    Ok(Taxed { net: gross.checked_sub(tax)?, tax, gross })
}

/// Adds the tax on top of a net amount: `net × r / 100`, rounded once.
///
/// # Errors
/// [`MoneyError::Overflow`] for amounts that do not fit.
pub fn on_top(net: Money, rate: TaxRate) -> Result<Taxed, MoneyError> {
    let tax = share(net, u64::from(rate.points()), 100)?;
    Ok(Taxed { net, tax, gross: net.checked_add(tax)? })
}

codes! {
    /// Where the tax of a document is rounded (a seller's setting).
    TaxRounding {
        /// Per line; the document's tax is the sum of its lines (УПД, счёт-фактура).
        PerLine = "PER_LINE",
        /// Once per rate of the document, for countries that want it.
        PerDocument = "PER_DOCUMENT",
    }
}

/// Tax of a document whose amounts hold their tax (G55).
///
/// # Errors
/// [`MoneyError`] of the sums.
pub fn document_tax(
    lines: &[(Money, TaxRate)],
    currency: Currency,
    rounding: TaxRounding,
) -> Result<Money, MoneyError> {
    match rounding {
        TaxRounding::PerLine => {
            let taxes: Result<Vec<Money>, MoneyError> =
                lines.iter().map(|(gross, rate)| Ok(within(*gross, *rate)?.tax)).collect();
            Money::sum(currency, taxes?)
        }
        TaxRounding::PerDocument => {
            let mut rates: Vec<TaxRate> = lines.iter().map(|(_, rate)| *rate).collect();
            rates.sort_unstable();
            rates.dedup();
            rates.into_iter().try_fold(Money::zero(currency), |sum, rate| {
                let of_rate = lines.iter().filter(|(_, r)| *r == rate).map(|(gross, _)| *gross);
                let gross = Money::sum(currency, of_rate)?;
                sum.checked_add(within(gross, rate)?.tax)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::Decimal;
    use rust_decimal_macros::dec;

    fn rub(amount: Decimal) -> Money {
        Money::new(amount, Currency::Rub).unwrap()
    }

    fn rate(percent: u8) -> TaxRate {
        TaxRate::percent_of(percent).unwrap()
    }

    /// G55: per line and summed 849.55 (per document 849.56); 126.21 (per document 126.24).
    #[test]
    fn g55_tax_is_rounded_per_line() {
        let seed = [dec!(344.00), dec!(860.00), dec!(3893.33)].map(|a| (rub(a), rate(20)));
        let seven = [(rub(dec!(100.01)), rate(22)); 7];
        let cases = [
            (&seed[..], TaxRounding::PerLine, dec!(849.55)),
            (&seed[..], TaxRounding::PerDocument, dec!(849.56)),
            (&seven[..], TaxRounding::PerLine, dec!(126.21)),
            (&seven[..], TaxRounding::PerDocument, dec!(126.24)),
        ];
        for (lines, rounding, expected) in cases {
            assert_eq!(document_tax(lines, Currency::Rub, rounding).unwrap(), rub(expected));
        }
    }

    /// G16: 5900.00 at the 18 % of 2018 holds 900.00.
    #[test]
    fn g16_rate_is_of_the_date() {
        let taxed = within(rub(dec!(5900)), rate(18)).unwrap();
        assert_eq!((taxed.net, taxed.tax), (rub(dec!(5000)), rub(dec!(900))));
    }

    #[test]
    fn none_and_zero_have_no_tax() {
        for r in [TaxRate::NONE, rate(0)] {
            assert_eq!(within(rub(dec!(10)), r).unwrap().tax, rub(dec!(0)));
            assert_eq!(on_top(rub(dec!(10)), r).unwrap().gross, rub(dec!(10)));
        }
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(kopecks in -10_000_000i64..10_000_000, i in 0usize..7) {
            let r = rate(TaxRate::PERCENTS[i]);
            let amount = rub(Decimal::new(kopecks, 2));
            for t in [within(amount, r), on_top(amount, r)] {
                let t = t.unwrap();
                prop_assert_eq!(t.net.checked_add(t.tax).unwrap(), t.gross);
                prop_assert!(t.tax.amount().abs() <= t.gross.amount().abs());
            }
        }
    }
}
