//! The words of a letter: its text, and its HTML where that is safe to show.

use super::{PARTS_MAX, TEXT_BYTES_MAX, clean, headers::decoded, html};
use mail_parser::{Encoding, Message, MessagePart, PartType};

/// What there is to read.
pub struct Body {
    /// Text; that of the HTML where the letter has no other.
    pub text: String,
    /// Sanitised HTML.
    pub html: Option<String>,
}

/// Reads the bodies.
pub fn of(message: &Message<'_>, cut: &mut Vec<String>) -> Body {
    let texts = parts(message, &message.text_body).filter_map(|part| match part.body {
        PartType::Text(_) => Some(text_of(message, part)),
        _ => None,
    });
    let mut text = clean::text(&texts.collect::<Vec<_>>().join("\n"));
    let sources: String = parts(message, &message.html_body)
        .filter_map(|part| match part.body {
            PartType::Html(_) => Some(text_of(message, part)),
            _ => None,
        })
        .collect();
    let html = (!sources.trim().is_empty()).then(|| html::shown(&sources));
    let html = match html {
        Some(html::Shown::Safe { html, text: words }) => {
            if text.trim().is_empty() {
                text = clean::text(&words);
            }
            Some(html)
        }
        Some(html::Shown::TextOnly { text: words, limit }) => {
            cut.push(limit);
            if text.trim().is_empty() {
                text = clean::text(&words);
            }
            None
        }
        None => None,
    };
    if text.len() > TEXT_BYTES_MAX {
        cut.push(format!("only the first {TEXT_BYTES_MAX} bytes of text are shown"));
        text = clean::shortened(&text, TEXT_BYTES_MAX).to_owned();
    }
    Body { text, html }
}

fn parts<'m, 'x>(
    message: &'m Message<'x>,
    places: &'m [u32],
) -> impl Iterator<Item = &'m MessagePart<'x>> {
    let near = places.iter().filter(|place| (**place as usize) < PARTS_MAX);
    near.filter_map(|place| message.part(*place))
}

/// The text of a part; where the parser met bytes of no declared encoding, a detector reads them.
fn text_of(message: &Message<'_>, part: &MessagePart<'_>) -> String {
    let parsed = part.text_contents().unwrap_or_default();
    let undecoded = parsed.contains('\u{fffd}') && part.encoding == Encoding::None;
    let span = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
    match message.raw_message.get(span).filter(|raw| undecoded && !raw.is_empty()) {
        Some(raw) => decoded(raw).into_owned(),
        None => parsed.to_owned(),
    }
}
