//! Tickets: what a client asked and how far it is.
//!
//! open → in_progress → answered → closed; a person's letter opens it again from anywhere (A216,
//! G31), a robot's letter and a note change nothing (A214). Transitions consume the ticket and
//! give it back with what they changed, so that the history is written where the change is.

mod joining;
mod opening;
mod parking;

pub use opening::Opening;
pub use parking::Parked;

use crate::domain::{
    clocks::{Kind, Promise, SlaClock},
    messages::{Author, Body, Message, Note, PublicMessage},
};
use chrono::{DateTime, Utc};
use types::{
    EmailAddress,
    id::{ClientId, MessageId, StaffId, TicketId},
};

/// How far a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits for us; nobody has taken it.
    Open,
    /// Somebody works on it.
    InProgress,
    /// Waits for the client.
    Answered,
    /// Put aside until an instant.
    OnHold,
    /// Done.
    Closed,
    /// Nobody is to be answered.
    Spam,
    /// It leads to another ticket, for ever.
    Merged,
}

impl State {
    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::Answered => "answered",
            Self::OnHold => "on_hold",
            Self::Closed => "closed",
            Self::Spam => "spam",
            Self::Merged => "merged",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let waking = [Self::Open, Self::InProgress, Self::Answered];
        let resting = [Self::OnHold, Self::Closed, Self::Spam, Self::Merged];
        waking.into_iter().chain(resting).find(|state| state.as_str() == word)
    }
}

/// How far the sender of a ticket can be trusted.
pub use crate::domain::trust::Level as Trust;

/// Where a ticket is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A letter.
    Letter,
    /// A member of staff.
    Staff,
    /// Work for a technician (A188).
    WorkOrder,
    /// The client, logged in to the cabinet.
    Cabinet,
}

impl Origin {
    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Staff => "staff",
            Self::WorkOrder => "work_order",
            Self::Cabinet => "cabinet",
        }
    }

    /// The origin of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Letter, Self::Staff, Self::WorkOrder, Self::Cabinet];
        all.into_iter().find(|origin| origin.as_str() == word)
    }
}

/// One field that a transition changed; the last `to` of a field is what the ticket holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which field: `state`, `department`, `assignee` or `client`.
    pub field: &'static str,
    /// Before; empty for nothing.
    pub from: String,
    /// After; empty for nothing.
    pub to: String,
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Number that people use; 0 until the database gives one.
    pub number: i64,
    /// Client, when it is known which.
    pub client: Option<ClientId>,
    /// Clients that the sender acts for, while it must be asked which one.
    pub candidates: Vec<ClientId>,
    /// Subject: one line.
    pub subject: String,
    /// How far it is.
    pub state: State,
    /// How it was put aside, while it is.
    pub parked: Option<Parked>,
    /// Department that looks after it.
    pub department: String,
    /// Who has it.
    pub assignee: Option<StaffId>,
    /// Address that answers go to.
    pub requester: Option<EmailAddress>,
    /// How far its sender can be trusted.
    pub trust: Trust,
    /// Where it is from.
    pub origin: Origin,
    /// What it concerns, such as `subscriptions/{subscription}`; may be empty.
    pub regarding: String,
    /// Times that it was opened again.
    pub reopen_count: i32,
    /// Version; grows by one with each accepted command.
    pub revision: i64,
    /// Messages so far.
    pub message_count: i32,
    /// The two-hour clock.
    pub processing: SlaClock,
    /// The clock of the first answer.
    pub first_response: SlaClock,
    /// When it was opened.
    pub created: DateTime<Utc>,
    /// When it last changed.
    pub updated: DateTime<Utc>,
}

/// Why a transition is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// A closed ticket is answered by nobody: the client's answer opens it again.
    #[error("the ticket is closed")]
    Closed,
    /// Spam is restored before anything is done about it.
    #[error("the ticket is spam")]
    Spam,
    /// It leads to another ticket.
    #[error("the ticket was merged into another one")]
    Merged,
    /// Tickets of one client are merged, and two of them.
    #[error("the tickets are not two of one client")]
    OtherClient,
    /// Only what was put aside is brought back.
    #[error("the ticket is neither on hold nor spam")]
    NotParked,
    /// It can be put aside until a later instant only.
    #[error("the instant is not in the future")]
    Past,
    /// Nobody to answer.
    #[error("the ticket has no address to answer")]
    NoRequester,
    /// The client is settled already, or is none of those that the sender acts for.
    #[error("the client is not one of the ticket's candidates")]
    NotACandidate,
}

/// What a transition gives back: the ticket, the message that it added, and what it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The ticket after it.
    pub ticket: Ticket,
    /// The message, if it added one.
    pub message: Option<Message>,
    /// What it changed.
    pub changes: Vec<Change>,
}

/// Where a ticket shall go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Department; none keeps it.
    pub department: Option<String>,
    /// Member of staff; none takes it off everybody.
    pub assignee: Option<StaffId>,
    /// The candidate client that the letter is from; none leaves it open.
    pub client: Option<ClientId>,
}

