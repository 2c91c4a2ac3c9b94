//! `Ledger`: balances, transfers and money set against invoices.

use super::parse;
use crate::{
    domain::ledger::AccountKind,
    store::{
        self,
        applications::{ApplicationRow, Filter},
        ledger::TransferRow,
        payments::{PartRow, PaymentRow},
    },
};
use proto::{
    convert,
    invoicing::v1::{self as pb, ledger_server::Ledger},
};
use service::{
    Failure, Frame, Violations,
    page::{Page, TOTAL_CAP},
};
use std::collections::BTreeMap;
use tonic::{Request, Response, Status};
use types::{
    Currency, Money,
    id::{ApplicationId, ClientId, InvoiceId, LineId, SellerId, TransferId},
};
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

/// Sums of one seller and currency.
struct Sums {
    credit: Money,
    due: Money,
    advances: Money,
    receivable: Money,
    received: Money,
}

impl Sums {
    fn nothing(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { credit: zero, due: zero, advances: zero, receivable: zero, received: zero }
    }
}

fn add(sum: &mut Money, part: Money) -> Result<(), Failure> {
    *sum = sum.checked_add(part).map_err(Failure::internal)?;
    Ok(())
}

#[tonic::async_trait]
impl Ledger for Api {
    async fn get_balance(
        &self,
        request: Request<pb::GetBalanceRequest>,
    ) -> Result<Response<pb::Balance>, Status> {
        let client: ClientId = parse::only_name("client", &request.get_ref().client)?;
        // One snapshot: a balance whose parts are of different moments would be nobody's.
        let mut tx = self.frame.begin_snapshot().await;
        let tx = tx.as_mut().map_err(|e| Failure::unavailable(&*e))?;
        let mut sums: BTreeMap<(SellerId, Currency), Sums> = BTreeMap::new();
        for (seller, credit) in store::allocations::credit_of(tx, client).await? {
            let currency = credit.currency();
            let of = sums.entry((seller, currency)).or_insert_with(|| Sums::nothing(currency));
            add(&mut of.credit, credit)?;
        }
        for (seller, received) in store::payments::received(tx, client).await? {
            let currency = received.currency();
            let of = sums.entry((seller, currency)).or_insert_with(|| Sums::nothing(currency));
            add(&mut of.received, received)?;
        }
        for (seller, due) in store::invoices::due_of(tx, client).await? {
            let currency = due.currency();
            let of = sums.entry((seller, currency)).or_insert_with(|| Sums::nothing(currency));
            add(&mut of.due, due)?;
        }
        for b in store::ledger::of_clients(tx, &[client]).await? {
            let currency = b.balance.currency();
            let of = sums.entry((b.seller, currency)).or_insert_with(|| Sums::nothing(currency));
            match b.account.kind {
                AccountKind::Advances => add(&mut of.advances, b.balance.negated())?,
                AccountKind::Receivable => add(&mut of.receivable, b.balance)?,
                _ => {}
            }
        }
        let sellers = sums
            .into_iter()
            .map(|((seller, _), s)| pb::SellerBalance {
                seller: seller.to_string(),
                credit: Some(s.credit.into()),
                due: Some(s.due.into()),
                advances: Some(s.advances.into()),
                receivable: Some(s.receivable.into()),
                received: Some(s.received.into()),
            })
            .collect();
        Ok(Response::new(pb::Balance { client: client.to_string(), sellers }))
    }

