//! Letters in: journalled first, then read, judged, and ended in exactly one state (A26).

mod entering;

use super::post::Post;
use crate::{
    domain::{
        intake::{self, Situation, State, Verdict},
        letters::Letter,
        mailboxes::Mailbox,
        threading::Writer,
        walls,
    },
    readers::letters,
    store::{
        self,
        inbound_letters::{Arrival, End, Entry},
    },
};
use serde::{Deserialize, Serialize};
use service::{
    Failure, Frame, blobs,
    queue::{self, JobError, Lease, Worker},
    telemetry,
};
use sqlx::PgConnection;
use types::{EmailAddress, id::InboundLetterId};

/// Kind of the jobs.
pub const KIND: &str = "inbound_letter";

/// One letter to process.
#[derive(Debug, Serialize, Deserialize)]
pub struct Job {
    /// The letter.
    pub letter: InboundLetterId,
}

/// Processes letters that a process journalled and then died.
#[derive(Debug)]
pub struct Intake {
    frame: Frame,
    post: Post,
}

impl Intake {
    /// An intake.
    #[must_use]
    pub fn new(frame: &Frame, post: Post) -> Self {
        Self { frame: frame.clone(), post }
    }
}

impl Worker for Intake {
    const KIND: &'static str = KIND;
    type Job = Job;

    async fn run(&self, job: Job, _: &Lease) -> Result<(), JobError> {
        process(&self.frame, &self.post, job.letter, false).await?;
        Ok(())
    }
}

/// What a source hands over.
#[derive(Debug)]
pub struct Delivery {
    /// The letter.
    pub raw: Vec<u8>,
    /// Address that it came to; empty takes it from the letter.
    pub mailbox: String,
    /// Envelope sender; may be empty.
    pub envelope_from: String,
    /// What makes it once.
    pub source_key: String,
}

/// Stores a letter before anybody looks into it, in a transaction of its own. After that it is
/// processed, now or by the job that this leaves.
///
/// # Errors
/// Those of the database: then the source keeps the letter.
pub async fn journal(frame: &Frame, delivery: Delivery) -> Result<InboundLetterId, Failure> {
    let now = frame.clock.now();
    let mut tx = frame.pool.begin().await?;
    let arrival = Arrival {
        id: InboundLetterId::generate(),
        mailbox: delivery.mailbox,
        source_key: delivery.source_key,
        envelope_from: delivery.envelope_from,
        blob: blobs::put(&mut tx, &delivery.raw).await?,
        size: delivery.raw.len(),
    };
    let id = store::inbound_letters::journal(&mut tx, &arrival, now).await?;
    queue::push(&mut tx, KIND, Some(&id.0.to_string()), None, now, &Job { letter: id }).await?;
    tx.commit().await?;
    Ok(id)
}

/// Processes a journalled letter, unless that is done; answers what became of it. `released` lets
/// in what a person looked at.
///
/// # Errors
/// Those of the database; whatever is wrong with the letter is an end state.
pub async fn process(
    frame: &Frame,
    post: &Post,
    id: InboundLetterId,
    released: bool,
) -> Result<Entry, Failure> {
    let mut conn = frame.pool.acquire().await?;
    let entry = store::inbound_letters::get(&mut conn, id).await?;
    drop(conn);
    let entry = entry.ok_or_else(|| Failure::not_found(id.to_string()))?;
    let due = |state: State| state == State::Received || (released && state.may_be_reprocessed());
    if !due(entry.state) {
        return Ok(entry);
    }
    let reading = match blobs::get(&frame.pool, entry.blob).await? {
        // Parsing and sanitising take their time.
        Some(raw) => tokio::task::spawn_blocking(move || letters::read(&raw)).await.map_err(drop),
        None => Err(()),
    };
    let mut tx = frame.pool.begin().await?;
    let locked = store::inbound_letters::lock(&mut tx, id).await?;
    let entry = locked.ok_or_else(|| Failure::not_found(id.to_string()))?;
    if due(entry.state) {
        match reading {
            Ok(Ok(letter)) => {
                Case { frame, post, entry: &entry, released }.end(&mut tx, letter).await?;
            }
            Ok(Err(unreadable)) => {
                let case = Case { frame, post, entry: &entry, released };
                case.open_unreadable(&mut tx, unreadable).await?;
            }
            Err(()) => {
                let (end, now) = (End::Failed("UNREADABLE_BYTES"), frame.clock.now());
                store::inbound_letters::settle(&mut tx, id, &end, None, now).await?;
            }
        }
    }
    let entry = store::inbound_letters::get(&mut tx, id).await?;
    tx.commit().await?;
    frame.wake();
    if let Some(entry) = &entry {
        telemetry::count_by("letters.inbound", 1, &[("state", entry.state.as_str())]);
    }
    entry.ok_or_else(|| Failure::internal(format!("{id} is gone")))
}

