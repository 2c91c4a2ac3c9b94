//! Stores the lines of a file, each once and with what is decided about it, in one transaction, in
//! which nothing new comes to be known of invoices and payers. A thousand at a time: the next ones
//! are read and looked up while those before them are stored, and memory stays bounded.

pub mod file;

use super::matching::{self, Verdict};
use crate::domain::lines::{Class, Line};
use crate::domain::matching::known::Known;
use crate::domain::matching::{Payment, Preset};
use crate::domain::statements::Direction;
use crate::store::lines::import::{self, Details};
use crate::{events, store};
use file::{Ours, Read};
use service::{Failure, Frame, feed};
use sqlx::{PgConnection, PgPool};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use types::id::{LineId, StatementId};

/// Most lines stored at a time.
pub const STEP: usize = 1_000;

/// The first ones are fewer: while they are prepared nothing is stored yet.
const FIRST: usize = 200;

/// Stores lines of a file, those of them that are not stored yet, and tells the others what came,
/// and what of it is meant for whom.
///
/// # Errors
/// Those of the database.
pub async fn all(
    conn: &mut PgConnection,
    frame: &Frame,
    preset: Preset,
    ours: Ours,
    lines: Vec<Read>,
) -> Result<(), Failure> {
    store::matching::keep_still(&mut *conn).await?;
    let (mut lines, statement, ours) = (lines.into_iter(), ours.statement, Arc::new(ours));
    let mut prepare = |most: usize| {
        let next: Vec<Read> = lines.by_ref().take(most).collect();
        let (ours, pool) = (Arc::clone(&ours), frame.pool.clone());
        (!next.is_empty()).then(|| tokio::spawn(Prepared::of(ours, next, pool)))
    };
    let mut next = prepare(FIRST);
    while let Some(prepared) = next {
        let prepared = prepared.await.map_err(Failure::internal)??;
        next = prepare(STEP);
        step(&mut *conn, frame, preset, statement, prepared).await?;
    }
    Ok(())
}

/// Lines of a step, with what their purposes name and what is known about it.
#[derive(Debug)]
struct Prepared {
    lines: Vec<(Line, Details)>,
    payments: Vec<Payment>,
    /// None where no connection was free to ask.
    seen: Option<Seen>,
}

/// What the lines of the file before these do not change.
#[derive(Debug)]
struct Seen {
    stored: HashSet<LineId>,
    known: Known,
}

impl Seen {
    async fn of(
        conn: &mut PgConnection,
        lines: &[(Line, Details)],
        payments: &[Payment],
    ) -> Result<Self, Failure> {
        let stored = import::stored(&mut *conn, lines).await?;
        Ok(Self { stored, known: store::matching::known(conn, payments).await? })
    }
}

impl Prepared {
    /// Classifies lines, reads their purposes and looks up what these name, beside the transaction
    /// that stores the lines before them.
    async fn of(ours: Arc<Ours>, lines: Vec<Read>, pool: PgPool) -> Result<Self, Failure> {
        let read = move || {
            let each = lines.into_iter().filter_map(|read| ours.line(read));
            let each = each.map(|(line, mut kept)| {
                let payment = store::matching::payment(&line);
                let keys = payment.mentions.iter().map(|mention| &mention.key);
                kept.number_keys.extend(keys.flat_map(|key| [key.full.clone(), key.tail.clone()]));
                ((line, kept), payment)
            });
            each.unzip()
        };
        let (lines, payments): (Vec<_>, Vec<_>) =
            tokio::task::spawn_blocking(read).await.map_err(Failure::internal)?;
        let seen = match pool.try_acquire() {
            Some(mut conn) => Some(Seen::of(&mut conn, &lines, &payments).await?),
            None => None,
        };
        Ok(Self { lines, payments, seen })
    }
}

/// Decides about lines and stores them, but for those that are stored already: each is written
/// once.
async fn step(
    conn: &mut PgConnection,
    frame: &Frame,
    preset: Preset,
    statement: StatementId,
    Prepared { lines, payments, seen }: Prepared,
) -> Result<(), Failure> {
    let Seen { stored, known } = match seen {
        Some(seen) => seen,
        None => Seen::of(&mut *conn, &lines, &payments).await?,
    };
    let mut details: HashMap<LineId, Details> = HashMap::with_capacity(lines.len());
    let (mut wait, mut asked, mut aside) = (Vec::new(), Vec::new(), Vec::new());
    let new = lines.into_iter().zip(payments).filter(|((line, _), _)| !stored.contains(&line.id));
    for ((line, kept), payment) in new {
        details.insert(line.id, kept);
        if line.waits_for_matcher() {
            wait.push(line);
            asked.push(payment);
        } else {
            aside.push(line);
        }
    }
    let known = matching::hold(&mut *conn, known).await?;
    let verdicts = matching::decide_all(&mut *conn, wait, &asked, known, preset).await?;

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
