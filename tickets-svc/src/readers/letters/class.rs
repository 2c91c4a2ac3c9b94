//! Person or robot: by the marks that mail systems set. Words alone are never believed, for people
//! quote them; what nothing tells is caught by the limit on automatic letters.

mod words;

use super::{clean, headers::Headers, sender};
use crate::domain::letters::Class;
use mail_parser::{Message, MimeHeaders};
use words::{
    AUTO_FIELDS, AUTO_SUBJECTS, DAEMONS, FAILED, FAILURES, HINTS, MASTERS, PASSED_ON, READ,
    UNANSWERED,
};

/// How much of a body is looked at for such words, in bytes.
const FAILURE_BYTES: usize = 8_000;

/// What the class is decided by.
struct Signs<'a> {
    headers: &'a Headers<'a>,
    message: &'a Message<'a>,
    subject: String,
    /// Name and address of `From`, in lower case.
    from: String,
    /// Nobody is to be told when the letter does not arrive: a robot sent it.
    no_return: bool,
}

/// The class of a letter, the surest marks first. `text` is its body.
pub fn of(headers: &Headers<'_>, message: &Message<'_>, text: &str) -> Class {
    let from = sender::entries(headers, "from");
    let from = from.first().map(|from| format!("{} <{}>", from.name, from.address));
    let signs = Signs {
        headers,
        message,
        subject: headers.line("subject").unwrap_or_default().to_lowercase(),
        from: from.unwrap_or_default().to_lowercase(),
        no_return: headers.text("return-path").is_some_and(|path| path.trim() == "<>"),
    };
    if let Some(report) = signs.report() {
        return report;
    }
    // Hotmail sends the letter back that somebody complained about, with this field.
    if headers.has("x-hmxmroriginalrecipient") {
        return Class::Complaint;
    }
    if signs.receipt() {
        return Class::Receipt;
    }
    if signs.bounced(text) {
        return Class::Bounce;
    }
    if signs.by_robot() {
        return Class::Auto;
    }
    let precedence = signs.precedence();
    let bulk = matches!(precedence.as_deref(), Some("bulk" | "junk" | "list"));
    if bulk || headers.has("list-id") || headers.has("list-unsubscribe") {
        return Class::Bulk;
    }
    Class::Human
}

