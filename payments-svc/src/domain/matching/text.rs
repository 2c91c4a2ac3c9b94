//! A purpose cut into items: words, identifiers, dates, sums; each knows where it stands.
//!
//! Dates and sums are recognised first, so that no part of them is ever taken for a number of an
//! invoice (I12).

mod entities;
mod sums;

use super::words::{is_glue, leading_invoice, one_alphabet, split_glue};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Characters of the purpose as written: first and one past the last.
pub type Span = (usize, usize);

/// One thing in a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Letters only, upper case; inner `-` and `/` belong to it (`СЧЕТ-ФАКТУРА`, `Л/С`).
    Word(String),
    /// Letters and digits with at least one digit, upper case: `88#72815`, `HOR-11111-007`, `5`.
    Id(String),
    /// A date.
    Date(NaiveDate),
    /// A date without its year: day and month.
    DayMonth(u32, u32),
    /// An amount of money, a percentage or another number with a unit; its value where it is told.
    Sum(Option<Decimal>),
    /// `01.2026`, `1/2026`: a month, or a number where one must stand.
    Month(String),
    /// Any other visible character.
    Sign(char),
}

/// An item with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// What it is.
    pub item: Item,
    /// Where it stands in the purpose as written.
    pub span: Span,
}

/// Longest purpose that is looked at, characters; the longest that banks send is 420.
const MAX_CHARS: usize = 4_000;

struct Scanner {
    chars: Vec<char>,
    /// Place of each character in the purpose as written.
    origin: Vec<usize>,
}

/// Cuts a purpose into items.
#[must_use]
pub fn items(purpose: &str) -> Vec<Placed> {
    let scanner = Scanner::new(purpose);
    let mut items = Vec::new();
    let mut at = 0;
    while at < scanner.chars.len() {
        if scanner.chars[at] == ' ' {
            at += 1;
            continue;
        }
        let (item, end) = scanner
            .date(at)
            .or_else(|| scanner.word_date(at))
            .or_else(|| scanner.year_first(at))
            .or_else(|| scanner.month_first(at))
            .or_else(|| scanner.month(at))
            .or_else(|| scanner.sum(at, goes_on_a_list(&items, scanner.origin[at])))
            .or_else(|| scanner.run(at))
            .unwrap_or((Item::Sign(scanner.chars[at]), at + 1));
        items.push(Placed { item, span: (scanner.origin[at], scanner.origin[end - 1] + 1) });
        at = end;
    }
    items
}

/// «№12,13,14»: a comma without blanks behind a number that is none of a sum.
fn goes_on_a_list(items: &[Placed], at: usize) -> bool {
    let [.., number, comma] = items else { return false };
    let digits = matches!(&number.item, Item::Id(text) if text.bytes().all(|b| b.is_ascii_digit()));
    digits && comma.item == Item::Sign(',') && comma.span == (number.span.1, at)
}

