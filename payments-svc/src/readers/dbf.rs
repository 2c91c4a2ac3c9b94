//! dBASE tables, as Oschadbank and other client-banks of Ukraine export them (payments.md §1.4):
//! a row of field names and rows of values, read as any other table ([`csv`](super::csv)).

mod names;

use super::encoding::{self, Encoding};
use super::found::{Found, Source, unreadable};
use super::{csv, refusals};
use crate::domain::statements::Remark;
use crate::domain::statements::verdict::Refusal;
use names::Sides;
use std::collections::BTreeSet;
use std::io::{self, BufRead, Read};

/// Name of the format.
pub const FORMAT: &str = "dbf";

/// Most fields of a record; dBASE has 255.
const MAX_FIELDS: usize = 255;

/// One column.
#[derive(Debug, Clone)]
struct Field {
    name: String,
    kind: u8,
    length: usize,
    decimals: u8,
}

/// What the header says.
#[derive(Debug, Clone)]
pub struct Header {
    length: usize,
    record: usize,
    records: usize,
    label: Option<&'static str>,
    fields: Vec<Field>,
}

impl Header {
    /// The header of a dBASE III–V or FoxPro table; none when these bytes are no such.
    pub fn of(head: &[u8]) -> Option<Self> {
        let version = matches!(head.first()?, 0x02 | 0x03 | 0x30 | 0x31 | 0x83 | 0x8B | 0xF5);
        let number =
            |at: usize| Some(usize::from(u16::from_le_bytes([*head.get(at)?, *head.get(at + 1)?])));
        let (length, record) = (number(8)?, number(10)?);
        let records = u32::from_le_bytes(head.get(4..8)?.try_into().ok()?);
        let date = (1..=12).contains(head.get(2)?) && (1..=31).contains(head.get(3)?);
        let mut fields = Vec::new();
        let mut at = 32;
        while *head.get(at)? != 0x0D && fields.len() < MAX_FIELDS {
            let one = head.get(at..at + 32)?;
            let name = one[..11].split(|b| *b == 0).next().unwrap_or_default();
            let name = String::from_utf8(name.to_ascii_uppercase()).ok()?;
            let known = one[11].is_ascii_uppercase() && !name.trim().is_empty() && one[16] > 0;
            fields.push(known.then(|| Field {
                name: name.trim().to_owned(),
                kind: one[11],
                length: usize::from(one[16]),
                decimals: one[17],
            })?);
            at += 32;
        }
        let sum: usize = 1 + fields.iter().map(|field| field.length).sum::<usize>();
        let label = match head.get(29)? {
            0x26 | 0x65 => Some("cp866"),
            0xC9 => Some("windows-1251"),
            _ => None,
        };
        let whole = version && date && !fields.is_empty() && sum == record && length > at;
        whole.then_some(Self {
            length,
            record,
            records: usize::try_from(records).ok()?,
            label,
            fields,
        })
    }

    /// The encoding of the texts: by their bytes, then by the mark of the table.
    pub fn encoding(&self, head: &[u8]) -> Encoding {
        encoding::guess(head.get(self.length..).unwrap_or_default(), self.label)
    }
}

/// Reads a table.
///
/// # Errors
/// [`Refusal`]: columns that tell no money, limits, or the disk.
pub fn read<'e>(
    source: &dyn Source,
    header: &Header,
    encoding: Encoding,
    mut found: Found<'e>,
) -> Result<Found<'e>, Refusal> {
    let mut table =
        Table { source, header: header.clone(), encoding, ukrainian: false, sides: Sides::Told };
    table.look().map_err(|e| unreadable(&e))?;
    let head = super::found::head(&table, super::sniff::HEAD)?;
    let (_, layout) =
        csv::layout(&head, &[]).ok_or_else(|| refusals::columns_unknown(&header.names()))?;
    if header.fields.iter().any(|field| field.kind == b'M') {
        found.warn(Remark::new(
            0,
            "MEMO_NOT_READ",
            "Тексты полей MEMO лежат в отдельном файле (.dbt, .fpt) и не прочитаны",
            "Texts of MEMO fields are in a file of their own (.dbt, .fpt) and are not read",
        ));
    }
    let whole = Rows::open(&table).and_then(|mut rows| rows.all()).map_err(|e| unreadable(&e))?;
    let mut found = csv::read(&table, Encoding::Utf8, &layout, found)?;
    found.file.version = Some("dbf".into());
    found.file.has_end = whole;
    Ok(found)
}

impl Header {
    fn cell<'r>(&self, record: &'r [u8], at: usize) -> Option<&'r [u8]> {
        let from: usize = 1 + self.fields[..at].iter().map(|field| field.length).sum::<usize>();
        record.get(from..from + self.fields[at].length)
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.fields.iter().map(|field| field.name.as_str()).collect();
        names.join(", ")
    }
}

/// A table as text, its columns by their usual headings.
struct Table<'s> {
    source: &'s dyn Source,
    header: Header,
    encoding: Encoding,
    /// Whether letters stand where the Ukrainian table has them.
    ukrainian: bool,
    sides: Sides,
}

