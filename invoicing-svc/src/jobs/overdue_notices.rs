//! Reminds of invoices that are overdue (A48): in the morning of every business day, each notice of
//! the ladder once, and nobody who does not want to be reminded.

use crate::{
    domain::{
        calendars::BankingCalendar,
        overdue_notices::{self, Notice},
    },
    flows::letters,
    store,
};
use chrono::{NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Europe::Moscow;
use serde::{Deserialize, Serialize};
use service::{
    Failure, Frame,
    feed::{self, NewEvent},
    queue::{self, JobError, Lease, Schedule},
};
use sqlx::PgConnection;
use types::id::{ClientId, InvoiceId, SellerId};

const KIND: &str = "overdue_notices";
/// When notices leave: people are at work, and read them.
const MORNING: NaiveTime = NaiveTime::from_hms_opt(10, 0, 0).unwrap();

/// A day on which to remind.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Job {
    day: NaiveDate,
}

/// Asks for notices on each new business day.
#[derive(Debug)]
pub struct Daily;

impl Schedule for Daily {
    const NAME: &'static str = "overdue_notices";

    async fn run(&self, conn: &mut PgConnection, day: NaiveDate) -> Result<(), JobError> {
        let morning = Moscow.from_local_datetime(&day.and_time(MORNING)).earliest();
        let at = morning.ok_or_else(|| JobError::Park(format!("{day} has no morning")))?;
        let key = day.to_string();
        queue::push(conn, KIND, Some(&key), None, at.to_utc(), &Job { day }).await?;
        Ok(())
    }
}

/// Sends what [`Daily`] asked for.
#[derive(Debug)]
pub struct Worker {
    frame: Frame,
}

impl Worker {
    /// A worker over this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }

    /// Reminds one client, in a transaction of its own.
    async fn remind(
        &self,
        client: ClientId,
        invoices: &[InvoiceId],
        notice: Notice,
        today: NaiveDate,
    ) -> Result<(), Failure> {
        let mut tx = self.frame.begin().await?;
        store::accounts::lock(&mut tx, client, self.frame.clock.now()).await?;
        let noted = store::overdue_notices::note(&mut tx, invoices, notice.nth, today).await?;
        let rows = store::invoices::get_all(&mut tx, &noted).await?;
        let sellers: Vec<SellerId> = rows.iter().map(|row| row.invoice.seller).collect();
        let sellers = store::sellers::get_all(&mut tx, &sellers).await?;
        let tokens = store::pay_links::of(&mut tx, &noted).await?;
        let languages = store::profiles::languages(&mut tx, &[client]).await?;
        let language = languages.get(&client).map_or("ru", String::as_str);
        let mut told = Vec::new();
        for row in &rows {
            let seller = sellers.iter().find(|seller| seller.seller.id == row.invoice.seller);
            let seller = seller.ok_or_else(|| Failure::internal("an invoice has no seller"))?;
            let token = tokens.get(&row.invoice.id).map(String::as_str);
            let letter = letters::overdue(&row.invoice, seller, token, language, notice.nth)?;
            told.extend(letter.map(|letter| NewEvent::new(Some(client), &letter)));
        }
        feed::append_all(&mut tx, &self.frame, &told).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(())
    }
}

impl queue::Worker for Worker {
    const KIND: &'static str = KIND;
    type Job = Job;

    /// What is to be sent now, whatever day it was asked for: after a pause of the suite nobody
    /// gets three notices at once.
    async fn run(&self, _: Job, _: &Lease) -> Result<(), JobError> {
        let today = self.frame.clock.today(Moscow);
        for notice in overdue_notices::on(&BankingCalendar::default(), today) {
            let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
            let wanted = store::overdue_notices::wanted(&mut conn, notice).await?;
            drop(conn);
            for (client, invoices) in wanted {
                self.remind(client, &invoices, notice, today).await?;
            }
        }
        Ok(())
    }
}
