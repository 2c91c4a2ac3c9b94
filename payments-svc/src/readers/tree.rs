//! Small parts of an XML document as trees: an entry, a balance, an account; never the whole.
//!
//! Where an end is missing, that of what stands around ends it, and the part is broken.

mod mended;

use crate::domain::statements::Remark;
use crate::domain::statements::verdict::Refusal;
use crate::readers::found::{Found, unreadable};
use mended::Mended;
use quick_xml::events::{BytesStart, Event};
use std::io::{self, BufRead, Read};

/// Most elements of one part.
const MAX_NODES: usize = 200_000;
/// Deepest nesting.
const MAX_DEPTH: usize = 64;
/// Longest text of one element, bytes.
const MAX_TEXT: usize = 64 * 1024;

/// An element without its namespace.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// Local name.
    pub name: String,
    /// Line of the file where it begins.
    pub line: usize,
    /// Attributes: local name and value.
    pub attributes: Vec<(String, String)>,
    /// Its own text.
    pub text: String,
    /// Elements in it.
    pub children: Vec<Node>,
    /// Line where an end in it was missing, or one too many.
    pub broken: Option<usize>,
}

impl Node {
    /// First element at this path.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        let Some((first, rest)) = path.split_first() else { return Some(self) };
        self.children.iter().filter(|child| child.name == *first).find_map(|child| child.at(rest))
    }

    /// Text of the first element at this path that has one.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        let Some((first, rest)) = path.split_first() else {
            return Some(self.text.trim()).filter(|text| !text.is_empty());
        };
        self.children.iter().filter(|child| child.name == *first).find_map(|child| child.text(rest))
    }

    /// Elements in it of this name.
    pub fn all<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim())
    }
}

/// Counts lines as they pass; lone CR ends one too.
struct Counted<'r> {
    inner: Mended<'r>,
    lines: usize,
    after_cr: bool,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        if let Ok(buffer) = self.inner.fill_buf() {
            for byte in &buffer[..amount.min(buffer.len())] {
                match byte {
                    b'\r' => self.lines += 1,
                    b'\n' if !self.after_cr => self.lines += 1,
                    _ => {}
                }
                self.after_cr = *byte == b'\r';
            }
        }
        self.inner.consume(amount);
    }
}

/// Reads a document in UTF-8.
pub struct Xml<'r> {
    reader: quick_xml::Reader<Counted<'r>>,
    buffer: Vec<u8>,
    /// Elements around what comes next, the outermost first.
    around: Vec<String>,
    /// What came already and was not taken.
    again: Option<Part>,
    /// Whether the document ended too early or was torn; where.
    pub torn: Option<usize>,
}

/// What comes next at the level of containers.
pub enum Step {
    /// An element begins; [`Xml::subtree`] reads it, or its insides come next.
    Begins(Node),
    /// A container ends.
    Ends(String),
}

