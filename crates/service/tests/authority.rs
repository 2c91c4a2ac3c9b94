//! Who may call what, and what a refused caller is told.

use crate::harness::{Producer, Suite, bare_channel};
use proto::{
    gateway::v1::{LogoutRequest, sessions_client::SessionsClient},
    system::v1::{
        GetClockRequest, GetFeedStatusRequest, RetryParkedRequest, Role, RunAuditRequest,
        audit_client::AuditClient, clock_client::ClockClient, feed_client::FeedClient,
        queue_client::QueueClient,
    },
};
use service::{Identity, Signer, audit::Check, authority::HEADER};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

fn person(role: Role) -> Identity {
    Identity { actor: "staff/0".into(), roles: vec![role], client: None }
}

/// design.md §2 "Authority": no identity, a wrong audience, a forged one, a missing role.
#[tokio::test]
async fn only_known_callers_with_a_role_are_served() {
    let suite = Suite::new();
    let database = suite.database::<Producer>().await;
    let running = suite.start::<Producer>(&database, |app| app).await;

    let mut clock = ClockClient::new(suite.peers("clients").channel("invoicing"));
    clock.get_clock(GetClockRequest {}).await.expect("a service may ask a service");

    let mut nobody = ClockClient::new(bare_channel(&suite, "invoicing"));
    let refused = nobody.get_clock(GetClockRequest {}).await.expect_err("refused");
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::Unauthenticated, "IDENTITY_MISSING")
    );

    let peers = suite.peers("gateway");
    for (token, expected) in [
        ("rubbish".to_owned(), "IDENTITY_FORGED"),
        (peers.signer().sign(&person(Role::Service), "clients"), "IDENTITY_AUDIENCE"),
        (stranger().sign(&person(Role::Service), "invoicing"), "IDENTITY_FORGED"),
    ] {
        let mut request = Request::new(GetClockRequest {});
        request.metadata_mut().insert(HEADER, token.parse().expect("ascii"));
        let refused = nobody.get_clock(request).await.expect_err("refused");
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unauthenticated, expected));
    }

    let acting = |role| peers.channel("invoicing").acting(person(role));
    let refused = ClockClient::new(acting(Role::Admin)).get_clock(GetClockRequest {}).await;
    let refused = refused.expect_err("the clock is for services");
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::PermissionDenied, "ROLE_MISSING")
    );

    // A service's key does not speak for people.
    let stolen = suite.peers("clients").channel("invoicing").acting(person(Role::Operator));
    let refused = FeedClient::new(stolen).get_feed_status(GetFeedStatusRequest {}).await;
    assert_eq!(reason(&refused.expect_err("refused")), "IDENTITY_FORGED");
    running.stop().await.expect("stops");
}

fn stranger() -> Signer {
    let dir = std::env::temp_dir().join(format!("raschet-{}", uuid::Uuid::now_v7().simple()));
    service::secrets::create(&dir).expect("makes secrets");
    let signer = service::secrets::signer(&dir, "gateway").expect("has a key");
    std::fs::remove_dir_all(&dir).expect("removes");
    signer
}

/// style.md §4.12: every status carries details, and one text in the caller's language.
#[tokio::test]
async fn errors_speak_the_callers_language() {
    let suite = Suite::new();
    let database = suite.database::<Producer>().await;
    let running = suite.start::<Producer>(&database, |app| app).await;
    let mut queue = QueueClient::new(suite.peers("gateway").channel("invoicing"));
    for (language, text) in [("ru", "Не найдено"), ("en-US,en;q=0.9", "Not found")] {
        let name = format!("jobs/{}", uuid::Uuid::now_v7());
        let retry = RetryParkedRequest {
            name: name.clone(),
            request_id: uuid::Uuid::new_v4().to_string(),
            ..Default::default()
        };
        let mut request = Request::new(retry);
        request.metadata_mut().insert("accept-language", language.parse().expect("ascii"));
        let status = queue.retry_parked(request).await.expect_err("there is none");
        assert_eq!(status.code(), Code::NotFound);
        assert!(status.message().starts_with(text), "{}", status.message());
        let details = status.get_error_details();
        assert_eq!(details.error_info().expect("info").domain, "raschet");
        assert_eq!(details.resource_info().expect("resource").resource_name, name);
        assert_eq!(details.localized_message().expect("text").message, status.message());
    }
    let status = queue.retry_parked(RetryParkedRequest::default()).await.expect_err("bad name");
    let details = status.get_error_details();
    let fields = &details.bad_request().expect("fields").field_violations;
    assert_eq!(fields[0].field, "name");
    assert!(fields[0].localized_message.as_ref().expect("text").message.contains("Укажите"));
    running.stop().await.expect("stops");
}

