//! A purpose cut into items: words, identifiers, dates, sums; each knows where it stands.
//!
//! Dates and sums are recognised first, so that no part of them is ever taken for a number of an
//! invoice (I12).

use chrono::NaiveDate;

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
    /// An amount of money, a percentage or another number with a unit.
    Sum,
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

const MONTHS: [&str; 12] = [
    "ЯНВАР",
    "ФЕВРАЛ",
    "МАРТ",
    "АПРЕЛ",
    "МА",
    "ИЮН",
    "ИЮЛ",
    "АВГУСТ",
    "СЕНТЯБР",
    "ОКТЯБР",
    "НОЯБР",
    "ДЕКАБР",
];

/// Units that make the number before them a sum.
const UNITS: [&str; 12] =
    ["Р", "РУБ", "РУБЛЬ", "РУБЛЯ", "РУБЛЕЙ", "RUB", "КОП", "К", "КОПЕЕК", "ГРН", "BYN", "ТЕНГЕ"];

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
            .or_else(|| scanner.sum(at))
            .or_else(|| scanner.run(at))
            .unwrap_or((Item::Sign(scanner.chars[at]), at + 1));
        items.push(Placed { item, span: (scanner.origin[at], scanner.origin[end - 1] + 1) });
        at = end;
    }
    items
}

