//! What is done about the next lines of a file while those before them are being stored.

use super::file::{Ours, Read};
use crate::domain::lines::Line;
use crate::domain::matching::known::{Earlier, Known};
use crate::domain::matching::{Payment, Preset};
use crate::domain::matching_policies::Allowance;
use crate::jobs::matching::{self, Verdict};
use crate::store;
use crate::store::learned_rules::Classes;
use crate::store::lines::import::{self, Details};
use service::Failure;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::task::JoinHandle;
use types::id::LineId;

/// Lines about to be stored, and what their purposes say.
type Understood = (Vec<(Line, Details)>, Vec<Payment>);

/// Classifies the lines of a file and reads their purposes, some at a time, away from the threads
/// that wait for the database.
#[derive(Debug)]
pub(super) struct Reader {
    ours: Arc<Ours>,
    lines: std::vec::IntoIter<Read>,
}

impl Reader {
    pub(super) fn new(ours: Ours, lines: Vec<Read>) -> Self {
        Self { ours: Arc::new(ours), lines: lines.into_iter() }
    }

    /// At most so many of the next lines; nothing after the last one.
    pub(super) fn next(&mut self, most: usize) -> Option<JoinHandle<Understood>> {
        let lines: Vec<Read> = self.lines.by_ref().take(most).collect();
        if lines.is_empty() {
            return None;
        }
        let ours = Arc::clone(&self.ours);
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
        Some(tokio::task::spawn_blocking(read))
    }
}

/// Lines of which it is known what their purposes name, as the database told it before this file.
#[derive(Debug)]
pub(super) struct Seen {
    lines: Vec<(Line, Details)>,
    payments: Vec<Payment>,
    /// Those that are stored already.
    stored: HashSet<LineId>,
    pub(super) known: Known,
}

/// Lines to be stored: what is decided about those that waited for the matcher, the others, and
/// what is kept beside each.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) verdicts: Vec<Verdict>,
    pub(super) aside: Vec<Line>,
    pub(super) details: HashMap<LineId, Details>,
}

/// The connection on which the next lines are looked up and decided, and what was decided so far:
/// it does not see what the transaction has stored.
#[derive(Debug)]
pub(super) struct Ahead {
    conn: PoolConnection<Postgres>,
    preset: Preset,
    /// What the policies allow yet.
    allowance: Allowance,
    /// What people taught of lines that are no payments of clients.
    classes: Classes,
    earlier: Earlier,
}

impl Ahead {
    pub(super) fn new(
        conn: PoolConnection<Postgres>,
        preset: Preset,
        (allowance, classes): (Allowance, Classes),
    ) -> Self {
        Self { conn, preset, allowance, classes, earlier: Earlier::default() }
    }

    /// Decides about lines whose clients are locked now, then looks up the next ones.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) async fn go_on(
        mut self,
        seen: Option<Seen>,
        next: Option<JoinHandle<Understood>>,
    ) -> Result<(Self, Option<Decided>, Option<Seen>), Failure> {
        let decided = match seen {
            Some(seen) => Some(self.decide(seen).await?),
            None => None,
        };
        let seen = self.look_up(next).await?;
        Ok((self, decided, seen))
    }

    /// What the purposes of lines name, and which lines are stored already.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) async fn look_up(
        &mut self,
        next: Option<JoinHandle<Understood>>,
    ) -> Result<Option<Seen>, Failure> {
        let Some(next) = next else { return Ok(None) };
        let (lines, payments) = next.await.map_err(Failure::internal)?;
        let stored = import::stored(&mut self.conn, &lines).await?;
        let known = store::matching::known(&mut self.conn, &payments).await?;
        Ok(Some(Seen { lines, payments, stored, known }))
    }

    async fn decide(&mut self, seen: Seen) -> Result<Decided, Failure> {
        let Seen { lines, payments, stored, mut known } = seen;
        let mut details: HashMap<LineId, Details> = HashMap::with_capacity(lines.len());
        let (mut wait, mut asked, mut aside) = (Vec::new(), Vec::new(), Vec::new());
        let each = lines.into_iter().zip(payments);
        for ((line, kept), payment) in each.filter(|((line, _), _)| !stored.contains(&line.id)) {
            details.insert(line.id, kept);
            let line = self.classes.class(line);
            if line.waits_for_matcher() {
                wait.push(line);
                asked.push(payment);
            } else {
                aside.push(line);
            }
        }
        store::matching::in_flight(&mut self.conn, &mut known).await?;
        known.carry(std::mem::take(&mut self.earlier));
        let (conn, rules) = (&mut self.conn, (self.preset, &mut self.allowance));
        let verdicts = matching::decide_all(conn, wait, &asked, &mut known, rules).await?;
        self.earlier = known.carried();
        Ok(Decided { verdicts, aside, details })
    }
}
