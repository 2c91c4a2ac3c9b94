//! Quotes: what a client is offered, at which prices and until when (A104).
//!
//! A quote stands still: its prices are those of the day it was made. Accepted, it becomes an
//! order, whose lines begin no earlier than the day on which somebody said yes.

use crate::domain::{codes::codes, orders::OrderLine};
use chrono::{Days, NaiveDate};
use types::id::{ClientId, ContractId, QuoteId};

/// Most days that a quote is good for.
pub const MAX_DAYS: u64 = 366;

codes! {
    /// Where a quote stands.
    QuoteState {
        /// Made; only staff see it.
        Draft = "DRAFT",
        /// Sent; the client decides.
        Sent = "SENT",
        /// Became an order.
        Accepted = "ACCEPTED",
        /// Declined by the client, or withdrawn.
        Declined = "DECLINED",
        /// Nobody decided by its last day. Follows from the day, and is never stored.
        Expired = "EXPIRED",
    }
}

/// A quote; its lines are an order's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Identity.
    pub id: QuoteId,
    /// To whom.
    pub client: ClientId,
    /// Contract that would pay for all of it.
    pub contract: ContractId,
    /// State as stored; [`Quote::state_on`] tells what it is on a day.
    pub state: QuoteState,
    /// Last day on which it can be accepted.
    pub valid_until: NaiveDate,
    /// What it is about.
    pub subject: String,
    /// Words under the lines.
    pub note: String,
}

/// What cannot be done with a quote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    /// Its last day is over already, or too far.
    #[error("valid_until: {0} is not within {MAX_DAYS} days from today")]
    ValidUntil(NaiveDate),
    /// A line is of another contract.
    #[error("lines[{0}].contract: all lines are of the contract of the quote")]
    OtherContract(usize),
    /// The state does not allow the step.
    #[error("a quote that is {state} cannot be {verb}")]
    State {
        /// State it is in.
        state: QuoteState,
        /// What was asked.
        verb: &'static str,
    },
}

