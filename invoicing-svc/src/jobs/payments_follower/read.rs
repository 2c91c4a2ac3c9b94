//! Reads what payments-svc says into domain types; what cannot be read is parked.

use crate::store::allocations::{Allocation, SuspenseLine};
use chrono::NaiveDate;
use proto::{convert::required, google::r#type as wire, payments::v1 as pb};
use service::feed::HandlerError;
use std::str::FromStr;
use types::{Money, id::BadName};

pub(super) fn imported(given: &pb::LineImported) -> Result<SuspenseLine, HandlerError> {
    Ok(SuspenseLine {
        line: name(&given.line)?,
        seller: name(&given.seller)?,
        amount: money(given.amount.as_ref())?,
        date: date(given.date.as_ref())?,
    })
}

/// All of it credit yet.
pub(super) fn allocated(given: &pb::Allocated) -> Result<Allocation, HandlerError> {
    let amount = money(given.amount.as_ref())?;
    Ok(Allocation {
        id: name(&given.allocation)?,
        line: name(&given.line)?,
        client: name(&given.client)?,
        payer: optional(&given.payer)?,
        seller: name(&given.seller)?,
        named: optional(&given.invoice)?,
        amount,
        date: date(given.date.as_ref())?,
        credit: amount,
        reversed: false,
    })
}

pub(super) fn name<T: FromStr<Err = BadName>>(text: &str) -> Result<T, HandlerError> {
    text.parse().map_err(super::park)
}

fn optional<T: FromStr<Err = BadName>>(text: &str) -> Result<Option<T>, HandlerError> {
    if text.is_empty() { Ok(None) } else { name(text).map(Some) }
}

fn money(given: Option<&wire::Money>) -> Result<Money, HandlerError> {
    let amount = required(given).and_then(Money::try_from).map_err(super::park)?;
    if amount.is_positive() {
        return Ok(amount);
    }
    Err(HandlerError::Park(format!("an amount above zero is expected, not {amount}")))
}

fn date(given: Option<&wire::Date>) -> Result<NaiveDate, HandlerError> {
    required(given).and_then(NaiveDate::try_from).map_err(super::park)
}
