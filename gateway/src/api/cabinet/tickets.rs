//! Requests of the client: asked, answered, and nothing of what staff say among themselves.

use super::CabinetApi;
use proto::{
    clients::v1::{GetProfileRequest, clients_client::ClientsClient},
    gateway::v1::{self as wire, open_cabinet_ticket_request::Topic},
    tickets::v1::{
        GetClientTicketRequest, ListClientTicketsRequest, ListTicketsResponse,
        OpenClientTicketRequest, Ticket, WriteClientTicketRequest,
        client_tickets_client::ClientTicketsClient,
    },
};
use service::{Scope, peers::PeerChannel};
use tonic::Status;
use types::id::ClientId;

impl CabinetApi {
    fn client_tickets(&self) -> ClientTicketsClient<PeerChannel> {
        ClientTicketsClient::new(self.peers.channel("tickets"))
    }

    pub(super) async fn tickets_of(
        &self,
        client: ClientId,
        asked: wire::ListCabinetTicketsRequest,
    ) -> Result<ListTicketsResponse, Status> {
        let wire::ListCabinetTicketsRequest { page_size, page_token } = asked;
        let client = client.to_string();
        let list = ListClientTicketsRequest { client, page_size, page_token };
        Ok(self.client_tickets().list_client_tickets(list).await?.into_inner())
    }

    pub(super) async fn ticket(&self, client: ClientId, name: String) -> Result<Ticket, Status> {
        let get = GetClientTicketRequest { client: client.to_string(), name };
        Ok(self.client_tickets().get_client_ticket(get).await?.into_inner())
    }

    pub(super) async fn open(
        &self,
        scope: &Scope,
        asked: wire::OpenCabinetTicketRequest,
    ) -> Result<Ticket, Status> {
        let client = scope.client()?;
        let department = match asked.topic() {
            Topic::Money => "billing",
            Topic::Services | Topic::Unspecified => "support",
        };
        let open = OpenClientTicketRequest {
            client: client.to_string(),
            author: self.address(scope, client).await?,
            department: department.into(),
            subject: asked.subject,
            text: asked.text,
            request_id: asked.request_id,
        };
        Ok(self.client_tickets().open_client_ticket(open).await?.into_inner())
    }

    pub(super) async fn write(
        &self,
        scope: &Scope,
        asked: wire::WriteCabinetTicketRequest,
    ) -> Result<Ticket, Status> {
        let client = scope.client()?;
        let wire::WriteCabinetTicketRequest { name, text, request_id } = asked;
        // Asked before anything else is: a foreign ticket tells nothing, whatever is written to it.
        self.ticket(client, name.clone()).await?;
        let author = self.address(scope, client).await?;
        let client = client.to_string();
        let write = WriteClientTicketRequest { client, name, author, text, request_id };
        Ok(self.client_tickets().write_client_ticket(write).await?.into_inner())
    }

    /// Address of the person who is logged in: answers go there. The client's main one for a
    /// person who has been taken off the client just now.
    async fn address(&self, scope: &Scope, client: ClientId) -> Result<String, Status> {
        let mut clients = ClientsClient::new(self.peers.channel("clients"));
        let request = GetProfileRequest { client: client.to_string() };
        let profile = clients.get_profile(request).await?.into_inner();
        let person = profile.contacts.into_iter().find(|contact| contact.person == scope.actor);
        Ok(person.map_or(profile.email, |contact| contact.email))
    }
}
