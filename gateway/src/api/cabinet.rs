//! What a customer sees. No request names a client: the session does, and every answer is checked
//! to be that client's.

use proto::{
    clients::v1::{GetProfileRequest, clients_client::ClientsClient},
    gateway::v1::{self as wire, cabinet_server::Cabinet},
    google::r#type::Money,
    invoicing::v1::{
        GetBalanceRequest, GetInvoiceDocumentRequest, GetInvoiceRequest, Invoice, InvoiceDocument,
        ListInvoicesRequest, ListInvoicesResponse, ListSubscriptionsRequest, invoice,
        invoices_client::InvoicesClient, ledger_client::LedgerClient,
        subscriptions_client::SubscriptionsClient,
    },
};
use rust_decimal::Decimal;
use service::{Failure, Peers, Scope, peers::PeerChannel};
use std::collections::BTreeMap;
use tonic::{Request, Response, Status};
use types::{Currency, id::ClientId};

/// Unpaid invoices on the first page.
const UNPAID: i32 = 20;
/// Services on the first page.
const SUBSCRIPTIONS: i32 = 50;

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

    async fn home(&self, client: ClientId) -> Result<wire::Home, Status> {
        let name = client.to_string();
        let mut clients = ClientsClient::new(self.peers.channel("clients"));
        let mut ledger = LedgerClient::new(self.peers.channel("invoicing"));
        let mut subscriptions = SubscriptionsClient::new(self.peers.channel("invoicing"));
        let mut invoices = self.invoices();
        let (profile, balance, services, unpaid) = tokio::try_join!(
            clients.get_profile(GetProfileRequest { client: name.clone() }),
            ledger.get_balance(GetBalanceRequest { client: name.clone() }),
            subscriptions.list_subscriptions(ListSubscriptionsRequest {
                client: name.clone(),
                page_size: SUBSCRIPTIONS,
                ..Default::default()
            }),
            invoices.list_invoices(ListInvoicesRequest {
                client: name.clone(),
                state: invoice::State::Issued.into(),
                ..Default::default()
            }),
        )?;
        let profile = profile.into_inner();
        let sellers = balance.into_inner().sellers;
        let mut unpaid_invoices: Vec<Invoice> = unpaid
            .into_inner()
            .invoices
            .into_iter()
            .filter(|i| i.payment_state() != invoice::PaymentState::Paid)
            .collect();
        unpaid_invoices.sort_by_key(|i| i.due_date.map(|d| (d.year, d.month, d.day)));
        unpaid_invoices.truncate(usize::try_from(UNPAID).unwrap_or_default());
        Ok(wire::Home {
            client_number: profile.number,
            title: profile.title,
            credit: totals(sellers.iter().filter_map(|s| s.credit.as_ref()))?,
            due: totals(sellers.iter().filter_map(|s| s.due.as_ref()))?,
            unpaid_invoices,
            subscriptions: services.into_inner().subscriptions,
        })
    }

    async fn document(&self, client: ClientId, name: String) -> Result<InvoiceDocument, Status> {
        let mut invoices = self.invoices();
        let request = GetInvoiceRequest { name: name.clone() };
        let found = invoices.get_invoice(request).await?.into_inner();
        if found.client != client.to_string() || !is_seen(&found) {
            return Err(Failure::not_found(name).into());
        }
        let document = invoices.get_invoice_document(GetInvoiceDocumentRequest { name }).await?;
        Ok(document.into_inner())
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

    async fn get_invoice_document(
        &self,
        request: Request<wire::GetCabinetInvoiceDocumentRequest>,
    ) -> Result<Response<InvoiceDocument>, Status> {
        let client = Scope::of(&request)?.client()?;
        Ok(Response::new(self.document(client, request.into_inner().name).await?))
    }
}

/// Nothing that staff still look at reaches a customer (G51).
fn is_seen(invoice: &Invoice) -> bool {
    matches!(invoice.state(), invoice::State::Issued | invoice::State::Expired)
}

/// Σ per currency, in the order of the codes.
fn totals<'a>(parts: impl Iterator<Item = &'a Money>) -> Result<Vec<Money>, Failure> {
    let mut sums: BTreeMap<Currency, Decimal> = BTreeMap::new();
    for part in parts {
        let money = types::Money::try_from(part).map_err(Failure::internal)?;
        *sums.entry(money.currency()).or_default() += money.amount();
    }
    sums.into_iter()
        .map(|(currency, sum)| types::Money::new(sum, currency).map(Into::into))
        .collect::<Result<_, _>>()
        .map_err(Failure::internal)
}
