//! How a billing run and a month close go over all clients: a plan in chunks, each chunk a
//! transaction of its own that locks its clients' accounts, computes, writes and is marked done.
//!
//! Killed at any instant, a run is finished by whoever asks for the same date next, or repeats the
//! same request; two who ask at once share the chunks. A dry run computes the same over the same
//! chunks and writes nothing.

use crate::store::{self, runs::RunKind};
use chrono::NaiveDate;
use prost::Message;
use service::{Failure, Frame, idempotency};
use sqlx::{Acquire, PgConnection};
use std::{collections::VecDeque, time::Duration};
use tokio::task::JoinSet;
use tracing::Instrument;
use types::id::{BillingRunId, ClientId};

/// Clients of a chunk.
pub const CHUNK: usize = 500;
/// Tries of a chunk whose transaction lost a race.
const TRIES: u32 = 5;
/// How often to look whether others have done their chunks.
const LOOK: Duration = Duration::from_millis(50);

/// What a run does with a chunk.
pub trait Task: Send + Sync + 'static {
    /// Which runs are its.
    const KIND: RunKind;
    /// Chunks of a run that one caller does at once: one computes while another is written.
    const WORKERS: usize;
    /// What a chunk made, and what is streamed.
    type Progress: Message + Default + Clone;

    /// The clients to look at, in ascending order.
    fn clients(
        conn: &mut PgConnection,
        date: NaiveDate,
    ) -> impl Future<Output = Result<Vec<ClientId>, Failure>> + Send;

    /// Computes a chunk, and writes it when it belongs to a run.
    fn chunk(
        conn: &mut PgConnection,
        frame: &Frame,
        run: Option<BillingRunId>,
        date: NaiveDate,
        clients: &[ClientId],
    ) -> impl Future<Output = Result<Self::Progress, Failure>> + Send;

    /// What is said of a client that is passed over, or why the run cannot go on without it.
    ///
    /// # Errors
    /// The failure itself, where nobody may be passed over.
    fn refused(client: ClientId, failure: Failure) -> Result<Self::Progress, Failure>;

    /// Notes that all of a date is done, in the transaction that ends the run.
    fn complete(
        conn: &mut PgConnection,
        frame: &Frame,
        date: NaiveDate,
        actor: &str,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Whose run it is and which call asked for it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who.
    pub actor: String,
    /// The call; none for the schedule.
    pub key: Option<idempotency::Key>,
}

/// A step of a run: what a chunk made, and how far all of it is.
#[derive(Debug, Clone)]
pub struct Step<P> {
    /// What it made.
    pub made: P,
    /// Clients looked at so far.
    pub done: i64,
    /// Clients to look at.
    pub total: i64,
}

/// Goes over the clients, a chunk a step.
#[derive(Debug)]
pub struct Driver<T: Task> {
    frame: Frame,
    date: NaiveDate,
    work: Work,
    ready: VecDeque<T::Progress>,
    seen: Vec<i32>,
    /// Chunks at hand; whoever leaves the run half-way takes them back.
    workers: JoinSet<Done<T::Progress>>,
}

#[derive(Debug)]
enum Work {
    /// Chunks left of a dry run, and how many clients there are.
    Dry { left: VecDeque<Vec<ClientId>>, done: i64, total: i64 },
    /// A run that is stored.
    Run { run: BillingRunId, actor: String, over: bool },
}

/// A chunk that was done: its number and what it made. None when there was none left.
type Done<P> = Result<Option<(i32, P)>, Failure>;

