//! Text → rows of cells. A quotation mark that nobody closes spoils its own row and no other one.

use crate::domain::statements::verdict::Refusal;
use crate::readers::encoding::Lines;
use crate::readers::found::unreadable;
use csv::StringRecord;
use std::collections::VecDeque;

/// Most lines of one row.
const MAX_LINES: usize = 20;
/// Most bytes of one row.
const MAX_BYTES: usize = 64 * 1024;

/// One row.
#[derive(Debug, Default)]
pub struct Row {
    /// Line of the file where it begins.
    pub line: usize,
    /// Its cells.
    pub cells: StringRecord,
    /// A quotation mark is left open: the marks were taken for text.
    pub torn: bool,
}

/// The rows of a text.
pub struct Records<'r> {
    lines: Lines<'r>,
    delimiter: char,
    /// Lines that were looked at, and begin rows of their own.
    ahead: VecDeque<(usize, String)>,
    /// A row that was looked at, and is none of headings below headings.
    held: Option<Row>,
}

impl<'r> Records<'r> {
    /// The rows of these lines.
    pub const fn new(lines: Lines<'r>, delimiter: u8) -> Self {
        Self { lines, delimiter: delimiter as char, ahead: VecDeque::new(), held: None }
    }

    fn line(&mut self) -> Result<Option<(usize, String)>, Refusal> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let line = self.lines.next().map_err(|e| unreadable(&e))?;
        Ok(line.map(|line| (line.number, line.text.into_owned())))
    }

    /// The next row; none at the end. Headings in two rows, «Счет» over «Дебет» and «Кредит», are
    /// one row.
    ///
    /// # Errors
    /// [`Refusal`] when the disk fails.
    pub fn next(&mut self) -> Result<Option<Row>, Refusal> {
        let row = match self.held.take() {
            Some(row) => Some(row),
            None => self.row()?,
        };
        let Some(row) = row else { return Ok(None) };
        if !is_of_headings(&row.cells) {
            return Ok(Some(row));
        }
        let below = self.row()?;
        match below {
            Some(below) if is_below(&row.cells, &below.cells) => {
                Ok(Some(Row { cells: joined(&row.cells, &below.cells), ..row }))
            }
            below => {
                self.held = below;
                Ok(Some(row))
            }
        }
    }

    fn row(&mut self) -> Result<Option<Row>, Refusal> {
        let Some((line, first)) = self.line()? else { return Ok(None) };
        if closed(&first) {
            return Ok(Some(Row { line, cells: self.cells(&first), torn: false }));
        }
        let mut text = first.clone();
        let mut taken = VecDeque::new();
        while taken.len() < MAX_LINES && text.len() < MAX_BYTES {
            let Some(next) = self.line()? else { break };
            text.push('\n');
            text.push_str(&next.1);
            let closes = !closed(&next.1);
            taken.push_back(next);
            if closes {
                let cells = self.cells(&text);
                if cells.iter().all(|cell| !self.swallowed(cell)) {
                    return Ok(Some(Row { line, cells, torn: false }));
                }
                break;
            }
        }
        while let Some(next) = taken.pop_back() {
            self.ahead.push_front(next);
        }
        let cells = first.split(self.delimiter).map(|cell| cell.trim().trim_matches('"'));
        Ok(Some(Row { line, cells: cells.collect(), torn: true }))
    }

    /// Whether a cell holds what must be another row.
    fn swallowed(&self, cell: &str) -> bool {
        let behind = cell.split_once('\n').map_or("", |(_, behind)| behind);
        behind.matches(self.delimiter).count() >= 2
    }

    fn cells(&self, text: &str) -> StringRecord {
        let mut cells = StringRecord::new();
        let mut cell = String::new();
        let mut quoted = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    cell.push('"');
                }
                '"' if quoted => quoted = false,
                '"' if cell.trim().is_empty() => {
                    cell.clear();
                    quoted = true;
                }
                c if c == self.delimiter && !quoted => {
                    cells.push_field(&cell);
                    cell.clear();
                }
                c => cell.push(c),
            }
        }
        cells.push_field(&cell);
        cells
    }
}

/// Whether a row may be the upper one of two rows of headings.
fn is_of_headings(row: &StringRecord) -> bool {
    let date = |cell: &str| {
        let cell = cell.trim_start().to_lowercase();
        cell.starts_with("дата") || cell.starts_with("date")
    };
    row.len() >= 4 && !has_digits(row) && row.iter().any(date)
}

/// Whether a row goes on with the headings above it: words below some of them, and none below
/// others.
fn is_below(above: &StringRecord, row: &StringRecord) -> bool {
    let words = row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let width = above.len();
    words > 0 && words * 2 <= width && row.len() <= width && !has_digits(row)
}

fn has_digits(row: &StringRecord) -> bool {
    row.iter().any(|cell| cell.bytes().any(|b| b.is_ascii_digit()))
}

/// One row of headings of two: what stands over several columns belongs to each of them.
fn joined(above: &StringRecord, below: &StringRecord) -> StringRecord {
    let mut over = "";
    let cells = above.iter().enumerate().map(|(place, cell)| {
        let under = below.get(place).unwrap_or_default().trim();
        if !cell.trim().is_empty() {
            over = cell.trim();
        }
        match (cell.trim().is_empty(), under.is_empty()) {
            (_, true) => cell.trim().to_owned(),
            (_, false) => format!("{over} {under}"),
        }
    });
    cells.collect()
}

/// Whether every quotation mark has its other one.
fn closed(text: &str) -> bool {
    text.bytes().filter(|b| *b == b'"').count() % 2 == 0
}
