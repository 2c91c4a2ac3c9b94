//! Files of a letter: named safely, hashed, never unpacked.

use super::{PARTS_MAX, bounds::SEALED, clean, headers::Headers, html, params, words};
use crate::domain::letters::LetterAttachment;
use mail_parser::{
    Encoding, HeaderName, Message, MessagePart, MimeHeaders, PartType,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};
use sha2::{Digest, Sha256};

/// Most files kept of one letter.
const FILES_MAX: usize = 200;

/// The files but one, which is the body; a letter within the letter is one file, not taken apart.
pub fn of(
    message: &Message<'_>,
    headers: &Headers<'_>,
    body: Option<u32>,
    cut: &mut Vec<String>,
) -> Vec<LetterAttachment> {
    let places = message.attachments.iter().filter(|place| (**place as usize) < PARTS_MAX);
    let places = places.filter(|place| Some(**place) != body);
    let mut files: Vec<LetterAttachment> = Vec::new();
    for part in places.filter_map(|place| message.part(*place)) {
        if files.len() == FILES_MAX {
            cut.push(format!("only the first {FILES_MAX} files are kept"));
            break;
        }
        files.push(file(message, headers, part, files.len() + 1));
    }
    files
}

fn file(
    message: &Message<'_>,
    headers: &Headers<'_>,
    part: &MessagePart<'_>,
    place: usize,
) -> LetterAttachment {
    let media_type = part.content_type().map_or_else(
        || default_type(part),
        |kind| {
            let subtype = kind.subtype().unwrap_or("octet-stream");
            let subtype = subtype.strip_suffix(SEALED).unwrap_or(subtype);
            clean::line(&format!("{}/{subtype}", kind.ctype())).to_ascii_lowercase()
        },
    );
    let declared = declared_name(message, headers, part);
    let declared = declared.map(|name| clean::line(&name)).unwrap_or_default();
    let name = match (declared.is_empty(), extension(&media_type)) {
        (false, _) => clean::file_name(&declared),
        (true, extension) => format!("file-{place}{extension}"),
    };
    let bytes = contents(message, part);
    LetterAttachment {
        name,
        original_name: declared,
        media_type,
        content_id: part.content_id().map(clean::line).filter(|id| !id.is_empty()),
        inline: false,
        sha256: Sha256::digest(&bytes).into(),
        bytes,
    }
}

/// The name in the part's header, read off the raw field; that of a letter is its subject.
fn declared_name(
    message: &Message<'_>,
    headers: &Headers<'_>,
    part: &MessagePart<'_>,
) -> Option<String> {
    let of = |header: HeaderName<'static>, parameter: &str| {
        let field = part.headers.iter().rev().find(|field| field.name == header)?;
        let span = field.offset_start as usize..field.offset_end as usize;
        params::value(&headers.hinted(message.raw_message.get(span)?), parameter)
    };
    of(HeaderName::ContentDisposition, "filename")
        .or_else(|| of(HeaderName::ContentType, "name"))
        .or_else(|| part.attachment_name().map(str::to_owned))
        .filter(|name| !name.trim().is_empty())
        .map(without_percents)
        .or_else(|| {
            let subject = subject_of(part)?;
            let subject = subject.trim();
            (!subject.is_empty()).then(|| format!("{}.eml", clean::shortened(subject, 150)))
        })
}

/// The subject of a letter within the letter, taken apart or not.
fn subject_of(part: &MessagePart<'_>) -> Option<String> {
    let subtype = part.content_type().and_then(|kind| kind.subtype());
    let sealed = subtype.is_some_and(|subtype| subtype.ends_with(SEALED));
    match part.message() {
        Some(letter) => letter.subject().map(str::to_owned),
        None if sealed => Headers::scan(part.contents()).line("subject"),
        None => None,
    }
}

