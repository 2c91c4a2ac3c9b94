//! Files of a letter: named safely, hashed, never unpacked.

use super::{PARTS_MAX, clean};
use crate::domain::letters::LetterAttachment;
use mail_parser::{Message, MessagePart, MimeHeaders, PartType};
use sha2::{Digest, Sha256};

/// Most files kept of one letter.
const FILES_MAX: usize = 200;

/// The files; a letter within the letter is one file, not taken apart.
pub fn of(message: &Message<'_>, cut: &mut Vec<String>) -> Vec<LetterAttachment> {
    let places = message.attachments.iter().filter(|place| (**place as usize) < PARTS_MAX);
    let mut files: Vec<LetterAttachment> = Vec::new();
    for part in places.filter_map(|place| message.part(*place)) {
        if files.len() == FILES_MAX {
            cut.push(format!("only the first {FILES_MAX} files are kept"));
            break;
        }
        files.push(file(message, part, files.len() + 1));
    }
    files
}

fn file(message: &Message<'_>, part: &MessagePart<'_>, place: usize) -> LetterAttachment {
    let media_type = part.content_type().map_or_else(default_type, |kind| {
        let subtype = kind.subtype().unwrap_or("octet-stream");
        clean::line(&format!("{}/{subtype}", kind.ctype())).to_ascii_lowercase()
    });
    let declared = part.attachment_name().map(clean::line).unwrap_or_default();
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
        sha256: Sha256::digest(&bytes).into(),
        bytes,
    }
}

/// Decoded bytes. A letter within the letter has no bytes of its own while it is not encoded:
/// they are those of the outer one between its offsets.
fn contents(message: &Message<'_>, part: &MessagePart<'_>) -> Vec<u8> {
    match &part.body {
        PartType::Message(nested) if part.encoding == mail_parser::Encoding::None => {
            let span = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
            let raw = message.raw_message.get(span).or(nested.raw_message.get(..));
            raw.unwrap_or_default().to_vec()
        }
        PartType::Message(nested) => nested.raw_message.to_vec(),
        _ => part.contents().to_vec(),
    }
}

fn default_type() -> String {
    "application/octet-stream".to_owned()
}

fn extension(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => ".pdf",
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "message/rfc822" | "message/global" => ".eml",
        "text/plain" => ".txt",
        "text/html" => ".html",
        "text/calendar" => ".ics",
        _ => ".bin",
    }
}
