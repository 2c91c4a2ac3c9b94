//! One operation → a statement line.

use crate::domain::statements::{CurrencyCode, Direction, Party, Remark, StatementLine};
use crate::readers::MAX_VALUE_CHARS;
use crate::readers::values;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Most keys of one record.
const MAX_KEYS: usize = 200;

/// Keys with their values, as written.
#[derive(Debug, Default)]
pub struct Record {
    line: usize,
    fields: BTreeMap<String, (usize, String)>,
}

/// The account whose statement it is.
#[derive(Debug)]
pub struct Account {
    /// Its number.
    pub number: String,
    /// Its currency.
    pub currency: CurrencyCode,
    /// Whether amounts of the account have `Q` in their keys.
    pub quantity: bool,
    /// Its bank.
    pub bank_id: Option<String>,
    /// Its owner.
    pub name: Option<String>,
}

const READ_KEYS: [&str; 28] = [
    "Acc",
    "AccKorr",
    "ActualBenName",
    "ActualBenUNP",
    "ActualPayerName",
    "ActualPayerUNP",
    "Amount",
    "Code",
    "Cod",
    "Cre",
    "CreQ",
    "Credit",
    "Db",
    "Deb",
    "DebQ",
    "DocDate",
    "DocID",
    "KorName",
    "KorUNP",
    "NDoc",
    "Nazn",
    "Nazn2",
    "Num",
    "OpDate",
    "OperationID",
    "UNNKorr",
    "UNNRec",
    "DocTime",
];

impl Record {
    /// A record that begins here.
    pub fn at(line: usize) -> Self {
        Self { line, ..Self::default() }
    }

    /// Keeps a value; of two of one key the first that says something.
    pub fn put(&mut self, line: usize, key: &str, value: &str) {
        let known = self.fields.get(key).is_some_and(|(_, value)| !value.trim().is_empty());
        if !known && self.fields.len() < MAX_KEYS {
            self.fields.insert(key.to_owned(), (line, value.to_owned()));
        }
    }

    /// A value, when it is not empty.
    pub fn text(&self, key: &str) -> Option<String> {
        self.fields.get(key).and_then(|(_, value)| values::some(value))
    }

    fn first(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.text(key))
    }

    fn amount(&self, keys: &[&str]) -> Result<Option<Decimal>, Remark> {
        let Some(key) = keys.iter().find(|key| self.text(key).is_some()) else { return Ok(None) };
        let Some((line, value)) = self.fields.get(*key) else { return Ok(None) };
        values::amount(value).map(Some).map_err(|problem| problem.remark(*line, key, value))
    }
}

/// The line of an operation.
///
/// # Errors
/// The remark that names the line, the key and what is wrong.
pub fn line(record: &Record, own: &Account) -> Result<StatementLine, Remark> {
    let (direction, amount) = side(record, own)?;
    let key = if record.text("OpDate").is_some() { "OpDate" } else { "DocDate" };
    let written = record.text(key).ok_or_else(|| values::missing(record.line, "DocDate"))?;
    let booked_on =
        values::any_date(&written).ok_or_else(|| values::bad_date(record.line, key, &written))?;
    // The second half of a purpose goes on where the first was cut.
    let raw_text = |key: &str| record.fields.get(key).map(|(_, v)| v.as_str()).unwrap_or_default();
    let purpose =
        values::entities(&values::one_line(&format!("{}{}", raw_text("Nazn"), raw_text("Nazn2"))));
    if purpose.chars().count() > MAX_VALUE_CHARS {
        return Err(values::too_long(record.line, "Nazn"));
    }
    let other = other(record);
    let ours = Party {
        name: own.name.clone().unwrap_or_default(),
        account: Some(own.number.clone()).filter(|account| !account.is_empty()),
        bank_id: own.bank_id.clone(),
        ..Party::default()
    };
    let behalf = |name: &str, unp: &str| {
        let (name, unp) = (record.text(name), record.text(unp).and_then(|text| tax_id_of(&text)));
        let some = name.is_some() || unp.is_some();
        some.then(|| Party { name: name.unwrap_or_default(), tax_id: unp, ..Party::default() })
    };
    let own_transfer = other.account.is_some() && other.account == ours.account;
    let (payer, payee, on_behalf) = match direction {
        Direction::Out => (ours, other, behalf("ActualBenName", "ActualBenUNP")),
        _ => (other, ours, behalf("ActualPayerName", "ActualPayerUNP")),
    };
    let id = record.first(&["OperationID", "DocID"]);
    Ok(StatementLine {
        direction,
        own_transfer,
        doc_no: record.first(&["Num", "NDoc"]),
        doc_date: record.text("DocDate").and_then(|text| values::any_date(&text)),
        doc_kind: record.text("Opr"),
        bank_unique_id: id.clone(),
        bank_reference: id,
        on_behalf,
        payer,
        payee,
        purpose,
        raw: raw(record),
        ..StatementLine::new(record.line, &own.number, direction, (amount, own.currency), booked_on)
    })
}

fn other(record: &Record) -> Party {
    let tax_id = record.first(&["KorUNP", "UNNRec", "UNNKorr"]).and_then(|text| tax_id(&text));
    let account = record.first(&["Acc", "AccKorr"]);
    let bank_id = record.first(&["Code", "Cod"]).filter(|code| code.len() > 3);
    Party {
        name: record.text("KorName").map(|n| values::entities(&n)).unwrap_or_default(),
        tax_id,
        account: account.and_then(|a| values::plausible_account(&a)),
        bank_id: bank_id.and_then(|c| values::plausible_account(&c)),
        ..Party::default()
    }
}

/// Debit is money that went, credit money that came.
fn side(record: &Record, own: &Account) -> Result<(Direction, Decimal), Remark> {
    let (debit, credit): (&[&str], &[&str]) =
        if own.quantity { (&["DebQ"], &["CreQ"]) } else { (&["Db", "Deb"], &["Credit", "Cre"]) };
    let zero = |amount: Option<Decimal>| amount.unwrap_or(Decimal::ZERO);
    let (debit, credit) = (zero(record.amount(debit)?), zero(record.amount(credit)?));
    match (debit > Decimal::ZERO, credit > Decimal::ZERO) {
        (true, false) => Ok((Direction::Out, debit)),
        (false, true) => Ok((Direction::In, credit)),
        // A revaluation moves no money of the account.
        (false, false) => Err(values::not_positive(record.line, "Db/Credit")),
        (true, true) => {
            Err(values::bad_entry(record.line, "Db/Credit", "debit and credit at once", ""))
        }
    }
}

/// `190000021`, `UNP platelshchika:190000021`, `УНП корреспондента:INN7700000003.KPP770001001`.
fn tax_id(text: &str) -> Option<String> {
    let digits =
        text.split(|c: char| !c.is_ascii_digit()).find(|part| matches!(part.len(), 8..=10 | 12));
    tax_id_of(text).or_else(|| digits.and_then(values::tax_id))
}

/// Digits, or the two letters and seven digits of a Belarusian person.
fn tax_id_of(text: &str) -> Option<String> {
    let person = text.len() == 9
        && text.bytes().take(2).all(|b| b.is_ascii_alphabetic())
        && text.bytes().skip(2).all(|b| b.is_ascii_digit());
    if person { Some(text.to_ascii_uppercase()) } else { values::tax_id(text) }
}

fn raw(record: &Record) -> BTreeMap<String, String> {
    let kept = record.fields.iter().filter(|(key, _)| !READ_KEYS.contains(&key.as_str()));
    kept.filter_map(|(key, (_, value))| Some((key.clone(), values::some(value)?))).collect()
}
