//! CSV of banks by column profiles: data, not code (payments.md §1.4, §1.5). A row of headings that
//! nobody described is read by what its columns are usually called.

mod layout;
mod row;

use super::encoding::{Decoded, Encoding};
use super::found::{Found, Source, unreadable};
use super::values;
use crate::domain::statements::verdict::Refusal;
use crate::domain::statements::{Remark, StatementDay};
use ::csv::{ReaderBuilder, StringRecord};
pub use layout::{Layout, Profile, Role, layout};
use row::{Columns, Place};

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
    let inner = source.open().map_err(|e| unreadable(&e))?;
    let mut reader = ReaderBuilder::new()
        .delimiter(layout.delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(Decoded::new(inner, encoding));
    let mut table = Table { layout, columns: layout.positions(), place: Place::default() };
    found.file.version = Some(layout.profile.name.clone());
    let mut record = StringRecord::new();
    loop {
        let more = reader.read_record(&mut record).map_err(broken)?;
        if !more {
            break;
        }
        let line = record.position().map_or(0, ::csv::Position::line);
        table.take(&record, usize::try_from(line).unwrap_or(usize::MAX), &mut found)?;
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

fn broken(error: ::csv::Error) -> Refusal {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => unreadable(&error),
        kind => Refusal::new(
            "STATEMENT_UNREADABLE",
            format!("Таблица повреждена: {kind:?}. Выгрузите её заново."),
            format!("The table is broken: {kind:?}. Export it again."),
        ),
    }
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
            return Ok(());
        };
        if columns.says_nothing(record) {
            // Totals, signatures, the next block's preamble.
            self.place.preamble(&self.layout.profile, record);
            return Ok(());
        }
        found.document()?;
        let read = row::line(columns, &self.layout.profile, &self.place, record, line);
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
