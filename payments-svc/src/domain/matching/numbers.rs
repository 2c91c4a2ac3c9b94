//! Numbers of invoices: their canonical form, and where a purpose names one.

use super::text::{Item, Placed, Span, items};
use chrono::{Datelike, NaiveDate};
use types::damm;

/// Canonical form of a number, equal for all ways people type it (G37): upper case, look-alike
/// letters folded to Latin, one separator, no leading zeros in numeric parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NumberKey {
    /// The whole number, such as `88#72815` or `HOR-11111-7`.
    pub full: String,
    /// What stands after the prefix: `72815`; the whole number when it has none.
    pub tail: String,
}

impl NumberKey {
    /// The key of a number as printed or typed.
    #[must_use]
    pub fn of(number: &str) -> Self {
        let folded: String = number.chars().flat_map(char::to_uppercase).filter_map(fold).collect();
        let canonical = |part: &str| {
            let parts: Vec<&str> =
                part.split('-').filter(|p| !p.is_empty()).map(without_zeros).collect();
            parts.join("-")
        };
        match folded.split_once('#') {
            Some((prefix, tail)) if !prefix.is_empty() => {
                let tail = canonical(tail);
                Self { full: format!("{}#{tail}", canonical(prefix)), tail }
            }
            _ => {
                let full = canonical(folded.trim_start_matches('#'));
                Self { tail: full.clone(), full }
            }
        }
    }

    /// What stands before the `#`.
    #[must_use]
    pub fn prefix(&self) -> Option<&str> {
        self.full.split_once('#').map(|(prefix, _)| prefix)
    }

    /// Whether a number by itself names whose invoice it is (§1.9 item 9): it holds a service code
    /// (`HOR-11111-007`), or a valid check digit over its sequence.
    #[must_use]
    pub fn names_client(&self, sequence: u64) -> bool {
        let parts: Vec<&str> = self.full.split('-').collect();
        let numeric = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
        let service_code = parts.len() == 3
            && parts[0].bytes().all(|b| b.is_ascii_alphabetic())
            && parts[1..].iter().all(numeric);
        service_code || (sequence > 0 && self.tail == damm::append(sequence))
    }
}

/// One character of a canonical number; none for what is dropped.
fn fold(c: char) -> Option<char> {
    Some(match c {
        'А' => 'A',
        'В' => 'B',
        'Е' | 'Ё' => 'E',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'О' => 'O',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'У' => 'Y',
        'Х' => 'X',
        'І' => 'I',
        '-' | '–' | '—' | '‑' | '−' | '_' | ' ' | '\u{A0}' => '-',
        '#' | '/' => c,
        other if other.is_alphanumeric() => other,
        _ => return None,
    })
}

fn without_zeros(part: &str) -> &str {
    if !part.bytes().all(|b| b.is_ascii_digit()) {
        return part;
    }
    let trimmed = part.trim_start_matches('0');
    if trimmed.is_empty() { "0" } else { trimmed }
}

/// A number that a purpose names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Its canonical form.
    pub key: NumberKey,
    /// As written, upper case.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Date that the purpose gives the invoice.
    pub date: Option<WrittenDate>,
}

/// A date as a payer writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenDate {
    /// With year.
    Full(NaiveDate),
    /// Day and month only.
    DayMonth(u32, u32),
}

impl WrittenDate {
    /// Whether the invoice of that date may be meant.
    #[must_use]
    pub fn agrees(self, issued: NaiveDate) -> bool {
        match self {
            Self::Full(date) => date == issued,
            Self::DayMonth(day, month) => (issued.day(), issued.month()) == (day, month),
        }
    }
}

/// Words after which a number is an invoice's.
const INVOICE_WORDS: [&str; 28] = [
    "СЧЕТ",
    "СЧЕТУ",
    "СЧЕТА",
    "СЧЕТОМ",
    "СЧЕТЕ",
    "СЧЕТАМ",
    "СЧ",
    "СЧ-ТУ",
    "СЧ-Т",
    "СЧЕТ-ОФЕРТА",
    "СЧЕТУ-ОФЕРТЕ",
    "СЧЕТ-ДОГОВОР",
    "СЧЕТУ-ДОГОВОРУ",
    "РАХУНОК",
    "РАХУНКУ",
    "РАХУНКА",
    "РАХ",
    "СХЕТУ",
    "SCHET",
    "SCHETU",
    "SCHETA",
    "SCH",
    "RAHUNOK",
    "RAKHUNOK",
    "INVOICE",
    "INV",
    "ІНВОЙС",
    "ИНВОЙС",
];

/// Beginnings of words that make the account after them no invoice: «лицевой счет 123».
const OTHER_ACCOUNTS: [&str; 6] = ["ЛИЦЕВ", "РАСЧЕТН", "БАНКОВСК", "КОРРЕСП", "ТЕКУЩ", "КОР"];

/// Signs of a number.
const NUMBER_WORDS: [&str; 9] = ["N", "NO", "NR", "НОМЕР", "НОМ", "Н", "НО", "НОМЕРА", "НОМЕРУ"];

/// Most numbers that one purpose may name; a longer list is a list, and waits for a person.
const MAX_MENTIONS: usize = 20;

/// Whether letters glued to a number are a word of their own.
pub(super) fn is_glue(letters: &str) -> bool {
    INVOICE_WORDS.contains(&letters) || ["ОТ", "N", "NO", "С", "ПО"].contains(&letters)
}

