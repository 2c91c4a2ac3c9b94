//! The next renewal, as promised when an extra invoice was issued and as it is once that is paid
//! (features §1.9 item 13, A148, A205).

use super::{
    coverage::difference,
    history::{BillingError, History},
    lines::{Line, Maker},
    timeline::timeline,
};
use chrono::NaiveDate;
use types::{Money, Period, id::InvoiceLineId, money::MoneyError};
use uuid::Uuid;

/// A renewal that is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// First day of its period: the date of the renewal.
    pub day: NaiveDate,
    /// Units of the subscription's product.
    pub units: u32,
    /// What is to be paid, options included.
    pub gross: Money,
}

/// What a renewal differs in from what was promised; a row for a person to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// As promised.
    pub promised: Promise,
    /// As it is.
    pub now: Promise,
    /// What is to be paid more, or below zero less.
    pub difference: Money,
}

/// The renewal of the first period that begins on a day or later, as if nothing of it were billed.
///
/// # Errors
/// [`BillingError`].
pub fn next_renewal(
    history: &History,
    index: usize,
    from: NaiveDate,
) -> Result<Option<Promise>, BillingError> {
    let lines = renewal(history, index, from)?;
    let Some((period, lines)) = lines else { return Ok(None) };
    let starting = lines.iter().filter(|l| l.period.start() == period.start());
    let main = starting.filter(|l| !l.terms.option).map(|l| l.quantity).sum();
    let Some(first) = lines.first() else { return Ok(None) };
    let currency = first.amounts.gross.currency();
    let gross = Money::sum(currency, lines.iter().map(|l| l.amounts.gross))?;
    Ok(Some(Promise { day: period.start(), units: main, gross }))
}

/// The lines of that renewal, and its period.
///
/// # Errors
/// [`BillingError`].
pub fn renewal(
    history: &History,
    index: usize,
    from: NaiveDate,
) -> Result<Option<(Period, Vec<Line>)>, BillingError> {
    let timeline = timeline(history, index)?;
    let Some((holding, _)) = timeline.period(from) else { return Ok(None) };
    let day = if holding.start() == from { from } else { holding.end() };
    let Some((period, months)) = timeline.period(day) else { return Ok(None) };
    let spans = difference(&timeline, &[], period);
    let mut ids = || InvoiceLineId::from(Uuid::nil());
    let mut maker = Maker {
        history,
        timeline: &timeline,
        subscription: index,
        billed: &[],
        begun: false,
        horizon: day,
        ids: &mut ids,
        made: Vec::new(),
        worthless: Vec::new(),
    };
    maker.period(&spans, period, months)?;
    Ok(Some((period, maker.made)))
}

/// Compares a renewal with what was promised: nothing where they are equal.
///
/// # Errors
/// [`MoneyError`] for amounts of two currencies.
pub fn check(promised: Promise, now: Promise) -> Result<Option<Broken>, MoneyError> {
    if promised == now {
        return Ok(None);
    }
    let difference = now.gross.checked_sub(promised.gross)?;
    Ok(Some(Broken { promised, now, difference }))
}
