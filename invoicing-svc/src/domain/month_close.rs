//! Month close: what was rendered in a month becomes acts.
//!
//! A prepaid line is cut by calendar month; its months weigh as the line's own convention weighs
//! them, else by days; the pieces sum to the line (G53). Tax is of each piece's own rate, rounded
//! per piece (G54). Closing again makes nothing.

use crate::domain::{
    acts::{ActLine, totals},
    lines::Line,
    pricing::weights,
    proration::Basis,
    tax::{Taxed, within},
};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use types::{
    Currency, Money, Period,
    id::{ClientId, ContractId, InvoiceLineId, LegalEntityId, SellerId},
    money::MoneyError,
    period::{first_of_month, next_month},
};

/// Whose act a line goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account {
    /// Seller.
    pub seller: SellerId,
    /// Client.
    pub client: ClientId,
    /// Payer.
    pub legal_entity: LegalEntityId,
    /// Contract.
    pub contract: ContractId,
    /// Currency.
    pub currency: Currency,
}

/// A line of an issued invoice whose service was rendered or is being rendered.
///
/// The caller leaves out lines of subscriptions that never worked: nothing was rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedLine {
    /// Whose act it goes to.
    pub account: Account,
    /// The line.
    pub line: Line,
}

/// An act to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActPlan {
    /// Whose.
    pub account: Account,
    /// First day of the month.
    pub month: NaiveDate,
    /// Date of the act: the last day of the month.
    pub date: NaiveDate,
    /// Its lines, by invoice line and month.
    pub lines: Vec<ActLine>,
    /// Sums of the lines; the total is above zero.
    pub amounts: Taxed,
}

/// What closing a month would make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Acts, by account.
    pub acts: Vec<ActPlan>,
    /// Accounts where credits exceed what was rendered: their pieces wait for a correction of the
    /// closed acts (УКД) or for the next month that outweighs them.
    pub corrections: Vec<ActPlan>,
}

/// A piece that an act holds already: invoice line and first day of the month.
pub type Closed = BTreeSet<(InvoiceLineId, NaiveDate)>;

/// Cuts a line by calendar month; the pieces sum to it.
///
/// # Errors
/// [`MoneyError`] of the sums.
pub fn cut(line: &Line) -> Result<Vec<ActLine>, MoneyError> {
    let mut pieces: Vec<ActLine> = Vec::new();
    for segment in &line.segments {
        for (period, gross) in
            by_month(line.basis, line.period, segment.period, segment.amounts.gross)
        {
            pieces.push(ActLine {
                line: line.id,
                month: first_of_month(period.start()),
                name: line.name.clone(),
                period,
                decision: segment.decision.clone(),
                amounts: within(gross, segment.decision.rate)?,
            });
        }
    }
    Ok(pieces)
}

/// The months of a segment of a line with their shares, weighed by the basis of the line.
#[must_use]
pub fn by_month(basis: Basis, line: Period, segment: Period, gross: Money) -> Vec<(Period, Money)> {
    let months: Vec<Period> = segment.by_month().iter().filter_map(|m| m.intersect(line)).collect();
    let parts = gross.split(&weights(basis, line, &months));
    months.into_iter().zip(parts).collect()
}

/// Plans the acts of a month: every piece of that month or an earlier one that no act holds.
///
/// # Errors
/// [`MoneyError`] of the sums.
pub fn plan(lines: &[RenderedLine], month: NaiveDate, closed: &Closed) -> Result<Plan, MoneyError> {
    let month = first_of_month(month);
    let date = next_month(month).pred_opt().unwrap_or(month);
    let mut accounts: BTreeMap<Account, Vec<ActLine>> = BTreeMap::new();
    for rendered in lines {
        let pieces = cut(&rendered.line)?.into_iter();
        let due = pieces.filter(|p| p.month <= month && !closed.contains(&(p.line, p.month)));
        let due = due.filter(|p| !p.amounts.gross.is_zero());
        accounts.entry(rendered.account).or_default().extend(due);
    }
    let mut plan = Plan::default();
    for (account, mut lines) in accounts.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        lines.sort_by_key(|l| (l.line, l.month));
        let amounts = totals(account.currency, &lines)?;
        let act = ActPlan { account, month, date, lines, amounts };
        if act.amounts.gross.is_positive() {
            plan.acts.push(act)
        } else {
            plan.corrections.push(act)
        }
    }
    Ok(plan)
}

/// What later changes make of months whose acts are made: a correction document per account and
/// month (УКД), with the pieces that the month's act does not hold. Pieces of months that are still
/// open are in their acts by themselves ([`plan`]).
///
/// # Errors
/// [`MoneyError`] of the sums.
pub fn corrections(
    lines: &[RenderedLine],
    closed_through: NaiveDate,
    closed: &Closed,
) -> Result<Vec<ActPlan>, MoneyError> {
    let last = first_of_month(closed_through);
    let mut months: BTreeMap<(Account, NaiveDate), Vec<ActLine>> = BTreeMap::new();
    for rendered in lines {
        for piece in cut(&rendered.line)? {
            let held = closed.contains(&(piece.line, piece.month));
            if piece.month <= last && !held && !piece.amounts.gross.is_zero() {
                months.entry((rendered.account, piece.month)).or_default().push(piece);
            }
        }
    }
    let document = |((account, month), mut lines): ((Account, NaiveDate), Vec<ActLine>)| {
        lines.sort_by_key(|l| l.line);
        let amounts = totals(account.currency, &lines)?;
        let date = next_month(month).pred_opt().unwrap_or(month);
        Ok(ActPlan { account, month, date, lines, amounts })
    };
    months.into_iter().map(document).collect()
}

#[cfg(test)]
mod tests;
