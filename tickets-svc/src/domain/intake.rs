//! What becomes of a letter: exactly one end state, with its reason (A26).

use crate::domain::{
    letters::{Class, Letter},
    threading::{Candidate, Evidence, Writer, ticket_of},
    tickets::Trust,
    walls,
};
use types::{EmailAddress, id::InboundLetterId, id::TicketId};

/// Where a letter stands in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Stored, not yet processed.
    Received,
    /// One message in one ticket.
    Processed,
    /// The same letter was there.
    Duplicate,
    /// Nothing to do, for a reason.
    Ignored,
    /// Kept for a person to look at.
    Quarantined,
    /// Could not be processed.
    Failed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Received,
        Self::Processed,
        Self::Duplicate,
        Self::Ignored,
        Self::Quarantined,
        Self::Failed,
    ];

    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Processed => "processed",
            Self::Duplicate => "duplicate",
            Self::Ignored => "ignored",
            Self::Quarantined => "quarantined",
            Self::Failed => "failed",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// True when a person may have it processed again.
    #[must_use]
    pub const fn may_be_reprocessed(self) -> bool {
        matches!(self, Self::Failed | Self::Quarantined)
    }
}

/// What is known when a letter is judged.
#[derive(Debug, Clone)]
pub struct Situation<'a> {
    /// The letter.
    pub letter: &'a Letter,
    /// True when the mailbox opens tickets for strangers.
    pub accept_unknown: bool,
    /// True when its Message-ID is one of a letter that we sent.
    pub sent_by_us: bool,
    /// Addresses of our own mailboxes.
    pub own: &'a [EmailAddress],
    /// The letter that was there before with the same content and id, in the same mailbox.
    pub same: Option<InboundLetterId>,
    /// Who wrote.
    pub writer: &'a Writer,
    /// Tickets that it may belong to.
    pub candidates: &'a [Candidate],
    /// Tickets that the writer opened within the window of the wall.
    pub opened: usize,
    /// True when a person looked at the letter and lets it in.
    pub released: bool,
}

