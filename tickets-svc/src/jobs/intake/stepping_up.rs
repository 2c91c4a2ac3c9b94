//! Dangerous requests: asked back at the address in the profile, and confirmed from there (G49).

use super::Case;
use crate::{
    domain::{
        step_up,
        tickets::{Step, Ticket},
        trust,
    },
    jobs::answers,
    store::{self, confirmations::Confirmation, inbound_letters::Description},
};
use service::Failure;
use sqlx::PgConnection;
use types::{EmailAddress, id::ClientId};

impl Case<'_> {
    /// A person's letter became a message of a ticket: has what it asks for confirmed, or takes it
    /// as the confirmation of what was asked before. A subject counts once, when it opens a ticket:
    /// answers carry it on.
    pub(super) async fn step_up(
        &self,
        conn: &mut PgConnection,
        step: &Step,
        about: Description<'_>,
    ) -> Result<(), Failure> {
        let (letter, Some(message)) = (about.letter, &step.message) else { return Ok(()) };
        let Some(trust) = about.trust else { return Ok(()) };
        let reply = letter.ranges.reply_of(&letter.text);
        if self.confirm(conn, step, about, trust, &reply).await? {
            return Ok(());
        }
        let subject = if message.sequence == 1 { letter.subject.as_str() } else { "" };
        let Some(danger) = step_up::danger(subject, &reply) else { return Ok(()) };
        let ticket = &step.ticket;
        if !step_up::must_ask(trust.level)
            || store::confirmations::is_asked(conn, ticket.id, danger).await?
        {
            return Ok(());
        }
        let main = match ticket.client {
            Some(client) => store::clients::main_address(conn, client).await?,
            None => None,
        };
        let from = letter.from.as_ref().map(|from| from.address.to_string()).unwrap_or_default();
        let msgid = match &main {
            Some(main) => {
                let request = (danger, from.as_str(), reply.as_str());
                answers::confirm(conn, self.frame, self.post, ticket, main, request).await?
            }
            None => None,
        };
        let asked_of = main.filter(|_| msgid.is_some());
        let warning = step_up::warning(danger, asked_of.as_ref().map(EmailAddress::as_str));
        let request = Confirmation {
            message: message.id,
            danger,
            asked_of,
            asked: self.frame.clock.now(),
            confirmed: None,
        };
        store::confirmations::ask(conn, ticket.id, &request, msgid.as_ref()).await?;
        self.tell(conn, ticket.clone(), warning).await
    }

    /// True when the letter confirms a request: the address that was asked answers the very letter
    /// that asked it, which nobody else has seen.
    async fn confirm(
        &self,
        conn: &mut PgConnection,
        step: &Step,
        about: Description<'_>,
        trust: trust::Verdict,
        reply: &str,
    ) -> Result<bool, Failure> {
        let (letter, Some(message)) = (about.letter, &step.message) else { return Ok(false) };
        let Some(from) = &letter.from else { return Ok(false) };
        if trust.level == trust::Level::Failed || !step_up::confirms(reply) {
            return Ok(false);
        }
        let answered: Vec<String> =
            letter.answered().into_iter().map(|id| id.as_str().to_owned()).collect();
        let ticket = &step.ticket;
        let now = self.frame.clock.now();
        let (by, id) = (&from.address, message.id);
        let confirmed =
            store::confirmations::confirm(conn, ticket.id, &answered, by, id, now).await?;
        let Some(danger) = confirmed else { return Ok(false) };
        let text = step_up::confirmation(danger, by.as_str());
        self.tell(conn, ticket.clone(), text).await?;
        Ok(true)
    }

    async fn tell(
        &self,
        conn: &mut PgConnection,
        ticket: Ticket,
        text: String,
    ) -> Result<(), Failure> {
        let told = ticket.system(text, self.frame.clock.now());
        store::tickets::save(conn, &told, &self.entry.id.to_string()).await
    }

    /// Tells the clients in whose name a letter was written that it was not believed.
    pub(super) async fn doubt(
        &self,
        conn: &mut PgConnection,
        about: Description<'_>,
        mailbox: &crate::domain::mailboxes::Mailbox,
        clients: &[ClientId],
    ) -> Result<(), Failure> {
        let Some(from) = &about.letter.from else { return Ok(()) };
        let letter = (&from.address, about.letter.subject.as_str());
        for client in clients {
            store::clients::lock(conn, *client).await?;
            answers::doubted(conn, self.frame, mailbox, *client, letter).await?;
        }
        Ok(())
    }
}
