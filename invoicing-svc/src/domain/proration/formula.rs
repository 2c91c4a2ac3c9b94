//! The formula of a charge with its numbers, without the currency.

use super::{ChargeTrace, Formula, Piece};
use types::period::days_in_month;

/// A run of months in a sum: one that is cut, or several whole ones.
pub(super) enum Term<'a> {
    /// A part of a month.
    Part(&'a Piece),
    /// Whole months.
    Months(u64),
}

/// The months of a charge that counts by months, whole ones together.
pub(super) fn terms(t: &ChargeTrace) -> Vec<Term<'_>> {
    let whole = |p: &Piece| match t.formula {
        Formula::Thirtieths => p.weight == 30,
        _ => p.days == i64::from(days_in_month(p.period.start())),
    };
    let mut terms = Vec::new();
    for piece in &t.pieces {
        match terms.last_mut() {
            Some(Term::Months(n)) if whole(piece) => *n += 1,
            _ if whole(piece) => terms.push(Term::Months(1)),
            _ => terms.push(Term::Part(piece)),
        }
    }
    terms
}

/// `800.00 × 2 × (26/30 + 4) × 0.95`.
pub(super) fn of(t: &ChargeTrace) -> String {
    let mut text = t.unit_price.amount().to_string();
    if t.quantity != 1 {
        text.push_str(&format!(" × {}", t.quantity));
    }
    text.push_str(&factor(t));
    text
}

/// What the price of the units is multiplied by: ` × (26/30 + 4)`, ` × 6 × 150/181`.
pub(super) fn factor(t: &ChargeTrace) -> String {
    let mut text = match t.formula {
        Formula::Nothing => " × 0".to_owned(),
        Formula::Whole => months(t),
        Formula::Days => format!("{} × {}/{}", months(t), t.period.days(), t.full.days()),
        Formula::Thirtieths | Formula::Months => sum(t),
    };
    if !t.discount.is_none() {
        let left = rust_decimal::Decimal::new(i64::try_from(t.discount.left()).unwrap_or(0), 4);
        text.push_str(&format!(" × {}", left.normalize()));
    }
    text
}

/// Cycles of the price in the billing period: nothing for one.
fn months(t: &ChargeTrace) -> String {
    match (t.full_months, t.price_months) {
        (full, price) if full == price => String::new(),
        (full, 1) => format!(" × {full}"),
        (full, price) => format!(" × {full}/{price}"),
    }
}

fn sum(t: &ChargeTrace) -> String {
    let term = |term: &Term<'_>| match term {
        Term::Months(n) => n.to_string(),
        Term::Part(p) if t.formula == Formula::Thirtieths => format!("{}/30", p.weight),
        Term::Part(p) => format!("{}/{}", p.days, days_in_month(p.period.start())),
    };
    let terms: Vec<String> = terms(t).iter().map(term).collect();
    let sum = terms.join(" + ");
    match (terms.len(), t.price_months) {
        (1, 1) => format!(" × {sum}"),
        (_, 1) => format!(" × ({sum})"),
        (_, months) => format!(" × ({sum})/{months}"),
    }
}
