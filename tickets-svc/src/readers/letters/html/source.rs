//! The source of HTML, rewritten so that only tags and text are left, and measured on the way.
//!
//! Comments, declarations and elements whose content is no HTML are taken out first: inside them
//! two readers disagree about where a tag begins, and a wall that counts other tags than the
//! sanitiser sees is none. What is left has one reading, so the counts are exact.

use super::super::clean::shortened;

/// Longest HTML that is sanitised, in bytes.
pub const HTML_BYTES_MAX: usize = 1024 * 1024;
/// Deepest nesting of open tags.
pub const DEPTH_MAX: usize = 200;
/// Most tags.
pub const TAGS_MAX: usize = 20_000;
/// Most attributes of one tag.
pub const ATTRIBUTES_MAX: usize = 100;

/// Most `&`, and `<` that begin no tag: each costs the sanitiser as much as a tag.
const SIGNS_MAX: usize = 60_000;

/// Longest tag name that matters; longer ones are no HTML.
const NAME_BYTES_MAX: usize = 40;

/// Elements whose content is no HTML, by the HTML standard §13.2.5.1–5.
const RAW: [&str; 10] = [
    "script",
    "style",
    "title",
    "textarea",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
];

/// Tags that end by themselves: they nest in the source, not in the tree.
const FLAT: [&str; 23] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr", "p", "li", "td", "tr", "th", "dt", "dd", "option", "tbody",
];

/// The source without comments and raw elements.
pub struct Plain {
    /// What is left; of a source that is too long, of its beginning.
    pub html: String,
    /// The limit that the source breaks, in words: then it is not to be sanitised.
    pub limit: Option<String>,
}

/// Takes out what is no HTML, and measures the rest.
pub fn plain(source: &str) -> Plain {
    let mut limit = (source.len() > HTML_BYTES_MAX)
        .then(|| format!("HTML of {} bytes; the limit is {HTML_BYTES_MAX}", source.len()));
    let source = shortened(source, HTML_BYTES_MAX);
    let mut meter = Meter::default();
    let mut html = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find('<') {
        html.push_str(&rest[..start]);
        rest = &rest[start..];
        let taken = match Piece::at(rest) {
            Piece::Text => {
                meter.strays += 1;
                html.push('<');
                1
            }
            Piece::Hidden(length) => {
                html.push(' ');
                length
            }
            Piece::Tag(tag) => {
                if limit.is_none() {
                    limit = meter.count(&tag).err();
                }
                html.push_str(&rest[..tag.length]);
                tag.length
            }
        };
        rest = &rest[taken..];
    }
    html.push_str(rest);
    let signs = meter.strays + html.bytes().filter(|b| *b == b'&').count();
    if limit.is_none() && signs > SIGNS_MAX {
        limit = Some(format!("HTML of more than {SIGNS_MAX} entities and stray signs"));
    }
    if html.contains('\0') {
        html = html.replace('\0', "\u{fffd}");
    }
    Plain { html, limit }
}

/// What the counts are.
#[derive(Default)]
struct Meter {
    open: Vec<String>,
    tags: usize,
    /// `<` that begin nothing.
    strays: usize,
}

impl Meter {
    fn count(&mut self, tag: &Tag) -> Result<(), String> {
        self.tags += 1;
        if self.tags > TAGS_MAX {
            return Err(format!("HTML of more than {TAGS_MAX} tags"));
        }
        if tag.attributes > ATTRIBUTES_MAX {
            return Err(format!("an HTML tag of more than {ATTRIBUTES_MAX} attributes"));
        }
        // Only the innermost tag is taken as closed: a reader may ignore any other end tag, and a
        // depth that is counted too low is no wall.
        match (FLAT.contains(&tag.name.as_str()), tag.closing) {
            (true, _) => {}
            (false, true) if self.open.last() == Some(&tag.name) => {
                self.open.pop();
            }
            (false, true) => {}
            (false, false) => self.open.push(tag.name.clone()),
        }
        if self.open.len() > DEPTH_MAX {
            return Err(format!("HTML nested deeper than {DEPTH_MAX} tags"));
        }
        Ok(())
    }
}

/// What begins with a `<`.
pub enum Piece {
    /// Nothing: the character itself.
    Text,
    /// Something that is not shown, this many bytes long.
    Hidden(usize),
    /// A tag.
    Tag(Tag),
}

