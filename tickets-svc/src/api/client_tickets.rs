//! `ClientTickets`: what the client of a ticket may see and say.

use super::{
    parse,
    tickets::{SUBJECT_MAX, department, encode, is_line},
};
use crate::{
    domain::{
        clocks::Promise,
        messages::{Author, Body, PublicMessage},
        tickets::{Opening, Origin, State, Step, Trust},
    },
    jobs::{events, profiles},
    store::{self, tickets::Source},
};
use proto::tickets::v1::{
    GetClientTicketRequest, ListClientTicketsRequest, ListTicketsResponse, OpenClientTicketRequest,
    Ticket as Wire, WriteClientTicketRequest, client_tickets_server::ClientTickets,
};
use service::{Failure, Frame, Text, Violations, idempotency, page};
use sqlx::{PgConnection, Postgres, Transaction};
use tonic::{Request, Response, Status};
use types::{
    EmailAddress,
    id::{ClientId, TicketId},
};
use uuid::Uuid;

/// Department of a ticket that names none.
const DEPARTMENT: &str = "support";

/// The gRPC service.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
}

/// What a client writes.
struct Wanted {
    client: ClientId,
    author: EmailAddress,
    body: Body,
}

impl Api {
    /// The service over a frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }

    async fn list(
        &self,
        request: ListClientTicketsRequest,
    ) -> Result<ListTicketsResponse, Failure> {
        let mut violations = Violations::default();
        let client = client(&mut violations, &request.client);
        violations.finish()?;
        let client = client.ok_or_else(unparsed)?;
        let bound = ("client tickets", client);
        let page = page::Page::<Uuid>::read(request.page_size, &request.page_token, &bound)?;
        let before = page.after().map(|id| TicketId(*id));
        let mut conn = self.frame.pool.acquire().await?;
        let rows = store::tickets::of_client::list(&mut conn, client, before, page.limit()).await?;
        let total = store::tickets::of_client::count(&mut conn, client, page::TOTAL_CAP).await?;
        let (rows, next_page_token) = page.finish(rows, |ticket| ticket.id.0);
        Ok(ListTicketsResponse {
            tickets: rows.iter().map(encode::for_client).collect(),
            next_page_token,
            total_size: parse::total(total),
        })
    }

    async fn get(&self, request: GetClientTicketRequest) -> Result<Wire, Failure> {
        let mut violations = Violations::default();
        let client = client(&mut violations, &request.client);
        let id = parse::name(&mut violations, "name", &request.name, "tickets/{ticket}");
        violations.finish()?;
        let (client, id) = client.zip(id).ok_or_else(unparsed)?;
        let mut conn = self.frame.pool.acquire().await?;
        seen(&mut conn, client, id).await?;
        whole(&mut conn, id).await
    }

