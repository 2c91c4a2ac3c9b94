//! Tickets that are put aside: on hold until an instant, or as spam; and those that come back.
//!
//! What a clock had left when the ticket was put aside, it has when the ticket comes back.

use super::{State, Step, Ticket, TicketError};
use crate::domain::{
    clocks::{Kind, Promise, SlaClock},
    messages::{Author, Body, Note},
};
use chrono::{DateTime, Utc};

/// How a ticket was put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The state that it was in.
    pub from: State,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it comes back by itself; spam does not.
    pub until: Option<DateTime<Utc>>,
}

impl Ticket {
    /// Puts it aside until an instant: both clocks pause. A note may say why.
    ///
    /// # Errors
    /// [`TicketError::Closed`], [`TicketError::Spam`], [`TicketError::Past`].
    pub fn hold(
        self,
        author: Author,
        until: DateTime<Utc>,
        why: Option<Note>,
        now: DateTime<Utc>,
    ) -> Result<Step, TicketError> {
        self.may_act()?;
        if until <= now {
            return Err(TicketError::Past);
        }
        let mut step = self.park(State::OnHold, Some(until), now);
        if let Some(why) = why {
            step.say(author, Body::Note(why), now);
        }
        Ok(step)
    }

    /// Calls it spam: its clocks no longer run, and nothing wakes it.
    ///
    /// # Errors
    /// [`TicketError::Spam`] when it is already.
    pub fn spam(self, now: DateTime<Utc>) -> Result<Step, TicketError> {
        match self.state {
            State::Spam => return Err(TicketError::Spam),
            State::Merged => return Err(TicketError::Merged),
            _ => {}
        }
        Ok(self.park(State::Spam, None, now))
    }

    /// Brings it back: what waited for us waits again, with the time that it had left; what waited
    /// for the client when it was put on hold waits for us now.
    ///
    /// # Errors
    /// [`TicketError::NotParked`].
    pub fn restore(self, promise: &Promise, now: DateTime<Utc>) -> Result<Step, TicketError> {
        let Some(parked) = self.parked.clone() else { return Err(TicketError::NotParked) };
        let woken = self.state == State::OnHold && parked.from == State::Answered;
        // What waited for the client has no clock to run on, though one stopped at that instant.
        let waited = matches!(parked.from, State::Open | State::InProgress);
        let taken = if self.assignee.is_some() { State::InProgress } else { State::Open };
        let mut step = self.begin(now);
        let ticket = &mut step.ticket;
        if woken {
            let (processing, first) = (ticket.processing.run, ticket.first_response.run);
            ticket.processing = promise.start(Kind::Processing, processing + 1, now);
            ticket.first_response = promise.start(Kind::FirstResponse, first + 1, now);
        } else if waited {
            ticket.processing = resumed(&ticket.processing, promise, parked.since, now);
            ticket.first_response = resumed(&ticket.first_response, promise, parked.since, now);
        }
        step.set_state(if woken { taken } else { parked.from });
        Ok(step)
    }

    /// True when the ticket shall come back by itself now.
    #[must_use]
    pub fn is_due_back(&self, now: DateTime<Utc>) -> bool {
        let until = self.parked.as_ref().and_then(|parked| parked.until);
        self.state == State::OnHold && until.is_some_and(|until| until <= now)
    }

    /// Refuses what nobody does to a ticket that is closed or spam.
    pub(super) fn may_act(&self) -> Result<(), TicketError> {
        match self.state {
            State::Closed => Err(TicketError::Closed),
            State::Spam => Err(TicketError::Spam),
            State::Merged => Err(TicketError::Merged),
            _ => Ok(()),
        }
    }

    fn park(self, to: State, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Step {
        let parked = match self.parked.clone() {
            Some(parked) => Parked { until, ..parked },
            None => Parked { from: self.state, since: now, until },
        };
        let mut step = self.begin(now);
        step.stop_clocks(now);
        step.set_state(to);
        step.ticket.parked = Some(parked);
        step
    }
}

/// A clock that was stopped at an instant runs on with what it had left; others stay as they are.
fn resumed(
    clock: &SlaClock,
    promise: &Promise,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> SlaClock {
    if clock.stopped != Some(since) {
        return clock.clone();
    }
    // Working time is what was left, and what it has again.
    let left = promise.calendar.between(since, clock.due);
    let due = promise.calendar.add(now, left);
    SlaClock { run: clock.run + 1, started: now, due, stopped: None, ..clock.clone() }
}
