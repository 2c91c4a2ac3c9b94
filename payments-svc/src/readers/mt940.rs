//! SWIFT MT940 and MT942 with what banks make of them (payments.md §1.7): envelopes, preambles,
//! MULTICASH fields, dates that do not exist.

mod details;
mod entry;

use super::encoding::{Encoding, Lines};
use super::found::{Found, Source, earlier, later, unreadable};
use super::values;
use crate::domain::statements::verdict::Refusal;
use crate::domain::statements::{CurrencyCode, Remark, StatementDay};
use chrono::NaiveDate;
use entry::Entry;
use rust_decimal::Decimal;

/// Name of the format.
pub const FORMAT: &str = "mt940";

/// Most lines of one field; more is no statement.
const MAX_FIELD_LINES: usize = 500;

/// One `:TAG:` with the lines that follow it.
#[derive(Debug, Default)]
struct Field {
    line: usize,
    tag: String,
    lines: Vec<String>,
}

/// One message.
#[derive(Debug, Default)]
struct Statement {
    line: usize,
    account: String,
    bank_id: Option<String>,
    currency: Option<CurrencyCode>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    opening: Option<Decimal>,
    closing: Option<Decimal>,
    turnover_in: Option<Decimal>,
    turnover_out: Option<Decimal>,
    entry: Option<Entry>,
    /// Whether `:62:` was met: what follows is about the statement.
    closed: bool,
}

/// Reads a file of messages.
///
/// # Errors
/// [`Refusal`]: limits, or the disk.
pub fn read<'e>(
    source: &dyn Source,
    encoding: Encoding,
    mut found: Found<'e>,
) -> Result<Found<'e>, Refusal> {
    let mut lines = source.open().map(|s| Lines::new(s, encoding)).map_err(|e| unreadable(&e))?;
    let mut statement: Option<Statement> = None;
    let mut field: Option<Field> = None;
    while let Some(line) = lines.next().map_err(|e| unreadable(&e))? {
        let text = plain(&line.text);
        if let Some((tag, value)) = tag(&text) {
            take(&mut statement, field.take(), &mut found)?;
            field = Some(Field { line: line.number, tag, lines: vec![value] });
        } else if ends_message(&text) {
            take(&mut statement, field.take(), &mut found)?;
        } else if let Some(field) = field.as_mut().filter(|f| f.lines.len() < MAX_FIELD_LINES) {
            field.lines.push(text);
        }
    }
    take(&mut statement, field.take(), &mut found)?;
    if let Some(statement) = statement {
        found.file.has_end = statement.closed || found.file.format == "mt942";
        close(statement, &mut found)?;
    }
    Ok(found)
}

/// A line without control characters; what is before the text block is dropped.
fn plain(text: &str) -> String {
    let text: String =
        text.chars().map(|c| if c.is_control() || c == '\u{FEFF}' { ' ' } else { c }).collect();
    let body = text.trim_start();
    match body.starts_with("{1:").then(|| body.find("{4:")).flatten() {
        Some(at) => body[at + 3..].to_owned(),
        None => text.trim_end().to_owned(),
    }
}

