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

/// Σ of lines, by own account and direction; lines need not be kept for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    sums: BTreeMap<String, (Decimal, Decimal)>,
}

impl Tally {
    /// The Σ of these lines.
    #[must_use]
    pub fn of(lines: &[StatementLine]) -> Self {
        let mut tally = Self::default();
        lines.iter().for_each(|line| tally.add(line));
        tally
    }

    /// One line more.
    pub fn add(&mut self, line: &StatementLine) {
        if !self.sums.contains_key(&line.own_account) {
            self.sums.insert(line.own_account.clone(), Default::default());
        }
        let Some(sums) = self.sums.get_mut(&line.own_account) else { return };
        let sum = match line.direction {
            Direction::In => &mut sums.0,
            Direction::Out => &mut sums.1,
            Direction::Unknown => return,
        };
        *sum = sum.saturating_add(line.amount);
    }
}

/// Σ over the periods of one account.
#[derive(Debug, Default)]
struct Totals {
    declared_in: Option<Decimal>,
    declared_out: Option<Decimal>,
    /// What balances say, when no period declares turnovers.
    moved: Option<Decimal>,
    found_in: Decimal,
    found_out: Decimal,
    line: usize,
}

/// Checks `opening + in − out = closing` of each period, and Σ documents = turnover per account.
/// Periods are merged by account, never by their place in the file: some banks write one section
/// a day and put documents between them.
#[must_use]
pub fn check(file: &StatementFile) -> Arithmetic {
    check_sums(file, &Tally::of(&file.lines))
}

/// The same of a file whose lines went elsewhere, and left their Σ.
#[must_use]
pub fn check_sums(file: &StatementFile, tally: &Tally) -> Arithmetic {
    let mut differences = Vec::new();
    let mut proved = !file.days.is_empty();
    for day in file.days.iter().filter(|day| !has_no_turnovers(day)) {
        match balance_gap(day) {
            None => proved = false,
            Some(gap) if gap.is_zero() => {}
            Some(gap) => differences.push(balance_differs(day.line, &day.own_account, gap)),
        }
    }
    for (account, totals) in totals(file, tally) {
        if let Some(moved) = totals.moved {
            let gap = moved - (totals.found_in - totals.found_out);
            if !gap.is_zero() {
                differences.push(balance_differs(totals.line, account, -gap));
            }
            continue;
        }
        proved &= totals.declared_in.is_some() && totals.declared_out.is_some();
        differences.extend(turnovers_differ(account, &totals));
    }
    if !differences.is_empty() {
        return Arithmetic::Differs(differences);
    }
    if proved { Arithmetic::Closes } else { Arithmetic::Unproved }
}

fn balance_differs(line: usize, account: &str, gap: Decimal) -> Remark {
    Remark::new(
        line,
        "BALANCE_DIFFERS",
        format!(
            "Счёт {account}: начальный остаток + поступило − списано отличается от конечного \
             остатка на {gap}"
        ),
        format!("Account {account}: opening + in − out differs from the closing balance by {gap}"),
    )
}

fn turnovers_differ(account: &str, totals: &Totals) -> Vec<Remark> {
    let sides = [
        ("поступило", "in", totals.declared_in, totals.found_in),
        ("списано", "out", totals.declared_out, totals.found_out),
    ];
    let differs = |(ru, en, declared, found): (&str, &str, Option<Decimal>, Decimal)| {
        let declared = declared.filter(|declared| *declared != found)?;
        Some(Remark::new(
            totals.line,
            "TURNOVER_DIFFERS",
            format!("Счёт {account}: {ru} по итогам {declared}, по документам {found}"),
            format!("Account {account}: {en} declared {declared}, documents add up to {found}"),
        ))
    };
    sides.into_iter().filter_map(differs).collect()
}

const fn has_no_turnovers(day: &StatementDay) -> bool {
    day.turnover_in.is_none() && day.turnover_out.is_none()
}

/// What the balances say moved, of a period that declares no turnovers.
fn moved(day: &StatementDay) -> Option<Decimal> {
    let (true, opening, closing) = (has_no_turnovers(day), day.opening?, day.closing?) else {
        return None;
    };
    closing.checked_sub(opening)
}

/// True when the file itself says that nothing moved: every period declares zero turnovers, or
/// declares none and ends with the balance that it began with.
#[must_use]
pub fn proves_no_movement(file: &StatementFile) -> bool {
    let zero = |turnover: Option<Decimal>| turnover.is_some_and(|t| t.is_zero());
    let still =
        |day: &StatementDay| (zero(day.turnover_in) && zero(day.turnover_out)) || zero(moved(day));
    !file.days.is_empty() && file.days.iter().all(still)
}

fn balance_gap(day: &StatementDay) -> Option<Decimal> {
    let computed = day
        .opening?
        .checked_add(day.turnover_in?)
        .and_then(|sum| sum.checked_sub(day.turnover_out?))?;
    computed.checked_sub(day.closing?)
}

fn totals<'f>(file: &'f StatementFile, tally: &'f Tally) -> BTreeMap<&'f str, Totals> {
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
            moved: Some(Decimal::ZERO),
            line: day.line,
            ..Totals::default()
        });
        totals.declared_in = plus(totals.declared_in, day.turnover_in);
        totals.declared_out = plus(totals.declared_out, day.turnover_out);
        totals.moved = plus(totals.moved, moved(day));
    }
    for (account, (found_in, found_out)) in &tally.sums {
        let totals = by_account.entry(account).or_default();
        (totals.found_in, totals.found_out) = (*found_in, *found_out);
    }
    by_account
}

fn plus(sum: Option<Decimal>, turnover: Option<Decimal>) -> Option<Decimal> {
    sum?.checked_add(turnover?)
}
