//! The matcher: lines of a new statement, and waiting lines that something new may fit.

use crate::domain::allocations::Part;
use crate::domain::lines::Line;
use crate::domain::matching::{Decision, Preset, decide};
use crate::store::allocations::Act;
use crate::{events, store};
use serde::{Deserialize, Serialize};
use service::queue::{self, JobError, Lease, Worker as Work};
use service::{Failure, Frame, feed};
use sqlx::PgConnection;
use types::id::{ClientId, EventId, LineId, StatementId};

/// Kind of the jobs.
pub const KIND: &str = "match";

/// Who allocates when no person does.
const ACTOR: &str = "service/payments";

/// How often a line is decided again because its client changed between looking and locking.
const TRIES: usize = 5;

/// What a job is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// The lines of a file that the matcher has not seen.
    Statement(StatementId),
    /// These waiting lines.
    Lines(Vec<LineId>),
}

/// Pushes a job for lines that an event may concern, once per event.
///
/// # Errors
/// Those of the database.
pub async fn push(
    conn: &mut PgConnection,
    frame: &Frame,
    cause: EventId,
    lines: Vec<LineId>,
) -> Result<(), Failure> {
    if lines.is_empty() {
        return Ok(());
    }
    let (key, now) = (cause.to_string(), frame.clock.now());
    queue::push(conn, KIND, Some(&key), None, now, &Job::Lines(lines)).await?;
    Ok(())
}

/// Does the jobs.
#[derive(Debug, Clone)]
pub struct Worker {
    frame: Frame,
    preset: Preset,
}

impl Worker {
    /// The worker of this frame.
    #[must_use]
    pub fn new(frame: &Frame, preset: Preset) -> Self {
        Self { frame: frame.clone(), preset }
    }
}

impl Work for Worker {
    const KIND: &'static str = KIND;

    type Job = Job;

    /// Each line is one short transaction: a job that dies half-way goes on where it stopped.
    async fn run(&self, job: Job, _: &Lease) -> Result<(), JobError> {
        let lines = match job {
            Job::Statement(id) => {
                let mut conn = self.frame.pool.acquire().await?;
                store::lines::unseen(&mut conn, id).await?
            }
            Job::Lines(lines) => lines,
        };
        for line in lines {
            match_line(&self.frame, self.preset, line).await?;
        }
        Ok(())
    }
}

/// Decides about one line and stores the decision; does nothing to a line that does not wait.
///
/// # Errors
/// Those of the database.
pub async fn match_line(frame: &Frame, preset: Preset, id: LineId) -> Result<(), Failure> {
    let mut looked = {
        let mut conn = frame.pool.acquire().await?;
        match store::lines::get(&mut conn, id).await? {
            Some(line) if line.waits_for_matcher() => look(&mut conn, &line, preset).await?,
            _ => return Ok(()),
        }
    };
    for _ in 0..TRIES {
        let client = looked.allocate.as_ref().map(|proposal| proposal.client);
        match settle(frame, preset, id, client).await? {
            Outcome::Done => {
                frame.wake();
                return Ok(());
            }
            Outcome::OtherClient(decision) => looked = decision,
        }
    }
    Err(Failure::unavailable(format!("{id}: its client kept changing while it was matched")))
}

enum Outcome {
    Done,
    /// Under the lock the decision names a client who is not locked.
    OtherClient(Decision),
}

async fn look(conn: &mut PgConnection, line: &Line, preset: Preset) -> Result<Decision, Failure> {
    let snapshot = store::matching::snapshot(conn, line).await?;
    Ok(decide(&store::matching::payment(line), &snapshot, preset))
}

/// Decides again under the locks, which are taken in the order of all transactions about money:
/// the client first, then the line.
async fn settle(
    frame: &Frame,
    preset: Preset,
    id: LineId,
    client: Option<ClientId>,
) -> Result<Outcome, Failure> {
    let mut tx = frame.pool.begin().await?;
    if let Some(client) = client {
        store::accounts::lock(&mut tx, &[client]).await?;
    }
    let line = match store::lines::lock(&mut tx, id).await? {
        Some(line) if line.waits_for_matcher() => line,
        _ => return Ok(Outcome::Done),
    };
    let decision = look(&mut tx, &line, preset).await?;
    let chosen = decision.allocate.as_ref().map(|proposal| proposal.client);
    if chosen.is_some() && chosen != client {
        return Ok(Outcome::OtherClient(decision));
    }
    let amount = line.unallocated();
    let decided = line.clone().decided(&decision).map_err(Failure::internal)?;
    if decided == line {
        return Ok(Outcome::Done);
    }
    if let Some(proposal) = &decision.allocate {
        let part = Part {
            invoice: Some(proposal.invoice),
            client: proposal.client,
            payer: proposal.payer,
            amount,
        };
        let reasons = &proposal.reasons;
        let act = Act { actor: ACTOR, automatic: true, reasons, at: frame.clock.now() };
        let made = store::allocations::insert(&mut tx, &decided, &[part], act).await?;
        let told: Vec<_> = made.iter().map(|made| events::allocated(&decided, made)).collect();
        feed::append_all(&mut tx, frame, &told).await?;
    }
    store::lines::save(&mut tx, decided).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}
