//! One row → a statement line.

use super::layout::{Layout, Profile, Role, fold};
use crate::domain::statements::{CurrencyCode, Direction, Party, Remark, StatementLine, Status};
use crate::readers::MAX_VALUE_CHARS;
use crate::readers::values;
use chrono::NaiveDate;
use csv::StringRecord;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What stands before the headings.
#[derive(Debug, Default)]
pub struct Place {
    /// Own account.
    pub own_account: Option<String>,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
}

impl Place {
    /// Reads `name;value` of a preamble.
    pub fn preamble(&mut self, profile: &Profile, row: &StringRecord) {
        let Some((name, value)) = row.get(0).zip(row.iter().skip(1).find(|c| !c.trim().is_empty()))
        else {
            return;
        };
        let name = fold(name);
        let name = name.trim_end_matches(':');
        let is = |key: &str| {
            profile.preamble.get(key).is_some_and(|names| names.iter().any(|n| fold(n) == name))
        };
        let usual = ["номер счета", "счет", "расчетный счет", "р/с"].contains(&name);
        if is("own_account") || (usual && value.bytes().filter(u8::is_ascii_digit).count() >= 10) {
            let account = values::account(value.trim_matches(['\'', '"', ' ']));
            self.own_account = Some(account);
        } else if is("from") {
            self.from = values::any_date(value);
        } else if is("to") {
            self.to = values::any_date(value);
        }
    }
}

impl Place {
    /// «Выписка по счету 40702810…»: the account in a text before the headings.
    pub fn account_in_text(&mut self, row: &StringRecord) {
        let names = |text: &str| {
            ["счет", "рахун", "account", "iban", "р/с"].iter().any(|word| text.contains(word))
        };
        let alone = row.iter().filter(|cell| !cell.trim().is_empty()).count() == 1;
        if self.own_account.is_some() || !(alone || row.iter().any(|cell| names(&fold(cell)))) {
            return;
        }
        let words = row.iter().flat_map(|cell| cell.split(|c: char| !c.is_ascii_alphanumeric()));
        let account = words.map(str::to_owned).find(|word| {
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
            (word.len() == 20 && digits == 20)
                || (letters == 2 && digits >= 12 && (15..=34).contains(&word.len()))
        });
        self.own_account = account;
    }
}

/// Beginnings of rows that add up others.
const TOTALS: [&str; 9] =
    ["итог", "всего", "остаток", "входящ", "исходящ", "оборот", "всього", "залишок", "total"];

/// States of operations that did not happen.
const FAILED: [&str; 11] = [
    "failed",
    "отклон",
    "отказ",
    "отмен",
    "не исполн",
    "ошибка",
    "cancel",
    "declin",
    "reject",
    "revert",
    "відхил",
];

/// Beginnings of words for money that went, and for money that came.
const WENT: [&str; 11] = [
    "дебет",
    "дт",
    "списан",
    "расход",
    "исход",
    "debit",
    "withdraw",
    "outgo",
    "видат",
    "снят",
    "dr",
];
const CAME: [&str; 11] = [
    "кредит",
    "кт",
    "зачисл",
    "поступ",
    "приход",
    "вход",
    "пополн",
    "credit",
    "incom",
    "надход",
    "cr",
];

/// Where each role stands.
#[derive(Debug, Clone)]
pub struct Columns {
    places: BTreeMap<Role, usize>,
}

impl Columns {
    /// Columns at these places.
    pub fn new(places: impl Iterator<Item = (Role, usize)>) -> Self {
        Self { places: places.collect() }
    }

