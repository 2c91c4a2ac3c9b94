//! Where a purpose names an invoice, and by which number and date.

mod governed;
mod shapes;

use super::numbers::NumberKey;
use super::text::{Item, Placed, Span, items};
use super::words;
use chrono::{Datelike, NaiveDate};
use governed::{follows_competing, is_other_account, may_be_anything};
use shapes::{bounded, by_own_shape, date_after, mention, number_at, skip_signs, word};

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
    /// What stands right behind it may belong to it: `10 24`, `10…`.
    pub torn: bool,
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
        let next = after_invoice_word(items, at)
            .or_else(|| before_invoice_word(items, at))
            .or_else(|| by_own_shape(items, at));
        let Some((mut mention, mut end)) = next else {
            at += 1;
            continue;
        };
        mention.date = mention.date.or_else(|| date_after(items, end).map(|(date, _)| date));
        keep(&mut found, mention);
        // «№№ 12, 13 и 15»: what a list goes on with.
        while let Some((number, next)) = list_goes_on(items, end) {
            let date = date_after(items, next).map(|(date, _)| date);
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
    // «929 от 27.08.25, 929 от 23.02.26» are two: numbers begin anew each year.
    let same = |known: &Mention| {
        let dates = known.date.zip(mention.date);
        known.key == mention.key && dates.is_none_or(|(one, other)| one == other)
    };
    let known = found.iter_mut().find(|known| same(known));
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

/// A structured reference of a payment, which may be a number of an invoice.
#[must_use]
pub fn reference(text: &str) -> Mention {
    Mention { several: Vec::new(), signed: true, ..mention(text, (0, 0), How::Reference) }
}

fn after_invoice_word(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    word(items, at).filter(|word| words::is_invoice(word))?;
    if is_other_account(items, at) {
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
            Some(Item::Sign('(' | ')' | '/')) => 1,
            _ => 0,
        };
    }
    // «счет от 09.02.2019 № 12»
    let dated = date_after(items, next)
        .filter(|_| word(items, next).is_some_and(words::is_from))
        .map(|(date, end)| {
            next = end;
            date
        });
    let signed = skip_signs(items, next);
    if dated.is_some() && signed == next {
        return None;
    }
    let (mut mention, end) = range_in_words(items, signed).or_else(|| number_at(items, signed))?;
    mention.date = dated;
    mention.signed = items[next..signed].iter().any(is_sign);
    // «счет 12 месяцев»
    let counts = !mention.signed && word(items, end).is_some_and(words::is_quantity);
    (!counts && !is_year(items, end - 1)).then_some((mention, end))
}

/// `№`, `N`: what follows is a number, whatever stands behind it.
fn is_sign(placed: &Placed) -> bool {
    match &placed.item {
        Item::Sign(c) => matches!(c, '№' | '#'),
        Item::Word(word) => words::is_number_sign(word),
        _ => false,
    }
}

/// «счета с 12 по 15»
fn range_in_words(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let digits = |at: usize| match &items.get(at)?.item {
        Item::Id(text) if text.bytes().all(|b| b.is_ascii_digit()) => Some(text.as_str()),
        _ => None,
    };
    let is = |at: usize, known: &[&str]| word(items, at).is_some_and(|w| known.contains(&w));
    if !is(at, &["С", "З", "C"]) {
        return None;
    }
    let from_at = skip_signs(items, at + 1);
    let from = digits(from_at)?;
    if !is(from_at + 1, &["ПО", "ДО"]) {
        return None;
    }
    let to_at = skip_signs(items, from_at + 2);
    let span = (items[from_at].span.0, items.get(to_at)?.span.1);
    Some((mention(&format!("{from}-{}", digits(to_at)?), span, How::Word), to_at + 1))
}

