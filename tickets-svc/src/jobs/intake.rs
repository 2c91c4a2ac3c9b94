//! Letters in: journalled first, then read, judged, and ended in exactly one state (A26).

mod entering;
mod returning;
mod stepping_up;

use super::post::Post;
use crate::{
    domain::{
        intake::{self, Judged, Situation, State, Verdict},
        letters::{Class, Envelope, Letter},
        mailboxes::Mailbox,
        reply_addresses,
        threading::{Writer, says_the_same},
        trust::Level,
        walls,
    },
    readers::letters::{self, Unreadable},
    store::{
        self,
        inbound_letters::{Arrival, Description, End, Entry},
    },
};
use bytes::Bytes;
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
        let reading = read_stored(&self.frame, &self.post, job.letter).await?;
        let mut tx = self.frame.begin().await?;
        let entry = process(&mut tx, &self.frame, &self.post, job.letter, reading, false).await?;
        tx.commit().await?;
        ended(&self.frame, &entry);
        Ok(())
    }
}

/// What a source hands over.
#[derive(Debug)]
pub struct Delivery {
    /// Address that it came to; empty takes it from the letter.
    pub mailbox: String,
    /// How it was handed over.
    pub envelope: Envelope,
    /// What makes it once.
    pub source_key: String,
}

/// A journalled letter.
#[derive(Debug, Clone, Copy)]
pub struct Journalled {
    /// Its id.
    pub id: InboundLetterId,
    /// False when its source key was known: the letter of then counts, whatever came now.
    pub new: bool,
}

/// Stores a letter before anybody looks into it, in a transaction of its own. After that it is
/// processed, now or by the job that this leaves.
///
/// # Errors
/// Those of the database: then the source keeps the letter.
pub async fn journal(frame: &Frame, raw: &[u8], delivery: Delivery) -> Result<Journalled, Failure> {
    let mut tx = frame.begin().await?;
    let journalled = enter(&mut tx, frame, raw, delivery).await?;
    tx.commit().await?;
    Ok(journalled)
}

/// The same in the caller's transaction, which then holds the letter and leaves the job.
///
/// # Errors
/// Those of the database.
pub async fn enter(
    conn: &mut PgConnection,
    frame: &Frame,
    raw: &[u8],
    delivery: Delivery,
) -> Result<Journalled, Failure> {
    let now = frame.clock.now();
    let arrival = Arrival {
        id: InboundLetterId::generate(),
        mailbox: delivery.mailbox,
        source_key: delivery.source_key,
        envelope: delivery.envelope,
        blob: blobs::put(conn, raw).await?,
        size: raw.len(),
    };
    let id = store::inbound_letters::journal(conn, &arrival, now).await?;
    queue::push(conn, KIND, Some(&job_key(id)), None, now, &Job { letter: id }).await?;
    Ok(Journalled { id, new: id == arrival.id })
}

fn job_key(id: InboundLetterId) -> String {
    id.0.to_string()
}

/// The job that [`journal`] left has nothing to do any more: its letter is processed in this
/// transaction.
///
/// # Errors
/// Those of the database.
pub async fn relieve(conn: &mut PgConnection, id: InboundLetterId) -> Result<(), Failure> {
    queue::done(conn, KIND, &job_key(id)).await
}

/// What the reader made of a letter.
#[derive(Debug)]
pub enum Reading {
    /// A letter.
    Letter(Box<Letter>),
    /// Bytes that are no letter.
    Unreadable(Unreadable),
    /// The reader failed, or the bytes are gone.
    Failed,
}

/// Reads a letter, away from the runtime: parsing and sanitising take their time. What its sender's
/// domain says is looked up meanwhile.
pub async fn read(raw: Bytes, post: &Post, envelope: Envelope) -> Reading {
    let bytes = raw.clone();
    let read = tokio::task::spawn_blocking(move || letters::read(&bytes));
    let (read, checked) = tokio::join!(read, post.gate().prover.results(raw, envelope));
    match read {
        Ok(Ok(letter)) => Reading::Letter(Box::new(Letter { checked, ..letter })),
        Ok(Err(unreadable)) => Reading::Unreadable(unreadable),
        Err(_) => Reading::Failed,
    }
}

