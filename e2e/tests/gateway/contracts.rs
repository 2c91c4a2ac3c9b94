//! What is there: contracts of the suite, health, reflection; and what is not.

use e2e::{
    Suite,
    door::Door,
    steps::{done, refused},
};
use proto::{
    clients::v1::{
        CheckSessionRequest, GetProfileRequest, ListProfilesRequest, clients_client::ClientsClient,
        identities_client::IdentitiesClient,
    },
    gateway::v1::AuditRequest,
    system::v1::{
        FollowRequest, GetClockRequest, GetFeedStatusRequest, GetQueueStatusRequest,
        GetTotalsRequest, audit_client::AuditClient, clock_client::ClockClient,
        feed_client::FeedClient, queue_client::QueueClient,
    },
};
use tonic::{Code, Request, client::Grpc, codegen::http::uri::PathAndQuery};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_prost::ProstCodec;
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

const NOW: &str = "2019-02-26T09:00:00Z";
/// UNIMPLEMENTED, as a number.
const UNIMPLEMENTED: i32 = 12;

/// A native call of any path.
async fn call(door: Door, path: &'static str) -> tonic::Status {
    let mut grpc = Grpc::new(door);
    grpc.ready().await.unwrap();
    let codec = ProstCodec::<AuditRequest, AuditRequest>::default();
    let path = PathAndQuery::from_static(path);
    grpc.unary(Request::new(AuditRequest {}), path, codec).await.unwrap_err()
}

/// What no contract names is UNIMPLEMENTED, natively and by gRPC-Web, for whoever asks.
#[tokio::test]
async fn what_does_not_exist_is_unimplemented() {
    let suite = Suite::here(NOW).await;
    for path in [
        "/raschet.nothing.v1.Nothing/Do",
        "/raschet.invoicing.v1.Nothing/Do",
        "/raschet.invoicing.v1.Invoices/Nothing",
        "/raschet.gateway.v1.Sessions/Nothing",
        "/some.other.Service/Call",
    ] {
        for door in [suite.admin.clone(), suite.operator.clone(), suite.door("")] {
            assert_eq!(call(door, path).await.code(), Code::Unimplemented, "{path}");
        }
        let answer = suite.call_web(path, &[("X-Grpc-Web", "1")], &AuditRequest {}).await;
        assert_eq!(answer.grpc_status(), UNIMPLEMENTED, "{path}: {answer:?}");
    }
    let page = suite.post("/no/such/page", &[], b"").await;
    assert_eq!(page.status, 404);
}

/// `raschet.system.v1` is served on internal listeners only: even the operator finds it nowhere.
#[tokio::test]
async fn internal_contracts_are_not_passed() {
    let suite = Suite::here(NOW).await;
    for door in [suite.admin.clone(), suite.operator.clone()] {
        let code = Code::Unimplemented;
        let mut feed = FeedClient::new(door.clone());
        refused(feed.get_feed_status(GetFeedStatusRequest {}).await, code);
        refused(feed.follow(FollowRequest::default()).await.map(drop), code);
        let mut clock = ClockClient::new(door.clone());
        refused(clock.get_clock(GetClockRequest {}).await, code);
        let mut queue = QueueClient::new(door.clone());
        refused(queue.get_queue_status(GetQueueStatusRequest {}).await, code);
        let mut audit = AuditClient::new(door.clone());
        refused(audit.get_totals(GetTotalsRequest {}).await, code);
        // These are public contracts with internal methods: they exist, but not for people.
        let code = Code::PermissionDenied;
        let mut clients = ClientsClient::new(door.clone());
        refused(clients.get_profile(GetProfileRequest::default()).await, code);
        refused(clients.list_profiles(ListProfilesRequest::default()).await, code);
        let mut identities = IdentitiesClient::new(door);
        refused(identities.check_session(CheckSessionRequest::default()).await, code);
    }
}

/// Health and reflection answer without a session; reflection tells of every public service.
#[tokio::test]
async fn health_and_reflection_answer() {
    let suite = Suite::here(NOW).await;
    let request = HealthCheckRequest { service: String::new() };
    let health = done(HealthClient::new(suite.door("")).check(request).await);
    assert_eq!(health.status(), ServingStatus::Serving);

    let ask = MessageRequest::ListServices(String::new());
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(ask) };
    let mut client = ServerReflectionClient::new(suite.door(""));
    let mut answers = done(client.server_reflection_info(tokio_stream::iter(vec![request])).await);
    let answer = answers.message().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(list)) = answer else { panic!("{answer:?}") };
    let names: Vec<&str> = list.service.iter().map(|s| s.name.as_str()).collect();
    for service in [
        "raschet.clients.v1.Clients",
        "raschet.invoicing.v1.Invoices",
        "raschet.payments.v1.Statements",
        "raschet.tickets.v1.Tickets",
        "raschet.gateway.v1.Cabinet",
    ] {
        assert!(names.contains(&service), "{service} is not among {names:?}");
    }
}
