//! What the database knows of a letter that came, asked at once: each question is a way to the
//! database and back, and letters of one sender wait for each other.

use crate::domain::{letters::Letter, msgids::MsgId};
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::{
    EmailAddress,
    id::{InboundLetterId, MailboxId, TicketId},
};

/// What is known of a letter.
#[derive(Debug, Clone)]
pub struct Known {
    /// True when its Message-ID is one of a letter that we sent.
    pub sent_by_us: bool,
    /// Tickets that its sender opened since an instant.
    pub opened: usize,
    /// The letter with the same content and id in the same mailbox, other than this one.
    pub same: Option<InboundLetterId>,
    /// The ticket of a letter that bore the same Message-ID and came from the same sender, and what
    /// it said.
    pub copied: Option<(TicketId, String)>,
}

/// What is known of a letter by its key, its id and its sender.
///
/// # Errors
/// Those of the database.
pub async fn known(
    conn: &mut PgConnection,
    id: InboundLetterId,
    mailbox: MailboxId,
    dedup_key: &str,
    letter: &Letter,
    since: DateTime<Utc>,
) -> Result<Known, Failure> {
    let from = letter.from.as_ref().map(|from| &from.address);
    let row = sqlx::query!(
        r#"select
             exists (select from outbound_letters where msgid = $4) as "sent!",
             (select count(*) from tickets
              where requester_key = $5 and origin = 'letter' and created_at > $7) as "opened!",
             (select id from inbound_letters
              where mailbox_id = $2 and dedup_key = $3 and id <> $1
                and state <> 'duplicate' limit 1) as same,
             copied.ticket_id as "ticket_id?", copied.text as "text?"
           from (select) as one
           left join lateral (
             select m.ticket_id, m.text
             from messages m join inbound_letters i on i.id = m.inbound_letter_id
             where m.msgid = $4 and lower(i.from_address) = lower($6)
             order by m.created_at, m.id limit 1) as copied on true"#,
        id.0,
        mailbox.0,
        dedup_key,
        letter.msgid.as_ref().map(MsgId::as_str),
        from.map(EmailAddress::key),
        from.map(EmailAddress::as_str),
        since,
    )
    .fetch_one(conn)
    .await?;
    Ok(Known {
        sent_by_us: row.sent,
        opened: usize::try_from(row.opened).unwrap_or(usize::MAX),
        same: row.same.map(Into::into),
        copied: row.ticket_id.map(Into::into).zip(row.text),
    })
}
