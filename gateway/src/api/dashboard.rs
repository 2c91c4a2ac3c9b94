//! The first screen of staff, composed on behalf of whoever looks: every service checks that the
//! caller may see its part.

mod plans;

use crate::door::Door;
use chrono::{DateTime, Utc};
use proto::{
    clients::v1::{ListStaffRequest, staff_client::StaffClient},
    convert,
    gateway::v1::{self as wire, dashboard_server::Dashboard},
    invoicing::v1::{
        GetOverviewRequest, ListInvoicesRequest, invoice, invoices_client::InvoicesClient,
        overviews_client::OverviewsClient,
    },
    payments::v1::{ListLinesRequest, line, lines_client::LinesClient},
    system::v1::{
        GetClockRequest, ListParkedRequest, Role, clock_client::ClockClient,
        queue_client::QueueClient,
    },
    tickets::v1::{CountTicketsRequest, ListTicketsRequest, tickets_client::TicketsClient},
};
use service::{Identity, Scope, peers::PeerChannel, run::SERVICES};
use std::{collections::HashMap, sync::Arc};
use tonic::{Request, Response, Status};

/// Things that need a person, of each sort.
const SHOWN: i32 = 5;
/// Staff whose names are looked up.
const STAFF: i32 = 1000;

/// `raschet.gateway.v1.Dashboard`.
pub struct DashboardApi {
    door: Arc<Door>,
}

impl DashboardApi {
    /// The dashboard over the services.
    #[must_use]
    pub fn new(door: Arc<Door>) -> Self {
        Self { door }
    }

    fn channel(&self, service: &str, scope: &Scope) -> PeerChannel {
        self.door.peers().channel(service).acting(Identity {
            actor: scope.actor.clone(),
            roles: scope.roles.clone(),
            client: scope.client,
        })
    }

    async fn board(
        &self,
        scope: &Scope,
        request: wire::GetDashboardRequest,
    ) -> Result<wire::Board, Status> {
        let invoicing = self.channel("invoicing", scope);
        let tickets = self.channel("tickets", scope);
        let mut overviews = OverviewsClient::new(invoicing.clone());
        let mut invoices = InvoicesClient::new(invoicing);
        let mut lines = LinesClient::new(self.channel("payments", scope));
        let mut counts = TicketsClient::new(tickets.clone());
        let mut urgent = TicketsClient::new(tickets.clone());
        let mut clock = ClockClient::new(self.door.peers().channel("invoicing"));
        let (overview, held, lines, counted, urgent, now, parked, staff, plans) = tokio::try_join!(
            overviews.get_overview(GetOverviewRequest { month: request.month }),
            invoices.list_invoices(ListInvoicesRequest {
                state: invoice::State::Held.into(),
                page_size: SHOWN,
                ..Default::default()
            }),
            lines.list_lines(ListLinesRequest {
                state: line::State::Review.into(),
                page_size: SHOWN,
                ..Default::default()
            }),
            counts.count_tickets(CountTicketsRequest::default()),
            urgent.list_tickets(ListTicketsRequest { page_size: SHOWN, ..Default::default() }),
            clock.get_clock(GetClockRequest {}),
            self.parked(scope),
            self.staff(scope),
            plans::of(tickets, self.door.peers().channel("tickets"), scope, request.month),
        )?;
        let lines = lines.into_inner();
        let mut tickets = urgent.into_inner().tickets;
        // Those whose clock stands come last.
        tickets.retain(|ticket| ticket.due_time.is_some());
        Ok(wire::Board {
            now: now.into_inner().now,
            overview: Some(overview.into_inner()),
            ticket_counts: Some(counted.into_inner()),
            lines_in_review: lines.total_size,
            parked_items: parked,
            held_invoices: held.into_inner().invoices,
            lines: lines.lines,
            tickets,
            staff,
            tasks: plans.own,
            task_count: plans.count,
            month_tasks: plans.tasks,
            month_events: plans.events,
        })
    }

    /// How much is parked, for whoever looks after that.
    async fn parked(&self, scope: &Scope) -> Result<i32, Status> {
        if !scope.has(Role::Admin) && !scope.has(Role::Operator) {
            return Ok(0);
        }
        let calls = SERVICES.map(|service| async move {
            let mut queue = QueueClient::new(self.door.peers().channel(service));
            queue.list_parked(ListParkedRequest {}).await
        });
        let answers = futures::future::try_join_all(calls).await?;
        let items: usize = answers.iter().map(|answer| answer.get_ref().items.len()).sum();
        Ok(i32::try_from(items).unwrap_or(i32::MAX))
    }

    /// Who is here, by name.
    async fn staff(&self, scope: &Scope) -> Result<Vec<wire::StaffSeen>, Status> {
        let here = self.door.presence().here();
        if here.is_empty() {
            return Ok(Vec::new());
        }
        let mut staff = StaffClient::new(self.channel("clients", scope));
        let request = ListStaffRequest { page_size: STAFF, ..Default::default() };
        let listed = staff.list_staff(request).await?.into_inner().staff;
        let names = listed.into_iter().map(|member| (member.name, member.display_name)).collect();
        Ok(here.into_iter().filter_map(|(name, time)| seen(&names, name, time)).collect())
    }
}

fn seen(
    names: &HashMap<String, String>,
    staff: String,
    time: DateTime<Utc>,
) -> Option<wire::StaffSeen> {
    let display_name = names.get(&staff)?.clone();
    Some(wire::StaffSeen { staff, display_name, seen_time: Some(convert::timestamp(time)) })
}

#[tonic::async_trait]
impl Dashboard for DashboardApi {
    async fn get_dashboard(
        &self,
        request: Request<wire::GetDashboardRequest>,
    ) -> Result<Response<wire::Board>, Status> {
        let scope = Scope::of(&request)?;
        Ok(Response::new(self.board(&scope, request.into_inner()).await?))
    }
}
