//! Tickets put aside, and brought back.

use super::{Api, author, refused, ticket, unparsed};
use crate::{api::parse, domain::messages::Note, jobs::waking, store};
use chrono::{DateTime, Utc};
use proto::tickets::v1::{
    HoldTicketRequest, MarkTicketSpamRequest, RestoreTicketRequest, Ticket as Wire,
};
use service::{Failure, Scope, Text, Violations, check_etag, idempotency};
use tonic::Request;

impl Api {
    /// Puts it aside until an instant.
    pub(in crate::api::tickets) async fn hold(
        &self,
        request: Request<HoldTicketRequest>,
    ) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let scope = Scope::of(&request)?;
        let request = request.into_inner();
        let mut violations = Violations::default();
        let id = ticket(&mut violations, &request.name);
        let until = request.until_time.and_then(|time| {
            DateTime::<Utc>::from_timestamp(time.seconds, u32::try_from(time.nanos).ok()?)
        });
        if until.is_none() {
            let text = Text::new("До какого времени отложить?", "Until when?");
            violations.field("until_time", text);
        }
        let why = match request.reason.as_str() {
            "" => None,
            text => parse::words(&mut violations, "reason", Note::parse(text)),
        };
        violations.finish()?;
        let (Some(id), Some(until)) = (id, until) else { return Err(unparsed()) };
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let ticket = store::tickets::lock(&mut tx, id).await?;
        let ticket = ticket.ok_or_else(|| Failure::not_found(id.to_string()))?;
        check_etag(&request.etag, ticket.revision)?;
        let step = ticket.hold(author(&scope), until, why, self.frame.clock.now());
        let step = step.map_err(refused)?;
        store::tickets::save(&mut tx, &step, &scope.actor).await?;
        waking::at(&mut tx, id, until).await?;
        self.conclude(tx, key, step, false).await
    }

    /// Calls it spam.
    pub(in crate::api::tickets) async fn spam(
        &self,
        request: Request<MarkTicketSpamRequest>,
    ) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let scope = Scope::of(&request)?;
        let request = request.into_inner();
        let mut violations = Violations::default();
        let id = ticket(&mut violations, &request.name);
        violations.finish()?;
        let Some(id) = id else { return Err(unparsed()) };
        self.command(key, &scope, id, &request.etag, false, |ticket, now| ticket.spam(now)).await
    }

    /// Brings it back.
    pub(in crate::api::tickets) async fn restore(
        &self,
        request: Request<RestoreTicketRequest>,
    ) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let scope = Scope::of(&request)?;
        let request = request.into_inner();
        let mut violations = Violations::default();
        let id = ticket(&mut violations, &request.name);
        violations.finish()?;
        let Some(id) = id else { return Err(unparsed()) };
        let mut conn = self.frame.pool.acquire().await?;
        let promise = store::tickets::promise(&mut conn, id, self.frame.clock.now()).await?;
        drop(conn);
        self.command(key, &scope, id, &request.etag, false, |ticket, now| {
            ticket.restore(&promise, now)
        })
        .await
    }
}
