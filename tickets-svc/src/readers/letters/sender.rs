//! Who sent a letter: exactly one `From` field with exactly one address, or nobody.

use super::{
    CORRESPONDENTS_MAX, clean,
    headers::{Headers, decoded},
};
use crate::domain::letters::Correspondent;
use mail_parser::Message;
use types::EmailAddress;

/// What the `From` fields say.
pub struct Sender {
    /// The sender, when there is exactly one.
    pub from: Option<Correspondent>,
    /// True when there are several fields or several addresses.
    pub several: bool,
}

/// Reads the sender off the raw fields. The parser would take the last of several fields, and
/// would join `<victim@a> <evil@b>` to one address; both are somebody else's identity.
pub fn of(headers: &Headers<'_>, message: &Message<'_>) -> Sender {
    let fields: Vec<&[u8]> = headers.all("from").collect();
    let [field] = fields[..] else {
        return Sender { from: None, several: fields.len() > 1 };
    };
    let text = decoded(field);
    match mailboxes(&text) {
        Mailboxes::One(address) => {
            let parsed = message.from().and_then(|from| from.first()).and_then(|a| a.name.clone());
            let name = if field.is_ascii() {
                clean::line(parsed.as_deref().unwrap_or_default())
            } else {
                display_name(&text)
            };
            Sender { from: Some(Correspondent { name, address }), several: false }
        }
        Mailboxes::None => Sender { from: None, several: false },
        Mailboxes::Several => Sender { from: None, several: true },
    }
}

/// Recipients of a field, cleaned; addresses that are none are left out.
pub fn recipients<'x>(
    fields: impl Iterator<Item = &'x mail_parser::Address<'x>>,
    cut: &mut Vec<String>,
) -> Vec<Correspondent> {
    let mut found = Vec::new();
    for mailbox in fields.flat_map(|field| field.iter()) {
        let address = mailbox.address.as_deref().and_then(|text| EmailAddress::parse(text).ok());
        let Some(address) = address else { continue };
        if found.len() == CORRESPONDENTS_MAX {
            cut.push(format!("only the first {CORRESPONDENTS_MAX} recipients are kept"));
            break;
        }
        let name = clean::line(mailbox.name.as_deref().unwrap_or_default());
        found.push(Correspondent { name, address });
    }
    found
}

enum Mailboxes {
    None,
    One(EmailAddress),
    Several,
}

/// Counts the mailboxes of a raw `From` value, strictly.
fn mailboxes(value: &str) -> Mailboxes {
    let bare = without_phrases(value);
    let angles = bare.matches('<').count();
    if angles > 1 || bare.contains([',', ';']) {
        return Mailboxes::Several;
    }
    let address = match bare.split_once('<') {
        Some((_, rest)) => rest.split_once('>').map(|(address, _)| address),
        None => Some(bare.as_str()),
    };
    match address.map(EmailAddress::parse) {
        Some(Ok(address)) => Mailboxes::One(address),
        _ => Mailboxes::None,
    }
}

/// The value without quoted strings, comments and encoded words, whose contents name nobody.
fn without_phrases(value: &str) -> String {
    let mut bare = String::with_capacity(value.len());
    let (mut quoted, mut comments, mut escaped) = (false, 0_usize, false);
    for c in value.chars() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' if quoted || comments > 0 => escaped = true,
            '"' if comments == 0 => quoted = !quoted,
            '(' if !quoted => comments += 1,
            ')' if !quoted && comments > 0 => comments -= 1,
            _ if quoted || comments > 0 => {}
            c => bare.push(c),
        }
    }
    let word = |w: &&str| !(w.starts_with("=?") && w.ends_with("?="));
    bare.split_ascii_whitespace().filter(word).collect::<Vec<_>>().join(" ")
}

/// The name before the angle bracket, where its bytes had no declared encoding.
fn display_name(value: &str) -> String {
    let name = value.split_once('<').map_or("", |(name, _)| name);
    clean::line(name.trim().trim_matches('"'))
}
