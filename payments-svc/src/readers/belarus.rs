//! Belarusian client-bank text: `***** ^Type=4^ ^Acc=…^`, tokens `^Key=Value^` (payments.md §1.3).

mod record;

use super::encoding::{Encoding, Lines};
use super::found::{Found, Source, unreadable};
use super::values;
use crate::domain::statements::verdict::Refusal;
use crate::domain::statements::{CurrencyCode, StatementDay};
use record::Record;
use rust_decimal::Decimal;

/// Name of the format.
pub const FORMAT: &str = "by-client-bank";

/// Keys of the first line of an operation; one of them begins it.
const FIRST_KEYS: [&str; 4] = ["DocDate", "Num", "NDoc", "OperationID"];

/// Keys that end the operations, exactly as written: `Db` is of an operation, `DB` of the day.
const FOOTER_KEYS: [&str; 16] = [
    "DB",
    "CR",
    "RestOut",
    "RestOutQ",
    "DateOut",
    "DebOut",
    "CrOut",
    "DebV",
    "CreV",
    "DebVQ",
    "CreVQ",
    "OutDeb",
    "OutCre",
    "I3",
    "I4",
    "MyBankMFO",
];

/// What stands before and after the operations.
#[derive(Debug, Default)]
struct Frame {
    line: usize,
    kind: String,
    fields: Record,
}

/// Reads a file.
///
/// # Errors
/// [`Refusal`]: limits, or the disk.
pub fn read<'e>(
    source: &dyn Source,
    encoding: Encoding,
    mut found: Found<'e>,
) -> Result<Found<'e>, Refusal> {
    // The footer tells what the operations need: the bank of the account, markers of currencies.
    let mut frames: Vec<Frame> = Vec::new();
    scan(source, encoding, &mut |part| {
        match part {
            Part::Begins(line, kind, account) => {
                let mut frame = Frame { line, kind, ..Frame::default() };
                frame.fields.put(line, "Acc", &account);
                frames.push(frame);
            }
            Part::Frame(line, key, value) => {
                if let Some(frame) = frames.last_mut() {
                    frame.fields.put(line, key, value);
                }
            }
            Part::Operation(_) => {}
        }
        Ok(())
    })?;
    let accounts: Vec<record::Account> = frames.iter().map(account).collect();
    for frame in &frames {
        found.day(day(frame))?;
    }
    let mut at = 0_usize;
    let ended = scan(source, encoding, &mut |part| {
        match part {
            Part::Begins(..) => at += 1,
            Part::Frame(..) => {}
            Part::Operation(record) => {
                found.document()?;
                if let Some(own) = at.checked_sub(1).and_then(|at| accounts.get(at)) {
                    found.read(record::line(&record, own));
                }
            }
        }
        Ok(())
    })?;
    found.file.has_end = ended;
    found.file.version =
        frames.first().map(|frame| frame.kind.clone()).filter(|kind| !kind.is_empty());
    found.file.sender = frames.first().and_then(|frame| frame.fields.text("MyBankName"));
    Ok(found)
}

enum Part<'p> {
    /// `***** ^Type=…^ ^Acc=…^`.
    Begins(usize, String, String),
    /// A key of the header or footer.
    Frame(usize, &'p str, &'p str),
    /// A whole operation.
    Operation(Record),
}

type Take<'t> = &'t mut dyn FnMut(Part<'_>) -> Result<(), Refusal>;

/// Where the next token belongs.
#[derive(Default)]
struct Scanner {
    /// The key that begins operations in this file.
    first: Option<&'static str>,
    operation: Option<Record>,
    footer: bool,
    ended: bool,
    /// Whether `[OUT_PARAM]` was met: keys of the request may look like those of operations.
    out: bool,
}

/// Goes through the tokens. Answers whether the end was marked.
fn scan(source: &dyn Source, encoding: Encoding, take: Take<'_>) -> Result<bool, Refusal> {
    let mut lines = source.open().map(|s| Lines::new(s, encoding)).map_err(|e| unreadable(&e))?;
    let mut scanner = Scanner::default();
    // A value goes on until its mark.
    let mut open: Option<(usize, String)> = None;
    while let Some(line) = lines.next().map_err(|e| unreadable(&e))? {
        let text = line.text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
        let (number, text) = match open.take() {
            Some((number, before)) if !text.starts_with('^') && before.len() < 64 * 1024 => {
                (number, format!("{before} {text}"))
            }
            Some((number, before)) => {
                scanner.tokens(number, &before, take)?;
                (line.number, text.to_owned())
            }
            None => (line.number, text.to_owned()),
        };
        if text.starts_with('^') && !text.ends_with('^') {
            open = Some((number, text));
            continue;
        }
        scanner.line(number, &text, take)?;
    }
    if let Some((number, before)) = open {
        scanner.tokens(number, &before, take)?;
    }
    let ended = scanner.ended || scanner.footer;
    // An operation that the end of the file cuts may lack its amount or half of its purpose.
    if let Some(record) = scanner.operation.take().filter(|_| ended) {
        take(Part::Operation(record))?;
    }
    Ok(ended)
}

impl Scanner {
    fn line(&mut self, number: usize, text: &str, take: Take<'_>) -> Result<(), Refusal> {
        if text.starts_with("*****") || text.contains("^Type=") {
            self.close(take)?;
            let value = |key: &str| {
                let rest = text.split_once(&format!("^{key}="))?.1;
                Some(values::one_line(rest.split('^').next().unwrap_or_default()))
            };
            *self = Self::default();
            let account = value("Acc").map(|a| values::account(&a)).unwrap_or_default();
            return take(Part::Begins(number, value("Type").unwrap_or_default(), account));
        }
        if text.starts_with("####") {
            self.close(take)?;
            self.ended = true;
            return Ok(());
        }
        if text.eq_ignore_ascii_case("[OUT_PARAM]") {
            self.out = true;
            return Ok(());
        }
        self.tokens(number, text, take)
    }

    fn close(&mut self, take: Take<'_>) -> Result<(), Refusal> {
        match self.operation.take() {
            Some(record) => take(Part::Operation(record)),
            None => Ok(()),
        }
    }

    fn tokens(&mut self, number: usize, text: &str, take: Take<'_>) -> Result<(), Refusal> {
        for token in tokens(text) {
            let Some((key, value)) = token.split_once('=') else { continue };
            let key = key.trim();
            if !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                self.token(number, key, value, take)?;
            }
        }
        Ok(())
    }

    fn token(
        &mut self,
        number: usize,
        key: &str,
        value: &str,
        take: Take<'_>,
    ) -> Result<(), Refusal> {
        if FOOTER_KEYS.contains(&key) && self.out && self.operation.is_some() {
            self.close(take)?;
            self.footer = true;
        }
        let first = FIRST_KEYS.iter().find(|first| **first == key).copied();
        if self.out && first.is_some() && (self.first.is_none() || self.first == first) {
            self.close(take)?;
            self.first = first;
            self.footer = false;
            self.operation = Some(Record::at(number));
        }
        match &mut self.operation {
            Some(record) => {
                record.put(number, key, value);
                Ok(())
            }
            None => take(Part::Frame(number, key, value)),
        }
    }
}

