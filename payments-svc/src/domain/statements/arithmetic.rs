//! Control sums of a statement (payments.md §1.1 rule 11).
//!
//! Genuine files break the second one, so a difference is a warning; it decides only whether a
//! file without its end is taken.

use super::{Direction, Remark, StatementDay, StatementFile, StatementLine};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What the figures of a file say about its completeness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arithmetic {
    /// Balances close and documents add up to the turnovers, for every account.
    Closes,
    /// Figures are missing, so nothing is proved.
    Unproved,
    /// Something does not add up; each difference is named.
    Differs(Vec<Remark>),
}

/// Σ over the periods of one account.
#[derive(Debug, Default)]
struct Totals {
    declared_in: Option<Decimal>,
    declared_out: Option<Decimal>,
    found_in: Decimal,
    found_out: Decimal,
    line: usize,
}

/// Checks `opening + in − out = closing` of each period, and Σ documents = turnover per account.
/// Periods are merged by account, never by their place in the file: some banks write one section
/// a day and put documents between them.
#[must_use]
pub fn check(file: &StatementFile) -> Arithmetic {
    let mut differences = Vec::new();
    let mut proved = !file.days.is_empty();
    for day in &file.days {
        match balance_gap(day) {
            None => proved = false,
            Some(gap) if gap.is_zero() => {}
            Some(gap) => differences.push(Remark::new(
                day.line,
                "BALANCE_DIFFERS",
                format!(
                    "Счёт {}: начальный остаток + поступило − списано отличается от конечного \
                     остатка на {gap}",
                    day.own_account
                ),
                format!(
                    "Account {}: opening + in − out differs from the closing balance by {gap}",
                    day.own_account
                ),
            )),
        }
    }
    for (account, totals) in totals(file) {
        proved &= totals.declared_in.is_some() && totals.declared_out.is_some();
        let sides = [
            ("поступило", "in", totals.declared_in, totals.found_in),
            ("списано", "out", totals.declared_out, totals.found_out),
        ];
        for (ru, en, declared, found) in sides {
            let Some(declared) = declared.filter(|d| *d != found) else { continue };
            differences.push(Remark::new(
                totals.line,
                "TURNOVER_DIFFERS",
                format!("Счёт {account}: {ru} по итогам {declared}, по документам {found}"),
                format!("Account {account}: {en} declared {declared}, documents add up to {found}"),
            ));
        }
    }
    if !differences.is_empty() {
        return Arithmetic::Differs(differences);
    }
    if proved { Arithmetic::Closes } else { Arithmetic::Unproved }
}

/// True when the file itself says that nothing moved: every period declares zero turnovers.
#[must_use]
pub fn proves_no_movement(file: &StatementFile) -> bool {
    let zero = |turnover: Option<Decimal>| turnover.is_some_and(|t| t.is_zero());
    !file.days.is_empty()
        && file.days.iter().all(|day| zero(day.turnover_in) && zero(day.turnover_out))
}

fn balance_gap(day: &StatementDay) -> Option<Decimal> {
    let computed = day
        .opening?
        .checked_add(day.turnover_in?)
        .and_then(|sum| sum.checked_sub(day.turnover_out?))?;
    computed.checked_sub(day.closing?)
}

fn totals(file: &StatementFile) -> BTreeMap<&str, Totals> {
    let mut by_account: BTreeMap<&str, Totals> = BTreeMap::new();
    // The same period met twice says the same thing twice; only its last figures count.
    let mut periods: BTreeMap<_, &StatementDay> = BTreeMap::new();
    for day in &file.days {
        periods.insert((day.own_account.as_str(), day.from, day.to), day);
    }
    for day in periods.into_values() {
        let totals = by_account.entry(&day.own_account).or_insert_with(|| Totals {
            declared_in: Some(Decimal::ZERO),
            declared_out: Some(Decimal::ZERO),
            line: day.line,
            ..Totals::default()
        });
        totals.declared_in = plus(totals.declared_in, day.turnover_in);
        totals.declared_out = plus(totals.declared_out, day.turnover_out);
    }
    for line in &file.lines {
        let totals = by_account.entry(&line.own_account).or_default();
        let found = found_side(totals, line);
        if let Some(found) = found {
            *found = found.saturating_add(line.amount);
        }
    }
    by_account
}

fn plus(sum: Option<Decimal>, turnover: Option<Decimal>) -> Option<Decimal> {
    sum?.checked_add(turnover?)
}

fn found_side<'t>(totals: &'t mut Totals, line: &StatementLine) -> Option<&'t mut Decimal> {
    match line.direction {
        Direction::In => Some(&mut totals.found_in),
        Direction::Out => Some(&mut totals.found_out),
        Direction::Unknown => None,
    }
}
