//! One `:61:` with its `:86:` → a statement line.

use super::Field;
use super::details::{self, Details};
use crate::domain::statements::{CurrencyCode, Direction, Party, Remark, StatementLine, Status};
use crate::readers::MAX_VALUE_CHARS;
use crate::readers::found::Found;
use crate::readers::values;
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What a `:61:` says, with what follows it.
#[derive(Debug)]
pub struct Entry {
    place: usize,
    valued_on: NaiveDate,
    booked_on: NaiveDate,
    direction: Direction,
    status: Status,
    amount: Decimal,
    currency: CurrencyCode,
    kind: String,
    customer_reference: Option<String>,
    bank_reference: Option<String>,
    supplement: String,
    /// Lines of its `:86:`.
    pub details: Vec<String>,
    /// Lines of its `:NS:`.
    pub multicash: Vec<String>,
}

/// Reads `YYMMDD`; a day that the month has not is its last one, and true is answered with it.
pub fn yymmdd(text: &str) -> Option<(NaiveDate, bool)> {
    if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| text.get(from..from + 2)?.parse::<u32>().ok();
    let year = i32::try_from(part(0)?).ok()?;
    day_of(if year >= 80 { 1900 + year } else { 2000 + year }, part(2)?, part(4)?)
}

fn day_of(year: i32, month: u32, day: u32) -> Option<(NaiveDate, bool)> {
    if !(1..=31).contains(&day) {
        return None;
    }
    let exact = NaiveDate::from_ymd_opt(year, month, day).map(|date| (date, false));
    let last = || (28..day).rev().find_map(|d| NaiveDate::from_ymd_opt(year, month, d));
    exact.or_else(|| last().map(|date| (date, true)))
}

struct Cursor<'t> {
    rest: &'t str,
}

impl<'t> Cursor<'t> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn digits(&mut self, count: usize) -> Option<&'t str> {
        let part = self.rest.get(..count).filter(|p| p.bytes().all(|b| b.is_ascii_digit()))?;
        self.rest = &self.rest[count..];
        Some(part)
    }

    /// Credit or debit, and what is meant by it.
    fn mark(&mut self) -> Option<(Direction, Status)> {
        Some(match self.one_of(&["RC", "RD", "EC", "ED", "C", "D"])? {
            "RC" => (Direction::Out, Status::Reversal),
            "RD" => (Direction::In, Status::Reversal),
            "EC" => (Direction::In, Status::Pending),
            "ED" => (Direction::Out, Status::Pending),
            "C" => (Direction::In, Status::Booked),
            _ => (Direction::Out, Status::Booked),
        })
    }

    /// The first of these that stands here.
    fn one_of(&mut self, words: &[&'t str]) -> Option<&'t str> {
        let word = words.iter().find(|word| self.rest.starts_with(**word))?;
        self.rest = &self.rest[word.len()..];
        Some(word)
    }
}

/// Reads a `:61:`. Spaces between its parts and a missing entry date are tolerated.
///
/// # Errors
/// The remark that says what is wrong.
pub fn read(
    field: &Field,
    currency: Option<CurrencyCode>,
    found: &mut Found<'_>,
) -> Result<Entry, Remark> {
    let first = field.lines[0].as_str();
    let wrong = |what: &str| values::bad_entry(field.line, ":61:", what, first);
    let mut at = Cursor { rest: first };
    at.blanks();
    let (valued_on, corrected) =
        at.digits(6).and_then(yymmdd).ok_or_else(|| values::bad_date(field.line, ":61:", first))?;
    if corrected {
        found.warn(date_corrected(field.line, valued_on));
    }
    at.blanks();
    let booked_on = at.digits(4).and_then(|mmdd| near(valued_on, mmdd)).unwrap_or(valued_on);
    at.blanks();
    let (direction, status) = at.mark().ok_or_else(|| wrong("D/C"))?;
    at.blanks();
    // The third letter of the currency.
    if at.rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        at.rest = &at.rest[1..];
        at.blanks();
    }
    let end = at
        .rest
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ',' | '.')))
        .unwrap_or(at.rest.len());
    let (amount, rest) = at.rest.split_at(end);
    let currency = currency.unwrap_or_else(|| types::Currency::Eur.into());
    let amount = values::exact(amount, currency)
        .map_err(|problem| problem.remark(field.line, ":61:", amount))?;
    if amount <= Decimal::ZERO {
        return Err(values::not_positive(field.line, ":61:"));
    }
    let (kind, customer, bank) = references(rest);
    let supplement = values::one_line(&field.lines[1..].join(" "));
    Ok(Entry {
        place: field.line,
        valued_on,
        booked_on,
        direction,
        status,
        amount,
        currency,
        kind,
        customer_reference: customer,
        bank_reference: bank,
        supplement,
        details: Vec::new(),
        multicash: Vec::new(),
    })
}

