//! The matcher: waiting lines that something new may fit; lines of a new statement are decided as
//! they are stored ([`importing`](super::importing)), by what stands here.

use crate::domain::allocations::Part;
use crate::domain::lines::Line;
use crate::domain::matching::known::Known;
use crate::domain::matching::rivals::{Rivals, rivals};
use crate::domain::matching::{Decision, Payment, Preset, Share, decide};
use crate::store::allocations::{Act, New};
use crate::{events, store};
use serde::{Deserialize, Serialize};
use service::feed::{self, NewEvent};
use service::queue::{self, JobError, Lease, NewJob, Worker as Work};
use service::{Failure, Frame};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};
use types::id::{ClientId, EventId, InvoiceId, LineId};

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
    let mut tx = frame.begin().await?;
    store::matching::keep_still(&mut tx).await?;
    let lines = store::lines::get_all(&mut tx, ids).await?;
    let payments: Vec<Payment> = lines.iter().map(store::matching::payment).collect();
    let mut known = store::matching::known(&mut tx, &payments).await?;
    store::accounts::lock(&mut tx, &clients_at_stake(&known)).await?;
    store::matching::in_flight(&mut tx, &mut known).await?;
    store::matching::unmatched(&mut tx, ids, &mut known).await?;
    let mut lines = store::lines::lock_all(&mut tx, ids).await?;
    lines.retain(Line::waits_for_matcher);
    let place: HashMap<LineId, usize> = ids.iter().zip(0..).map(|(id, at)| (*id, at)).collect();
    lines.sort_by_key(|line| place.get(&line.id));
    let payments: Vec<Payment> = lines.iter().map(store::matching::payment).collect();
    let mut verdicts = decide_all(&mut tx, lines, &payments, &mut known, preset).await?;
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

/// Whose money a decision may touch: clients whose open invoices are named. They are locked before
/// it is looked up what of these is allocated already.
#[must_use]
pub fn clients_at_stake(known: &Known) -> Vec<ClientId> {
    let open = known.all_named().filter(|invoice| invoice.open && invoice.residual.is_positive());
    open.map(|invoice| invoice.client).collect()
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

/// Decides about lines that wait, each with its payment, in this order, by what is known about
/// them; each decision is seen by those after it. Reads only: the locks ([`clients_at_stake`]) may
/// be those of another connection.
///
/// Nothing but a named invoice makes a line certain, and its client is locked; then the other open
/// invoices of payer and client are looked up, as far as one of them may speak against it
/// ([`rivals`]), and all of them where a person has to look.
///
/// # Errors
/// Those of the database.
pub async fn decide_all(
    conn: &mut PgConnection,
    lines: Vec<Line>,
    payments: &[Payment],
    known: &mut Known,
    preset: Preset,
) -> Result<Vec<Verdict>, Failure> {
    let ids: Vec<LineId> = lines.iter().map(|line| line.id).collect();
    let named = decide_in_turn(known, &ids, payments, preset, None);
    let (mut whole, mut some) = (BTreeSet::new(), Vec::new());
    for (payment, decision) in payments.iter().zip(&named) {
        let mut clients = known.clients([payment]);
        clients.extend(decision.allocate.iter().map(|share| share.proposal.client));
        match rivals(payment, decision, preset) {
            Rivals::Any => whole.append(&mut clients),
            Rivals::OfAmounts(amounts) => {
                some.extend(clients.iter().flat_map(|c| amounts.iter().map(|a| (*c, *a))));
            }
        }
    }
    store::matching::open_of_amounts(&mut *conn, &some, known).await?;
    store::matching::open(&mut *conn, whole.iter().copied(), known).await?;
    let mut decisions = decide_in_turn(known, &ids, payments, preset, Some(&named));
    // What a person has to decide after all is shown with everything that is open.
    let doubtful = payments.iter().zip(named.iter().zip(&decisions));
    let doubtful = doubtful.filter(|(_, (named, now))| named.allocate.len() > now.allocate.len());
    let mut clients = known.clients(doubtful.map(|(payment, _)| payment));
    clients.retain(|client| !whole.contains(client));
    if !clients.is_empty() {
        store::matching::open(conn, clients, known).await?;
        decisions = decide_in_turn(known, &ids, payments, preset, Some(&named));
    }
    lines.into_iter().zip(decisions).map(|(line, decision)| verdict(line, decision)).collect()
}

/// Decides about lines from the first one on. Where something was decided before, clients of no
/// other invoices are locked: nothing else is allocated.
fn decide_in_turn(
    known: &mut Known,
    lines: &[LineId],
    payments: &[Payment],
    preset: Preset,
    before: Option<&[Decision]>,
) -> Vec<Decision> {
    known.start_again();
    let invoices =
        |d: &Decision| d.allocate.iter().map(|s| s.proposal.invoice).collect::<Vec<InvoiceId>>();
    let mut decisions = Vec::with_capacity(lines.len());
    for (at, (line, payment)) in lines.iter().zip(payments).enumerate() {
        let mut decision = decide(payment, &known.snapshot(*line, payment), preset);
        if before.is_some_and(|before| invoices(&before[at]) != invoices(&decision)) {
            decision.allocate.clear();
        }
        for share in &decision.allocate {
            known.allocate(share.proposal.invoice, share.amount);
        }
        decisions.push(decision);
    }
    decisions
}

fn verdict(line: Line, decision: Decision) -> Result<Verdict, Failure> {
    let (state, reasons, proposals) = (line.state, line.reasons.clone(), line.proposals.clone());
    let line = line.decided(&decision).map_err(Failure::internal)?;
    let changed = (line.state, &line.reasons, &line.proposals) != (state, &reasons, &proposals);
    Ok(Verdict { line, changed, chosen: decision.allocate })
}

/// The line with what a person may choose now, after an act of theirs; the machine allocates
/// nothing.
///
/// # Errors
/// Those of the database.
pub async fn propose(conn: &mut PgConnection, line: Line, preset: Preset) -> Result<Line, Failure> {
    let payments = [store::matching::payment(&line)];
    let mut known = store::matching::known(&mut *conn, &payments).await?;
    store::matching::in_flight(&mut *conn, &mut known).await?;
    store::matching::unmatched(&mut *conn, &[line.id], &mut known).await?;
    let clients = known.clients(&payments);
    store::matching::open(conn, clients, &mut known).await?;
    let [payment] = &payments;
    let decision = decide(payment, &known.snapshot(line.id, payment), preset);
    Ok(Line { proposals: decision.proposals, reasons: decision.reasons, ..line })
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
