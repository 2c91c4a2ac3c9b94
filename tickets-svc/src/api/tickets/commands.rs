//! What staff do to tickets. Each command locks the ticket, applies a transition, and saves what
//! it did, its letter and its event together.

mod create;
mod joining;
mod parking;

pub(in crate::api) use create::{SUBJECT_MAX, is_line};

use super::{Api, author};
use crate::{
    api::{colleagues, parse},
    domain::{
        mailboxes,
        messages::{Note, PublicMessage},
        tickets::{Assignment, Step, Ticket, TicketError},
    },
    jobs::{answers, events},
    store,
};
use chrono::{DateTime, Utc};
use proto::tickets::v1::{
    AddTicketNoteRequest, AssignTicketRequest, CloseTicketRequest, ReplyTicketRequest,
    Ticket as Wire,
};
use service::{Failure, Scope, Text, Violations, check_etag, idempotency};
use sqlx::{PgConnection, Postgres, Transaction};
use tonic::Request;
use types::id::TicketId;

impl Api {
    /// Answers the client by letter (A213).
    pub(super) async fn reply(
        &self,
        request: Request<ReplyTicketRequest>,
    ) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let scope = Scope::of(&request)?;
        let request = request.into_inner();
        let mut violations = Violations::default();
        let id = ticket(&mut violations, &request.name);
        let words = PublicMessage::parse(&request.text);
        let words = parse::words(&mut violations, "text", words);
        violations.finish()?;
        let (Some(id), Some(words)) = (id, words) else { return Err(unparsed()) };
        self.command(key, &scope, id, &request.etag, false, |ticket, now| {
            ticket.reply(author(&scope), words, now)
        })
        .await
    }

    /// Adds a note that never leaves (A214).
    pub(super) async fn note(
        &self,
        request: Request<AddTicketNoteRequest>,
    ) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let scope = Scope::of(&request)?;
        let request = request.into_inner();
        let mut violations = Violations::default();
        let id = ticket(&mut violations, &request.name);
        let note = parse::words(&mut violations, "text", Note::parse(&request.text));
        violations.finish()?;
        let (Some(id), Some(note)) = (id, note) else { return Err(unparsed()) };
        self.command(key, &scope, id, "", false, |ticket, now| {
            Ok(ticket.note(author(&scope), note, now))
        })
        .await
    }

    /// Gives it to a department or a member of staff, or says which client it is from.
    pub(super) async fn assign(
        &self,
        request: Request<AssignTicketRequest>,
    ) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let scope = Scope::of(&request)?;
        let request = request.into_inner();
        let mut violations = Violations::default();
        let id = ticket(&mut violations, &request.name);
        let department = department(&mut violations, "department", request.department);
        let (assignee, client) = (&request.assignee, &request.client);
        let to = Assignment {
            department,
            assignee: parse::optional_name(&mut violations, "assignee", assignee, "staff/{staff}"),
            client: parse::optional_name(&mut violations, "client", client, "clients/{client}"),
        };
        violations.finish()?;
        let Some(id) = id else { return Err(unparsed()) };
        if let Some(staff) = to.assignee {
            colleagues::known(&self.frame, "assignee", staff).await?;
        }
        self.command(key, &scope, id, &request.etag, false, |ticket, now| ticket.assign(to, now))
            .await
    }

    /// Closes it, with or without last words to the client (A215).
    pub(super) async fn close(
        &self,
        request: Request<CloseTicketRequest>,
    ) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let scope = Scope::of(&request)?;
        let request = request.into_inner();
        let mut violations = Violations::default();
        let id = ticket(&mut violations, &request.name);
        let words = match request.text.as_str() {
            "" => None,
            text => parse::words(&mut violations, "text", PublicMessage::parse(text)),
        };
        violations.finish()?;
        let Some(id) = id else { return Err(unparsed()) };
        self.command(key, &scope, id, &request.etag, true, |ticket, now| {
            ticket.close(author(&scope), words, now)
        })
        .await
    }

    /// One command on one ticket, in one transaction.
    async fn command(
        &self,
        key: idempotency::Key,
        scope: &Scope,
        id: TicketId,
        etag: &str,
        closing: bool,
        act: impl FnOnce(Ticket, DateTime<Utc>) -> Result<Step, TicketError> + Send,
    ) -> Result<Wire, Failure> {
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let ticket = store::tickets::lock(&mut tx, id).await?;
        let ticket = ticket.ok_or_else(|| Failure::not_found(id.to_string()))?;
        check_etag(etag, ticket.revision)?;
        let before = ticket.client;
        let step = act(ticket, self.frame.clock.now()).map_err(refused)?;
        if let Some(client) = step.ticket.client.filter(|client| before != Some(*client)) {
            store::clients::lock(&mut tx, client).await?;
        }
        store::tickets::save(&mut tx, &step, &scope.actor).await?;
        self.conclude(tx, key, step, closing).await
    }

    /// Queues the letter of a step, tells the others, keeps the reply, and commits.
    async fn conclude(
        &self,
        mut tx: Transaction<'static, Postgres>,
        key: idempotency::Key,
        step: Step,
        closing: bool,
    ) -> Result<Wire, Failure> {
        self.letter(&mut tx, &step, closing).await?;
        events::ticket_changed(&mut tx, &self.frame, &step).await?;
        let reply = idempotency::finish(&mut tx, key, self.wire(&step.ticket)).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(reply)
    }

    async fn letter(
        &self,
        conn: &mut PgConnection,
        step: &Step,
        closing: bool,
    ) -> Result<(), Failure> {
        let Some(message) = &step.message else { return Ok(()) };
        answers::send(conn, &self.frame, &self.post, &step.ticket, message, closing).await
    }
}

