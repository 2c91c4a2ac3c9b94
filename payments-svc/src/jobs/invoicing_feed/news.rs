//! What a batch of events about invoices and money tells, kept with one statement per kind. What
//! is told of one invoice or allocation more than once counts as it was told last.

use super::{amount, date, money, name, optional};
use crate::jobs::matching;
use crate::store;
use crate::store::allocations::Answer;
use crate::store::invoices::{Changed, Issued};
use proto::google::r#type::Money as WireMoney;
use proto::invoicing::v1 as pb;
use service::Frame;
use service::feed::{Event, HandlerError};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use types::Money;
use types::id::{AllocationId, ClientId, EventId, InvoiceId, LineId};

/// What events tell.
#[derive(Debug, Default)]
pub(super) struct News {
    clients: BTreeSet<ClientId>,
    issued: BTreeMap<InvoiceId, (EventId, Issued)>,
    changed: BTreeMap<InvoiceId, Changed>,
    answers: BTreeMap<AllocationId, Answer>,
    /// Invoices of which something else is left to pay now, and the last event that says so: lines
    /// that name them may fit. Both events of one payment are among them, since only after the
    /// second nothing of it is in flight.
    look_again: BTreeMap<InvoiceId, EventId>,
}

impl News {
    /// Reads events, in their order.
    ///
    /// # Errors
    /// [`HandlerError::Park`] for what cannot be understood.
    pub(super) fn read<'e>(
        events: impl IntoIterator<Item = &'e Event>,
    ) -> Result<Self, HandlerError> {
        let mut news = Self::default();
        for event in events {
            news.clients.extend(event.client);
            if event.is::<pb::InvoiceIssued>() {
                news.issued(event.id, &event.decode()?)?;
            } else if event.is::<pb::InvoiceResidualChanged>() {
                news.changed(event.id, event.decode()?)?;
            } else if event.is::<pb::PaymentApplied>() {
                let answer: pb::PaymentApplied = event.decode()?;
                news.answer(&answer.allocation, answer.applied, answer.credit, false)?;
                if let Some(invoice) = optional(&answer.invoice)? {
                    news.look_again.insert(invoice, event.id);
                }
            } else {
                let answer: pb::ApplicationReversed = event.decode()?;
                news.answer(&answer.allocation, answer.applied, answer.credit, true)?;
            }
        }
        Ok(news)
    }

    fn issued(&mut self, event: EventId, issued: &pb::InvoiceIssued) -> Result<(), HandlerError> {
        let invoice = Issued {
            id: name(&issued.invoice)?,
            number: issued.number.clone(),
            sequence: issued.sequence,
            client: name(&issued.client)?,
            payer: optional(&issued.payer)?,
            contract: optional(&issued.contract)?,
            seller: name(&issued.seller)?,
            total: money(issued.total.as_ref())?,
            residual: money(issued.residual.as_ref())?,
            issued_on: date(issued.issue_date.as_ref())?,
            due_on: issued.due_date.as_ref().map(|day| date(Some(day))).transpose()?,
        };
        self.clients.insert(invoice.client);
        self.issued.entry(invoice.id).or_insert((event, invoice));
        Ok(())
    }

    fn changed(
        &mut self,
        event: EventId,
        changed: pb::InvoiceResidualChanged,
    ) -> Result<(), HandlerError> {
        let id = name(&changed.invoice)?;
        let residual = money(changed.residual.as_ref())?;
        let (state, payment_state) = (changed.state, changed.payment_state);
        self.changed.insert(id, Changed { id, residual, state, payment_state });
        self.look_again.insert(id, event);
        Ok(())
    }

    fn answer(
        &mut self,
        allocation: &str,
        applied: Option<WireMoney>,
        credit: Option<WireMoney>,
        of_reversal: bool,
    ) -> Result<(), HandlerError> {
        // Credit that is applied later has no allocation of its own.
        let Some(id) = optional::<AllocationId>(allocation)? else { return Ok(()) };
        let applied = amount(applied.as_ref())?;
        let credit = amount(credit.as_ref())?;
        let currency = applied.or(credit).map(Money::currency);
        let currency =
            currency.ok_or_else(|| HandlerError::Park("an answer without amounts".into()))?;
        let zero = Money::zero(currency);
        // After a reversal nothing of the allocation stands anywhere.
        let (applied, credit) = if of_reversal {
            (zero, zero)
        } else {
            (applied.unwrap_or(zero), credit.unwrap_or(zero))
        };
        self.answers.insert(id, Answer { id, applied, credit, of_reversal });
        Ok(())
    }

    /// Keeps all of it, and has lines that wait decided again.
    ///
    /// # Errors
    /// Those of the database; [`HandlerError::Park`] for an answer to an allocation that was never
    /// made here.
    pub(super) async fn keep(
        self,
        conn: &mut PgConnection,
        frame: &Frame,
    ) -> Result<(), HandlerError> {
        store::matching::tell(&mut *conn).await?;
        let clients: Vec<ClientId> = self.clients.into_iter().collect();
        store::accounts::lock(&mut *conn, &clients).await?;
        let mut look = Vec::new();
        if !self.issued.is_empty() {
            let (events, issued): (Vec<EventId>, Vec<Issued>) = self.issued.into_values().unzip();
            let events: BTreeMap<InvoiceId, EventId> =
                issued.iter().map(|invoice| invoice.id).zip(events).collect();
            let new = store::invoices::insert(&mut *conn, &issued).await?;
            let waiting = store::lines::waiting_for_issued(&mut *conn, &new).await?;
            look.extend(by_event(&events, waiting));
        }
        if !self.changed.is_empty() {
            // A draft that is cancelled was never issued, and so was never told here.
            let changed: Vec<Changed> = self.changed.into_values().collect();
            store::invoices::update(&mut *conn, &changed).await?;
        }
        if !self.answers.is_empty() {
            let answers: Vec<Answer> = self.answers.into_values().collect();
            let known = store::allocations::settle(&mut *conn, &answers).await?;
            if let Some(unknown) = answers.iter().find(|answer| !known.contains(&answer.id)) {
                return Err(HandlerError::Park(format!("{} was never made here", unknown.id)));
            }
        }
        if !self.look_again.is_empty() {
            let invoices: Vec<InvoiceId> = self.look_again.keys().copied().collect();
            let waiting = store::lines::waiting_for_changed(&mut *conn, &invoices).await?;
            look.extend(by_event(&self.look_again, waiting));
        }
        Ok(matching::push(conn, frame, look).await?)
    }
}

/// Lines by the event that made their invoice worth a look, in the order of the lines.
fn by_event(
    events: &BTreeMap<InvoiceId, EventId>,
    waiting: Vec<(InvoiceId, LineId)>,
) -> BTreeMap<EventId, Vec<LineId>> {
    let mut lines: BTreeMap<EventId, Vec<LineId>> = BTreeMap::new();
    for (invoice, line) in waiting {
        if let Some(event) = events.get(&invoice) {
            lines.entry(*event).or_default().push(line);
        }
    }
    lines
}
