//! What is there, what may be done, and what must hold.

mod checks;
mod intake;
mod staff;

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};
use tickets_svc::{
    domain::{
        clocks::{Promise, SlaClock},
        intake::{Judged, Situation, Verdict, judge},
        letters::{Class, Letter},
        messages::{Author, Body, Note, PublicMessage},
        reply_addresses::{self, LetterKey},
        threading::{Candidate, Evidence, Signed, Writer, tag, tagged},
        tickets::{Assignment, Opening, Origin, State, Step, Ticket, TicketError},
        trust::Level,
        walls,
    },
    readers::letters,
};
use types::{
    EmailAddress,
    id::{ClientId, InboundLetterId, StaffId, TicketId},
};

/// Who writes.
#[derive(Debug, Clone, Copy)]
pub enum By {
    /// The address in a client's profile, proved.
    Client(usize),
    /// Another address of the client.
    Contact(usize),
    /// The client's vacation responder.
    Robot(usize),
    /// Nobody that we know.
    Stranger,
    /// Somebody in a client's name, whom the client's domain disowns.
    Forger(usize),
}

/// What is done. Tickets are counted modulo those that there are.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// A letter about something new.
    New(By),
    /// A letter that answers the last one of ours on a ticket.
    AnswerOurs(By, usize),
    /// One that answers the first letter of a ticket.
    AnswerTheirs(By, usize),
    /// One with the ticket's number in its subject.
    Tag(By, usize),
    /// One to the address that we signed for the ticket's requester.
    SignedAddress(By, usize),
    /// A letter that came before comes again.
    Again(usize),
    Take(usize),
    Reply(usize),
    Note(usize),
    Close(usize),
    Hold(usize, i64),
    Spam(usize),
    Restore(usize),
    Merge(usize, usize),
    /// Minutes pass.
    Wait(i64),
}

/// A ticket, and what the database would know of it.
struct Kept {
    ticket: Ticket,
    participants: Vec<EmailAddress>,
    theirs: Vec<String>,
    ours: Vec<String>,
    messages: Vec<(i32, Body)>,
    merged_into: Option<usize>,
    /// Every run of both clocks, by kind and number.
    runs: BTreeMap<(&'static str, i32), SlaClock>,
}

pub struct World {
    now: DateTime<Utc>,
    clients: Vec<ClientId>,
    key: LetterKey,
    ours: EmailAddress,
    tickets: Vec<Kept>,
    /// Every letter that came, and what became of it.
    journal: Vec<(By, String, Verdict)>,
    opened: Vec<(String, DateTime<Utc>)>,
    seen: BTreeMap<String, InboundLetterId>,
    counter: usize,
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

impl Default for World {
    fn default() -> Self {
        Self {
            now: DateTime::from_timestamp(1_772_000_000, 0).unwrap(),
            clients: (0..4).map(|_| ClientId::generate()).collect(),
            key: LetterKey::of(vec![7; 32]),
            ours: address("ok@company.test"),
            tickets: Vec::new(),
            journal: Vec::new(),
            opened: Vec::new(),
            seen: BTreeMap::new(),
            counter: 0,
        }
    }
}

impl By {
    fn address(self) -> String {
        match self {
            Self::Client(n) | Self::Robot(n) | Self::Forger(n) => format!("main@c{n}.test"),
            Self::Contact(n) => format!("contact@c{n}.test"),
            Self::Stranger => "who@else.test".to_owned(),
        }
    }

    fn header(self) -> String {
        let from = self.address();
        let domain = from.split('@').nth(1).unwrap_or_default();
        let result = match self {
            Self::Client(_) => "pass",
            Self::Forger(_) => "fail",
            _ => "none",
        };
        let auto =
            if matches!(self, Self::Robot(_)) { "Auto-Submitted: auto-replied\r\n" } else { "" };
        format!(
            "Authentication-Results: mx.ours.test; dmarc={result} header.from={domain}\r\n\
             {auto}From: {from}\r\n"
        )
    }