impl Signs<'_> {
    /// What a report says that it is, by its type or by its parts. A person who passes a report on
    /// sends the same parts within an ordinary letter.
    fn report(&self) -> Option<Class> {
        let has = |kind| self.message.parts.iter().any(|p| p.is_content_type("message", kind));
        let reported = self.is_report();
        match report_type(self.message).as_deref() {
            Some("delivery-status" | "global-delivery-status") => return Some(Class::Bounce),
            Some("disposition-notification" | "global-disposition-notification") => {
                return Some(Class::Receipt);
            }
            Some("feedback-report") => return Some(Class::Complaint),
            _ => {}
        }
        if has("feedback-report") && (reported || !self.passed_on()) {
            return Some(Class::Complaint);
        }
        let read = has("disposition-notification") || has("global-disposition-notification");
        (read && reported).then_some(Class::Receipt)
    }

    fn is_report(&self) -> bool {
        self.message.root_part().is_content_type("multipart", "report")
    }

    /// True for the subject of an answer, or of a letter that somebody forwards.
    fn passed_on(&self) -> bool {
        PASSED_ON.iter().any(|mark| self.subject.starts_with(mark))
    }

    fn precedence(&self) -> Option<String> {
        self.headers.word("precedence").or_else(|| self.headers.word("x-precedence"))
    }

    /// A read receipt in Outlook's own format.
    fn receipt(&self) -> bool {
        let root = self.message.root_part();
        let tnef = root.is_content_type("application", "ms-tnef");
        READ.iter().any(|word| self.subject.starts_with(word)) && (tnef || self.no_return)
    }

    /// Words of failure count only from a mail system, or where no answer is wanted: people quote
    /// them when they ask for help.
    fn bounced(&self, text: &str) -> bool {
        let parts = &self.message.parts;
        let status = parts.iter().any(|part| {
            part.is_content_type("message", "delivery-status")
                || part.is_content_type("message", "global-delivery-status")
        });
        let (daemon, master) = (self.is_daemon(), self.is_master());
        let reported = self.is_report();
        let personal = self.passed_on() && !(reported || daemon || master || self.no_return);
        if (status && !personal) || self.headers.has("x-failed-recipients") {
            return true;
        }
        let submitted = self.headers.word("auto-submitted");
        let nobody = self.no_return && (self.from.is_empty() || self.from == " <>");
        let headline = !self.passed_on() && FAILED.iter().any(|word| self.subject.contains(word));
        let start = clean::shortened(text, FAILURE_BYTES).to_lowercase();
        let told = FAILURES.iter().any(|word| start.contains(word));
        let said = headline || told;
        let absent = submitted.as_deref() == Some("auto-replied");
        if absent && !(daemon || nobody || master && self.no_return && said) {
            return false;
        }
        let returned = parts.iter().any(|part| {
            part.is_content_type("message", "rfc822")
                || part.is_content_type("message", "rfc822-sealed")
                || part.is_content_type("text", "rfc822-headers")
        });
        // Mail systems write about nothing else; people who write as one say nothing of it.
        let hinted = daemon && {
            let all = format!("{} {start}", self.subject);
            HINTS.iter().any(|word| all.contains(word))
        };
        // People write as one when their letters do not arrive; they quote no answers of servers.
        let mastered = master && (self.no_return || told || returned || headline);
        let unanswered = UNANSWERED.iter().any(|name| self.from.contains(name));
        (daemon && (self.no_return || hinted || returned))
            || mastered
            || (self.no_return && (said || returned || reported))
            || (reported && headline && returned)
            || (unanswered && headline && told)
    }

    fn is_daemon(&self) -> bool {
        DAEMONS.iter().any(|name| self.from.contains(name))
    }

    fn is_master(&self) -> bool {
        MASTERS.iter().any(|name| self.from.contains(name))
    }

    /// True when a field of the name says the word.
    fn says(&self, name: &str, word: &str) -> bool {
        self.headers.text(name).is_some_and(|value| value.to_ascii_lowercase().contains(word))
    }

    fn by_robot(&self) -> bool {
        let submitted = self.headers.word("auto-submitted");
        // A person's letter that a rule forwards is still a person's letter.
        let told = submitted.is_some_and(|word| word != "no" && word != "auto-forwarded");
        let looped = self.headers.has("x-ms-exchange-inbox-rules-loop");
        let bulk = matches!(self.precedence().as_deref(), Some("bulk" | "junk"));
        let unasked = self.no_return || bulk || suppresses(self.headers);
        // An answer to an answer begins with `Re:`; a robot's with its own words.
        let begins = AUTO_SUBJECTS.iter().any(|word| {
            let rest = self.subject.trim_start_matches(['[', '(', '*', ' ']).strip_prefix(word);
            rest.is_some_and(|rest| {
                let answers = ["re:", "fw:", "fwd:", "aw:"];
                let after = rest.trim_start_matches([' ', '-', '–', '—']);
                rest.starts_with([':', ']', ')', '：'])
                    || answers.iter().any(|mark| after.starts_with(mark))
                    || unasked
            })
        });
        let wants_answer = self.headers.has("reply-to");
        told || (suppresses(self.headers) && looped)
            || self.precedence().as_deref() == Some("auto_reply")
            || AUTO_FIELDS.iter().any(|name| self.headers.has(name))
            || self.says("x-post-messageclass", "autoresponder")
            || self.says("delivered-to", "autoresponder")
            || begins
            || (self.no_return && !wants_answer)
    }
}

/// True when the sender's system asks for no automatic answer. People behind Exchange send it
/// too, so it proves no robot.
pub fn suppresses(headers: &Headers<'_>) -> bool {
    headers.text("x-auto-response-suppress").is_some_and(|value| {
        let value = value.to_ascii_lowercase();
        value.split(',').any(|word| matches!(word.trim(), "all" | "autoreply" | "oof"))
    })
}

fn report_type(message: &Message<'_>) -> Option<String> {
    let root = message.root_part().content_type()?;
    let report = root.ctype().eq_ignore_ascii_case("multipart")
        && root.subtype().is_some_and(|kind| kind.eq_ignore_ascii_case("report"));
    report.then(|| root.attribute("report-type").unwrap_or_default().to_ascii_lowercase())
}
