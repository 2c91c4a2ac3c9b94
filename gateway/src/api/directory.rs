//! What a screen needs to show names instead of ids: who calls, and what ids stand for.

use futures::{StreamExt, TryStreamExt, stream};
use proto::{
    clients::v1::{
        Client, GetClientRequest, GetStaffMemberRequest, StaffMember,
        clients_client::ClientsClient, staff_client::StaffClient,
    },
    gateway::v1::{self as wire, directory_server::Directory},
    invoicing::v1::{GetInvoiceRequest, Invoice, invoices_client::InvoicesClient},
    system::v1::{GetClockRequest, clock_client::ClockClient},
};
use service::{Failure, Peers, Scope, Text};
use std::collections::BTreeSet;
use tonic::{Code, Request, Response, Status};

/// Most names of one call.
const MOST: usize = 200;
/// What can be looked up.
const KINDS: [&str; 3] = ["clients/", "invoices/", "staff/"];
/// Names that are asked about at a time.
const AT_A_TIME: usize = 16;

/// `raschet.gateway.v1.Directory`.
pub struct DirectoryApi {
    peers: Peers,
}

/// What a name stands for.
enum Found {
    Client(wire::ClientTitle),
    Invoice(Box<Invoice>),
    Staff(wire::StaffTitle),
}

impl DirectoryApi {
    /// The directory over the services.
    #[must_use]
    pub fn new(peers: Peers) -> Self {
        Self { peers }
    }

    async fn who(&self, scope: Scope) -> Result<wire::Caller, Status> {
        let mut clock = ClockClient::new(self.peers.channel("tickets"));
        let name = self.display_name(&scope.actor);
        let (state, display_name) = tokio::try_join!(clock.get_clock(GetClockRequest {}), name)?;
        let state = state.into_inner();
        Ok(wire::Caller {
            actor: scope.actor,
            display_name,
            roles: scope.roles.into_iter().map(Into::into).collect(),
            now: state.now,
            clock_stands: state.manual,
        })
    }

    async fn display_name(&self, actor: &str) -> Result<String, Status> {
        if !actor.starts_with("staff/") {
            return Ok(String::new());
        }
        let mut staff = StaffClient::new(self.peers.channel("clients"));
        let member = staff.get_staff_member(GetStaffMemberRequest { name: actor.into() }).await?;
        Ok(member.into_inner().display_name)
    }

    async fn found(&self, names: BTreeSet<String>) -> Result<wire::Names, Status> {
        let found: Vec<Option<Found>> = stream::iter(names)
            .map(|name| self.find(name))
            .buffered(AT_A_TIME)
            .try_collect()
            .await?;
        let mut reply = wire::Names::default();
        for found in found.into_iter().flatten() {
            match found {
                Found::Client(client) => reply.clients.push(client),
                Found::Invoice(invoice) => reply.invoices.push(*invoice),
                Found::Staff(member) => reply.staff.push(member),
            }
        }
        Ok(reply)
    }

    async fn find(&self, name: String) -> Result<Option<Found>, Status> {
        if name.starts_with("staff/") {
            let mut staff = StaffClient::new(self.peers.channel("clients"));
            let member = there(staff.get_staff_member(GetStaffMemberRequest { name }).await)?;
            return Ok(member.map(|member| {
                let StaffMember { name, display_name, .. } = member;
                Found::Staff(wire::StaffTitle { name, display_name })
            }));
        }
        if name.starts_with("clients/") {
            let mut clients = ClientsClient::new(self.peers.channel("clients"));
            let client = there(clients.get_client(GetClientRequest { name }).await)?;
            return Ok(client.map(|client| Found::Client(titled(client))));
        }
        let mut invoices = InvoicesClient::new(self.peers.channel("invoicing"));
        let invoice = there(invoices.get_invoice(GetInvoiceRequest { name }).await)?;
        Ok(invoice
            .map(|invoice| Found::Invoice(Box::new(Invoice { lines: Vec::new(), ..invoice }))))
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
        let names = checked(request.into_inner().names)?;
        Ok(Response::new(self.found(names).await?))
    }
}

/// The names, each once, when all are of kinds that can be looked up.
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
