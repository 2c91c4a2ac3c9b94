//! What else a purpose says: other numbers, sums, dates, tax ids of whom it is paid for.

use super::mentions::{Mention, bare, named};
use super::text::{Item, Placed, items};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Everything that is read out of a purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clues {
    /// Numbers of invoices.
    pub mentions: Vec<Mention>,
    /// The rest.
    pub hints: Hints,
}

/// What supports or contradicts, and never decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// Numbers that stand somewhere, of whatever.
    pub bare: Vec<Mention>,
    /// Amounts of money but for taxes.
    pub sums: Vec<Decimal>,
    /// Whole dates.
    pub dates: Vec<NaiveDate>,
    /// Tax ids that the text names.
    pub tax_ids: Vec<String>,
}

impl Clues {
    /// Reads a purpose.
    #[must_use]
    pub fn of(purpose: &str) -> Self {
        let items = items(purpose);
        let mentions = named(purpose, &items);
        let bare = bare(&items, &mentions);
        let dates = items.iter().filter_map(|placed| match placed.item {
            Item::Date(date) => Some(date),
            _ => None,
        });
        let hints =
            Hints { bare, sums: sums(&items), dates: dates.collect(), tax_ids: tax_ids(&items) };
        Self { mentions, hints }
    }
}

/// Sums, but for those that follow the name of a tax within three things.
fn sums(items: &[Placed]) -> Vec<Decimal> {
    let tax = |at: usize| {
        let from = at.saturating_sub(4);
        items[from..at].iter().any(|placed| match &placed.item {
            Item::Word(word) => ["НДС", "ПДВ", "VAT", "НДС-"].contains(&word.as_str()),
            _ => false,
        })
    };
    let value = |(at, placed): (usize, &Placed)| match placed.item {
        Item::Sum(value) if !tax(at) => value,
        _ => None,
    };
    items.iter().enumerate().filter_map(value).collect()
}

/// Digits after `ИНН` and its like, and a `/КПП` behind them.
fn tax_ids(items: &[Placed]) -> Vec<String> {
    const WORDS: [&str; 9] = ["ИНН", "INN", "УНП", "УНН", "ЄДРПОУ", "ІПН", "БИН", "ИИН", "ИНН/КПП"];
    let mut found = Vec::new();
    for (at, placed) in items.iter().enumerate() {
        let Item::Word(word) = &placed.item else { continue };
        if !WORDS.contains(&word.as_str()) {
            continue;
        }
        let next = items[at + 1..].iter().take(3).find_map(|placed| match &placed.item {
            Item::Id(text) => Some(text),
            _ => None,
        });
        let digits =
            next.map(|text| text.chars().take_while(char::is_ascii_digit).collect::<String>());
        found.extend(digits.filter(|digits| matches!(digits.len(), 8..=10 | 12)));
    }
    found
}