/// Reads the stored bytes of a journalled letter.
///
/// # Errors
/// Those of the database; `NOT_FOUND`.
pub async fn read_stored(
    frame: &Frame,
    post: &Post,
    id: InboundLetterId,
) -> Result<Reading, Failure> {
    let mut conn = frame.pool.acquire().await?;
    let entry = store::inbound_letters::get(&mut conn, id).await?;
    drop(conn);
    let entry = entry.ok_or_else(|| Failure::not_found(id.to_string()))?;
    Ok(match blobs::get(&frame.pool, entry.blob).await? {
        Some(raw) => read(raw, post, entry.envelope).await,
        None => Reading::Failed,
    })
}

/// Processes a journalled letter in the caller's transaction, unless that is done; answers what
/// became of it. `released` lets in what a person looked at.
///
/// # Errors
/// Those of the database; whatever is wrong with the letter is an end state.
pub async fn process(
    conn: &mut PgConnection,
    frame: &Frame,
    post: &Post,
    id: InboundLetterId,
    reading: Reading,
    released: bool,
) -> Result<Entry, Failure> {
    let locked = store::inbound_letters::lock(conn, id).await?;
    let entry = locked.ok_or_else(|| Failure::not_found(id.to_string()))?;
    let due = entry.state == State::Received || (released && entry.state.may_be_reprocessed());
    if !due {
        return Ok(entry);
    }
    let case = Case { frame, post, entry: &entry, released };
    match reading {
        Reading::Letter(letter) => case.end(conn, *letter).await,
        Reading::Unreadable(why) => case.open_unreadable(conn, why).await,
        Reading::Failed => case.settle(conn, End::Failed("UNREADABLE_BYTES"), None, None).await,
    }
}

