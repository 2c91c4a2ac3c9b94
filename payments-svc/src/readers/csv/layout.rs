//! Which columns a table has: by a profile, by a saved one, or by their usual names.

pub use super::headings::fold;
use super::headings::{USUAL, WORDS, guess, plain};
use super::records::Records;
use super::row::Columns;
use crate::readers::encoding::{self, Encoding, Lines};
use crate::readers::values;
use csv::StringRecord;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Day of the booking.
    Date,
    /// Day that counts where the booking has none yet.
    DateFallback,
    /// Number of the document.
    Number,
    /// Date of the document.
    DocumentDate,
    /// Amount with its sign.
    Amount,
    /// Amount that came.
    In,
    /// Amount that went.
    Out,
    /// Which way the money went.
    Side,
    /// Currency.
    Currency,
    /// Purpose.
    Purpose,
    /// The bank's reference.
    Reference,
    /// State of the operation.
    Status,
    /// Own account.
    OwnAccount,
    /// Own bank.
    OwnBank,
    /// Own tax id.
    OwnTaxId,
    /// Name of the other side.
    OtherName,
    /// Its tax id.
    OtherTaxId,
    /// Its КПП.
    OtherKpp,
    /// Its account.
    OtherAccount,
    /// Its bank.
    OtherBank,
    /// Name of its bank.
    OtherBankName,
    /// Payer's name.
    PayerName,
    /// Payer's tax id.
    PayerTaxId,
    /// Payer's account.
    PayerAccount,
    /// Payee's name.
    PayeeName,
    /// Payee's tax id.
    PayeeTaxId,
    /// Payee's account.
    PayeeAccount,
}

/// A bank's table as data.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Headings that prove it.
    #[serde(default, rename = "match")]
    pub proof: Vec<String>,
    /// What each column holds, by its heading.
    #[serde(default)]
    pub columns: BTreeMap<Role, String>,
    /// The same by place, from 0, for tables without headings.
    #[serde(default)]
    pub positions: BTreeMap<Role, usize>,
    /// Least number of columns of a table without headings.
    #[serde(default)]
    pub width: usize,
    /// Currency where no column tells it.
    #[serde(default)]
    pub currency: Option<String>,
    /// States of operations that may still change.
    #[serde(default)]
    pub pending: Vec<String>,
    /// Values of `side` that mean money that went.
    #[serde(default)]
    pub outgoing: Vec<String>,
    /// Whether `side` is told by its words: what neither means money that went nor that came tells
    /// nothing.
    #[serde(default)]
    pub by_word: bool,
    /// Names of what stands before the headings.
    #[serde(default)]
    pub preamble: BTreeMap<String, Vec<String>>,
}

/// A profile with what separates its columns here.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The profile.
    pub profile: Profile,
    /// `;`, `,`, tab or `|`.
    pub delimiter: u8,
    /// Whether amounts have signs here: some are below zero.
    pub signed: bool,
}

/// States of operations that may still change, where no profile names them.
const PENDING: [&str; 9] = [
    "в обработке",
    "обрабатывается",
    "ожидает",
    "авторизация",
    "hold",
    "холд",
    "pending",
    "в обробці",
    "не проведен",
];

const DELIMITERS: [u8; 4] = [b';', b'\t', b',', b'|'];

/// Rows that are searched for headings.
const ROWS: usize = 60;

fn built_in() -> Vec<Profile> {
    serde_json::from_str(include_str!("profiles.json")).unwrap_or_default()
}

/// The layout of a table, by its head; none when no column can be told.
pub fn layout(head: &[u8], profiles: &[Profile]) -> Option<(Encoding, Layout)> {
    let encoding = encoding::detect(head, &WORDS).unwrap_or_else(|| encoding::guess(head, None));
    let all: Vec<Profile> = profiles.iter().cloned().chain(built_in()).collect();
    let tables: Vec<(u8, Vec<StringRecord>)> = DELIMITERS
        .into_iter()
        .map(|delimiter| (delimiter, rows(head, encoding, delimiter)))
        .collect();
    let by_headings = all.iter().filter(|p| !p.columns.is_empty()).find_map(|profile| {
        tables.iter().find_map(|(delimiter, rows)| {
            let layout = Layout { profile: profile.clone(), delimiter: *delimiter, signed: false };
            rows.iter().any(|row| layout.headings(row).is_some()).then_some(layout)
        })
    });
    let by_place = || {
        all.iter().filter(|p| !p.positions.is_empty()).find_map(|profile| {
            let (delimiter, rows) = tables.first()?;
            let layout = Layout { profile: profile.clone(), delimiter: *delimiter, signed: false };
            let columns = layout.positions()?;
            let first = rows.iter().find(|row| row.len() > 1)?;
            (first.len() >= profile.width && columns.fits(first)).then_some(layout)
        })
    };
    let usual = || {
        tables.iter().find_map(|(delimiter, rows)| {
            let profile = rows.iter().find_map(usual)?;
            Some(Layout { profile, delimiter: *delimiter, signed: false })
        })
    };
    let mut layout = by_headings.or_else(by_place).or_else(usual)?;
    let rows = tables.iter().find(|(delimiter, _)| *delimiter == layout.delimiter);
    layout.signed = rows.is_some_and(|(_, rows)| layout.has_signs(rows));
    Some((encoding, layout))
}