/// A name as it was before a program wrote it as an address of the web.
fn without_percents(name: String) -> String {
    if !name.is_ascii() || !name.contains('%') {
        return name;
    }
    let plain = html::unescaped(&name);
    // A name that only holds percent signs is one of ASCII, or of broken characters, after it.
    if plain.is_ascii() || plain.contains('\u{fffd}') { name } else { plain }
}

/// Decoded bytes. A letter within the letter has no bytes of its own while it is not encoded:
/// they are those of the outer one between its offsets. Text is taken as it was before its
/// encoding was read: a file is its bytes.
fn contents(message: &Message<'_>, part: &MessagePart<'_>) -> Vec<u8> {
    let span = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
    match &part.body {
        PartType::Message(nested) if part.encoding == Encoding::None => {
            let raw = message.raw_message.get(span).or(nested.raw_message.get(..));
            raw.unwrap_or_default().to_vec()
        }
        PartType::Message(nested) => nested.raw_message.to_vec(),
        PartType::Text(_) | PartType::Html(_) => {
            transferred(message, part).unwrap_or_else(|| part.contents().to_vec())
        }
        _ if is_uuencoded(part) => {
            let raw = message.raw_message.get(span).unwrap_or_default();
            from_uuencode(raw).unwrap_or_else(|| part.contents().to_vec())
        }
        _ if part.encoding == Encoding::Base64 => {
            let raw = message.raw_message.get(span).unwrap_or_default();
            words::cut_short(raw).unwrap_or_else(|| part.contents().to_vec())
        }
        _ => part.contents().to_vec(),
    }
}

/// The bytes of a part as they were before the transfer encoding, whatever they mean as text.
pub fn transferred(message: &Message<'_>, part: &MessagePart<'_>) -> Option<Vec<u8>> {
    let span = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
    let raw = message.raw_message.get(span)?;
    match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::Base64 => base64_decode(raw),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
    }
}

/// The transfer encoding of old systems, which no standard names and some still use.
fn is_uuencoded(part: &MessagePart<'_>) -> bool {
    let named = part.content_transfer_encoding().map(str::to_ascii_lowercase);
    named.is_some_and(|name| ["x-uuencode", "uuencode", "x-uue", "uue"].contains(&name.as_str()))
}

/// Bytes of uuencoded lines, with or without their frame; `None` when a line is none.
fn from_uuencode(raw: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(raw.len() * 3 / 4);
    for line in raw.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end) {
        if line.is_empty() || line.starts_with(b"begin ") {
            continue;
        }
        let digit = |b: Option<&u8>| {
            let b = b.copied().unwrap_or(b' ');
            (32..=96).contains(&b).then(|| u32::from((b - 32) & 63))
        };
        let length = digit(line.first())? as usize;
        if line == b"end" || length == 0 {
            break;
        }
        let start = bytes.len();
        for four in line[1..].chunks(4) {
            let word = (0..4).try_fold(0, |word, at| Some(word << 6 | digit(four.get(at))?))?;
            bytes.extend_from_slice(&u32::to_be_bytes(word)[1..]);
        }
        bytes.truncate(start + length);
    }
    Some(bytes)
}

/// What a part is that does not say so: within a digest, a letter.
fn default_type(part: &MessagePart<'_>) -> String {
    let kind = match part.body {
        PartType::Message(_) => "message/rfc822",
        PartType::Text(_) => "text/plain",
        _ => "application/octet-stream",
    };
    kind.to_owned()
}

fn extension(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => ".pdf",
        "application/zip" => ".zip",
        "application/msword" => ".doc",
        "application/ms-tnef" => ".dat",
        "application/pgp-signature" => ".asc",
        "image/jpeg" | "image/jpg" | "image/pjpeg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "message/rfc822" | "message/global" => ".eml",
        "text/plain" | "message/delivery-status" | "text/rfc822-headers" => ".txt",
        "text/html" => ".html",
        "text/calendar" => ".ics",
        _ => ".bin",
    }
}