impl Quote {
    /// Checks what a new one says; every violation at once.
    ///
    /// # Errors
    /// The list of [`QuoteError`], never empty.
    pub fn check(&self, lines: &[OrderLine], today: NaiveDate) -> Result<(), Vec<QuoteError>> {
        let mut errors = Vec::new();
        let last = today.checked_add_days(Days::new(MAX_DAYS)).unwrap_or(NaiveDate::MAX);
        if self.valid_until < today || last < self.valid_until {
            errors.push(QuoteError::ValidUntil(self.valid_until));
        }
        let other = |(_, line): &(usize, &OrderLine)| line.contract != self.contract;
        let foreign = lines.iter().enumerate().filter(other);
        errors.extend(foreign.map(|(i, _)| QuoteError::OtherContract(i)));
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Where it stands on a day.
    #[must_use]
    pub fn state_on(&self, today: NaiveDate) -> QuoteState {
        let open = matches!(self.state, QuoteState::Draft | QuoteState::Sent);
        if open && self.valid_until < today { QuoteState::Expired } else { self.state }
    }

    /// Sends it.
    ///
    /// # Errors
    /// [`QuoteError::State`] unless it is a draft that has not expired.
    pub fn send(self, today: NaiveDate) -> Result<Self, QuoteError> {
        self.step("sent", &[QuoteState::Draft], QuoteState::Sent, today)
    }

    /// Accepts it. Staff may accept a draft too: a client can say yes by telephone.
    ///
    /// # Errors
    /// [`QuoteError::State`] when it was decided, or its last day is over.
    pub fn accept(self, today: NaiveDate) -> Result<Self, QuoteError> {
        let open = [QuoteState::Draft, QuoteState::Sent];
        self.step("accepted", &open, QuoteState::Accepted, today)
    }

    /// Declines it.
    ///
    /// # Errors
    /// As [`Quote::accept`].
    pub fn decline(self, today: NaiveDate) -> Result<Self, QuoteError> {
        let open = [QuoteState::Draft, QuoteState::Sent];
        self.step("declined", &open, QuoteState::Declined, today)
    }

    fn step(
        self,
        verb: &'static str,
        from: &[QuoteState],
        to: QuoteState,
        today: NaiveDate,
    ) -> Result<Self, QuoteError> {
        let state = self.state_on(today);
        if from.contains(&state) {
            return Ok(Self { state: to, ..self });
        }
        Err(QuoteError::State { state, verb })
    }
}

/// A line of a quote that is accepted on a day: nobody pays for days before it.
#[must_use]
pub fn from_day(line: &OrderLine, today: NaiveDate) -> OrderLine {
    OrderLine { start: line.start.max(today), ..line.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{cycles::Cycle, cycles::tests::day};
    use types::id::ProductId;

    fn quote(state: QuoteState) -> Quote {
        Quote {
            id: QuoteId::generate(),
            client: ClientId::generate(),
            contract: ContractId::generate(),
            state,
            valid_until: day("2026-12-15"),
            subject: String::new(),
            note: String::new(),
        }
    }

    fn line(contract: ContractId) -> OrderLine {
        OrderLine {
            product: ProductId::generate(),
            contract,
            cycle: Cycle::Once,
            quantity: 1,
            price_override: None,
            period_text: None,
            domain: None,
            start: day("2026-12-05"),
            main: None,
            service_code: None,
        }
    }

    /// What is open expires with its last day, and what was decided does not.
    #[test]
    fn a_quote_is_good_through_its_last_day() {
        use QuoteState as S;
        let (last, after) = (day("2026-12-15"), day("2026-12-16"));
        for state in [S::Draft, S::Sent] {
            assert_eq!(quote(state).state_on(last), state);
            assert_eq!(quote(state).state_on(after), S::Expired);
            let late = quote(state).accept(after);
            assert_eq!(late, Err(QuoteError::State { state: S::Expired, verb: "accepted" }));
        }
        for state in [S::Accepted, S::Declined] {
            assert_eq!(quote(state).state_on(after), state);
        }
    }

    /// Each step from each state, in time.
    #[test]
    fn a_quote_is_decided_once() {
        use QuoteState as S;
        let on = day("2026-12-15");
        let steps = |state| {
            let to = |step: Result<Quote, QuoteError>| step.ok().map(|quote| quote.state);
            [to(quote(state).send(on)), to(quote(state).accept(on)), to(quote(state).decline(on))]
        };
        let (sent, yes, no) = (Some(S::Sent), Some(S::Accepted), Some(S::Declined));
        assert_eq!(steps(S::Draft), [sent, yes, no]);
        assert_eq!(steps(S::Sent), [None, yes, no]);
        assert_eq!(steps(S::Accepted), [None; 3]);
        assert_eq!(steps(S::Declined), [None; 3]);
    }

    #[test]
    fn what_it_says_is_checked_at_once() {
        let given = quote(QuoteState::Draft);
        let lines = [line(given.contract), line(ContractId::generate())];
        let errors = given.check(&lines, day("2026-12-16")).unwrap_err();
        let late = QuoteError::ValidUntil(given.valid_until);
        assert_eq!(errors, [late.clone(), QuoteError::OtherContract(1)]);
        assert_eq!(
            given.check(&lines[..1], day("2025-12-13")),
            Err(vec![late]),
            "a year and 2 days"
        );
        assert_eq!(given.check(&lines[..1], day("2025-12-14")), Ok(()));
        assert_eq!(given.check(&lines[..1], day("2026-12-15")), Ok(()));
    }

    #[test]
    fn days_before_the_yes_are_not_paid() {
        let line = line(ContractId::generate());
        assert_eq!(from_day(&line, day("2026-12-10")).start, day("2026-12-10"));
        assert_eq!(from_day(&line, day("2026-12-01")), line, "what is to begin later does");
    }
}
