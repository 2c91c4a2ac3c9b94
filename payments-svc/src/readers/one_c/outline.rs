//! Lines → header, account sections and documents, each a list of fields with line numbers.

use super::keys::{Word, fold, is_key, section_word};
use crate::domain::statements::Remark;
use crate::domain::statements::verdict::Refusal;
use crate::readers::encoding::{Encoding, Lines, TextLine};
use crate::readers::found::unreadable;
use crate::readers::refusals::{destroyed, not_one_c, too_large};
use crate::readers::{MAX_REMARKS, MAX_SECTIONS, MAX_VALUE_CHARS};
use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

/// Most names that are remembered: a format has a hundred of them, and a file may be made of any.
const MAX_NAMES: usize = 1_000;

/// One `Ключ=Значение`.
#[derive(Debug, Clone)]
pub struct Field {
    /// Line where it stands.
    pub line: usize,
    /// Key folded for comparison (see [`fold`]).
    pub key: Rc<str>,
    /// Key as written.
    pub name: Rc<str>,
    /// Value, continuation lines joined with a space, without control characters.
    pub value: String,
}

/// The header, an account section or a document.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// Line where it begins.
    pub line: usize,
    /// What stands after `СекцияДокумент=`.
    pub kind: Option<String>,
    /// Its fields in order.
    pub fields: Vec<Field>,
}

impl Block {
    /// First field of that (folded) key which is not empty.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| &*field.key == key && !field.value.is_empty())
    }

    /// Its value.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.field(key).map(|field| field.value.as_str())
    }

    /// The value of a side's key: `плательщик`, `инн`.
    pub fn of_side(&self, side: &str, suffix: &str) -> Option<&str> {
        let is = |field: &&Field| {
            field.key.strip_prefix(side) == Some(suffix) && !field.value.is_empty()
        };
        self.fields.iter().find(is).map(|field| field.value.as_str())
    }

    /// Line of the field, or of the block.
    pub fn line_of(&self, key: &str) -> usize {
        self.field(key).map_or(self.line, |field| field.line)
    }
}

/// The file but for its documents, cut into blocks.
#[derive(Debug, Default)]
pub struct Outline {
    /// What stands before the first section.
    pub header: Block,
    /// `СекцияРасчСчет`, in order.
    pub accounts: Vec<Block>,
    /// How many `СекцияДокумент` there are.
    pub documents: usize,
    /// Whether `КонецФайла` was met.
    pub has_end: bool,
    /// What was tolerated.
    pub warnings: Vec<Remark>,
}

/// Where the next field belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Header,
    Account,
    Document,
    Between,
}

/// Cuts the lines of a file into blocks. Each document is handed over as soon as it ends, in order:
/// nobody needs all of them at once, and a year of them is long.
///
/// # Errors
/// [`Refusal`]: the first line is not the format's, Cyrillic was destroyed, too many sections, or
/// what takes documents refuses.
pub fn read(
    mut lines: Lines<'_>,
    documents: impl FnMut(Block) -> Result<(), Refusal>,
) -> Result<Outline, Refusal> {
    cut(&mut lines, true, documents)
}

/// The blocks of a file but for its documents, which are only counted.
///
/// # Errors
/// As [`read`].
pub fn without_documents(mut lines: Lines<'_>) -> Result<Outline, Refusal> {
    cut(&mut lines, false, |_| Ok(()))
}

