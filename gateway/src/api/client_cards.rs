//! All that staff see of a client at once, composed on behalf of whoever looks.

use proto::{
    clients::v1::{
        GetClientRequest, ListContactsRequest, ListLegalEntitiesRequest, ListNotesRequest,
        ListStaffRequest, Note, clients_client::ClientsClient, contacts_client::ContactsClient,
        legal_entities_client::LegalEntitiesClient, notes_client::NotesClient,
        staff_client::StaffClient,
    },
    gateway::v1::{self as wire, client_cards_server::ClientCards},
    invoicing::v1::{
        Balance, GetBalanceRequest, GetClientOverviewRequest, ListMetricsRequest,
        ListSellersRequest, ListTaxExemptionsRequest, ledger_client::LedgerClient,
        metrics_client::MetricsClient, overviews_client::OverviewsClient,
        sellers_client::SellersClient, tax_exemptions_client::TaxExemptionsClient,
    },
    tickets::v1::{CountTicketsRequest, tickets_client::TicketsClient},
};
use service::{Identity, Peers, Scope, peers::PeerChannel};
use std::collections::HashMap;
use tonic::{Request, Response, Status};

/// Payers, people and notes of a card.
const SHOWN: i32 = 50;
/// Staff and sellers whose names are looked up.
const NAMES: i32 = 1000;

/// `raschet.gateway.v1.ClientCards`.
pub struct ClientCardsApi {
    peers: Peers,
}

/// What clients-svc knows.
struct Known {
    card: wire::ClientCard,
    notes: Vec<Note>,
}

impl ClientCardsApi {
    /// The cards over the services.
    #[must_use]
    pub fn new(peers: Peers) -> Self {
        Self { peers }
    }

    fn channel(&self, service: &str, scope: &Scope) -> PeerChannel {
        self.peers.channel(service).acting(Identity {
            actor: scope.actor.clone(),
            roles: scope.roles.clone(),
            client: scope.client,
        })
    }

    async fn card(&self, scope: &Scope, client: String) -> Result<wire::ClientCard, Status> {
        let invoicing = self.channel("invoicing", scope);
        let mut ledger = LedgerClient::new(invoicing.clone());
        let mut overviews = OverviewsClient::new(invoicing.clone());
        let mut metrics = MetricsClient::new(invoicing.clone());
        let mut exemptions = TaxExemptionsClient::new(invoicing);
        let mut tickets = TicketsClient::new(self.channel("tickets", scope));
        let (known, names, titles, balance, overview, used, exempt, tickets) = tokio::try_join!(
            self.known(scope, &client),
            self.names(scope),
            self.titles(),
            ledger.get_balance(GetBalanceRequest { client: client.clone() }),
            overviews.get_client_overview(GetClientOverviewRequest { client: client.clone() }),
            metrics
                .list_metrics(ListMetricsRequest { client: client.clone(), ..Default::default() }),
            exemptions.list_tax_exemptions(ListTaxExemptionsRequest {
                client: client.clone(),
                ..Default::default()
            }),
            tickets.count_tickets(CountTicketsRequest { client: client.clone() }),
        )?;
        let Known { card, notes } = known;
        let balance = balance.into_inner();
        let manager = card.client.as_ref().map(|client| &client.manager);
        let manager_name = manager.and_then(|name| names.get(name)).cloned().unwrap_or_default();
        Ok(wire::ClientCard {
            notes: notes.into_iter().map(|note| signed(note, &names)).collect(),
            sellers: sellers(&balance, &titles),
            balance: Some(balance),
            overview: Some(overview.into_inner()),
            tickets: Some(tickets.into_inner()),
            usages: used.into_inner().usages,
            tax_exemptions: exempt.into_inner().tax_exemptions,
            manager_name,
            ..card
        })
    }

    async fn known(&self, scope: &Scope, client: &str) -> Result<Known, Status> {
        let channel = self.channel("clients", scope);
        let client = client.to_owned();
        let mut clients = ClientsClient::new(channel.clone());
        let mut entities = LegalEntitiesClient::new(channel.clone());
        let mut contacts = ContactsClient::new(channel.clone());
        let mut notes = NotesClient::new(channel);
        let (found, entities, contacts, notes) = tokio::try_join!(
            clients.get_client(GetClientRequest { name: client.clone() }),
            entities.list_legal_entities(ListLegalEntitiesRequest {
                client: client.clone(),
                page_size: SHOWN,
                ..Default::default()
            }),
            contacts.list_contacts(ListContactsRequest {
                client: client.clone(),
                page_size: SHOWN,
                ..Default::default()
            }),
            notes.list_notes(ListNotesRequest { client, page_size: SHOWN, ..Default::default() }),
        )?;
        let notes = notes.into_inner();
        let card = wire::ClientCard {
            client: Some(found.into_inner()),
            legal_entities: entities.into_inner().legal_entities,
            contacts: contacts.into_inner().contacts,
            note_count: notes.total_size,
            ..Default::default()
        };
        Ok(Known { card, notes: notes.notes })
    }

    /// Names of staff.
    async fn names(&self, scope: &Scope) -> Result<HashMap<String, String>, Status> {
        let mut staff = StaffClient::new(self.channel("clients", scope));
        let request = ListStaffRequest { page_size: NAMES, ..Default::default() };
        let listed = staff.list_staff(request).await?.into_inner().staff;
        Ok(listed.into_iter().map(|member| (member.name, member.display_name)).collect())
    }

    /// Titles of sellers: they stand on every invoice, so the gateway asks for itself.
    async fn titles(&self) -> Result<HashMap<String, String>, Status> {
        let mut sellers = SellersClient::new(self.peers.channel("invoicing"));
        let request = ListSellersRequest { page_size: NAMES, ..Default::default() };
        let listed = sellers.list_sellers(request).await?.into_inner().sellers;
        Ok(listed.into_iter().map(|seller| (seller.name, seller.title)).collect())
    }
}

fn signed(note: Note, names: &HashMap<String, String>) -> wire::SignedNote {
    let author_name = names.get(&note.author).unwrap_or(&note.author).clone();
    wire::SignedNote { note: Some(note), author_name }
}

fn sellers(balance: &Balance, titles: &HashMap<String, String>) -> Vec<wire::SellerTitle> {
    let mut names: Vec<&String> = balance.sellers.iter().map(|row| &row.seller).collect();
    names.dedup();
    names
        .into_iter()
        .filter_map(|name| {
            let title = titles.get(name)?.clone();
            Some(wire::SellerTitle { seller: name.clone(), title })
        })
        .collect()
}

#[tonic::async_trait]
impl ClientCards for ClientCardsApi {
    async fn get_client_card(
        &self,
        request: Request<wire::GetClientCardRequest>,
    ) -> Result<Response<wire::ClientCard>, Status> {
        let scope = Scope::of(&request)?;
        let client = request.into_inner().client;
        Ok(Response::new(self.card(&scope, client).await?))
    }
}
