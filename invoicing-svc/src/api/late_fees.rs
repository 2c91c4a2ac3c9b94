//! `LateFees`: what clients owe for paying late, and on which terms (A47, A93).

mod policies;
mod wire;

use super::parse;
use crate::{
    flows::late_fees,
    store::{self, late_fees::Filter},
};
use proto::invoicing::v1::{self as pb, late_fees_server::LateFees};
use service::{Failure, Frame, Scope, Violations, idempotency, page::Page};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::id::LateFeeId;
use uuid::Uuid;

/// Lists are counted up to this.
const TOTAL_CAP: i64 = 10_001;

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

    /// The fee of an id, with its client's account locked.
    async fn locked(
        &self,
        conn: &mut PgConnection,
        id: LateFeeId,
    ) -> Result<store::late_fees::LateFeeRow, Failure> {
        let missing = || Failure::not_found(id.to_string());
        let row = store::late_fees::get(conn, id).await?.ok_or_else(missing)?;
        store::accounts::lock(conn, row.fee.client, self.frame.clock.now()).await?;
        store::late_fees::get(conn, id).await?.ok_or_else(missing)
    }
}

#[tonic::async_trait]
impl LateFees for Api {
    async fn list_late_fees(
        &self,
        request: Request<pb::ListLateFeesRequest>,
    ) -> Result<Response<pb::ListLateFeesResponse>, Status> {
        let msg = request.get_ref();
        let mut v = Violations::default();
        let client = parse::optional_name(&mut v, "client", &msg.client);
        let invoice = parse::optional_name(&mut v, "invoice", &msg.invoice);
        v.finish()?;
        let filter = Filter { client, invoice, open: msg.open };
        let bound = ("late_fees", client, invoice, msg.open);
        let page = Page::<Uuid>::read(msg.page_size, &msg.page_token, &bound)?;
        let before = page.after().map(|id| LateFeeId(*id));
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let rows = store::late_fees::list(&mut conn, filter, before, page.limit()).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.fee.id.0);
        let total = store::late_fees::total(&mut conn, filter, TOTAL_CAP).await?;
        Ok(Response::new(pb::ListLateFeesResponse {
            late_fees: wire::encode_all(&mut conn, &rows).await?,
            next_page_token,
            total_size: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn pay_late_fee(
        &self,
        request: Request<pb::PayLateFeeRequest>,
    ) -> Result<Response<pb::LateFee>, Status> {
        let author = Scope::of(&request)?.actor;
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let id: LateFeeId = parse::only_name("name", &msg.name)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let mut row = self.locked(&mut tx, id).await?;
        late_fees::pay(&mut tx, &self.frame, &mut row, &author).await?;
        let reply = wire::encode(&mut tx, &row).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }

    async fn waive_late_fee(
        &self,
        request: Request<pb::WaiveLateFeeRequest>,
    ) -> Result<Response<pb::LateFee>, Status> {
        let actor = Scope::of(&request)?.actor;
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let mut v = Violations::default();
        let id: Option<LateFeeId> = parse::name(&mut v, "name", &msg.name);
        let reason = parse::required_text(&mut v, "reason", &msg.reason, 200);
        v.finish()?;
        let id = id.ok_or_else(|| Failure::internal("a name without violations is missing"))?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let mut row = self.locked(&mut tx, id).await?;
        late_fees::waive(&mut tx, &self.frame, &mut row, actor, reason).await?;
        let reply = wire::encode(&mut tx, &row).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }

    async fn list_late_fee_policies(
        &self,
        request: Request<pb::ListLateFeePoliciesRequest>,
    ) -> Result<Response<pb::ListLateFeePoliciesResponse>, Status> {
        policies::list(&self.frame, request.get_ref()).await
    }

    async fn create_late_fee_policy(
        &self,
        request: Request<pb::CreateLateFeePolicyRequest>,
    ) -> Result<Response<pb::LateFeePolicy>, Status> {
        policies::create(&self.frame, &request).await
    }

    async fn end_late_fee_policy(
        &self,
        request: Request<pb::EndLateFeePolicyRequest>,
    ) -> Result<Response<pb::LateFeePolicy>, Status> {
        policies::end(&self.frame, &request).await
    }
}
