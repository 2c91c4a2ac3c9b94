//! The matcher: waiting lines that something new may fit; lines of a new statement are decided as
//! they are stored ([`importing`](super::importing)), by what stands here.

use crate::domain::allocations::Part;
use crate::domain::lines::Line;
use crate::domain::matching::known::Known;
use crate::domain::matching::reasons::Reason;
use crate::domain::matching::rivals::{Rivals, rivals};
use crate::domain::matching::{Decision, Payment, Preset, Share, decide};
use crate::domain::matching_policies::Allowance;
use crate::store::allocations::{Act, New};
use crate::store::matching_reviews::{Kind, Meant};
use crate::{events, store};
use serde::{Deserialize, Serialize};
use service::feed::{self, NewEvent};
use service::queue::{self, JobError, Lease, NewJob, Worker as Work};
use service::{Failure, Frame};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use types::id::{ClientId, EventId, InvoiceId, LineId, SellerId};
use types::{Currency, Money};

/// Kind of the jobs.
pub const KIND: &str = "match";

/// Who allocates when no person does.
const ACTOR: &str = "service/payments";

/// Where the days of a policy's caps begin and end.
pub const ZONE: chrono_tz::Tz = chrono_tz::Europe::Moscow;

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
    let today = frame.clock.today(ZONE);
    let mut allowance = store::matching_policies::allowance(&mut tx, today).await?;
    let lines = store::lines::get_all(&mut tx, ids).await?;
    let payments: Vec<Payment> = lines.iter().map(store::matching::payment).collect();
    let mut known = store::matching::known(&mut tx, &payments).await?;
    store::accounts::lock(&mut tx, &clients_at_stake(&known)).await?;
    store::matching::in_flight(&mut tx, &mut known).await?;
    store::matching::unmatched(&mut tx, ids, &mut known).await?;
    let lines = store::lines::lock_all(&mut tx, ids).await?;
    let (mut lines, aside) = classed(&mut tx, lines).await?;
    let place: HashMap<LineId, usize> = ids.iter().zip(0..).map(|(id, at)| (*id, at)).collect();
    lines.sort_by_key(|line| place.get(&line.id));
    let payments: Vec<Payment> = lines.iter().map(store::matching::payment).collect();
    let rules = (preset, &mut allowance);
    let mut verdicts = decide_all(&mut tx, lines, &payments, &mut known, rules).await?;
    verdicts.retain(|verdict| verdict.changed);
    if !verdicts.is_empty() || !aside.is_empty() {
        let told = allocate(&mut tx, frame, &verdicts).await?;
        if !told.is_empty() {
            feed::append_all(&mut tx, frame, &told).await?;
        }
        let decided = verdicts.into_iter().map(|verdict| verdict.line);
        let lines: Vec<Line> = decided.chain(aside).collect();
        store::lines::save_all(&mut tx, &lines).await?;
    }
    tx.commit().await?;
    frame.wake();
    Ok(())
}

/// Lines that wait for the matcher, and those that people taught are no payments of clients, as far
/// as these are other than before.
async fn classed(
    conn: &mut PgConnection,
    lines: Vec<Line>,
) -> Result<(Vec<Line>, Vec<Line>), Failure> {
    let classes = store::learned_rules::classes(conn).await?;
    let (mut wait, mut aside) = (Vec::new(), Vec::new());
    for before in lines {
        let line = classes.class(before.clone().unclassed());
        if line.waits_for_matcher() {
            wait.push(line);
        } else if line != before {
            aside.push(line);
        }
    }
    Ok((wait, aside))
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
    /// What it would have been allocated to, in the shadow.
    would: Vec<Share>,
    /// Whether a person looks at the decision as well.
    sampled: bool,
}

/// Decides about lines that wait, each with its payment, in this order, by what is known about
/// them; each decision is seen by those after it. Reads only: the locks ([`clients_at_stake`]) may
/// be those of another connection.
///
/// Nothing but a named invoice makes a line certain, and its client is locked; then the other open
/// invoices of payer and client are looked up, as far as one of them may speak against it
/// ([`rivals`]), and all of them where a person has to look. Of what is certain then, the policies
/// have the last word.
///
/// # Errors
/// Those of the database.
pub async fn decide_all(
    conn: &mut PgConnection,
    lines: Vec<Line>,
    payments: &[Payment],
    known: &mut Known,
    (preset, allowance): (Preset, &mut Allowance),
) -> Result<Vec<Verdict>, Failure> {
    let ids: Vec<LineId> = lines.iter().map(|line| line.id).collect();
    let first = |payment: &Payment, at: usize, known: &Known| {
        decide(payment, &known.snapshot(ids[at], payment), preset)
    };
    let named = in_turn(known, payments, first);
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
    let used = allowance.used.clone();
    let turn = Turn { ids: &ids, preset, named: &named };
    let (mut decisions, mut would) = turn.decide(known, payments, allowance);
    // What a person has to decide after all is shown with everything that is open.
    let doubtful = payments.iter().zip(named.iter().zip(&decisions));
    let doubtful = doubtful.filter(|(_, (named, now))| named.allocate.len() > now.allocate.len());
    let mut clients = known.clients(doubtful.map(|(payment, _)| payment));
    clients.retain(|client| !whole.contains(client));
    if !clients.is_empty() {
        store::matching::open(conn, clients, known).await?;
        allowance.used = used;
        (decisions, would) = turn.decide(known, payments, allowance);
    }
    let decided = lines.into_iter().zip(decisions.into_iter().zip(would));
    decided.map(|(line, (decision, would))| verdict(line, decision, would, allowance)).collect()
}