/// A tag of the source.
pub struct Tag {
    /// Name in lower case; `?` for one that is too long to be HTML.
    pub name: String,
    /// True for an end tag.
    pub closing: bool,
    attributes: usize,
    /// Bytes from `<` to the end of the tag.
    pub length: usize,
}

impl Piece {
    /// What begins at the `<` at the start of the text.
    pub fn at(rest: &str) -> Self {
        let after = &rest[1..];
        let to = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
        if after.starts_with("!--") {
            let short = after.starts_with("!-->") || after.starts_with("!--->");
            return Self::Hidden(if short { to(">") } else { to("-->") });
        }
        let named = after.strip_prefix('/').unwrap_or(after);
        let closing = named.len() < after.len();
        match named.chars().next() {
            Some(c) if c.is_ascii_alphabetic() => {}
            Some(_) if closing => return Self::Hidden(to(">")),
            Some('!' | '?') => return Self::Hidden(to(">")),
            _ => return Self::Text,
        }
        let tag = Tag::read(named, closing);
        if !RAW.contains(&tag.name.as_str()) {
            return Self::Tag(tag);
        }
        if closing {
            return Self::Hidden(tag.length);
        }
        Self::Hidden(tag.length + raw_length(&rest[tag.length..], &tag.name))
    }
}

/// Bytes up to the end of a raw element's end tag; the rest when it has none.
fn raw_length(content: &str, name: &str) -> usize {
    let mut from = 0;
    while let Some(at) = content[from..].find("</") {
        let start = from + at + 2;
        let named = content[start..].get(..name.len());
        if named.is_some_and(|given| given.eq_ignore_ascii_case(name)) {
            return start - 2 + Tag::read(&content[start..], true).length;
        }
        from = start;
    }
    content.len()
}

/// Where the reader of a tag stands, by the HTML standard §13.2.5.32–39.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Name,
    Gap,
    Attribute,
    AfterAttribute,
    BeforeValue,
    Value,
    Quoted(u8),
}

impl Tag {
    /// Reads a tag whose name stands at the start of `named`.
    fn read(named: &str, closing: bool) -> Self {
        let is_end = |c: char| c.is_ascii_whitespace() || c == '>' || c == '/';
        let name_end = named.find(is_end).unwrap_or(named.len());
        let name = if name_end <= NAME_BYTES_MAX { &named[..name_end] } else { "?" };
        let mut at = At::Name;
        let mut attributes = 0;
        let mut length = named.len();
        for (offset, byte) in named.bytes().enumerate() {
            let next = step(at, byte);
            if next == Some(At::Attribute) && at != At::Attribute {
                attributes += 1;
            }
            match next {
                Some(next) => at = next,
                None => {
                    length = offset + 1;
                    break;
                }
            }
        }
        let before = 1 + usize::from(closing);
        Self { name: name.to_ascii_lowercase(), closing, attributes, length: length + before }
    }
}

/// The next state; `None` when the byte ends the tag.
fn step(at: At, byte: u8) -> Option<At> {
    let space = byte.is_ascii_whitespace();
    Some(match (at, byte) {
        (At::Quoted(quote), b) if b == quote => At::Gap,
        (At::Quoted(quote), _) => At::Quoted(quote),
        (_, b'>') => return None,
        (At::Name, b'/') | (At::Gap | At::Attribute | At::AfterAttribute, b'/') => At::Gap,
        (At::Name, _) => {
            if space {
                At::Gap
            } else {
                At::Name
            }
        }
        (At::Gap, _) => {
            if space {
                At::Gap
            } else {
                At::Attribute
            }
        }
        (At::Attribute | At::AfterAttribute, b'=') => At::BeforeValue,
        (At::Attribute, _) => {
            if space {
                At::AfterAttribute
            } else {
                At::Attribute
            }
        }
        (At::AfterAttribute, _) => {
            if space {
                At::AfterAttribute
            } else {
                At::Attribute
            }
        }
        (At::BeforeValue, b'"' | b'\'') => At::Quoted(byte),
        (At::BeforeValue, _) => {
            if space {
                At::BeforeValue
            } else {
                At::Value
            }
        }
        (At::Value, _) => {
            if space {
                At::Gap
            } else {
                At::Value
            }
        }
    })
}
