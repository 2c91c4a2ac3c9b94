//! Metrics: what programs count of a subscription, against what its tariff includes (D33–D36).

use crate::domain::{codes::codes, texts::Text};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// Most metrics of a product.
pub const MAX_METRICS: usize = 20;
/// Most that a unit includes, and that a reading says.
pub const MAX_COUNT: u64 = 1_000_000_000_000;

codes! {
    /// How readings make what is used.
    Counting {
        /// The newest one: what there is now.
        Level = "LEVEL",
        /// Their sum since the first of the month.
        Month = "MONTH",
    }
}

/// Something that is counted, and how much of it a product includes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metric {
    /// Code, unique in the product.
    pub code: String,
    /// As people call it.
    pub title: Text,
    /// How readings are counted.
    pub counting: Counting,
    /// What one unit of quantity includes.
    pub included: u64,
}

/// A metric that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricError {
    /// Code out of form.
    #[error("code: 1 to 64 of a-z, 0-9, '-', '_', '.' are expected")]
    Code,
    /// Two of one code.
    #[error("code: it is there twice")]
    Twice,
    /// Nothing or too much is included.
    #[error("included: 1 to {MAX_COUNT} is expected; got {0}")]
    Included(u64),
}

/// What is wrong with the metrics of a product, each with its place in the list.
#[must_use]
pub fn check(metrics: &[Metric]) -> Vec<(usize, MetricError)> {
    let mut errors = Vec::new();
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
    for (i, metric) in metrics.iter().enumerate() {
        let code = &metric.code;
        if !(1..=64).contains(&code.len()) || !code.bytes().all(letter) {
            errors.push((i, MetricError::Code));
        }
        if metrics[..i].iter().any(|before| before.code == *code) {
            errors.push((i, MetricError::Twice));
        }
        if !(1..=MAX_COUNT).contains(&metric.included) {
            errors.push((i, MetricError::Included(metric.included)));
        }
    }
    errors
}

/// A reading of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Of which day.
    pub day: NaiveDate,
    /// What was counted.
    pub value: u64,
}

/// How much of a metric is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Used by now.
    pub used: u64,
    /// Most that is included.
    pub maximum: u64,
    /// Day of the newest reading.
    pub day: Option<NaiveDate>,
}

/// The day since which readings matter today: all of the month, and of what was there before it
/// only the newest is asked for.
#[must_use]
pub fn month_of(today: NaiveDate) -> NaiveDate {
    today.with_day(1).unwrap_or(today)
}

/// What is used of a metric: `readings` are the newest one and those of the month that `today` is
/// in, in any order.
#[must_use]
pub fn usage(metric: &Metric, quantity: u32, readings: &[Reading], today: NaiveDate) -> Usage {
    let newest = readings.iter().max_by_key(|reading| reading.day);
    let used = match metric.counting {
        Counting::Level => newest.map_or(0, |reading| reading.value),
        Counting::Month => {
            let month = readings.iter().filter(|r| (month_of(today)..=today).contains(&r.day));
            month.fold(0, |sum: u64, reading| sum.saturating_add(reading.value))
        }
    };
    let maximum = metric.included.saturating_mul(u64::from(quantity));
    Usage { used, maximum, day: newest.map(|reading| reading.day) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cycles::tests::day;

    fn metric(code: &str, counting: Counting, included: u64) -> Metric {
        Metric { code: code.into(), title: Text::new("Товары", "Goods"), counting, included }
    }

    fn read(on: &str, value: u64) -> Reading {
        Reading { day: day(on), value }
    }

    /// D34: what there is now; D35: what came this month. Two units include twice as much.
    #[test]
    fn level_and_month() {
        let readings = [read("2026-11-02", 30), read("2026-10-31", 500), read("2026-11-28", 12)];
        let today = day("2026-11-30");
        let of = |counting, quantity| {
            usage(&metric("goods", counting, 1000), quantity, &readings, today)
        };
        let newest = Some(day("2026-11-28"));
        assert_eq!(of(Counting::Level, 1), Usage { used: 12, maximum: 1000, day: newest });
        assert_eq!(of(Counting::Month, 2), Usage { used: 42, maximum: 2000, day: newest });
        let fresh = usage(&metric("goods", Counting::Month, 1000), 1, &readings, day("2026-12-01"));
        assert_eq!(fresh, Usage { used: 0, maximum: 1000, day: newest }, "a new month");
        let none = usage(&metric("goods", Counting::Level, 1000), 1, &[], today);
        assert_eq!(none, Usage { used: 0, maximum: 1000, day: None });
    }

    #[test]
    fn violations() {
        let good = metric("goods", Counting::Level, 1);
        assert_eq!(check(&[good.clone(), metric("orders", Counting::Month, MAX_COUNT)]), []);
        let bad = [good.clone(), good, metric("Товары", Counting::Level, 0)];
        let expected =
            [(1, MetricError::Twice), (2, MetricError::Code), (2, MetricError::Included(0))];
        assert_eq!(check(&bad), expected);
    }
}