/// `^A=1^ ^B=2^` → `A=1`, `B=2`. A value may hold the mark where no key follows it.
fn tokens(text: &str) -> Vec<&str> {
    let text = text.strip_prefix('^').unwrap_or(text);
    let text = text.strip_suffix('^').unwrap_or(text);
    let mut tokens = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices('^') {
        let rest = text[at + 1..].trim_start();
        let next = rest.strip_prefix('^').is_some_and(|rest| {
            let key = rest.split('=').next().unwrap_or_default();
            rest.contains('=') && !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        if next && at >= from {
            tokens.push(&text[from..at]);
            from = text.len() - rest.len() + 1;
        }
    }
    tokens.push(&text[from.min(text.len())..]);
    tokens
}

fn account(frame: &Frame) -> record::Account {
    let number = frame.fields.text("Acc").unwrap_or_default();
    let foreign = ["5", "6", "600"].contains(&frame.kind.as_str());
    let markers = ["CurrCode", "I1", "I2", "I3", "I4", "812ISO"];
    let currency = markers.iter().find_map(|key| CurrencyCode::parse(&frame.fields.text(key)?));
    let currency = currency.or_else(|| values::currency_of_account(&number));
    record::Account {
        // Plain amounts of type 6 are of the account, those of the others are its equivalent.
        quantity: frame.kind != "6" && (foreign || frame.fields.text("InCreQ").is_some()),
        number,
        currency: currency.unwrap_or_else(|| types::Currency::Byn.into()),
        bank_id: frame.fields.text("MyBankMFO"),
        name: frame.fields.text("Name").or_else(|| {
            // `Наименование счета********* ООО "РОМАШКА"`, `Наименование ООО "РОМАШКА"`.
            let header = frame.fields.text("Header5")?;
            let name = header.rsplit('*').next().unwrap_or_default().trim();
            values::some(name.strip_prefix("Наименование ").unwrap_or(name))
        }),
    }
}

fn day(frame: &Frame) -> StatementDay {
    let fields = &frame.fields;
    let own = account(frame);
    let date = |keys: &[&str]| keys.iter().find_map(|key| values::any_date(&fields.text(key)?));
    let number = |key: &str| values::amount(&fields.text(key)?).ok();
    // A balance stands on the side of the bank's books that it is of: credit is the client's money.
    let difference = |credit: &str, debit: &str| match (number(credit), number(debit)) {
        (None, None) => None,
        (credit, debit) => Some(credit.unwrap_or(Decimal::ZERO) - debit.unwrap_or(Decimal::ZERO)),
    };
    let (opening, closing) = if own.quantity {
        (
            number("RestInQ").or_else(|| difference("InCreQ", "InDebQ")),
            number("RestOutQ").or_else(|| difference("OutCreQ", "OutDebQ")),
        )
    } else {
        let opening = number("RestIn").or_else(|| difference("CrIn", "DebIn"));
        (
            opening.or_else(|| difference("InCre", "InDeb")),
            number("RestOut")
                .or_else(|| difference("CrOut", "DebOut"))
                .or_else(|| difference("OutCre", "OutDeb")),
        )
    };
    let (turnover_in, turnover_out) = if own.quantity {
        (number("CreVQ"), number("DebVQ"))
    } else {
        (number("CR").or_else(|| number("CreV")), number("DB").or_else(|| number("DebV")))
    };
    let from = date(&["DateBegin", "Date1", "Date", "DateIn"]);
    StatementDay {
        line: frame.line,
        own_account: own.number,
        from,
        to: date(&["DateEnd", "Date2", "DateOut"]).or(from),
        bank_id: own.bank_id,
        currency: Some(own.currency),
        opening,
        turnover_in,
        turnover_out,
        closing,
    }
}
