//! What the client is offered, and its yes or no.

use super::CabinetApi;
use proto::{
    gateway::v1 as wire,
    invoicing::v1::{
        AcceptQuoteRequest, DeclineQuoteRequest, GetQuoteDocumentRequest, GetQuoteRequest,
        InvoiceDocument, ListQuotesRequest, ListQuotesResponse, OrderLine, Quote, quote,
        quotes_client::QuotesClient,
    },
};
use service::{Failure, Scope, peers::PeerChannel};
use tonic::Status;
use types::id::ClientId;

impl CabinetApi {
    fn quotes(&self) -> QuotesClient<PeerChannel> {
        QuotesClient::new(self.peers.channel("invoicing"))
    }

    pub(super) async fn quotes_of(
        &self,
        client: ClientId,
        asked: wire::ListCabinetQuotesRequest,
    ) -> Result<wire::ListCabinetQuotesResponse, Status> {
        let wire::ListCabinetQuotesRequest { page_size, page_token } = asked;
        let client = client.to_string();
        let list =
            ListQuotesRequest { client, sent: true, page_size, page_token, ..Default::default() };
        let found = self.quotes().list_quotes(list).await?.into_inner();
        let ListQuotesResponse { quotes, next_page_token, total_size } = found;
        let quotes = quotes.into_iter().map(told).collect();
        Ok(wire::ListCabinetQuotesResponse { quotes, next_page_token, total_size })
    }

    /// How many of them wait for a yes or no.
    pub(super) async fn open_quotes(&self, client: ClientId) -> Result<i32, Status> {
        let list = ListQuotesRequest {
            client: client.to_string(),
            state: quote::State::Sent.into(),
            page_size: 1,
            ..Default::default()
        };
        Ok(self.quotes().list_quotes(list).await?.into_inner().total_size)
    }

    /// A quote that the client was sent.
    async fn quote(&self, client: ClientId, name: String) -> Result<Quote, Status> {
        let request = GetQuoteRequest { name: name.clone() };
        let found = self.quotes().get_quote(request).await?.into_inner();
        if found.client != client.to_string() || found.send_time.is_none() {
            return Err(Failure::not_found(name).into());
        }
        Ok(found)
    }

    pub(super) async fn quote_document(
        &self,
        client: ClientId,
        name: String,
    ) -> Result<InvoiceDocument, Status> {
        let name = self.quote(client, name).await?.name;
        let request = GetQuoteDocumentRequest { name };
        Ok(self.quotes().get_quote_document(request).await?.into_inner())
    }

    pub(super) async fn accept(
        &self,
        scope: &Scope,
        asked: wire::AcceptCabinetQuoteRequest,
    ) -> Result<Quote, Status> {
        let wire::AcceptCabinetQuoteRequest { name, request_id } = asked;
        let name = self.quote(scope.client()?, name).await?.name;
        let decided_by = scope.actor.clone();
        let accept = AcceptQuoteRequest { name, etag: String::new(), decided_by, request_id };
        let accepted = self.quotes().accept_quote(accept).await?.into_inner();
        Ok(accepted.quote.map(told).unwrap_or_default())
    }

    pub(super) async fn decline(
        &self,
        scope: &Scope,
        asked: wire::DeclineCabinetQuoteRequest,
    ) -> Result<Quote, Status> {
        let wire::DeclineCabinetQuoteRequest { name, reason, request_id } = asked;
        let name = self.quote(scope.client()?, name).await?.name;
        let decided_by = scope.actor.clone();
        let decline = DeclineQuoteRequest { name, reason, decided_by, request_id };
        Ok(told(self.quotes().decline_quote(decline).await?.into_inner()))
    }
}

/// A quote as its client may see it: nothing of who made it, and why a price is not the list's.
fn told(quote: Quote) -> Quote {
    let lines = quote.lines.into_iter().map(|line| OrderLine {
        price_override: None,
        override_reason: String::new(),
        duplicate_reason: String::new(),
        ..line
    });
    Quote {
        lines: lines.collect(),
        author: String::new(),
        decided_by: String::new(),
        decline_reason: String::new(),
        order: String::new(),
        etag: String::new(),
        ..quote
    }
}
