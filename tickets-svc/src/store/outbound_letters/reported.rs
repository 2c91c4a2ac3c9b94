//! Letters of ours that a delivery report is about.

use crate::domain::{letters::Letter, outbound_letters::State, reply_addresses::LetterKey};
use service::Failure;
use sqlx::PgConnection;
use types::{
    EmailAddress,
    id::{ClientId, OutboundLetterId, TicketId},
};
use uuid::Uuid;

/// What a report names letters by: nothing else that it encloses is believed.
#[derive(Debug)]
pub struct Reported {
    /// Letters whose signed return address it came to.
    ids: Vec<Uuid>,
    /// Message-IDs that it encloses.
    msgids: Vec<String>,
}

/// A letter that came back.
#[derive(Debug)]
pub struct Returned {
    /// Its id.
    pub id: OutboundLetterId,
    /// Client.
    pub client: Option<ClientId>,
    /// What asked for it; may be empty.
    pub request_key: String,
}

impl Reported {
    /// What a report names. `given` is the address that it came to, as far as its source says.
    #[must_use]
    pub fn of(letter: &Letter, given: Option<&EmailAddress>, key: &LetterKey) -> Self {
        let to = given.into_iter().chain(letter.to.iter().map(|to| &to.address));
        Self {
            ids: to.filter_map(|to| key.returned(to)).map(|id| id.0).collect(),
            msgids: letter.returned.iter().map(|id| id.as_str().to_owned()).collect(),
        }
    }

    /// Tickets of the letters.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tickets(&self, conn: &mut PgConnection) -> Result<Vec<TicketId>, Failure> {
        let found = sqlx::query_scalar!(
            r#"select distinct ticket_id as "ticket_id!" from outbound_letters
               where (id = any($1) or msgid = any($2)) and ticket_id is not null"#,
            &self.ids,
            &self.msgids,
        );
        Ok(found.fetch_all(conn).await?.into_iter().map(TicketId::from).collect())
    }

    /// Those of the letters that left and are not known to have come back, in the order of clients,
    /// as these are locked.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sent(&self, conn: &mut PgConnection) -> Result<Vec<Returned>, Failure> {
        let rows = sqlx::query!(
            r#"select id, client_id, coalesce(request_key, '') as "request_key!"
               from outbound_letters
               where (id = any($1) or msgid = any($2)) and state = 'sent'
               order by client_id, id"#,
            &self.ids,
            &self.msgids,
        )
        .fetch_all(conn)
        .await?;
        let returned = rows.into_iter().map(|row| Returned {
            id: row.id.into(),
            client: row.client_id.map(ClientId::from),
            request_key: row.request_key,
        });
        Ok(returned.collect())
    }
}

/// Notes that a letter which left has come back, and why; false when that is known.
///
/// # Errors
/// Those of the database.
pub async fn note_return(
    conn: &mut PgConnection,
    id: OutboundLetterId,
    why: &str,
) -> Result<bool, Failure> {
    let noted = sqlx::query!(
        "update outbound_letters set state = $2, response = $3 where id = $1 and state = 'sent'",
        id.0,
        State::Bounced.as_str(),
        why,
    )
    .execute(conn)
    .await?;
    Ok(noted.rows_affected() == 1)
}
