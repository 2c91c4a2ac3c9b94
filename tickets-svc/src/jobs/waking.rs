//! Tickets on hold come back when it is time.

use super::events;
use crate::store;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use service::{
    Failure, Frame,
    queue::{self, JobError, Lease, Worker},
};
use sqlx::PgConnection;
use types::id::TicketId;

/// Kind of the jobs.
pub const KIND: &str = "held_ticket";

/// One ticket to bring back.
#[derive(Debug, Serialize, Deserialize)]
pub struct Job {
    /// The ticket.
    pub ticket: TicketId,
}

/// Brings tickets back.
#[derive(Debug)]
pub struct Waking {
    frame: Frame,
}

impl Waking {
    /// One for a frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }
}

/// Has a ticket brought back at an instant.
///
/// # Errors
/// Those of the database.
pub async fn at(
    conn: &mut PgConnection,
    ticket: TicketId,
    until: DateTime<Utc>,
) -> Result<(), Failure> {
    let key = format!("{ticket} {}", until.timestamp_millis());
    queue::push(conn, KIND, Some(&key), None, until, &Job { ticket }).await?;
    Ok(())
}

impl Worker for Waking {
    const KIND: &'static str = KIND;
    type Job = Job;

    async fn run(&self, job: Job, _: &Lease) -> Result<(), JobError> {
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        let ticket = store::tickets::lock(&mut tx, job.ticket).await?;
        // Answered, closed, restored or held longer meanwhile: another job or nobody wakes it.
        let Some(ticket) = ticket.filter(|ticket| ticket.is_due_back(now)) else { return Ok(()) };
        let promise = store::tickets::promise(&mut tx, ticket.id, now).await?;
        let step = ticket.restore(&promise, now);
        let step = step.map_err(|error| JobError::Park(error.to_string()))?;
        store::tickets::save(&mut tx, &step, "system").await?;
        events::ticket_changed(&mut tx, &self.frame, &step).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(())
    }
}
