//! What becomes of a letter: exactly one end state, with its reason (A26).

use crate::domain::{
    letters::{Class, Letter},
    threading::{self, Candidate, Evidence, Signed, Writer, ticket_of},
    trust::{self, Claim, Level},
    walls,
};
use chrono::TimeDelta;
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
    /// True when its Message-ID, or its mark, is one of a letter that we sent.
    pub sent_by_us: bool,
    /// Addresses of our own mailboxes.
    pub own: &'a [EmailAddress],
    /// The letter that was there before with the same content and id, in the same mailbox.
    pub same: Option<InboundLetterId>,
    /// True when the letter that bears the same id, of the same sender, says the same.
    pub copied: bool,
    /// Who wrote.
    pub writer: &'a Writer,
    /// Tickets that it may belong to.
    pub candidates: &'a [Candidate],
    /// Mail systems whose word on senders we take.
    pub trusted: &'a [String],
    /// How old the letter was when it came, by its own date.
    pub age: Option<TimeDelta>,
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
    Open,
    /// It joins a ticket as a person's letter.
    Join(TicketId, Evidence),
    /// It joins a ticket as a robot's letter.
    Attach(TicketId, Evidence),
}

/// A letter judged: what becomes of it, and how far its sender is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What becomes of it.
    pub verdict: Verdict,
    /// How far its sender is believed, and why.
    pub trust: trust::Verdict,
}

/// Judges a letter and its sender.
#[must_use]
pub fn judge(situation: &Situation<'_>) -> Judged {
    let found = ticket_of(situation.candidates, situation.writer);
    let trust = trust::judge(&claim(situation, found));
    Judged { verdict: verdict(situation, found, trust), trust }
}

/// What the writer claims to be: a client of the ticket that the letter joins, or of any.
fn claim<'a>(situation: &Situation<'a>, found: Option<&Candidate>) -> Claim<'a> {
    let (letter, writer) = (situation.letter, situation.writer);
    let of = |client: &types::id::ClientId| writer.clients.contains(client);
    let (of_client, several_clients) = match found {
        Some(ticket) => match &ticket.client {
            Some(client) => (of(client), false),
            None => (ticket.candidates.iter().any(of), ticket.candidates.len() > 1),
        },
        None => (!writer.clients.is_empty(), writer.clients.len() > 1),
    };
    let participant = found.is_some_and(|ticket| {
        let on_it = writer.address.as_ref().is_some_and(|one| ticket.participants.contains(one));
        on_it || ticket.signed == Signed::Writer
    });
    Claim {
        from: letter.from.as_ref().map(|from| &from.address),
        several: letter.several_senders,
        own: is_own(situation),
        of_client,
        main: writer.main,
        several_clients,
        participant,
        checked: letter.checked.as_ref(),
        results: &letter.authentication,
        trusted: situation.trusted,
        age: situation.age,
    }
}

fn is_own(situation: &Situation<'_>) -> bool {
    let own = |from: &EmailAddress| situation.own.contains(from);
    situation.letter.class == Class::OwnLoop
        || situation.sent_by_us
        || situation.writer.address.as_ref().is_some_and(own)
}

/// The order is that of harm: loops first, forgers next, strangers last.
fn verdict(situation: &Situation<'_>, found: Option<&Candidate>, trust: trust::Verdict) -> Verdict {
    let letter = situation.letter;
    if is_own(situation) {
        return Verdict::Ignore("OWN_LOOP");
    }
    if let Some(same) = situation.same {
        return Verdict::Duplicate(same);
    }
    if trust.level == Level::Failed && !situation.released {
        return Verdict::Quarantine(trust.reason);
    }
    if let Some(found) = found {
        // A copy tells nothing new; what only bears the same id does.
        let copy = found.evidence == Evidence::SameLetter && situation.copied;
        return match letter.class.opens() && !copy {
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
    if threading::is_passed_on(situation.candidates) && !situation.released {
        return Verdict::Quarantine("REPLY_ADDRESS_OF_ANOTHER");
    }
    if trust.level == Level::Unknown && !situation.accept_unknown && !situation.released {
        return Verdict::Quarantine("UNKNOWN_SENDER");
    }
    if !walls::may_open(situation.opened) && !situation.released {
        return Verdict::Ignore("TOO_MANY_LETTERS");
    }
    Verdict::Open
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
            writer: Writer { address, clients, main: true },
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
        judged(case, &own).verdict
    }

    fn judged(case: &Case, own: &[EmailAddress]) -> Judged {
        judge(&Situation {
            letter: &case.letter,
            accept_unknown: case.accept_unknown,
            sent_by_us: case.sent_by_us,
            own,
            trusted: &["mx.ours.test".to_owned()],
            age: None,
            same: case.same,
            copied: false,
            writer: &case.writer,
            candidates: &case.candidates,
            opened: case.opened,
            released: case.released,
        })
    }

    /// A26: a client's letter becomes a ticket; a stranger's waits for a person.
    #[test]
    fn clients_open_strangers_wait() {
        assert_eq!(verdict(&case("From: buh@client.test", true)), Verdict::Open);
        let mut stranger = case("From: who@x.test", false);
        assert_eq!(verdict(&stranger), Verdict::Quarantine("UNKNOWN_SENDER"));
        stranger.released = true;
        assert_eq!(verdict(&stranger), Verdict::Open);
        stranger.released = false;
        stranger.accept_unknown = true;
        assert_eq!(verdict(&stranger), Verdict::Open);
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

    /// tickets.md §5.2: a disproved letter waits for a person, whatever it answers; a proof is
    /// worth what the address is.
    #[test]
    fn senders_are_believed_as_far_as_they_prove() {
        let header = |result: &str| {
            format!(
                "Authentication-Results: mx.ours.test; dmarc={result} header.from=client.test\r\n\
                 From: buh@client.test"
            )
        };
        let believed = |case: &Case| {
            let found = judged(case, &[]);
            (found.verdict, found.trust.level, found.trust.reason)
        };
        let pass = case(&header("pass"), true);
        assert_eq!(believed(&pass), (Verdict::Open, Level::Verified, "DMARC_PASS"));
        let neutral = case("From: buh@client.test", true);
        assert_eq!(believed(&neutral), (Verdict::Open, Level::Matched, "NOT_CHECKED"));
        let mut forged = case(&header("fail"), true);
        let quarantined = Verdict::Quarantine("DMARC_FAIL");
        assert_eq!(believed(&forged), (quarantined.clone(), Level::Failed, "DMARC_FAIL"));
        let ticket = TicketId::generate();
        forged.candidates = vec![Candidate {
            ticket,
            client: forged.writer.clients.first().copied(),
            candidates: vec![],
            participants: vec![],
            evidence: Evidence::AnswersOurs,
            signed: Signed::Nobody,
            distance: 0,
        }];
        assert_eq!(believed(&forged).0, quarantined);
        forged.released = true;
        assert_eq!(believed(&forged).0, Verdict::Join(ticket, Evidence::AnswersOurs));
        // A person of several clients authorises nothing until it is known which one is meant.
        let mut several = case(&header("pass"), true);
        several.writer.clients.push(ClientId::generate());
        assert_eq!(believed(&several), (Verdict::Open, Level::Matched, "SEVERAL_CLIENTS"));
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
                signed: Signed::Nobody,
                distance: 0,
            }];
            assert_eq!(verdict(&robot), Verdict::Attach(ticket, Evidence::AnswersOurs));
        }
    }
}
