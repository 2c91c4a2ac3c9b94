//! `Orders`: what a client wants; accepting makes subscriptions and held invoices.

mod drafts;
pub(super) mod texts;
pub(super) mod wire;

pub(super) use drafts::price;

use super::parse;
use crate::{
    domain::orders::{Order, OrderState},
    flows::accept,
    store::{self, orders::OrderRow},
};
use proto::invoicing::v1::{self as pb, orders_server::Orders};
use service::{
    Failure, Frame, Scope, Violations, check_etag, idempotency,
    page::{Page, TOTAL_CAP},
};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::id::{ClientId, OrderId};
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
}

#[tonic::async_trait]
impl Orders for Api {
    async fn get_order(
        &self,
        request: Request<pb::GetOrderRequest>,
    ) -> Result<Response<pb::Order>, Status> {
        let id: OrderId = parse::only_name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        Ok(Response::new(wire::encode(&found(&mut conn, id).await?)))
    }

    async fn list_orders(
        &self,
        request: Request<pb::ListOrdersRequest>,
    ) -> Result<Response<pb::ListOrdersResponse>, Status> {
        let msg = request.get_ref();
        let mut v = Violations::default();
        let client: Option<ClientId> = parse::optional_name(&mut v, "client", &msg.client);
        let state = wire::state_filter(&mut v, msg.state);
        v.finish()?;
        let state = state.map(OrderState::code);
        let page = Page::<Uuid>::read(msg.page_size, &msg.page_token, &("orders", client, state))?;
        let filter = store::orders::Filter { client, state };
        let before = page.after().map(|id| OrderId(*id));
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let ids = store::orders::list(&mut conn, filter, before, page.limit()).await?;
        let (ids, next_page_token) = page.finish(ids, |id| id.0);
        let rows = store::orders::get_all(&mut conn, &ids).await?;
        let total = store::orders::total(&mut conn, filter, TOTAL_CAP).await?;
        Ok(Response::new(pb::ListOrdersResponse {
            orders: rows.iter().map(wire::encode).collect(),
            next_page_token,
            total_size: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn create_order(
        &self,
        request: Request<pb::CreateOrderRequest>,
    ) -> Result<Response<pb::Order>, Status> {
        let scope = Scope::of(&request)?;
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let given = parse::message("order", msg.order.as_ref())?;
        let draft = wire::read("order", &given.client, &given.lines)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let (order, priced) = price(&mut tx, &self.frame, &draft, &scope.actor, Order::new).await?;
        let now = self.frame.clock.now();
        let number = store::orders::insert(&mut tx, &order, &priced, now).await?;
        let row = OrderRow { order, number, lines: priced, revision: 1, created_at: now };
        let reply = idempotency::finish(&mut tx, key, wire::encode(&row)).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }

    async fn accept_order(
        &self,
        request: Request<pb::AcceptOrderRequest>,
    ) -> Result<Response<pb::AcceptOrderResponse>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let id: OrderId = parse::only_name("name", &msg.name)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.lock(&mut tx, id, &msg.etag).await?;
        let made = accept::order(&mut tx, &self.frame, row)
            .await
            .map_err(|(position, refused)| texts::line("order", position, refused))?;
        let row = found(&mut tx, id).await?;
        let reply = pb::AcceptOrderResponse {
            order: Some(wire::encode(&row)),
            subscriptions: made.subscriptions.iter().map(ToString::to_string).collect(),
            invoices: made.invoices.iter().map(ToString::to_string).collect(),
        };
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }

    async fn cancel_order(
        &self,
        request: Request<pb::CancelOrderRequest>,
    ) -> Result<Response<pb::Order>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let id: OrderId = parse::only_name("name", &msg.name)?;
        let mut v = Violations::default();
        let reason = parse::required_text(&mut v, "reason", &msg.reason, 500);
        v.finish()?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.lock(&mut tx, id, "").await?;
        // What accepting made has its own verbs; only a pending order is cancelled as a whole.
        if row.order.state != OrderState::Pending {
            return Err(texts::not_pending(row.order.state).into());
        }
        row.order.cancel().map_err(|e| texts::order("order", &[e]))?;
        store::orders::save_state(&mut tx, id, OrderState::Cancelled, &reason).await?;
        let row = found(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, wire::encode(&row)).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }
}

impl Api {
    /// Locks the client's account, then the order.
    async fn lock(
        &self,
        conn: &mut PgConnection,
        id: OrderId,
        etag: &str,
    ) -> Result<OrderRow, Failure> {
        let client = found(conn, id).await?.order.client;
        store::accounts::lock(conn, client, self.frame.clock.now()).await?;
        let row = store::orders::lock(conn, id).await?;
        let row = row.ok_or_else(|| Failure::not_found(id.to_string()))?;
        check_etag(etag, row.revision)?;
        Ok(row)
    }
}

async fn found(conn: &mut PgConnection, id: OrderId) -> Result<OrderRow, Failure> {
    let row = store::orders::get(conn, id).await?;
    // What a quote offers is no order yet.
    let row = row.filter(|row| row.order.state != OrderState::Quoted);
    row.ok_or_else(|| Failure::not_found(id.to_string()))
}
