//! Who sent a letter: exactly one `From` field with exactly one address, or nobody.

use super::{
    CORRESPONDENTS_MAX,
    addresses::{self, Entry},
    headers::Headers,
};
use crate::domain::letters::Correspondent;

/// What the `From` fields say.
pub struct Sender {
    /// The sender, when there is exactly one and letters can be sent to it.
    pub from: Option<Correspondent>,
    /// True when there are several fields or several addresses.
    pub several: bool,
}

/// Reads the sender off the raw fields. A parser of many formats would take the last of several
/// fields, or join `<victim@a> <evil@b>` to one address; both are somebody else's identity.
pub fn of(headers: &Headers<'_>) -> Sender {
    let fields: Vec<&[u8]> = headers.all("from").collect();
    let [field] = fields[..] else {
        return Sender { from: None, several: fields.len() > 1 };
    };
    let entries = addresses::list(field, 2);
    let [only] = &entries[..] else {
        return Sender { from: None, several: entries.len() > 1 };
    };
    if only.doubtful || only.grouped {
        return Sender { from: None, several: true };
    }
    Sender { from: correspondent(only), several: false }
}

/// Correspondents of the fields of a name; addresses that are none are left out.
pub fn correspondents(
    headers: &Headers<'_>,
    name: &str,
    cut: &mut Vec<String>,
) -> Vec<Correspondent> {
    let entries = entries(headers, name);
    if entries.len() > CORRESPONDENTS_MAX {
        cut.push(format!("only the first {CORRESPONDENTS_MAX} recipients are kept"));
    }
    entries.iter().take(CORRESPONDENTS_MAX).filter_map(correspondent).collect()
}

/// Entries of the fields of a name, one more than are kept at most.
pub fn entries(headers: &Headers<'_>, name: &str) -> Vec<Entry> {
    let mut found = Vec::new();
    for field in headers.all(name) {
        found.extend(addresses::list(field, CORRESPONDENTS_MAX + 1 - found.len()));
        if found.len() > CORRESPONDENTS_MAX {
            break;
        }
    }
    found
}

fn correspondent(entry: &Entry) -> Option<Correspondent> {
    entry.mailbox().map(|address| Correspondent { name: entry.name.clone(), address })
}
