//! Letters out: what waits, what left, what could not.

mod reported;

use super::rows;
use crate::domain::{
    letters::Correspondent,
    msgids::MsgId,
    outbound_letters::{OutboundLetter, State},
    templates,
    walls::AutoLetters,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use service::{Failure, blobs::BlobId};
use sqlx::PgConnection;
use types::{
    EmailAddress,
    id::{ClientId, MessageId, OutboundLetterId, TicketId},
};
use uuid::Uuid;

pub use reported::{Reported, Returned, note_return};

/// What a letter is about, besides what it says.
#[derive(Debug, Clone, Default)]
pub struct Cause {
    /// What asked for it; makes it once.
    pub request_key: Option<String>,
    /// Client.
    pub client: Option<ClientId>,
    /// Ticket.
    pub ticket: Option<TicketId>,
    /// Message that it carries.
    pub message: Option<MessageId>,
    /// Address that an automatic answer goes to.
    pub answered: Option<EmailAddress>,
    /// Documents to attach, by resource name.
    pub documents: Vec<String>,
}

/// A row of the delivery log.
#[derive(Debug, Clone)]
pub struct Logged {
    /// Its id.
    pub id: OutboundLetterId,
    /// How far it is.
    pub state: State,
    /// Who gets it.
    pub recipients: Vec<String>,
    /// Subject.
    pub subject: String,
    /// Template that it was made by.
    pub template: String,
    /// Client.
    pub client: Option<ClientId>,
    /// Ticket.
    pub ticket: Option<TicketId>,
    /// Message-ID.
    pub msgid: String,
    /// Tries so far.
    pub attempts: i32,
    /// What the server said last.
    pub response: String,
    /// When it was asked for.
    pub created: DateTime<Utc>,
    /// When a server took it.
    pub sent: Option<DateTime<Utc>>,
}

/// Queues a letter; false when what asked for it has been answered before.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    letter: &OutboundLetter,
    cause: &Cause,
    now: DateTime<Utc>,
) -> Result<bool, Failure> {
    let recipients: Vec<String> = letter.recipients.iter().map(ToString::to_string).collect();
    let references: Vec<String> =
        letter.references.iter().map(|id| id.as_str().to_owned()).collect();
    let inserted = sqlx::query!(
        "insert into outbound_letters (id, msgid, request_key, template, client_id, ticket_id,
             message_id, from_name, from_address, recipients, answered_key, subject, text,
             in_reply_to, reference_ids, automatic, documents, state, response, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
             'queued', '', $18)
         on conflict on constraint outbound_letters_request_key do nothing",
        letter.id.0,
        letter.msgid.as_str(),
        cause.request_key,
        letter.template,
        cause.client.map(|client| client.0),
        cause.ticket.map(|ticket| ticket.0),
        cause.message.map(|message| message.0),
        letter.from.name,
        letter.from.address.as_str(),
        &recipients,
        cause.answered.as_ref().map(EmailAddress::key),
        letter.subject,
        letter.text,
        letter.in_reply_to.as_ref().map(MsgId::as_str),
        &references,
        letter.automatic,
        &cause.documents,
        now,
    )
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// A letter that waits, with what its sending needs.
#[derive(Debug)]
pub struct Waiting {
    /// The letter.
    pub letter: OutboundLetter,
    /// Client.
    pub client: Option<ClientId>,
    /// What asked for it; may be empty.
    pub request_key: String,
    /// Number of its ticket, if it is about one.
    pub number: Option<i64>,
    /// Documents to attach, by resource name.
    pub documents: Vec<String>,
    /// Its bytes, once they are made.
    pub raw: Option<BlobId>,
    /// When it was asked for.
    pub created: DateTime<Utc>,
}

