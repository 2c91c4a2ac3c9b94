//! `Invoices`: what is asked for.

pub(super) mod document;
mod manual;
pub(super) mod wire;

use super::parse;
use crate::{
    domain::invoices::{Invoice, InvoiceKind},
    flows::{accept, cancel, issue},
    store::{
        self,
        invoices::{InvoiceRow, NewInvoice},
    },
};
use proto::invoicing::v1::{self as pb, invoices_server::Invoices};
use service::{
    Failure, Frame, Scope, Violations, check_etag, idempotency,
    page::{Page, TOTAL_CAP},
};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::id::{ClientId, ContractId, InvoiceId};
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

    /// Locks the account of an invoice's client, then reads the invoice.
    async fn lock(
        &self,
        conn: &mut PgConnection,
        id: InvoiceId,
        etag: &str,
    ) -> Result<InvoiceRow, Failure> {
        let missing = || Failure::not_found(id.to_string());
        let client = store::invoices::client_of(conn, id).await?.ok_or_else(missing)?;
        store::accounts::lock(conn, client, self.frame.clock.now()).await?;
        let row = store::invoices::get(conn, id).await?.ok_or_else(missing)?;
        check_etag(etag, row.revision)?;
        Ok(row)
    }

    /// The invoice as it is now, on the wire.
    async fn reply(&self, conn: &mut PgConnection, id: InvoiceId) -> Result<pb::Invoice, Failure> {
        let row = store::invoices::get(conn, id).await?;
        let row = row.ok_or_else(|| Failure::not_found(id.to_string()))?;
        wire::encode(conn, &self.frame, &row).await
    }
}

#[tonic::async_trait]
impl Invoices for Api {
    async fn get_invoice(
        &self,
        request: Request<pb::GetInvoiceRequest>,
    ) -> Result<Response<pb::Invoice>, Status> {
        let id: InvoiceId = parse::only_name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        Ok(Response::new(self.reply(&mut conn, id).await?))
    }

    async fn list_invoices(
        &self,
        request: Request<pb::ListInvoicesRequest>,
    ) -> Result<Response<pb::ListInvoicesResponse>, Status> {
        let msg = request.get_ref();
        let filter = wire::filter(msg, self.frame.clock.today(chrono_tz::Europe::Moscow))?;
        let bound =
            pb::ListInvoicesRequest { page_size: 0, page_token: String::new(), ..msg.clone() };
        let bound = prost::Message::encode_to_vec(&bound);
        let page = Page::<Uuid>::read(msg.page_size, &msg.page_token, &("invoices", bound))?;
        let before = page.after().map(|id| InvoiceId(*id));
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let ids = store::invoices::list(&mut conn, &filter, before, page.limit()).await?;
        let (ids, next_page_token) = page.finish(ids, |id| id.0);
        let mut rows = store::invoices::get_all(&mut conn, &ids).await?;
        rows.reverse();
        let mut invoices = wire::encode_all(&mut conn, &self.frame, &rows).await?;
        invoices.iter_mut().for_each(|i| i.lines.clear());
        let total = store::invoices::total(&mut conn, &filter, TOTAL_CAP).await?;
        let totals = store::invoices::totals(&mut conn, &filter).await?;
        Ok(Response::new(pb::ListInvoicesResponse {
            invoices,
            next_page_token,
            total_size: i32::try_from(total).unwrap_or(i32::MAX),
            totals: totals.iter().map(wire::totals).collect(),
        }))
    }

