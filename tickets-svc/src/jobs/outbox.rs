//! Sends letters: once each, with retries that are the same letter.

mod mime;

use super::{
    documents,
    post::{Post, PostError},
};
use crate::{
    domain::outbound_letters::{OutboundLetter, State},
    store::{
        self,
        outbound_letters::{Cause, Waiting},
    },
};
use bytes::Bytes;
use proto::tickets::v1::LetterSettled;
use serde::{Deserialize, Serialize};
use service::{
    Failure, Frame, blobs, feed,
    queue::{self, JobError, Lease, Worker},
    telemetry,
};
use sqlx::PgConnection;
use std::time::Duration;
use types::{EmailAddress, id::OutboundLetterId};

pub use mime::{Attachment, Marks, build};

/// Kind of the jobs.
pub const KIND: &str = "outbound_letter";

/// Pause between tries to note that a letter has left.
const NOTE_PAUSE: Duration = Duration::from_millis(200);

/// One letter to send.
#[derive(Debug, Serialize, Deserialize)]
pub struct Job {
    /// The letter.
    pub letter: OutboundLetterId,
}

/// Queues a letter in the transaction that asks for it; false when it was asked for before.
///
/// # Errors
/// Those of the database.
pub async fn queue(
    conn: &mut PgConnection,
    frame: &Frame,
    letter: &OutboundLetter,
    cause: &Cause,
) -> Result<bool, Failure> {
    let now = frame.clock.now();
    if !store::outbound_letters::insert(conn, letter, cause, now).await? {
        return Ok(false);
    }
    let (key, job) = (letter.id.0.to_string(), Job { letter: letter.id });
    queue::push(conn, KIND, Some(&key), cause.client, now, &job).await?;
    Ok(true)
}

/// Sends the letters that wait.
#[derive(Debug)]
pub struct Outbox {
    frame: Frame,
    post: Post,
}

impl Outbox {
    /// An outbox that sends by a post.
    #[must_use]
    pub fn new(frame: &Frame, post: Post) -> Self {
        Self { frame: frame.clone(), post }
    }

    /// What the letter is known by, and where its answer shall go.
    async fn marks(&self, waiting: &Waiting) -> Result<Marks, Trouble> {
        let gate = self.post.gate();
        let mut conn = self.frame.pool.acquire().await.map_err(JobError::from)?;
        let key = gate.key(&mut conn).await.map_err(JobError::from)?;
        let letter = &waiting.letter;
        let writer = letter.recipients.first().filter(|_| gate.signed_addresses);
        let reply_to = writer
            .zip(waiting.number)
            .and_then(|(writer, number)| key.address(&letter.from.address, number, writer));
        Ok(Marks { own: key.loop_mark(), reply_to })
    }

    /// Where a report of the letter's fate shall go: to an address of its own, where the mail
    /// server delivers what stands after a plus.
    async fn return_to(&self, letter: &OutboundLetter) -> Result<EmailAddress, JobError> {
        let (gate, from) = (self.post.gate(), &letter.from.address);
        if !gate.signed_addresses {
            return Ok(from.clone());
        }
        let mut conn = self.frame.pool.acquire().await?;
        let key = gate.key(&mut conn).await?;
        Ok(key.return_address(from, letter.id).unwrap_or_else(|| from.clone()))
    }

    /// The bytes of the letter: those of the first try, if there was one.
    async fn raw(&self, waiting: &Waiting) -> Result<Bytes, Trouble> {
        if let Some(id) = waiting.raw {
            let kept = blobs::get(&self.frame.pool, id).await.map_err(JobError::from)?;
            let lost = || Trouble::Job(JobError::Park(format!("the bytes {id} are lost")));
            return kept.ok_or_else(lost);
        }
        let attachments = documents::fetch(&self.frame, &waiting.documents).await?;
        let marks = self.marks(waiting).await?;
        let raw = build(&waiting.letter, attachments, waiting.created, &marks)
            .map_err(|e| Trouble::Letter(e.to_string()))?;
        let mut tx = self.frame.begin().await.map_err(JobError::from)?;
        let id = blobs::put(&mut tx, &raw).await.map_err(JobError::from)?;
        let kept = store::outbound_letters::keep_raw(&mut tx, waiting.letter.id, id).await;
        kept.map_err(JobError::from)?;
        tx.commit().await.map_err(JobError::from)?;
        Ok(raw.into())
    }

