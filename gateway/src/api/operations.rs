//! What operators do, over all services at once.

mod audit;
mod clock;

use futures::stream::BoxStream;
use proto::{
    gateway::v1::{self as wire, operations_server::Operations},
    system::v1::{
        AuditReport, DiscardParkedRequest, ListParkedRequest, ParkedItem, ResetCursorsRequest,
        RetryParkedRequest, feed_client::FeedClient, queue_client::QueueClient,
    },
};
use service::{Failure, Peers, Scope, Text, peers::PeerChannel, run::SERVICES};
use tonic::{Request, Response, Status};

/// `raschet.gateway.v1.Operations`.
pub struct OperationsApi {
    peers: Peers,
}

impl OperationsApi {
    /// Operations over the services.
    #[must_use]
    pub fn new(peers: Peers) -> Self {
        Self { peers }
    }

    fn queue(&self, service: &str) -> Result<QueueClient<PeerChannel>, Failure> {
        Ok(QueueClient::new(self.peers.channel(known(service)?)))
    }
}

#[tonic::async_trait]
impl Operations for OperationsApi {
    type AuditStream = BoxStream<'static, Result<AuditReport, Status>>;

    async fn audit(
        &self,
        _request: Request<wire::AuditRequest>,
    ) -> Result<Response<Self::AuditStream>, Status> {
        Ok(Response::new(audit::run(self.peers.clone())))
    }

    async fn list_parked(
        &self,
        _request: Request<wire::ListParkedRequest>,
    ) -> Result<Response<wire::ListParkedResponse>, Status> {
        let mut items = Vec::new();
        for service in SERVICES {
            let parked = self.queue(service)?.list_parked(ListParkedRequest {}).await?;
            items.extend(parked.into_inner().items);
        }
        Ok(Response::new(wire::ListParkedResponse { items }))
    }

    // The gateway keeps nothing: the service that acts keeps the request id, with the effect.
    async fn retry_parked(
        &self,
        request: Request<wire::RetryParkedRequest>,
    ) -> Result<Response<ParkedItem>, Status> {
        let actor = Scope::of(&request)?.actor;
        let wire::RetryParkedRequest { service, name, request_id } = request.into_inner();
        let mut queue = self.queue(&service)?;
        queue.retry_parked(RetryParkedRequest { name, service, actor, request_id }).await
    }

    async fn discard_parked(
        &self,
        request: Request<wire::DiscardParkedRequest>,
    ) -> Result<Response<ParkedItem>, Status> {
        let actor = Scope::of(&request)?.actor;
        let wire::DiscardParkedRequest { service, name, reason, request_id } = request.into_inner();
        let mut queue = self.queue(&service)?;
        let discard = DiscardParkedRequest { name, reason, service, actor, request_id };
        queue.discard_parked(discard).await
    }

    async fn repair_feeds(
        &self,
        request: Request<wire::RepairFeedsRequest>,
    ) -> Result<Response<wire::RepairFeedsResponse>, Status> {
        let actor = Scope::of(&request)?.actor;
        let wire::RepairFeedsRequest { service, request_id } = request.into_inner();
        if !service.is_empty() {
            known(&service)?;
        }
        // All of them are told, the chosen one first: each keeps the id, so that it cannot come
        // again with another choice.
        let mut services = SERVICES;
        services.sort_by_key(|name| *name != service);
        let mut cursors = 0;
        for name in services {
            let (service, actor) = (service.clone(), actor.clone());
            let request_id = request_id.clone();
            let reset = ResetCursorsRequest { service, actor, request_id };
            let mut feed = FeedClient::new(self.peers.channel(name));
            cursors += feed.reset_cursors(reset).await?.into_inner().cursors;
        }
        Ok(Response::new(wire::RepairFeedsResponse { cursors }))
    }

    async fn advance_clock(
        &self,
        request: Request<wire::AdvanceClockRequest>,
    ) -> Result<Response<wire::AdvanceClockResponse>, Status> {
        let to = request.into_inner().to;
        Ok(Response::new(clock::advance(&self.peers, to.as_ref()).await?))
    }
}

/// The name, if it is a service's.
fn known(service: &str) -> Result<&'static str, Failure> {
    SERVICES.iter().copied().find(|s| *s == service).ok_or_else(|| {
        let all = SERVICES.join(", ");
        Failure::invalid(
            "service",
            Text::new(format!("Укажите одну из служб: {all}."), format!("Give one of: {all}.")),
        )
    })
}
