//! What a number looks like, and what stands around it.

use super::governed::follows_competing;
use super::{How, Mention, WrittenDate};
use crate::domain::matching::numbers::NumberKey;
use crate::domain::matching::text::{Item, Placed, Span};
use crate::domain::matching::words;

/// Longest range that is spelt out.
const MAX_RANGE: u64 = 20;

pub(super) fn mention(text: &str, span: Span, how: How) -> Mention {
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
        torn: false,
    }
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

pub(super) fn word(items: &[Placed], at: usize) -> Option<&str> {
    match items.get(at).map(|placed| &placed.item) {
        Some(Item::Word(word)) => Some(word),
        _ => None,
    }
}

/// Skips `№`, `N`, `.`, `:` and the like before a number.
pub(super) fn skip_signs(items: &[Placed], mut at: usize) -> usize {
    for _ in 0..6 {
        let sign = match items.get(at).map(|placed| &placed.item) {
            Some(Item::Sign(c)) => {
                let glued = *c == '-' && is_glued(items, at);
                let mark = matches!(c, '№' | '#' | '.' | ':' | '=' | '°' | 'º');
                glued || mark || matches!(c, '"' | '«' | '»' | '“' | '”' | '„' | '\'')
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

/// «INV-1042»: a dash with no blank on either side.
fn is_glued(items: &[Placed], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| items.get(before));
    let next = items.get(at + 1);
    before.zip(next).is_some_and(|(before, next)| {
        before.span.1 == items[at].span.0 && next.span.0 == items[at].span.1
    })
}

/// The number that stands here: one identifier, or letters and digits parted by blanks.
pub(super) fn number_at(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    if let Some(spaced) = spaced_number(items, at).or_else(|| spaced_prefix(items, at)) {
        return Some(spaced);
    }
    match items.get(at) {
        Some(Placed { item: Item::Month(text), span }) if !text.contains('.') => {
            Some((mention(text, *span, How::Word), at + 1))
        }
        Some(Placed { item: Item::Id(text), span }) => {
            // «NHOR-11111-007»: the sign is glued to letters.
            let unsigned =
                text.strip_prefix('N').filter(|rest| NumberKey::of(rest).names_client(0));
            match unsigned {
                Some(rest) => Some((mention(rest, (span.0 + 1, span.1), How::Word), at + 1)),
                None => Some(bounded(items, at, text, *span)),
            }
        }
        _ => lettered(items, at),
    }
}

/// The number as far as it goes: what may belong to it does, or leaves it torn.
pub(super) fn bounded(items: &[Placed], at: usize, text: &str, span: Span) -> (Mention, usize) {
    let (number, end) = dotted(items, at, text, span);
    let digits = |at: usize| match items.get(at).map(|placed| &placed.item) {
        Some(Item::Id(text)) if text.bytes().all(|b| b.is_ascii_digit()) => Some(text.as_str()),
        _ => None,
    };
    let counted = |at: usize| {
        word(items, at).is_some_and(|w| !words::may_follow_number(w) && !words::is_from(w))
    };
    if end != at + 1 || digits(at).is_none() {
        return (number, end);
    }
    // «12 - 15», «12-№15», and «10- 24», which a line's end has parted.
    if items.get(end).is_some_and(|placed| placed.item == Item::Sign('-')) {
        let next = skip_signs(items, end + 1);
        if let Some(more) = digits(next).filter(|_| !counted(next + 1)) {
            let whole = (span.0, items[next].span.1);
            return (mention(&format!("{text}-{more}"), whole, How::Word), next + 1);
        }
    }
    let more = digits(end).is_some() && !counted(end + 1);
    let mark =
        |at: usize, c: char| items.get(at).is_some_and(|placed| placed.item == Item::Sign(c));
    let dots = mark(end, '…') || (mark(end, '.') && mark(end + 1, '.'));
    (Mention { torn: more || dots, ..number }, end)
}

/// «12.5» is one number: `12` in it is not bounded.
fn dotted(items: &[Placed], at: usize, text: &str, span: Span) -> (Mention, usize) {
    let dot = items.get(at + 1).filter(|p| p.item == Item::Sign('.') && p.span.0 == span.1);
    let next = dot.and_then(|dot| items.get(at + 2).filter(|next| next.span.0 == dot.span.1));
    match next.map(|next| (&next.item, next.span)) {
        Some((Item::Id(more), end)) => {
            (mention(&format!("{text}.{more}"), (span.0, end.1), How::Word), at + 3)
        }
        _ => grouped(items, at, text, span),
    }
}

/// «1 024» is one number: `1` in it is not bounded.
fn grouped(items: &[Placed], at: usize, text: &str, span: Span) -> (Mention, usize) {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let next = items.get(at + 1).filter(|next| next.span.0 == span.1 + 1);
    match next.map(|next| (&next.item, next.span)) {
        Some((Item::Id(more), end))
            if text.len() <= 3 && more.len() == 3 && digits(text) && digits(more) =>
        {
            (mention(&format!("{text} {more}"), (span.0, end.1), How::Word), at + 2)
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

/// Numbers whose shape is enough: a prefix (`88#72815`), or letters and two numeric parts
/// (`HOR-11111-007`). Bare digits never are: a year or a sum would be one.
pub(super) fn by_own_shape(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    if follows_competing(items, at) {
        return None;
    }
    if let Some(Placed { item: Item::Id(text), span }) = items.get(at) {
        if let Some(spaced) = spaced_prefix(items, at) {
            return Some(spaced);
        }
        let glued = text.strip_prefix('N').filter(|rest| NumberKey::of(rest).names_client(0));
        let (text, span) = match glued {
            Some(rest) => (rest, (span.0 + 1, span.1)),
            None => (text.as_str(), *span),
        };
        let key = NumberKey::of(text);
        let prefixed = key.prefix().is_some() && key.tail.bytes().all(|b| b.is_ascii_digit());
        if prefixed || key.names_client(0) {
            return Some((mention(text, span, How::Shape), at + 1));
        }
        return None;
    }
    spaced_number(items, at)
}

/// «от 09.02.19», and where it ends. A date right behind the number is its own, in brackets too;
/// one behind a comma may be another.
pub(super) fn date_after(items: &[Placed], at: usize) -> Option<(WrittenDate, usize)> {
    let from = word(items, at).is_some_and(words::is_from);
    let item = |place: usize| items.get(place).map(|placed| &placed.item);
    let mark = item(at + usize::from(from));
    let skipped = match mark {
        Some(Item::Sign('.' | ':')) => from,
        Some(Item::Sign('(' | ',')) => !from,
        // «(от 09.02.19)»
        _ => false,
    };
    let mut place = at + usize::from(from) + usize::from(skipped);
    let inner = skipped && word(items, place).is_some_and(words::is_from);
    place += usize::from(inner);
    let own = from || inner || !skipped || mark == Some(&Item::Sign('('));
    let period =
        item(place + 1) == Some(&Item::Sign('-')) && matches!(item(place + 2), Some(Item::Date(_)));
    if period && !from && !inner {
        return None;
    }
    let date = match item(place) {
        Some(Item::Date(date)) if own => WrittenDate::Full(*date),
        Some(Item::Date(date)) => WrittenDate::Beside(*date),
        Some(Item::DayMonth(day, month)) if from || inner => WrittenDate::DayMonth(*day, *month),
        _ => return None,
    };
    let closed = mark == Some(&Item::Sign('(')) && item(place + 1) == Some(&Item::Sign(')'));
    Some((date, place + 1 + usize::from(closed)))
}
