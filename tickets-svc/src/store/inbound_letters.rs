//! The journal of letters in.

mod known;
mod threads;

pub use known::known;
pub use threads::candidates;

use super::rows;
use crate::domain::{
    intake::State,
    letters::{Envelope, Letter},
    msgids::MsgId,
    trust::{Level, Verdict},
};
use chrono::{DateTime, Utc};
use service::{Failure, blobs::BlobId};
use sqlx::PgConnection;
use types::id::{InboundLetterId, MailboxId, MessageId, TicketId};
use uuid::Uuid;

/// A letter as it arrived.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Its id.
    pub id: InboundLetterId,
    /// Address that the source named; may be empty.
    pub mailbox: String,
    /// What makes it once.
    pub source_key: String,
    /// How it was handed over.
    pub envelope: Envelope,
    /// Its bytes.
    pub blob: BlobId,
    /// Number of its bytes.
    pub size: usize,
}

/// A row of the journal.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: InboundLetterId,
    /// Where it stands.
    pub state: State,
    /// Why, for every state but processed.
    pub reason: String,
    /// The ticket.
    pub ticket: Option<TicketId>,
    /// The message.
    pub message: Option<MessageId>,
    /// The first copy, of a duplicate.
    pub duplicate_of: Option<InboundLetterId>,
    /// Address that the source named; may be empty.
    pub mailbox: String,
    /// Who wrote.
    pub from: String,
    /// Subject.
    pub subject: String,
    /// Message-ID.
    pub msgid: String,
    /// Its bytes.
    pub blob: BlobId,
    /// Number of its bytes.
    pub size: i64,
    /// When it arrived.
    pub created: DateTime<Utc>,
    /// How far its sender is believed; none until it is judged.
    pub trust: Option<Level>,
    /// Why.
    pub trust_reason: String,
    /// How it was handed over.
    pub envelope: Envelope,
}

struct Row {
    id: Uuid,
    state: String,
    reason: String,
    ticket_id: Option<Uuid>,
    message_id: Option<Uuid>,
    duplicate_of: Option<Uuid>,
    mailbox_given: String,
    from_address: String,
    subject: String,
    msgid: String,
    sha256: Vec<u8>,
    size: i64,
    created_at: DateTime<Utc>,
    trust: String,
    trust_reason: String,
    envelope_from: String,
    client_address: String,
    helo: String,
}

impl TryFrom<Row> for Entry {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.into(),
            state: rows::word("inbound_letters.state", State::parse(&row.state))?,
            reason: row.reason,
            ticket: row.ticket_id.map(Into::into),
            message: row.message_id.map(Into::into),
            duplicate_of: row.duplicate_of.map(Into::into),
            mailbox: row.mailbox_given,
            from: row.from_address,
            subject: row.subject,
            msgid: row.msgid,
            blob: rows::word("inbound_letters.sha256", BlobId::from_slice(&row.sha256))?,
            size: row.size,
            created: row.created_at,
            trust: Level::parse(&row.trust),
            trust_reason: row.trust_reason,
            envelope: Envelope {
                from: row.envelope_from,
                client: row.client_address.parse().ok(),
                helo: row.helo,
            },
        })
    }
}

/// Journals a letter; answers the row, which is an older one when its source key is known.
///
/// # Errors
/// Those of the database.
pub async fn journal(
    conn: &mut PgConnection,
    arrival: &Arrival,
    now: DateTime<Utc>,
) -> Result<InboundLetterId, Failure> {
    let inserted = sqlx::query_scalar!(
        "insert into inbound_letters (id, mailbox_given, source_key, envelope_from, sha256, size,
             state, reason, from_address, subject, msgid, class, created_at, client_address, helo)
         values ($1, $2, $3, $4, $5, $6, 'received', '', '', '', '', '', $7, $8, $9)
         on conflict on constraint inbound_letters_source_key do nothing returning id",
        arrival.id.0,
        arrival.mailbox,
        arrival.source_key,
        arrival.envelope.from,
        arrival.blob.as_bytes(),
        i64::try_from(arrival.size).unwrap_or(i64::MAX),
        now,
        arrival.envelope.client.map(|client| client.to_string()).unwrap_or_default(),
        arrival.envelope.helo,
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(id) = inserted {
        return Ok(id.into());
    }
    let known = sqlx::query_scalar!(
        "select id from inbound_letters where source_key = $1",
        arrival.source_key,
    );
    Ok(known.fetch_one(conn).await?.into())
}

/// A row of the journal, not locked.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: InboundLetterId) -> Result<Option<Entry>, Failure> {
    let row = sqlx::query_as!(
        Row,
        "select id, state, reason, ticket_id, message_id, duplicate_of, mailbox_given,
             from_address, subject, msgid, sha256, size, created_at, trust, trust_reason,
             envelope_from, client_address, helo
         from inbound_letters where id = $1",
        id.0,
    );
    row.fetch_optional(conn).await?.map(Entry::try_from).transpose()
}

/// Locks a row of the journal: one worker processes a letter.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: InboundLetterId) -> Result<Option<Entry>, Failure> {
    let row = sqlx::query_as!(
        Row,
        "select id, state, reason, ticket_id, message_id, duplicate_of, mailbox_given,
             from_address, subject, msgid, sha256, size, created_at, trust, trust_reason,
             envelope_from, client_address, helo
         from inbound_letters where id = $1 for update",
        id.0,
    );
    row.fetch_optional(conn).await?.map(Entry::try_from).transpose()
}

