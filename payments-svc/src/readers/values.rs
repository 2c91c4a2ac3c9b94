//! Values of single keys: amounts, dates, accounts, tax ids, names.

mod dates;

use super::MAX_VALUE_CHARS;
use crate::domain::statements::{CurrencyCode, Remark};
pub use dates::{any_date, is_no_date};
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
    /// Fractions of the minor unit.
    TooFine,
}

impl AmountProblem {
    /// The remark about the field.
    pub fn remark(self, line: usize, key: &str, value: &str) -> Remark {
        let value: String = value.chars().filter(|c| !c.is_control()).take(40).collect();
        let (code, ru, en) = match self {
            Self::NotANumber => ("AMOUNT_NOT_A_NUMBER", "не число", "is not a number"),
            Self::Ambiguous => (
                "AMOUNT_AMBIGUOUS",
                "неоднозначно: после точки или запятой ждём одну или две цифры",
                "is ambiguous: one or two digits are expected after the point or comma",
            ),
            Self::TooLong => ("AMOUNT_TOO_LARGE", "слишком велико", "is too large"),
            Self::TooFine => (
                "AMOUNT_TOO_FINE",
                "мельче минимальной единицы валюты",
                "is finer than the minor unit of the currency",
            ),
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
    if let Some(plain) = plain(text) {
        return Ok(plain);
    }
    let squeezed: String =
        text.chars().filter(|c| !c.is_whitespace() && !"'’`\u{FEFF}".contains(*c)).collect();
    let squeezed = without_currency(&squeezed);
    let (negative, digits) = match squeezed.strip_prefix(['-', '\u{2212}', '\u{2013}']) {
        Some(rest) => (true, rest),
        None => match squeezed.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
            Some(inner) => (true, inner),
            None => (false, squeezed.strip_prefix('+').unwrap_or(squeezed)),
        },
    };
    let digits = digits.strip_suffix('=').unwrap_or(digits);
    let digits = without_fine_zeros(digits);
    let (whole, fraction) = match decimal_mark(digits)? {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, ""),
    };
    let whole = ungroup(whole)?;
    if whole.len() > MAX_INTEGER_DIGITS {
        return Err(AmountProblem::TooLong);
    }
    let exact = match (whole.as_str(), fraction) {
        ("", "") => return Err(AmountProblem::NotANumber),
        ("", fraction) => format!("0.{fraction}"),
        (_, "") => whole,
        _ => format!("{whole}.{fraction}"),
    };
    let value: Decimal = exact.parse().map_err(|_| AmountProblem::NotANumber)?;
    Ok(if negative { -value } else { value })
}

/// `860`, `860.5`, `860.00`: what nearly all files write.
fn plain(text: &str) -> Option<Decimal> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let plain =
        (1..=MAX_INTEGER_DIGITS).contains(&whole.len()) && digits(whole) && digits(fraction);
    if !plain || fraction.len() > 2 || text.ends_with('.') {
        return None;
    }
    let units: i64 = format!("{whole}{fraction}").parse().ok()?;
    Some(Decimal::new(units, u32::try_from(fraction.len()).ok()?))
}

/// `860,00 руб.` → `860,00`: a currency behind an amount says nothing of it.
fn without_currency(text: &str) -> &str {
    const UNITS: [&str; 14] = [
        "руб.", "руб", "р.", "р", "RUB", "RUR", "₽", "грн.", "грн", "UAH", "BYN", "KZT", "EUR",
        "USD",
    ];
    let unit = UNITS.iter().find_map(|unit| text.strip_suffix(unit));
    unit.filter(|amount| amount.ends_with(|c: char| c.is_ascii_digit())).unwrap_or(text)
}

