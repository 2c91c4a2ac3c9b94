//! What readers read from and what they fill: bytes in memory or a file, in constant memory.

use super::{MAX_BYTES, MAX_DOCUMENTS, MAX_REMARKS, MAX_SECTIONS, too_large};
use crate::domain::statements::arithmetic::Tally;
use crate::domain::statements::verdict::Refusal;
use crate::domain::statements::{Remark, StatementDay, StatementFile, StatementLine};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// Bytes that can be read from the start as often as needed.
pub trait Source {
    /// From the start.
    ///
    /// # Errors
    /// Those of the disk.
    fn open(&self) -> io::Result<Box<dyn BufRead + '_>>;
}

impl Source for &[u8] {
    fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        Ok(Box::new(*self))
    }
}

impl Source for &Path {
    fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        Ok(Box::new(BufReader::with_capacity(256 * 1024, File::open(self)?)))
    }
}

/// How much is read of one source.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes.
    pub bytes: u64,
    /// Documents.
    pub documents: usize,
    /// Whether keys that no field of a line has are kept.
    pub raw: bool,
}

impl Limits {
    /// Those of an import, which keeps all lines in memory.
    pub const IMPORT: Self = Self { bytes: MAX_BYTES as u64, documents: MAX_DOCUMENTS, raw: true };
    /// Those of a stream, whose lines nobody keeps.
    pub const STREAM: Self = Self { bytes: u64::MAX, documents: usize::MAX, raw: false };
}

/// The first bytes of a source, up to so many.
///
/// # Errors
/// [`Refusal`] when the disk fails.
pub fn head(source: &dyn Source, length: u64) -> Result<Vec<u8>, Refusal> {
    let mut head = Vec::new();
    source
        .open()
        .and_then(|s| s.take(length).read_to_end(&mut head))
        .map_err(|e| unreadable(&e))?;
    Ok(head)
}

/// The refusal of a file that the disk does not give.
pub fn unreadable(error: &io::Error) -> Refusal {
    Refusal::new(
        "STATEMENT_UNREADABLE",
        format!("Файл не читается: {error}. Проверьте путь и права."),
        format!("The file cannot be read: {error}. Check its path and permissions."),
    )
}

/// What a reader finds, as it finds it.
pub struct Found<'e> {
    /// The file but for its lines, which go to who asked for them.
    pub file: StatementFile,
    /// Σ of what went.
    pub tally: Tally,
    /// How much is read, and kept.
    pub limits: Limits,
    emit: &'e mut dyn FnMut(StatementLine),
}

impl<'e> Found<'e> {
    /// Nothing yet.
    pub fn new(
        format: &'static str,
        encoding: &'static str,
        limits: Limits,
        emit: &'e mut dyn FnMut(StatementLine),
    ) -> Self {
        let file = StatementFile {
            format,
            version: None,
            encoding,
            declared_encoding: None,
            sender: None,
            from: None,
            to: None,
            accounts: Vec::new(),
            days: Vec::new(),
            lines: Vec::new(),
            documents: 0,
            bad: Vec::new(),
            warnings: Vec::new(),
            has_end: true,
        };
        Self { file, tally: Tally::default(), limits, emit }
    }

    /// A line was read.
    pub fn line(&mut self, line: StatementLine) {
        self.tally.add(&line);
        (self.emit)(line);
    }

    /// A document was met.
    ///
    /// # Errors
    /// [`Refusal`] at one too many.
    pub fn document(&mut self) -> Result<(), Refusal> {
        self.file.documents += 1;
        if self.file.documents > self.limits.documents {
            return Err(too_large("документов", "documents", self.limits.documents));
        }
        Ok(())
    }

    /// A document could not be read.
    pub fn bad(&mut self, remark: Remark) {
        if self.file.bad.len() < MAX_DOCUMENTS {
            self.file.bad.push(remark);
        }
    }

    /// A document was read, or not.
    pub fn read(&mut self, read: Result<StatementLine, Remark>) {
        match read {
            Ok(line) => self.line(line),
            Err(remark) => self.bad(remark),
        }
    }

    /// Something was tolerated.
    pub fn warn(&mut self, remark: Remark) {
        if self.file.warnings.len() < MAX_REMARKS {
            self.file.warnings.push(remark);
        }
    }

    /// An account whose statement this is.
    pub fn account(&mut self, account: &str) {
        if !account.is_empty() && !self.file.accounts.iter().any(|known| known == account) {
            self.file.accounts.push(account.to_owned());
        }
    }

    /// Control figures of an account.
    ///
    /// # Errors
    /// [`Refusal`] at one too many.
    pub fn day(&mut self, day: StatementDay) -> Result<(), Refusal> {
        self.account(&day.own_account);
        self.file.from = earlier(self.file.from, day.from);
        self.file.to = later(self.file.to, day.to);
        self.file.days.push(day);
        if self.file.days.len() > MAX_SECTIONS {
            return Err(too_large("секций счетов", "account sections", MAX_SECTIONS));
        }
        Ok(())
    }
}

/// The earlier of two, where there are two.
pub fn earlier<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The later of two.
pub fn later<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    a.max(b)
}
