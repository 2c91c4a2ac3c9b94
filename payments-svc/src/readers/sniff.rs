//! What format a file is in: by its first bytes, never by its name.

use super::csv::{self, Layout};
use super::dbf;
use super::encoding::{self, Encoding};
use super::refusals::unknown;
use crate::domain::statements::verdict::Refusal;

/// Bytes that decide: keys, tags and headings come early in any honest file.
pub const HEAD: u64 = 256 * 1024;

/// A format, with the encoding that the bytes prove.
pub enum Format {
    /// 1CClientBankExchange and its dialects.
    OneC(Encoding),
    /// Belarusian client-bank text.
    Belarus(Encoding),
    /// ISO 20022 camt.052, .053, .054.
    Camt(Encoding),
    /// 1C:DirectBank.
    DirectBank(Encoding),
    /// SWIFT MT940, MT942.
    Mt940(Encoding),
    /// OFX, QFX.
    Ofx(Encoding),
    /// JSON of a bank's API.
    Json(Encoding),
    /// A dBASE table.
    Dbf(Encoding, Box<dbf::Header>),
    /// Columns of a known layout.
    Csv(Encoding, Box<Layout>),
}

impl Format {
    /// Its name and encoding.
    pub const fn names(&self) -> (&'static str, Encoding) {
        match self {
            Self::OneC(encoding) => (super::one_c::FORMAT, *encoding),
            Self::Belarus(encoding) => (super::belarus::FORMAT, *encoding),
            Self::Camt(encoding) => (super::camt::FORMAT, *encoding),
            Self::DirectBank(encoding) => (super::direct_bank::FORMAT, *encoding),
            Self::Mt940(encoding) => (super::mt940::FORMAT, *encoding),
            Self::Ofx(encoding) => (super::ofx::FORMAT, *encoding),
            Self::Json(encoding) => (super::json::FORMAT, *encoding),
            Self::Dbf(encoding, _) => (dbf::FORMAT, *encoding),
            Self::Csv(encoding, _) => (csv::FORMAT, *encoding),
        }
    }
}

/// The format of that name, whatever the bytes look like; none of a table that has no columns.
pub fn of_name(name: &str, head: &[u8]) -> Option<Format> {
    let encoding = encoding::guess(head, None);
    Some(match name {
        super::one_c::FORMAT => {
            Format::OneC(encoding::detect(head, &ONE_C_KEYS).unwrap_or(encoding))
        }
        super::belarus::FORMAT => Format::Belarus(encoding),
        super::camt::FORMAT => Format::Camt(encoding),
        super::direct_bank::FORMAT => Format::DirectBank(encoding),
        super::mt940::FORMAT => Format::Mt940(encoding),
        super::ofx::FORMAT => Format::Ofx(encoding),
        super::json::FORMAT => Format::Json(encoding),
        dbf::FORMAT => {
            let header = dbf::Header::of(head)?;
            Format::Dbf(header.encoding(head), Box::new(header))
        }
        _ => {
            let (encoding, layout) = csv::layout(head, &[])?;
            Format::Csv(encoding, Box::new(layout))
        }
    })
}

/// Any of these proves a 1C file and its encoding.
const ONE_C_KEYS: [&str; 4] = ["ВерсияФормата", "СекцияРасчСчет", "СекцияДокумент", "КонецФайла"];

/// Finds the format.
///
/// # Errors
/// [`Refusal`] with advice.
pub fn format(head: &[u8], profiles: &[csv::Profile]) -> Result<Format, Refusal> {
    if let Some(header) = dbf::Header::of(head) {
        return Ok(Format::Dbf(header.encoding(head), Box::new(header)));
    }
    // Tags and keys of all formats but 1C and CSV are ASCII.
    let mut ascii: String =
        head.iter().filter(|b| b.is_ascii() && **b != 0).map(|b| char::from(*b)).collect();
    ascii.truncate(ascii.trim_end().len());
    let start = ascii.trim_start();
    if start.is_empty() {
        return Err(unknown(head));
    }
    if let Some(format) = by_tags(head, start) {
        return Ok(format);
    }
    let one_c = start.get(..18).is_some_and(|s| s.eq_ignore_ascii_case("1CClientBankExchan"));
    let lower =
        || encoding::detect(head, &ONE_C_KEYS.map(str::to_lowercase).each_ref().map(|k| &**k));
    let known = encoding::detect(head, &ONE_C_KEYS);
    if let Some(encoding) = known.or_else(|| one_c.then(lower).flatten()) {
        return Ok(Format::OneC(encoding));
    }
    if one_c && !head.is_ascii() {
        return Err(super::refusals::destroyed(0));
    }
    if one_c || head.starts_with(b"%PDF") || head.starts_with(b"PK\x03\x04") {
        return Err(unknown(head));
    }
    if looks_like_mt940(start) {
        return Ok(Format::Mt940(encoding::guess(head, None)));
    }
    match csv::layout(head, profiles) {
        Some((encoding, layout)) => Ok(Format::Csv(encoding, Box::new(layout))),
        None => Err(unknown(head)),
    }
}

