//! Numbers of invoices: their canonical form, and where a purpose names one.

use super::text::{Item, Placed, Span, items};
use super::words;
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

    /// A key from its parts, as an index stores them.
    #[must_use]
    pub const fn from_parts(full: String, tail: String) -> Self {
        Self { full, tail }
    }

    /// What remains without leading letters: `11111-7` of `HOR-11111-7`.
    #[must_use]
    pub fn without_letters(&self) -> Option<&str> {
        let (letters, rest) = self.full.split_once('-')?;
        let bare = letters.chars().all(char::is_alphabetic);
        let enough = rest.bytes().filter(u8::is_ascii_digit).count() >= 3;
        (bare && enough).then_some(rest)
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

/// Letters and digits alone, folded: equal for numbers whose separators differ.
#[must_use]
pub fn squash(number: &str) -> String {
    let folded = number.chars().flat_map(char::to_uppercase).filter_map(fold);
    folded.filter(|c| c.is_alphanumeric()).collect()
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
        '-' | '–' | '—' | '‑' | '−' | '_' | ' ' | '\u{A0}' | '.' => '-',
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
    /// Why it is taken for a number of an invoice.
    pub how: How,
    /// A sign (`№`) stands before it.
    pub signed: bool,
    /// It touches the end of a text that is as long as a bank lets it be: more may have followed.
    pub cut: bool,
    /// Numbers that it stands for together, if it is no number itself: `12-15`, `12/13`.
    pub several: Vec<NumberKey>,
}

/// Why a text is taken for a number of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// After an invoice word, or in the list that goes on from one.
    Word,
    /// By its own shape: a prefix, or letters and two numeric parts.
    Shape,
    /// A structured reference of the payment.
    Reference,
    /// Only a number that stands somewhere; never enough by itself.
    Bare,
}

/// A date as a payer writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenDate {
    /// With year.
    Full(NaiveDate),
    /// Day and month only.
    DayMonth(u32, u32),
    /// A whole date that stands beside the number, and may be another one.
    Beside(NaiveDate),
}

impl WrittenDate {
    /// Whether the invoice of that date may be meant; none when the date may be another one.
    #[must_use]
    pub fn agrees(self, issued: NaiveDate) -> Option<bool> {
        match self {
            Self::Full(date) => Some(date == issued),
            Self::DayMonth(day, month) => Some((issued.day(), issued.month()) == (day, month)),
            Self::Beside(date) => (date == issued).then_some(true),
        }
    }
}

/// Most numbers that one purpose may name; a longer list is a list, and waits for a person.
const MAX_MENTIONS: usize = 20;

/// Longest text that may be a number of an invoice, characters.
const MAX_NUMBER: usize = 40;

/// Longest range that is spelt out.
const MAX_RANGE: u64 = 20;

/// Lengths at which banks cut purposes.
const CUT_AT: [usize; 5] = [105, 140, 160, 210, 420];

/// The numbers of invoices that a purpose names, in order.
#[must_use]
pub fn mentions(purpose: &str) -> Vec<Mention> {
    named(purpose, &items(purpose))
}

/// The same over items that are cut already.
pub(super) fn named(purpose: &str, items: &[Placed]) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let mut at = 0;
    while at < items.len() && found.len() < MAX_MENTIONS {
        let next = after_invoice_word(items, at).or_else(|| by_own_shape(items, at));
        let Some((mut mention, mut end)) = next else {
            at += 1;
            continue;
        };
        mention.date = mention.date.or_else(|| date_after(items, end));
        keep(&mut found, mention);
        // «№№ 12, 13 и 15»: what a list goes on with.
        while let Some((number, next)) = list_goes_on(items, end) {
            let date = date_after(items, next);
            keep(&mut found, Mention { date, ..number });
            end = next;
            if found.len() >= MAX_MENTIONS {
                break;
            }
        }
        at = end;
    }
    mark_cut(purpose, items, &mut found);
    found
}

fn keep(found: &mut Vec<Mention>, mention: Mention) {
    let known = found.iter_mut().find(|known| known.key == mention.key);
    match known {
        // Said again, perhaps with its date.
        Some(known) => known.date = known.date.or(mention.date),
        None if mention.text.chars().count() <= MAX_NUMBER => found.push(mention),
        None => {}
    }
}