/// A letter that is being processed.
struct Case<'a> {
    frame: &'a Frame,
    post: &'a Post,
    entry: &'a Entry,
    released: bool,
}

impl Case<'_> {
    /// Judges the letter and carries the verdict out.
    async fn end(&self, conn: &mut PgConnection, letter: Letter) -> Result<(), Failure> {
        let id = self.entry.id;
        let boxes = store::mailboxes::all(conn).await?.into_iter().map(|stored| stored.mailbox);
        let boxes: Vec<Mailbox> = boxes.collect();
        let Some(mailbox) = mailbox(&boxes, &self.entry.mailbox, &letter) else {
            store::inbound_letters::describe(conn, id, None, &letter).await?;
            return self.settle(conn, End::Quarantined("NO_MAILBOX"), None).await;
        };
        store::inbound_letters::describe(conn, id, Some(mailbox.id), &letter).await?;
        let key = letter.dedup_key();
        let address = letter.from.as_ref().map(|from| from.address.clone());
        // Letters of one sender are judged one after another: copies, walls and threads need it.
        let turn = address.as_ref().map_or(key.as_str(), EmailAddress::key);
        store::inbound_letters::queue_up(conn, turn).await?;
        let verdict = self.judge(conn, &letter, mailbox, &boxes, address).await?;
        match verdict {
            Verdict::Duplicate(first) => {
                let copy = store::inbound_letters::get(conn, first).await?;
                let ticket = copy.and_then(|copy| copy.ticket);
                self.settle(conn, End::Duplicate(first, ticket), Some(&key)).await
            }
            Verdict::Ignore(reason) => self.settle(conn, End::Ignored(reason), Some(&key)).await,
            Verdict::Quarantine(reason) => {
                self.settle(conn, End::Quarantined(reason), Some(&key)).await
            }
            Verdict::Open(trust) => self.open(conn, letter, mailbox, trust, &key).await,
            Verdict::Join(ticket, evidence) => {
                self.join(conn, letter, ticket, evidence, false, &key).await
            }
            Verdict::Attach(ticket, evidence) => {
                self.join(conn, letter, ticket, evidence, true, &key).await
            }
        }
    }

    async fn judge(
        &self,
        conn: &mut PgConnection,
        letter: &Letter,
        mailbox: &Mailbox,
        boxes: &[Mailbox],
        address: Option<EmailAddress>,
    ) -> Result<Verdict, Failure> {
        let id = self.entry.id;
        let own: Vec<EmailAddress> = boxes.iter().map(|one| one.address.clone()).collect();
        let sent_by_us = match &letter.msgid {
            Some(msgid) => store::outbound_letters::is_ours(conn, msgid).await?,
            None => false,
        };
        let key = letter.dedup_key();
        let since = self.frame.clock.now() - walls::OPENING_WINDOW;
        let (clients, opened) = match &address {
            Some(address) => (
                store::clients::of_address(conn, address).await?,
                store::tickets::opened_by(conn, address, since).await?,
            ),
            None => (Vec::new(), 0),
        };
        Ok(intake::judge(&Situation {
            letter,
            accept_unknown: mailbox.accept_unknown,
            sent_by_us,
            own: &own,
            same: store::inbound_letters::same(conn, id, Some(mailbox.id), &key).await?,
            writer: &Writer { address, clients },
            candidates: &store::inbound_letters::candidates(conn, letter).await?,
            opened,
            released: self.released,
        }))
    }

    async fn settle(
        &self,
        conn: &mut PgConnection,
        end: End<'_>,
        key: Option<&str>,
    ) -> Result<(), Failure> {
        let now = self.frame.clock.now();
        store::inbound_letters::settle(conn, self.entry.id, &end, key, now).await
    }
}

/// The mailbox that a letter came to: the one that its source named, else the first that it is
/// addressed to, else the oldest.
fn mailbox<'b>(boxes: &'b [Mailbox], given: &str, letter: &Letter) -> Option<&'b Mailbox> {
    let named = EmailAddress::parse(given).ok();
    let addressed = letter.to.iter().chain(&letter.cc).map(|to| &to.address);
    let of = |address: &EmailAddress| boxes.iter().find(|one| one.address == *address);
    named.iter().find_map(of).or_else(|| addressed.into_iter().find_map(of)).or(boxes.first())
}
