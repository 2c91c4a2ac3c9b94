//! How a ticket begins.

use super::{Change, Origin, State, Step, Ticket, Trust, text};
use crate::domain::{
    clocks::{Kind, Promise},
    messages::{Author, Body},
};
use chrono::{DateTime, Utc};
use types::{
    EmailAddress,
    id::{ClientId, TicketId},
};

/// Longest subject, in bytes.
const SUBJECT_BYTES_MAX: usize = 500;

/// What a ticket begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Clients that it may be about: one is settled, several must be asked.
    pub clients: Vec<ClientId>,
    /// Subject; an empty one is said to be.
    pub subject: String,
    /// Department that looks after it.
    pub department: String,
    /// Address that answers go to.
    pub requester: Option<EmailAddress>,
    /// How far its sender can be trusted.
    pub trust: Trust,
    /// Where it is from.
    pub origin: Origin,
    /// What it concerns; may be empty.
    pub regarding: String,
    /// Who wrote the first message.
    pub author: Author,
    /// The first message.
    pub body: Body,
}

impl Opening {
    /// Opens the ticket: both clocks start, unless staff wrote to the client first, for then it
    /// waits for the client.
    #[must_use]
    pub fn open(self, promise: &Promise, now: DateTime<Utc>) -> Step {
        let settled = <[ClientId; 1]>::try_from(self.clients.clone()).ok().map(|[client]| client);
        let candidates = if settled.is_some() { Vec::new() } else { self.clients };
        let ticket = Ticket {
            id: TicketId::generate(),
            number: 0,
            client: settled,
            candidates,
            subject: subject(&self.subject),
            state: State::Open,
            parked: None,
            department: self.department,
            assignee: None,
            requester: self.requester,
            trust: self.trust,
            origin: self.origin,
            regarding: self.regarding,
            reopen_count: 0,
            revision: 0,
            message_count: 0,
            processing: promise.start(Kind::Processing, 1, now),
            first_response: promise.start(Kind::FirstResponse, 1, now),
            created: now,
            updated: now,
        };
        let mut step = ticket.begin(now);
        let answered = matches!(self.body, Body::Staff(_));
        step.say(self.author, self.body, now);
        let opened = [
            ("state", step.ticket.state.as_str().to_owned()),
            ("department", step.ticket.department.clone()),
            ("client", text(step.ticket.client)),
        ];
        for (field, to) in opened {
            step.changes.push(Change { field, from: String::new(), to });
        }
        if answered {
            step.stop_clocks(now);
            step.set_state(State::Answered);
        }
        step
    }
}

fn subject(given: &str) -> String {
    let line = given.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut end = line.len().min(SUBJECT_BYTES_MAX);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    match &line[..end] {
        "" => "(без темы / no subject)".to_owned(),
        some => some.to_owned(),
    }
}
