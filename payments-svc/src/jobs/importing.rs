//! Stores the lines of a file, each once and with what is decided about it, in one transaction, in
//! which nothing new comes to be known of invoices and payers. A thousand at a time: the next ones
//! are read while those before them are stored, and memory stays bounded.

pub mod file;

use super::matching::{self, Verdict};
use crate::domain::lines::{Class, Line};
use crate::domain::matching::{Payment, Preset};
use crate::domain::statements::Direction;
use crate::store::lines::import::{self, Details};
use crate::{events, store};
use file::{Ours, Read};
use service::{Failure, Frame, feed};
use sqlx::PgConnection;
use std::collections::HashMap;
use std::sync::Arc;
use types::id::{LineId, StatementId};

/// Most lines stored at a time.
pub const STEP: usize = 1_000;

/// Stores lines of a file, those of them that are not stored yet.
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
    let (mut lines, statement, ours) = (lines.into_iter(), ours.statement, Arc::new(ours));
    let mut prepare = || {
        let next: Vec<Read> = lines.by_ref().take(STEP).collect();
        let ours = Arc::clone(&ours);
        (!next.is_empty()).then(|| tokio::task::spawn_blocking(move || Prepared::of(&ours, next)))
    };
    let mut next = prepare();
    while let Some(prepared) = next {
        let prepared = prepared.await.map_err(Failure::internal)?;
        next = prepare();
        step(&mut *conn, frame, preset, statement, prepared).await?;
    }
    Ok(())
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
