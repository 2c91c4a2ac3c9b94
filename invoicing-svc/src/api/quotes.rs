//! `Quotes`: what a client is offered; accepted, it becomes an order.

mod document;
mod wire;

use super::{orders, parse};
use crate::{
    domain::quotes::{Quote, QuoteState},
    flows,
    store::{
        self,
        quotes::{Decision, QuoteRow},
    },
};
use chrono::NaiveDate;
use chrono_tz::Europe::Moscow;
use proto::invoicing::v1::{self as pb, quotes_server::Quotes};
use service::{
    Failure, Frame, Scope, Violations, check_etag, feed, idempotency,
    page::{Page, TOTAL_CAP},
};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::id::{ClientId, OrderId, PersonId, QuoteId};
use uuid::Uuid;

/// The service.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
}

impl Api {
    /// A service over this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }

    /// The day by which quotes expire.
    fn today(&self) -> NaiveDate {
        self.frame.clock.today(Moscow)
    }

    /// A checked quote that is not stored yet, priced as of today.
    async fn priced(
        &self,
        conn: &mut PgConnection,
        given: &pb::Quote,
        actor: &str,
    ) -> Result<QuoteRow, Failure> {
        let quote = wire::read(given)?;
        let lines = wire::lines(given);
        let draft = orders::wire::read("quote", &given.client, &lines)?;
        let make = crate::domain::orders::Order::quoted;
        let (order, lines) = orders::price(conn, &self.frame, &draft, actor, make).await?;
        quote.check(&order.lines, self.today()).map_err(|errors| wire::refused(&errors))?;
        let now = self.frame.clock.now();
        let offer =
            store::orders::OrderRow { order, number: 0, lines, revision: 1, created_at: now };
        Ok(QuoteRow {
            quote,
            offer,
            number: 0,
            author: actor.into(),
            created_at: now,
            sent_at: None,
            decision: None,
            revision: 1,
        })
    }

    /// Locks the client's account, then the quote.
    async fn lock(
        &self,
        conn: &mut PgConnection,
        id: QuoteId,
        etag: &str,
    ) -> Result<QuoteRow, Failure> {
        let client = found(conn, id).await?.quote.client;
        store::accounts::lock(conn, client, self.frame.clock.now()).await?;
        let row = store::quotes::lock(conn, id).await?;
        let row = row.ok_or_else(|| Failure::not_found(id.to_string()))?;
        check_etag(etag, row.revision)?;
        Ok(row)
    }

    /// What was decided by whoever calls, or by the person for whom a service does.
    fn decision(
        &self,
        scope: Scope,
        person: Option<PersonId>,
        reason: String,
        order: Option<OrderId>,
    ) -> Decision {
        let person = person.filter(|_| scope.has(proto::system::v1::Role::Service));
        let by = person.map_or(scope.actor, |person| person.to_string());
        Decision { at: self.frame.clock.now(), by, reason, order }
    }

    /// The quote as it is now, on the wire.
    async fn reply(&self, conn: &mut PgConnection, id: QuoteId) -> Result<pb::Quote, Failure> {
        Ok(wire::encode(&found(conn, id).await?, self.today()))
    }
}

#[tonic::async_trait]
impl Quotes for Api {
    async fn get_quote(
        &self,
        request: Request<pb::GetQuoteRequest>,
    ) -> Result<Response<pb::Quote>, Status> {
        let id: QuoteId = parse::only_name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        Ok(Response::new(self.reply(&mut conn, id).await?))
    }

