//! Units that should be billed in a period less units that are: as spans of days.
//!
//! Both are steps over the days of the period. Where their difference rises, a span opens that
//! lasts to the end of the period ("5 → 6", charged for 1); where it falls, the newest open span
//! ends, or, with none open, units are given back from that day on.

use super::{
    history::Timing,
    lines::{Kind, Line},
    timeline::{Terms, Timeline},
};
use crate::domain::covered::unclaimed;
use chrono::NaiveDate;
use types::Period;

/// Units of equal terms to charge, or below zero to give back, for some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Terms.
    pub terms: Terms,
    /// Days.
    pub days: Period,
    /// Units: more, or below zero fewer.
    pub units: i64,
}

/// The difference for one period, by terms; charges and credits in order of days.
#[must_use]
pub fn difference(timeline: &Timeline, billed: &[Line], period: Period) -> Vec<Span> {
    // Days at the start on which it rests are neither billed nor given back: what was billed
    // ahead stands, what was not is billed from the day on which work goes on.
    let works = timeline.works_from(period.start()).unwrap_or(period.end());
    let mut all: Vec<Terms> = Vec::new();
    let mut steps: Vec<(usize, NaiveDate, i64)> = Vec::new();
    let mut step = |terms: Terms, from: NaiveDate, to: NaiveDate, units: i64| {
        let key = all.iter().position(|t| *t == terms).unwrap_or_else(|| {
            all.push(terms);
            all.len() - 1
        });
        // In arrears days of work are owed one by one, and those of rest are not.
        let first = if terms.timing == Timing::Arrears { period.start() } else { works };
        steps.push((key, from.max(first), units));
        steps.push((key, to.max(first), -units));
    };
    for stretch in &timeline.stretches {
        let to = stretch.to.map_or(period.end(), |to| to.min(period.end()));
        let from = stretch.from.max(period.start());
        let advance = stretch.terms.timing == Timing::Advance;
        if advance && timeline.settled.is_empty() {
            if from < to {
                step(stretch.terms, from, to, i64::from(stretch.units));
            }
            continue;
        }
        let Ok(days) = Period::new(from, to) else { continue };
        let parts = if advance { vec![days] } else { timeline.worked(days) };
        for days in parts.into_iter().flat_map(|part| unclaimed(part, &timeline.settled)) {
            step(stretch.terms, days.start(), days.end(), i64::from(stretch.units));
        }
    }
    for line in billed.iter().filter(|line| line.kind.covers()) {
        if let Some(common) = line.period.intersect(period) {
            step(line.terms, common.start(), common.end(), -line.covered_units());
        }
    }
    steps.retain(|(_, day, _)| *day < period.end());
    steps.sort_unstable();
    let mut spans = Vec::new();
    for (key, terms) in all.iter().enumerate() {
        spans.extend(of_terms(*terms, steps.iter().filter(|s| s.0 == key), period.end()));
    }
    spans
}

/// The spans of one kind of units from its steps, which are in order of days.
fn of_terms<'s>(
    terms: Terms,
    steps: impl Iterator<Item = &'s (usize, NaiveDate, i64)>,
    end: NaiveDate,
) -> Vec<Span> {
    let mut by_day: Vec<(NaiveDate, i64)> = Vec::new();
    for (_, day, units) in steps {
        match by_day.last_mut() {
            Some((last, sum)) if last == day => *sum += units,
            _ => by_day.push((*day, *units)),
        }
    }
    let (mut open, mut spans): (Vec<(NaiveDate, i64)>, Vec<Span>) = (Vec::new(), Vec::new());
    let mut close = |from: NaiveDate, to: NaiveDate, units: i64| {
        spans.extend(Period::new(from, to).map(|days| Span { terms, days, units }));
    };
    for (day, mut left) in by_day {
        while left != 0 {
            match open.last_mut() {
                // The other way than what is open: the newest of it ends here.
                Some((from, units)) if units.signum() == -left.signum() => {
                    let ends = units.abs().min(left.abs()) * units.signum();
                    close(*from, day, ends);
                    *units -= ends;
                    left += ends;
                    if *units == 0 {
                        open.pop();
                    }
                }
                _ => {
                    open.push((day, left));
                    left = 0;
                }
            }
        }
    }
    for (from, units) in open {
        close(from, end, units);
    }
    spans.sort_by_key(|s| (s.days.start(), std::cmp::Reverse(s.days.end())));
    spans
}

/// Units of the same product or option that are billed on a day, and whether a renewal claims it.
#[must_use]
pub fn billed_on(billed: &[Line], terms: &Terms, day: NaiveDate) -> (i64, bool) {
    let mut units = 0;
    let mut claimed = false;
    for line in billed {
        if line.kind.covers() && line.terms.same_role(terms) && line.period.contains(day) {
            units += line.covered_units();
            claimed |= line.kind == Kind::Renewal;
        }
    }
    (units, claimed)
}