fn date_corrected(line: usize, day: NaiveDate) -> Remark {
    Remark::new(
        line,
        "DATE_CORRECTED",
        format!("Такого дня нет; взят последний день месяца {day}"),
        format!("There is no such day; the last one of the month, {day}, is taken"),
    )
}

/// `NTRFNONREF//0724710333343453`: type, the customer's reference, the bank's.
fn references(rest: &str) -> (String, Option<String>, Option<String>) {
    let rest = rest.trim_start();
    let typed = rest.starts_with(['N', 'F', 'S']) && rest.is_char_boundary(4.min(rest.len()));
    let (kind, rest) = if typed { rest.split_at(4.min(rest.len())) } else { ("", rest) };
    let (customer, bank) = rest.split_once("//").map_or((rest, None), |(c, b)| (c, Some(b)));
    let real = |text: &str| {
        values::some(text).filter(|text| !["NONREF", "NOTPROVIDED"].contains(&text.as_str()))
    };
    (kind.trim().to_owned(), real(customer), bank.and_then(real))
}

/// `MMDD` of the year that brings it nearest to the value date.
fn near(valued_on: NaiveDate, mmdd: &str) -> Option<NaiveDate> {
    let (month, day) = (mmdd.get(..2)?.parse().ok()?, mmdd.get(2..)?.parse().ok()?);
    let year = valued_on.year();
    let candidates = [year, year - 1, year + 1];
    candidates
        .into_iter()
        .filter_map(|year| day_of(year, month, day))
        .map(|(date, _)| date)
        .min_by_key(|date| (*date - valued_on).num_days().abs())
}

impl Entry {
    /// The line.
    ///
    /// # Errors
    /// A text that is too long.
    pub fn line(self, account: &str, bank_id: Option<&str>) -> Result<StatementLine, Remark> {
        let told = if self.multicash.is_empty() {
            details::read(&self.details)
        } else {
            details::multicash(&self.multicash)
        };
        let purpose = self.purpose(&told);
        if purpose.chars().count() > MAX_VALUE_CHARS {
            return Err(values::too_long(self.place, ":86:"));
        }
        let Details { party, end_to_end_id, on_behalf, return_reason, raw, .. } = told;
        let own = Party {
            account: Some(account.to_owned()).filter(|account| !account.is_empty()),
            bank_id: bank_id.map(str::to_owned),
            ..Party::default()
        };
        let (payer, payee) = match self.direction {
            Direction::Out => (own, party),
            Direction::In | Direction::Unknown => (party, own),
        };
        let raw = raw
            .into_iter()
            .chain([
                ("type".to_owned(), self.kind),
                ("value date".to_owned(), self.valued_on.to_string()),
            ])
            .filter(|(_, value)| !value.is_empty())
            .collect::<BTreeMap<_, _>>();
        Ok(StatementLine {
            line: self.place,
            own_account: account.to_owned(),
            direction: self.direction,
            own_transfer: false,
            status: self.status,
            amount: self.amount,
            currency: self.currency,
            booked_on: self.booked_on,
            doc_no: self.customer_reference,
            doc_date: None,
            doc_kind: None,
            bank_unique_id: None,
            bank_reference: self.bank_reference,
            end_to_end_id,
            structured_reference: None,
            return_reason,
            on_behalf: on_behalf.map(|name| Party { name, ..Party::default() }),
            uip: None,
            payer,
            payee,
            purpose,
            raw,
        })
    }

    /// What `:86:` says; without it, what `:61:` does.
    fn purpose(&self, told: &Details) -> String {
        if !told.purpose.is_empty() {
            return told.purpose.clone();
        }
        if !self.supplement.is_empty() {
            return self.supplement.clone();
        }
        match (&self.customer_reference, &self.bank_reference) {
            (Some(customer), Some(bank)) => format!("{customer} {bank}"),
            (one, other) => one.clone().or_else(|| other.clone()).unwrap_or_default(),
        }
    }
}