    async fn list_quotes(
        &self,
        request: Request<pb::ListQuotesRequest>,
    ) -> Result<Response<pb::ListQuotesResponse>, Status> {
        let msg = request.get_ref();
        let mut v = Violations::default();
        let client: Option<ClientId> = parse::optional_name(&mut v, "client", &msg.client);
        let state = wire::state_filter(&mut v, msg.state);
        v.finish()?;
        let bound = ("quotes", client, state.map(QuoteState::code), msg.sent);
        let page = Page::<Uuid>::read(msg.page_size, &msg.page_token, &bound)?;
        let today = self.today();
        let filter = store::quotes::Filter { client, state, sent: msg.sent, today };
        let before = page.after().map(|id| QuoteId(*id));
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let ids = store::quotes::list(&mut conn, filter, before, page.limit()).await?;
        let (ids, next_page_token) = page.finish(ids, |id| id.0);
        let rows = store::quotes::get_all(&mut conn, &ids).await?;
        let total = store::quotes::total(&mut conn, filter, TOTAL_CAP).await?;
        Ok(Response::new(pb::ListQuotesResponse {
            quotes: rows.iter().map(|row| wire::encode(row, today)).collect(),
            next_page_token,
            total_size: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn preview_quote(
        &self,
        request: Request<pb::PreviewQuoteRequest>,
    ) -> Result<Response<pb::Quote>, Status> {
        let actor = Scope::of(&request)?.actor;
        let given = parse::message("quote", request.get_ref().quote.as_ref())?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let row = self.priced(&mut conn, given, &actor).await?;
        let shown = wire::encode(&row, self.today());
        // Nothing of it is there, so it has no name.
        Ok(Response::new(pb::Quote { name: String::new(), etag: String::new(), ..shown }))
    }

    async fn create_quote(
        &self,
        request: Request<pb::CreateQuoteRequest>,
    ) -> Result<Response<pb::Quote>, Status> {
        let actor = Scope::of(&request)?.actor;
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let given = parse::message("quote", msg.quote.as_ref())?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.priced(&mut tx, given, &actor).await?;
        let (order, now) = (&row.offer.order, row.created_at);
        store::orders::insert(&mut tx, order, &row.offer.lines, now).await?;
        store::quotes::insert(&mut tx, &row.quote, order.id, &actor, now).await?;
        let reply = self.reply(&mut tx, row.quote.id).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }

    async fn send_quote(
        &self,
        request: Request<pb::SendQuoteRequest>,
    ) -> Result<Response<pb::Quote>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let id: QuoteId = parse::only_name("name", &msg.name)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.lock(&mut tx, id, &msg.etag).await?;
        let quote = row.quote.clone().send(self.today()).map_err(|e| wire::refused(&[e]))?;
        let row = QuoteRow { quote, sent_at: Some(self.frame.clock.now()), ..row };
        store::quotes::save(&mut tx, &row).await?;
        let letter = letter(&mut tx, &row).await?;
        feed::append(&mut tx, &self.frame, Some(row.quote.client), &letter).await?;
        let reply = self.reply(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }

    async fn accept_quote(
        &self,
        request: Request<pb::AcceptQuoteRequest>,
    ) -> Result<Response<pb::AcceptQuoteResponse>, Status> {
        let scope = Scope::of(&request)?;
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let mut v = Violations::default();
        let id: Option<QuoteId> = parse::name(&mut v, "name", &msg.name);
        let person = parse::optional_name(&mut v, "decided_by", &msg.decided_by);
        v.finish()?;
        let id =
            id.ok_or_else(|| Failure::internal("a request without violations lacks a name"))?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.lock(&mut tx, id, &msg.etag).await?;
        let quote = row.quote.clone().accept(self.today()).map_err(|e| wire::refused(&[e]))?;
        let became = flows::quotes::accept(&mut tx, &self.frame, &row)
            .await
            .map_err(|(position, refused)| orders::texts::line("quote", position, refused))?;
        let decision = self.decision(scope, person, String::new(), Some(became.order));
        let row = QuoteRow { quote, decision: Some(decision), ..row };
        store::quotes::save(&mut tx, &row).await?;
        let reply = pb::AcceptQuoteResponse {
            quote: Some(self.reply(&mut tx, id).await?),
            invoices: became.made.invoices.iter().map(ToString::to_string).collect(),
        };
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }

    async fn decline_quote(
        &self,
        request: Request<pb::DeclineQuoteRequest>,
    ) -> Result<Response<pb::Quote>, Status> {
        let scope = Scope::of(&request)?;
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let mut v = Violations::default();
        let id: Option<QuoteId> = parse::name(&mut v, "name", &msg.name);
        let person = parse::optional_name(&mut v, "decided_by", &msg.decided_by);
        let reason = parse::text(&mut v, "reason", &msg.reason, 500);
        v.finish()?;
        let id =
            id.ok_or_else(|| Failure::internal("a request without violations lacks a name"))?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.lock(&mut tx, id, "").await?;
        let quote = row.quote.clone().decline(self.today()).map_err(|e| wire::refused(&[e]))?;
        let decision = self.decision(scope, person, reason, None);
        store::quotes::save(&mut tx, &QuoteRow { quote, decision: Some(decision), ..row }).await?;
        let reply = self.reply(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }

    async fn get_quote_document(
        &self,
        request: Request<pb::GetQuoteDocumentRequest>,
    ) -> Result<Response<pb::InvoiceDocument>, Status> {
        let id: QuoteId = parse::only_name("name", &request.get_ref().name)?;
        Ok(Response::new(document::get(&self.frame, id).await?))
    }
}

async fn found(conn: &mut PgConnection, id: QuoteId) -> Result<QuoteRow, Failure> {
    let row = store::quotes::get(conn, id).await?;
    row.ok_or_else(|| Failure::not_found(id.to_string()))
}

/// The letter that a quote leaves with.
async fn letter(conn: &mut PgConnection, row: &QuoteRow) -> Result<pb::LetterRequested, Failure> {
    let Quote { client, contract, .. } = row.quote;
    let missing = || Failure::not_found(contract.to_string());
    let contract = store::contracts::get(conn, contract).await?.ok_or_else(missing)?.contract;
    let seller = store::sellers::get(conn, contract.seller).await?.ok_or_else(missing)?;
    let profile = store::profiles::get(conn, client).await?;
    let language = profile.map_or_else(|| "ru".into(), |profile| profile.language);
    Ok(flows::letters::quoted(row, wire::sums(row).1, &seller, &language))
}