fn ticket(violations: &mut Violations, name: &str) -> Option<TicketId> {
    parse::name(violations, "name", name, "tickets/{ticket}")
}

/// A department; none when it is empty.
pub(in crate::api) fn department(
    violations: &mut Violations,
    field: &str,
    given: String,
) -> Option<String> {
    if !given.is_empty() && !mailboxes::is_department(&given) {
        violations.field(
            field,
            Text::new(
                "Слово из строчных латинских букв, цифр и _, например support.",
                "A word of lower-case letters, digits and _, such as support.",
            ),
        );
    }
    Some(given).filter(|given| !given.is_empty())
}

fn unparsed() -> Failure {
    Failure::internal("a field is missing without a violation")
}

fn refused(error: TicketError) -> Failure {
    let (reason, russian, english) = match error {
        TicketError::Past => {
            let text = Text::new("Отложить можно только на будущее.", "Choose a later time.");
            return Failure::invalid("until_time", text);
        }
        TicketError::Closed => (
            "TICKET_CLOSED",
            "Заявка закрыта. Её откроет ответ клиента; или заведите новую.",
            "The ticket is closed. The client's answer opens it; or open a new one.",
        ),
        TicketError::NoRequester => (
            "TICKET_WITHOUT_ADDRESS",
            "У заявки нет адреса для ответа. Напишите примечание или заведите заявку клиенту.",
            "The ticket has no address to answer. Write a note, or open one for the client.",
        ),
        TicketError::NotACandidate => (
            "CLIENT_NOT_A_CANDIDATE",
            "Этот клиент не из тех, за кого пишет отправитель.",
            "This client is none of those that the sender acts for.",
        ),
        TicketError::Spam => (
            "TICKET_SPAM",
            "Заявка помечена как спам. Сначала верните её.",
            "The ticket is marked as spam. Restore it first.",
        ),
        TicketError::Merged => (
            "TICKET_MERGED",
            "Заявка присоединена к другой: работайте с той.",
            "The ticket was merged into another one: work on that.",
        ),
        TicketError::OtherClient => (
            "TICKETS_NOT_OF_ONE_CLIENT",
            "Объединить можно две разные заявки одного клиента.",
            "Two different tickets of one client can be merged.",
        ),
        TicketError::NotParked => (
            "TICKET_NOT_PARKED",
            "Заявка не отложена и не спам: возвращать нечего.",
            "The ticket is neither on hold nor spam: there is nothing to restore.",
        ),
    };
    Failure::precondition(reason, Text::new(russian, english))
}
