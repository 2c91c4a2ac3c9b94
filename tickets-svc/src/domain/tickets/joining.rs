//! Two tickets that are one, and one that is two.

use super::{Opening, Origin, State, Step, Ticket, TicketError, Trust};
use crate::domain::{
    clocks::{Kind, Promise},
    messages::{Author, Body},
};
use chrono::{DateTime, Utc};
use types::EmailAddress;

impl Ticket {
    /// Makes it a redirect to another ticket of its client, for ever: what answers it goes there.
    ///
    /// # Errors
    /// [`TicketError::OtherClient`] unless both are of one client, and not the same;
    /// [`TicketError::Merged`], [`TicketError::Spam`]; [`TicketError::Closed`] when the other is.
    pub fn merge(self, into: &Self, now: DateTime<Utc>) -> Result<Step, TicketError> {
        into.may_act()?;
        match self.state {
            State::Merged => return Err(TicketError::Merged),
            State::Spam => return Err(TicketError::Spam),
            _ => {}
        }
        if self.id == into.id || self.client.is_none() || self.client != into.client {
            return Err(TicketError::OtherClient);
        }
        let mut step = self.begin(now);
        step.stop_clocks(now);
        step.set_state(State::Merged);
        step.record("merged_into", String::new(), into.id.to_string());
        Ok(step)
    }

    /// Takes in another ticket: if that one waited for us, this one does.
    #[must_use]
    pub fn absorb(self, other: &Self, promise: &Promise, now: DateTime<Utc>) -> Step {
        let number = other.number;
        let text = format!(
            "Сюда присоединена заявка № {number}: {subject}\n\
             Ticket No. {number} was merged into this one: {subject}",
            subject = other.subject,
        );
        let mut step = self.system(text, now);
        let waits = |state| matches!(state, State::Open | State::InProgress);
        if waits(other.state) && !waits(step.ticket.state) {
            let ticket = &mut step.ticket;
            let (processing, first) = (ticket.processing.run, ticket.first_response.run);
            ticket.processing = promise.start(Kind::Processing, processing + 1, now);
            ticket.first_response = promise.start(Kind::FirstResponse, first + 1, now);
            step.set_state(State::Open);
        }
        step
    }

    /// What a ticket begins with that one message of this ticket becomes: its sender asks, not
    /// whoever asked first.
    #[must_use]
    pub fn part(&self, sender: EmailAddress, trust: Trust, body: Body) -> Opening {
        let settled = self.client.into_iter();
        Opening {
            clients: settled.chain(self.candidates.iter().copied()).collect(),
            subject: self.subject.clone(),
            department: self.department.clone(),
            requester: Some(sender.clone()),
            trust,
            origin: Origin::Letter,
            regarding: self.regarding.clone(),
            author: Author::Address(sender),
            body,
        }
    }
}