    async fn list_transfers(
        &self,
        request: Request<pb::ListTransfersRequest>,
    ) -> Result<Response<pb::ListTransfersResponse>, Status> {
        let msg = request.get_ref();
        let mut v = Violations::default();
        let client: Option<ClientId> = parse::optional_name(&mut v, "client", &msg.client);
        v.finish()?;
        let page = Page::<Uuid>::read(msg.page_size, &msg.page_token, &("transfers", client))?;
        let before = page.after().map(|id| TransferId(*id));
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let rows = store::ledger::list(&mut conn, client, before, page.limit()).await?;
        let (rows, next_page_token) = page.finish(rows, |r| r.id.0);
        let total = store::ledger::total(&mut conn, client, TOTAL_CAP).await?;
        Ok(Response::new(pb::ListTransfersResponse {
            transfers: rows.iter().map(transfer).collect(),
            next_page_token,
            total_size: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn list_applications(
        &self,
        request: Request<pb::ListApplicationsRequest>,
    ) -> Result<Response<pb::ListApplicationsResponse>, Status> {
        let msg = request.get_ref();
        let mut v = Violations::default();
        let client: Option<ClientId> = parse::optional_name(&mut v, "client", &msg.client);
        let invoice: Option<InvoiceId> = parse::optional_name(&mut v, "invoice", &msg.invoice);
        if msg.client.is_empty() && msg.invoice.is_empty() {
            v.field("client", parse::required());
        }
        v.finish()?;
        let bound = ("applications", client, invoice);
        let page = Page::<Uuid>::read(msg.page_size, &msg.page_token, &bound)?;
        let filter = Filter { client, invoice };
        let before = page.after().map(|id| ApplicationId(*id));
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let rows = store::applications::list(&mut conn, filter, before, page.limit()).await?;
        let (rows, next_page_token) = page.finish(rows, |r| r.application.id.0);
        let total = store::applications::total(&mut conn, filter, TOTAL_CAP).await?;
        Ok(Response::new(pb::ListApplicationsResponse {
            applications: rows.iter().map(application).collect(),
            next_page_token,
            total_size: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn list_payments(
        &self,
        request: Request<pb::ListPaymentsRequest>,
    ) -> Result<Response<pb::ListPaymentsResponse>, Status> {
        let msg = request.get_ref();
        let client: ClientId = parse::only_name("client", &msg.client)?;
        let page = Page::<Uuid>::read(msg.page_size, &msg.page_token, &("payments", client))?;
        let before = page.after().map(|id| LineId(*id));
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let rows = store::payments::list(&mut conn, client, before, page.limit()).await?;
        let (rows, next_page_token) = page.finish(rows, |r| r.line.0);
        let total = store::payments::total(&mut conn, client, TOTAL_CAP).await?;
        let lines: Vec<LineId> = rows.iter().map(|r| r.line).collect();
        let mut parts = store::payments::parts(&mut conn, client, &lines).await?;
        let payments = rows.into_iter().map(|row| {
            let parts = parts.remove(&row.line).unwrap_or_default();
            payment(row, parts)
        });
        Ok(Response::new(pb::ListPaymentsResponse {
            payments: payments.collect(),
            next_page_token,
            total_size: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }
}

fn payment(row: PaymentRow, parts: Vec<PartRow>) -> pb::Payment {
    pb::Payment {
        line: row.line.to_string(),
        seller: row.seller.to_string(),
        seller_title: row.seller_title,
        amount: Some(row.amount.into()),
        date: Some(row.date.into()),
        parts: parts.into_iter().map(part).collect(),
        credit: Some(row.credit.into()),
    }
}

fn part(row: PartRow) -> pb::PaymentPart {
    pb::PaymentPart {
        invoice: row.invoice.to_string(),
        number: row.number,
        amount: Some(row.amount.into()),
        late_fee: row.late_fee.map(|id| id.to_string()).unwrap_or_default(),
    }
}

fn transfer(row: &TransferRow) -> pb::Transfer {
    let t = &row.transfer;
    let sides = [t.credit(), t.debit()];
    let payer = sides.iter().find_map(|a| a.legal_entity);
    let contract = sides.iter().find_map(|a| a.contract);
    pb::Transfer {
        name: row.id.to_string(),
        seller: t.seller().to_string(),
        client: t.client().map(|id| id.to_string()).unwrap_or_default(),
        payer: payer.map(|id| id.to_string()).unwrap_or_default(),
        contract: contract.map(|id| id.to_string()).unwrap_or_default(),
        debit: t.debit().kind.code().into(),
        credit: t.credit().kind.code().into(),
        amount: Some(t.amount().into()),
        cause: t.cause().name.clone(),
        kind: t.cause().kind.code().into(),
        date: Some(t.date().into()),
        create_time: Some(convert::timestamp(row.created_at)),
    }
}

fn application(row: &ApplicationRow) -> pb::Application {
    let a = &row.application;
    pb::Application {
        name: a.id.to_string(),
        invoice: a.invoice.to_string(),
        allocation: a.allocation.to_string(),
        amount: Some(a.amount.into()),
        date: Some(a.received.into()),
        reversed: a.reversed,
        create_time: Some(convert::timestamp(row.created_at)),
    }
}