/// `:61:…`, `:60F:…`, `:NS:…`.
fn tag(text: &str) -> Option<(String, String)> {
    let rest = text.trim_start().strip_prefix(':')?;
    let (tag, value) = rest.split_once(':')?;
    let shape = tag.as_bytes();
    let known = match shape {
        [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => true,
        [a, b, c] if a.is_ascii_digit() && b.is_ascii_digit() => c.is_ascii_uppercase(),
        b"NS" => true,
        _ => false,
    };
    known.then(|| (tag.to_owned(), value.to_owned()))
}

/// `-`, `-}`, `-}{5:}`, `-XXX`, a row of dashes: nothing after it belongs to the field before.
fn ends_message(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("-}")
        || text == "-XXX"
        || (!text.is_empty() && text.bytes().all(|b| b == b'-'))
}

fn take(
    statement: &mut Option<Statement>,
    field: Option<Field>,
    found: &mut Found<'_>,
) -> Result<(), Refusal> {
    let Some(field) = field else { return Ok(()) };
    // Some banks begin with the account.
    let begins = match field.tag.as_str() {
        "20" => true,
        "25" | "25P" => statement.as_ref().is_none_or(|s| !s.account.is_empty()),
        _ => false,
    };
    if begins && let Some(before) = statement.take() {
        close(before, found)?;
    }
    let open =
        statement.get_or_insert_with(|| Statement { line: field.line, ..Statement::default() });
    match field.tag.as_str() {
        "25" | "25P" => account(open, &field, found),
        "60F" | "60M" | "62F" | "62M" => balance(open, &field, found),
        "34F" => {
            found.file.format = "mt942";
            open.currency = open.currency.or(field.lines[0].get(..3).and_then(CurrencyCode::parse));
        }
        "90D" => open.turnover_out = sum(open, &field),
        "90C" => open.turnover_in = sum(open, &field),
        "61" => {
            finish(open, found);
            found.document()?;
            match entry::read(&field, open.currency, found) {
                Ok(entry) => open.entry = Some(entry),
                Err(remark) => found.bad(remark),
            }
        }
        "86" if !open.closed => {
            if let Some(entry) = &mut open.entry {
                entry.details.extend(field.lines);
            }
        }
        "NS" if !open.closed => {
            if let Some(entry) = &mut open.entry {
                entry.multicash.extend(field.lines);
            }
        }
        _ => {}
    }
    Ok(())
}

/// `BIC/account`, `BLZ/account`, IBAN; a currency may be glued to its end.
fn account(statement: &mut Statement, field: &Field, found: &mut Found<'_>) {
    let text = values::account(&field.lines[0]);
    let (bank, account) = text.rsplit_once('/').unwrap_or(("", &text));
    let (account, currency) =
        match account.len().checked_sub(3).map(|at| account.split_at_checked(at)) {
            Some(Some((digits, letters)))
                if digits.len() >= 5
                    && digits.ends_with(|c: char| c.is_ascii_digit())
                    && letters.bytes().all(|b| b.is_ascii_alphabetic()) =>
            {
                (digits, CurrencyCode::parse(letters))
            }
            _ => (account, None),
        };
    statement.account = account.to_owned();
    statement.bank_id = values::plausible_account(bank);
    statement.currency = currency;
    found.account(account);
}

/// `C200101EUR444,29`.
fn balance(statement: &mut Statement, field: &Field, found: &mut Found<'_>) {
    let text = field.lines[0].trim();
    let parse = || {
        let sign = text.get(..1)?;
        let day = entry::yymmdd(text.get(1..7)?)?.0;
        let currency = CurrencyCode::parse(text.get(7..10)?)?;
        let amount = values::exact(&text.get(10..)?.replace(' ', ""), currency).ok()?;
        Some((if sign == "D" { -amount } else { amount }, day, currency))
    };
    let opens = field.tag.starts_with("60");
    if !opens {
        finish(statement, found);
        statement.closed = true;
    }
    let Some((amount, day, currency)) = parse() else {
        found.warn(Remark::new(
            field.line,
            "BALANCE_UNREADABLE",
            format!("Остаток :{}: не прочитан", field.tag),
            format!("The balance :{}: cannot be read; it is left out", field.tag),
        ));
        return;
    };
    statement.currency = Some(currency);
    if opens {
        statement.opening = Some(amount);
        statement.from = statement.from.or(Some(day));
    } else {
        statement.closing = Some(amount);
        statement.to = Some(day);
    }
}

/// `:90D:4EUR123,45`.
fn sum(statement: &Statement, field: &Field) -> Option<Decimal> {
    let text = field.lines[0].trim_start_matches(|c: char| c.is_ascii_digit());
    let currency = statement.currency.or_else(|| text.get(..3).and_then(CurrencyCode::parse))?;
    values::exact(text.get(3..)?, currency).ok()
}

/// The entry before is whole.
fn finish(statement: &mut Statement, found: &mut Found<'_>) {
    if let Some(entry) = statement.entry.take() {
        let line = entry.line(&statement.account, statement.bank_id.as_deref());
        found.read(line);
    }
}

fn close(mut statement: Statement, found: &mut Found<'_>) -> Result<(), Refusal> {
    finish(&mut statement, found);
    if statement.account.is_empty() && statement.opening.is_none() && statement.closing.is_none() {
        return Ok(());
    }
    found.day(StatementDay {
        line: statement.line,
        from: earlier(statement.from, statement.to),
        to: later(statement.from, statement.to),
        own_account: statement.account,
        bank_id: statement.bank_id,
        currency: statement.currency,
        opening: statement.opening,
        turnover_in: statement.turnover_in,
        turnover_out: statement.turnover_out,
        closing: statement.closing,
    })
}