/// `860.0000` → `860.00`: four digits or more are no group of thousands.
fn without_fine_zeros(digits: &str) -> &str {
    let Some(at) = digits.rfind(['.', ',']) else { return digits };
    let more = digits.get(at + 3..).unwrap_or_default();
    let fine = more.len() >= 2 && more.bytes().all(|b| b == b'0');
    if fine && !digits[..at].contains(['.', ',']) { &digits[..at + 3] } else { digits }
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
    if whole.is_empty() {
        return Ok(String::new());
    }
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

/// Reads an amount whose decimal mark is certain (camt, MT940): `15000,`, `12.34000`. More digits
/// than the currency has are zeros, or it is an error; never rounded.
///
/// # Errors
/// [`AmountProblem`].
pub fn exact(text: &str, currency: CurrencyCode) -> Result<Decimal, AmountProblem> {
    let text = text.trim();
    if text.contains('.') && text.contains(',') {
        return amount(text);
    }
    let text = text.replace(',', ".");
    let text = text.strip_suffix('.').unwrap_or(&text);
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let decimal = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !decimal(whole) || !decimal(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(AmountProblem::NotANumber);
    }
    if whole.len() > MAX_INTEGER_DIGITS {
        return Err(AmountProblem::TooLong);
    }
    let scale = usize::try_from(currency.scale()).unwrap_or(2);
    let significant = fraction.trim_end_matches('0');
    if significant.len() > scale {
        return Err(AmountProblem::TooFine);
    }
    let fraction = &fraction[..fraction.len().min(scale.max(2))];
    let whole = if whole.is_empty() { "0" } else { whole };
    let exact = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    let value: Decimal = exact.parse().map_err(|_| AmountProblem::NotANumber)?;
    Ok(if text.starts_with('-') { -value } else { value })
}

/// The remark about a date that is none.
pub fn bad_date(line: usize, key: &str, value: &str) -> Remark {
    let value: String = value.chars().filter(|c| !c.is_control()).take(40).collect();
    Remark::new(
        line,
        "DATE_INVALID",
        format!("{key}: «{value}» не дата вида дд.мм.гггг"),
        format!("{key}: {value:?} is not a date like dd.mm.yyyy"),
    )
    .of(key)
}

/// The remark about a document whose amount is not above zero.
pub fn not_positive(line: usize, key: &str) -> Remark {
    Remark::new(
        line,
        "AMOUNT_NOT_POSITIVE",
        format!("{key}: сумма должна быть больше нуля"),
        format!("{key}: the amount must be above zero"),
    )
    .of(key)
}

/// The remark about a document that lacks a value.
pub fn missing(line: usize, key: &str) -> Remark {
    Remark::new(
        line,
        "KEY_MISSING",
        format!("В документе нет значения «{key}»"),
        format!("The document has no value of {key}"),
    )
    .of(key)
}

/// The remark about a text that is too long.
pub fn too_long(line: usize, key: &str) -> Remark {
    Remark::new(
        line,
        "VALUE_TOO_LONG",
        format!("{key}: длиннее {MAX_VALUE_CHARS} знаков"),
        format!("{key}: longer than {MAX_VALUE_CHARS} characters"),
    )
    .of(key)
}

/// The remark about a line that has not the shape of its format.
pub fn bad_entry(line: usize, key: &str, what: &str, value: &str) -> Remark {
    let value: String = value.chars().filter(|c| !c.is_control()).take(60).collect();
    Remark::new(
        line,
        "ENTRY_UNREADABLE",
        format!("{key}: не прочитано ({what}): «{value}»"),
        format!("{key}: cannot be read ({what}): {value:?}"),
    )
    .of(key)
}

/// One line of text: ends trimmed, control characters (NUL among them, which no database text can
/// hold) and runs of blanks become one space.
pub fn one_line(text: &str) -> String {
    let blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{FEFF}';
    text.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The same, or nothing when nothing is left.
pub fn some(text: &str) -> Option<String> {
    Some(one_line(text)).filter(|text| !text.is_empty())
}

/// IBAN, the longest kind of account, has 34 characters; what is longer is text.
pub fn plausible_account(text: &str) -> Option<String> {
    Some(account(text)).filter(|account| !account.is_empty() && account.chars().count() <= 34)
}

/// The currency that an account carries: digits 6–8 of a Russian one, the country of an IBAN.
pub fn currency_of_account(account: &str) -> Option<CurrencyCode> {
    let inner = |from: usize| account.get(from..from + 3).and_then(CurrencyCode::parse);
    match account.get(..2)? {
        // Some Kazakh banks write the letters into the account.
        "KZ" => inner(7)
            .filter(|code| ["KZT", "USD", "EUR", "RUB", "CNY"].contains(&code.code()))
            .or(CurrencyCode::parse("KZT")),
        "BY" => CurrencyCode::parse("BYN"),
        "UA" => CurrencyCode::parse("UAH"),
        _ if account.len() == 20 && account.bytes().all(|b| b.is_ascii_digit()) => inner(5),
        _ => None,
    }
}

/// The currency of the country of an IBAN, where it tells one.
pub fn currency_of_iban(account: &str) -> Option<CurrencyCode> {
    let letters = account.get(..2)?.bytes().all(|b| b.is_ascii_uppercase());
    letters.then(|| currency_of_account(account)).flatten()
}

/// An account without inner spaces, in upper case (IBAN).
pub fn account(text: &str) -> String {
    if text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        return text.to_owned();
    }
    let kept = text.chars().filter(|c| !c.is_whitespace() && !c.is_control() && *c != '\u{FEFF}');
    kept.flat_map(char::to_uppercase).collect()
}

/// A tax id: 8–12 digits (ЄДРПОУ 8, УНП 9, ИНН 10 and 12, БИН/ИИН 12), not all zeros; else none.
pub fn tax_id(text: &str) -> Option<String> {
    let text = text.trim();
    let plausible = matches!(text.len(), 8..=10 | 12)
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.bytes().any(|b| b != b'0');
    plausible.then(|| text.to_owned())
}

/// `7700000003/770001001`: a tax id, and a КПП that some banks put behind it.
pub fn tax_id_and_kpp(text: &str) -> (Option<String>, Option<String>) {
    let mut parts = text.split(['/', '\\', ',', ' ']).filter(|part| !part.is_empty());
    let id = parts.next().and_then(tax_id);
    let behind = id.is_some().then(|| parts.next().and_then(kpp)).flatten();
    (id, behind)
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
