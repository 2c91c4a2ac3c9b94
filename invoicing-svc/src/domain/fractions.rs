//! Exact fractions of money: multiplied first, divided and rounded once.
//!
//! Decimal division is finite (28 digits); a quotient rounded before the rounding to minor units
//! would round twice. The rounding here compares products, or counts in integers, and is exact.

use rust_decimal::{Decimal, RoundingStrategy};
use types::{Currency, Money, money::MoneyError};

/// `numerator / denominator`, rounded once, half away from zero, to the currency's minor unit.
///
/// # Errors
/// [`MoneyError::Overflow`] when a product does not fit 96 bits or the denominator is not positive.
pub fn round_ratio(
    numerator: Decimal,
    denominator: Decimal,
    currency: Currency,
) -> Result<Money, MoneyError> {
    if denominator <= Decimal::ZERO {
        return Err(MoneyError::Overflow);
    }
    let unit = Decimal::new(1, currency.scale());
    let mut quotient = numerator
        .abs()
        .checked_div(denominator)
        .ok_or(MoneyError::Overflow)?
        .round_dp_with_strategy(currency.scale(), RoundingStrategy::ToZero);
    let product = |q: Decimal| q.checked_mul(denominator).ok_or(MoneyError::Overflow);
    // The quotient was itself rounded: it may stand a unit too high just below a whole unit.
    if product(quotient)? > numerator.abs() {
        quotient -= unit;
    }
    let rest = numerator.abs() - product(quotient)?;
    if rest * Decimal::TWO >= product(unit)? {
        quotient += unit;
    }
    let signed = if numerator.is_sign_negative() { -quotient } else { quotient };
    Money::new(signed, currency)
}

/// `amount × numerator / denominator`, rounded once, half away from zero, to the currency's minor
/// unit.
///
/// # Errors
/// [`MoneyError::Overflow`] when the product does not fit or the denominator is zero.
pub fn share(amount: Money, numerator: u64, denominator: u64) -> Result<Money, MoneyError> {
    let product = amount.minor().checked_mul(i128::from(numerator)).ok_or(MoneyError::Overflow)?;
    let (quotient, rest) = divide(product, denominator).ok_or(MoneyError::Overflow)?;
    let up = if 2 * rest.abs() >= i128::from(denominator) { product.signum() } else { 0 };
    Money::from_minor(quotient + up, amount.currency())
}

/// Quotient towards zero, and the rest; 64 bits are enough for nearly all of them, and much faster.
fn divide(product: i128, denominator: u64) -> Option<(i128, i128)> {
    if denominator == 0 {
        return None;
    }
    if let (Ok(n), Ok(d)) = (i64::try_from(product), i64::try_from(denominator)) {
        return Some((i128::from(n / d), i128::from(n % d)));
    }
    let d = i128::from(denominator);
    Some((product / d, product % d))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal_macros::dec;

    fn rub(amount: Decimal) -> Money {
        Money::new(amount, Currency::Rub).unwrap()
    }

    #[test]
    fn rounds_half_away_from_zero_once() {
        let cases = [
            (dec!(0.01), 1, 2, dec!(0.01)),
            (dec!(-0.01), 1, 2, dec!(-0.01)),
            (dec!(0.01), 1, 3, dec!(0)),
            (dec!(2.00), 1, 3, dec!(0.67)),
            (dec!(100.00), 2, 3, dec!(66.67)),
            (dec!(0.03), 1, 2, dec!(0.02)),
        ];
        for (amount, n, d, expected) in cases {
            assert_eq!(share(rub(amount), n, d).unwrap(), rub(expected), "{amount}*{n}/{d}");
        }
    }

    #[test]
    fn no_denominator_is_refused() {
        assert_eq!(share(rub(dec!(1)), 1, 0), Err(MoneyError::Overflow));
    }

    proptest! {
        /// The result is never further than half a minor unit from the exact fraction.
        #[test]
        fn within_half_a_unit(
            kopecks in -1_000_000_000i64..1_000_000_000, n in 0u64..5000, d in 1u64..5000,
        ) {
            let exact = i128::from(kopecks) * i128::from(n);
            let got = share(rub(Decimal::new(kopecks, 2)), n, d).unwrap().minor();
            prop_assert!(2 * (got * i128::from(d) - exact).abs() <= i128::from(d));
        }
    }
}
