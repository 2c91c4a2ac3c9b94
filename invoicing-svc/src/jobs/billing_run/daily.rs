//! The run of every business day.

use super::Billing;
use crate::jobs::runs::{Asked, Driver};
use chrono::{DateTime, NaiveDate};
use serde::{Deserialize, Serialize};
use service::{
    Frame,
    queue::{self, JobError, Lease, Schedule},
};
use sqlx::PgConnection;

const KIND: &str = "billing_run";

/// A day to bill.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Job {
    day: NaiveDate,
}

/// Asks for a run on each new business day.
#[derive(Debug)]
pub struct Daily;

impl Schedule for Daily {
    const NAME: &'static str = "billing";

    async fn run(&self, conn: &mut PgConnection, day: NaiveDate) -> Result<(), JobError> {
        let key = day.to_string();
        // Due at once: the day has begun, wherever it is UTC's date.
        let at = DateTime::UNIX_EPOCH;
        queue::push(conn, KIND, Some(&key), None, at, &Job { day }).await?;
        Ok(())
    }
}

/// Runs what [`Daily`] asked for.
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
}

impl queue::Worker for Worker {
    const KIND: &'static str = KIND;
    type Job = Job;

    async fn run(&self, job: Job, _: &Lease) -> Result<(), JobError> {
        let asked = Asked { actor: "service/invoicing".into(), key: None };
        let mut run = Driver::<Billing>::run(&self.frame, job.day, asked).await?;
        while let Some(step) = run.next().await? {
            let problems = step.made.results.iter().filter(|r| !r.problem.is_empty());
            for passed in problems {
                let (client, problem) = (&passed.client, &passed.problem);
                tracing::warn!(%client, %problem, "a client is passed over");
            }
        }
        Ok(())
    }
}