    /// Notes the end of a letter and tells who asked for it, once.
    async fn settle(
        &self,
        waiting: &Waiting,
        state: State,
        response: &str,
        lease: &Lease,
    ) -> Result<(), JobError> {
        let mut tx = self.frame.begin().await?;
        if let Some(client) = waiting.client {
            store::clients::lock(&mut tx, client).await?;
        }
        let (id, now) = (waiting.letter.id, self.frame.clock.now());
        if store::outbound_letters::note_try(&mut tx, id, state, response, now).await? {
            let settled = LetterSettled {
                key: waiting.request_key.clone(),
                letter: id.to_string(),
                state: state.as_str().to_uppercase(),
            };
            feed::append(&mut tx, &self.frame, waiting.client, &settled).await?;
        }
        lease.finish(&mut tx).await?;
        tx.commit().await?;
        telemetry::count_by("letters.outbound", 1, &[("state", state.as_str())]);
        self.frame.wake();
        Ok(())
    }

    /// Notes a letter that has left. Until that is kept it would leave again, so a database that is
    /// away is waited for; whoever holds the lease ends this when it is lost.
    async fn settle_sent(
        &self,
        waiting: &Waiting,
        response: &str,
        lease: &Lease,
    ) -> Result<(), JobError> {
        loop {
            match self.settle(waiting, State::Sent, response, lease).await {
                Err(JobError::Retry(why) | JobError::Away(why)) => {
                    tracing::warn!(letter = %waiting.letter.id, "sent, but not noted yet: {why}");
                    tokio::time::sleep(NOTE_PAUSE).await;
                }
                ended => return ended,
            }
        }
    }

    async fn note(&self, letter: OutboundLetterId, response: &str) -> Result<(), JobError> {
        let mut conn = self.frame.pool.acquire().await?;
        let now = self.frame.clock.now();
        let queued = State::Queued;
        store::outbound_letters::note_try(&mut conn, letter, queued, response, now).await?;
        Ok(())
    }
}

/// Why the bytes of a letter cannot be had.
enum Trouble {
    /// They may be later, or staff must look.
    Job(JobError),
    /// The letter itself is at fault: nobody to send it to.
    Letter(String),
}

impl From<JobError> for Trouble {
    fn from(error: JobError) -> Self {
        Self::Job(error)
    }
}

impl Worker for Outbox {
    const KIND: &'static str = KIND;
    const CONCURRENCY: usize = 4;
    /// The pauses grow to a minute: most of an hour, which outlives greylisting.
    const TRIES: i32 = 60;
    type Job = Job;

    async fn run(&self, job: Job, lease: &Lease) -> Result<(), JobError> {
        let mut conn = self.frame.pool.acquire().await?;
        let waiting = store::outbound_letters::waiting(&mut conn, job.letter).await?;
        drop(conn);
        let Some(waiting) = waiting else { return Ok(()) };
        if let Some(why) = self.post.withheld() {
            return self.settle_sent(&waiting, why, lease).await;
        }
        let raw = match self.raw(&waiting).await {
            Ok(raw) => raw,
            Err(Trouble::Job(error)) => return Err(error),
            Err(Trouble::Letter(text)) => {
                return self.settle(&waiting, State::Failed, &text, lease).await;
            }
        };
        let return_to = self.return_to(&waiting.letter).await?;
        match self.post.send(&waiting.letter, &return_to, &raw).await {
            Ok(response) => self.settle_sent(&waiting, &response, lease).await,
            Err(PostError::Permanent(text)) => {
                self.settle(&waiting, State::Failed, &text, lease).await
            }
            Err(PostError::Transient(text)) if lease.attempt() < Self::TRIES => {
                self.note(job.letter, &text).await?;
                // What the server said may name people; it stands in the delivery log.
                Err(JobError::Retry(format!("{} did not leave; see its log", job.letter)))
            }
            Err(PostError::Transient(text)) => {
                let text = format!("given up after {} tries: {text}", Self::TRIES);
                self.settle(&waiting, State::Failed, &text, lease).await
            }
        }
    }
}
