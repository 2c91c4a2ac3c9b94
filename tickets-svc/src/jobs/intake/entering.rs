//! A letter enters a ticket: a new one, or one that is there.

use super::Case;
use crate::{
    domain::{
        clocks::Promise,
        letters::{Class, Letter, LetterAttachment},
        mailboxes::Mailbox,
        messages::{Author, Body},
        threading::Evidence,
        tickets::{Opening, Origin, Step, Trust},
    },
    jobs::{answers, events},
    readers::letters::Unreadable,
    store::{
        self,
        inbound_letters::{Description, End, Entry},
        tickets::{Brought, Source},
    },
};
use service::{Failure, blobs};
use sqlx::PgConnection;
use types::{
    EmailAddress,
    id::{ClientId, MessageId, TicketId},
};

/// Department of tickets whose mailbox is not known.
const DEPARTMENT: &str = "support";

impl Case<'_> {
    /// Opens a ticket for the letter.
    pub(super) async fn open(
        &self,
        conn: &mut PgConnection,
        about: Description<'_>,
        mailbox: &Mailbox,
        clients: Vec<ClientId>,
        key: &str,
    ) -> Result<Entry, Failure> {
        let letter = about.letter;
        let address = letter.from.as_ref().map(|from| from.address.clone());
        if let [client] = clients[..] {
            store::clients::lock(conn, client).await?;
        }
        // Whoever writes for several clients is asked which one, though nobody else is answered.
        let answers = mailbox.acknowledge || clients.len() > 1;
        let answer_to = address
            .clone()
            .filter(|_| answers && letter.class == Class::Human && !letter.suppress_auto);
        let opening = Opening {
            clients,
            subject: letter.subject.clone(),
            department: mailbox.department.clone(),
            requester: address.clone(),
            trust: about.trust.map_or(Trust::Unknown, |trust| trust.level),
            origin: Origin::Letter,
            regarding: String::new(),
            author: author(address),
            body: Body::Client { text: text(letter), html: letter.html.clone() },
        };
        let now = self.frame.clock.now();
        let mut step = opening.open(&mailbox.promise(now), now);
        let letter = Some(self.brought(about, ""));
        let source = Source { mailbox: Some(mailbox.id), letter, ..Source::default() };
        store::tickets::insert(conn, &mut step, source, &self.entry.id.to_string()).await?;
        let entry = self.entered(conn, &step, about, key).await?;
        if about.letter.class == Class::Human {
            self.step_up(conn, &step, about).await?;
        }
        if let Some(to) = answer_to {
            answers::acknowledge(conn, self.frame, self.post, &step.ticket, &to).await?;
        }
        events::ticket_changed(conn, self.frame, &step).await?;
        Ok(entry)
    }

    /// Adds the letter to a ticket that is there: a person's opens it again, a robot's is kept.
    pub(super) async fn join(
        &self,
        conn: &mut PgConnection,
        about: Description<'_>,
        ticket: TicketId,
        evidence: Evidence,
        robot: bool,
        key: &str,
    ) -> Result<Entry, Failure> {
        let letter = about.letter;
        let now = self.frame.clock.now();
        let locked = store::tickets::lock(conn, ticket).await?;
        let locked = locked.ok_or_else(|| Failure::internal(format!("{ticket} is gone")))?;
        let address = letter.from.as_ref().map(|from| from.address.clone());
        let step = if robot {
            let text = match evidence {
                Evidence::SameLetter => self.copy_of(text(letter)),
                _ => text(letter),
            };
            locked.robot_letter(author(address), text, now)
        } else {
            if let Some(address) = &address {
                store::tickets::participate(conn, ticket, address).await?;
            }
            let body = Body::Client { text: text(letter), html: letter.html.clone() };
            let promise = store::tickets::promise(conn, ticket, now).await?;
            locked.client_letter(author(address), body, &promise, now)
        };
        let (actor, brought) = (self.entry.id.to_string(), self.brought(about, evidence.as_str()));
        store::tickets::save_letter(conn, &step, &actor, Some(brought)).await?;
        let entry = self.entered(conn, &step, about, key).await?;
        if !robot && letter.class == Class::Human {
            self.step_up(conn, &step, about).await?;
        }
        events::ticket_changed(conn, self.frame, &step).await?;
        Ok(entry)
    }

    /// Bytes that are no letter become a ticket that says so; they are kept as they are.
    pub(super) async fn open_unreadable(
        &self,
        conn: &mut PgConnection,
        why: Unreadable,
    ) -> Result<Entry, Failure> {
        let entry = self.entry;
        let key = format!("unreadable {}", entry.blob);
        store::inbound_letters::queue_up(conn, &key).await?;
        if let Some(first) = store::inbound_letters::same_unread(conn, entry.id, &key).await? {
            let copy = store::inbound_letters::get(conn, first).await?;
            let ticket = copy.and_then(|copy| copy.ticket);
            return self.settle(conn, End::Duplicate(first, ticket), None, Some(&key)).await;
        }
        let opening = Opening {
            clients: Vec::new(),
            subject: "Нечитаемое письмо / Unreadable letter".to_owned(),
            department: self.department(conn).await?,
            requester: None,
            trust: Trust::Unknown,
            origin: Origin::Letter,
            regarding: entry.id.to_string(),
            author: Author::System,
            body: Body::System {
                text: format!(
                    "Письмо не удалось прочитать, исходник сохранён: {id}, {size} байт.\n\
                     The letter could not be read and is kept as it came: {id}, {size} bytes.\n\
                     {why}",
                    id = entry.id,
                    size = entry.size,
                ),
            },
        };
        let mut step = opening.open(&Promise::regulation(), self.frame.clock.now());
        let actor = entry.id.to_string();
        let letter = Some(Brought { letter: entry.id, msgid: None, evidence: "" });
        let source = Source { letter, ..Source::default() };
        store::tickets::insert(conn, &mut step, source, &actor).await?;
        let message = message(&step)?;
        let end = End::Processed(step.ticket.id, message);
        let entry = self.settle(conn, end, None, Some(&key)).await?;
        events::ticket_changed(conn, self.frame, &step).await?;
        Ok(entry)
    }

    /// What a ticket says of another copy of a letter of it.
    fn copy_of(&self, text: String) -> String {
        let to = &self.entry.mailbox;
        let (ru, en) = match to.is_empty() {
            true => (String::new(), String::new()),
            false => (format!(" на {to}"), format!(" to {to}")),
        };
        format!("Копия того же письма пришла{ru}. / A copy of the same letter came{en}.\n\n{text}")
    }

    async fn department(&self, conn: &mut PgConnection) -> Result<String, Failure> {
        let Ok(given) = EmailAddress::parse(&self.entry.mailbox) else {
            return Ok(DEPARTMENT.to_owned());
        };
        let found = store::mailboxes::by_address(conn, &given).await?;
        Ok(found.map_or_else(|| DEPARTMENT.to_owned(), |stored| stored.mailbox.department))
    }

    fn brought<'l>(&self, about: Description<'l>, evidence: &'l str) -> Brought<'l> {
        let letter = self.entry.id;
        Brought { letter, msgid: about.letter.msgid.as_ref(), evidence }
    }

    /// Keeps the files, and ends the letter as processed.
    async fn entered(
        &self,
        conn: &mut PgConnection,
        step: &Step,
        about: Description<'_>,
        key: &str,
    ) -> Result<Entry, Failure> {
        let message = message(step)?;
        for (place, file) in (1..).zip(&about.letter.attachments) {
            keep(conn, file).await?;
            store::messages::attach(conn, message, place, file).await?;
        }
        let end = End::Processed(step.ticket.id, message);
        self.settle(conn, end, Some(about), Some(key)).await
    }
}

/// The message that a letter became: every letter that enters a ticket is one.
fn message(step: &Step) -> Result<MessageId, Failure> {
    let message = step.message.as_ref().map(|message| message.id);
    message
        .ok_or_else(|| Failure::internal(format!("a letter left no message in {}", step.ticket.id)))
}

async fn keep(conn: &mut PgConnection, file: &LetterAttachment) -> Result<(), Failure> {
    blobs::put(conn, &file.bytes).await.map(drop)
}

fn author(address: Option<EmailAddress>) -> Author {
    address.map_or(Author::System, Author::Address)
}

/// The text of a letter, and what of it is not shown.
fn text(letter: &Letter) -> String {
    if letter.cut.is_empty() {
        return letter.text.clone();
    }
    format!("{}\n\n[{}]", letter.text.trim_end(), letter.cut.join("; "))
}
