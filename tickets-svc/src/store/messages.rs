//! Messages of tickets, and the files that came with them.

use crate::domain::{letters::LetterAttachment, msgids::MsgId};
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::id::{AttachmentId, MessageId, TicketId};
use uuid::Uuid;

/// A message as it is shown.
pub struct Shown {
    /// Its id.
    pub id: Uuid,
    /// Place in the ticket.
    pub sequence: i32,
    /// `client`, `staff`, `note`, `system` or `auto`.
    pub kind: String,
    /// Who wrote it.
    pub author: String,
    /// Text.
    pub text: String,
    /// Sanitised HTML.
    pub html: Option<String>,
    /// Message-ID of the letter that it came or left with.
    pub msgid: Option<String>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// How far the sender of its letter is believed.
    pub trust: Option<String>,
    /// Why.
    pub trust_reason: Option<String>,
}

/// A file as it is shown.
pub struct File {
    /// Its id.
    pub id: Uuid,
    /// The message that it came with.
    pub message_id: Uuid,
    /// Safe name.
    pub filename: String,
    /// Media type.
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the bytes.
    pub sha256: Vec<u8>,
}

/// Notes the id of the letter that a message leaves with.
///
/// # Errors
/// Those of the database.
pub async fn leaves_by(
    conn: &mut PgConnection,
    message: MessageId,
    msgid: &MsgId,
) -> Result<(), Failure> {
    sqlx::query!("update messages set msgid = $2 where id = $1", message.0, msgid.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Stores a file of a message; its bytes are in the blobs.
///
/// # Errors
/// Those of the database.
pub async fn attach(
    conn: &mut PgConnection,
    message: MessageId,
    place: i32,
    file: &LetterAttachment,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into attachments (id, message_id, place, filename, original_name, content_type,
             content_id, size, sha256)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        AttachmentId::generate().0,
        message.0,
        place,
        file.name,
        file.original_name,
        file.media_type,
        file.content_id,
        i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        &file.sha256[..],
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Messages of a ticket, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn of_ticket(conn: &mut PgConnection, ticket: TicketId) -> Result<Vec<Shown>, Failure> {
    let rows = sqlx::query_as!(
        Shown,
        r#"select m.id, m.sequence, m.kind, m.author, m.text, m.html, m.msgid, m.created_at,
             l.trust as "trust?", l.trust_reason as "trust_reason?"
           from messages m left join inbound_letters l on l.id = m.inbound_letter_id
           where m.ticket_id = $1 order by m.sequence"#,
        ticket.0,
    );
    Ok(rows.fetch_all(conn).await?)
}

/// Files of a ticket's messages.
///
/// # Errors
/// Those of the database.
pub async fn files(conn: &mut PgConnection, ticket: TicketId) -> Result<Vec<File>, Failure> {
    let rows = sqlx::query_as!(
        File,
        "select a.id, a.message_id, a.filename, a.content_type, a.size, a.sha256
         from attachments a join messages m on m.id = a.message_id
         where m.ticket_id = $1 order by m.sequence, a.place",
        ticket.0,
    );
    Ok(rows.fetch_all(conn).await?)
}

/// The hash of the bytes of a file.
///
/// # Errors
/// Those of the database.
pub async fn hash_of(
    conn: &mut PgConnection,
    file: AttachmentId,
) -> Result<Option<Vec<u8>>, Failure> {
    let hash = sqlx::query_scalar!("select sha256 from attachments where id = $1", file.0);
    Ok(hash.fetch_optional(conn).await?)
}

/// Message-IDs of a ticket's letters, in and out, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn thread(conn: &mut PgConnection, ticket: TicketId) -> Result<Vec<MsgId>, Failure> {
    let rows = sqlx::query_scalar!(
        r#"select msgid as "msgid!" from messages
           where ticket_id = $1 and msgid is not null and kind <> 'auto' order by sequence"#,
        ticket.0,
    );
    let ids = rows.fetch_all(conn).await?;
    Ok(ids.iter().filter_map(|id| MsgId::parse(id).ok()).collect())
}

/// The address of the person who wrote last.
///
/// # Errors
/// Those of the database.
pub async fn last_writer(
    conn: &mut PgConnection,
    ticket: TicketId,
) -> Result<Option<String>, Failure> {
    let author = sqlx::query_scalar!(
        "select author from messages where ticket_id = $1 and kind = 'client'
         order by sequence desc limit 1",
        ticket.0,
    );
    Ok(author.fetch_optional(conn).await?)
}