impl Scanner {
    /// Upper case, `Ё` = `Е`, one kind of blank and dash, invisible characters dropped.
    fn new(purpose: &str) -> Self {
        let mut scanner = Self { chars: Vec::new(), origin: Vec::new() };
        for (at, c) in purpose.chars().take(MAX_CHARS).enumerate() {
            let invisible = matches!(c,
                '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{2064}' | '\u{FEFF}');
            if invisible {
                continue;
            }
            for upper in c.to_uppercase() {
                let plain = match upper {
                    'Ё' => 'Е',
                    '–' | '—' | '‑' | '−' => '-',
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

    /// `09.02.19`, `09.02.2019`, `9/2/2019`, `25-02-2019`, `2019-02-25`, `09.02`.
    fn date(&self, at: usize) -> Option<(Item, usize)> {
        if !self.begins(at) || (at > 0 && matches!(self.at(at - 1), '#' | '-' | '/')) {
            return None;
        }
        let first = self.digits(at);
        let mark = self.at(at + first);
        if !matches!(mark, '.' | '/' | '-') {
            return None;
        }
        let second_at = at + first + 1;
        let second = self.digits(second_at);
        if !(1..=2).contains(&second) {
            return None;
        }
        let third_at = second_at + second + 1;
        let third = if self.at(second_at + second) == mark { self.digits(third_at) } else { 0 };
        let (first_n, second_n) = (self.number(at, first)?, self.number(second_at, second)?);
        let date = match (first, third) {
            (4, 1 | 2) => ymd(first_n, second_n, self.number(third_at, third)?),
            (1 | 2, 4) => ymd(self.number(third_at, third)?, second_n, first_n),
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

    /// A date without year counts only after `ОТ`; elsewhere `10.12` is a sum.
    fn follows_from(&self, at: usize) -> bool {
        let before: String = self.chars[..at].iter().collect();
        before.trim_end().ends_with("ОТ")
    }

    /// `18 АПРЕЛЯ 2019`, `19 СЕНТЯБРЯ 2022 Г.`
    fn word_date(&self, at: usize) -> Option<(Item, usize)> {
        if !self.begins(at) {
            return None;
        }
        let length = self.digits(at);
        let month_at = at + length + usize::from(self.at(at + length) == ' ');
        let letters =
            (month_at..self.chars.len()).take_while(|i| self.chars[*i].is_alphabetic()).count();
        if !(1..=2).contains(&length) || !(3..=9).contains(&letters) {
            return None;
        }
        let word: String = self.chars[month_at..month_at + letters].iter().collect();
        let month = MONTHS.iter().position(|stem| {
            word.strip_prefix(stem).is_some_and(|end| ["Ь", "Я", "А", "Й", ""].contains(&end))
        })?;
        let year_at = month_at + letters + usize::from(self.at(month_at + letters) == ' ');
        if self.digits(year_at) != 4 {
            return None;
        }
        let month = u32::try_from(month + 1).ok()?;
        let date = ymd(self.number(year_at, 4)?, month, self.number(at, length)?)?;
        Some((Item::Date(date), self.after_year(year_at + 4)))
    }

    /// Takes `Г`, `Г.`, `ГОДА` after a year, glued or not.
    fn after_year(&self, at: usize) -> usize {
        let from = at + usize::from(self.at(at) == ' ');
        let word: String = self.chars[from.min(self.chars.len())..]
            .iter()
            .take_while(|c| c.is_alphabetic())
            .collect();
        if !["Г", "ГОДА"].contains(&word.as_str()) {
            return at;
        }
        let end = from + word.chars().count();
        end + usize::from(self.at(end) == '.')
    }

    /// A number with kopecks, groups or a unit after it: `860р. 00к.`, `18026,52`, `860-00 руб`,
    /// `2 999-00руб`, `5.616.666,67=`, `20%`, `5 руб`.
    fn sum(&self, at: usize) -> Option<(Item, usize)> {
        if !self.begins(at)
            || (at > 0 && (self.at(at - 1).is_alphanumeric() || self.at(at - 1) == '#'))
        {
            return None;
        }
        let mut end = at + self.digits(at);
        // Groups of three after a blank, point or apostrophe continue the number.
        while matches!(self.at(end), ' ' | '.' | ',' | '\'')
            && self.digits(end + 1) == 3
            && (self.at(end) != ' ' || self.grouped_sum_ends(end + 4))
        {
            end += 4;
        }
        let fraction = self.digits(end + 1);
        let mark = self.at(end);
        let decimal = matches!(mark, '.' | ',') && fraction == 2 && !self.goes_on(end + 3);
        let dashed = mark == '-' && fraction == 2 && !self.goes_on(end + 3);
        let after = if decimal || dashed { end + 3 } else { end };
        let unit = self.unit(after);
        match (decimal, unit) {
            (_, Some(unit_end)) => Some((Item::Sum, unit_end)),
            (true, None) => Some((Item::Sum, after)),
            (false, None) if self.at(end) == '=' => Some((Item::Sum, end + 1)),
            (false, None) => None,
        }
    }

    /// Whether a number that was grouped by blanks is a sum: kopecks or a unit follow.
    fn grouped_sum_ends(&self, end: usize) -> bool {
        let more = matches!(self.at(end), ' ') && self.digits(end + 1) == 3;
        let kopecks = matches!(self.at(end), '.' | ',' | '-') && self.digits(end + 1) == 2;
        self.unit(end).is_some() || kopecks || (more && self.grouped_sum_ends(end + 4))
    }

    /// True when something alphanumeric, or a further part of a date or identifier, follows.
    fn goes_on(&self, at: usize) -> bool {
        self.at(at).is_ascii_digit()
            || (matches!(self.at(at), '.' | '-' | '/') && self.at(at + 1).is_ascii_digit())
    }

    /// End of the unit that stands here, after at most one blank.
    fn unit(&self, at: usize) -> Option<usize> {
        let from = at + usize::from(self.at(at) == ' ');
        if matches!(self.at(from), '%' | '₽' | '€' | '$') {
            return Some(from + 1);
        }
        let letters: String =
            self.chars.get(from..)?.iter().take_while(|c| c.is_alphabetic()).collect();
        let end = from + letters.chars().count();
        UNITS.contains(&letters.as_str()).then(|| end + usize::from(self.at(end) == '.'))
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
        // «СЧЕТУ1000001», «ОТ09.02.19»: a word glued to what follows is cut off it.
        if let Some(first_digit) = digit.filter(|first| *first > 0) {
            let head = &text[..first_digit];
            if super::numbers::is_glue(head) {
                return Some((Item::Word(head.to_owned()), at + head.chars().count()));
            }
        }
        // «12ОТ», «12ОТ09.02.19»: and so is a word glued behind.
        let number = text.split_once("ОТ").filter(|(number, rest)| {
            number.ends_with(|c: char| c.is_ascii_digit())
                && (rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit()))
        });
        if let Some((number, _)) = number {
            return Some((Item::Id(number.to_owned()), at + number.chars().count()));
        }
        let item = if digit.is_some() { Item::Id(text) } else { Item::Word(one_alphabet(text)) };
        Some((item, end))
    }
}

/// A word with Cyrillic in it is Cyrillic: Latin look-alikes are folded.
fn one_alphabet(word: String) -> String {
    if !word.chars().any(|c| ('А'..='Я').contains(&c)) {
        return word;
    }
    let folded = word.chars().map(|c| match c {
        'A' => 'А',
        'B' => 'В',
        'C' => 'С',
        'E' => 'Е',
        'H' => 'Н',
        'K' => 'К',
        'M' => 'М',
        'O' => 'О',
        'P' => 'Р',
        'T' => 'Т',
        'X' => 'Х',
        'Y' => 'У',
        other => other,
    });
    folded.collect()
}

fn ymd(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    if !(1990..=2100).contains(&year) {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}
