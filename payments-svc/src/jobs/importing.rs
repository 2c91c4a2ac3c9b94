//! Stores the lines of a file, each once and with what is decided about it, in one transaction, in
//! which nothing new comes to be known of invoices and payers. A thousand at a time, and three at
//! once: while some are stored, the next are decided and those after them are read and looked up,
//! beside the transaction and over a connection of their own. Memory stays bounded.

mod ahead;
pub mod file;

use super::matching::{self, Verdict};
use crate::domain::lines::{Class, Line};
use crate::domain::matching::Preset;
use crate::domain::statements::Direction;
use crate::store::lines::import;
use crate::{events, store};
use ahead::{Ahead, Decided, Reader};
use file::{Ours, Read};
use service::{Failure, Frame, feed};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres};
use types::id::StatementId;

/// Most lines stored at a time.
pub const STEP: usize = 1_000;

/// Lines of the first step; each that follows is twice as long, up to [`STEP`]: while the first is
/// prepared nothing is stored yet, and while the last is stored nothing is prepared any more.
const FIRST: usize = 100;

/// Stores lines of a file, those of them that are not stored yet, and tells the others what came,
/// and what of it is meant for whom. `beside` is a connection without a transaction; it was taken
/// before any lock, so that nobody who waits for the import can keep it from going on.
///
/// # Errors
/// Those of the database.
pub async fn all(
    conn: &mut PgConnection,
    beside: PoolConnection<Postgres>,
    frame: &Frame,
    preset: Preset,
    ours: Ours,
    lines: Vec<Read>,
) -> Result<(), Failure> {
    store::matching::keep_still(&mut *conn).await?;
    let statement = ours.statement;
    let mut reader = Reader::new(ours, lines);
    let today = frame.clock.today(matching::ZONE);
    let allowance = store::matching_policies::allowance(&mut *conn, today).await?;
    let classes = store::learned_rules::classes(&mut *conn).await?;
    let mut ahead = Ahead::new(beside, preset, (allowance, classes));
    let (mut size, mut decided) = (FIRST, None);
    let mut seen = ahead.look_up(reader.next(size)).await?;
    while seen.is_some() || decided.is_some() {
        if let Some(seen) = &seen {
            store::accounts::lock(&mut *conn, &matching::clients_at_stake(&seen.known)).await?;
        }
        size = STEP.min(size * 2);
        let next = tokio::spawn(ahead.go_on(seen, reader.next(size)));
        if let Some(decided) = decided {
            store(&mut *conn, frame, statement, decided).await?;
        }
        (ahead, decided, seen) = next.await.map_err(Failure::internal)??;
    }
    Ok(())
}

/// Stores lines with their decisions: each is written once.
async fn store(
    conn: &mut PgConnection,
    frame: &Frame,
    statement: StatementId,
    Decided { verdicts, aside, details }: Decided,
) -> Result<(), Failure> {
    let new = verdicts.iter().map(|Verdict { line, .. }| line).chain(&aside);
    let new: Vec<_> = new.filter_map(|line| Some((line, details.get(&line.id)?))).collect();
    import::insert(&mut *conn, &new).await?;
    store::statements::count_lines(&mut *conn, statement, new.len()).await?;
    let hits = matching::hits(aside.iter().flat_map(|line| &line.reasons));
    if !hits.is_empty() {
        store::learned_rules::hit(&mut *conn, &hits, frame.clock.now()).await?;
    }
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