/// The letter, while it waits to be sent.
///
/// # Errors
/// Those of the database.
pub async fn waiting(
    conn: &mut PgConnection,
    id: OutboundLetterId,
) -> Result<Option<Waiting>, Failure> {
    let row = sqlx::query!(
        r#"select msgid, template, from_name, from_address, recipients, subject, text,
             in_reply_to, reference_ids, automatic, client_id,
             coalesce(request_key, '') as "request_key!", documents, raw_sha256, created_at,
             (select number from tickets where tickets.id = ticket_id) as number
           from outbound_letters where id = $1 and state = 'queued'"#,
        id.0,
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let column = "outbound_letters.recipients";
    let recipients = row.recipients.iter().map(|text| rows::address(column, text));
    let ids = row.reference_ids.iter().filter_map(|id| MsgId::parse(id).ok());
    let template = templates::template(&row.template).map(|template| template.name);
    let msgid = MsgId::parse(&row.msgid).ok();
    let raw = row.raw_sha256.as_deref().map(BlobId::from_slice);
    Ok(Some(Waiting {
        letter: OutboundLetter {
            id,
            msgid: rows::word("outbound_letters.msgid", msgid)?,
            template: rows::word("outbound_letters.template", template)?,
            from: Correspondent {
                name: row.from_name,
                address: rows::address("outbound_letters.from_address", &row.from_address)?,
            },
            recipients: recipients.collect::<Result<_, _>>()?,
            subject: row.subject,
            text: row.text,
            in_reply_to: row.in_reply_to.and_then(|id| MsgId::parse(&id).ok()),
            references: ids.collect(),
            automatic: row.automatic,
        },
        client: row.client_id.map(ClientId::from),
        request_key: row.request_key,
        number: row.number,
        documents: row.documents,
        raw: raw.map(|raw| rows::word("outbound_letters.raw_sha256", raw)).transpose()?,
        created: row.created_at,
    }))
}

/// Notes the bytes of a letter: every try sends these.
///
/// # Errors
/// Those of the database.
pub async fn keep_raw(
    conn: &mut PgConnection,
    id: OutboundLetterId,
    raw: BlobId,
) -> Result<(), Failure> {
    sqlx::query!(
        "update outbound_letters set raw_sha256 = $2 where id = $1 and raw_sha256 is null",
        id.0,
        raw.as_bytes(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes how a try ended; only a letter that waits is changed.
///
/// # Errors
/// Those of the database.
pub async fn note_try(
    conn: &mut PgConnection,
    id: OutboundLetterId,
    state: State,
    response: &str,
    now: DateTime<Utc>,
) -> Result<bool, Failure> {
    let sent = (state == State::Sent).then_some(now);
    let noted = sqlx::query!(
        "update outbound_letters
         set state = $2, attempts = attempts + 1, response = $3, sent_at = $4
         where id = $1 and state = 'queued'",
        id.0,
        state.as_str(),
        response,
        sent,
    )
    .execute(conn)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Automatic answers that an address and a ticket got lately.
///
/// # Errors
/// Those of the database.
pub async fn automatic(
    conn: &mut PgConnection,
    address: &EmailAddress,
    ticket: Option<TicketId>,
    now: DateTime<Utc>,
) -> Result<AutoLetters, Failure> {
    let since = now - TimeDelta::days(1);
    let rows = sqlx::query!(
        r#"select answered_key = $1 as "same_address!", ticket_id = $2 as same_ticket, created_at
           from outbound_letters
           where answered_key is not null and created_at > $3
             and (answered_key = $1 or ticket_id = $2)"#,
        address.key(),
        ticket.map(|ticket| ticket.0),
        since,
    )
    .fetch_all(conn)
    .await?;
    let at = |pick: &dyn Fn(bool, Option<bool>) -> bool| {
        let chosen = rows.iter().filter(|row| pick(row.same_address, row.same_ticket));
        chosen.map(|row| row.created_at).collect()
    };
    Ok(AutoLetters {
        to_address: at(&|address, _| address),
        on_ticket: at(&|_, ticket| ticket == Some(true)),
    })
}

/// Which letters of the log.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Filter {
    /// To this client.
    pub client: Option<ClientId>,
    /// Of this ticket.
    pub ticket: Option<TicketId>,
    /// In this state.
    pub state: Option<&'static str>,
}

/// A page of the log, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: &Filter,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Logged>, Failure> {
    let rows = sqlx::query!(
        "select id, state, recipients, subject, template, client_id, ticket_id, msgid, attempts,
             response, created_at, sent_at
         from outbound_letters
         where ($1::uuid is null or client_id = $1) and ($2::uuid is null or ticket_id = $2)
           and ($3::text is null or state = $3) and ($4::uuid is null or id < $4)
         order by id desc limit $5",
        filter.client.map(|client| client.0),
        filter.ticket.map(|ticket| ticket.0),
        filter.state,
        before,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Logged {
                id: row.id.into(),
                state: rows::word("outbound_letters.state", State::parse(&row.state))?,
                recipients: row.recipients,
                subject: row.subject,
                template: row.template,
                client: row.client_id.map(ClientId::from),
                ticket: row.ticket_id.map(TicketId::from),
                msgid: row.msgid,
                attempts: row.attempts,
                response: row.response,
                created: row.created_at,
                sent: row.sent_at,
            })
        })
        .collect()
}

/// How many letters there are, counted up to a limit.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, filter: &Filter, limit: i64) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
             select 1 from outbound_letters
             where ($1::uuid is null or client_id = $1) and ($2::uuid is null or ticket_id = $2)
               and ($3::text is null or state = $3)
             limit $4) as counted"#,
        filter.client.map(|client| client.0),
        filter.ticket.map(|ticket| ticket.0),
        filter.state,
        limit,
    );
    Ok(count.fetch_one(conn).await?)
}