/// «№1042 шот бойынша»: in Kazakh the number stands before its word.
fn before_invoice_word(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let signed = skip_signs(items, at);
    let bare = signed == at;
    if (bare && !matches!(items[at].item, Item::Id(_))) || follows_competing(items, at) {
        return None;
    }
    let (mention, end) = number_at(items, signed)?;
    // Fewer figures without a sign may count: «12 шот».
    if bare && mention.text.bytes().filter(u8::is_ascii_digit).count() < 3 {
        return None;
    }
    let named = word(items, end).is_some_and(words::follows_number);
    // «2026 жылғы 15 ақпандағы №1042 шот»
    let date = match at.checked_sub(1).map(|before| &items[before].item) {
        Some(Item::Date(date)) => Some(WrittenDate::Full(*date)),
        _ => None,
    };
    named.then_some((Mention { signed: true, date, ..mention }, end + 1))
}

/// «февраль 2026», «II кв. 2026», «2026 год»: a year, and no number.
fn is_of_time(items: &[Placed], at: usize) -> bool {
    let year = match &items[at].item {
        Item::Id(text) => text.parse().is_ok_and(|year| (1990..=2100).contains(&year)),
        _ => false,
    };
    let point = usize::from(at > 0 && items[at - 1].item == Item::Sign('.'));
    let before = at.checked_sub(1 + point).and_then(|before| word(items, before));
    year && (before.is_some_and(words::is_time) || is_year(items, at))
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

fn list_goes_on(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let mut next = date_after(items, at).map_or(at, |(_, end)| end);
    next = after_sum(items, next);
    // «№12 №13» goes on by its sign alone.
    let signed = items.get(next).is_some_and(|placed| placed.item == Item::Sign('№'));
    if signed {
        next = next.saturating_sub(1);
    }
    let joined = match items.get(next).map(|placed| &placed.item) {
        _ if signed => true,
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
    // «…, 2-й этаж» is no number of a list.
    let ordinal = text.split_once('-').is_some_and(|(digits, end)| {
        digits.bytes().all(|b| b.is_ascii_digit()) && ["Й", "Я", "Е", "ГО", "М", "Х"].contains(&end)
    });
    // «…, 5 гб»: a quantity is no number of a list.
    let (number, end) = bounded(items, number_at, text, *span);
    let counts = match items.get(end).map(|placed| &placed.item) {
        Some(Item::Word(word)) => !words::may_follow_number(word) && !words::is_from(word),
        _ => false,
    };
    (!counts && !ordinal).then_some((number, end))
}

/// «… - 860,00», «… (860,00)», «… на сумму 860,00»: how much of the payment is for this one.
fn after_sum(items: &[Placed], at: usize) -> usize {
    let item = |place: usize| items.get(place).map(|placed| &placed.item);
    let sum = |place: usize| matches!(item(place), Some(Item::Sum(Some(_))));
    let named = word(items, at).is_some_and(|w| ["НА", "В"].contains(&w))
        && word(items, at + 1).is_some_and(|w| w.starts_with("СУММ"));
    let end = match item(at) {
        _ if sum(at) => at + 1,
        Some(Item::Sign('-' | '(' | '=' | ':')) if sum(at + 1) => at + 2,
        _ if named && sum(at + 2) => at + 3,
        _ => return at,
    };
    end + usize::from(matches!(item(end), Some(Item::Sign(')'))))
}

/// Identifiers that stand somewhere else, not after the name of another paper: one digit at least
/// after a sign, three without.
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
        let enough = if signed { digits >= 1 } else { digits >= 3 };
        let long = text.chars().count() > MAX_NUMBER || digits > 12;
        // «{VO20100}», «OTHR 122601»: codes of the operation.
        let code = text.strip_prefix("VO").is_some_and(|code| code.len() == 5)
            || at.checked_sub(1).and_then(|before| word(items, before)) == Some("OTHR");
        // «февраль 2019», «2 кв. 2019»
        let time = !signed && is_of_time(items, at);
        if !enough || long || code || time || known(placed.span) || follows_competing(items, at) {
            continue;
        }
        let mut mention = mention(text, placed.span, How::Bare);
        // «сертификату № 12 от 01.02.2026»: who names another thing dates that.
        if may_be_anything(items, at) {
            mention.date = date_after(items, at + 1).map(|(date, _)| date);
        }
        found.push(mention);
        if found.len() >= MAX_MENTIONS {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests;
