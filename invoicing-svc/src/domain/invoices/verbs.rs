//! What may happen to an invoice. Every verb consumes it and answers what it became.

use super::{Invoice, InvoiceKind, InvoiceState, Issued, Sums};
use crate::domain::{
    contracts::Contract,
    lines::{Line, LineKind},
    periods::{PeriodViolation, check_extra},
};
use chrono::NaiveDate;
use types::{
    Currency, Period,
    id::{InvoiceId, InvoiceLineId, SubscriptionId},
    money::MoneyError,
};

/// Why a verb is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvoiceError {
    /// The state does not allow it.
    #[error("an invoice that is {state} cannot be {verb}")]
    State {
        /// State it is in.
        state: InvoiceState,
        /// What was asked.
        verb: &'static str,
    },
    /// It would have no lines.
    #[error("lines: an invoice needs at least one line")]
    NoLines,
    /// A line in another currency.
    #[error("lines[{line}]: the contract is in {currency}")]
    LineCurrency {
        /// Which line, from 0.
        line: usize,
        /// Currency of the contract.
        currency: Currency,
    },
    /// Lines break the rules of periods (G8): release is blocked.
    #[error("the period of a line is not allowed")]
    Periods(Vec<(InvoiceLineId, PeriodViolation)>),
    /// Sequences start at 1 and numbers are not empty.
    #[error("the series gave no number")]
    NoNumber,
    /// Money stands against it.
    #[error("money is applied to the invoice; unmatch the payment first")]
    HasMoney,
    /// Why is required.
    #[error("reason: say why (1 to 500 characters)")]
    NoReason,
    /// Its validity has not passed.
    #[error("the invoice may be paid until {0}")]
    StillValid(NaiveDate),
    /// It has no validity to pass.
    #[error("the invoice has no validity; a renewal lapses instead")]
    NoValidity,
    /// Nothing is left to pay.
    #[error("the invoice is paid")]
    Paid,
    /// The money came too late.
    #[error("the invoice could be paid until {0}; the money becomes credit")]
    TooLate(NaiveDate),
    /// Its periods are billed by another invoice now.
    #[error("another invoice bills the same periods; the money becomes credit")]
    PeriodsTaken,
    /// A sum.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// The number that issuing takes, last of all, from its series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbering {
    /// Place in the series.
    pub sequence: i64,
    /// As printed.
    pub number: String,
}

/// What reissuing made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reissued {
    /// The old one: cancelled, or expired as it was.
    pub old: Invoice,
    /// The new one, held, with the same lines under new ids.
    pub new: Invoice,
}

impl Invoice {
    /// Replaces the lines while it may still be edited.
    ///
    /// # Errors
    /// [`InvoiceError`] when issued, without lines, or with a line in another currency.
    pub fn edit(self, lines: Vec<Line>) -> Result<Self, InvoiceError> {
        self.allow("edited", &[InvoiceState::Draft, InvoiceState::Held])?;
        if lines.is_empty() {
            return Err(InvoiceError::NoLines);
        }
        let currency = self.currency;
        let other = |l: &Line| l.amounts.gross.currency() != currency;
        if let Some(line) = lines.iter().position(other) {
            return Err(InvoiceError::LineCurrency { line, currency });
        }
        Ok(Self { lines, ..self })
    }

    /// Holds a draft: nothing reaches the customer until it is issued.
    ///
    /// # Errors
    /// [`InvoiceError::State`] unless it is a draft.
    pub fn hold(self, reason: Option<String>) -> Result<Self, InvoiceError> {
        self.allow("held", &[InvoiceState::Draft])?;
        Ok(Self { state: InvoiceState::Held, hold_reason: reason, ..self })
    }

    /// Issues it («выпустить»): date, due date and number are set for good.
    ///
    /// The caller takes `numbering` from the counter row last, in the same transaction;
    /// `violations` are those of [`Self::period_violations`].
    ///
    /// # Errors
    /// [`InvoiceError`] unless it is a draft or held, with lines, a number and no violation.
    pub fn issue(
        self,
        date: NaiveDate,
        contract: &Contract,
        numbering: Numbering,
        violations: Vec<(InvoiceLineId, PeriodViolation)>,
    ) -> Result<Self, InvoiceError> {
        self.check_issue(violations)?;
        if numbering.sequence < 1 || numbering.number.is_empty() {
            return Err(InvoiceError::NoNumber);
        }
        let due = contract.due_date(date, self.period_start());
        let Numbering { sequence, number } = numbering;
        let issued = Some(Issued { date, due, sequence, number });
        Ok(Self { state: InvoiceState::Issued, issued, hold_reason: None, ..self })
    }

