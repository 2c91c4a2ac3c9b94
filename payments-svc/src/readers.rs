//! Outside bytes → domain facts: pure, total (no input panics), bounded.
//!
//! Whatever the format, one record comes out ([`StatementFile`]); importing and matching never see
//! a format. Each reader takes a [`Source`] and hands lines over as it meets them.

pub mod belarus;
pub mod camt;
pub mod csv;
pub mod dbf;
pub mod decisions;
pub mod direct_bank;
pub mod encoding;
pub mod found;
pub mod inspect;
pub mod json;
pub mod mt940;
pub mod ofx;
pub mod one_c;
mod refusals;
mod sniff;
mod tree;
mod values;

use crate::domain::statements::verdict::Refusal;
use crate::domain::statements::{StatementFile, StatementLine};
use found::{Found, Limits, Source};
use refusals::too_large;
use sniff::Format;
use std::collections::{HashMap, HashSet};

/// Largest file that is imported, bytes. A year of a busy account is under 20 MiB.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Most documents in one imported file.
pub const MAX_DOCUMENTS: usize = 100_000;
/// Most account sections in one file: a year of daily sections of 100 accounts.
pub const MAX_SECTIONS: usize = 36_600;
/// Longest value of one key, characters (payment purposes are 210).
pub const MAX_VALUE_CHARS: usize = 10_000;
/// Most remarks that are listed one by one.
pub const MAX_REMARKS: usize = 1_000;

/// Reads a statement, whatever its format.
///
/// # Errors
/// A [`Refusal`] that says why nothing was read and what to do: unknown format, destroyed
/// Cyrillic, a limit with its name.
pub fn read(bytes: &[u8]) -> Result<StatementFile, Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(too_large("байт в файле", "bytes in the file", MAX_BYTES));
    }
    let mut lines = Vec::new();
    let mut emit = |line| lines.push(line);
    let found = stream(&bytes, Limits::IMPORT, &[], &mut emit)?;
    let mut file = found.file;
    file.lines = lines;
    doubt_repeated_ids(&mut file);
    Ok(file)
}

/// Ids that a bank promised to be unique and gave to different lines make no line the same.
fn doubt_repeated_ids(file: &mut StatementFile) {
    let mut first: HashMap<(&str, &str), &StatementLine> = HashMap::new();
    let mut doubtful: HashSet<String> = HashSet::new();
    for line in &file.lines {
        let Some(id) = line.bank_unique_id.as_deref() else { continue };
        let before = *first.entry((line.own_account.as_str(), id)).or_insert(line);
        if (before.amount, before.direction) != (line.amount, line.direction) {
            doubtful.insert(id.to_owned());
        }
    }
    for line in &mut file.lines {
        if line.bank_unique_id.as_ref().is_some_and(|id| doubtful.contains(id)) {
            line.bank_unique_id = None;
        }
    }
}

/// Reads a statement in constant memory: its lines are handed over in order of the file, all else
/// is answered. `profiles` are column profiles beside the built-in ones.
///
/// # Errors
/// As [`read`].
pub fn stream<'e>(
    source: &dyn Source,
    limits: Limits,
    profiles: &[csv::Profile],
    emit: &'e mut dyn FnMut(StatementLine),
) -> Result<Found<'e>, Refusal> {
    let head = found::head(source, sniff::HEAD)?;
    let format = sniff::format(&head, profiles)?;
    read_format(source, &head, format, limits, emit)
}

/// Reads bytes as of a format, whatever they look like: what must hold of any bytes is held against
/// each reader alone.
///
/// # Errors
/// As [`read`].
pub fn read_as(format: &str, bytes: &[u8]) -> Result<StatementFile, Refusal> {
    let head = &bytes[..bytes.len().min(64 * 1024)];
    let format = sniff::of_name(format, head).ok_or_else(|| refusals::unknown(head))?;
    let mut lines = Vec::new();
    let mut emit = |line| lines.push(line);
    let mut file = read_format(&bytes, head, format, Limits::IMPORT, &mut emit)?.file;
    file.lines = lines;
    doubt_repeated_ids(&mut file);
    Ok(file)
}

fn read_format<'e>(
    source: &dyn Source,
    head: &[u8],
    format: Format,
    limits: Limits,
    emit: &'e mut dyn FnMut(StatementLine),
) -> Result<Found<'e>, Refusal> {
    let (name, encoding) = format.names();
    let mut found = Found::new(name, encoding.name(), limits, emit);
    if let Some(label) = sniff::wrong_label(head, encoding) {
        found.warn(refusals::label_wrong(1, &label, encoding.name()));
        found.file.declared_encoding = Some(label);
    }
    match format {
        Format::OneC(_) => one_c::read(source, encoding, found),
        Format::Belarus(_) => belarus::read(source, encoding, found),
        Format::Camt(_) => camt::read(source, encoding, found),
        Format::DirectBank(_) => direct_bank::read(source, encoding, found),
        Format::Mt940(_) => mt940::read(source, encoding, found),
        Format::Ofx(_) => ofx::read(source, encoding, found),
        Format::Json(_) => json::read(source, encoding, found),
        Format::Dbf(_, header) => dbf::read(source, &header, encoding, found),
        Format::Csv(_, layout) => csv::read(source, encoding, &layout, found),
    }
}