impl Table<'_> {
    /// Looks at all rows: how texts are encoded, and whose the columns of sides are.
    fn look(&mut self) -> io::Result<()> {
        let headings =
            names::headings(self.header.fields.iter().map(|f| f.name.as_str()), Sides::Told);
        let place = |heading: &str| headings.iter().position(|one| one == heading);
        let (payer, side) = (place("счет плательщика"), place("тип операции"));
        let (mut payers, mut kinds) = (BTreeSet::new(), BTreeSet::new());
        let mut ukrainian = false;
        let mut rows = Rows::open(self)?;
        while rows.left > 0 {
            let Some(record) = rows.next_record()? else { break };
            ukrainian |= record.iter().any(|b| (0xF6..=0xF9).contains(b));
            let keep = |column: Option<usize>, into: &mut BTreeSet<Vec<u8>>| {
                if let Some(value) = column.and_then(|at| rows.table.header.cell(&record, at))
                    && into.len() < 3
                {
                    into.insert(value.to_vec());
                }
            };
            keep(payer, &mut payers);
            keep(side, &mut kinds);
        }
        drop(rows);
        self.ukrainian = ukrainian && self.encoding == Encoding::Cp866;
        self.sides = match (payer, payers.len(), kinds.len()) {
            // Which side pays is told by a letter, and the first one is always the own one.
            (Some(_), 1, 2..) => Sides::OwnFirst,
            (Some(_), ..) => Sides::PayerFirst,
            (None, ..) => Sides::Told,
        };
        Ok(())
    }
}

impl Source for Table<'_> {
    fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        Ok(Box::new(Rows::open(self)?))
    }
}

/// The rows of a table as lines of text, the headings first.
struct Rows<'t> {
    inner: Box<dyn BufRead + 't>,
    table: &'t Table<'t>,
    out: Vec<u8>,
    at: usize,
    left: usize,
}

impl<'t> Rows<'t> {
    fn open(table: &'t Table<'t>) -> io::Result<Self> {
        let mut inner = table.source.open()?;
        io::copy(&mut inner.by_ref().take(table.header.length as u64), &mut io::sink())?;
        let fields = table.header.fields.iter().map(|field| field.name.as_str());
        let headings = names::headings(fields, table.sides);
        let out = format!("{}\n", headings.join(";")).into_bytes();
        Ok(Self { inner, table, out, at: 0, left: table.header.records })
    }

    /// Whether there are as many records as the header says.
    fn all(&mut self) -> io::Result<bool> {
        let bytes = (self.left as u64).saturating_mul(self.table.header.record as u64);
        Ok(io::copy(&mut self.inner.by_ref().take(bytes), &mut io::sink())? == bytes)
    }

    /// The next record; what is cut at the end is none.
    fn next_record(&mut self) -> io::Result<Option<Vec<u8>>> {
        let length = self.table.header.record;
        let mut record = Vec::with_capacity(length);
        self.inner.by_ref().take(length as u64).read_to_end(&mut record)?;
        let whole = record.len() == length && record[0] != 0x1A;
        self.left = if whole { self.left.saturating_sub(1) } else { 0 };
        Ok(whole.then_some(record))
    }

    /// The next record as a line; a deleted one is an empty line.
    fn record(&mut self) -> io::Result<()> {
        let header = &self.table.header;
        let record = self.next_record()?;
        self.out.clear();
        self.at = 0;
        let Some(record) = record else { return Ok(()) };
        if record[0] != b'*' {
            let mut at = 1;
            for field in &header.fields {
                let value = self.value(field, &record[at..at + field.length]);
                at += field.length;
                self.out
                    .extend_from_slice(format!("\"{}\";", value.replace('"', "\"\"")).as_bytes());
            }
        }
        self.out.push(b'\n');
        Ok(())
    }

    fn value(&self, field: &Field, bytes: &[u8]) -> String {
        let text = self.table.encoding.codec().decode_without_bom_handling(bytes).0;
        let text = if self.table.ukrainian { ukrainian(&text) } else { text.into_owned() };
        let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let plain = plain.trim();
        let digits = plain.bytes().all(|b| b.is_ascii_digit());
        match field.kind {
            b'D' if plain.len() == 8 && digits => {
                format!("{}-{}-{}", &plain[..4], &plain[4..6], &plain[6..])
            }
            b'M' | b'G' | b'P' | b'B' | b'T' | b'I' | b'Y' => String::new(),
            // Whole numbers of a sum may be kopecks: the column says that it has none.
            b'N' if field.decimals == 0 && digits && names::is_money(&field.name) => {
                format!("{plain} (?)")
            }
            _ => plain.to_owned(),
        }
    }
}

/// Letters of Ukraine where its own table (cp1125) has them, and cp866 others.
fn ukrainian(text: &str) -> String {
    let letter = |c: char| match c {
        'Є' => 'Ґ',
        'є' => 'ґ',
        'Ї' => 'Є',
        'ї' => 'є',
        'Ў' => 'І',
        'ў' => 'і',
        '°' => 'Ї',
        '∙' => 'ї',
        other => other,
    };
    text.chars().map(letter).collect()
}

impl BufRead for Rows<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at >= self.out.len() && self.left > 0 {
            self.record()?;
        }
        Ok(&self.out[self.at.min(self.out.len())..])
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
    }
}

impl Read for Rows<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}
