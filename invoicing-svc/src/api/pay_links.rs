//! `PayLinks`: what the page of an invoice shows to whoever has its link.

use super::invoices::{
    document::{self, Facts},
    wire,
};
use crate::store::{self, sellers::SellerRow};
use proto::invoicing::v1::{self as pb, pay_links_server::PayLinks};
use service::{Failure, Frame};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};

/// Characters of a token; nothing else is looked for.
const TOKEN: usize = 22;

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

    async fn page(&self, token: &str) -> Result<pb::PayPage, Failure> {
        let mut conn = self.frame.pool.acquire().await?;
        let facts = find(&mut conn, token).await?;
        let invoice = wire::encode(&mut conn, &self.frame, &facts.row).await?;
        let has_code = code(&facts)?.is_some();
        let later = store::pay_links::successor(&mut conn, facts.row.invoice.id).await?;
        let (successor_token, successor_number) =
            later.map(|s| (s.token, s.number)).unwrap_or_default();
        Ok(pb::PayPage {
            requisites: Some(requisites(&facts.seller, document::bank_purpose(&facts)?)),
            invoice: invoice.name,
            number: invoice.number,
            state: invoice.state,
            payment_state: invoice.payment_state,
            issue_date: invoice.issue_date,
            due_date: invoice.due_date,
            overdue: invoice.overdue,
            total: invoice.total,
            residual: invoice.residual,
            applied: invoice.applied,
            payer_title: invoice.payer_title,
            has_code,
            successor_token,
            successor_number,
        })
    }
}

#[tonic::async_trait]
impl PayLinks for Api {
    async fn get_pay_page(
        &self,
        request: Request<pb::GetPayPageRequest>,
    ) -> Result<Response<pb::PayPage>, Status> {
        Ok(Response::new(self.page(&request.get_ref().token).await?))
    }

    async fn get_pay_code(
        &self,
        request: Request<pb::GetPayCodeRequest>,
    ) -> Result<Response<pb::PayCode>, Status> {
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let facts = find(&mut conn, &request.get_ref().token).await?;
        let code = code(&facts)?.ok_or_else(unknown)?;
        let svg = pdf::qr::draw(&code).map_err(Failure::internal)?.svg;
        Ok(Response::new(pb::PayCode { svg }))
    }
}

/// The invoice of a token. A token is never repeated in an answer: logs keep answers.
async fn find(conn: &mut PgConnection, token: &str) -> Result<Facts, Failure> {
    if token.len() != TOKEN {
        return Err(unknown());
    }
    let id = store::pay_links::find(conn, token).await?.ok_or_else(unknown)?;
    document::read(conn, id).await
}

fn unknown() -> Failure {
    Failure::not_found("payLinks/-")
}

/// The payload of the code over what is left to pay.
fn code(facts: &Facts) -> Result<Option<String>, Failure> {
    let left = facts.row.invoice.residual().map_err(Failure::internal)?;
    document::payment_code(facts, left, &document::bank_purpose(facts)?)
}

fn requisites(seller: &SellerRow, purpose: String) -> pb::PayRequisites {
    let s = &seller.seller;
    pb::PayRequisites {
        title: s.name.clone(),
        tax_id: s.inn.clone(),
        kpp: s.kpp.clone().unwrap_or_default(),
        account: s.bank.account.clone(),
        bank: s.bank.bank.clone(),
        bic: s.bank.bic.clone(),
        correspondent_account: s.bank.correspondent.clone(),
        purpose,
    }
}