    fn cell<'r>(&self, row: &'r StringRecord, role: Role) -> Option<&'r str> {
        let cell = row
            .get(*self.places.get(&role)?)?
            .trim_matches(|c: char| c.is_whitespace() || c == '\'');
        (!cell.is_empty()).then_some(cell)
    }

    fn text(&self, row: &StringRecord, role: Role) -> Option<String> {
        self.cell(row, role).and_then(values::some)
    }

    /// True when a row has neither a date nor an amount, or only counts its columns: `1;2;3`.
    pub fn says_nothing(&self, row: &StringRecord) -> bool {
        let counts = |(place, cell): (usize, &str)| cell.trim() == (place + 1).to_string();
        if row.len() > 2 && row.get(0) == Some("1") && row.iter().enumerate().all(counts) {
            return true;
        }
        let has = |role| self.cell(row, role).is_some();
        let date = [Role::Date, Role::DateFallback].into_iter().any(|role| {
            self.cell(row, role).is_some_and(|cell| cell.bytes().any(|b| b.is_ascii_digit()))
        });
        let total = |cell: &str| {
            let cell = fold(cell);
            TOTALS.iter().any(|word| cell.starts_with(word))
        };
        if !date && row.iter().any(total) {
            return true;
        }
        let width = self.places.values().max().copied().unwrap_or(0);
        !date && (!has(Role::Amount) && !has(Role::In) && !has(Role::Out) || row.len() * 2 < width)
    }

    /// Accounts of both sides.
    pub fn sides(&self, row: &StringRecord) -> Vec<String> {
        let account = |role| self.cell(row, role).and_then(|cell| Cell::of(cell).account);
        let mut sides: Vec<String> =
            [Role::PayerAccount, Role::PayeeAccount].into_iter().filter_map(account).collect();
        sides.dedup();
        sides
    }

    /// Whether the amount of a row is below zero.
    pub fn is_below_zero(&self, row: &StringRecord) -> bool {
        let amount = self.cell(row, Role::Amount).map(values::amount);
        amount.is_some_and(|amount| amount.is_ok_and(|amount| amount.is_sign_negative()))
    }

    /// True when a row without headings is of this shape.
    pub fn fits(&self, row: &StringRecord) -> bool {
        let date = self.cell(row, Role::Date).and_then(values::any_date).is_some();
        let account = self.cell(row, Role::OwnAccount);
        let amounts = [Role::Amount, Role::In, Role::Out];
        let money = amounts.into_iter().filter_map(|role| self.cell(row, role));
        let money: Vec<_> = money.map(values::amount).collect();
        let digits = account.is_some_and(|a| a.bytes().filter(u8::is_ascii_digit).count() >= 5);
        date && digits && !money.is_empty() && money.iter().all(Result::is_ok)
    }

    /// The signed amount; above zero came.
    fn amount(
        &self,
        profile: &Profile,
        row: &StringRecord,
        line: usize,
    ) -> Result<Decimal, Remark> {
        let read = |role, key: &str| match self.cell(row, role) {
            None => Ok(Decimal::ZERO),
            Some(cell) => values::amount(cell).map_err(|problem| problem.remark(line, key, cell)),
        };
        let (came, went) = (read(Role::In, "in")?, read(Role::Out, "out")?);
        let amount = match (came.is_zero(), went.is_zero()) {
            (false, true) => came,
            (true, false) => -went.abs(),
            (false, false) => return Err(values::bad_entry(line, "in/out", "both are given", "")),
            (true, true) => read(Role::Amount, "amount")?,
        };
        if amount.is_zero() {
            return Err(values::not_positive(line, "amount"));
        }
        Ok(if self.side(profile, row) == Some(Direction::Out) { -amount.abs() } else { amount })
    }

    /// Which way the money went, by its column; none where that says nothing.
    fn side(&self, profile: &Profile, row: &StringRecord) -> Option<Direction> {
        let side = fold(self.cell(row, Role::Side)?);
        if profile.outgoing.iter().any(|word| fold(word) == side) {
            return Some(Direction::Out);
        }
        let begins = |words: &[&str]| words.iter().any(|word| side.starts_with(word));
        match profile.by_word {
            true if ["д", "d"].contains(&&*side) || begins(&WENT) => Some(Direction::Out),
            true if ["к", "k", "c"].contains(&&*side) || begins(&CAME) => Some(Direction::In),
            true => None,
            false => Some(Direction::In),
        }
    }
}

/// The line of a row.
///
/// # Errors
/// The remark that says what is wrong with it.
pub fn line(
    columns: &Columns,
    layout: &Layout,
    place: &Place,
    row: &StringRecord,
    line: usize,
) -> Result<StatementLine, Remark> {
    let profile = &layout.profile;
    let signed = columns.amount(profile, row, line)?;
    let state = columns.cell(row, Role::Status).map(fold).unwrap_or_default();
    if FAILED.iter().any(|word| state.starts_with(word)) {
        return Err(failed(line, &state));
    }
    let pending = profile.pending.iter().any(|p| fold(p) == state);
    let written = columns.cell(row, Role::Date).or_else(|| columns.cell(row, Role::DateFallback));
    let written = written.ok_or_else(|| values::missing(line, "date"))?;
    let booked_on =
        values::any_date(written).ok_or_else(|| values::bad_date(line, "date", written))?;
    let purpose = values::entities(&columns.text(row, Role::Purpose).unwrap_or_default());
    if purpose.chars().count() > MAX_VALUE_CHARS {
        return Err(values::too_long(line, "purpose"));
    }
    let own_account = columns.cell(row, Role::OwnAccount).map(values::account);
    let own_account = own_account.or_else(|| place.own_account.clone()).unwrap_or_default();
    let currency = columns.cell(row, Role::Currency).and_then(CurrencyCode::parse);
    let currency = currency
        .or_else(|| values::currency_of_account(&own_account))
        .or_else(|| CurrencyCode::parse(profile.currency.as_deref()?))
        // Payments within Kazakhstan, Ukraine and Belarus are in their own money.
        .or_else(|| values::currency_of_iban(columns.cell(row, Role::OtherAccount)?))
        .unwrap_or_else(|| types::Currency::Rub.into());
    let (payer, payee) = parties(columns, row, &own_account, signed);
    Ok(StatementLine {
        line,
        direction: direction(columns, layout, row, &own_account, signed),
        own_transfer: false,
        own_account,
        status: if pending { Status::Pending } else { Status::Booked },
        amount: signed.abs(),
        currency,
        booked_on,
        doc_no: columns.text(row, Role::Number),
        doc_date: columns.cell(row, Role::DocumentDate).and_then(values::any_date),
        doc_kind: None,
        bank_unique_id: None,
        bank_reference: columns.text(row, Role::Reference),
        end_to_end_id: None,
        structured_reference: None,
        return_reason: None,
        on_behalf: None,
        uip: None,
        payer,
        payee,
        purpose,
        raw: BTreeMap::new(),
    })
}

