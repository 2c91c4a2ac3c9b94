//! Opening a ticket by hand (A206–A213).

use super::{Api, author, department, unparsed};
use crate::domain::templates::Audience;
use crate::{
    api::parse,
    domain::{
        clocks::Promise,
        messages::{Body, Note, PublicMessage},
        tickets::{Opening, Origin, Trust},
    },
    jobs::profiles,
    store::{self, tickets::Source},
};
use proto::tickets::v1::{CreateTicketRequest, Ticket as Wire};
use service::{Failure, Scope, Text, Violations, idempotency};
use sqlx::PgConnection;
use tonic::Request;
use types::{EmailAddress, id::ClientId};

/// Department of a ticket that names none.
const DEPARTMENT: &str = "support";
/// Longest subject, in characters.
pub(in crate::api) const SUBJECT_MAX: usize = 250;

/// What was asked for.
struct Wanted {
    client: Option<ClientId>,
    requester: Option<EmailAddress>,
    subject: String,
    department: String,
    regarding: String,
    body: Body,
    send: bool,
}

impl Api {
    /// Opens a ticket: with a letter to the client, or with a note for colleagues.
    pub(in crate::api::tickets) async fn create(
        &self,
        request: Request<CreateTicketRequest>,
    ) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let scope = Scope::of(&request)?;
        let wanted = parsed(request.into_inner())?;
        if let Some(client) = wanted.client {
            let known = profiles::ensure(&self.frame, client).await?;
            if !known {
                return Err(Failure::invalid(
                    "ticket.client",
                    Text::new("Такого клиента нет.", "There is no such client."),
                ));
            }
        }
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        if let Some(client) = wanted.client {
            store::clients::lock(&mut tx, client).await?;
        }
        let requester = requester(&mut tx, &wanted).await?;
        let opening = Opening {
            clients: wanted.client.into_iter().collect(),
            subject: wanted.subject,
            department: wanted.department,
            requester,
            trust: Trust::Unknown,
            origin: Origin::Staff,
            regarding: wanted.regarding,
            author: author(&scope),
            body: wanted.body,
        };
        let mut step = opening.open(&Promise::regulation(), self.frame.clock.now());
        store::tickets::insert(&mut tx, &mut step, Source::default(), &scope.actor).await?;
        self.conclude(tx, key, step, false).await
    }
}

/// The address that the ticket is about: the one that was given, else the client's main one.
async fn requester(
    conn: &mut PgConnection,
    wanted: &Wanted,
) -> Result<Option<EmailAddress>, Failure> {
    let main = match (&wanted.requester, wanted.client) {
        (Some(given), _) => return Ok(Some(given.clone())),
        (None, Some(client)) => store::clients::recipients(conn, client, Audience::Support).await?,
        (None, None) => Vec::new(),
    };
    match main.into_iter().next() {
        None if wanted.send => Err(Failure::invalid(
            "ticket.requester",
            Text::new("Укажите адрес, на который писать.", "Give the address to write to."),
        )),
        main => Ok(main),
    }
}

/// True for one line of at most so many characters.
pub(in crate::api) fn is_line(text: &str, max: usize) -> bool {
    text.chars().count() <= max && !text.chars().any(char::is_control)
}

fn parsed(request: CreateTicketRequest) -> Result<Wanted, Failure> {
    let mut violations = Violations::default();
    let ticket = request.ticket.unwrap_or_default();
    let client = &ticket.client;
    let client = parse::optional_name(&mut violations, "ticket.client", client, "clients/{client}");
    let requester = match ticket.requester.as_str() {
        "" => None,
        given => parse::address(&mut violations, "ticket.requester", given),
    };
    if ticket.subject.trim().is_empty() || !is_line(&ticket.subject, SUBJECT_MAX) {
        violations.field(
            "ticket.subject",
            Text::new("Напишите тему: одна строка до 250 знаков.", "Write one line, up to 250."),
        );
    }
    if !is_line(&ticket.regarding, SUBJECT_MAX) {
        violations.field(
            "ticket.regarding",
            Text::new("Имя ресурса, например subscriptions/….", "A name: subscriptions/…."),
        );
    }
    let department = department(&mut violations, "ticket.department", ticket.department);
    let text = &request.text;
    let body = if request.send {
        parse::words(&mut violations, "text", PublicMessage::parse(text)).map(Body::Staff)
    } else {
        parse::words(&mut violations, "text", Note::parse(text)).map(Body::Note)
    };
    violations.finish()?;
    Ok(Wanted {
        client,
        requester,
        subject: ticket.subject,
        department: department.unwrap_or_else(|| DEPARTMENT.to_owned()),
        regarding: ticket.regarding,
        body: body.ok_or_else(unparsed)?,
        send: request.send,
    })
}
