//! What a screen needs to show names instead of ids: who calls, and what ids stand for.

use futures::{StreamExt, TryStreamExt, stream};
use proto::{
    clients::v1::{
        BatchGetClientsRequest, Client, GetStaffMemberRequest, clients_client::ClientsClient,
        staff_client::StaffClient,
    },
    gateway::v1::{self as wire, directory_server::Directory},
    invoicing::v1::{GetInvoiceRequest, Invoice, invoices_client::InvoicesClient},
    system::v1::{GetClockRequest, clock_client::ClockClient},
};
use service::{Failure, Identity, Peers, Scope, Text, peers::PeerChannel};
use std::{collections::BTreeSet, future::Future};
use tonic::{Code, Request, Response, Status};

/// Most names of one call.
const MOST: usize = 200;
/// Names that are asked about at a time.
const AT_A_TIME: usize = 16;
/// What names can be asked for.
const KINDS: [&str; 3] = ["clients/", "invoices/", "staff/"];

/// `raschet.gateway.v1.Directory`.
pub struct DirectoryApi {
    peers: Peers,
}

/// The services as one caller may see them.
struct View {
    clients: PeerChannel,
    invoicing: PeerChannel,
}

impl DirectoryApi {
    /// The directory over the services.
    #[must_use]
    pub fn new(peers: Peers) -> Self {
        Self { peers }
    }

    fn view(&self, scope: &Scope) -> View {
        let channel = |service: &str| {
            self.peers.channel(service).acting(Identity {
                actor: scope.actor.clone(),
                roles: scope.roles.clone(),
                client: scope.client,
            })
        };
        View { clients: channel("clients"), invoicing: channel("invoicing") }
    }

    async fn who(&self, scope: Scope) -> Result<wire::Caller, Status> {
        let mut clock = ClockClient::new(self.peers.channel("tickets"));
        let view = self.view(&scope);
        let member = async {
            let is_staff = scope.actor.starts_with("staff/");
            if is_staff { view.member(scope.actor.clone()).await } else { Ok(None) }
        };
        let (state, member) = tokio::try_join!(clock.get_clock(GetClockRequest {}), member)?;
        let state = state.into_inner();
        Ok(wire::Caller {
            actor: scope.actor,
            display_name: member.map(|member| member.display_name).unwrap_or_default(),
            roles: scope.roles.into_iter().map(Into::into).collect(),
            now: state.now,
            clock_stands: state.manual,
        })
    }
}

impl View {
    async fn names(&self, names: BTreeSet<String>) -> Result<wire::Names, Status> {
        let of = |kind: &str| -> Vec<String> {
            names.iter().filter(|name| name.starts_with(kind)).cloned().collect()
        };
        let (clients, invoices, staff) = tokio::try_join!(
            self.clients(of("clients/")),
            each(of("invoices/"), |name| self.invoice(name)),
            each(of("staff/"), |name| self.member(name)),
        )?;
        Ok(wire::Names { clients, invoices, staff })
    }

    async fn clients(&self, names: Vec<String>) -> Result<Vec<wire::ClientTitle>, Status> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut clients = ClientsClient::new(self.clients.clone());
        let found = clients.batch_get_clients(BatchGetClientsRequest { names }).await?;
        let mut found: Vec<_> = found.into_inner().clients.into_iter().map(titled).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    async fn invoice(&self, name: String) -> Result<Option<Invoice>, Status> {
        let mut invoices = InvoicesClient::new(self.invoicing.clone());
        let found = there(invoices.get_invoice(GetInvoiceRequest { name }).await)?;
        Ok(found.map(|invoice| Invoice { lines: Vec::new(), ..invoice }))
    }

    async fn member(&self, name: String) -> Result<Option<wire::StaffTitle>, Status> {
        let mut staff = StaffClient::new(self.clients.clone());
        let found = there(staff.get_staff_member(GetStaffMemberRequest { name }).await)?;
        Ok(found.map(|member| wire::StaffTitle {
            name: member.name,
            display_name: member.display_name,
        }))
    }
}

#[tonic::async_trait]
impl Directory for DirectoryApi {
    async fn get_caller(
        &self,
        request: Request<wire::GetCallerRequest>,
    ) -> Result<Response<wire::Caller>, Status> {
        let scope = Scope::of(&request)?;
        Ok(Response::new(self.who(scope).await?))
    }

    async fn get_names(
        &self,
        request: Request<wire::GetNamesRequest>,
    ) -> Result<Response<wire::Names>, Status> {
        let view = self.view(&Scope::of(&request)?);
        let names = checked(request.into_inner().names)?;
        Ok(Response::new(view.names(names).await?))
    }
}

/// Each name asked about, a few at a time; those that are not there are left out.
async fn each<T, F: Future<Output = Result<Option<T>, Status>>>(
    names: Vec<String>,
    ask: impl FnMut(String) -> F,
) -> Result<Vec<T>, Status> {
    let found = stream::iter(names).map(ask).buffered(AT_A_TIME);
    found.try_filter_map(|found| async { Ok(found) }).try_collect().await
}

/// The names, each once, when all are of kinds that can be asked for.
fn checked(names: Vec<String>) -> Result<BTreeSet<String>, Failure> {
    let names: BTreeSet<String> = names.into_iter().collect();
    let known = |name: &String| KINDS.iter().any(|kind| name.starts_with(kind));
    if names.len() > MOST || !names.iter().all(known) {
        return Err(Failure::invalid(
            "names",
            Text::new(
                format!("Укажите до {MOST} имён вида clients/…, invoices/… и staff/…."),
                format!("Give up to {MOST} names such as clients/…, invoices/… and staff/…."),
            ),
        ));
    }
    Ok(names)
}

/// The reply, or nothing where there is nothing.
fn there<M>(reply: Result<Response<M>, Status>) -> Result<Option<M>, Status> {
    match reply {
        Ok(reply) => Ok(Some(reply.into_inner())),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(status),
    }
}

fn titled(client: Client) -> wire::ClientTitle {
    let title = match client.company.as_str() {
        "" => format!("{} {}", client.given_name, client.family_name),
        _ => client.company,
    };
    wire::ClientTitle { name: client.name, number: client.number, title }
}