impl<'r> Xml<'r> {
    /// A document in UTF-8.
    pub fn new(inner: Box<dyn BufRead + 'r>) -> Self {
        let mut reader = quick_xml::Reader::from_reader(Counted {
            inner: Mended::new(inner),
            lines: 0,
            after_cr: false,
        });
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), around: Vec::new(), again: None, torn: None }
    }

    fn line(&self) -> usize {
        self.reader.get_ref().lines + 1
    }

    /// Tells what was mended, and where the document is torn.
    pub fn tell(&mut self, found: &mut Found<'_>) {
        for line in std::mem::take(&mut self.reader.get_mut().inner.lines) {
            found.warn(Remark::new(
                line,
                "XML_MENDED",
                "Знак & или < (или управляющий символ) записан не как в XML: прочитан текстом",
                "A bare & or < (or a control character) is not as XML has it; it was read as text",
            ));
        }
        if let Some(line) = self.torn {
            found.warn(Remark::new(
                line,
                "XML_TORN",
                "Отсюда XML не читается: файл обрезан или повреждён. Выгрузите выписку заново",
                "From here on the XML cannot be read: the file is cut or damaged. Export it again",
            ));
        }
    }

    /// The next beginning or end; none at the end of the document.
    ///
    /// # Errors
    /// [`Refusal`] when the disk fails.
    pub fn step(&mut self) -> Result<Option<Step>, Refusal> {
        loop {
            match self.part()? {
                Some(Part::Begins(node)) => {
                    if self.around.len() >= MAX_DEPTH {
                        self.torn.get_or_insert(self.line());
                        return Ok(None);
                    }
                    self.around.push(node.name.clone());
                    return Ok(Some(Step::Begins(node)));
                }
                Some(Part::Ends(name)) => {
                    // One that nothing began ends nothing.
                    if !self.around.contains(&name) {
                        continue;
                    }
                    // What is open in it ends first.
                    let ended = self.around.pop().unwrap_or_default();
                    if ended != name {
                        self.again = Some(Part::Ends(name));
                    }
                    return Ok(Some(Step::Ends(ended)));
                }
                Some(Part::Text(_)) => {}
                None => return Ok(None),
            }
        }
    }

    /// The rest of an element that has begun.
    ///
    /// # Errors
    /// [`Refusal`] when the disk fails.
    pub fn subtree(&mut self, root: Node) -> Result<Node, Refusal> {
        let mut open = vec![root];
        let mut nodes = 0;
        // The root itself is the last one around.
        self.around.pop();
        loop {
            match self.part()? {
                Some(Part::Begins(node)) if is_entry(&node.name) => {
                    open[0].broken.get_or_insert(node.line);
                    self.again = Some(Part::Begins(node));
                    return Ok(close(open));
                }
                Some(Part::Begins(node)) => {
                    nodes += 1;
                    open.push(node);
                    if open.len() > MAX_DEPTH || nodes > MAX_NODES {
                        self.torn.get_or_insert(self.line());
                        return Ok(open.into_iter().next().unwrap_or_default());
                    }
                }
                Some(Part::Text(text)) => {
                    if let Some(node) = open.last_mut()
                        && node.text.len() + text.len() <= MAX_TEXT
                    {
                        node.text.push_str(&text);
                    }
                }
                Some(Part::Ends(name)) => {
                    let at = open.iter().rposition(|node| node.name == name);
                    if at != Some(open.len() - 1) {
                        let line = self.line();
                        open[0].broken.get_or_insert(line);
                    }
                    match at {
                        Some(0) => return Ok(close(open)),
                        Some(at) => {
                            let node = close(open.split_off(at));
                            open[at - 1].children.push(node);
                        }
                        None if self.around.contains(&name) => {
                            self.again = Some(Part::Ends(name));
                            return Ok(close(open));
                        }
                        None => {}
                    }
                }
                None => {
                    self.torn.get_or_insert(self.line());
                    return Ok(open.into_iter().next().unwrap_or_default());
                }
            }
        }
    }

    fn part(&mut self) -> Result<Option<Part>, Refusal> {
        match self.again.take() {
            Some(part) => Ok(Some(part)),
            None => self.event(),
        }
    }

    fn event(&mut self) -> Result<Option<Part>, Refusal> {
        if self.torn.is_some() {
            return Ok(None);
        }
        self.buffer.clear();
        let line = self.line();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(error)) => return Err(unreadable(&error)),
            Err(_) => {
                self.torn = Some(line);
                return Ok(None);
            }
        };
        Ok(Some(match event {
            Event::Start(start) => Part::Begins(node(&start, line)),
            Event::End(end) => Part::Ends(end.local_name().as_ref().to_owned()),
            Event::Text(bytes) => Part::Text(bytes.to_string()),
            Event::CData(bytes) => Part::Text(bytes.to_string()),
            Event::GeneralRef(name) => Part::Text(entity(&name)),
            Event::Eof => return Ok(None),
            _ => Part::Text(String::new()),
        }))
    }
}

/// Elements that stand in no part of a statement: what is open where one begins has no end.
fn is_entry(name: &str) -> bool {
    ["Ntry", "OperationInfo"].contains(&name)
}

/// Elements that are open one in another, as one.
fn close(open: Vec<Node>) -> Node {
    let within = |inner: Option<Node>, mut outer: Node| {
        outer.children.extend(inner);
        Some(outer)
    };
    open.into_iter().rev().fold(None, within).unwrap_or_default()
}

/// The remark about a part whose elements do not end as they begin: its figures may be another's.
pub fn broken(node: &Node) -> Option<Remark> {
    let line = node.broken?;
    Some(
        Remark::new(
            line,
            "XML_BROKEN",
            format!("Часть со строки {} не закрыта по правилам XML: ей нельзя верить", node.line),
            format!("What begins at line {} does not end as XML has it: no trust in it", node.line),
        )
        .of(&node.name),
    )
}

enum Part {
    Begins(Node),
    Text(String),
    Ends(String),
}

fn node(start: &BytesStart<'_>, line: usize) -> Node {
    let mut given = start.attributes();
    let attributes = given.with_checks(false).flatten().take(32).map(|attribute| {
        let value = super::values::entities(&attribute.value);
        (attribute.key.local_name().as_ref().to_owned(), value)
    });
    let attributes = attributes.collect();
    let name = start.local_name().as_ref().to_owned();
    Node { name, line, attributes, ..Node::default() }
}

/// What `&name;` means; unknown ones stay as they are.
fn entity(name: &str) -> String {
    let code = name.strip_prefix('#').and_then(|code| match code.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => code.parse().ok(),
    });
    let plain = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => code.and_then(char::from_u32),
    };
    plain.map_or_else(|| format!("&{name};"), String::from)
}
