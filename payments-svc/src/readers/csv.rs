//! CSV of banks by column profiles: data, not code (payments.md §1.4, §1.5). A row of headings that
//! nobody described is read by what its columns are usually called.

mod headings;
mod layout;
mod records;
mod row;

use super::encoding::{Encoding, Lines};
use super::found::{Found, Source, unreadable};
use super::values;
use crate::domain::statements::verdict::Refusal;
use crate::domain::statements::{Remark, StatementDay};
use ::csv::StringRecord;
pub use layout::{Layout, Profile, Role, layout};
use records::Records;
use row::{Columns, Place};
use std::collections::HashMap;

/// Name of the format.
pub const FORMAT: &str = "csv";

/// Reads a table of a known layout. Headings may come again: some banks write several blocks.
///
/// # Errors
/// [`Refusal`]: limits, or the disk.
pub fn read<'e>(
    source: &dyn Source,
    encoding: Encoding,
    layout: &Layout,
    mut found: Found<'e>,
) -> Result<Found<'e>, Refusal> {
    let mut table = Table { layout, columns: layout.positions(), place: Place::default() };
    table.place.own_account = common_account(source, encoding, layout)?;
    found.file.version = Some(layout.profile.name.clone());
    let mut records = records(source, encoding, layout)?;
    while let Some(row) = records.next()? {
        if row.torn {
            found.warn(torn(row.line));
        }
        table.take(&row.cells, row.line, &mut found)?;
    }
    let Place { own_account, from, to, .. } = table.place;
    if found.file.accounts.is_empty() {
        found.account(&own_account.clone().unwrap_or_default());
    }
    found.file.from = from;
    found.file.to = to.or(from);
    days(&mut found)?;
    Ok(found)
}

fn records<'s>(
    source: &'s dyn Source,
    encoding: Encoding,
    layout: &Layout,
) -> Result<Records<'s>, Refusal> {
    let inner = source.open().map_err(|e| unreadable(&e))?;
    Ok(Records::new(Lines::new(inner, encoding), layout.delimiter))
}

fn torn(line: usize) -> Remark {
    Remark::new(
        line,
        "QUOTE_NOT_CLOSED",
        "Кавычка в строке не закрыта; кавычки прочитаны как текст",
        "A quotation mark of the row is not closed; the marks are read as text",
    )
}

/// Most accounts that are counted.
const MAX_ACCOUNTS: usize = 10_000;

/// Where both sides have their columns and no column tells the own account: that which stands in
/// every row, and alone does.
fn common_account(
    source: &dyn Source,
    encoding: Encoding,
    layout: &Layout,
) -> Result<Option<String>, Refusal> {
    if !layout.has_both_sides() {
        return Ok(None);
    }
    let mut columns: Option<Columns> = None;
    let mut rows = 0_usize;
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut records = records(source, encoding, layout)?;
    while let Some(row) = records.next()? {
        if let Some(headings) = layout.headings(&row.cells) {
            columns = Some(headings);
            continue;
        }
        let sides = columns.as_ref().map(|columns| columns.sides(&row.cells)).unwrap_or_default();
        rows += usize::from(!sides.is_empty());
        for account in sides {
            if counts.len() < MAX_ACCOUNTS || counts.contains_key(&account) {
                *counts.entry(account).or_default() += 1;
            }
        }
    }
    let mut always = counts.into_iter().filter(|(_, count)| *count == rows && rows > 1);
    let only = always.next().map(|(account, _)| account);
    Ok(only.filter(|_| always.next().is_none()))
}

struct Table<'l> {
    layout: &'l Layout,
    columns: Option<Columns>,
    place: Place,
}

impl Table<'_> {
    fn take(
        &mut self,
        record: &StringRecord,
        line: usize,
        found: &mut Found<'_>,
    ) -> Result<(), Refusal> {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if let Some(columns) = self.layout.headings(record) {
            self.columns = Some(columns);
            return Ok(());
        }
        let Some(columns) = &self.columns else {
            self.place.preamble(&self.layout.profile, record);
            self.place.account_in_text(record);
            return Ok(());
        };
        if columns.says_nothing(record) {
            // Totals, signatures, the next block's preamble.
            self.place.preamble(&self.layout.profile, record);
            return Ok(());
        }
        found.document()?;
        let read = row::line(columns, self.layout, &self.place, record, line);
        if let Ok(line) = &read {
            found.account(&line.own_account);
        }
        found.read(read);
        Ok(())
    }
}

/// An account without control figures still has its statement.
fn days(found: &mut Found<'_>) -> Result<(), Refusal> {
    let (from, to) = (found.file.from, found.file.to);
    for own_account in found.file.accounts.clone() {
        let currency = values::currency_of_account(&own_account);
        found.day(StatementDay {
            line: 0,
            own_account,
            from,
            to,
            bank_id: None,
            currency,
            opening: None,
            turnover_in: None,
            turnover_out: None,
            closing: None,
        })?;
    }
    if found.file.accounts.is_empty() {
        found.warn(Remark::new(
            0,
            "ACCOUNT_NOT_NAMED",
            "В файле не назван счёт",
            "The file does not name the account",
        ));
    }
    Ok(())
}
