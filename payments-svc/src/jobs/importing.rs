//! Stores the lines of a file, each once and with what is decided about it, in steps: a
//! transaction each, in which nothing new comes to be known of invoices and payers.
//!
//! The first step makes the statement. Whoever imports a file of more than one holds the lease of a
//! job meanwhile; when it dies, the job goes on from the stored bytes, and passes what is stored.

pub mod file;

use super::matching::{self, Verdict};
use crate::domain::lines::{Class, Line};
use crate::domain::matching::{Payment, Preset};
use crate::domain::statements::Direction;
use crate::store::lines::import::{self, Details};
use crate::{events, store};
use file::{Ours, Read};
use serde::{Deserialize, Serialize};
use service::queue::{JobError, Lease, Worker as Work};
use service::{Failure, Frame, blobs, feed};
use sqlx::PgConnection;
use std::collections::HashMap;
use std::sync::Arc;
use types::id::{LineId, StatementId};

/// Kind of the jobs.
pub const KIND: &str = "import";

/// Most lines stored in one transaction.
pub const STEP: usize = 1_000;

/// A statement whose lines are not all stored yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The statement.
    pub statement: StatementId,
    /// A person confirmed that the file is whole.
    pub accept_truncated: bool,
}

/// Goes on with what others began.
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

    async fn run(&self, job: Job, lease: &Lease) -> Result<(), JobError> {
        let mut conn = self.frame.pool.acquire().await?;
        let statement = store::statements::get(&mut conn, job.statement).await?;
        let statement = statement.ok_or_else(|| JobError::Park("no such statement".into()))?;
        if statement.complete {
            return Ok(());
        }
        let bytes = blobs::get(&self.frame.pool, statement.blob).await?;
        let bytes = bytes.ok_or_else(|| JobError::Park("the file was erased".into()))?;
        let (_, file) = file::read(bytes.into(), job.accept_truncated).await?;
        let own = store::bank_accounts::all(&mut conn).await?;
        let own_tax_ids = store::bank_accounts::own_tax_ids(&mut conn).await?;
        drop(conn);
        let mut file = file::of_our_accounts(file, &own)?;
        let ours = Ours::new(statement.id, statement.created_at, own, own_tax_ids);
        let lines = file::lines(&mut file);
        let all = lines.len();
        Ok(rest(&self.frame, self.preset, ours, lines, all, lease).await?)
    }
}

/// Stores lines in steps, each prepared while the one before it is stored; the last one notes that
/// all lines of the file, so many, are stored, and ends the job.
///
/// # Errors
/// Those of the database.
pub async fn rest(
    frame: &Frame,
    preset: Preset,
    ours: Ours,
    lines: Vec<Read>,
    all: usize,
    lease: &Lease,
) -> Result<(), Failure> {
    let (mut lines, statement, ours) = (lines.into_iter(), ours.statement, Arc::new(ours));
    let mut prepare = || {
        let next: Vec<Read> = lines.by_ref().take(STEP).collect();
        let (last, ours) = (lines.len() == 0, Arc::clone(&ours));
        (tokio::task::spawn_blocking(move || Prepared::of(&ours, next)), last)
    };
    let (mut next, mut last) = prepare();
    loop {
        let prepared = next.await.map_err(Failure::internal)?;
        let ends = last;
        (next, last) = prepare();
        let mut tx = frame.pool.begin().await?;
        step(&mut tx, frame, preset, statement, prepared).await?;
        if ends {
            store::statements::completed(&mut tx, statement, all).await?;
            lease.finish(&mut tx).await?;
        } else {
            import::flush_later(&mut tx).await?;
        }
        tx.commit().await?;
        frame.wake();
        if ends {
            return Ok(());
        }
    }
}

/// Lines of a step with what their purposes name: all that needs no database.
#[derive(Debug)]
pub struct Prepared(Vec<(Line, Details, Payment)>);

impl Prepared {
    /// Classifies lines and reads their purposes.
    #[must_use]
    pub fn of(ours: &Ours, lines: Vec<Read>) -> Self {
        let each = lines.into_iter().filter_map(|read| ours.line(read)).map(|(line, mut kept)| {
            let payment = store::matching::payment(&line);
            let keys = payment.mentions.iter().map(|mention| &mention.key);
            kept.number_keys.extend(keys.flat_map(|key| [key.full.clone(), key.tail.clone()]));
            (line, kept, payment)
        });
        Self(each.collect())
    }
}

/// Decides about lines and stores them, but for those that are stored already: each is written
/// once. Tells the others what came, and what of it is meant for whom.
///
/// # Errors
/// Those of the database.
pub async fn step(
    conn: &mut PgConnection,
    frame: &Frame,
    preset: Preset,
    statement: StatementId,
    Prepared(lines): Prepared,
) -> Result<(), Failure> {
    store::matching::keep_still(&mut *conn).await?;
    let given: Vec<(&Line, &Details)> = lines.iter().map(|(line, kept, _)| (line, kept)).collect();
    let stored = import::stored(&mut *conn, &given).await?;
    let mut details: HashMap<LineId, Details> = HashMap::with_capacity(lines.len());
    let (mut wait, mut payments, mut aside) = (Vec::new(), Vec::new(), Vec::new());
    for (line, kept, payment) in lines.into_iter().filter(|(line, ..)| !stored.contains(&line.id)) {
        details.insert(line.id, kept);
        if line.waits_for_matcher() {
            wait.push(line);
            payments.push(payment);
        } else {
            aside.push(line);
        }
    }
    let known = matching::look(&mut *conn, &payments).await?;
    let verdicts = matching::decide_all(&mut *conn, wait, &payments, known, preset).await?;

    let new = verdicts.iter().map(|Verdict { line, .. }| line).chain(&aside);
    let new: Vec<_> = new.filter_map(|line| Some((line, details.get(&line.id)?))).collect();
    import::insert(&mut *conn, &new).await?;
    store::statements::count_lines(&mut *conn, statement, new.len()).await?;
    let came = new.iter().map(|(line, _)| *line).filter(|line| is_money_that_came(line));
    let mut told: Vec<_> = came.map(events::line_imported).collect();
    told.extend(matching::allocate(&mut *conn, frame, &verdicts).await?);
    if !told.is_empty() {
        feed::append_all(&mut *conn, frame, &told).await?;
    }
    Ok(())
}

fn is_money_that_came(line: &Line) -> bool {
    line.direction == Direction::In && line.class != Class::OwnTransfer.as_str()
}
