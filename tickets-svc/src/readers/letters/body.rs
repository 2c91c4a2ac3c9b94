//! The words of a letter: its text, and its HTML where that is safe to show.

use super::html::Marks;
use super::{PARTS_MAX, TEXT_BYTES_MAX, attachments, charsets, clean, html, reply};
use crate::domain::letters::Ranges;
use mail_parser::{Message, MessagePart, MimeHeaders, PartType};
use std::borrow::Cow;

/// How much of a part is decoded again, in bytes: more than is shown in any encoding.
const DECODED_BYTES_MAX: usize = 4 * TEXT_BYTES_MAX + 4;

/// What there is to read.
#[derive(Debug, Default)]
pub struct Body {
    /// Text; that of the HTML where the letter has no other.
    pub text: String,
    /// What of the text is new, quoted, and a signature.
    pub ranges: Ranges,
    /// Sanitised HTML.
    pub html: Option<String>,
    /// Content-IDs that the HTML shows.
    pub shown_ids: Vec<String>,
    /// The part of a letter that was cut off on its way, in which its words are.
    pub torn: Option<u32>,
}

/// The places of the parts that hold the words, as the parser found them; of a letter that ends
/// within its first words, that part, which the parser takes for a file.
struct Places {
    text: Vec<u32>,
    html: Vec<u32>,
    torn: Option<u32>,
}

impl Places {
    fn of(message: &Message<'_>) -> Self {
        let (text, html) = (message.text_body.clone(), message.html_body.clone());
        let torn = match message.attachments[..] {
            [place] if text.is_empty() && html.is_empty() => {
                message.part(place).filter(|part| is_words(part)).map(|_| place)
            }
            _ => None,
        };
        match torn {
            Some(place) => Self { text: vec![place], html: vec![place], torn },
            None => Self { text, html, torn },
        }
    }
}

/// Text that is no file.
fn is_words(part: &MessagePart<'_>) -> bool {
    let named = part.attachment_name().is_some_and(|name| !name.is_empty());
    let kept = part.content_disposition().is_some_and(|kind| kind.is_attachment());
    matches!(part.body, PartType::Text(_) | PartType::Html(_))
        && !(named || kept)
        && !part.is_content_type("text", "calendar")
}

/// Reads the bodies.
pub fn of(message: &Message<'_>, cut: &mut Vec<String>) -> Body {
    let places = Places::of(message);
    let sources: String = parts(message, &places.html)
        .filter(|part| matches!(part.body, PartType::Html(_)))
        .map(|part| text_of(message, part))
        .scan(0, |length, text| {
            // One that is too long is not sanitised; there is no use in making it longer.
            let within = *length <= html::HTML_BYTES_MAX;
            *length += text.len();
            within.then_some(text)
        })
        .collect();
    let shown = (!sources.trim().is_empty()).then(|| html::shown(&sources));
    let mut words = Vec::new();
    let mut marks = Marks::default();
    let only_html = only_html(message, &places);
    // HTML beside text says the same again; HTML with a text below it is the letter itself.
    let first = parts(message, &places.text).next();
    let text_first = first.is_some_and(|part| matches!(part.body, PartType::Text(_)));
    for part in parts(message, &places.text) {
        if words.iter().map(String::len).sum::<usize>() > TEXT_BYTES_MAX {
            break;
        }
        match (&part.body, &shown) {
            (PartType::Text(_), _) => words.push(clean::text(&text_of(message, part))),
            // The same HTML need not be read twice.
            (PartType::Html(_), Some(shown)) if only_html => {
                words.push(shown.text().to_owned());
                marks = shown.marks().clone();
            }
            (PartType::Html(_), _) if !text_first => {
                words.push(html::text(&text_of(message, part)));
            }
            _ => {}
        }
    }
    let mut body = Body { text: words.join("\n"), torn: places.torn, ..Body::default() };
    if let Some(shown) = shown {
        if body.text.trim().is_empty() {
            body.text = shown.text().to_owned();
            marks = shown.marks().clone();
        }
        cut.extend(shown.limit().map(str::to_owned));
        (body.html, body.shown_ids) = shown.into_html();
    }
    if body.text.len() > TEXT_BYTES_MAX {
        cut.push(format!("only the first {TEXT_BYTES_MAX} bytes of text are shown"));
        body.text = clean::shortened(&body.text, TEXT_BYTES_MAX).to_owned();
    }
    body.ranges = reply::ranges(&body.text, &marks);
    body
}

