//! The arithmetic of the books, written once more and on its own: thirtieths of SEED30, one
//! rounding, largest remainders. It may err in another way than the suite's, which is the point.

use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};

/// Days from the first to before the second.
pub type Span = (NaiveDate, NaiveDate);

/// First day of the month of a day.
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap()
}

/// First day so many months later.
pub fn later(month: NaiveDate, months: u32) -> NaiveDate {
    month_of(month).checked_add_months(Months::new(months)).unwrap()
}

/// The period of so many months, on the grid that begins with a month, which holds a day.
pub fn period(origin: NaiveDate, months: u32, day: NaiveDate) -> Span {
    let mut start = month_of(origin);
    while later(start, months) <= day {
        start = later(start, months);
    }
    (start, later(start, months))
}

/// A span by calendar month.
pub fn by_month(span: Span) -> Vec<Span> {
    let (mut from, mut parts) = (span.0, Vec::new());
    while from < span.1 {
        let end = later(from, 1).min(span.1);
        parts.push((from, end));
        from = end;
    }
    parts
}

/// Thirtieths of each month: whole months have thirty; one that begins on day d has 30 − d, at
/// least one, for in money the day of change is the old package's.
pub fn thirtieths(span: Span) -> Vec<i64> {
    let weigh = |part: Span| match i64::from(part.0.day()) {
        1 => 30,
        d => (30 - d).max(1),
    };
    by_month(span).into_iter().map(weigh).collect()
}

/// `amount × n ÷ d` to the kopeck, half away from zero.
pub fn share(amount: Decimal, n: i64, d: i64) -> Decimal {
    let exact = amount * Decimal::from(n) / Decimal::from(d);
    exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// What `units` cost from a day to the end of a period, at a price for so many months.
pub fn charge(price: Decimal, price_months: u32, units: u32, span: Span, full: Span) -> Decimal {
    let thirtieths: i64 = match span == full {
        true => 30 * by_month(full).len() as i64,
        false => thirtieths(span).into_iter().sum(),
    };
    share(price, thirtieths * i64::from(units), 30 * i64::from(price_months))
}

/// The tax of 20 % inside an amount.
pub fn tax_inside(amount: Decimal) -> Decimal {
    share(amount, 20, 120)
}

/// Kopecks by weights: cut towards zero, what is left goes to those that lost most, the earlier
/// first.
pub fn split(amount: Decimal, weights: &[i64]) -> Vec<Decimal> {
    let hundred = Decimal::ONE_HUNDRED;
    let kopecks = i64::try_from((amount * hundred).trunc().mantissa() / scale(amount)).unwrap();
    let whole: i64 = weights.iter().sum();
    let mut parts: Vec<i64> = weights.iter().map(|w| kopecks * w / whole).collect();
    let mut losers: Vec<usize> = (0..weights.len()).collect();
    losers.sort_by_key(|&i| -(kopecks * weights[i] % whole).abs());
    let left = kopecks - parts.iter().sum::<i64>();
    for &i in losers.iter().take(usize::try_from(left.abs()).unwrap()) {
        parts[i] += left.signum();
    }
    parts.into_iter().map(|p| Decimal::new(p, 2)).collect()
}

/// What the mantissa of a hundred times an amount is too great by.
fn scale(amount: Decimal) -> i128 {
    10_i128.pow((amount * Decimal::ONE_HUNDRED).trunc().scale())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rub(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// The golden figures of the seed: 60.00 × (22/30 + 5) and 5 × 800.00 for half a year.
    #[test]
    fn golden_figures() {
        let half = (day("2019-02-01"), day("2019-08-01"));
        assert_eq!(charge(rub("60"), 1, 1, (day("2019-02-08"), half.1), half), rub("344.00"));
        assert_eq!(charge(rub("4800"), 6, 5, half, half), rub("24000.00"));
        assert_eq!(charge(rub("4800"), 6, 1, (day("2019-03-04"), half.1), half), rub("3893.33"));
        let pieces = split(rub("344"), &thirtieths((day("2019-02-08"), half.1)));
        assert_eq!(pieces[..2], [rub("44.00"), rub("60.00")]);
        assert_eq!(split(rub("-0.02"), &[30, 30, 30]).iter().sum::<Decimal>(), rub("-0.02"));
    }

    #[test]
    fn leap_day_and_ends_of_months() {
        assert_eq!(thirtieths((day("2020-02-29"), day("2020-04-01"))), [1, 30]);
        assert_eq!(thirtieths((day("2019-12-31"), day("2020-01-01"))), [1]);
        let grid = period(day("2019-12-01"), 3, day("2020-02-29"));
        assert_eq!(grid, (day("2019-12-01"), day("2020-03-01")));
    }
}