    async fn create_invoice(
        &self,
        request: Request<pb::CreateInvoiceRequest>,
    ) -> Result<Response<pb::Invoice>, Status> {
        let actor = Scope::of(&request)?.actor;
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let given = parse::message("invoice", msg.invoice.as_ref())?;
        let mut v = Violations::default();
        let client: Option<ClientId> = parse::name(&mut v, "invoice.client", &given.client);
        let contract: Option<ContractId> = parse::name(&mut v, "invoice.contract", &given.contract);
        v.finish()?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let (Some(client), Some(contract)) = (client, contract) else {
            return Err(Failure::internal("an invoice without violations lacks a part").into());
        };
        store::accounts::lock(&mut tx, client, self.frame.clock.now()).await?;
        let found = store::contracts::get(&mut tx, contract).await?.map(|c| c.contract);
        let found = found.filter(|c| c.client == client);
        let contract = found.ok_or_else(|| Failure::not_found(contract.to_string()))?;
        let today = self.frame.clock.today(accept::zone(&mut tx, client).await?);
        let by = manual::Author { contract: &contract, today, actor: &actor };
        let lines = manual::lines(&mut tx, &by, "invoice.lines", &given.lines, &[]).await?;
        let id = InvoiceId::generate();
        let invoice = Invoice::draft(id, InvoiceKind::Manual, &contract, lines)
            .map_err(|e| issue::refused(&e))?;
        let new =
            NewInvoice { invoice, order: None, run: None, payer_revision: None, paid_at: None };
        store::invoices::insert(&mut tx, &[new], self.frame.clock.now()).await?;
        let reply = self.reply(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }

    async fn update_draft_lines(
        &self,
        request: Request<pb::UpdateDraftLinesRequest>,
    ) -> Result<Response<pb::Invoice>, Status> {
        let actor = Scope::of(&request)?.actor;
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let id: InvoiceId = parse::only_name("name", &msg.name)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.lock(&mut tx, id, &msg.etag).await?;
        let contract = store::contracts::get(&mut tx, row.invoice.contract).await?;
        let contract = contract.ok_or_else(|| Failure::internal("an invoice of no contract"))?;
        let contract = contract.contract;
        let today = self.frame.clock.today(accept::zone(&mut tx, row.invoice.client).await?);
        let by = manual::Author { contract: &contract, today, actor: &actor };
        let before = row.invoice.lines.clone();
        let lines = manual::lines(&mut tx, &by, "lines", &msg.lines, &before).await?;
        let invoice = row.invoice.edit(lines).map_err(|e| issue::refused(&e))?;
        store::invoices::write_drafts(&mut tx, &[&invoice]).await?;
        store::invoices::save(&mut tx, &[&InvoiceRow { invoice, ..row }]).await?;
        let reply = self.reply(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }

    async fn hold_invoice(
        &self,
        request: Request<pb::HoldInvoiceRequest>,
    ) -> Result<Response<pb::Invoice>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let id: InvoiceId = parse::only_name("name", &msg.name)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.lock(&mut tx, id, &msg.etag).await?;
        let invoice = row.invoice.hold(None).map_err(|e| issue::refused(&e))?;
        store::invoices::save(&mut tx, &[&InvoiceRow { invoice, ..row }]).await?;
        let reply = self.reply(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }

    async fn issue_invoice(
        &self,
        request: Request<pb::IssueInvoiceRequest>,
    ) -> Result<Response<pb::Invoice>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let id: InvoiceId = parse::only_name("name", &msg.name)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.lock(&mut tx, id, &msg.etag).await?;
        issue::issue(&mut tx, &self.frame, vec![row], issue::Source::Stored).await?;
        let reply = self.reply(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }

    async fn cancel_invoice(
        &self,
        request: Request<pb::CancelInvoiceRequest>,
    ) -> Result<Response<pb::Invoice>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let id: InvoiceId = parse::only_name("name", &msg.name)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.lock(&mut tx, id, &msg.etag).await?;
        cancel::cancel(&mut tx, &self.frame, row, &msg.reason).await?;
        let reply = self.reply(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }

    async fn reissue_invoice(
        &self,
        request: Request<pb::ReissueInvoiceRequest>,
    ) -> Result<Response<pb::Invoice>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let id: InvoiceId = parse::only_name("name", &msg.name)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.lock(&mut tx, id, &msg.etag).await?;
        let successor = cancel::reissue(&mut tx, &self.frame, row, &msg.reason).await?;
        let reply = self.reply(&mut tx, successor).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }

    async fn get_invoice_document(
        &self,
        request: Request<pb::GetInvoiceDocumentRequest>,
    ) -> Result<Response<pb::InvoiceDocument>, Status> {
        let id: InvoiceId = parse::only_name("name", &request.get_ref().name)?;
        Ok(Response::new(document::get(&self.frame, id).await?))
    }
}