/// Wakes whoever waits for what a letter caused, and counts it. The transaction is committed.
pub fn ended(frame: &Frame, entry: &Entry) {
    frame.wake();
    // Those of copies name letters.
    let reason = if entry.state == State::Duplicate { "" } else { entry.reason.as_str() };
    let labels = [("state", entry.state.as_str()), ("reason", reason)];
    telemetry::count_by("letters.inbound", 1, &labels);
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
    async fn end(&self, conn: &mut PgConnection, mut letter: Letter) -> Result<Entry, Failure> {
        let boxes = store::mailboxes::all(conn).await?.into_iter().map(|stored| stored.mailbox);
        let boxes: Vec<Mailbox> = boxes.collect();
        let Some(mailbox) = mailbox(&boxes, &self.entry.mailbox, &letter) else {
            let about = Description { mailbox: None, letter: &letter, trust: None };
            return self.settle(conn, End::Quarantined("NO_MAILBOX"), Some(about), None).await;
        };
        let about = Description { mailbox: Some(mailbox.id), letter: &letter, trust: None };
        let key = letter.dedup_key();
        let address = letter.from.as_ref().map(|from| from.address.clone());
        let writer = match address {
            Some(address) => writer(conn, address).await?,
            None => {
                store::inbound_letters::queue_up(conn, &key).await?;
                Writer { address: None, clients: Vec::new(), main: true }
            }
        };
        let Judged { verdict, trust } =
            self.judge(conn, about, mailbox, &boxes, &writer, &key).await?;
        if verdict == Verdict::Ignore("OWN_LOOP") {
            letter.class = Class::OwnLoop;
        }
        let about = Description { mailbox: Some(mailbox.id), letter: &letter, trust: Some(trust) };
        if matches!(verdict, Verdict::Attach(..) | Verdict::Ignore("DELIVERY_REPORT")) {
            self.note_return(conn, &letter).await?;
        }
        let end = match verdict {
            Verdict::Open => {
                return self.open(conn, about, mailbox, writer.clients, &key).await;
            }
            Verdict::Join(ticket, evidence) => {
                return self.join(conn, about, ticket, evidence, false, &key).await;
            }
            Verdict::Attach(ticket, evidence) => {
                return self.join(conn, about, ticket, evidence, true, &key).await;
            }
            Verdict::Duplicate(first) => {
                let copy = store::inbound_letters::get(conn, first).await?;
                End::Duplicate(first, copy.and_then(|copy| copy.ticket))
            }
            Verdict::Ignore(reason) => End::Ignored(reason),
            Verdict::Quarantine(reason) => {
                // Not of our own address, nor of nobody's.
                let robot = letter.class != Class::Human;
                if trust.level == Level::Failed && !robot {
                    self.doubt(conn, about, mailbox, &writer.clients).await?;
                }
                End::Quarantined(reason)
            }
        };
        self.settle(conn, end, Some(about), Some(&key)).await
    }

    async fn judge(
        &self,
        conn: &mut PgConnection,
        about: Description<'_>,
        mailbox: &Mailbox,
        boxes: &[Mailbox],
        writer: &Writer,
        key: &str,
    ) -> Result<Judged, Failure> {
        let letter = about.letter;
        let gate = self.post.gate();
        let mail_key = gate.key(conn).await?;
        let own: Vec<EmailAddress> = boxes.iter().map(|one| one.address.clone()).collect();
        let marked = letter.loop_mark.as_ref().is_some_and(|mark| *mark == mail_key.loop_mark());
        let since = self.frame.clock.now() - walls::OPENING_WINDOW;
        let (id, to) = (self.entry.id, mailbox.id);
        let known = store::inbound_letters::known(conn, id, to, key, letter, since).await?;
        let copied = known.copied;
        Ok(intake::judge(&Situation {
            letter,
            copied: copied.as_ref().is_some_and(|(_, said)| says_the_same(said, &letter.text)),
            accept_unknown: mailbox.accept_unknown,
            sent_by_us: marked || known.sent_by_us,
            own: &own,
            same: known.same,
            writer,
            candidates: &{
                let given = &self.entry.mailbox;
                let copied = copied.as_ref().map(|(ticket, _)| *ticket);
                store::inbound_letters::candidates(conn, letter, given, &mail_key, copied).await?
            },
            trusted: &gate.trusted,
            age: letter.date.map(|date| self.entry.created - date),
            opened: known.opened,
            released: self.released,
        }))
    }

    async fn settle(
        &self,
        conn: &mut PgConnection,
        end: End<'_>,
        about: Option<Description<'_>>,
        key: Option<&str>,
    ) -> Result<Entry, Failure> {
        let now = self.frame.clock.now();
        store::inbound_letters::settle(conn, self.entry.id, &end, about, key, now).await
    }
}

/// The mailbox that a letter came to: the one that its source named, else the first that it is
/// addressed to, else the oldest.
fn mailbox<'b>(boxes: &'b [Mailbox], given: &str, letter: &Letter) -> Option<&'b Mailbox> {
    let named = EmailAddress::parse(given).ok();
    let addressed = letter.to.iter().chain(&letter.cc).map(|to| &to.address);
    let of = |address: &EmailAddress| find(boxes, address);
    named.iter().find_map(of).or_else(|| addressed.into_iter().find_map(of)).or(boxes.first())
}

/// The mailbox of an address, with or without what stands after a plus.
fn find<'b>(boxes: &'b [Mailbox], address: &EmailAddress) -> Option<&'b Mailbox> {
    let exact = |wanted: &EmailAddress| boxes.iter().find(|one| one.address == *wanted);
    exact(address).or_else(|| exact(&reply_addresses::split(address).0?))
}

/// Who writes, and for whom; from now on this letter is the only one of theirs.
async fn writer(conn: &mut PgConnection, address: EmailAddress) -> Result<Writer, Failure> {
    let of = store::clients::in_turn(conn, &address).await?;
    let main = of.iter().all(|(_, main)| *main);
    let clients = of.into_iter().map(|(client, _)| client).collect();
    Ok(Writer { address: Some(address), clients, main })
}
