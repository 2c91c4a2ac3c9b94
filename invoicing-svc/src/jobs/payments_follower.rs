//! Follows payments-svc: money that came stands in suspense, what is meant for a client becomes its
//! advance and is applied, what is taken back is reversed exactly (design.md §2, "Ledger").
//!
//! payments-svc says what money is meant for; only this service applies it, clamps it to what is
//! left to pay and leaves the rest as credit. Every handler is idempotent by the line or the
//! allocation, so the feed may be read again from 0.

mod batch;
mod read;

use crate::{
    domain::{
        applications::{self, Incoming},
        invoices::InvoiceState,
        ledger::{self, CauseKind, Transfer},
    },
    flows::{billed, late_fees, pay},
    jobs::clients_follower,
    store::{
        self,
        allocations::{Allocation, SuspenseLine},
        applications::Origin,
        invoices::InvoiceRow,
        profiles::Profile,
    },
};
use proto::{invoicing::v1 as out, payments::v1 as pb};
use service::{
    Failure, Frame,
    feed::{self, Event, Handler, HandlerError},
};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use types::{
    Money,
    id::{ClientId, InvoiceId, LegalEntityId, SubscriptionId},
};

/// Applies what payments-svc tells.
#[derive(Debug, Clone)]
pub struct Follower {
    frame: Frame,
}

impl Follower {
    /// A follower over this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }
}

impl Handler for Follower {
    /// The client's profile, where none was known and the payer is not named.
    type Prepared = Option<Profile>;

    const KINDS: &'static [&'static str] = &[
        "raschet.payments.v1.LineImported",
        "raschet.payments.v1.LineIgnored",
        "raschet.payments.v1.Allocated",
        "raschet.payments.v1.AllocationReversed",
    ];

    async fn prepare(&self, event: &Event) -> Result<Self::Prepared, HandlerError> {
        let Some(client) = event.client.filter(|_| event.is::<pb::Allocated>()) else {
            return Ok(None);
        };
        // Most money names its payer: nothing to ask the database for, ten thousand times in turn.
        if !event.decode::<pb::Allocated>()?.payer.is_empty() {
            return Ok(None);
        }
        let mut conn = self.frame.pool.acquire().await?;
        let known = store::profiles::get(&mut conn, client).await?;
        drop(conn);
        if known.is_some() {
            return Ok(None);
        }
        Ok(clients_follower::fetch(&self.frame, client).await?)
    }

    async fn apply(
        &self,
        conn: &mut PgConnection,
        event: &Event,
        profile: Self::Prepared,
    ) -> Result<(), HandlerError> {
        if let Some(profile) = profile {
            store::profiles::keep(conn, &profile).await?;
        }
        if event.is::<pb::LineImported>() {
            self.imported(conn, &[read::imported(&event.decode()?)?]).await
        } else if event.is::<pb::LineIgnored>() {
            self.ignored(conn, &event.decode()?).await
        } else if event.is::<pb::Allocated>() {
            self.allocated(conn, read::allocated(&event.decode()?)?).await
        } else {
            self.reversed(conn, &event.decode()?).await
        }
    }

    async fn apply_batch(
        &self,
        conn: &mut PgConnection,
        batch: &[(&Event, &Self::Prepared)],
    ) -> Result<bool, HandlerError> {
        batch::apply(self, conn, batch).await
    }
}

impl Follower {
    /// Money came: bank clearing and suspense, once per line.
    async fn imported(
        &self,
        conn: &mut PgConnection,
        lines: &[SuspenseLine],
    ) -> Result<(), HandlerError> {
        let mut new = store::allocations::insert_lines(conn, lines).await?;
        let posted: Vec<Transfer> = lines
            .iter()
            .filter(|l| new.remove(&l.line))
            .map(|l| ledger::received(l.seller, l.amount, &l.line.to_string(), l.date))
            .collect::<Result<_, _>>()
            .map_err(park)?;
        Ok(store::ledger::post(conn, &posted, self.frame.clock.now()).await?)
    }