/// Keeps copies of one letter, processed at the same time, apart until this transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn queue_up(conn: &mut PgConnection, dedup_key: &str) -> Result<(), Failure> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", dedup_key)
        .fetch_one(conn)
        .await?;
    Ok(())
}

/// The letter of no mailbox with the same bytes, other than this one: those that could not be read.
///
/// # Errors
/// Those of the database.
pub async fn same_unread(
    conn: &mut PgConnection,
    id: InboundLetterId,
    dedup_key: &str,
) -> Result<Option<InboundLetterId>, Failure> {
    let found = sqlx::query_scalar!(
        "select id from inbound_letters
         where mailbox_id is null and dedup_key = $2 and id <> $1 and state <> 'duplicate'",
        id.0,
        dedup_key,
    );
    Ok(found.fetch_optional(conn).await?.map(Into::into))
}

/// How a letter ended.
#[derive(Debug, Clone)]
pub enum End<'a> {
    /// One message in one ticket.
    Processed(TicketId, MessageId),
    /// The same letter was there, on this ticket if on any.
    Duplicate(InboundLetterId, Option<TicketId>),
    /// Nothing to do.
    Ignored(&'a str),
    /// Kept for a person to look at.
    Quarantined(&'a str),
    /// Could not be processed.
    Failed(&'a str),
}

/// What a letter says of itself, and the mailbox that it came to.
#[derive(Debug, Clone, Copy)]
pub struct Description<'a> {
    /// The mailbox, where there is one.
    pub mailbox: Option<MailboxId>,
    /// The letter as it was read.
    pub letter: &'a Letter,
    /// How far its sender is believed, once that is judged.
    pub trust: Option<Verdict>,
}

/// Ends a letter in exactly one state, and notes what the reader found; answers the row as stored.
///
/// # Errors
/// Those of the database.
pub async fn settle(
    conn: &mut PgConnection,
    id: InboundLetterId,
    end: &End<'_>,
    description: Option<Description<'_>>,
    dedup_key: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Entry, Failure> {
    let (state, reason, ticket, message, first) = match end {
        End::Processed(ticket, message) => {
            (State::Processed, String::new(), Some(*ticket), Some(*message), None)
        }
        End::Duplicate(first, ticket) => {
            (State::Duplicate, format!("DUPLICATE_OF {first}"), *ticket, None, Some(*first))
        }
        End::Ignored(reason) => (State::Ignored, (*reason).to_owned(), None, None, None),
        End::Quarantined(reason) => (State::Quarantined, (*reason).to_owned(), None, None, None),
        End::Failed(reason) => (State::Failed, (*reason).to_owned(), None, None, None),
    };
    let letter = description.map(|description| description.letter);
    let trust = description.and_then(|description| description.trust);
    let row = sqlx::query_as!(
        Row,
        "update inbound_letters
         set state = $2, reason = $3, ticket_id = $4, message_id = $5, duplicate_of = $6,
             dedup_key = $7, attempts = attempts + 1, settled_at = $8,
             mailbox_id = coalesce($9, mailbox_id), from_address = coalesce($10, from_address),
             subject = coalesce($11, subject), msgid = coalesce($12, msgid),
             class = coalesce($13, class), trust = coalesce($14, trust),
             trust_reason = coalesce($15, trust_reason)
         where id = $1
         returning id, state, reason, ticket_id, message_id, duplicate_of, mailbox_given,
             from_address, subject, msgid, sha256, size, created_at, trust, trust_reason,
             envelope_from, client_address, helo",
        id.0,
        state.as_str(),
        reason,
        ticket.map(|ticket| ticket.0),
        message.map(|message| message.0),
        first.map(|first| first.0),
        dedup_key,
        now,
        description.and_then(|description| description.mailbox).map(|mailbox| mailbox.0),
        letter.map(|letter| {
            letter.from.as_ref().map(|from| from.address.to_string()).unwrap_or_default()
        }),
        letter.map(|letter| letter.subject.as_str()),
        letter.map(|letter| letter.msgid.as_ref().map_or("", MsgId::as_str)),
        letter.map(|letter| letter.class.as_str()),
        trust.map(|trust| trust.level.as_str()),
        trust.map(|trust| trust.reason),
    );
    Entry::try_from(row.fetch_one(conn).await?)
}

/// A page of the journal, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    state: Option<State>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Entry>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, state, reason, ticket_id, message_id, duplicate_of, mailbox_given,
             from_address, subject, msgid, sha256, size, created_at, trust, trust_reason,
             envelope_from, client_address, helo
         from inbound_letters
         where ($1::text is null or state = $1) and ($2::uuid is null or id < $2)
         order by id desc limit $3",
        state.map(State::as_str),
        before,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// How many letters there are, counted up to a limit.
///
/// # Errors
/// Those of the database.
pub async fn count(
    conn: &mut PgConnection,
    state: Option<State>,
    limit: i64,
) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
             select 1 from inbound_letters where $1::text is null or state = $1
             limit $2) as counted"#,
        state.map(State::as_str),
        limit,
    );
    Ok(count.fetch_one(conn).await?)
}