impl Ticket {
    /// Staff answer the client: the ticket waits for the client, both clocks stop (A213).
    ///
    /// # Errors
    /// [`TicketError::Closed`], [`TicketError::NoRequester`].
    pub fn reply(
        self,
        author: Author,
        message: PublicMessage,
        now: DateTime<Utc>,
    ) -> Result<Step, TicketError> {
        self.may_act()?;
        if self.requester.is_none() {
            return Err(TicketError::NoRequester);
        }
        let mut step = self.begin(now);
        step.say(author, Body::Staff(message), now);
        step.stop_clocks(now);
        step.set_state(State::Answered);
        Ok(step)
    }

    /// Staff write a note: no letter, no clock, no state (A214).
    #[must_use]
    pub fn note(self, author: Author, note: Note, now: DateTime<Utc>) -> Step {
        let mut step = self.begin(now);
        step.say(author, Body::Note(note), now);
        step
    }

    /// The suite adds what happened: as quiet as a note.
    #[must_use]
    pub fn system(self, text: String, now: DateTime<Utc>) -> Step {
        let mut step = self.begin(now);
        step.say(Author::System, Body::System { text }, now);
        step
    }

    /// Gives it to a department or a member of staff; the first taker of an open one starts
    /// progress. The clocks run on: handing over buys no time.
    ///
    /// # Errors
    /// [`TicketError::Closed`], [`TicketError::NotACandidate`].
    pub fn assign(self, to: Assignment, now: DateTime<Utc>) -> Result<Step, TicketError> {
        self.may_act()?;
        let foreign =
            |client: &ClientId| self.client != Some(*client) && !self.candidates.contains(client);
        if to.client.as_ref().is_some_and(foreign) {
            return Err(TicketError::NotACandidate);
        }
        let mut step = self.begin(now);
        if let Some(department) = to.department {
            let before = std::mem::replace(&mut step.ticket.department, department.clone());
            step.record("department", before, department);
        }
        let before = std::mem::replace(&mut step.ticket.assignee, to.assignee);
        step.record("assignee", text(before), text(to.assignee));
        if let Some(client) = to.client {
            let before = step.ticket.client.replace(client);
            step.ticket.candidates.clear();
            step.record("client", text(before), client.to_string());
        }
        if step.ticket.assignee.is_some() && step.ticket.state == State::Open {
            step.set_state(State::InProgress);
        }
        Ok(step)
    }

    /// Closes it, with or without last words to the client (A215).
    ///
    /// # Errors
    /// [`TicketError::Closed`], [`TicketError::NoRequester`] when there are words and nobody to
    /// read them.
    pub fn close(
        self,
        author: Author,
        words: Option<PublicMessage>,
        now: DateTime<Utc>,
    ) -> Result<Step, TicketError> {
        self.may_act()?;
        if words.is_some() && self.requester.is_none() {
            return Err(TicketError::NoRequester);
        }
        let mut step = self.begin(now);
        if let Some(words) = words {
            step.say(author, Body::Staff(words), now);
        }
        step.stop_clocks(now);
        step.set_state(State::Closed);
        Ok(step)
    }

    /// A person's letter: the ticket waits for us again, from whatever state, and both clocks
    /// start anew unless they run since nobody has taken it yet (A216, G31). Number and assignee
    /// stay.
    #[must_use]
    pub fn client_letter(
        self,
        from: Author,
        body: Body,
        promise: &Promise,
        now: DateTime<Utc>,
    ) -> Step {
        let mut step = self.begin(now);
        step.say(from, body, now);
        if matches!(step.ticket.state, State::Open | State::Spam | State::Merged) {
            return step;
        }
        if step.ticket.state == State::Closed {
            step.ticket.reopen_count += 1;
        }
        let (processing, first) = (step.ticket.processing.run, step.ticket.first_response.run);
        step.ticket.processing = promise.start(Kind::Processing, processing + 1, now);
        step.ticket.first_response = promise.start(Kind::FirstResponse, first + 1, now);
        step.set_state(State::Open);
        step
    }

    /// A robot's letter: kept on the ticket, and nothing else happens.
    #[must_use]
    pub fn robot_letter(self, from: Author, text: String, now: DateTime<Utc>) -> Step {
        let mut step = self.begin(now);
        step.say(from, Body::Auto { text }, now);
        step
    }

    fn begin(mut self, now: DateTime<Utc>) -> Step {
        self.revision += 1;
        self.updated = now;
        Step { ticket: self, message: None, changes: Vec::new() }
    }
}

impl Step {
    fn say(&mut self, author: Author, body: Body, now: DateTime<Utc>) {
        self.ticket.message_count += 1;
        let sequence = self.ticket.message_count;
        let id = MessageId::generate();
        self.message = Some(Message { id, sequence, author, body, created: now });
    }

    fn set_state(&mut self, to: State) {
        if !matches!(to, State::OnHold | State::Spam) {
            self.ticket.parked = None;
        }
        let before = std::mem::replace(&mut self.ticket.state, to);
        self.record("state", before.as_str().to_owned(), to.as_str().to_owned());
    }

    fn stop_clocks(&mut self, now: DateTime<Utc>) {
        self.ticket.processing = self.ticket.processing.clone().stop(now);
        self.ticket.first_response = self.ticket.first_response.clone().stop(now);
    }

    fn record(&mut self, field: &'static str, from: String, to: String) {
        if from != to {
            self.changes.push(Change { field, from, to });
        }
    }
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
