//! The arithmetic of a split, in whole minor units and whole weights.

use rust_decimal::Decimal;

/// Weights as whole numbers of one scale with their sum, such that `minor · weight` fits; `None`
/// when no weight is above zero.
///
/// Weights so fine that the product would not fit lose their last digits: a share may then be
/// off by a minor unit, the sum never is.
pub(super) fn whole_weights(minor: i128, weights: &[Decimal]) -> Option<(Vec<i128>, i128)> {
    let positive = |w: &Decimal| if *w > Decimal::ZERO { w.normalize() } else { Decimal::ZERO };
    let weights: Vec<Decimal> = weights.iter().map(positive).collect();
    let finest = weights.iter().map(Decimal::scale).max().unwrap_or(0);
    // Twenty powers beyond the point are more than the widest weight needs to fit.
    let scales = (-20..=i64::from(finest)).rev();
    scales.filter_map(|scale| at_scale(minor, &weights, scale)).next().filter(|(_, sum)| *sum > 0)
}

/// Weights times `10^scale`, cut to whole numbers; `None` when something does not fit.
fn at_scale(minor: i128, weights: &[Decimal], scale: i64) -> Option<(Vec<i128>, i128)> {
    let whole = |weight: &Decimal| {
        let shift = scale - i64::from(weight.scale());
        let power = 10_i128.checked_pow(u32::try_from(shift.abs()).ok()?)?;
        if shift < 0 {
            Some(weight.mantissa() / power)
        } else {
            weight.mantissa().checked_mul(power)
        }
    };
    let shares: Vec<i128> = weights.iter().map(whole).collect::<Option<_>>()?;
    let total = shares.iter().try_fold(0_i128, |sum, share| sum.checked_add(*share))?;
    minor.checked_mul(total)?;
    Some((shares, total))
}

/// Parts that sum to `minor`: each its exact share cut towards zero, and one more unit for those
/// whose cut was largest.
pub(super) fn largest_remainder(minor: i128, shares: &[i128], total: i128) -> Vec<i128> {
    let mut parts: Vec<i128> = shares.iter().map(|share| minor * share / total).collect();
    let left = minor - parts.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..parts.len()).filter(|&i| shares[i] > 0).collect();
    // Stable: of equal remainders the earlier part comes first.
    order.sort_by_key(|&i| std::cmp::Reverse((minor * shares[i] % total).abs()));
    let units = usize::try_from(left.abs()).unwrap_or(usize::MAX);
    for &i in order.iter().take(units) {
        parts[i] += left.signum();
    }
    parts
}