/// A service that nobody serves, and a method that nobody wrote.
#[tokio::test]
async fn unknown_services_are_unimplemented_and_health_is_open() {
    let suite = Suite::new();
    let database = suite.database::<Producer>().await;
    let running = suite.start::<Producer>(&database, |app| app).await;
    let channel = bare_channel(&suite, "invoicing");

    let mut health = tonic_health::pb::health_client::HealthClient::new(channel);
    let request = tonic_health::pb::HealthCheckRequest { service: "raschet.system.v1.Feed".into() };
    let status = health.check(request).await.expect("is open").into_inner().status();
    assert_eq!(status, tonic_health::ServingStatus::Serving.into());

    for services in [reflected_v1(&suite).await, reflected_v1alpha(&suite).await] {
        for served in ["raschet.system.v1.Feed", "grpc.health.v1.Health"] {
            assert!(services.iter().any(|name| name == served), "{services:?}");
        }
        assert!(!services.iter().any(|name| name.ends_with(".Sessions")), "{services:?}");
    }

    // Sessions is in the contracts, but not served here.
    let mut sessions = SessionsClient::new(bare_channel(&suite, "invoicing"));
    let status = sessions.logout(LogoutRequest {}).await.expect_err("not served");
    assert_eq!(status.code(), Code::Unimplemented);
    running.stop().await.expect("stops");
}

macro_rules! reflected {
    ($name:ident, $version:ident) => {
        /// Names of the services that reflection shows.
        async fn $name(suite: &Suite) -> Vec<String> {
            use tonic_reflection::pb::$version::{
                ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
                server_reflection_request::MessageRequest,
                server_reflection_response::MessageResponse,
            };
            let request = ServerReflectionRequest {
                host: String::new(),
                message_request: Some(MessageRequest::ListServices(String::new())),
            };
            let mut client = ServerReflectionClient::new(bare_channel(suite, "invoicing"));
            let requests = futures::stream::iter([request]);
            let mut replies =
                client.server_reflection_info(requests).await.expect("is open").into_inner();
            let reply = replies.message().await.expect("answers").expect("answers once");
            match reply.message_response.expect("is set") {
                MessageResponse::ListServicesResponse(list) => {
                    list.service.into_iter().map(|service| service.name).collect()
                }
                other => panic!("not a list of services: {other:?}"),
            }
        }
    };
}

reflected!(reflected_v1, v1);
reflected!(reflected_v1alpha, v1alpha);

/// A handler that panics or hangs costs its own call only.
#[tokio::test]
async fn panics_and_deadlines_are_answers() {
    let suite = Suite::new();
    let database = suite.database::<Producer>().await;
    let running = suite
        .start::<Producer>(&database, |app| {
            let calls = Arc::new(AtomicUsize::new(0));
            app.audit(move |_| {
                let call = calls.fetch_add(1, Ordering::SeqCst);
                async move {
                    match call {
                        0 => panic!("expected by the test"),
                        1 => std::future::pending().await,
                        _ => Ok(vec![Check::new("NOTHING", 0)]),
                    }
                }
            })
        })
        .await;
    let mut audit = AuditClient::new(suite.peers("gateway").channel("invoicing"));
    let panicked = audit.run_audit(RunAuditRequest {}).await.expect_err("panics");
    assert_eq!(panicked.code(), Code::Internal);
    assert!(!panicked.message().contains("expected by the test"), "{}", panicked.message());
    assert!(panicked.get_details_error_info().expect("info").metadata.contains_key("trace"));

    let mut request = Request::new(RunAuditRequest {});
    request.metadata_mut().insert("grpc-timeout", "2S".parse().expect("ascii"));
    let late = audit.run_audit(request).await.expect_err("hangs");
    assert_eq!(late.code(), Code::DeadlineExceeded);

    audit.run_audit(RunAuditRequest {}).await.expect("the service lives on");
    running.stop().await.expect("stops");
}
