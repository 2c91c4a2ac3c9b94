//! Letters as they leave. One is made of public words only, and its Message-ID is fixed before
//! the first try, so that a retry can never be a second letter.

use crate::domain::{
    letters::Correspondent,
    messages::PublicMessage,
    msgids::MsgId,
    templates::{self, Language, MissingValue, Rendered},
    threading,
    tickets::Ticket,
};
use std::collections::BTreeMap;
use types::{EmailAddress, id::OutboundLetterId};

/// Most ids that an answer names in `References`: the first and the newest.
const REFERENCES_SENT_MAX: usize = 20;

/// How far a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits to be sent.
    Queued,
    /// A server took it.
    Sent,
    /// Refused for good, or nobody to send it to.
    Failed,
    /// A server took it, and a report says that it cannot arrive.
    Bounced,
}

/// Every state.
const STATES: [State; 4] = [State::Queued, State::Sent, State::Failed, State::Bounced];

impl State {
    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Bounced => "bounced",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        STATES.into_iter().find(|s| s.as_str() == word)
    }
}

/// A letter as it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundLetter {
    /// Its id.
    pub id: OutboundLetterId,
    /// Its Message-ID.
    pub msgid: MsgId,
    /// Template that it was made by.
    pub template: &'static str,
    /// Who sends it.
    pub from: Correspondent,
    /// Who gets it; the first stands in `To`, the others in `Cc`.
    pub recipients: Vec<EmailAddress>,
    /// Subject: one line.
    pub subject: String,
    /// Text.
    pub text: String,
    /// The letter that it answers.
    pub in_reply_to: Option<MsgId>,
    /// The letters before it, oldest first.
    pub references: Vec<MsgId>,
    /// True when no person wrote it: its headers say so, and robots shall not answer.
    pub automatic: bool,
}

/// What an answer to a ticket stands on.
#[derive(Debug, Clone)]
pub struct Thread<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// Ids of its letters, in and out, oldest first.
    pub letters: Vec<MsgId>,
    /// Language of the client.
    pub language: Language,
    /// When the two-hour clock ends, in the client's zone, as people write it.
    pub due_time: String,
    /// Who sends.
    pub from: &'a Correspondent,
}

impl OutboundLetter {
    /// A letter of a template to a client.
    ///
    /// # Errors
    /// [`MissingValue`] when the template asks for a value that is not there.
    pub fn of_template(
        template: &'static templates::Template,
        language: Language,
        values: &BTreeMap<String, String>,
        from: Correspondent,
        recipients: Vec<EmailAddress>,
    ) -> Result<Self, MissingValue> {
        let Rendered { subject, text } = template.render(language, values)?;
        let id = OutboundLetterId::generate();
        Ok(Self {
            id,
            msgid: MsgId::ours(id.0, from.address.domain()),
            template: template.name,
            from,
            recipients,
            subject,
            text,
            in_reply_to: None,
            references: Vec::new(),
            automatic: template.automatic,
        })
    }

    /// Words of staff to the client of a ticket, threaded. Takes [`PublicMessage`] and nothing
    /// else, so a note cannot leave (A214).
    ///
    /// # Errors
    /// [`MissingValue`]; not with the templates that we ship.
    pub fn answer(
        thread: &Thread<'_>,
        to: Vec<EmailAddress>,
        message: &PublicMessage,
        closing: bool,
    ) -> Result<Self, MissingValue> {
        let name = if closing { templates::TICKET_CLOSED } else { templates::TICKET_REPLY };
        Self::threaded(thread, name, to, message.text())
    }

    /// The acknowledgement of a new ticket.
    ///
    /// # Errors
    /// [`MissingValue`]; not with the templates that we ship.
    pub fn acknowledgement(thread: &Thread<'_>, to: EmailAddress) -> Result<Self, MissingValue> {
        Self::threaded(thread, templates::TICKET_RECEIVED, vec![to], "")
    }

    /// Asks whoever writes for several clients which one is meant.
    ///
    /// # Errors
    /// [`MissingValue`]; not with the templates that we ship.
    pub fn which_client(
        thread: &Thread<'_>,
        to: EmailAddress,
        titles: &[String],
    ) -> Result<Self, MissingValue> {
        let list: Vec<String> = titles.iter().map(|title| format!("- {title}")).collect();
        Self::threaded(thread, templates::TICKET_WHICH_CLIENT, vec![to], &list.join("\n"))
    }

    /// Asks the address in the profile whether a dangerous request is meant.
    ///
    /// # Errors
    /// [`MissingValue`]; not with the templates that we ship.
    pub fn confirmation(
        thread: &Thread<'_>,
        to: EmailAddress,
        request: &str,
    ) -> Result<Self, MissingValue> {
        Self::threaded(thread, templates::TICKET_CONFIRM, vec![to], request)
    }

    fn threaded(
        thread: &Thread<'_>,
        name: &'static str,
        to: Vec<EmailAddress>,
        text: &str,
    ) -> Result<Self, MissingValue> {
        let ticket = thread.ticket;
        let subject =
            format!("{} {}", bare_subject(&ticket.subject), threading::tag(ticket.number));
        let from = thread.from.clone();
        let signature =
            if from.name.is_empty() { from.address.to_string() } else { from.name.clone() };
        let values = [
            ("subject", subject),
            ("text", text.to_owned()),
            ("number", ticket.number.to_string()),
            ("due_time", thread.due_time.clone()),
            ("signature", signature),
        ];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let missing = || MissingValue { template: name, variable: String::new() };
        let template = templates::template(name).ok_or_else(missing)?;
        let mut letter = Self::of_template(template, thread.language, &values, from, to)?;
        letter.in_reply_to = thread.letters.last().cloned();
        letter.references = newest(&thread.letters);
        Ok(letter)
    }
}

/// The first id, which roots the thread, and the newest.
fn newest(ids: &[MsgId]) -> Vec<MsgId> {
    let tail = ids.len().saturating_sub(REFERENCES_SENT_MAX - 1);
    let root = ids.first().filter(|_| tail > 0).cloned();
    root.into_iter().chain(ids[tail..].iter().cloned()).collect()
}

/// The subject without what answering puts before it and without our own tag.
fn bare_subject(subject: &str) -> String {
    let mut bare = subject.trim();
    loop {
        let cut = ["re:", "fw:", "fwd:", "aw:", "на:", "отв:", "ответ:"].iter().find_map(|mark| {
            let head = bare.get(..mark.len())?;
            (head.to_lowercase() == **mark).then(|| bare[mark.len()..].trim_start())
        });
        match cut {
            Some(rest) => bare = rest,
            None => break,
        }
    }
    match (threading::tagged(bare), bare.rsplit_once("[#")) {
        (Some(_), Some((before, _))) if bare.ends_with(']') => before.trim_end().to_owned(),
        _ => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests;
