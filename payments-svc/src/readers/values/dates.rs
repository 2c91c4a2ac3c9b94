//! Dates as formats write them.

use crate::domain::matching::text::{Item, items};
use chrono::{Datelike, NaiveDate};

/// Reads a date of the years 1990–2100 in one of the ways that formats but 1C write it: ISO with or
/// without time, `дд.мм.гггг`, `дд/мм/гггг`, `дд.мм.гг`, `20260131…`.
pub fn any_date(text: &str) -> Option<NaiveDate> {
    let text = text.trim().trim_matches(['"', ';']);
    date_in_figures(text).or_else(|| date_in_words(text))
}

fn date_in_figures(text: &str) -> Option<NaiveDate> {
    let head = text.split(['T', ' ', ',']).next()?;
    let digits = head.bytes().take_while(u8::is_ascii_digit).count();
    let format = match (digits, head.as_bytes().get(digits)) {
        (4, Some(b'-')) => "%Y-%m-%d",
        (4, Some(b'.')) => "%Y.%m.%d",
        (1 | 2, Some(b'.')) => "%d.%m.%Y",
        (1 | 2, Some(b'/')) => "%d/%m/%Y",
        (1 | 2, Some(b'-')) => "%d-%m-%Y",
        (8 | 12 | 14, _) => "%Y%m%d",
        _ => return None,
    };
    let head = match format {
        "%Y%m%d" => &head[..8],
        // An offset may stand behind the day: `2019-06-24+02:00`, `2019-06-24Z`.
        "%Y-%m-%d" => head.get(..10).unwrap_or(head),
        _ => head,
    };
    let short = head.rsplit(['.', '/', '-']).next().is_some_and(|year| year.len() == 2);
    let format =
        if short && !format.starts_with("%Y") { format.replace("%Y", "%y") } else { format.into() };
    let date = NaiveDate::parse_from_str(head, &format).ok()?;
    (1990..=2100).contains(&date.year()).then_some(date)
}

/// `20 Feb 2026`, `20-фев-2026`, `20 февраля 2026 г.`, as purposes have them.
fn date_in_words(text: &str) -> Option<NaiveDate> {
    let letters = text.chars().take(40).filter(|c| c.is_alphabetic()).count();
    if letters < 3 || text.len() > 60 {
        return None;
    }
    match items(&text.replace('-', " ")).first()?.item {
        Item::Date(date) => Some(date),
        _ => None,
    }
}

/// Whether a text stands where a date is not known: `00.00.0000`, `.  .`, `01.01.0001`, `-`.
pub fn is_no_date(text: &str) -> bool {
    let text = text.trim();
    let empty = !text.contains(|c: char| c.is_alphabetic() || matches!(c, '1'..='9'));
    empty || text.starts_with("01.01.0001") || text.starts_with("0001-01-01")
}
