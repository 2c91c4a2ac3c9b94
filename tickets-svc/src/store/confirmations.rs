//! Dangerous requests, and whether the address in the profile has confirmed them (G49).

use super::rows;
use crate::domain::{msgids::MsgId, step_up::Danger};
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::{
    EmailAddress,
    id::{MessageId, TicketId},
};

/// A dangerous request of a ticket.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// The message that asks.
    pub message: MessageId,
    /// What would be harmed.
    pub danger: Danger,
    /// The address that was asked; none when there is none to ask.
    pub asked_of: Option<EmailAddress>,
    /// When.
    pub asked: DateTime<Utc>,
    /// When it was confirmed.
    pub confirmed: Option<DateTime<Utc>>,
}

/// Keeps a request, with the letter that asks for its confirmation.
///
/// # Errors
/// Those of the database.
pub async fn ask(
    conn: &mut PgConnection,
    ticket: TicketId,
    request: &Confirmation,
    msgid: Option<&MsgId>,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into ticket_confirmations (message_id, ticket_id, danger, asked_of, msgid, asked_at)
         values ($1, $2, $3, $4, $5, $6)",
        request.message.0,
        ticket.0,
        request.danger.as_str(),
        request.asked_of.as_ref().map(EmailAddress::as_str),
        msgid.map(MsgId::as_str),
        request.asked,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// True when a request of the kind waits for its confirmation on the ticket.
///
/// # Errors
/// Those of the database.
pub async fn is_asked(
    conn: &mut PgConnection,
    ticket: TicketId,
    danger: Danger,
) -> Result<bool, Failure> {
    let found = sqlx::query_scalar!(
        r#"select exists (select 1 from ticket_confirmations
             where ticket_id = $1 and danger = $2 and confirmed_at is null) as "found!""#,
        ticket.0,
        danger.as_str(),
    );
    Ok(found.fetch_one(conn).await?)
}

/// Confirms the request whose letter is answered, if one is, by the address that was asked.
///
/// # Errors
/// Those of the database.
pub async fn confirm(
    conn: &mut PgConnection,
    ticket: TicketId,
    answered: &[String],
    by: &EmailAddress,
    message: MessageId,
    now: DateTime<Utc>,
) -> Result<Option<Danger>, Failure> {
    let danger = sqlx::query_scalar!(
        "update ticket_confirmations set confirmed_by = $4, confirmed_at = $5
         where ticket_id = $1 and msgid = any($2) and lower(asked_of) = lower($3)
           and confirmed_at is null
         returning danger",
        ticket.0,
        answered,
        by.as_str(),
        message.0,
        now,
    );
    let danger = danger.fetch_optional(conn).await?;
    let word = |word: String| rows::word("ticket_confirmations.danger", Danger::parse(&word));
    danger.map(word).transpose()
}

/// The requests of a ticket, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn of(conn: &mut PgConnection, ticket: TicketId) -> Result<Vec<Confirmation>, Failure> {
    let rows = sqlx::query!(
        "select message_id, danger, asked_of, asked_at, confirmed_at from ticket_confirmations
         where ticket_id = $1 order by asked_at, message_id",
        ticket.0,
    );
    let rows = rows.fetch_all(conn).await?.into_iter().map(|row| {
        let address = |text: String| rows::address("ticket_confirmations.asked_of", &text);
        Ok(Confirmation {
            message: row.message_id.into(),
            danger: rows::word("ticket_confirmations.danger", Danger::parse(&row.danger))?,
            asked_of: row.asked_of.map(address).transpose()?,
            asked: row.asked_at,
            confirmed: row.confirmed_at,
        })
    });
    rows.collect()
}