fn cut(
    lines: &mut Lines<'_>,
    keeps: bool,
    document: impl FnMut(Block) -> Result<(), Refusal>,
) -> Result<Outline, Refusal> {
    let mut reader = Reader {
        outline: Outline::default(),
        at: At::Header,
        open: Block::default(),
        names: Vec::new(),
        places: HashMap::new(),
        expected: 0,
        keeps,
        document,
    };
    loop {
        let Some(line) = lines.next().map_err(|e| unreadable(&e))? else {
            return Err(not_one_c());
        };
        let first = fold(&line.text);
        if !first.is_empty() {
            if first != fold("1CClientBankExchange") {
                return Err(not_one_c());
            }
            break;
        }
    }
    let firsts = firsts(lines.encoding());
    loop {
        let skips = !keeps && reader.at == At::Document;
        let line = if skips { lines.next_of(&firsts) } else { lines.next() };
        let Some(line) = line.map_err(|e| unreadable(&e))? else { break };
        reader.take(&line)?;
    }
    reader.close_open_section(0)?;
    Ok(reader.outline)
}

/// Bytes that a word which ends a document or begins something else may begin with.
fn firsts(encoding: Encoding) -> [u8; 256] {
    let mut firsts = [0; 256];
    // Whatever is no letter may be trimmed off: a mark, a hard blank, a control.
    for letter in ["С", "с", "К", "к", "C", "c", "K", "k", "\u{A0}", "\u{FEFF}"] {
        let (bytes, _, known) = encoding.codec().encode(letter);
        if let Some(first) = bytes.first().filter(|_| !known) {
            firsts[usize::from(*first)] = 1;
        }
    }
    firsts[..0x20].fill(1);
    firsts
}

/// What a text before a `=`, or a line without one, is.
#[derive(Debug, Clone)]
struct Name {
    /// A word of the format.
    word: Option<Word>,
    /// The key folded, and as written; none for text.
    key: Option<(Rc<str>, Rc<str>)>,
}

impl Name {
    fn of(name: &str) -> Self {
        let key = is_key(name).then(|| (fold(name).into(), name.into()));
        Self { word: section_word(name), key }
    }
}

struct Reader<D> {
    outline: Outline,
    at: At,
    /// The document that is being read.
    open: Block,
    /// What stands before a `=`, or alone: each file has few names, each of them many times, mostly
    /// in one order.
    names: Vec<(String, Name)>,
    /// Their places.
    places: HashMap<String, usize>,
    /// Which one comes next, if the order is that of the document before.
    expected: usize,
    /// Whether fields of documents are kept.
    keeps: bool,
    /// Takes documents.
    document: D,
}