    /// The line turned out to be no payment of a client: out of suspense again.
    async fn ignored(
        &self,
        conn: &mut PgConnection,
        ignored: &pb::LineIgnored,
    ) -> Result<(), HandlerError> {
        let line = read::name(&ignored.line)?;
        if !store::allocations::ignore_line(conn, line).await? {
            return Ok(());
        }
        let name = line.to_string();
        let posted = store::ledger::of_causes(conn, std::slice::from_ref(&name)).await?;
        let date = self.frame.clock.today(chrono_tz::Europe::Moscow);
        let back: Vec<Transfer> = posted
            .iter()
            .filter(|t| t.cause().kind == CauseKind::Received)
            .map(|t| ledger::reverse(t, &name, date))
            .collect();
        Ok(store::ledger::post(conn, &back, self.frame.clock.now()).await?)
    }

    /// Money is meant for a client: its advance, applied to the invoice it names as far as that
    /// may be paid; the rest is credit.
    async fn allocated(
        &self,
        conn: &mut PgConnection,
        mut allocation: Allocation,
    ) -> Result<(), HandlerError> {
        let now = self.frame.clock.now();
        store::accounts::lock(conn, allocation.client, now).await?;
        if store::allocations::get(conn, allocation.id).await?.is_some() {
            return Ok(());
        }
        let mut row = match allocation.named {
            Some(id) => named(conn, id, allocation.client).await?,
            None => None,
        };
        let payer = payer_of(conn, &allocation, row.as_ref()).await?;
        allocation.payer = Some(payer);
        store::allocations::insert(conn, &[&allocation], now).await?;
        let whose = (allocation.seller, allocation.client, payer);
        let name = allocation.id.to_string();
        let posted = ledger::allocated(whose, allocation.amount, &name, allocation.date);
        store::ledger::post(conn, &[posted.map_err(park)?], now).await?;
        let mut applied = false;
        if let Some(row) = &mut row {
            applied = self.set_against(conn, row, &allocation, payer).await?;
        }
        let about = row.as_ref().filter(|_| applied);
        Ok(pay::tell(conn, &self.frame, about, &[allocation.id]).await?)
    }

    /// Sets the money against the invoice; false when all of it stays credit.
    async fn set_against(
        &self,
        conn: &mut PgConnection,
        row: &mut InvoiceRow,
        allocation: &Allocation,
        payer: LegalEntityId,
    ) -> Result<bool, HandlerError> {
        let revived = revive(conn, row, allocation).await?;
        let Some(amount) = applicable(row, allocation, payer)? else { return Ok(false) };
        let before = row.invoice.payment_state().map_err(park)?;
        if revived {
            bill_again(conn, row).await?;
        }
        let parts = &mut [(allocation.clone(), amount, Origin::Allocation)];
        pay::apply(conn, &self.frame, row, parts).await?;
        pay::settle(conn, &self.frame, row, before).await?;
        Ok(true)
    }

    /// Money is meant for nobody again: applications are taken off their invoices, and it goes back
    /// to suspense.
    async fn reversed(
        &self,
        conn: &mut PgConnection,
        event: &pb::AllocationReversed,
    ) -> Result<(), HandlerError> {
        let now = self.frame.clock.now();
        let client: ClientId = read::name(&event.client)?;
        store::accounts::lock(conn, client, now).await?;
        let id = read::name(&event.allocation)?;
        let allocation = store::allocations::get(conn, id).await?;
        let allocation =
            allocation.ok_or_else(|| HandlerError::Park(format!("{id} was never applied here")))?;
        if allocation.reversed {
            return Ok(());
        }
        let applied = self.take_off(conn, &allocation, &event.reason).await?;
        let name = id.to_string();
        let posted = store::ledger::of_causes(conn, std::slice::from_ref(&name)).await?;
        let zone = crate::flows::accept::zone(conn, client).await?;
        let date = self.frame.clock.today(zone);
        let back: Vec<Transfer> = posted
            .iter()
            .filter(|t| t.cause().kind == CauseKind::Allocated)
            .map(|t| ledger::reverse(t, &name, date))
            .collect();
        store::ledger::post(conn, &back, now).await?;
        store::allocations::reverse(conn, id).await?;
        let credit = allocation.amount.checked_sub(applied).map_err(park)?;
        let answer = out::ApplicationReversed {
            allocation: name,
            applied: Some(applied.into()),
            credit: Some(credit.into()),
        };
        feed::append(conn, &self.frame, Some(client), &answer).await?;
        Ok(())
    }

