//! Learns from what people decide about lines ([`learned_rules`](crate::domain::learned_rules)), in
//! a transaction of its own: whoever decides does not wait for an import, which keeps still what
//! the matcher knows.

use super::matching;
use crate::domain::learned_rules::{
    Kind, Lesson, Rule, State, Target, key_of_class, keys_of_payer, learn, payer_of_class,
};
use crate::domain::lines::{self, Line};
use crate::domain::matching::probes;
use crate::store;
use crate::store::learned_rules::By;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use service::queue::{self, JobError, Lease, Worker as Work};
use service::{Failure, Frame};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use types::id::{ClientId, EventId, LearnedRuleId, LineId};

/// Longest title of a rule that is a purpose, characters.
const MAX_TITLE: usize = 200;

/// Kind of the jobs.
pub const KIND: &str = "learn";

/// A line about which a person has decided. What is learnt is how the line stands when the job is
/// done, so that the order of such jobs does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    line: LineId,
    actor: String,
    remember: bool,
}

/// Has it learnt what a person decided about a line, in the transaction of that decision.
///
/// # Errors
/// Those of the database.
pub async fn push(
    conn: &mut PgConnection,
    frame: &Frame,
    line: &Line,
    actor: &str,
    remember: bool,
) -> Result<(), Failure> {
    let job = Job { line: line.id, actor: actor.to_owned(), remember };
    queue::push(conn, KIND, None, None, frame.clock.now(), &job).await?;
    Ok(())
}

/// Does the jobs.
#[derive(Debug, Clone)]
pub struct Worker {
    frame: Frame,
}

impl Worker {
    /// The worker of this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }
}

impl Work for Worker {
    const KIND: &'static str = KIND;

    type Job = Job;

    async fn run(&self, job: Job, lease: &Lease) -> Result<(), JobError> {
        let frame = &self.frame;
        let mut tx = frame.begin().await?;
        store::matching::keep_still(&mut tx).await?;
        if let Some(line) = store::lines::get(&mut tx, job.line).await? {
            let at = frame.clock.now();
            let mut changed = Vec::new();
            for lesson in lessons(&mut tx, &line, job.remember, at).await? {
                changed.extend(learn_one(&mut tx, &lesson, &job.actor).await?);
            }
            look_again(&mut tx, frame, &changed).await?;
        }
        lease.finish(&mut tx).await?;
        tx.commit().await.map_err(Failure::from)?;
        frame.wake();
        Ok(())
    }
}

/// Learns one thing; answers about what something else counts now.
async fn learn_one(
    conn: &mut PgConnection,
    lesson: &Lesson,
    actor: &str,
) -> Result<Vec<(Kind, String)>, Failure> {
    let known = store::learned_rules::of_keys(&mut *conn, lesson.line, &lesson.keys).await?;
    let active = known.iter().filter(|taught| taught.rule.state == State::Active);
    let active: BTreeSet<LearnedRuleId> = active.map(|taught| taught.rule.id).collect();
    let learnt = learn(lesson, known);
    let by = By { actor, reason: "", line: Some(lesson.line), at: lesson.at };
    store::learned_rules::keep(conn, &learnt, lesson.line, by).await?;
    let other = |rule: &&Rule| (rule.state == State::Active) != active.contains(&rule.id);
    let changed = learnt.changed.iter().filter(other);
    Ok(changed.map(|rule| (rule.kind, rule.key.clone())).collect())
}

/// What a line teaches as it stands: for whom its payer pays, and what it looks like when it was
/// set aside as no payment of a client.
async fn lessons(
    conn: &mut PgConnection,
    line: &Line,
    remember: bool,
    at: DateTime<Utc>,
) -> Result<[Lesson; 2], Failure> {
    let by_hand = clients_by_hand(&mut *conn, line).await?;
    let denies = !by_hand.is_empty();
    let own = store::accounts::own_payers(conn, &by_hand, &line.payer).await?;
    // Who pays for itself contradicts no rule about whom else it pays for.
    let others = by_hand.into_iter().filter(|client| !own.contains(client));
    let payer = Lesson {
        line: line.id,
        keys: keys_of_payer(&line.payer),
        title: line.payer.name.clone(),
        targets: others.map(Target::Client).collect(),
        denies: false,
        remember,
        at,
    };
    // What names an invoice is set aside for a reason of its own, and looks like any payment.
    let alike = line.state == lines::State::Ignored && probes(&line.purpose).is_empty();
    let class = Lesson {
        keys: vec![(Kind::PurposeClass, key_of_class(&line.payer, &line.purpose))],
        title: line.purpose.chars().take(MAX_TITLE).collect(),
        targets: alike.then(|| Target::Class(line.class.clone())).into_iter().collect(),
        denies,
        remember: false,
        ..payer.clone()
    };
    Ok([payer, class])
}

/// Clients whom people meant the line for, as it stands.
async fn clients_by_hand(conn: &mut PgConnection, line: &Line) -> Result<Vec<ClientId>, Failure> {
    let mut kept = store::allocations::of_lines(conn, &[line.id]).await?;
    let kept = kept.remove(&line.id).unwrap_or_default();
    let by_hand = kept.iter().filter(|kept| !kept.automatic && !kept.allocation.reversed);
    let clients: BTreeSet<ClientId> = by_hand.map(|kept| kept.allocation.part.client).collect();
    Ok(clients.into_iter().collect())
}

/// Has lines that wait decided again: those of payers about whom something else is known now.
///
/// # Errors
/// Those of the database.
pub async fn look_again(
    conn: &mut PgConnection,
    frame: &Frame,
    keys: &[(Kind, String)],
) -> Result<(), Failure> {
    let of = |but: Kind| -> Vec<String> {
        let each = keys.iter().filter(|(kind, _)| *kind != but);
        each.map(|(kind, key)| match kind {
            Kind::PurposeClass => payer_of_class(key).to_owned(),
            Kind::PayerAccount | Kind::PayerTaxId => key.clone(),
        })
        .collect()
    };
    let (accounts, tax_ids) = (of(Kind::PayerTaxId), of(Kind::PayerAccount));
    let waiting = store::lines::waiting_of_payers(&mut *conn, &accounts, &tax_ids).await?;
    matching::push(conn, frame, [(EventId::generate(), waiting)]).await
}
