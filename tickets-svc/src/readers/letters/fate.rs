//! What a delivery report says of a letter's fate: whom it cannot reach, and why (RFC 3464). One
//! that is only late, or that arrived, has not failed.

use super::clean;
use mail_parser::{Message, MessagePart, MimeHeaders};

/// How much of a report's own words is looked at, in bytes.
const WORDS_BYTES: usize = 4_000;

/// How much of its fields is, in bytes.
const FIELDS_BYTES: usize = 64 * 1024;

/// Longest reason that is kept, in bytes.
const REASON_BYTES: usize = 500;

/// Most recipients that a reason names.
const RECIPIENTS_MAX: usize = 5;

/// Words of reports that say: not yet.
const LATE: [&str; 16] = [
    "delay",
    "not yet been",
    "hasn't been delivered",
    "has not been delivered",
    "warning: could not send",
    "warning: message",
    "will be retried",
    "will retry",
    "will keep trying",
    "will continue",
    "still trying",
    "do not need to resend",
    "отложен",
    "задерж",
    "еще не доставлено",
    "ещё не доставлено",
];

/// What a report says of one recipient.
#[derive(Default)]
struct Recipient {
    address: String,
    action: String,
    status: String,
    diagnostic: String,
}

/// Why the letter that a report is about will not arrive; `None` when it may, or did. `subject` and
/// `text` are the report's own.
pub fn failure(message: &Message<'_>, subject: &str, text: &str) -> Option<String> {
    let statuses = message.parts.iter().filter(|part| is_status(part));
    let told: Vec<Recipient> = statuses
        .flat_map(|part| recipients(part.contents()))
        .filter(|one| !(one.action.is_empty() && one.status.is_empty()))
        .collect();
    if told.is_empty() {
        return in_words(subject, text);
    }
    let failed = told.iter().filter(|one| one.failed()).take(RECIPIENTS_MAX);
    let reasons: Vec<String> = failed.map(Recipient::reason).collect();
    (!reasons.is_empty()).then(|| clean::shortened(&reasons.join("; "), REASON_BYTES).to_owned())
}

fn is_status(part: &MessagePart<'_>) -> bool {
    part.is_content_type("message", "delivery-status")
        || part.is_content_type("message", "global-delivery-status")
}

impl Recipient {
    fn failed(&self) -> bool {
        match self.action.as_str() {
            "" => self.status.starts_with('5'),
            action => action == "failed",
        }
    }

    fn reason(&self) -> String {
        let why = if self.diagnostic.is_empty() { &self.status } else { &self.diagnostic };
        if self.address.is_empty() { why.clone() } else { format!("{}: {why}", self.address) }
    }
}

/// The groups of fields of a status, between blank lines.
fn recipients(raw: &[u8]) -> Vec<Recipient> {
    let text = String::from_utf8_lossy(&raw[..raw.len().min(FIELDS_BYTES)]);
    let mut groups = vec![Recipient::default()];
    let mut fields: Vec<String> = Vec::new();
    let flush = |fields: &mut Vec<String>, groups: &mut Vec<Recipient>| {
        let mut group = Recipient::default();
        fields.drain(..).for_each(|field| take(&mut group, &field));
        groups.push(group);
    };
    for line in text.lines() {
        match fields.last_mut() {
            _ if line.trim().is_empty() => flush(&mut fields, &mut groups),
            Some(field) if line.starts_with([' ', '\t']) => {
                field.push(' ');
                field.push_str(line.trim());
            }
            _ => fields.push(line.to_owned()),
        }
    }
    flush(&mut fields, &mut groups);
    groups
}

/// A field such as `Diagnostic-Code: smtp; 550 5.1.1 no such user`.
fn take(group: &mut Recipient, field: &str) {
    let Some((name, value)) = field.split_once(':') else { return };
    let value = value.trim();
    let untyped = || value.split_once(';').map_or(value, |(_, rest)| rest.trim()).to_owned();
    match name.trim().to_ascii_lowercase().as_str() {
        "final-recipient" => group.address = untyped(),
        "original-recipient" if group.address.is_empty() => group.address = untyped(),
        "action" => group.action = value.to_ascii_lowercase(),
        "status" => value.clone_into(&mut group.status),
        "diagnostic-code" => group.diagnostic = untyped(),
        _ => {}
    }
}

/// The reason of a report that is words alone: the line with a code of SMTP, else its subject.
fn in_words(subject: &str, text: &str) -> Option<String> {
    let start = clean::shortened(text, WORDS_BYTES);
    let low = format!("{subject}\n{start}").to_lowercase();
    if LATE.iter().any(|word| low.contains(word)) {
        return None;
    }
    let coded = start.lines().map(str::trim).find(|line| line.split_whitespace().any(is_code));
    Some(clean::shortened(coded.unwrap_or(subject), REASON_BYTES).to_owned())
}

/// True for a code of a failure for good, such as `550` or `5.1.1`.
fn is_code(word: &str) -> bool {
    let word = word.trim_matches(|sign: char| !sign.is_ascii_digit());
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    let basic = word.len() == 3 && digits && word.starts_with("55");
    let (class, rest) = word.split_once('.').unwrap_or_default();
    let numbers = rest.split('.').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    basic || (class == "5" && rest.contains('.') && numbers)
}

#[cfg(test)]
mod tests {
    use crate::readers::letters;

    fn failure(subject: &str, words: &str) -> Option<String> {
        let raw = format!("From: MAILER-DAEMON@a.test\nSubject: {subject}\n\n{words}\n");
        letters::read(raw.as_bytes()).expect("a letter").failure
    }

    #[test]
    fn a_report_in_words() {
        let failed = "Undelivered Mail Returned to Sender";
        for (subject, words, why) in [
            (
                failed,
                "I gave up.\n<a@b.test>: 550 5.1.1 unknown",
                Some("<a@b.test>: 550 5.1.1 unknown"),
            ),
            (failed, "host said 5.7.1 no", Some("host said 5.7.1 no")),
            (failed, "Order 5501 of 5.10 is enclosed", Some(failed)),
            (failed, "", Some(failed)),
            ("Сообщение не доставлено", "Пользователь не найден", Some("Сообщение не доставлено")),
            ("Delivery delayed", "450 later", None),
            ("Warning: could not send message for past 4 hours", "550?", None),
            (failed, "Your letter has not been delivered yet; we will keep trying.", None),
            ("Доставка отложена", "Повторим позже", None),
        ] {
            assert_eq!(failure(subject, words).as_deref(), why, "{subject}: {words}");
        }
    }

    /// A person who writes of failures reports none.
    #[test]
    fn only_a_report_tells_of_failure() {
        let raw = b"From: a@b.test\nSubject: Re: mail\n\n550 5.1.1 user unknown is what I get\n";
        let read = letters::read(raw).expect("a letter");
        assert_eq!((read.class.as_str(), read.failure), ("human", None));
    }
}