impl<D: FnMut(Block) -> Result<(), Refusal>> Reader<D> {
    fn take(&mut self, line: &TextLine<'_>) -> Result<(), Refusal> {
        let text = clean(&line.text);
        if text.is_empty() {
            return Ok(());
        }
        // Statements of several accounts, put one behind the other.
        if self.outline.has_end && fold(&text) == fold("1CClientBankExchange") {
            self.outline.has_end = false;
            self.at = At::Header;
            return Ok(());
        }
        if self.outline.has_end {
            self.warn(
                line.number,
                "TEXT_AFTER_END",
                "Строка после «КонецФайла» не прочитана",
                "A line after КонецФайла is not read",
            );
            return Ok(());
        }
        if line.rescued {
            self.warn(
                line.number,
                "LINE_ENCODING",
                "Строка записана в другой кодировке, чем файл; прочитана по-своему",
                "The line is in another encoding than the file; it was read in its own",
            );
        }
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name.trim_end(), Some(value.trim_start())),
            None => (&*text, None),
        };
        if value.is_some() && name.contains(char::REPLACEMENT_CHARACTER) {
            return Err(destroyed(line.number));
        }
        let Name { word, key } = self.name(name);
        match (word, key, value) {
            // Only sections begin with a value.
            (Some(word), _, value) if value.is_none() || word.begins() => {
                self.section(line.number, word, value.unwrap_or_default())
            }
            (_, Some(key), Some(value)) => {
                self.field(line.number, key, value);
                Ok(())
            }
            _ => {
                self.continuation(line.number, &text);
                Ok(())
            }
        }
    }

    fn name(&mut self, name: &str) -> Name {
        let expected = self.names.get(self.expected).filter(|(known, _)| known == name);
        let place = expected.map(|_| self.expected).or_else(|| self.places.get(name).copied());
        if let Some(place) = place {
            self.expected = place + 1;
            return self.names[place].1.clone();
        }
        let read = Name::of(name);
        if self.names.len() < MAX_NAMES && (read.word.is_some() || read.key.is_some()) {
            self.places.insert(name.to_owned(), self.names.len());
            self.names.push((name.to_owned(), read.clone()));
            self.expected = self.names.len();
        }
        read
    }

    fn section(&mut self, line: usize, word: Word, value: &str) -> Result<(), Refusal> {
        match word {
            Word::AccountBegins => {
                self.close_open_section(line)?;
                self.outline.accounts.push(Block { line, ..Block::default() });
                self.at = At::Account;
            }
            Word::DocumentBegins => {
                self.close_open_section(line)?;
                let kind = value.trim_matches('"');
                let kind = (!kind.is_empty()).then(|| kind.to_owned());
                self.open = Block { line, kind, fields: Vec::new() };
                self.outline.documents += 1;
                self.at = At::Document;
            }
            Word::AccountEnds | Word::DocumentEnds => self.end()?,
            Word::FileEnds => {
                self.close_open_section(line)?;
                self.outline.has_end = true;
            }
        }
        if self.outline.accounts.len() > MAX_SECTIONS {
            return Err(too_large("секций счетов", "account sections", MAX_SECTIONS));
        }
        Ok(())
    }

    fn close_open_section(&mut self, line: usize) -> Result<(), Refusal> {
        if matches!(self.at, At::Account | At::Document) {
            self.warn(
                line,
                "SECTION_NOT_CLOSED",
                "Секция не закрыта; закрыта по началу следующей",
                "A section was not closed; the next one closes it",
            );
        }
        self.end()
    }

    fn end(&mut self) -> Result<(), Refusal> {
        let before = std::mem::replace(&mut self.at, At::Between);
        match before {
            At::Document => (self.document)(std::mem::take(&mut self.open)),
            _ => Ok(()),
        }
    }

    fn block(&mut self) -> Option<&mut Block> {
        match self.at {
            At::Header => Some(&mut self.outline.header),
            At::Account => self.outline.accounts.last_mut(),
            At::Document => Some(&mut self.open),
            At::Between => None,
        }
    }

    fn field(&mut self, line: usize, (key, name): (Rc<str>, Rc<str>), value: &str) {
        if !self.keeps && self.at == At::Document {
            return;
        }
        let field = Field { line, key, name, value: value.to_owned() };
        match self.block() {
            Some(block) => block.fields.push(field),
            None => self.stray(line),
        }
    }

    /// A line without a key goes on with the value before it.
    fn continuation(&mut self, line: usize, text: &str) {
        if !self.keeps && self.at == At::Document {
            return;
        }
        match self.block().and_then(|block| block.fields.last_mut()) {
            // A value is long by its first line already, or by a few thousand of them.
            Some(field) if field.value.len() > 8 * MAX_VALUE_CHARS => {}
            Some(field) => {
                if !field.value.is_empty() {
                    field.value.push(' ');
                }
                field.value.push_str(text);
            }
            None => self.stray(line),
        }
    }

    fn stray(&mut self, line: usize) {
        self.warn(
            line,
            "STRAY_LINE",
            "Строка вне секций не прочитана",
            "A line outside of sections is not read",
        );
    }

    fn warn(&mut self, line: usize, code: &str, ru: &str, en: &str) {
        if self.outline.warnings.len() < MAX_REMARKS {
            self.outline.warnings.push(Remark::new(line, code, ru, en));
        }
    }
}

/// Ends trimmed of spaces, tabs, BOM and NBSP; control characters (NUL among them, which no
/// database text can hold) become spaces.
fn clean(text: &str) -> Cow<'_, str> {
    let trim = |c: char| c.is_whitespace() || c.is_control() || c == '\u{FEFF}';
    let text = text.trim_matches(trim);
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}
