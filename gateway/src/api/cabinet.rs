//! What a customer sees. No request names a client: the session does, and every answer is checked
//! to be that client's.

mod home;
mod quotes;
mod tickets;

use proto::{
    gateway::v1::{self as wire, cabinet_server::Cabinet},
    invoicing::v1::{
        GetInvoiceDocumentRequest, GetInvoiceRequest, Invoice, InvoiceDocument,
        ListInvoicesRequest, ListInvoicesResponse, ListPaymentsRequest, ListPaymentsResponse,
        Quote, invoice, invoices_client::InvoicesClient, ledger_client::LedgerClient,
    },
    tickets::v1::{ListTicketsResponse, Ticket},
};
use service::{Failure, Peers, Scope, peers::PeerChannel};
use tonic::{Request, Response, Status};
use types::id::ClientId;

/// `raschet.gateway.v1.Cabinet`.
pub struct CabinetApi {
    peers: Peers,
}

impl CabinetApi {
    /// The cabinet over the services.
    #[must_use]
    pub fn new(peers: Peers) -> Self {
        Self { peers }
    }

    fn invoices(&self) -> InvoicesClient<PeerChannel> {
        InvoicesClient::new(self.peers.channel("invoicing"))
    }

    fn ledger(&self) -> LedgerClient<PeerChannel> {
        LedgerClient::new(self.peers.channel("invoicing"))
    }

    /// An invoice of the client that the client may see.
    async fn invoice(&self, client: ClientId, name: String) -> Result<Invoice, Status> {
        let request = GetInvoiceRequest { name: name.clone() };
        let found = self.invoices().get_invoice(request).await?.into_inner();
        if found.client != client.to_string() || !is_seen(&found) {
            return Err(Failure::not_found(name).into());
        }
        Ok(found)
    }

    async fn document(&self, client: ClientId, name: String) -> Result<InvoiceDocument, Status> {
        let name = self.invoice(client, name).await?.name;
        let request = GetInvoiceDocumentRequest { name };
        Ok(self.invoices().get_invoice_document(request).await?.into_inner())
    }
}

#[tonic::async_trait]
impl Cabinet for CabinetApi {
    async fn get_home(
        &self,
        request: Request<wire::GetHomeRequest>,
    ) -> Result<Response<wire::Home>, Status> {
        let client = Scope::of(&request)?.client()?;
        Ok(Response::new(self.home(client).await?))
    }

    async fn list_invoices(
        &self,
        request: Request<wire::ListCabinetInvoicesRequest>,
    ) -> Result<Response<wire::ListCabinetInvoicesResponse>, Status> {
        let client = Scope::of(&request)?.client()?.to_string();
        let wire::ListCabinetInvoicesRequest { page_size, page_token } = request.into_inner();
        let state = invoice::State::Issued.into();
        let list =
            ListInvoicesRequest { client, state, page_size, page_token, ..Default::default() };
        let found = self.invoices().list_invoices(list).await?.into_inner();
        let ListInvoicesResponse { invoices, next_page_token, total_size, .. } = found;
        let reply = wire::ListCabinetInvoicesResponse { invoices, next_page_token, total_size };
        Ok(Response::new(reply))
    }

    async fn get_invoice(
        &self,
        request: Request<wire::GetCabinetInvoiceRequest>,
    ) -> Result<Response<Invoice>, Status> {
        let client = Scope::of(&request)?.client()?;
        Ok(Response::new(self.invoice(client, request.into_inner().name).await?))
    }

    async fn get_invoice_document(
        &self,
        request: Request<wire::GetCabinetInvoiceDocumentRequest>,
    ) -> Result<Response<InvoiceDocument>, Status> {
        let client = Scope::of(&request)?.client()?;
        Ok(Response::new(self.document(client, request.into_inner().name).await?))
    }

    async fn list_payments(
        &self,
        request: Request<wire::ListCabinetPaymentsRequest>,
    ) -> Result<Response<ListPaymentsResponse>, Status> {
        let client = Scope::of(&request)?.client()?.to_string();
        let wire::ListCabinetPaymentsRequest { page_size, page_token } = request.into_inner();
        let list = ListPaymentsRequest { client, page_size, page_token };
        let found = self.ledger().list_payments(list).await?.into_inner();
        Ok(Response::new(found))
    }

    async fn list_quotes(
        &self,
        request: Request<wire::ListCabinetQuotesRequest>,
    ) -> Result<Response<wire::ListCabinetQuotesResponse>, Status> {
        let client = Scope::of(&request)?.client()?;
        Ok(Response::new(self.quotes_of(client, request.into_inner()).await?))
    }

    async fn get_quote_document(
        &self,
        request: Request<wire::GetCabinetQuoteDocumentRequest>,
    ) -> Result<Response<InvoiceDocument>, Status> {
        let client = Scope::of(&request)?.client()?;
        Ok(Response::new(self.quote_document(client, request.into_inner().name).await?))
    }

    async fn accept_quote(
        &self,
        request: Request<wire::AcceptCabinetQuoteRequest>,
    ) -> Result<Response<Quote>, Status> {
        let scope = Scope::of(&request)?;
        Ok(Response::new(self.accept(&scope, request.into_inner()).await?))
    }

    async fn decline_quote(
        &self,
        request: Request<wire::DeclineCabinetQuoteRequest>,
    ) -> Result<Response<Quote>, Status> {
        let scope = Scope::of(&request)?;
        Ok(Response::new(self.decline(&scope, request.into_inner()).await?))
    }

    async fn list_tickets(
        &self,
        request: Request<wire::ListCabinetTicketsRequest>,
    ) -> Result<Response<ListTicketsResponse>, Status> {
        let client = Scope::of(&request)?.client()?;
        Ok(Response::new(self.tickets_of(client, request.into_inner()).await?))
    }

    async fn get_ticket(
        &self,
        request: Request<wire::GetCabinetTicketRequest>,
    ) -> Result<Response<Ticket>, Status> {
        let client = Scope::of(&request)?.client()?;
        Ok(Response::new(self.ticket(client, request.into_inner().name).await?))
    }

    async fn open_ticket(
        &self,
        request: Request<wire::OpenCabinetTicketRequest>,
    ) -> Result<Response<Ticket>, Status> {
        let scope = Scope::of(&request)?;
        Ok(Response::new(self.open(&scope, request.into_inner()).await?))
    }

    async fn write_ticket(
        &self,
        request: Request<wire::WriteCabinetTicketRequest>,
    ) -> Result<Response<Ticket>, Status> {
        let scope = Scope::of(&request)?;
        Ok(Response::new(self.write(&scope, request.into_inner()).await?))
    }
}

/// Nothing that staff still look at reaches a customer (G51).
fn is_seen(invoice: &Invoice) -> bool {
    matches!(invoice.state(), invoice::State::Issued | invoice::State::Expired)
}
