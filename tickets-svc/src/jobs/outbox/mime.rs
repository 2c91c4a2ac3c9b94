//! A letter as bytes. Every value is clean before it gets here: the mail library panics on names
//! that hold line breaks, and trusts ids blindly.

use crate::{
    domain::outbound_letters::OutboundLetter,
    jobs::post::{self, PostError},
    readers::letters::clean,
};
use chrono::{DateTime, Utc};
use lettre::{
    Message,
    message::{
        Attachment as File, Mailbox, MultiPart, SinglePart,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
};
use std::error::Error;
use types::EmailAddress;

/// A file that leaves with a letter.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Name.
    pub filename: String,
    /// Media type.
    pub content_type: String,
    /// Bytes.
    pub bytes: Vec<u8>,
}

/// RFC 3834: no person wrote it.
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// What Exchange looks at instead.
#[derive(Debug, Clone)]
struct SuppressAnswers;

impl Header for SuppressAnswers {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Auto-Response-Suppress")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "All".to_owned())
    }
}

/// By which mark the suite knows its own letters.
#[derive(Debug, Clone)]
struct OwnMark(String);

impl Header for OwnMark {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Raschet-Loop")
    }

    fn parse(mark: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self(mark.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// What a letter carries besides itself.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// By it we know the letter when it comes back; empty for none.
    pub own: String,
    /// Where its answer shall go, if not to its sender.
    pub reply_to: Option<EmailAddress>,
}

/// The bytes of a letter.
///
/// # Errors
/// [`PostError::Permanent`] when it has no recipients or the library refuses an address.
pub fn build(
    letter: &OutboundLetter,
    attachments: Vec<Attachment>,
    date: DateTime<Utc>,
    marks: &Marks,
) -> Result<Vec<u8>, PostError> {
    let mut builder = Message::builder()
        .from(mailbox(&letter.from.name, &letter.from.address)?)
        .subject(clean::line(&letter.subject))
        .message_id(Some(letter.msgid.to_string()))
        .date(date.into());
    let (to, cc) = letter
        .recipients
        .split_first()
        .ok_or_else(|| PostError::Permanent("the letter has no recipient".to_owned()))?;
    builder = builder.to(mailbox("", to)?);
    for address in cc {
        builder = builder.cc(mailbox("", address)?);
    }
    if let Some(id) = &letter.in_reply_to {
        builder = builder.in_reply_to(id.to_string());
    }
    if !letter.references.is_empty() {
        let ids: Vec<String> = letter.references.iter().map(ToString::to_string).collect();
        builder = builder.references(ids.join(" "));
    }
    if let Some(address) = &marks.reply_to {
        builder = builder.reply_to(mailbox(&letter.from.name, address)?);
    }
    if !marks.own.is_empty() {
        builder = builder.header(OwnMark(marks.own.clone()));
    }
    if letter.automatic {
        builder = builder.header(AutoSubmitted).header(SuppressAnswers);
    }
    let text = SinglePart::plain(clean::text(&letter.text));
    let message = if attachments.is_empty() {
        builder.singlepart(text)
    } else {
        let mut parts = MultiPart::mixed().singlepart(text);
        for file in attachments {
            parts = parts.singlepart(part(file));
        }
        builder.multipart(parts)
    };
    message.map(|message| message.formatted()).map_err(|e| PostError::Permanent(e.to_string()))
}

fn part(file: Attachment) -> SinglePart {
    let octets = ContentType::parse("application/octet-stream").ok();
    let kind = ContentType::parse(&file.content_type).ok().or(octets);
    let kind = kind.unwrap_or(ContentType::TEXT_PLAIN);
    File::new(clean::file_name(&file.filename)).body(file.bytes, kind)
}

fn mailbox(name: &str, address: &EmailAddress) -> Result<Mailbox, PostError> {
    let name = Some(clean::line(name)).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, post::address(address)?))
}

#[cfg(test)]
mod tests;