/// By sign or column; where both sides are named and none of that is told, by the own account.
fn direction(
    columns: &Columns,
    layout: &Layout,
    row: &StringRecord,
    own: &str,
    signed: Decimal,
) -> Direction {
    let columns_tell = [Role::In, Role::Out].into_iter().any(|r| columns.cell(row, r).is_some());
    let side = columns.cell(row, Role::Side).map(|_| columns.side(&layout.profile, row));
    let told = columns_tell || layout.signed || side.is_some_and(|side| side.is_some());
    let is_own =
        |role| columns.cell(row, role).is_some_and(|a| Cell::of(a).account.as_deref() == Some(own));
    let sides = columns.places.contains_key(&Role::PayerAccount)
        || columns.places.contains_key(&Role::PayeeAccount);
    if signed.is_sign_negative() {
        Direction::Out
    } else if told || (!sides && side.is_none()) {
        Direction::In
    } else if is_own(Role::PayerAccount) {
        Direction::Out
    } else if is_own(Role::PayeeAccount) {
        Direction::In
    } else {
        Direction::Unknown
    }
}

fn failed(line: usize, state: &str) -> Remark {
    Remark::new(
        line,
        "OPERATION_FAILED",
        format!("Операция не состоялась («{state}»): строка не учтена"),
        format!("The operation did not happen ({state:?}): the row is left out"),
    )
}

/// An account, alone or with a tax id and a name around it: some banks put all three in one cell.
#[derive(Debug, Default)]
struct Cell {
    account: Option<String>,
    tax_id: Option<String>,
    name: String,
}

impl Cell {
    fn of(text: &str) -> Self {
        let digits = |word: &&str| word.len() == 20 && word.bytes().all(|b| b.is_ascii_digit());
        let words: Vec<&str> = text.split_whitespace().collect();
        let Some(at) = words.iter().position(digits) else {
            return Self { account: values::plausible_account(text), ..Self::default() };
        };
        let is_id = |word: &&&str| matches!(word.len(), 10 | 12) && values::tax_id(word).is_some();
        let tax_id = words.iter().find(is_id).copied();
        let name = words.iter().enumerate().filter(|(place, word)| {
            *place != at && Some(**word) != tax_id && !["ИНН", "КПП"].contains(*word)
        });
        Self {
            account: values::plausible_account(words[at]),
            tax_id: tax_id.and_then(values::tax_id),
            name: name.map(|(_, word)| *word).collect::<Vec<_>>().join(" "),
        }
    }
}

fn parties(columns: &Columns, row: &StringRecord, own: &str, signed: Decimal) -> (Party, Party) {
    let account = |role| columns.cell(row, role).and_then(values::plausible_account);
    let tax_id = |role| columns.cell(row, role).and_then(values::tax_id);
    let (name, tax_id_of_name) =
        values::name(&columns.text(row, Role::OtherName).unwrap_or_default());
    let other = Party {
        name,
        tax_id: tax_id(Role::OtherTaxId).or(tax_id_of_name),
        kpp: columns.cell(row, Role::OtherKpp).and_then(values::kpp),
        account: account(Role::OtherAccount),
        bank_id: columns.cell(row, Role::OtherBank).and_then(values::plausible_account),
        bank_name: columns.text(row, Role::OtherBankName),
    };
    let ours = Party {
        tax_id: tax_id(Role::OwnTaxId),
        account: Some(own.to_owned()).filter(|own| !own.is_empty()),
        bank_id: columns.cell(row, Role::OwnBank).and_then(values::plausible_account),
        ..Party::default()
    };
    let side = |name, id, number, base: Party| {
        let (named, told) = values::name(&columns.text(row, name).unwrap_or_default());
        let cell = columns.cell(row, number).map(Cell::of).unwrap_or_default();
        let named = if named.is_empty() { cell.name } else { named };
        Party {
            name: if named.is_empty() { base.name } else { named },
            tax_id: tax_id(id).or(told).or(cell.tax_id).or(base.tax_id),
            account: cell.account.or(base.account),
            ..base
        }
    };
    let (payer, payee) = if signed.is_sign_negative() { (ours, other) } else { (other, ours) };
    (
        side(Role::PayerName, Role::PayerTaxId, Role::PayerAccount, payer),
        side(Role::PayeeName, Role::PayeeTaxId, Role::PayeeAccount, payee),
    )
}