    /// Checks all that issuing needs but the number, so that no number is taken in vain.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub fn check_issue(
        &self,
        violations: Vec<(InvoiceLineId, PeriodViolation)>,
    ) -> Result<(), InvoiceError> {
        self.allow("issued", &[InvoiceState::Draft, InvoiceState::Held])?;
        if self.lines.is_empty() {
            return Err(InvoiceError::NoLines);
        }
        if violations.is_empty() { Ok(()) } else { Err(InvoiceError::Periods(violations)) }
    }

    /// Rules of periods that its lines break (A159–A161, G8). `main` answers the period of the main
    /// subscription of a subscription on the day that a line starts, or its own for a main one.
    #[must_use]
    pub fn period_violations(
        &self,
        main: impl Fn(SubscriptionId, NaiveDate) -> Option<Period>,
    ) -> Vec<(InvoiceLineId, PeriodViolation)> {
        let of_period = |l: &&Line| matches!(l.kind, LineKind::Period | LineKind::Delta);
        self.lines
            .iter()
            .filter(of_period)
            .filter_map(|l| Some((l, main(l.subscription?, l.period.start()))))
            .flat_map(|(l, main)| check_extra(l.period, main).into_iter().map(|v| (l.id, v)))
            .collect()
    }

    /// Cancels it; the caller releases its claims in the same transaction.
    ///
    /// # Errors
    /// [`InvoiceError`] without a reason, with money applied, or when it is over already.
    pub fn cancel(self, reason: &str) -> Result<Self, InvoiceError> {
        use InvoiceState as S;
        self.allow("cancelled", &[S::Draft, S::Held, S::Issued])?;
        let reason = checked_reason(reason)?;
        if self.sums.applied.is_positive() {
            return Err(InvoiceError::HasMoney);
        }
        Ok(Self { state: S::Cancelled, cancel_reason: Some(reason), ..self })
    }

    /// Cancels an unpaid invoice that is wrong and makes its successor, held, in one act. One that
    /// expired stays expired.
    ///
    /// # Errors
    /// As [`Self::cancel`]; [`InvoiceError::State`] unless issued or expired.
    pub fn reissue(
        self,
        id: InvoiceId,
        reason: &str,
        mut line_id: impl FnMut() -> InvoiceLineId,
    ) -> Result<Reissued, InvoiceError> {
        self.allow("reissued", &[InvoiceState::Issued, InvoiceState::Expired])?;
        let lines = self.lines.iter().cloned().map(|l| Line { id: line_id(), ..l }).collect();
        let new = Self {
            id,
            state: InvoiceState::Held,
            lines,
            hold_reason: Some(checked_reason(reason)?),
            valid_until: None,
            issued: None,
            replaces: Some(self.id),
            cancel_reason: None,
            sums: Sums::nothing(self.currency),
            ..self.clone()
        };
        let expired = self.state == InvoiceState::Expired;
        let old = if expired { self } else { self.cancel(reason)? };
        Ok(Reissued { old, new })
    }

    /// Expires a one-off whose validity has passed unpaid.
    ///
    /// # Errors
    /// [`InvoiceError`] while it is valid, without a validity, when paid, or unless issued.
    pub fn expire(self, today: NaiveDate) -> Result<Self, InvoiceError> {
        let until = self.valid_until.ok_or(InvoiceError::NoValidity)?;
        if today <= until {
            return Err(InvoiceError::StillValid(until));
        }
        self.end_unpaid()
    }

    /// Lets an unpaid prepaid renewal lapse: dunning suspended the service, so nothing is owed.
    /// Money dated until `today` still revives it.
    ///
    /// # Errors
    /// [`InvoiceError`] when paid, partly paid, or unless it is an issued renewal.
    pub fn lapse(self, today: NaiveDate) -> Result<Self, InvoiceError> {
        if self.kind != InvoiceKind::Main {
            return Err(InvoiceError::State { state: self.state, verb: "lapsed: no renewal" });
        }
        Ok(Self { valid_until: Some(self.valid_until.unwrap_or(today)), ..self.end_unpaid()? })
    }

    /// Returns an expired invoice to issued for money dated within its validity, if nothing else
    /// bills its periods (`periods_free`).
    ///
    /// # Errors
    /// [`InvoiceError`] when the money is too late or the periods are taken: it becomes credit.
    pub fn revive(self, paid: NaiveDate, periods_free: bool) -> Result<Self, InvoiceError> {
        self.allow("paid late", &[InvoiceState::Expired])?;
        let until = self.valid_until.ok_or(InvoiceError::NoValidity)?;
        if paid > until {
            return Err(InvoiceError::TooLate(until));
        }
        if !periods_free {
            return Err(InvoiceError::PeriodsTaken);
        }
        Ok(Self { state: InvoiceState::Issued, ..self })
    }

    fn end_unpaid(self) -> Result<Self, InvoiceError> {
        self.allow("expired", &[InvoiceState::Issued])?;
        if self.residual()?.is_zero() {
            return Err(InvoiceError::Paid);
        }
        if self.sums.applied.is_positive() {
            return Err(InvoiceError::HasMoney);
        }
        Ok(Self { state: InvoiceState::Expired, ..self })
    }

    fn allow(&self, verb: &'static str, from: &[InvoiceState]) -> Result<(), InvoiceError> {
        if from.contains(&self.state) {
            return Ok(());
        }
        Err(InvoiceError::State { state: self.state, verb })
    }
}

fn checked_reason(reason: &str) -> Result<String, InvoiceError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(InvoiceError::NoReason);
    }
    Ok(reason.into())
}