/// The numbers of invoices that a purpose names, in order.
#[must_use]
pub fn mentions(purpose: &str) -> Vec<Mention> {
    let items = items(purpose);
    let mut found: Vec<Mention> = Vec::new();
    let mut at = 0;
    while at < items.len() && found.len() < MAX_MENTIONS {
        let next = after_invoice_word(&items, at).or_else(|| by_own_shape(&items, at));
        let Some((mut mention, mut end)) = next else {
            at += 1;
            continue;
        };
        mention.date = date_after(&items, end);
        if mention.text.chars().count() <= MAX_NUMBER {
            found.push(mention);
        }
        // «№№ 12, 13 и 15»: what a list goes on with.
        while let Some((number, next)) = list_goes_on(&items, end) {
            let date = date_after(&items, next);
            if number.text.chars().count() <= MAX_NUMBER {
                found.push(Mention { date, ..number });
            }
            end = next;
            if found.len() >= MAX_MENTIONS {
                break;
            }
        }
        at = end;
    }
    found
}

/// Longest text that may be a number of an invoice, characters.
const MAX_NUMBER: usize = 40;

fn mention(text: &str, span: Span) -> Mention {
    Mention { key: NumberKey::of(text), text: text.to_owned(), span, date: None }
}

fn word(items: &[Placed], at: usize) -> Option<&str> {
    match items.get(at).map(|placed| &placed.item) {
        Some(Item::Word(word)) => Some(word),
        _ => None,
    }
}

fn after_invoice_word(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let is_invoice = INVOICE_WORDS.contains(&word(items, at)?);
    let before = at.checked_sub(1).and_then(|before| word(items, before));
    let other = before.is_some_and(|w| OTHER_ACCOUNTS.iter().any(|stem| w.starts_with(stem)));
    if !is_invoice || other {
        return None;
    }
    number_at(items, skip_signs(items, at + 1))
}

/// Skips `№`, `N`, `.`, `:` and the like before a number.
fn skip_signs(items: &[Placed], mut at: usize) -> usize {
    for _ in 0..5 {
        let sign = match items.get(at).map(|placed| &placed.item) {
            Some(Item::Sign(c)) => matches!(c, '№' | '.' | ':' | '#' | '"' | '«' | '»'),
            Some(Item::Word(word)) => NUMBER_WORDS.contains(&word.as_str()),
            _ => false,
        };
        if !sign {
            break;
        }
        at += 1;
    }
    at
}

/// The number that stands here: one identifier, or letters and digits parted by blanks.
fn number_at(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    if let Some(spaced) = spaced_number(items, at) {
        return Some(spaced);
    }
    match items.get(at) {
        Some(Placed { item: Item::Id(text), span }) => Some((mention(text, *span), at + 1)),
        _ => None,
    }
}

/// «hor 11111 007»: letters, then two numbers.
fn spaced_number(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let letters = word(items, at).filter(|w| (2..=5).contains(&w.chars().count()))?;
    if INVOICE_WORDS.contains(&letters) || NUMBER_WORDS.contains(&letters) {
        return None;
    }
    let digits = |at: usize| match items.get(at).map(|placed| &placed.item) {
        Some(Item::Id(text)) if text.bytes().all(|b| b.is_ascii_digit()) => Some(text.as_str()),
        _ => None,
    };
    let (first, second) = (digits(at + 1)?, digits(at + 2)?);
    let span = (items[at].span.0, items[at + 2].span.1);
    (first.len() >= 3 && second.len() >= 3)
        .then(|| (mention(&format!("{letters}-{first}-{second}"), span), at + 3))
}

/// Numbers whose shape is enough: a prefix (`88#72815`), or letters and two numeric parts
/// (`HOR-11111-007`). Bare digits never are: a year or a sum would be one.
fn by_own_shape(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    if let Some(Placed { item: Item::Id(text), span }) = items.get(at) {
        let key = NumberKey::of(text);
        let prefixed = key.prefix().is_some() && key.tail.bytes().all(|b| b.is_ascii_digit());
        if prefixed || key.names_client(0) {
            return Some((mention(text, *span), at + 1));
        }
        return None;
    }
    spaced_number(items, at)
}

fn list_goes_on(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let mut next = at;
    if date_after(items, next).is_some() {
        next += 2;
    }
    let joined = match items.get(next).map(|placed| &placed.item) {
        Some(Item::Sign(c)) => matches!(c, ',' | '+'),
        Some(Item::Word(word)) => word == "И",
        _ => false,
    };
    let Some(Placed { item: Item::Id(text), span }) =
        joined.then(|| items.get(skip_signs(items, next + 1))).flatten()
    else {
        return None;
    };
    // «…, 5 гб»: a quantity is no number of a list.
    let end = skip_signs(items, next + 1) + 1;
    let counts =
        matches!(items.get(end).map(|p| &p.item), Some(Item::Word(w)) if w != "И" && w != "ОТ");
    (!counts).then(|| (mention(text, *span), end))
}

fn date_after(items: &[Placed], at: usize) -> Option<WrittenDate> {
    if word(items, at) != Some("ОТ") {
        return None;
    }
    match items.get(at + 1).map(|placed| &placed.item) {
        Some(Item::Date(date)) => Some(WrittenDate::Full(*date)),
        Some(Item::DayMonth(day, month)) => Some(WrittenDate::DayMonth(*day, *month)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
