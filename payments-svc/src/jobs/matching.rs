//! The matcher: lines of a new statement, and waiting lines that something new may fit.

use crate::domain::allocations::Part;
use crate::domain::lines::Line;
use crate::domain::matching::known::Known;
use crate::domain::matching::{Decision, Payment, Preset, Proposal, decide};
use crate::store::allocations::{Act, New};
use crate::{events, store};
use serde::{Deserialize, Serialize};
use service::queue::{self, JobError, Lease, NewJob, Worker as Work};
use service::{Failure, Frame, feed};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};
use types::Money;
use types::id::{ClientId, EventId, LineId, StatementId};

/// Kind of the jobs.
pub const KIND: &str = "match";

/// Who allocates when no person does.
const ACTOR: &str = "service/payments";

/// How often lines are decided again because their clients changed between looking and locking.
const TRIES: usize = 5;

/// Most lines decided in one transaction.
const BATCH: usize = 1000;

/// What a job is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// The lines of a file that the matcher has not seen.
    Statement(StatementId),
    /// These waiting lines.
    Lines(Vec<LineId>),
}

/// Pushes a job for the lines that each event may concern, once per event.
///
/// # Errors
/// Those of the database.
pub async fn push(
    conn: &mut PgConnection,
    frame: &Frame,
    causes: impl IntoIterator<Item = (EventId, Vec<LineId>)>,
) -> Result<(), Failure> {
    let now = frame.clock.now();
    let jobs: Vec<NewJob> = causes
        .into_iter()
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(cause, lines)| Ok(NewJob::new(now, &Job::Lines(lines))?.key(cause.to_string())))
        .collect::<Result<_, Failure>>()?;
    if !jobs.is_empty() {
        queue::push_all(conn, KIND, &jobs).await?;
    }
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

    /// Each batch is one short transaction: a job that dies half-way goes on where it stopped.
    async fn run(&self, job: Job, _: &Lease) -> Result<(), JobError> {
        let lines = match job {
            Job::Statement(id) => {
                let mut conn = self.frame.pool.acquire().await?;
                store::lines::unseen(&mut conn, id).await?
            }
            Job::Lines(lines) => lines,
        };
        for batch in lines.chunks(BATCH) {
            match_lines(&self.frame, self.preset, batch).await?;
        }
        Ok(())
    }
}

/// Decides about lines in this order and stores the decisions; does nothing to lines that do not
/// wait. A line whose client changed between looking and locking is decided again.
///
/// # Errors
/// Those of the database.
pub async fn match_lines(frame: &Frame, preset: Preset, lines: &[LineId]) -> Result<(), Failure> {
    let mut left = lines.to_vec();
    for _ in 0..TRIES {
        left = settle(frame, preset, &left).await?;
        if left.is_empty() {
            return Ok(());
        }
    }
    let some = left.len();
    Err(Failure::unavailable(format!("{some} lines: their clients kept changing meanwhile")))
}

/// Decides about lines under the locks, which are taken in the order of all transactions about
/// money: clients first, then lines, each in ascending id. Answers the lines whose decision names a
/// client who is not locked, because its invoice came to be known meanwhile.
async fn settle(frame: &Frame, preset: Preset, ids: &[LineId]) -> Result<Vec<LineId>, Failure> {
    let mut tx = frame.pool.begin().await?;
    let clients = store::matching::clients(&mut tx, ids).await?;
    store::accounts::lock(&mut tx, &clients).await?;
    let mut lines = store::lines::lock_all(&mut tx, ids).await?;
    lines.retain(Line::waits_for_matcher);
    let place: HashMap<LineId, usize> = ids.iter().zip(0..).map(|(id, at)| (*id, at)).collect();
    lines.sort_by_key(|line| place.get(&line.id));
    let payments: Vec<Payment> = lines.iter().map(store::matching::payment).collect();
    let mut known = store::matching::known(&mut tx, &lines, &payments).await?;
    let locked: HashSet<ClientId> = clients.into_iter().collect();
    let named = by_number(&lines, &payments, known.clone(), &locked, preset);
    let unsure = payments.iter().zip(&named).filter(|(_, named)| named.allocate.is_none());
    let payers = known.clients(unsure.map(|(payment, _)| payment));
    store::matching::open(&mut tx, payers, &mut known).await?;
    let (mut decided, mut left) = (Vec::new(), Vec::new());
    for ((line, payment), named) in lines.into_iter().zip(&payments).zip(named) {
        let decision = match named.allocate {
            Some(_) => named,
            None => decide(payment, &known.snapshot(line.id, payment), preset),
        };
        if let Some(chosen) = &decision.allocate {
            if !locked.contains(&chosen.client) {
                left.push(line.id);
                continue;
            }
            known.allocate(chosen.invoice, payment.amount);
        }
        let after = line.clone().decided(&decision).map_err(Failure::internal)?;
        if after != line {
            decided.push((after, decision.allocate, payment.amount));
        }
    }
    if !decided.is_empty() {
        store_decisions(&mut tx, frame, decided).await?;
    }
    tx.commit().await?;
    frame.wake();
    Ok(left)
}

/// Decides about lines by the invoices that they name. Nothing else makes a line certain: what else
/// its payer may pay is looked up, for people, only where they have to look.
fn by_number(
    lines: &[Line],
    payments: &[Payment],
    mut known: Known,
    locked: &HashSet<ClientId>,
    preset: Preset,
) -> Vec<Decision> {
    let decide_next = |(line, payment): (&Line, &Payment)| {
        let decision = decide(payment, &known.snapshot(line.id, payment), preset);
        if let Some(chosen) = decision.allocate.as_ref().filter(|c| locked.contains(&c.client)) {
            known.allocate(chosen.invoice, payment.amount);
        }
        decision
    };
    lines.iter().zip(payments).map(decide_next).collect()
}

/// Stores lines with what was allocated of each, and tells the others.
async fn store_decisions(
    conn: &mut PgConnection,
    frame: &Frame,
    decided: Vec<(Line, Option<Proposal>, Money)>,
) -> Result<(), Failure> {
    let new: Vec<New> = decided
        .iter()
        .filter_map(|(line, chosen, amount)| {
            let chosen = chosen.as_ref()?;
            let part = Part {
                invoice: Some(chosen.invoice),
                client: chosen.client,
                payer: chosen.payer,
                amount: *amount,
            };
            Some(New { line, part, reasons: &chosen.reasons })
        })
        .collect();
    if !new.is_empty() {
        let act = Act { actor: ACTOR, automatic: true, at: frame.clock.now() };
        let made = store::allocations::insert(conn, &new, act).await?;
        let told: Vec<_> =
            new.iter().zip(&made).map(|(new, made)| events::allocated(new.line, made)).collect();
        feed::append_all(conn, frame, &told).await?;
    }
    let lines: Vec<Line> = decided.into_iter().map(|(line, ..)| line).collect();
    store::lines::save_all(conn, &lines).await
}