impl Body {
    /// True when there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.html.is_none()
    }
}

/// What stands below the headers of a letter whose parts could not be told apart: shown as it
/// came, for it must not be lost.
pub fn unread(raw: &[u8], cut: &mut Vec<String>) -> Body {
    let starts = [&b"\n\n"[..], b"\n\r\n"].into_iter().filter_map(|end| {
        raw.windows(end.len()).position(|here| here == end).map(|at| at + end.len())
    });
    let below = starts.min().and_then(|start| raw.get(start..)).unwrap_or_default().trim_ascii();
    if below.is_empty() {
        return Body::default();
    }
    cut.push("the parts of the letter could not be told apart: all is shown as it came".to_owned());
    let below = &below[..below.len().min(TEXT_BYTES_MAX)];
    let mut text = clean::text(&charsets::undeclared(below));
    text.truncate(clean::shortened(&text, TEXT_BYTES_MAX).len());
    let ranges = reply::ranges(&text, &Marks::default());
    Body { text, ranges, ..Body::default() }
}

/// A body that has no headers: text, or HTML where it begins like it.
pub fn bare(raw: &[u8], cut: &mut Vec<String>) -> Body {
    let text = charsets::undeclared(raw);
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let is_html = start.starts_with('<')
        && start[1..].starts_with(|c: char| c == '!' || c.is_ascii_alphabetic())
        && start.contains("</");
    let mut body = Body::default();
    let mut marks = Marks::default();
    if is_html {
        let shown = html::shown(&text);
        body.text = shown.text().to_owned();
        marks = shown.marks().clone();
        cut.extend(shown.limit().map(str::to_owned));
        (body.html, body.shown_ids) = shown.into_html();
    } else {
        body.text = clean::text(&text);
    }
    body.text = clean::shortened(&body.text, TEXT_BYTES_MAX).to_owned();
    body.ranges = reply::ranges(&body.text, &marks);
    body
}

/// True when the text of the letter is to be had of one HTML part alone.
fn only_html(message: &Message<'_>, places: &Places) -> bool {
    let html = |places: &[u32]| {
        parts(message, places).filter(|part| matches!(part.body, PartType::Html(_))).count()
    };
    let texts = parts(message, &places.text);
    html(&places.html) == 1 && texts.filter(|p| !matches!(p.body, PartType::Html(_))).count() == 0
}

fn parts<'m, 'x>(
    message: &'m Message<'x>,
    places: &'m [u32],
) -> impl Iterator<Item = &'m MessagePart<'x>> {
    let near = places.iter().filter(|place| (**place as usize) < PARTS_MAX);
    near.filter_map(|place| message.part(*place))
}

/// The text of a part. Bytes beyond ASCII are read again, for the parser believes what is declared
/// and gives up what is not.
fn text_of<'p>(message: &Message<'_>, part: &'p MessagePart<'_>) -> Cow<'p, str> {
    let parsed = part.text_contents().unwrap_or_default();
    let label = part.content_type().and_then(|kind| kind.attribute("charset"));
    let shifted = label.is_some_and(charsets::is_utf7);
    if !shifted && parsed.is_ascii() && !parsed.contains('\u{1b}') && !parsed.contains('~') {
        return Cow::Borrowed(parsed);
    }
    let Some(mut bytes) = attachments::transferred(message, part).filter(|b| !b.is_empty()) else {
        return Cow::Borrowed(parsed);
    };
    bytes.truncate(DECODED_BYTES_MAX);
    Cow::Owned(match label {
        Some(label) => charsets::declared(&bytes, label).into_owned(),
        None => charsets::undeclared(&bytes).into_owned(),
    })
}
