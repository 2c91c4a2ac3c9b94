//! A batch of what payments-svc tells, when all of it is money that came or is meant for somebody:
//! the same as one event after another, with one statement for many of them.

use super::{Follower, applicable, park, read};
use crate::{
    domain::{
        invoices::{InvoiceState, PaymentState},
        ledger::{self, Transfer},
    },
    flows::pay::{self, Payment},
    store::{
        self, allocations::Allocation, applications::Origin, invoices::InvoiceRow,
        profiles::Profile,
    },
};
use proto::payments::v1 as pb;
use service::feed::{self, Event, HandlerError, NewEvent};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};
use types::{
    Money,
    id::{AllocationId, ClientId, InvoiceId},
};

/// Applies the batch; false when something else is in it.
pub(super) async fn apply(
    follower: &Follower,
    conn: &mut PgConnection,
    batch: &[(&Event, &Option<Profile>)],
) -> Result<bool, HandlerError> {
    let (mut lines, mut allocations) = (Vec::new(), Vec::new());
    for (event, profile) in batch {
        if profile.is_some() {
            return Ok(false);
        } else if event.is::<pb::LineImported>() {
            lines.push(read::imported(&event.decode()?)?);
        } else if event.is::<pb::Allocated>() {
            allocations.push(read::allocated(&event.decode()?)?);
        } else {
            return Ok(false);
        }
    }
    let clients: Vec<ClientId> = allocations.iter().map(|a| a.client).collect();
    if !clients.is_empty() {
        store::accounts::lock_all(conn, &clients, follower.frame.clock.now()).await?;
    }
    if !lines.is_empty() {
        follower.imported(conn, &lines).await?;
    }
    while !allocations.is_empty() {
        // What is meant for one client stays in order: one of each client at a time.
        let mut clients: HashSet<ClientId> = HashSet::new();
        let (now, later) = allocations.into_iter().partition(|a| clients.insert(a.client));
        allocations = later;
        follower.allocated_at_once(conn, now).await?;
    }
    Ok(true)
}

/// Money with the invoice that it names, if that is the client's.
struct Meant {
    allocation: Allocation,
    row: Option<InvoiceRow>,
}

/// Money that is set against its invoice.
struct Fitting {
    row: InvoiceRow,
    before: PaymentState,
    parts: [(Allocation, Money, Origin); 1],
}

impl Follower {
    /// What [`Follower::allocated`] does, for allocations of as many clients.
    async fn allocated_at_once(
        &self,
        conn: &mut PgConnection,
        allocations: Vec<Allocation>,
    ) -> Result<(), HandlerError> {
        let ids: Vec<AllocationId> = allocations.iter().map(|a| a.id).collect();
        let known = store::allocations::known(conn, &ids).await?;
        let named: Vec<InvoiceId> = allocations.iter().filter_map(|a| a.named).collect();
        let rows = store::invoices::get_all(conn, &named).await?;
        let mut rows: HashMap<InvoiceId, InvoiceRow> =
            rows.into_iter().map(|row| (row.invoice.id, row)).collect();
        let (mut plain, mut others) = (Vec::new(), Vec::new());
        for mut allocation in allocations {
            if known.contains(&allocation.id) {
                continue;
            }
            let row = allocation.named.and_then(|id| rows.remove(&id));
            let row = row.filter(|row| row.invoice.client == allocation.client);
            let payer = allocation.payer.or(row.as_ref().map(|row| row.invoice.legal_entity));
            let expired =
                row.as_ref().is_some_and(|row| row.invoice.state == InvoiceState::Expired);
            if payer.is_none() || expired {
                others.push(allocation);
                continue;
            }
            allocation.payer = payer;
            plain.push(Meant { allocation, row });
        }
        if !plain.is_empty() {
            self.advance(conn, &plain).await?;
            self.set_all_against(conn, plain).await?;
        }
        for allocation in others {
            self.allocated(conn, allocation).await?;
        }
        Ok(())
    }

    /// The money leaves suspense: it is the payers' advance.
    async fn advance(&self, conn: &mut PgConnection, meant: &[Meant]) -> Result<(), HandlerError> {
        let now = self.frame.clock.now();
        let allocations: Vec<&Allocation> = meant.iter().map(|m| &m.allocation).collect();
        store::allocations::insert(conn, &allocations, now).await?;
        let mut posted: Vec<Transfer> = Vec::with_capacity(meant.len());
        for a in allocations {
            let Some(payer) = a.payer else { continue };
            let whose = (a.seller, a.client, payer);
            let transfer = ledger::allocated(whose, a.amount, &a.id.to_string(), a.date);
            posted.push(transfer.map_err(park)?);
        }
        Ok(store::ledger::post(conn, &posted, now).await?)
    }

    /// Sets the money against the invoices that it names as far as they may be paid, and answers
    /// payments-svc.
    async fn set_all_against(
        &self,
        conn: &mut PgConnection,
        meant: Vec<Meant>,
    ) -> Result<(), HandlerError> {
        let mut told: Vec<NewEvent> = Vec::new();
        let mut fitting: Vec<Fitting> = Vec::new();
        for Meant { allocation, row } in meant {
            let amount = match (&row, allocation.payer) {
                (Some(row), Some(payer)) => applicable(row, &allocation, payer)?,
                _ => None,
            };
            match (row, amount) {
                (Some(row), Some(amount)) => {
                    let before = row.invoice.payment_state().map_err(park)?;
                    let parts = [(allocation, amount, Origin::Allocation)];
                    fitting.push(Fitting { row, before, parts });
                }
                _ => told.extend(pay::applied_event(None, &allocation)?),
            }
        }
        if !fitting.is_empty() {
            let mut payments: Vec<Payment> = fitting
                .iter_mut()
                .map(|f| Payment { row: &mut f.row, parts: &mut f.parts })
                .collect();
            pay::apply_all(conn, &self.frame, &mut payments).await?;
            let mut rows: Vec<_> = fitting.iter_mut().map(|f| (&mut f.row, f.before)).collect();
            pay::settle_all(conn, &self.frame, &mut rows).await?;
        }
        for Fitting { row, parts: [(allocation, ..)], .. } in &fitting {
            told.extend(pay::applied_event(Some(row), allocation)?);
        }
        Ok(feed::append_all(conn, &self.frame, &told).await?)
    }
}