impl Scanner {
    /// Upper case, `Ё` = `Е`, one kind of blank and dash, invisible characters dropped.
    fn new(purpose: &str) -> Self {
        let mut scanner = Self { chars: Vec::new(), origin: Vec::new() };
        for (at, c) in entities::decoded(purpose.chars().take(MAX_CHARS)) {
            let invisible = matches!(c,
                '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
            if invisible {
                continue;
            }
            // Full-width forms are what they look like.
            let c = match u32::from(c) {
                wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
                _ => c,
            };
            for upper in c.to_uppercase() {
                let plain = match upper {
                    'Ё' => 'Е',
                    '–' | '—' | '‑' | '−' | '‐' => '-',
                    blank if blank.is_whitespace() || blank.is_control() => ' ',
                    other => other,
                };
                scanner.chars.push(plain);
                scanner.origin.push(at);
            }
        }
        scanner
    }

    fn at(&self, place: usize) -> char {
        self.chars.get(place).copied().unwrap_or(' ')
    }

    fn digits(&self, from: usize) -> usize {
        (from..self.chars.len()).take_while(|i| self.chars[*i].is_ascii_digit()).count()
    }

    fn number(&self, from: usize, length: usize) -> Option<u32> {
        self.chars[from..from + length].iter().collect::<String>().parse().ok()
    }

    /// True when a digit run may begin here: nothing that would make it part of something longer.
    fn begins(&self, at: usize) -> bool {
        self.chars[at].is_ascii_digit() && (at == 0 || !self.at(at - 1).is_ascii_digit())
    }

    /// `09.02.19`, `09.02.2019`, `9/2/2019`, `25-02-2019`, `2019-02-25`, `09.02`; after `ОТ` also
    /// `09,02,2019` and `09. 02. 2019`.
    fn date(&self, at: usize) -> Option<(Item, usize)> {
        let part = at > 0 && matches!(self.at(at - 1), '#' | '-' | '/') && !self.ends_period(at);
        if !self.begins(at) || part {
            return None;
        }
        let first = self.digits(at);
        let mark = self.at(at + first);
        let from = self.follows_from(at);
        let blanks = mark == ' ' && first == 2 && from;
        let known = matches!(mark, '.' | '/' | '-') || (mark == ',' && from);
        if !blanks && !known {
            return None;
        }
        let gap = |end: usize| 1 + usize::from(mark == '.' && from && self.at(end + 1) == ' ');
        let second_at = at + first + gap(at + first);
        let second = self.digits(second_at);
        if !(1..=2).contains(&second) {
            return None;
        }
        let third_at = second_at + second + gap(second_at + second);
        let third = if self.at(second_at + second) == mark { self.digits(third_at) } else { 0 };
        let (first_n, second_n) = (self.number(at, first)?, self.number(second_at, second)?);
        let date = match (first, third) {
            (4, 1 | 2) => ymd(first_n, second_n, self.number(third_at, third)?),
            (1 | 2, 4) => ymd(self.number(third_at, third)?, second_n, first_n),
            // «от 15 01 2026», «от 15,01,2026».
            _ if blanks || mark == ',' => None,
            (1 | 2, 2) => ymd(2000 + self.number(third_at, third)?, second_n, first_n),
            (2, 0) if mark == '.' && second == 2 && self.follows_from(at) => {
                ymd(2000, second_n, first_n)?;
                let mut end = second_at + second;
                end += usize::from(self.at(end) == '.');
                return Some((Item::DayMonth(first_n, second_n), end));
            }
            _ => None,
        }?;
        Some((Item::Date(date), self.after_year(third_at + third)))
    }

    /// «01.02.2026-28.02.2026»: a second date, parted from the first one by a dash alone.
    fn ends_period(&self, at: usize) -> bool {
        let before: String = self.chars[at.saturating_sub(8)..at - 1].iter().collect();
        let before = before.trim_end_matches(['Г', '.']);
        let year = before.chars().rev().take_while(char::is_ascii_digit).count();
        self.at(at - 1) == '-'
            && matches!(year, 2 | 4)
            && before.chars().rev().nth(year).is_some_and(|mark| mark == '.')
    }

    /// A date without year counts only after `ОТ`; elsewhere `10.12` is a sum.
    fn follows_from(&self, at: usize) -> bool {
        let before: String = self.chars[at.saturating_sub(6)..at].iter().collect();
        let before = before.trim_end().trim_end_matches('.');
        ["ОТ", "OT", "ВІД", "ВIД", "АД", "VID", "AD"].iter().any(|word| {
            before
                .strip_suffix(word)
                .is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphabetic()))
        })
    }

    /// `01.2026`, `1/2026`: neither a whole date nor a sum.
    fn month(&self, at: usize) -> Option<(Item, usize)> {
        if !self.begins(at)
            || (at > 0
                && (self.at(at - 1).is_alphanumeric()
                    || matches!(self.at(at - 1), '#' | '-' | '/' | '.')))
        {
            return None;
        }
        let first = self.digits(at);
        let year_at = at + first + 1;
        let end = year_at + 4;
        let year = matches!(self.at(at + first), '.' | '/' | '-') && self.digits(year_at) == 4;
        if !year || !(1..=2).contains(&first) || self.goes_on(end) || self.at(end).is_alphanumeric()
        {
            return None;
        }
        let (month, year) = (self.number(at, first)?, self.number(year_at, 4)?);
        if !(1..=12).contains(&month) || !(1990..=2100).contains(&year) {
            return None;
        }
        Some((Item::Month(self.chars[at..end].iter().collect()), end))
    }

    /// `18 АПРЕЛЯ 2019`, `19 СЕНТЯБРЯ 2022 Г.`, `18АПР19`; without year after `ОТ` only.
    fn word_date(&self, at: usize) -> Option<(Item, usize)> {
        if !self.begins(at) || (at > 0 && matches!(self.at(at - 1), '#' | '-' | '/')) {
            return None;
        }
        let length = self.digits(at);
        if !(1..=2).contains(&length) {
            return None;
        }
        // `18-ГО`, `"18"`.
        let mut month_at = at + length;
        while matches!(self.at(month_at), ' ' | '"' | '»' | '.')
            && month_at < self.chars.len()
            && month_at < at + length + 3
        {
            month_at += 1;
        }
        let letters =
            (month_at..self.chars.len()).take_while(|i| self.chars[*i].is_alphabetic()).count();
        let word: String = self.chars[month_at..month_at + letters].iter().collect();
        let month = super::words::month(&one_alphabet(word))?;
        let mut year_at = month_at + letters;
        while matches!(self.at(year_at), ' ' | '.' | ',')
            && year_at < self.chars.len()
            && year_at < month_at + letters + 3
        {
            year_at += 1;
        }
        let day = self.number(at, length)?;
        match self.digits(year_at) {
            4 => {
                let date = ymd(self.number(year_at, 4)?, month, day)?;
                Some((Item::Date(date), self.after_year(year_at + 4)))
            }
            2 if self.ends_year(year_at + 2) => {
                let date = ymd(2000 + self.number(year_at, 2)?, month, day)?;
                Some((Item::Date(date), self.after_year(year_at + 2)))
            }
            _ if self.follows_from(at) => {
                ymd(2000, month, day)?;
                Some((Item::DayMonth(day, month), month_at + letters))
            }
            _ => None,
        }
    }

    /// `2026 ЖЫЛҒЫ 15 АҚПАНДАҒЫ`: in Kazakh the year comes first.
    fn year_first(&self, at: usize) -> Option<(Item, usize)> {
        if !self.begins(at) || self.digits(at) != 4 {
            return None;
        }
        let (word, word_end) = self.word(at + 4)?;
        let day_at = word_end + usize::from(self.at(word_end) == ' ');
        let day = self.digits(day_at);
        if !word.starts_with("ЖЫЛ") || !(1..=2).contains(&day) {
            return None;
        }
        let (month, end) = self.word(day_at + day)?;
        let month = super::words::month(&one_alphabet(month))?;
        Some((Item::Date(ymd(self.number(at, 4)?, month, self.number(day_at, day)?)?), end))
    }

    /// `FEBRUARY 1, 2026`.
    fn month_first(&self, at: usize) -> Option<(Item, usize)> {
        if !self.at(at).is_ascii_alphabetic() || (at > 0 && self.at(at - 1).is_alphanumeric()) {
            return None;
        }
        let (word, end) = self.word(at)?;
        let month = super::words::month(&word)?;
        let day_at = end + usize::from(self.at(end) == '.') + 1;
        let day = self.digits(day_at);
        let comma = day_at + day + usize::from(self.at(day_at + day) == ',');
        let year_at = comma + usize::from(self.at(comma) == ' ');
        if self.at(day_at - 1) != ' ' || !(1..=2).contains(&day) || self.digits(year_at) != 4 {
            return None;
        }
        let date = ymd(self.number(year_at, 4)?, month, self.number(day_at, day)?)?;
        Some((Item::Date(date), year_at + 4))
    }

    /// The letters that stand here, after at most one blank, and where they end.
    fn word(&self, at: usize) -> Option<(String, usize)> {
        let from = at + usize::from(self.at(at) == ' ');
        let word: String =
            self.chars.get(from..)?.iter().take_while(|c| c.is_alphabetic()).collect();
        let end = from + word.chars().count();
        (end > from).then_some((word, end))
    }

    /// Whether a short year may end here: it is no sum and no part of something longer.
    fn ends_year(&self, at: usize) -> bool {
        let next = self.at(at);
        let letter = next.is_alphabetic() && next != 'Г';
        !letter && !self.goes_on(at) && self.unit(at).is_none()
    }

    /// Takes `Г`, `Г.`, `ГОДА` after a year, glued or not.
    fn after_year(&self, at: usize) -> usize {
        let from = at + usize::from(self.at(at) == ' ');
        let word: String = self.chars[from.min(self.chars.len())..]
            .iter()
            .take_while(|c| c.is_alphabetic())
            .collect();
        const YEARS: [&str; 11] =
            ["Г", "ГОДА", "ГОД", "Р", "РОКУ", "Y", "YEAR", "Ж", "ЖЫЛҒЫ", "G", "GODA"];
        if !YEARS.contains(&word.as_str()) {
            return at;
        }
        let end = from + word.chars().count();
        end + usize::from(self.at(end) == '.')
    }

    /// A word or an identifier.
    fn run(&self, at: usize) -> Option<(Item, usize)> {
        let inner = |i: usize| {
            matches!(self.at(i), '-' | '/' | '#' | '_')
                && i > at
                && self.at(i - 1).is_alphanumeric()
                && self.at(i + 1).is_alphanumeric()
        };
        let end = (at..self.chars.len())
            .find(|i| !self.chars[*i].is_alphanumeric() && !inner(*i))
            .unwrap_or(self.chars.len());
        if end == at {
            return None;
        }
        let text: String = self.chars[at..end].iter().collect();
        let digit = text.find(|c: char| c.is_ascii_digit());
        // «СЧЕТУ1000001», «СЧЕТУN12», «ОТ09.02.19»: a word glued to what follows is cut off it.
        if let Some(first_digit) = digit.filter(|first| *first > 0) {
            let head = one_alphabet(text[..first_digit].to_owned());
            let head = head.trim_end_matches(['-', '/', '_']);
            if let Some(word) = is_glue(head).then(|| split_glue(head)).or(leading_invoice(head)) {
                return Some((Item::Word(word.to_owned()), at + word.chars().count()));
            }
        }
        // «12ОТ», «12ОТ09.02.19»: and so is a word glued behind.
        let number = ["ОТ", "OT", "ВІД"].iter().find_map(|word| {
            let (number, rest) = text.split_once(word)?;
            let cut = number.ends_with(|c: char| c.is_ascii_digit())
                && (rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit()));
            cut.then_some(number)
        });
        if let Some(number) = number {
            return Some((Item::Id(number.to_owned()), at + number.chars().count()));
        }
        let item = if digit.is_some() { Item::Id(text) } else { Item::Word(one_alphabet(text)) };
        Some((item, end))
    }
}

fn ymd(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    if !(1990..=2100).contains(&year) {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}
