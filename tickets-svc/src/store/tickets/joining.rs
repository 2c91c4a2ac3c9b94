//! Tickets that are merged, and messages that become tickets.

use service::Failure;
use sqlx::PgConnection;
use types::id::{AttachmentId, MessageId, TicketId};
use uuid::Uuid;

/// Notes where a ticket that is being merged leads, and has what led to it lead there too: nobody
/// follows two redirects. Who may write to it may write to the other.
///
/// # Errors
/// Those of the database.
pub async fn redirect(
    conn: &mut PgConnection,
    from: TicketId,
    into: TicketId,
) -> Result<(), Failure> {
    sqlx::query!(
        "update tickets set merged_into = $2 where id = $1 or merged_into = $1",
        from.0,
        into.0,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into ticket_participants (ticket_id, address_key, address)
         select $2, address_key, address from ticket_participants where ticket_id = $1
         on conflict do nothing",
        from.0,
        into.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The ticket that this one was merged into.
///
/// # Errors
/// Those of the database.
pub async fn merged_into(
    conn: &mut PgConnection,
    id: TicketId,
) -> Result<Option<TicketId>, Failure> {
    let row = sqlx::query_scalar!("select merged_into from tickets where id = $1", id.0);
    Ok(row.fetch_optional(conn).await?.flatten().map(TicketId::from))
}

/// A message that a client wrote.
pub struct Said {
    /// Who wrote it.
    pub author: String,
    /// Text.
    pub text: String,
    /// Sanitised HTML.
    pub html: Option<String>,
    /// Place in the ticket.
    pub sequence: i32,
    /// How far its sender is believed.
    pub trust: Option<String>,
}

/// A message of a ticket that a client wrote.
///
/// # Errors
/// Those of the database.
pub async fn said(
    conn: &mut PgConnection,
    ticket: TicketId,
    message: MessageId,
) -> Result<Option<Said>, Failure> {
    let row = sqlx::query_as!(
        Said,
        r#"select m.author, m.text, m.html, m.sequence, l.trust as "trust?"
           from messages m left join inbound_letters l on l.id = m.inbound_letter_id
           where m.ticket_id = $1 and m.id = $2 and m.kind = 'client'"#,
        ticket.0,
        message.0,
    );
    Ok(row.fetch_optional(conn).await?)
}

/// Gives the files of one message to another as well.
///
/// # Errors
/// Those of the database.
pub async fn copy_files(
    conn: &mut PgConnection,
    from: MessageId,
    to: MessageId,
) -> Result<(), Failure> {
    let files = sqlx::query_scalar!("select id from attachments where message_id = $1", from.0)
        .fetch_all(&mut *conn)
        .await?;
    let new: Vec<Uuid> = files.iter().map(|_| AttachmentId::generate().0).collect();
    sqlx::query!(
        "insert into attachments (id, message_id, place, filename, original_name, content_type,
             content_id, size, sha256)
         select given.new, $3, a.place, a.filename, a.original_name, a.content_type,
             a.content_id, a.size, a.sha256
         from unnest($1::uuid[], $2::uuid[]) as given (old, new)
         join attachments a on a.id = given.old",
        &files,
        &new,
        to.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}