    async fn open(&self, request: Request<OpenClientTicketRequest>) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let asked = request.into_inner();
        let mut violations = Violations::default();
        if asked.subject.trim().is_empty() || !is_line(&asked.subject, SUBJECT_MAX) {
            let text = Text::new(
                "Напишите тему: одна строка до 250 знаков.",
                "Write a subject: one line of up to 250 characters.",
            );
            violations.field("subject", text);
        }
        let department = department(&mut violations, "department", asked.department);
        let wanted = wanted(violations, &asked.client, &asked.author, &asked.text)?;
        let client = wanted.client;
        if !profiles::ensure(&self.frame, client).await? {
            return Err(Failure::not_found(client.to_string()));
        }
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        store::clients::lock(&mut tx, client).await?;
        let actor = wanted.author.to_string();
        let opening = Opening {
            clients: vec![client],
            subject: asked.subject,
            department: department.unwrap_or_else(|| DEPARTMENT.to_owned()),
            requester: Some(wanted.author.clone()),
            trust: Trust::Matched,
            origin: Origin::Cabinet,
            regarding: String::new(),
            author: Author::Address(wanted.author),
            body: wanted.body,
        };
        let mut step = opening.open(&Promise::regulation(), self.frame.clock.now());
        store::tickets::insert(&mut tx, &mut step, Source::default(), &actor).await?;
        self.conclude(tx, key, &step).await
    }

    async fn write(&self, request: Request<WriteClientTicketRequest>) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let asked = request.into_inner();
        let mut violations = Violations::default();
        let id = parse::name(&mut violations, "name", &asked.name, "tickets/{ticket}");
        let wanted = wanted(violations, &asked.client, &asked.author, &asked.text)?;
        let id = id.ok_or_else(unparsed)?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        seen(&mut tx, wanted.client, id).await?;
        let ticket = store::tickets::lock(&mut tx, id).await?;
        let ticket = ticket.ok_or_else(|| Failure::not_found(id.to_string()))?;
        if ticket.state == State::Merged {
            return Err(Failure::precondition(
                "TICKET_MERGED",
                Text::new(
                    "Обращение объединено с другим: напишите в то.",
                    "The request was merged into another one: write there.",
                ),
            ));
        }
        let (actor, now) = (wanted.author.to_string(), self.frame.clock.now());
        let promise = store::tickets::promise(&mut tx, id, now).await?;
        store::tickets::participate(&mut tx, id, &wanted.author).await?;
        let author = Author::Address(wanted.author);
        let step = ticket.client_letter(author, wanted.body, &promise, now);
        store::tickets::save(&mut tx, &step, &actor).await?;
        self.conclude(tx, key, &step).await
    }

    /// Tells the others, keeps the reply, and commits.
    async fn conclude(
        &self,
        mut tx: Transaction<'static, Postgres>,
        key: idempotency::Key,
        step: &Step,
    ) -> Result<Wire, Failure> {
        events::ticket_changed(&mut tx, &self.frame, step).await?;
        let reply = whole(&mut tx, step.ticket.id).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(reply)
    }
}

/// Refuses what the client may not see, as what does not exist.
async fn seen(conn: &mut PgConnection, client: ClientId, id: TicketId) -> Result<(), Failure> {
    let seen = store::tickets::of_client::is_seen(conn, client, id).await?;
    if seen { Ok(()) } else { Err(Failure::not_found(id.to_string())) }
}

/// A ticket with what was said to each other.
async fn whole(conn: &mut PgConnection, id: TicketId) -> Result<Wire, Failure> {
    let ticket = store::tickets::get(conn, id).await?;
    let ticket = ticket.ok_or_else(|| Failure::not_found(id.to_string()))?;
    let messages = store::messages::of_ticket(conn, id).await?;
    let files = store::messages::files(conn, id).await?;
    let mut wire = encode::for_client(&ticket);
    wire.messages = encode::messages_for_client(messages, files)?;
    Ok(wire)
}

fn client(violations: &mut Violations, name: &str) -> Option<ClientId> {
    parse::name(violations, "client", name, "clients/{client}")
}

fn wanted(
    mut violations: Violations,
    name: &str,
    author: &str,
    text: &str,
) -> Result<Wanted, Failure> {
    let client = client(&mut violations, name);
    let author = parse::address(&mut violations, "author", author);
    let text = parse::words(&mut violations, "text", PublicMessage::parse(text));
    violations.finish()?;
    let (Some(client), Some(author), Some(text)) = (client, author, text) else {
        return Err(unparsed());
    };
    let body = Body::Client { text: text.text().to_owned(), html: None };
    Ok(Wanted { client, author, body })
}

fn unparsed() -> Failure {
    Failure::internal("a field is missing without a violation")
}

#[tonic::async_trait]
impl ClientTickets for Api {
    async fn list_client_tickets(
        &self,
        request: Request<ListClientTicketsRequest>,
    ) -> Result<Response<ListTicketsResponse>, Status> {
        Ok(Response::new(self.list(request.into_inner()).await?))
    }

    async fn get_client_ticket(
        &self,
        request: Request<GetClientTicketRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.get(request.into_inner()).await?))
    }

    async fn open_client_ticket(
        &self,
        request: Request<OpenClientTicketRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.open(request).await?))
    }

    async fn write_client_ticket(
        &self,
        request: Request<WriteClientTicketRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.write(request).await?))
    }
}