/// What becomes of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The same letter was there.
    Duplicate(InboundLetterId),
    /// Nothing to do; the word says why.
    Ignore(&'static str),
    /// A person shall look at it; the word says why.
    Quarantine(&'static str),
    /// It opens a ticket.
    Open(Trust),
    /// It joins a ticket as a person's letter.
    Join(TicketId, Evidence),
    /// It joins a ticket as a robot's letter.
    Attach(TicketId, Evidence),
}

/// Judges a letter. The order is that of harm: loops first, strangers last.
#[must_use]
pub fn judge(situation: &Situation<'_>) -> Verdict {
    let letter = situation.letter;
    let own = |from: &EmailAddress| situation.own.contains(from);
    if situation.sent_by_us || situation.writer.address.as_ref().is_some_and(own) {
        return Verdict::Ignore("OWN_LOOP");
    }
    if let Some(same) = situation.same {
        return Verdict::Duplicate(same);
    }
    if letter.several_senders && !situation.released {
        return Verdict::Quarantine("SEVERAL_SENDERS");
    }
    if let Some(found) = ticket_of(situation.candidates, situation.writer) {
        return match letter.class.opens() {
            true => Verdict::Join(found.ticket, found.evidence),
            false => Verdict::Attach(found.ticket, found.evidence),
        };
    }
    match letter.class {
        Class::Auto => return Verdict::Ignore("AUTOMATIC_REPLY"),
        Class::Bounce => return Verdict::Ignore("DELIVERY_REPORT"),
        Class::Receipt => return Verdict::Ignore("READ_RECEIPT"),
        Class::Complaint => return Verdict::Ignore("SPAM_COMPLAINT"),
        Class::OwnLoop => return Verdict::Ignore("OWN_LOOP"),
        Class::Human | Class::Bulk => {}
    }
    // An address proves nothing by itself; it tells whose it is.
    let known = !situation.writer.clients.is_empty();
    let trust = if known { Trust::Matched } else { Trust::Unknown };
    if trust == Trust::Unknown && !situation.accept_unknown && !situation.released {
        return Verdict::Quarantine("UNKNOWN_SENDER");
    }
    if !walls::may_open(situation.opened) && !situation.released {
        return Verdict::Ignore("TOO_MANY_LETTERS");
    }
    Verdict::Open(trust)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::letters;
    use types::id::ClientId;

    fn letter(headers: &str) -> Letter {
        letters::read(format!("{headers}\r\n\r\nx").as_bytes()).expect("a letter")
    }

    struct Case {
        letter: Letter,
        writer: Writer,
        candidates: Vec<Candidate>,
        accept_unknown: bool,
        sent_by_us: bool,
        same: Option<InboundLetterId>,
        opened: usize,
        released: bool,
    }

    fn case(headers: &str, known: bool) -> Case {
        let letter = letter(headers);
        let address = letter.from.as_ref().map(|from| from.address.clone());
        let clients = if known { vec![ClientId::generate()] } else { vec![] };
        Case {
            letter,
            writer: Writer { address, clients },
            candidates: vec![],
            accept_unknown: false,
            sent_by_us: false,
            same: None,
            opened: 0,
            released: false,
        }
    }

    fn verdict(case: &Case) -> Verdict {
        let own = [EmailAddress::parse("ok@example.test").expect("an address")];
        judge(&Situation {
            letter: &case.letter,
            accept_unknown: case.accept_unknown,
            sent_by_us: case.sent_by_us,
            own: &own,
            same: case.same,
            writer: &case.writer,
            candidates: &case.candidates,
            opened: case.opened,
            released: case.released,
        })
    }

    /// A26: a client's letter becomes a ticket; a stranger's waits for a person.
    #[test]
    fn clients_open_strangers_wait() {
        assert_eq!(verdict(&case("From: buh@client.test", true)), Verdict::Open(Trust::Matched));
        let mut stranger = case("From: who@x.test", false);
        assert_eq!(verdict(&stranger), Verdict::Quarantine("UNKNOWN_SENDER"));
        stranger.released = true;
        assert_eq!(verdict(&stranger), Verdict::Open(Trust::Unknown));
        stranger.released = false;
        stranger.accept_unknown = true;
        assert_eq!(verdict(&stranger), Verdict::Open(Trust::Unknown));
        stranger.opened = walls::OPENINGS_MAX;
        assert_eq!(verdict(&stranger), Verdict::Ignore("TOO_MANY_LETTERS"));
    }

    #[test]
    fn loops_copies_and_forgers_are_kept_out() {
        let mut looped = case("From: buh@client.test", true);
        looped.sent_by_us = true;
        assert_eq!(verdict(&looped), Verdict::Ignore("OWN_LOOP"));
        assert_eq!(verdict(&case("From: OK@example.test", true)), Verdict::Ignore("OWN_LOOP"));
        let mut copy = case("From: buh@client.test", true);
        let first = InboundLetterId::generate();
        copy.same = Some(first);
        assert_eq!(verdict(&copy), Verdict::Duplicate(first));
        let forged = case("From: buh@client.test\r\nFrom: evil@x.test", false);
        assert_eq!(verdict(&forged), Verdict::Quarantine("SEVERAL_SENDERS"));
    }

    #[test]
    fn robots_open_nothing_but_are_kept_on_their_ticket() {
        for (header, reason) in [
            ("Auto-Submitted: auto-replied", "AUTOMATIC_REPLY"),
            ("X-Failed-Recipients: a@b.test", "DELIVERY_REPORT"),
        ] {
            let mut robot = case(&format!("From: buh@client.test\r\n{header}"), true);
            assert_eq!(verdict(&robot), Verdict::Ignore(reason));
            let ticket = TicketId::generate();
            robot.candidates = vec![Candidate {
                ticket,
                client: robot.writer.clients.first().copied(),
                candidates: vec![],
                participants: vec![],
                evidence: Evidence::AnswersOurs,
                distance: 0,
            }];
            assert_eq!(verdict(&robot), Verdict::Attach(ticket, Evidence::AnswersOurs));
        }
    }
}
