//! Amounts of money in a purpose: never numbers of invoices.

use super::{Item, Scanner};
use crate::domain::matching::words::{is_invoice, is_number_sign, one_alphabet};
use rust_decimal::Decimal;

/// Units that make the number before them a sum.
const UNITS: [&str; 22] = [
    "Р",
    "РУБ",
    "РУБЛЬ",
    "РУБЛЯ",
    "РУБЛЕЙ",
    "RUB",
    "RUR",
    "КОП",
    "К",
    "КОПЕЕК",
    "ГРН",
    "ГРИВЕНЬ",
    "UAH",
    "BYN",
    "БЕЛ",
    "ТЕНГЕ",
    "ТГ",
    "KZT",
    "EUR",
    "USD",
    "ЕВРО",
    "ДОЛЛ",
];

impl Scanner {
    /// A number with kopecks, groups or a unit after it: `860р. 00к.`, `18026,52`, `860-00 руб`,
    /// `2 999-00руб`, `5.616.666,67=`, `20%`, `5 руб`. In a list of numbers a comma parts two.
    pub(super) fn sum(&self, at: usize, list: bool) -> Option<(Item, usize)> {
        if !self.begins(at)
            || (at > 0 && (self.at(at - 1).is_alphanumeric() || self.at(at - 1) == '#'))
        {
            return None;
        }
        let mut end = at + self.digits(at);
        // «сч 187 500-33 руб» is the number 187 and a sum.
        let numbered = self.follows_number_sign(at);
        // Groups of three after a blank, point or apostrophe continue the number.
        while matches!(self.at(end), ' ' | '.' | ',' | '\'')
            && self.digits(end + 1) == 3
            && (self.at(end) != ' ' || (!numbered && self.grouped_sum_ends(end + 4)))
        {
            end += 4;
        }
        let fraction = self.digits(end + 1);
        let mark = self.at(end);
        // «№12,13» and «сч 12,13 и 14» are two numbers.
        let listed = mark == ','
            && (list || (numbered && (self.follows_sign(at) || self.list_goes_on(end + 3))))
            && self.unit(end + 3).is_none();
        let decimal =
            matches!(mark, '.' | ',') && fraction == 2 && !self.goes_on(end + 3) && !listed;
        let dashed = mark == '-' && fraction == 2 && !self.goes_on(end + 3);
        let after = if decimal || dashed { end + 3 } else { end };
        let unit = self.unit(after);
        let whole: String = self.chars[at..end].iter().filter(|c| c.is_ascii_digit()).collect();
        let cents: String = if decimal || dashed {
            self.chars[end + 1..end + 3].iter().collect()
        } else {
            String::new()
        };
        match (decimal, unit) {
            (_, Some(unit_end)) => {
                // A percentage is no amount.
                let percent = self.chars.get(unit_end - 1) == Some(&'%');
                let (cents, unit_end) = self.kopecks(cents, unit_end);
                let value = value(&whole, &cents).filter(|_| !percent);
                Some((Item::Sum(value), unit_end))
            }
            (true, None) => Some((Item::Sum(value(&whole, &cents)), after)),
            (false, None) if self.at(after) == '=' => {
                Some((Item::Sum(value(&whole, &cents)), after + 1))
            }
            (false, None) => None,
        }
    }

    /// Whether an invoice word or a sign of a number stands right before.
    fn follows_number_sign(&self, at: usize) -> bool {
        self.follows_sign(at) || is_invoice(&self.word_before(at))
    }

    /// Whether a sign of a number stands right before.
    fn follows_sign(&self, at: usize) -> bool {
        let before = self.chars[..at].iter().rev().find(|c| **c != ' ');
        before == Some(&'№') || is_number_sign(&self.word_before(at))
    }

    fn word_before(&self, at: usize) -> String {
        let before: String = self.chars[at.saturating_sub(24)..at].iter().collect();
        let before = before.trim_end_matches(['.', ':', ' ']);
        let letters = before.chars().rev().take_while(|c| c.is_alphabetic() || *c == '-').count();
        let word: String = before.chars().rev().take(letters).collect();
        one_alphabet(word.chars().rev().collect())
    }

    /// Whether further numbers follow: «,14», « и 14».
    fn list_goes_on(&self, at: usize) -> bool {
        let rest: String = self.chars[at.min(self.chars.len())..].iter().take(5).collect();
        let joined = [",", ";", " И ", " ТА ", " І ", " I ", " AND "].iter();
        joined.filter_map(|joint| rest.strip_prefix(joint)).any(|rest| {
            rest.trim_start().trim_start_matches('№').starts_with(|c: char| c.is_ascii_digit())
        })
    }

    /// `860Р. 00К.`: the kopecks behind the roubles.
    fn kopecks(&self, cents: String, end: usize) -> (String, usize) {
        let from = end + usize::from(self.at(end) == ' ');
        if !cents.is_empty() || self.digits(from) != 2 {
            return (cents, end);
        }
        let after = from + 2 + usize::from(self.at(from + 2) == ' ');
        let letters: String = self.chars[after.min(self.chars.len())..]
            .iter()
            .take_while(|c| c.is_alphabetic())
            .collect();
        if !["К", "КОП", "КОПЕЕК", "КОПЕЙКИ", "КОПЕЙКА"].contains(&letters.as_str())
        {
            return (cents, end);
        }
        let end_of = after + letters.chars().count();
        let digits = self.chars[from..from + 2].iter().collect();
        (digits, end_of + usize::from(self.at(end_of) == '.'))
    }

    /// Whether a number that was grouped by blanks is a sum: kopecks or a unit follow.
    fn grouped_sum_ends(&self, end: usize) -> bool {
        let more = matches!(self.at(end), ' ') && self.digits(end + 1) == 3;
        let kopecks = matches!(self.at(end), '.' | ',' | '-') && self.digits(end + 1) == 2;
        self.unit(end).is_some() || kopecks || (more && self.grouped_sum_ends(end + 4))
    }

    /// True when something alphanumeric, or a further part of a date or identifier, follows.
    pub(super) fn goes_on(&self, at: usize) -> bool {
        self.at(at).is_ascii_digit()
            || (matches!(self.at(at), '.' | '-' | '/') && self.at(at + 1).is_ascii_digit())
    }

    /// End of the unit that stands here, after at most one blank.
    pub(super) fn unit(&self, at: usize) -> Option<usize> {
        let from = at + usize::from(self.at(at) == ' ');
        if matches!(self.at(from), '%' | '₽' | '€' | '$') {
            return Some(from + 1);
        }
        let letters: String =
            self.chars.get(from..)?.iter().take_while(|c| c.is_alphabetic()).collect();
        let end = from + letters.chars().count();
        UNITS.contains(&letters.as_str()).then(|| end + usize::from(self.at(end) == '.'))
    }
}

fn value(whole: &str, cents: &str) -> Option<Decimal> {
    let whole: i64 = whole.parse().ok()?;
    let cents: i64 = if cents.is_empty() { 0 } else { cents.parse().ok()? };
    Some(Decimal::new(whole.checked_mul(100)?.checked_add(cents)?, 2))
}