    fn of(self) -> Option<usize> {
        match self {
            Self::Client(n) | Self::Robot(n) | Self::Forger(n) | Self::Contact(n) => Some(n),
            Self::Stranger => None,
        }
    }
}

impl World {
    pub fn act(&mut self, act: &Act) {
        match *act {
            Act::New(by) => self.write(by, "", "", "ok@company.test"),
            Act::Wait(minutes) => self.pass(minutes),
            Act::Again(which) => {
                if let Some((by, raw, _)) = self.journal.get(which % self.journal.len().max(1)) {
                    let (by, raw) = (*by, raw.clone());
                    self.deliver(by, raw);
                }
            }
            Act::AnswerOurs(by, t) => self.about(t, |world, at| {
                let Some(id) = world.tickets[at].ours.last().cloned() else { return };
                world.write(by, &format!("In-Reply-To: <{id}>\r\n"), "", "ok@company.test");
            }),
            Act::AnswerTheirs(by, t) => self.about(t, |world, at| {
                let id = world.tickets[at].theirs[0].clone();
                world.write(by, &format!("References: <{id}>\r\n"), "", "ok@company.test");
            }),
            Act::Tag(by, t) => self.about(t, |world, at| {
                let subject = tag(world.tickets[at].ticket.number);
                world.write(by, "", &subject, "ok@company.test");
            }),
            Act::SignedAddress(by, t) => self.about(t, |world, at| {
                let ticket = &world.tickets[at].ticket;
                let requester = ticket.requester.clone().unwrap();
                let to = world.key.address(&world.ours, ticket.number, &requester).unwrap();
                world.write(by, "", "", to.as_str());
            }),
            _ => self.staff(act),
        }
    }

    fn about(&mut self, which: usize, then: impl FnOnce(&mut Self, usize)) {
        if !self.tickets.is_empty() {
            let at = which % self.tickets.len();
            then(self, at);
        }
    }

    /// Time passes, and what was put aside comes back.
    fn pass(&mut self, minutes: i64) {
        self.now += TimeDelta::minutes(minutes);
        for at in 0..self.tickets.len() {
            if self.tickets[at].ticket.is_due_back(self.now) {
                let now = self.now;
                self.command(at, |ticket| ticket.restore(&Promise::regulation(), now)).unwrap();
            }
        }
    }

    /// A command: refused, it changes nothing; accepted, it makes one version more.
    fn command(
        &mut self,
        at: usize,
        run: impl FnOnce(Ticket) -> Result<Step, TicketError>,
    ) -> Result<(), TicketError> {
        let before = self.tickets[at].ticket.clone();
        let step = run(before.clone())?;
        assert_eq!(step.ticket.revision, before.revision + 1);
        assert_eq!((step.ticket.id, step.ticket.number), (before.id, before.number));
        self.keep(at, step);
        Ok(())
    }

    fn keep(&mut self, at: usize, step: Step) {
        let kept = &mut self.tickets[at];
        for clock in [&step.ticket.processing, &step.ticket.first_response] {
            kept.run(clock);
        }
        if let Some(message) = step.message {
            kept.messages.push((message.sequence, message.body));
        }
        kept.ticket = step.ticket;
    }

    /// §5.4 (4): neither robots nor notes change state, clocks or assignee.
    fn is_quiet(&self, before: &Ticket, at: usize) {
        let after = &self.tickets[at].ticket;
        assert_eq!((after.state, after.assignee), (before.state, before.assignee));
        assert_eq!(after.processing, before.processing);
        assert_eq!(after.first_response, before.first_response);
        assert_eq!(after.reopen_count, before.reopen_count);
    }
}

impl Kept {
    /// §5.4 (10), (11): a run of a clock keeps its start and due, its first stop counts, and its
    /// number grows by one.
    fn run(&mut self, clock: &SlaClock) {
        let kind = clock.kind.as_str();
        let last = self.runs.keys().filter(|(k, _)| *k == kind).map(|(_, run)| *run).max();
        assert!(clock.due >= clock.started);
        match self.runs.get(&(kind, clock.run)) {
            Some(known) => {
                assert_eq!((known.started, known.due), (clock.started, clock.due));
                assert!(known.stopped.is_none() || known.stopped == clock.stopped);
            }
            None => assert_eq!(clock.run, last.unwrap_or(0) + 1),
        }
        self.runs.insert((kind, clock.run), clock.clone());
    }
}
