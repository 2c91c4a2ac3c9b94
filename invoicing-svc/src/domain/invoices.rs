//! Invoices: requests to pay. They post nothing to the ledger; what is paid follows from money
//! applied to them.

mod sums;
mod verbs;

pub use sums::{PaymentState, Sums};
pub use verbs::{InvoiceError, Numbering, Reissued};

use crate::domain::{
    calendars::BankingCalendar,
    codes::codes,
    contracts::Contract,
    lines::{Claim, Line, LineKind},
    tax::{TaxDecision, Taxed},
};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use types::{
    Currency, Money,
    id::{ClientId, ContractId, InvoiceId, LegalEntityId, SellerId, SubscriptionId},
    money::MoneyError,
};

codes! {
    /// Where an invoice stands. Payment is not a state; it is derived.
    InvoiceState {
        /// Being written.
        Draft = "DRAFT",
        /// Waits for staff; nothing reaches the customer (A150, A163, G51).
        Held = "HELD",
        /// Numbered and sent: a request to pay.
        Issued = "ISSUED",
        /// Past its validity, or a renewal that lapsed; its claims are released.
        Expired = "EXPIRED",
        /// Withdrawn; its claims are released.
        Cancelled = "CANCELLED",
    }
}

codes! {
    /// Where an invoice came from.
    InvoiceKind {
        /// Renewal made by the billing run.
        Main = "MAIN",
        /// First invoice of an order.
        Order = "ORDER",
        /// Extra invoice for a change (A205).
        Extra = "EXTRA",
        /// By hand.
        Manual = "MANUAL",
    }
}

/// What issuing gave an invoice; never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Date of issue, in the client's zone.
    pub date: NaiveDate,
    /// Last day to pay.
    pub due: NaiveDate,
    /// Place in the series, gapless.
    pub sequence: i64,
    /// The printed number.
    pub number: String,
}

/// An invoice for one contract (so one seller and one payer) and one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Identity.
    pub id: InvoiceId,
    /// Where it came from.
    pub kind: InvoiceKind,
    /// Whose.
    pub client: ClientId,
    /// Who pays.
    pub legal_entity: LegalEntityId,
    /// Under which contract.
    pub contract: ContractId,
    /// To whom.
    pub seller: SellerId,
    /// In which currency.
    pub currency: Currency,
    /// State.
    pub state: InvoiceState,
    /// Lines in printed order.
    pub lines: Vec<Line>,
    /// Why it is held.
    pub hold_reason: Option<String>,
    /// Last day on which it may be paid, for one-offs and lapsed renewals.
    pub valid_until: Option<NaiveDate>,
    /// What issuing gave it.
    pub issued: Option<Issued>,
    /// The invoice that it replaces.
    pub replaces: Option<InvoiceId>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// Money set against it.
    pub sums: Sums,
}

impl Invoice {
    /// A draft for a contract.
    ///
    /// # Errors
    /// [`InvoiceError`] for no lines or a line in another currency than the contract's.
    pub fn draft(
        id: InvoiceId,
        kind: InvoiceKind,
        contract: &Contract,
        lines: Vec<Line>,
    ) -> Result<Self, InvoiceError> {
        let draft = Self {
            id,
            kind,
            client: contract.client,
            legal_entity: contract.legal_entity,
            contract: contract.id,
            seller: contract.seller,
            currency: contract.currency,
            state: InvoiceState::Draft,
            lines: Vec::new(),
            hold_reason: None,
            valid_until: None,
            issued: None,
            replaces: None,
            cancel_reason: None,
            sums: Sums::nothing(contract.currency),
        };
        draft.edit(lines)
    }

    /// Net, tax and total: sums of the lines.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn totals(&self) -> Result<Taxed, MoneyError> {
        Taxed::sum(self.currency, self.lines.iter().map(|l| l.amounts))
    }

    /// What is left to pay: total less credited less applied, never below zero.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn residual(&self) -> Result<Money, MoneyError> {
        self.sums.residual(self.totals()?.gross)
    }

    /// What may be paid now: the residual of an issued invoice, else zero.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn payable(&self) -> Result<Money, MoneyError> {
        match self.state {
            InvoiceState::Issued => self.residual(),
            _ => Ok(Money::zero(self.currency)),
        }
    }

    /// How far it is paid.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn payment_state(&self) -> Result<PaymentState, MoneyError> {
        self.sums.payment_state(self.totals()?.gross)
    }

    /// True when it is issued, not paid, and the first banking day after its due date has passed.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn is_overdue(
        &self,
        today: NaiveDate,
        calendar: &BankingCalendar,
    ) -> Result<bool, MoneyError> {
        let Some(issued) = &self.issued else { return Ok(false) };
        Ok(calendar.is_overdue(issued.due, today) && self.payable()?.is_positive())
    }

    /// First day of the period that a renewal is due on: the earliest period that it bills.
    #[must_use]
    pub fn period_start(&self) -> Option<NaiveDate> {
        let periods = self.lines.iter().filter(|l| l.kind == LineKind::Period);
        periods.map(|l| l.period.start()).min().filter(|_| self.kind == InvoiceKind::Main)
    }

    /// What its lines claim while it stands (HELD included).
    #[must_use]
    pub fn claims(&self) -> Vec<Claim> {
        self.lines.iter().filter_map(Line::claim).collect()
    }

    /// True while its claims stand: they are released when it is cancelled or expires.
    #[must_use]
    pub const fn holds_claims(&self) -> bool {
        !matches!(self.state, InvoiceState::Cancelled | InvoiceState::Expired)
    }

    /// How far each of its subscriptions is paid once it is paid.
    #[must_use]
    pub fn paid_through(&self) -> BTreeMap<SubscriptionId, NaiveDate> {
        let mut through = BTreeMap::new();
        for line in self.lines.iter().filter(|l| l.kind == LineKind::Period) {
            if let Some(subscription) = line.subscription {
                let end = line.period.end();
                through.entry(subscription).and_modify(|e| *e = end.max(*e)).or_insert(end);
            }
        }
        through
    }

    /// Amounts by decision of tax, in order of appearance: what the foot of the document prints.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn tax_by_decision(&self) -> Result<Vec<(TaxDecision, Taxed)>, MoneyError> {
        let mut rows: Vec<(TaxDecision, Taxed)> = Vec::new();
        for segment in self.lines.iter().flat_map(|l| &l.segments) {
            match rows.iter_mut().find(|(decision, _)| *decision == segment.decision) {
                Some((_, sum)) => *sum = sum.checked_add(segment.amounts)?,
                None => rows.push((segment.decision.clone(), segment.amounts)),
            }
        }
        Ok(rows)
    }
}

/// Groups lines by what one invoice may hold: one contract and one currency (A182).
#[must_use]
pub fn group(lines: Vec<(ContractId, Line)>) -> BTreeMap<(ContractId, Currency), Vec<Line>> {
    let mut groups: BTreeMap<(ContractId, Currency), Vec<Line>> = BTreeMap::new();
    for (contract, line) in lines {
        groups.entry((contract, line.amounts.gross.currency())).or_default().push(line);
    }
    groups
}

#[cfg(test)]
pub(crate) mod tests;
