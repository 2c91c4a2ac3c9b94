//! Two tickets made one, and one made two.

use super::{Api, refused, ticket, unparsed};
use crate::{
    api::parse,
    domain::{
        messages::Body,
        tickets::{Ticket, Trust},
    },
    jobs::events,
    store::{self, tickets::Source, tickets::joining},
};
use proto::tickets::v1::{MergeTicketRequest, SplitTicketRequest, Ticket as Wire};
use service::{Failure, Scope, Text, Violations, check_etag, idempotency};
use sqlx::PgConnection;
use tonic::Request;
use types::{
    EmailAddress,
    id::{MessageId, TicketId},
};

impl Api {
    /// Makes a ticket a redirect to another one; answers the other.
    pub(in crate::api::tickets) async fn merge(
        &self,
        request: Request<MergeTicketRequest>,
    ) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let scope = Scope::of(&request)?;
        let request = request.into_inner();
        let mut violations = Violations::default();
        let id = ticket(&mut violations, &request.name);
        let form = "tickets/{ticket}";
        let into: Option<TicketId> = parse::name(&mut violations, "into", &request.into, form);
        violations.finish()?;
        let (Some(id), Some(into)) = (id, into) else { return Err(unparsed()) };
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        // Both in the order of their ids: two people who merge them crosswise wait for each other
        // and not for ever.
        let (first, second) = (id.min(into), id.max(into));
        let mut found = [locked(&mut tx, first).await?, locked(&mut tx, second).await?];
        if first != id {
            found.reverse();
        }
        let [from, other] = found;
        check_etag(&request.etag, from.revision)?;
        let now = self.frame.clock.now();
        let promise = store::tickets::promise(&mut tx, into, now).await?;
        let merged = from.clone().merge(&other, now).map_err(refused)?;
        let absorbed = other.absorb(&from, &promise, now);
        joining::redirect(&mut tx, id, into).await?;
        store::tickets::save(&mut tx, &merged, &scope.actor).await?;
        store::tickets::save(&mut tx, &absorbed, &scope.actor).await?;
        events::ticket_changed(&mut tx, &self.frame, &merged).await?;
        self.conclude(tx, key, absorbed, false).await
    }

    /// Makes a ticket of one message; answers it.
    pub(in crate::api::tickets) async fn split(
        &self,
        request: Request<SplitTicketRequest>,
    ) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let scope = Scope::of(&request)?;
        let request = request.into_inner();
        let mut violations = Violations::default();
        let id = ticket(&mut violations, &request.name);
        let form = "messages/{message}";
        let message: Option<MessageId> =
            parse::name(&mut violations, "message", &request.message, form);
        violations.finish()?;
        let (Some(id), Some(message)) = (id, message) else { return Err(unparsed()) };
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let old = locked(&mut tx, id).await?;
        check_etag(&request.etag, old.revision)?;
        let said = joining::said(&mut tx, id, message).await?.ok_or_else(not_said)?;
        let sender = EmailAddress::parse(&said.author).map_err(|_| not_said())?;
        let trust = said.trust.as_deref().and_then(Trust::parse).unwrap_or(old.trust);
        let now = self.frame.clock.now();
        let promise = store::tickets::promise(&mut tx, id, now).await?;
        let body = Body::Client { text: said.text, html: said.html };
        let mut step = old.part(sender, trust, body).open(&promise, now);
        store::tickets::insert(&mut tx, &mut step, Source::default(), &scope.actor).await?;
        if let Some(copy) = &step.message {
            joining::copy_files(&mut tx, message, copy.id).await?;
        }
        let (place, number) = (said.sequence, step.ticket.number);
        let noted = old.system(
            format!(
                "Сообщение {place} выделено в заявку № {number}.\n\
                 Message {place} was made ticket No. {number}."
            ),
            now,
        );
        store::tickets::save(&mut tx, &noted, &scope.actor).await?;
        self.conclude(tx, key, step, false).await
    }
}

async fn locked(conn: &mut PgConnection, id: TicketId) -> Result<Ticket, Failure> {
    let ticket = store::tickets::lock(conn, id).await?;
    ticket.ok_or_else(|| Failure::not_found(id.to_string()))
}

fn not_said() -> Failure {
    let text = Text::new(
        "Это не письмо клиента в этой заявке.",
        "This is no letter of a client in this ticket.",
    );
    Failure::invalid("message", text)
}
