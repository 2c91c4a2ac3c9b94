//! Charges late fees (A47): each morning the days that are over since the last time, of every debt
//! that is overdue under a seller's policy. Days of a client who is not to be charged are passed
//! by, and not made up for.

use crate::{
    domain::{
        calendars::BankingCalendar,
        late_fees::{ChargedDays, LateFeePolicy, to_charge},
    },
    flows::late_fees,
    store,
};
use chrono::{NaiveDate, TimeZone};
use chrono_tz::Europe::Moscow;
use serde::{Deserialize, Serialize};
use service::{
    Failure, Frame,
    queue::{self, JobError, Lease, Schedule},
};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use types::{
    Period,
    id::{ClientId, InvoiceId, SellerId},
};

const KIND: &str = "late_fees";

/// A day that begins: those before it are over.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Job {
    day: NaiveDate,
}

/// Asks for charging on each new business day.
#[derive(Debug)]
pub struct Daily;

impl Schedule for Daily {
    const NAME: &'static str = "late_fees";

    async fn run(&self, conn: &mut PgConnection, day: NaiveDate) -> Result<(), JobError> {
        let midnight = Moscow.from_local_datetime(&day.and_hms_opt(0, 0, 0).unwrap_or_default());
        let at = midnight.earliest();
        let at = at.ok_or_else(|| JobError::Park(format!("{day} has no beginning")))?;
        let key = day.to_string();
        queue::push(conn, KIND, Some(&key), None, at.to_utc(), &Job { day }).await?;
        Ok(())
    }
}

/// Charges what [`Daily`] asked for.
#[derive(Debug)]
pub struct Worker {
    frame: Frame,
}

/// What to charge, by client.
type Due = BTreeMap<ClientId, Vec<(InvoiceId, Vec<ChargedDays>)>>;

impl Worker {
    /// A worker over this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }

    async fn due(&self, window: Period) -> Result<Due, Failure> {
        let mut conn = self.frame.pool.acquire().await?;
        let mut policies: BTreeMap<SellerId, Vec<LateFeePolicy>> = BTreeMap::new();
        for policy in store::late_fee_policies::within(&mut conn, window).await? {
            policies.entry(policy.seller).or_default().push(policy);
        }
        if policies.is_empty() {
            return Ok(Due::new());
        }
        let calendar = BankingCalendar::default();
        let sellers: Vec<SellerId> = policies.keys().copied().collect();
        let due = calendar.last_overdue(window.last());
        let mut by_client = Due::new();
        for invoice in store::late_fees::overdue(&mut conn, &sellers, due).await? {
            let own = policies.get(&invoice.seller).map_or(&[][..], Vec::as_slice);
            let charged = to_charge(own, calendar.first_overdue(invoice.due), window);
            if !charged.is_empty() {
                by_client.entry(invoice.client).or_default().push((invoice.invoice, charged));
            }
        }
        Ok(by_client)
    }

    /// Charges one client, in a transaction of its own.
    async fn charge(
        &self,
        client: ClientId,
        due: &[(InvoiceId, Vec<ChargedDays>)],
    ) -> Result<(), Failure> {
        let mut tx = self.frame.begin().await?;
        store::accounts::lock(&mut tx, client, self.frame.clock.now()).await?;
        late_fees::charge(&mut tx, &self.frame, due).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(())
    }
}

impl queue::Worker for Worker {
    const KIND: &'static str = KIND;
    type Job = Job;

    async fn run(&self, job: Job, _: &Lease) -> Result<(), JobError> {
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let until = store::late_fees::charged_until(&mut conn).await?;
        drop(conn);
        // The first time ever the policies alone say from when on.
        let from = until.unwrap_or_default();
        let Ok(window) = Period::new(from, job.day) else { return Ok(()) };
        for (client, due) in self.due(window).await? {
            self.charge(client, &due).await?;
        }
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        store::late_fees::note_charged(&mut conn, job.day).await?;
        Ok(())
    }
}
