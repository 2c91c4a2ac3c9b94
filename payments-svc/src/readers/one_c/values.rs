//! Values of single keys: amounts, dates, accounts, tax ids, names.

use crate::domain::statements::Remark;
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use types::country::Country;
use types::requisites::TaxId;

/// Digits before the point that an amount may have; `numeric(20, 2)` holds them.
const MAX_INTEGER_DIGITS: usize = 15;

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountProblem {
    /// Something that is neither digit nor separator, or nothing at all.
    NotANumber,
    /// A separator that may be the decimal mark or may group thousands.
    Ambiguous,
    /// More digits than any payment has.
    TooLong,
}

impl AmountProblem {
    /// The remark about the field.
    pub fn remark(self, line: usize, key: &str, value: &str) -> Remark {
        let value: String = value.chars().take(40).collect();
        let (code, ru, en) = match self {
            Self::NotANumber => ("AMOUNT_NOT_A_NUMBER", "не число", "is not a number"),
            Self::Ambiguous => (
                "AMOUNT_AMBIGUOUS",
                "неоднозначно: после точки или запятой ждём одну или две цифры",
                "is ambiguous: one or two digits are expected after the point or comma",
            ),
            Self::TooLong => ("AMOUNT_TOO_LARGE", "слишком велико", "is too large"),
        };
        Remark::new(line, code, format!("{key}: «{value}» {ru}"), format!("{key}: {value:?} {en}"))
            .of(key)
    }
}

/// Reads `67770`, `22.9`, `100 000,00`, `5.616.666,67`, `860=`, `860-00`, `-12.50`; exact.
///
/// # Errors
/// [`AmountProblem`]; `1.234` is ambiguous, never rounded and never guessed.
pub fn amount(text: &str) -> Result<Decimal, AmountProblem> {
    let squeezed: String =
        text.chars().filter(|c| !c.is_whitespace() && !"'’`\u{FEFF}".contains(*c)).collect();
    let (negative, digits) = match squeezed.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, squeezed.strip_prefix('+').unwrap_or(&squeezed)),
    };
    let digits = digits.strip_suffix('=').unwrap_or(digits);
    let (whole, fraction) = match decimal_mark(digits)? {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, ""),
    };
    let whole = ungroup(whole)?;
    if whole.len() > MAX_INTEGER_DIGITS {
        return Err(AmountProblem::TooLong);
    }
    let exact = if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") };
    let value: Decimal = exact.parse().map_err(|_| AmountProblem::NotANumber)?;
    Ok(if negative { -value } else { value })
}

/// Byte place of the decimal mark: the last separator, when one or two digits follow it.
fn decimal_mark(digits: &str) -> Result<Option<usize>, AmountProblem> {
    let Some(at) = digits.rfind(['.', ',', '-']) else { return Ok(None) };
    let fraction = &digits[at + 1..];
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AmountProblem::NotANumber);
    }
    match fraction.len() {
        1 | 2 => Ok(Some(at)),
        _ => Err(AmountProblem::Ambiguous),
    }
}

/// Removes separators of thousands; they must stand between groups of three.
fn ungroup(whole: &str) -> Result<String, AmountProblem> {
    let groups: Vec<&str> = whole.split(['.', ',']).collect();
    let digits = |group: &&str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    if !groups.iter().all(digits) {
        return Err(AmountProblem::NotANumber);
    }
    if groups.len() > 1 && groups[1..].iter().any(|group| group.len() != 3) {
        return Err(AmountProblem::Ambiguous);
    }
    Ok(groups.concat())
}

/// Reads `дд.мм.гггг` of the years 1990–2100.
pub fn date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%d.%m.%Y").ok()?;
    (1990..=2100).contains(&date.year()).then_some(date)
}

/// The remark about a date that is none.
pub fn bad_date(line: usize, key: &str, value: &str) -> Remark {
    let value: String = value.chars().take(40).collect();
    Remark::new(
        line,
        "DATE_INVALID",
        format!("{key}: «{value}» не дата вида дд.мм.гггг"),
        format!("{key}: {value:?} is not a date like dd.mm.yyyy"),
    )
    .of(key)
}

/// An account without inner spaces, in upper case (IBAN).
pub fn account(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// A tax id: 8–12 digits (ЄДРПОУ 8, УНП 9, ИНН 10 and 12, БИН/ИИН 12), not all zeros; else none.
pub fn tax_id(text: &str) -> Option<String> {
    let text = text.trim();
    let plausible = matches!(text.len(), 8..=10 | 12)
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.bytes().any(|b| b != b'0');
    plausible.then(|| text.to_owned())
}

/// True when a Russian ИНН fails its check digits. Anonymised and foreign numbers do; such a line
/// is read all the same, with a warning.
pub fn check_digit_fails(tax_id: &str) -> bool {
    matches!(tax_id.len(), 10 | 12)
        && TaxId::parse(Country::RU, tax_id).is_err_and(|error| error.is_check_digit())
}

/// A КПП: nine characters, not all zeros. Banks write `0`, `3` or nothing where there is none.
pub fn kpp(text: &str) -> Option<String> {
    let plausible = text.len() == 9
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.bytes().any(|b| b != b'0');
    plausible.then(|| text.to_owned())
}

/// A name without the tax id that some banks put before it, and that tax id:
/// `ИНН 7700000003 ООО …`, `7700000003, ООО …`, `7700000003/770001001 ООО …`.
pub fn name(text: &str) -> (String, Option<String>) {
    let text = entities(text);
    let rest = text.trim_start();
    let rest = strip_word(rest, "инн").unwrap_or(rest);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at(digits);
    if !matches!(digits, 10 | 12) || !after.starts_with([' ', ',', '/', '\\', ';']) {
        return (text.trim().to_owned(), None);
    }
    let after = after.trim_start_matches([' ', ',', '/', '\\', ';']);
    let after = strip_word(after, "кпп").unwrap_or(after);
    let kpp_digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let after = if kpp_digits == 9 { &after[9..] } else { after };
    let after = after.trim_start_matches([' ', ',', '/', '\\', ';']);
    (after.trim().to_owned(), tax_id(number))
}

fn strip_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let end = text.char_indices().nth(word.chars().count()).map_or(text.len(), |(at, _)| at);
    (text[..end].to_lowercase() == word)
        .then(|| text[end..].trim_start_matches([' ', ':', '.', '/']))
}

/// Decodes the HTML entities that banks leave in names and purposes.
pub fn entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    // `&amp;` last: `&amp;quot;` is one level of escaping, not two.
    [
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}