/// What touches the end of a full text may go on behind it; so may a date.
fn mark_cut(purpose: &str, items: &[Placed], found: &mut [Mention]) {
    let length = purpose.chars().count();
    if !CUT_AT.contains(&length) && length < 210 {
        return;
    }
    let end = purpose.trim_end().chars().count();
    let Some(last) = items.last().filter(|last| last.span.1 >= end) else { return };
    for mention in found {
        mention.cut = mention.span.1 >= last.span.1;
        let date_is_last = matches!(last.item, Item::Date(_)) && mention.span.1 < last.span.1;
        if let (true, Some(WrittenDate::Full(date))) = (date_is_last, mention.date) {
            mention.date = Some(WrittenDate::DayMonth(date.day(), date.month()));
        }
    }
}

fn mention(text: &str, span: Span, how: How) -> Mention {
    let several = several(text);
    Mention {
        key: NumberKey::of(text),
        text: text.to_owned(),
        span,
        date: None,
        how,
        signed: false,
        cut: false,
        several,
    }
}

/// A structured reference of a payment, which may be a number of an invoice.
#[must_use]
pub fn reference(text: &str) -> Mention {
    Mention { several: Vec::new(), signed: true, ..mention(text, (0, 0), How::Reference) }
}

/// `12-15` is a range and `12/13` a pair, where neither is a number itself.
fn several(text: &str) -> Vec<NumberKey> {
    let number =
        |part: &str| part.parse::<u64>().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()));
    if let Some((from, to)) = text.split_once('-')
        && let (Some(from), Some(to)) = (number(from), number(to))
        && from < to
        && to - from < MAX_RANGE
    {
        return (from..=to).map(|n| NumberKey::of(&n.to_string())).collect();
    }
    match text.split_once('/') {
        Some((one, other)) if number(one).is_some() && number(other).is_some() => {
            [one, other].map(NumberKey::of).to_vec()
        }
        _ => Vec::new(),
    }
}

fn word(items: &[Placed], at: usize) -> Option<&str> {
    match items.get(at).map(|placed| &placed.item) {
        Some(Item::Word(word)) => Some(word),
        _ => None,
    }
}

fn after_invoice_word(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    if !words::is_invoice(word(items, at)?) {
        return None;
    }
    let before = at.checked_sub(1).and_then(|before| word(items, before));
    if before.is_some_and(words::is_of_other_account) {
        return None;
    }
    let mut next = at + 1;
    for _ in 0..4 {
        next += match items.get(next).map(|placed| &placed.item) {
            // «счет на 2026 год» names no number.
            Some(Item::Word(word)) if word == "НА" => {
                let purpose = self::word(items, next + 1).is_some_and(words::is_filler);
                if purpose { 2 } else { 0 }
            }
            Some(Item::Word(word)) if words::is_filler(word) => 1,
            Some(Item::Sign('(' | ')')) => 1,
            _ => 0,
        };
    }
    // «счет от 09.02.2019 № 12»
    let dated = date_after(items, next).filter(|date| !matches!(date, WrittenDate::Beside(_)));
    if dated.is_some() {
        next += 2;
    }
    let signed = skip_signs(items, next);
    if dated.is_some() && signed == next {
        return None;
    }
    let (mut mention, end) = number_at(items, signed)?;
    mention.date = dated;
    mention.signed = signed > next;
    (!is_year(items, end - 1)).then_some((mention, end))
}

/// «счет 2026 года»
fn is_year(items: &[Placed], at: usize) -> bool {
    let year = match items.get(at).map(|placed| &placed.item) {
        Some(Item::Id(text)) => text.parse().is_ok_and(|year| (1990..=2100).contains(&year)),
        _ => false,
    };
    year && word(items, at + 1)
        .is_some_and(|w| ["Г", "ГОД", "ГОДА", "ГОДУ", "РІК", "РОКУ", "ГГ"].contains(&w))
}

