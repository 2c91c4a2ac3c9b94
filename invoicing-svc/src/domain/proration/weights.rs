//! What months and parts of months weigh, by convention.

use super::{Basis, Convention, Flag, Formula, Part, Piece};
use crate::domain::periods::{ends_with_month, is_exact_year};
use chrono::{Datelike, NaiveDate};
use types::{
    Period,
    period::{anchored, days_in_month},
};

/// Days of every month divide it: lcm of 28, 29, 30 and 31.
const MONTH: u64 = 377_580;

/// The fraction of the price that a part costs.
pub(super) struct Fraction {
    pub(super) formula: Formula,
    pub(super) pieces: Vec<Piece>,
    pub(super) numerator: u64,
    pub(super) denominator: u64,
    pub(super) flags: Vec<Flag>,
}

/// The fraction by the part's convention. A whole cycle costs its price, whatever the convention.
pub(super) fn fraction(part: &Part) -> Fraction {
    let cycle = is_cycle(part.full, part.full_months);
    if cycle && part.period == part.full {
        return whole(part);
    }
    let mut fraction = match part.convention {
        Convention::Seed30 => seed30_or_days(part),
        Convention::ActMonth => act_month(part, cycle),
        Convention::ActCycle => days(part),
        Convention::None => nothing(part),
        Convention::Full => whole(part),
    };
    if !cycle {
        fraction.flags.push(Flag::PeriodIsNotTheCycle);
    }
    fraction
}

/// True when the period is N months from an anchor day to the same day, clamped to the month.
pub(super) fn is_cycle(period: Period, months: u32) -> bool {
    let (start, end) = (period.start(), period.end());
    let anchor = start.day().max(end.day());
    let number = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
    number(end) - number(start) == i64::from(months)
        && anchored(start, anchor) == start
        && anchored(end, anchor) == end
}

fn whole(part: &Part) -> Fraction {
    Fraction {
        formula: Formula::Whole,
        pieces: weigh(basis(part.convention, part.period), part.period),
        numerator: u64::from(part.full_months),
        denominator: u64::from(part.price_months),
        flags: Vec::new(),
    }
}

pub(super) fn nothing(part: &Part) -> Fraction {
    Fraction {
        formula: Formula::Nothing,
        pieces: by_days(part.period),
        numerator: 0,
        denominator: u64::from(part.price_months),
        flags: Vec::new(),
    }
}

pub(super) fn days(part: &Part) -> Fraction {
    let (days, full) = (part.period.days().unsigned_abs(), part.full.days().unsigned_abs());
    Fraction {
        formula: Formula::Days,
        pieces: by_days(part.period),
        numerator: days * u64::from(part.full_months),
        denominator: full * u64::from(part.price_months),
        flags: Vec::new(),
    }
}

/// Thirtieths to the end of a month; where the billing period ends inside one (from anniversary to
/// anniversary), days, and a person looks at it.
fn seed30_or_days(part: &Part) -> Fraction {
    let whole_end = part.period.end() == part.full.end() || ends_with_month(part.period);
    let counted = match seed30(part.period) {
        Some(counted) if whole_end => Some(counted),
        _ if ends_with_month(part.full) => Some(seed30_until(part.period)),
        _ => None,
    };
    let Some((pieces, flags)) = counted else {
        return Fraction { flags: vec![Flag::EndInsideMonth], ..days(part) };
    };
    Fraction {
        formula: Formula::Thirtieths,
        numerator: pieces.iter().map(|p| p.weight).sum(),
        denominator: 30 * u64::from(part.price_months),
        pieces,
        flags,
    }
}

/// Days of each month over the days of that month. Cut at the whole where a cycle from anniversary
/// to anniversary meets months of different length.
fn act_month(part: &Part, cycle: bool) -> Fraction {
    let months = part.period.by_month();
    let partial = |m: &Period| m.days() != i64::from(days_in_month(m.start()));
    let lengths = months.iter().filter(|m| partial(m)).map(|m| days_in_month(m.start()));
    let unit = lengths.map(u64::from).fold(1, lcm);
    let pieces: Vec<Piece> = months.into_iter().map(|m| by_month_length(m, unit)).collect();
    let numerator: u64 = pieces.iter().map(|p| p.weight).sum();
    if cycle && numerator > unit * u64::from(part.full_months) {
        return Fraction { flags: vec![Flag::CutAtTheWhole], ..whole(part) };
    }
    let denominator = unit * u64::from(part.price_months);
    Fraction { formula: Formula::Months, pieces, numerator, denominator, flags: Vec::new() }
}

