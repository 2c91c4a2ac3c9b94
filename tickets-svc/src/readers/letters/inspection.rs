//! A letter as it is shown to an operator who asks what the reader makes of it: the facts of
//! [`super::read`], and what stands in doubtful headers word for word.

use super::{
    Unreadable,
    addresses::Entry,
    body,
    headers::{Headers, prepared},
    html, sender,
};
use crate::domain::{
    letters::{Class, Letter},
    msgids::MsgId,
    trust::{self, Claim, Proof},
};
use serde::Serialize;
use std::fmt::Write as _;
use types::EmailAddress;

/// Somebody named in a header, as it stands there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Display name.
    pub name: String,
    /// What stands in the place of the address; may be none.
    pub address: String,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    /// Name, as safe as it is kept.
    pub filename: String,
    /// Declared media type.
    pub content_type: String,
    /// Bytes.
    pub size: usize,
    /// Of the bytes, in hexadecimal digits.
    pub sha256: String,
    /// True when the HTML shows it.
    pub inline: bool,
    /// Content-ID without brackets.
    pub content_id: Option<String>,
}

/// What one method found, by a system that is trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// `dkim`, `spf`, `dmarc` or another.
    pub method: String,
    /// `pass`, `fail` and so on.
    pub result: String,
    /// Domain that it is about; may be empty.
    pub domain: String,
}

/// What is known of the sender's identity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Authentication {
    /// The trusted system whose results count; none when no header is of one.
    pub trusted: Option<String>,
    /// Systems that wrote results, the topmost first; anybody can write them.
    pub servers: Vec<String>,
    /// What the trusted system found.
    pub results: Vec<Found>,
    /// Whether the domain of the address vouches for the letter: `pass`, `fail` or `none`.
    pub proof: &'static str,
    /// Why.
    pub reason: &'static str,
    /// Level of trust, if the address were the one in a client's profile: `V`, `M`, `F`, or `U`
    /// when there is no address.
    pub level: char,
}

/// All that is shown of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// Its own id with brackets.
    pub message_id: Option<String>,
    /// The id that it answers; the last where several stand.
    pub in_reply_to: Option<String>,
    /// Ids of its thread.
    pub references: Vec<String>,
    /// Date that the sender claims, in UTC.
    pub date: Option<String>,
    /// What `From` shows; proves nothing.
    pub from: Option<Named>,
    /// `To`.
    pub to: Vec<Named>,
    /// `Cc`.
    pub cc: Vec<Named>,
    /// `Reply-To`; the first where several stand. Nobody is answered there unasked.
    pub reply_to: Option<Named>,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// What of the text is new.
    pub reply_text: String,
    /// Sanitised HTML.
    pub html: Option<String>,
    /// Files.
    pub attachments: Vec<File>,
    /// `human`, `auto`, `bounce`, `mdn`, `feedback`, `bulk` or `own_loop`.
    pub class: &'static str,
    /// `one` when exactly one `From` names exactly one address, else `none`.
    pub sender_identity: &'static str,
    /// What is known of the sender's identity.
    pub auth: Authentication,
    /// Ranges of the text, in bytes: of the reply, of quotes, of signatures.
    pub ranges: Spans,
    /// What was left out or is doubtful, in words.
    pub warnings: Vec<String>,
}

/// Ranges of the text, in bytes: from, and up to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Spans {
    /// The reply.
    pub reply: Vec<[usize; 2]>,
    /// Earlier letters.
    pub quotes: Vec<[usize; 2]>,
    /// Signatures.
    pub signatures: Vec<[usize; 2]>,
}

/// What the one who inspects knows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Knowledge<'a> {
    /// Systems whose `Authentication-Results` are believed.
    pub trusted: &'a [String],
    /// Addresses that we write from: what comes from them is our own letter, come back.
    pub own: &'a [EmailAddress],
}

/// Inspects bytes, by what is known.
///
/// Bytes without any header of a letter are shown as a body, with a warning.
///
/// # Errors
/// [`Unreadable`] as [`super::read`], but [`Unreadable::NoHeaders`].
pub fn inspect(raw: &[u8], known: Knowledge<'_>) -> Result<Inspection, Unreadable> {
    match super::read(raw) {
        Ok(letter) => Ok(of_letter(raw, letter, known)),
        Err(Unreadable::NoHeaders) => Ok(of_body(raw)),
        Err(other) => Err(other),
    }
}