impl<T: Task> Driver<T> {
    /// A dry run.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn dry(frame: &Frame, date: NaiveDate) -> Result<Self, Failure> {
        let mut conn = frame.pool.acquire().await?;
        let clients = T::clients(&mut conn, date).await?;
        let total = i64::try_from(clients.len()).map_err(Failure::internal)?;
        let left = clients.chunks(CHUNK).map(<[ClientId]>::to_vec).collect();
        Ok(Self::new(frame, date, Work::Dry { left, done: 0, total }))
    }

    /// A run: the one that the same request made, else one of that date that is not done yet, else
    /// a new one.
    ///
    /// # Errors
    /// Those of the database and of the request's id.
    pub async fn run(frame: &Frame, date: NaiveDate, asked: Asked) -> Result<Self, Failure> {
        let Asked { actor, key } = asked;
        let mut tx = frame.begin().await?;
        store::runs::lock_planning(&mut tx, T::KIND).await?;
        if let Some(key) = &key
            && let Some(run) = idempotency::claim::<String>(&mut tx, key).await?
        {
            let run = run.parse().map_err(Failure::internal)?;
            return Ok(Self::new(frame, date, Work::Run { run, actor, over: false }));
        }
        let run = match store::runs::running(&mut tx, T::KIND, date).await? {
            Some(run) => run,
            None => {
                let (run, clients) = (BillingRunId::generate(), T::clients(&mut tx, date).await?);
                let what = (T::KIND, date);
                let who = (actor.as_str(), frame.clock.now());
                store::runs::plan(&mut tx, run, what, &clients, CHUNK, who).await?;
                run
            }
        };
        if let Some(key) = key {
            idempotency::finish(&mut tx, key, run.to_string()).await?;
        }
        tx.commit().await?;
        Ok(Self::new(frame, date, Work::Run { run, actor, over: false }))
    }

    fn new(frame: &Frame, date: NaiveDate, work: Work) -> Self {
        let (ready, seen, workers) = (VecDeque::new(), Vec::new(), JoinSet::new());
        Self { frame: frame.clone(), date, work, ready, seen, workers }
    }

    /// The next step; none when all is done.
    ///
    /// # Errors
    /// Those of the database; the run can be gone on with.
    pub async fn next(&mut self) -> Result<Option<Step<T::Progress>>, Failure> {
        match &mut self.work {
            Work::Dry { left, done, total } => {
                let Some(clients) = left.pop_front() else { return Ok(None) };
                let mut conn = self.frame.pool.acquire().await?;
                let what = (None, self.date);
                let made = attempt::<T>(&mut conn, &self.frame, what, &clients).await?;
                *done += i64::try_from(clients.len()).map_err(Failure::internal)?;
                Ok(Some(Step { made, done: *done, total: *total }))
            }
            Work::Run { run, actor, over } => {
                let (run, actor) = (*run, actor.clone());
                if *over && self.ready.is_empty() {
                    return Ok(None);
                }
                let made = match self.ready.pop_front() {
                    Some(made) => made,
                    None => match self.chunk(run, &actor).await? {
                        Some(made) => made,
                        None => return Ok(None),
                    },
                };
                let mut conn = self.frame.pool.acquire().await?;
                let progress = store::runs::progress(&mut conn, run).await?;
                Ok(Some(Step { made, done: progress.done, total: progress.total }))
            }
        }
    }

    /// Does a chunk, or waits for those that others do; none when there was nothing to do at all.
    async fn chunk(
        &mut self,
        run: BillingRunId,
        actor: &str,
    ) -> Result<Option<T::Progress>, Failure> {
        // False when no chunk was left to begin.
        let mut left = true;
        loop {
            while left && self.workers.len() < T::WORKERS {
                let chunk = try_chunk::<T>(self.frame.clone(), self.date, run);
                self.workers.spawn(chunk.in_current_span());
            }
            if let Some(done) = self.workers.join_next().await {
                match done.map_err(Failure::internal)?? {
                    Some((number, made)) => {
                        self.seen.push(number);
                        return Ok(Some(made));
                    }
                    None => left = false,
                }
                continue;
            }
            let mut conn = self.frame.pool.acquire().await?;
            if store::runs::progress(&mut conn, run).await?.complete() {
                break;
            }
            drop(conn);
            tokio::time::sleep(LOOK).await;
            left = true;
        }
        let mut tx = self.frame.begin().await?;
        T::complete(&mut tx, &self.frame, self.date, actor).await?;
        store::runs::finish(&mut tx, run, self.frame.clock.now()).await?;
        let others = store::runs::results(&mut tx, run, &self.seen).await?;
        tx.commit().await?;
        self.frame.wake();
        for (number, result) in others {
            self.seen.push(number);
            let made = T::Progress::decode(result.as_slice()).map_err(Failure::internal)?;
            self.ready.push_back(made);
        }
        if let Work::Run { over, .. } = &mut self.work {
            *over = true;
        }
        Ok(self.ready.pop_front())
    }
}

/// A chunk in a transaction of its own; one that loses a race is tried again.
async fn try_chunk<T: Task>(frame: Frame, date: NaiveDate, run: BillingRunId) -> Done<T::Progress> {
    let mut tries = 1;
    loop {
        match chunk_once::<T>(&frame, date, run).await {
            Err(failure) if failure.is_transient() && tries < TRIES => tries += 1,
            outcome => return outcome,
        }
    }
}

async fn chunk_once<T: Task>(
    frame: &Frame,
    date: NaiveDate,
    run: BillingRunId,
) -> Done<T::Progress> {
    let mut tx = frame.begin().await?;
    let Some((number, clients)) = store::runs::claim_chunk(&mut tx, run).await? else {
        return Ok(None);
    };
    store::accounts::lock_all(&mut tx, &clients, frame.clock.now()).await?;
    let made = attempt::<T>(&mut tx, frame, (Some(run), date), &clients).await?;
    store::runs::finish_chunk(&mut tx, run, number, &made.encode_to_vec()).await?;
    tx.commit().await?;
    frame.wake();
    Ok(Some((number, made)))
}

/// A chunk as a whole; where one of its clients is refused, one client at a time, so that the
/// others do not suffer for it.
async fn attempt<T: Task>(
    conn: &mut PgConnection,
    frame: &Frame,
    what: (Option<BillingRunId>, NaiveDate),
    clients: &[ClientId],
) -> Result<T::Progress, Failure> {
    match part::<T>(conn, frame, what, clients).await {
        Err(failure) if !failure.is_transient() => {
            tracing::warn!(%failure, "a chunk is refused; one client at a time");
        }
        outcome => return outcome,
    }
    let mut all = T::Progress::default();
    for client in clients {
        let made = match part::<T>(conn, frame, what, std::slice::from_ref(client)).await {
            Err(failure) if !failure.is_transient() => T::refused(*client, failure)?,
            outcome => outcome?,
        };
        // Lists of what was made follow each other when messages are merged.
        all.merge(made.encode_to_vec().as_slice()).map_err(Failure::internal)?;
    }
    Ok(all)
}

/// Clients in a savepoint: all of what they make, or nothing.
async fn part<T: Task>(
    conn: &mut PgConnection,
    frame: &Frame,
    (run, date): (Option<BillingRunId>, NaiveDate),
    clients: &[ClientId],
) -> Result<T::Progress, Failure> {
    let mut savepoint = conn.begin().await?;
    let made = T::chunk(&mut savepoint, frame, run, date, clients).await?;
    savepoint.commit().await?;
    Ok(made)
}