    /// Takes all that an allocation paid off its invoices and late fees; answers how much it was.
    async fn take_off(
        &self,
        conn: &mut PgConnection,
        allocation: &Allocation,
        reason: &str,
    ) -> Result<Money, HandlerError> {
        let live = store::applications::of_allocation(conn, allocation.id).await?;
        let applied = Money::sum(allocation.amount.currency(), live.iter().map(|a| a.amount));
        let mut by_invoice: BTreeMap<InvoiceId, Vec<_>> = BTreeMap::new();
        for application in live {
            by_invoice.entry(application.invoice).or_default().push(application);
        }
        for (invoice, applications) in by_invoice {
            let row = store::invoices::get(conn, invoice).await?;
            let mut row = row.ok_or_else(|| Failure::internal("money against no invoice"))?;
            let before = row.invoice.payment_state().map_err(park)?;
            pay::unapply(conn, &self.frame, &mut row, &applications, reason).await?;
            pay::settle(conn, &self.frame, &mut row, before).await?;
        }
        let fees = late_fees::take_off(conn, &self.frame, allocation, reason).await?;
        applied.and_then(|applied| applied.checked_add(fees)).map_err(park)
    }
}

/// The named invoice, if it is the client's: a foreign one is as good as none.
async fn named(
    conn: &mut PgConnection,
    id: InvoiceId,
    client: ClientId,
) -> Result<Option<InvoiceRow>, Failure> {
    let row = store::invoices::get(conn, id).await?;
    Ok(row.filter(|row| row.invoice.client == client))
}

/// How much of the money may be set against the invoice; none when all of it is credit.
fn applicable(
    row: &InvoiceRow,
    allocation: &Allocation,
    payer: LegalEntityId,
) -> Result<Option<Money>, HandlerError> {
    let money = Incoming {
        allocation: allocation.id,
        seller: allocation.seller,
        legal_entity: payer,
        received: allocation.date,
        amount: allocation.amount,
    };
    let (applied, reason) = applications::apply(&row.invoice, &money).map_err(park)?;
    if let Some(reason) = reason {
        let (invoice, reason) = (row.invoice.id, reason.code());
        tracing::info!(%invoice, allocation = %allocation.id, reason, "money became credit");
        return Ok(None);
    }
    Ok(Some(applied.applied))
}

/// Returns an expired invoice to issued for money dated within its validity, if nothing else bills
/// its periods; else it stays as it was, and the money is credit.
async fn revive(
    conn: &mut PgConnection,
    row: &mut InvoiceRow,
    money: &Allocation,
) -> Result<bool, HandlerError> {
    let same =
        row.invoice.seller == money.seller && row.invoice.currency == money.amount.currency();
    if row.invoice.state != InvoiceState::Expired || !same {
        return Ok(false);
    }
    let free = store::billed_periods::are_free(conn, row.invoice.id).await?;
    match row.invoice.clone().revive(money.date, free) {
        Ok(invoice) => {
            row.invoice = invoice;
            Ok(true)
        }
        Err(why) => {
            tracing::info!(invoice = %row.invoice.id, %why, "an expired invoice stays expired");
            Ok(false)
        }
    }
}

/// Claims the periods of an invoice that returned to issued, and moves what is billed by them.
async fn bill_again(conn: &mut PgConnection, row: &InvoiceRow) -> Result<(), Failure> {
    store::billed_periods::claim_again(conn, row.invoice.id).await?;
    let ids: Vec<SubscriptionId> = row.invoice.paid_through().into_keys().collect();
    billed::through(conn, &ids).await
}

/// Whose advance it is: the payer that the money names, else the invoice's, else the one whose
/// contract with the seller is the oldest, else the client's first.
async fn payer_of(
    conn: &mut PgConnection,
    allocation: &Allocation,
    row: Option<&InvoiceRow>,
) -> Result<LegalEntityId, HandlerError> {
    if let Some(payer) = allocation.payer.or(row.map(|row| row.invoice.legal_entity)) {
        return Ok(payer);
    }
    let payer = store::allocations::usual_payer(conn, allocation.client, allocation.seller).await?;
    payer.ok_or_else(|| {
        let client = allocation.client;
        HandlerError::Park(format!("{client} has no legal entity; create one, then retry"))
    })
}

fn park(error: impl std::fmt::Display) -> HandlerError {
    HandlerError::Park(error.to_string())
}