fn of_letter(raw: &[u8], mut letter: Letter, known: Knowledge<'_>) -> Inspection {
    if letter.from.as_ref().is_some_and(|from| known.own.contains(&from.address)) {
        letter.class = Class::OwnLoop;
    }
    let raw = prepared(raw);
    let headers = Headers::scan(&raw);
    let named = |name: &str| sender::entries(&headers, name).iter().map(shown).collect::<Vec<_>>();
    let froms = sender::entries(&headers, "from");
    let mut warnings = letter.cut.clone();
    if letter.several_senders {
        warnings.push("several senders: nobody is believed to be one".to_owned());
    } else if froms.is_empty() {
        warnings.push("no sender".to_owned());
    }
    if letter.msgid.is_none() {
        let has = headers.has("message-id");
        warnings.push(if has { "the Message-ID is unusable" } else { "no Message-ID" }.to_owned());
    }
    let one = !letter.several_senders
        && froms
            .iter()
            .any(|from| from.address.contains('@') && !from.address.contains(char::is_whitespace));
    let ranges = &letter.ranges;
    let pairs = |ranges: &[std::ops::Range<usize>]| {
        ranges.iter().map(|range| [range.start, range.end]).collect()
    };
    Inspection {
        message_id: letter.msgid.as_ref().map(MsgId::to_string),
        in_reply_to: letter.in_reply_to.last().map(MsgId::to_string),
        references: letter.references.iter().map(MsgId::to_string).collect(),
        date: letter.date.map(|date| date.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        from: froms.iter().find(|from| from.address.contains('@')).or(froms.first()).map(shown),
        to: named("to"),
        cc: named("cc"),
        reply_to: sender::entries(&headers, "reply-to").first().map(shown),
        reply_text: ranges.reply_of(&letter.text),
        ranges: Spans {
            reply: pairs(&ranges.reply),
            quotes: pairs(&ranges.quotes),
            signatures: pairs(&ranges.signatures),
        },
        class: class(letter.class),
        sender_identity: if one { "one" } else { "none" },
        auth: authentication(&letter, known),
        attachments: letter.attachments.iter().map(file).collect(),
        subject: letter.subject,
        text: letter.text,
        html: letter.html,
        warnings,
    }
}

fn of_body(raw: &[u8]) -> Inspection {
    let mut warnings = vec!["no header of a letter was found: all is shown as its body".to_owned()];
    let body = body::bare(raw, &mut warnings);
    Inspection {
        message_id: None,
        in_reply_to: None,
        references: Vec::new(),
        date: None,
        from: None,
        to: Vec::new(),
        cc: Vec::new(),
        reply_to: None,
        subject: String::new(),
        reply_text: body.ranges.reply_of(&body.text),
        ranges: Spans::default(),
        text: body.text,
        html: body.html.and_then(|html| html::without_foreign_images(html, |_| false)),
        attachments: Vec::new(),
        class: "human",
        sender_identity: "none",
        auth: Authentication {
            proof: "none",
            reason: "NO_SENDER",
            level: 'U',
            ..Default::default()
        },
        warnings,
    }
}

fn shown(entry: &Entry) -> Named {
    Named { name: entry.name.clone(), address: entry.address.clone() }
}

fn file(file: &crate::domain::letters::LetterAttachment) -> File {
    let mut sha256 = String::with_capacity(64);
    for byte in file.sha256 {
        // Writing to a String cannot fail.
        let _ = write!(sha256, "{byte:02x}");
    }
    File {
        filename: file.name.clone(),
        content_type: file.media_type.clone(),
        size: file.bytes.len(),
        sha256,
        inline: file.inline,
        content_id: file.content_id.clone(),
    }
}

const fn class(class: Class) -> &'static str {
    match class {
        Class::Receipt => "mdn",
        Class::Complaint => "feedback",
        other => other.as_str(),
    }
}

fn authentication(letter: &Letter, known: Knowledge<'_>) -> Authentication {
    let trusted = known.trusted;
    let results = trust::trusted(&letter.authentication, trusted);
    let claim = Claim {
        from: letter.from.as_ref().map(|from| &from.address),
        several: letter.several_senders,
        of_client: true,
        main: true,
        own: letter.class == Class::OwnLoop,
        results: &letter.authentication,
        trusted,
        ..Claim::default()
    };
    let verdict = trust::judge(&claim);
    let proof = claim.from.filter(|_| !claim.several).map(|from| trust::proof(&claim, from).0);
    Authentication {
        trusted: results.as_ref().map(|results| results.server.clone()),
        servers: letter.authentication.iter().map(|one| one.server.clone()).collect(),
        results: results.iter().flat_map(|results| &results.methods).map(found).collect(),
        proof: match proof {
            Some(Proof::True) => "pass",
            Some(Proof::False) => "fail",
            Some(Proof::None) | None => "none",
        },
        reason: verdict.reason,
        level: verdict.level.letter(),
    }
}

fn found(one: &trust::MethodResult) -> Found {
    let names = ["header.d", "header.i", "header.from", "smtp.mailfrom", "smtp.mail"];
    let about = names.iter().find_map(|name| one.property(name)).unwrap_or_default();
    Found {
        method: one.method.clone(),
        result: one.result.clone(),
        domain: about.rsplit('@').next().unwrap_or_default().to_ascii_lowercase(),
    }
}