fn rows(head: &[u8], encoding: Encoding, delimiter: u8) -> Vec<StringRecord> {
    let mut records = Records::new(Lines::new(Box::new(head), encoding), delimiter);
    let rows = std::iter::from_fn(|| records.next().ok().flatten());
    rows.map(|row| row.cells).take(ROWS).collect()
}

/// A profile of the usual names, when they tell enough.
fn usual(row: &StringRecord) -> Option<Profile> {
    let headings: Vec<String> = row.iter().map(plain).collect();
    let mut columns = BTreeMap::new();
    for (role, names) in USUAL {
        let taken = |name: &str| columns.values().any(|taken: &String| taken == name);
        let mut names = names.split('|').map(plain);
        let name = names.find(|name| headings.contains(name) && !taken(name));
        if let Some(name) = name {
            columns.insert(role, name);
        }
    }
    // No cell of a row of headings is a value.
    let value = |cell: &str| values::any_date(cell).is_some() || values::amount(cell).is_ok();
    if row.iter().filter(|cell| !cell.trim().is_empty()).count() < 3 || row.iter().any(value) {
        return None;
    }
    for heading in &headings {
        let taken = columns.values().any(|taken| taken == heading);
        if let Some(role) = guess(heading).filter(|_| !taken) {
            columns.entry(role).or_insert_with(|| heading.clone());
        }
    }
    let has = |role| columns.contains_key(&role);
    let money = has(Role::Amount) || (has(Role::In) && has(Role::Out));
    let other = [Role::Purpose, Role::OtherName, Role::PayerName].into_iter().any(has);
    if !has(Role::Date) || !money || !other {
        return None;
    }
    if has(Role::In) && has(Role::Out) {
        columns.remove(&Role::Amount);
    }
    let proof = columns.values().cloned().collect();
    Some(Profile {
        name: "headings".into(),
        proof,
        columns,
        pending: PENDING.map(str::to_owned).into(),
        by_word: true,
        ..Profile::default()
    })
}

impl Layout {
    /// The columns, when this row holds the headings.
    pub fn headings(&self, row: &StringRecord) -> Option<Columns> {
        if self.profile.columns.is_empty() || row.len() < 2 {
            return None;
        }
        let headings: Vec<String> = row.iter().map(plain).collect();
        let place = |name: &str| {
            let name = plain(name);
            headings.iter().position(|heading| *heading == name)
        };
        if !self.profile.proof.iter().all(|name| place(name).is_some()) {
            return None;
        }
        let columns = self.profile.columns.iter();
        Some(Columns::new(columns.filter_map(|(role, name)| Some((*role, place(name)?)))))
    }

    /// The columns of a table without headings.
    pub fn positions(&self) -> Option<Columns> {
        let positions = &self.profile.positions;
        (!positions.is_empty()).then(|| Columns::new(positions.iter().map(|(r, p)| (*r, *p))))
    }

    /// Whether both sides have columns, and the own account has none.
    pub fn has_both_sides(&self) -> bool {
        let has = |role| self.profile.columns.contains_key(&role);
        has(Role::PayerAccount) && has(Role::PayeeAccount) && !has(Role::OwnAccount)
    }

    /// Whether some amount of these rows is below zero.
    fn has_signs(&self, rows: &[StringRecord]) -> bool {
        let mut columns = self.positions();
        rows.iter().any(|row| match self.headings(row) {
            Some(headings) => {
                columns = Some(headings);
                false
            }
            None => columns.as_ref().is_some_and(|columns| columns.is_below_zero(row)),
        })
    }
}