/// Decides about payments from the first one on; each decision is seen by those after it.
fn in_turn(
    known: &mut Known,
    payments: &[Payment],
    mut decide: impl FnMut(&Payment, usize, &Known) -> Decision,
) -> Vec<Decision> {
    known.start_again();
    let mut decisions = Vec::with_capacity(payments.len());
    for (at, payment) in payments.iter().enumerate() {
        let decision = decide(payment, at, known);
        for share in &decision.allocate {
            known.allocate(share.proposal.invoice, share.amount);
        }
        known.awaits(decision.awaits());
        decisions.push(decision);
    }
    decisions
}

/// Lines that were decided by what they name alone, and are decided again.
struct Turn<'t> {
    ids: &'t [LineId],
    preset: Preset,
    named: &'t [Decision],
}

impl Turn<'_> {
    /// Clients of no other invoices than those named are locked: nothing else is allocated; and of
    /// that, what the policies allow. Answers beside each decision what it would have been.
    fn decide(
        &self,
        known: &mut Known,
        payments: &[Payment],
        allowance: &mut Allowance,
    ) -> (Vec<Decision>, Vec<Vec<Share>>) {
        let invoices = |d: &Decision| -> Vec<InvoiceId> {
            d.allocate.iter().map(|share| share.proposal.invoice).collect()
        };
        let mut would = Vec::with_capacity(payments.len());
        let decisions = in_turn(known, payments, |payment, at, known| {
            let snapshot = known.snapshot(self.ids[at], payment);
            let mut decision = decide(payment, &snapshot, self.preset);
            if invoices(&self.named[at]) != invoices(&decision) {
                decision.allocate.clear();
            }
            would.push(allowance.admit(payment, &mut decision));
            decision
        });
        (decisions, would)
    }
}

fn verdict(
    line: Line,
    decision: Decision,
    would: Vec<Share>,
    allowance: &Allowance,
) -> Result<Verdict, Failure> {
    let (state, reasons, proposals) = (line.state, line.reasons.clone(), line.proposals.clone());
    let line = line.decided(&decision).map_err(Failure::internal)?;
    let changed = (line.state, &line.reasons, &line.proposals) != (state, &reasons, &proposals);
    let sampled = !decision.allocate.is_empty() && allowance.samples(line.seller, line.id);
    Ok(Verdict { line, changed, chosen: decision.allocate, would, sampled })
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
    let at = frame.clock.now();
    let asked = to_be_looked_at(verdicts);
    if !asked.is_empty() {
        store::matching_reviews::ask(&mut *conn, &asked, at).await?;
    }
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let sums = sums(verdicts)?;
    store::matching_policies::use_up(&mut *conn, frame.clock.today(ZONE), &sums).await?;
    // A line that pays several invoices goes by one rule.
    let first = verdicts.iter().filter_map(|verdict| verdict.chosen.first());
    let hits = hits(first.flat_map(|share| &share.proposal.reasons));
    if !hits.is_empty() {
        store::learned_rules::hit(&mut *conn, &hits, at).await?;
    }
    let act = Act { actor: ACTOR, automatic: true, at };
    let made = store::allocations::insert(conn, &new, act).await?;
    Ok(new.iter().zip(&made).map(|(new, made)| events::allocated(new.line, made)).collect())
}

/// Decisions that people look at.
fn to_be_looked_at(verdicts: &[Verdict]) -> Vec<(LineId, Kind, Vec<Meant>)> {
    let each = verdicts.iter().filter_map(|Verdict { line, chosen, would, sampled, .. }| {
        if !would.is_empty() {
            Some((line.id, Kind::Shadow, Meant::of(would)))
        } else if *sampled && !chosen.is_empty() {
            Some((line.id, Kind::Sample, Meant::of(chosen)))
        } else {
            None
        }
    });
    each.collect()
}

/// Rules that reasons name, and how often.
#[must_use]
pub fn hits<'r>(reasons: impl Iterator<Item = &'r Reason>) -> Vec<(i64, i64)> {
    let mut hits: BTreeMap<i64, i64> = BTreeMap::new();
    for reason in reasons {
        if let Reason::LearnedRule { rule } | Reason::LearnedClass { rule, .. } = reason {
            *hits.entry(*rule).or_default() += 1;
        }
    }
    hits.into_iter().collect()
}

/// Payments that are allocated now, and their sums.
fn sums(verdicts: &[Verdict]) -> Result<Vec<(SellerId, u32, Money)>, Failure> {
    let mut sums: BTreeMap<(SellerId, Currency), (u32, Money)> = BTreeMap::new();
    for Verdict { line, .. } in verdicts.iter().filter(|verdict| !verdict.chosen.is_empty()) {
        let currency = line.amount.currency();
        let (count, sum) =
            sums.entry((line.seller, currency)).or_insert((0, Money::zero(currency)));
        *count += 1;
        *sum = sum.checked_add(line.amount).map_err(Failure::internal)?;
    }
    Ok(sums.into_iter().map(|((seller, _), (count, sum))| (seller, count, sum)).collect())
}
