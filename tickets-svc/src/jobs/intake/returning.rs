//! A report says that a letter of ours cannot arrive: the delivery log does not say any more that
//! it is with its reader, and whoever asked for it hears so.

use super::Case;
use crate::{
    domain::{letters::Letter, outbound_letters::State},
    store::{self, outbound_letters::Reported},
};
use proto::tickets::v1::LetterSettled;
use service::{Failure, feed};
use sqlx::PgConnection;
use types::EmailAddress;

impl Case<'_> {
    /// Marks what the report names.
    pub(super) async fn note_return(
        &self,
        conn: &mut PgConnection,
        letter: &Letter,
    ) -> Result<(), Failure> {
        let Some(why) = &letter.failure else { return Ok(()) };
        let key = self.post.gate().key(conn).await?;
        let given = EmailAddress::parse(&self.entry.mailbox).ok();
        let reported = Reported::of(letter, given.as_ref(), &key);
        for returned in reported.sent(conn).await? {
            if let Some(client) = returned.client {
                store::clients::lock(conn, client).await?;
            }
            if store::outbound_letters::note_return(conn, returned.id, why).await? {
                let settled = LetterSettled {
                    key: returned.request_key,
                    letter: returned.id.to_string(),
                    state: State::Bounced.as_str().to_uppercase(),
                };
                feed::append(conn, self.frame, returned.client, &settled).await?;
            }
        }
        Ok(())
    }
}
