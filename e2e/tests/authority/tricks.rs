//! Ways around the door: paths that mean another one, hosts, headers that claim.

use super::NOW;
use super::forge::{Forge, claims};
use e2e::{Suite, web::Answer};
use proto::system::v1::{GetClockRequest, Role};
use service::authority::HEADER;
use tonic::{
    Code, Request,
    client::Grpc,
    codegen::http::{Uri, uri::PathAndQuery},
    transport::Endpoint,
};
use tonic_prost::ProstCodec;

/// Ways to write an internal method that a careless router would understand.
const PATHS: [&str; 24] = [
    "/raschet.system.v1.Clock/GetClock",
    "//raschet.system.v1.Clock/GetClock",
    "/raschet.system.v1.Clock//GetClock",
    "/raschet.system.v1.Clock/GetClock/",
    "/./raschet.system.v1.Clock/GetClock",
    "/raschet.system.v1.Clock/./GetClock",
    "/raschet.clients.v1.Clients/../raschet.system.v1.Clock/GetClock",
    "/raschet.clients.v1.Clients/../../raschet.system.v1.Clock/GetClock",
    "/raschet.clients.v1.Clients/%2e%2e/raschet.system.v1.Clock/GetClock",
    "/raschet.clients.v1.Clients%2f..%2fraschet.system.v1.Clock/GetClock",
    "/%72aschet.system.v1.Clock/GetClock",
    "/raschet%2Esystem.v1.Clock/GetClock",
    "/raschet.system.v1.Clock%2FGetClock",
    "/raschet.system.v1.Clock/Get%43lock",
    "/raschet.system.v1.Clock\\GetClock",
    "/Raschet.System.V1.Clock/GetClock",
    "/RASCHET.SYSTEM.V1.CLOCK/GETCLOCK",
    "/raschet.system.v1.clock/getClock",
    "/clients/raschet.system.v1.Clock/GetClock",
    "/raschet.clients.v1/raschet.system.v1.Clock/GetClock",
    "/raschet.clients.raschet.system.v1.Clock/GetClock",
    "/raschet.clients.v1.Clock/GetClock",
    "/raschet.system.v1.Clock/GetClock;x=/raschet.clients.v1.Clients/GetClient",
    "/raschet.system.v1.Clock/GetClock?/raschet.clients.v1.Clients/GetClient",
];

/// A public contract's internal method, and ways to write it.
const INTERNAL: [&str; 5] = [
    "/raschet.clients.v1.Identities/CheckSession",
    "/raschet.clients.v1.Identities/CheckSession?role=SERVICE",
    "/raschet.clients.v1.Clients/ListProfiles",
    "/raschet.clients.v1.Identities%2FCheckSession",
    "/raschet.clients.v1.Clients/../Identities/CheckSession",
];

/// Headers by which some proxies let a caller choose another path, host or verb.
const HEADERS: [(&str, &str); 6] = [
    ("X-Original-URL", "/raschet.system.v1.Clock/GetClock"),
    ("X-Rewrite-URL", "/raschet.system.v1.Clock/GetClock"),
    ("X-Forwarded-Host", "unix.invalid"),
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-HTTP-Method-Override", "GET"),
    ("Forwarded", "for=127.0.0.1;host=unix.invalid"),
];

/// Nothing of a service answers: no such page, or one of these codes.
#[track_caller]
fn nothing(answer: &Answer, path: &str) {
    let grpc = answer.header("content-type").is_some_and(|t| t.starts_with("application/grpc"));
    if !grpc {
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
        return;
    }
    let refused =
        [Code::Unimplemented, Code::PermissionDenied, Code::Unauthenticated].map(|c| c as i32);
    assert!(refused.contains(&answer.grpc_status()), "{path}: {answer:?}");
}

fn stolen(suite: &Suite, audience: &str) -> String {
    let gateway = Forge::of(&suite.harness().secrets(), "gateway");
    gateway.token(&claims(audience, "service/gateway", Role::Service, 50))
}

/// By HTTP/1.1, native and as gRPC-Web, as nobody, as the operator, and with a stolen identity of
/// the gateway itself: internal methods are nowhere.
#[tokio::test]
async fn no_way_of_writing_a_path_leads_inside() {
    let suite = Suite::here(NOW).await;
    let operator = format!("Bearer {}", suite.operator_token);
    let identity = stolen(&suite, "clients");
    let callers: [&[(&str, &str)]; 3] = [
        &[],
        &[("Authorization", &operator), (HEADER, &identity)],
        &[("Authorization", &operator), ("X-Grpc-Web", "1"), (HEADER, &identity)],
    ];
    let absolute = format!("{}/raschet.system.v1.Clock/GetClock", suite.address);
    let paths = PATHS.into_iter().chain(INTERNAL).chain([
        "http://unix.invalid/raschet.system.v1.Clock/GetClock",
        "http://clients/raschet.system.v1.Clock/GetClock",
        absolute.as_str(),
    ]);
    for path in paths {
        for headers in callers {
            let headers = &[headers, &HEADERS].concat();
            nothing(&suite.call_web(path, headers, &GetClockRequest {}).await, path);
            let native = [("Content-Type", "application/grpc"), ("TE", "trailers")];
            let headers = &[&native[..], headers].concat();
            nothing(&suite.post(path, headers, &[0; 5]).await, path);
        }
    }
}

/// By HTTP/2 with the authority of a service, which a router by host would follow.
#[tokio::test]
async fn no_authority_leads_inside() {
    let suite = Suite::here(NOW).await;
    let identity = stolen(&suite, "clients");
    for authority in ["http://unix.invalid", "http://clients", "http://invoicing.svc:50051"] {
        let endpoint = Endpoint::from_shared(suite.address.clone()).unwrap();
        let channel = endpoint.origin(authority.parse::<Uri>().unwrap()).connect_lazy();
        for path in PATHS.into_iter().chain(INTERNAL) {
            let Ok(path) = PathAndQuery::try_from(path) else { continue };
            let mut grpc = Grpc::new(channel.clone());
            grpc.ready().await.unwrap();
            let mut request = Request::new(GetClockRequest {});
            let bearer = format!("Bearer {}", suite.operator_token);
            request.metadata_mut().insert("authorization", bearer.parse().unwrap());
            request.metadata_mut().insert(HEADER, identity.parse().unwrap());
            let codec = ProstCodec::<GetClockRequest, ()>::default();
            let answer = grpc.unary(request, path.clone(), codec).await;
            let code = answer.map(drop).expect_err("nothing inside answers").code();
            let refused = [Code::Unimplemented, Code::PermissionDenied, Code::Unauthenticated];
            assert!(refused.contains(&code), "{authority}{path}: {code:?}");
        }
    }
}
