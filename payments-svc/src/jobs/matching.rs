//! The matcher: waiting lines that something new may fit; lines of a new statement are decided as
//! they are stored ([`importing`](super::importing)), by what stands here.

use crate::domain::allocations::Part;
use crate::domain::lines::Line;
use crate::domain::matching::known::Known;
use crate::domain::matching::{Decision, Payment, Preset, Share, decide};
use crate::store::allocations::{Act, New};
use crate::{events, store};
use serde::{Deserialize, Serialize};
use service::feed::{self, NewEvent};
use service::queue::{self, JobError, Lease, NewJob, Worker as Work};
use service::{Failure, Frame};
use sqlx::PgConnection;
use std::collections::HashMap;
use types::id::{ClientId, EventId, LineId};

/// Kind of the jobs.
pub const KIND: &str = "match";

/// Who allocates when no person does.
const ACTOR: &str = "service/payments";

/// Most lines decided in one transaction.
const BATCH: usize = 1000;

/// Waiting lines that something new may fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    lines: Vec<LineId>,
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
        .map(|(cause, lines)| Ok(NewJob::new(now, &Job { lines })?.key(cause.to_string())))
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
        for batch in job.lines.chunks(BATCH) {
            match_lines(&self.frame, self.preset, batch).await?;
        }
        Ok(())
    }
}

/// Decides about lines in this order and stores the decisions; does nothing to lines that do not
/// wait.
///
/// Locks are taken in the order of all transactions about money: what is known first, then clients,
/// then lines, each in ascending id.
///
/// # Errors
/// Those of the database.
pub async fn match_lines(frame: &Frame, preset: Preset, ids: &[LineId]) -> Result<(), Failure> {
    let mut tx = frame.pool.begin().await?;
    store::matching::keep_still(&mut tx).await?;
    let lines = store::lines::get_all(&mut tx, ids).await?;
    let payments: Vec<Payment> = lines.iter().map(store::matching::payment).collect();
    let mut known = look(&mut tx, &payments).await?;
    store::matching::unmatched(&mut tx, ids, &mut known).await?;
    let mut lines = store::lines::lock_all(&mut tx, ids).await?;
    lines.retain(Line::waits_for_matcher);
    let place: HashMap<LineId, usize> = ids.iter().zip(0..).map(|(id, at)| (*id, at)).collect();
    lines.sort_by_key(|line| place.get(&line.id));
    let payments: Vec<Payment> = lines.iter().map(store::matching::payment).collect();
    let mut verdicts = decide_all(&mut tx, lines, &payments, known, preset).await?;
    verdicts.retain(|verdict| verdict.changed);
    if !verdicts.is_empty() {
        let told = allocate(&mut tx, frame, &verdicts).await?;
        if !told.is_empty() {
            feed::append_all(&mut tx, frame, &told).await?;
        }
        let lines: Vec<Line> = verdicts.into_iter().map(|verdict| verdict.line).collect();
        store::lines::save_all(&mut tx, &lines).await?;
    }
    tx.commit().await?;
    frame.wake();
    Ok(())
}

/// Looks up what is known about payments, and locks the clients whose money a decision may touch:
/// those whose open invoices are named. The caller keeps still what is known
/// ([`keep_still`](store::matching::keep_still)).
///
/// # Errors
/// Those of the database.
pub async fn look(conn: &mut PgConnection, payments: &[Payment]) -> Result<Known, Failure> {
    let mut known = store::matching::known(&mut *conn, payments).await?;
    let open = known.all_named().filter(|invoice| invoice.open && invoice.residual.is_positive());
    let clients: Vec<ClientId> = open.map(|invoice| invoice.client).collect();
    store::accounts::lock(&mut *conn, &clients).await?;
    store::matching::in_flight(conn, &mut known).await?;
    Ok(known)
}

/// A line as its decision leaves it.
#[derive(Debug)]
pub struct Verdict {
    /// The line.
    pub line: Line,
    /// Whether that is anything new.
    pub changed: bool,
    /// What all of it is meant for.
    chosen: Vec<Share>,
}

/// Decides about lines that wait, each with its payment, in this order, by what is known about them
/// ([`look`]); each decision is seen by those after it.
///
/// Nothing but a named invoice makes a line certain, and its client is locked; then the other open
/// invoices of payer and client are looked up: one of them may speak against it, and people see
/// them where they have to look.
///
/// # Errors
/// Those of the database.
pub async fn decide_all(
    conn: &mut PgConnection,
    lines: Vec<Line>,
    payments: &[Payment],
    mut known: Known,
    preset: Preset,
) -> Result<Vec<Verdict>, Failure> {
    let mut named = Vec::with_capacity(lines.len());
    for (line, payment) in lines.iter().zip(payments) {
        named.push(decide_next(&mut known, line.id, payment, preset));
    }
    let mut clients = known.clients(payments);
    let certain = named.iter().flat_map(|decision| &decision.allocate);
    clients.extend(certain.map(|share| share.proposal.client));
    store::matching::open(conn, clients, &mut known).await?;
    known.start_again();
    let mut verdicts = Vec::with_capacity(lines.len());
    for ((line, payment), named) in lines.into_iter().zip(payments).zip(named) {
        let mut decision = decide(payment, &known.snapshot(line.id, payment), preset);
        let same = |a: &Share, b: &Share| a.proposal.invoice == b.proposal.invoice;
        let sure = decision.allocate.len() == named.allocate.len()
            && decision.allocate.iter().zip(&named.allocate).all(|(a, b)| same(a, b));
        if !sure {
            // Of other invoices the clients are not locked.
            decision.allocate.clear();
        }
        for share in &decision.allocate {
            known.allocate(share.proposal.invoice, share.amount);
        }
        let (state, reasons, proposals) =
            (line.state, line.reasons.clone(), line.proposals.clone());
        let line = line.decided(&decision).map_err(Failure::internal)?;
        let changed = (line.state, &line.reasons, &line.proposals) != (state, &reasons, &proposals);
        verdicts.push(Verdict { line, changed, chosen: decision.allocate });
    }
    Ok(verdicts)
}

fn decide_next(known: &mut Known, line: LineId, payment: &Payment, preset: Preset) -> Decision {
    let decision = decide(payment, &known.snapshot(line, payment), preset);
    for share in &decision.allocate {
        known.allocate(share.proposal.invoice, share.amount);
    }
    decision
}

/// Stores what was allocated of lines, whose clients are locked; answers what the others are told.
///
/// # Errors
/// Those of the database.
pub async fn allocate(
    conn: &mut PgConnection,
    frame: &Frame,
    verdicts: &[Verdict],
) -> Result<Vec<NewEvent>, Failure> {
    let new: Vec<New> = verdicts
        .iter()
        .flat_map(|Verdict { line, chosen, .. }| {
            chosen.iter().map(move |share| New {
                line,
                part: Part::of(share),
                reasons: &share.proposal.reasons,
            })
        })
        .collect();
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let act = Act { actor: ACTOR, automatic: true, at: frame.clock.now() };
    let made = store::allocations::insert(conn, &new, act).await?;
    Ok(new.iter().zip(&made).map(|(new, made)| events::allocated(new.line, made)).collect())
}