fn lcm(a: u64, b: u64) -> u64 {
    a / gcd(a, b) * b
}

/// Greatest common divisor; at least 1.
pub(super) fn gcd(a: u64, b: u64) -> u64 {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    x.max(1)
}

fn by_month_length(period: Period, unit: u64) -> Piece {
    let days = period.days();
    let length = u64::from(days_in_month(period.start()));
    Piece { period, days, weight: unit * days.unsigned_abs() / length }
}

/// Thirtieths of a month from a day on: all of it from the first, at least one from the last ones.
fn thirtieths_from(day: NaiveDate) -> u32 {
    if day.day() == 1 { 30 } else { 30u32.saturating_sub(day.day()).max(1) }
}

/// Months of a period that ends with a month, with the thirtieths that SEED30 counts for each.
///
/// A month of thirty days is over on the 30th: 30.01–30.01 is 1/30 (§1.9 item 8).
pub(super) fn seed30(period: Period) -> Option<(Vec<Piece>, Vec<Flag>)> {
    let mut flags = Vec::new();
    if !ends_with_month(period) {
        if period.last().day() != 30 {
            return None;
        }
        flags.push(Flag::EndOnThirtieth);
    }
    let pieces = period.by_month().into_iter().map(|month| {
        // Days 30 and 31 would weigh nothing: one thirtieth at least, and a person looks at it.
        let weight = thirtieths_from(month.start());
        if month.start().day() >= 30 {
            flags.push(Flag::MinimumOneThirtieth);
        } else if month.days() == 1 && weight > 1 {
            flags.push(Flag::MoreThirtiethsThanDays);
        }
        Piece { period: month, days: month.days(), weight: u64::from(weight) }
    });
    let pieces = pieces.collect();
    Some((pieces, flags))
}

/// The same for a part that ends inside a month, before its billing period does: what is paid from
/// its start on, less what is paid from its end on. The day of the end is still paid: in money the
/// day of a change belongs to the old package.
fn seed30_until(period: Period) -> (Vec<Piece>, Vec<Flag>) {
    let pieces = period.by_month().into_iter().map(|month| {
        let rest = if month.end().day() == 1 { 0 } else { thirtieths_from(month.end()) };
        let weight = thirtieths_from(month.start()).saturating_sub(rest);
        Piece { period: month, days: month.days(), weight: u64::from(weight) }
    });
    let mut pieces: Vec<Piece> = pieces.collect();
    match pieces.as_mut_slice() {
        // 30.01–30.01 would weigh nothing.
        [only] if only.weight == 0 => {
            only.weight = 1;
            (pieces, vec![Flag::EndOnThirtieth, Flag::MinimumOneThirtieth])
        }
        _ => (pieces, Vec::new()),
    }
}

/// Months of a period with the days of each.
fn by_days(period: Period) -> Vec<Piece> {
    let piece = |p: Period| Piece { period: p, days: p.days(), weight: p.days().unsigned_abs() };
    period.by_month().into_iter().map(piece).collect()
}

/// The basis by which a period is cut by month: its convention's, else days (G53).
#[must_use]
pub fn basis(convention: Convention, period: Period) -> Basis {
    match convention {
        Convention::Seed30 => {
            let anniversary = is_exact_year(period) && period.start().day() != 1;
            let weighable = ends_with_month(period) || period.last().day() == 30;
            if !anniversary && weighable { Basis::Thirtieths } else { Basis::Days }
        }
        Convention::ActMonth => Basis::Months,
        Convention::ActCycle | Convention::None | Convention::Full => Basis::Days,
    }
}

/// Months of a period with their weights by a basis; a basis that cannot weigh falls to days.
#[must_use]
pub fn weigh(basis: Basis, period: Period) -> Vec<Piece> {
    match basis {
        Basis::Thirtieths => seed30(period).map_or_else(|| by_days(period), |(pieces, _)| pieces),
        Basis::Months => period.by_month().into_iter().map(|m| by_month_length(m, MONTH)).collect(),
        Basis::Days => by_days(period),
    }
}