/// Skips `№`, `N`, `.`, `:` and the like before a number.
fn skip_signs(items: &[Placed], mut at: usize) -> usize {
    for _ in 0..6 {
        let sign = match items.get(at).map(|placed| &placed.item) {
            Some(Item::Sign(c)) => {
                matches!(c, '№' | '.' | ':' | '#' | '"' | '«' | '»' | '“' | '”' | '\'' | '=')
            }
            Some(Item::Word(word)) => words::is_number_sign(word),
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
    if let Some(spaced) = spaced_number(items, at).or_else(|| spaced_prefix(items, at)) {
        return Some(spaced);
    }
    match items.get(at) {
        Some(Placed { item: Item::Month(text), span }) if !text.contains('.') => {
            Some((mention(text, *span, How::Word), at + 1))
        }
        Some(Placed { item: Item::Id(text), span }) => Some(dotted(items, at, text, *span)),
        _ => lettered(items, at),
    }
}

/// «12.5» is one number: `12` in it is not bounded.
fn dotted(items: &[Placed], at: usize, text: &str, span: Span) -> (Mention, usize) {
    let dot = items.get(at + 1).filter(|p| p.item == Item::Sign('.') && p.span.0 == span.1);
    let next = dot.and_then(|dot| items.get(at + 2).filter(|next| next.span.0 == dot.span.1));
    match next.map(|next| (&next.item, next.span)) {
        Some((Item::Id(more), end)) => {
            (mention(&format!("{text}.{more}"), (span.0, end.1), How::Word), at + 3)
        }
        _ => (mention(text, span, How::Word), at + 1),
    }
}

/// «hor 11111 007»: letters, then two numbers.
fn spaced_number(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let letters = letters(items, at)?;
    let digits = |at: usize| match items.get(at).map(|placed| &placed.item) {
        Some(Item::Id(text)) if text.bytes().all(|b| b.is_ascii_digit()) => Some(text.as_str()),
        _ => None,
    };
    let (first, second) = (digits(at + 1)?, digits(at + 2)?);
    let span = (items[at].span.0, items[at + 2].span.1);
    (first.len() >= 3 && second.len() >= 3)
        .then(|| (mention(&format!("{letters}-{first}-{second}"), span, How::Shape), at + 3))
}

/// «88 # 72815»: a prefix with blanks around its mark.
fn spaced_prefix(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let id = |at: usize| match items.get(at).map(|placed| &placed.item) {
        Some(Item::Id(text)) if text.bytes().all(|b| b.is_ascii_digit()) => Some(text.as_str()),
        _ => None,
    };
    let mark = matches!(items.get(at + 1).map(|p| &p.item), Some(Item::Sign('#' | '№')));
    let (prefix, tail) = (id(at)?, id(at + 2).filter(|_| mark)?);
    let span = (items[at].span.0, items[at + 2].span.1);
    let near = span.1 - span.0 <= prefix.len() + tail.len() + 3;
    (near && prefix.len() <= 4 && tail.len() >= 3)
        .then(|| (mention(&format!("{prefix}#{tail}"), span, How::Shape), at + 3))
}

/// «№ ЕК 12345»: letters parted from their number by a blank, right where a number must stand.
fn lettered(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let letters = letters(items, at)?;
    let Some(Placed { item: Item::Id(text), span }) = items.get(at + 1) else { return None };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (digits >= 3).then(|| {
        let span = (items[at].span.0, span.1);
        (mention(&format!("{letters}-{text}"), span, How::Word), at + 2)
    })
}

/// Letters that a number may begin with.
fn letters(items: &[Placed], at: usize) -> Option<&str> {
    let letters = word(items, at).filter(|w| (2..=5).contains(&w.chars().count()))?;
    let other = words::is_invoice(letters)
        || words::is_number_sign(letters)
        || words::is_competing(letters)
        || words::is_from(letters)
        || words::is_preposition(letters)
        || words::month(letters).is_some();
    (!other).then_some(letters)
}

/// Whether what stands here is the number of another paper: «договору № 45».
fn follows_competing(items: &[Placed], at: usize) -> bool {
    let mut before = at;
    for _ in 0..6 {
        let Some(prior) = before.checked_sub(1) else { return false };
        match &items[prior].item {
            Item::Sign('№' | '.' | ':' | '#' | '"' | '«' | '»' | '-' | '(') => {}
            Item::Word(word) if words::is_number_sign(word) => {}
            Item::Word(word) => {
                return words::is_competing(word) || words::is_of_other_account(word);
            }
            _ => return false,
        }
        before = prior;
    }
    false
}

/// Numbers whose shape is enough: a prefix (`88#72815`), or letters and two numeric parts
/// (`HOR-11111-007`). Bare digits never are: a year or a sum would be one.
fn by_own_shape(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    if follows_competing(items, at) {
        return None;
    }
    if let Some(Placed { item: Item::Id(text), span }) = items.get(at) {
        if let Some(spaced) = spaced_prefix(items, at) {
            return Some(spaced);
        }
        let key = NumberKey::of(text);
        let prefixed = key.prefix().is_some() && key.tail.bytes().all(|b| b.is_ascii_digit());
        if prefixed || key.names_client(0) {
            return Some((mention(text, *span, How::Shape), at + 1));
        }
        return None;
    }
    spaced_number(items, at)
}

fn list_goes_on(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let mut next = at;
    if let Some(date) = date_after(items, next) {
        next += if matches!(date, WrittenDate::Beside(_)) { 1 } else { 2 };
    }
    let joined = match items.get(next).map(|placed| &placed.item) {
        Some(Item::Sign(c)) => matches!(c, ',' | '+' | ';' | '&'),
        Some(Item::Word(word)) => ["И", "ТА", "І", "AND", "I"].contains(&word.as_str()),
        _ => false,
    };
    let mut place = next + 1;
    // «12, и 13», «12 и счет 13» goes on by its own word.
    if joined && word(items, place) == Some("И") {
        place += 1;
    }
    let number_at = skip_signs(items, place);
    let Some(Placed { item: Item::Id(text), span }) =
        joined.then(|| items.get(number_at)).flatten()
    else {
        return None;
    };
    // «…, 5 гб»: a quantity is no number of a list.
    let end = number_at + 1;
    let counts = match items.get(end).map(|placed| &placed.item) {
        Some(Item::Word(word)) => {
            !["И", "ТА", "І", "AND", "I", "В", "НА", "ЗА", "БЕЗ", "ПО", "НДС"]
                .contains(&word.as_str())
                && !words::is_from(word)
        }
        _ => false,
    };
    (!counts).then(|| (mention(text, *span, How::Word), end))
}

/// «от 09.02.19»; without `от` a date beside the number may be another one.
fn date_after(items: &[Placed], at: usize) -> Option<WrittenDate> {
    let from = word(items, at).is_some_and(words::is_from);
    let mut place = at + usize::from(from);
    if from && matches!(items.get(place).map(|p| &p.item), Some(Item::Sign('.' | ':'))) {
        place += 1;
    }
    if !from && matches!(items.get(place).map(|p| &p.item), Some(Item::Sign('(' | ','))) {
        place += 1;
    }
    match items.get(place).map(|placed| &placed.item) {
        Some(Item::Date(date)) if from => Some(WrittenDate::Full(*date)),
        Some(Item::Date(date)) => Some(WrittenDate::Beside(*date)),
        Some(Item::DayMonth(day, month)) if from => Some(WrittenDate::DayMonth(*day, *month)),
        _ => None,
    }
}

/// Identifiers that stand somewhere else, not after the name of another paper: two digits at least
/// after a sign, four without.
pub(super) fn bare(items: &[Placed], named: &[Mention]) -> Vec<Mention> {
    let known = |span: Span| named.iter().any(|m| span.0 < m.span.1 && m.span.0 < span.1);
    let mut found: Vec<Mention> = Vec::new();
    for (at, placed) in items.iter().enumerate() {
        let Item::Id(text) = &placed.item else { continue };
        let signed = at > 0
            && match &items[at - 1].item {
                Item::Sign(c) => *c == '№',
                Item::Word(word) => words::is_number_sign(word),
                _ => false,
            };
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let enough = if signed { digits >= 1 } else { digits >= 4 };
        let long = text.chars().count() > MAX_NUMBER || digits > 12;
        if !enough || long || known(placed.span) || follows_competing(items, at) {
            continue;
        }
        let mut mention = mention(text, placed.span, How::Bare);
        mention.date = date_after(items, at + 1);
        found.push(mention);
        if found.len() >= MAX_MENTIONS {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests;