/// What an XML document says its encoding is.
fn xml_label(start: &str) -> Option<&str> {
    let first = start.lines().next().filter(|first| first.starts_with("<?xml"))?;
    between(first.split("?>").next()?, "encoding=", &['"', '\''])
}

/// The encoding that an XML document claims, where its bytes say otherwise.
pub fn wrong_label(head: &[u8], encoding: Encoding) -> Option<String> {
    let ascii: String =
        head.iter().take(400).filter(|b| b.is_ascii()).map(|b| char::from(*b)).collect();
    let plain = ascii.replace('\0', "");
    let label = xml_label(plain.trim_start())?;
    // Of ASCII alone nothing tells, but that it is not two bytes a character.
    let wide = label.to_ascii_lowercase().starts_with("utf-16");
    let told = wide || !head.is_ascii();
    (told && !encoding.is_called(label)).then(|| label.to_owned())
}

fn by_tags(head: &[u8], start: &str) -> Option<Format> {
    if start.starts_with('<') {
        let body = &start[..start.len().min(16 * 1024)];
        let encoding = encoding::guess(head, xml_label(start));
        if body.contains("BkToCstmr") || body.contains("tech:xsd:camt.05") {
            return Some(Format::Camt(encoding));
        }
        if body.contains("directbank.1c.ru") || body.contains("PayDocRu") {
            return Some(Format::DirectBank(encoding));
        }
        if body.to_ascii_uppercase().contains("<OFX>") || body.contains("<?OFX") {
            return Some(Format::Ofx(encoding));
        }
        return None;
    }
    let first = &start[..start.len().min(2_000)];
    let upper = first.to_ascii_uppercase();
    if upper.starts_with("OFXHEADER") || upper.contains("<OFX>") || upper.contains("<STMTTRN>") {
        return Some(Format::Ofx(encoding::guess(head, ofx_label(&upper))));
    }
    if first.contains("^Type=") || (first.starts_with("*****") && first.contains("^Acc=")) {
        return Some(Format::Belarus(cyrillic_or_guess(head)));
    }
    if start.starts_with("{1:") || start.starts_with(":20:") {
        return Some(Format::Mt940(encoding::guess(head, None)));
    }
    if start.starts_with(['{', '[']) {
        return Some(Format::Json(cyrillic_or_guess(head)));
    }
    None
}

/// A text preamble may stand before the first tag.
fn looks_like_mt940(start: &str) -> bool {
    let tag = |tag: &str| start.lines().any(|line| line.trim_start().starts_with(tag));
    tag(":20:") && (tag(":25:") || tag(":28C:") || tag(":28:")) || (tag(":25:") && tag(":60F:"))
}

fn between<'t>(text: &'t str, after: &str, quotes: &[char]) -> Option<&'t str> {
    let rest = &text[text.find(after)? + after.len()..];
    rest.strip_prefix(quotes)?.split(quotes).next()
}

/// `CHARSET:1252` of an OFX header, whatever follows it; `ENCODING:UTF-8` when it says so.
fn ofx_label(upper: &str) -> Option<&str> {
    if upper.contains("ENCODING:UTF-8") || upper.contains("ENCODING:UNICODE") {
        return Some("UTF-8");
    }
    let rest = &upper[upper.find("CHARSET:")? + 8..];
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '-')).unwrap_or(rest.len());
    match &rest[..end] {
        "" => rest.starts_with("UTF-8").then_some("UTF-8"),
        label => Some(label),
    }
}

/// Texts of this region: strict UTF-8, else the Cyrillic code page by its bytes.
fn cyrillic_or_guess(head: &[u8]) -> Encoding {
    encoding::guess(head, None)
}
