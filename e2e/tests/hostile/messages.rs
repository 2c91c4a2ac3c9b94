//! Messages that are too large, not readable, or not what they say.

use super::NOW;
use super::raw::{call, says, send};
use e2e::{Suite, request_id, steps::done};
use prost::Message;
use prost_reflect::{DescriptorPool, Kind, MethodDescriptor};
use proto::clients::v1::{
    Client, CreateClientRequest, ListClientsRequest, client::Kind as ClientKind,
    clients_client::ClientsClient,
};
use std::fmt::Write;
use tonic::{Code, Request};

const LIST: &str = "/raschet.clients.v1.Clients/ListClients";
const LOGIN: &str = "/raschet.gateway.v1.Sessions/Login";
const HOME: &str = "/raschet.gateway.v1.Operations/ListParked";

/// Methods that an administrator may call: enough to reach every parser.
fn methods() -> Vec<(String, MethodDescriptor)> {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let services = pool.services().filter(|service| {
        let name = service.full_name();
        name.starts_with("raschet.")
            && !["system", "Identities", "Cabinet", "Sessions"]
                .iter()
                .any(|part| name.contains(part))
    });
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    methods
        .map(|m| (format!("/{}/{}", m.parent_service().full_name(), m.name()), m))
        .filter(|(path, _)| {
            service::authority::allows(
                &service::authority::method(path).unwrap().roles,
                &[service::Role::Admin],
            )
        })
        .collect()
}

/// Too large, compressed, torn, of another kind: each refusal says which it is, in the caller's
/// language, from a service behind the gateway and from the gateway itself.
#[tokio::test]
async fn messages_that_are_none_are_refused() {
    let suite = Suite::here(NOW).await;
    let admin = &suite.admin;
    let large = || vec![0; 5 << 20];
    let status = call(admin, LIST, large(), "en").await.unwrap_err();
    says(&status, "MESSAGE_TOO_LARGE", "too large: 4194304 bytes");
    let status = call(admin, LIST, large(), "ru").await.unwrap_err();
    says(&status, "MESSAGE_TOO_LARGE", "не больше 4194304 байт");
    let status = call(admin, HOME, large(), "en").await.unwrap_err();
    says(&status, "MESSAGE_TOO_LARGE", "4194304");
    let status = call(&suite.door(""), LOGIN, large(), "en").await.unwrap_err();
    says(&status, "MESSAGE_TOO_LARGE", "too large: 4096 bytes");

    // A bomb would be unpacked by whoever unpacks: nobody does.
    for path in [LIST, HOME] {
        let mut request = Request::new(vec![0x1f, 0x8b, 8, 0]);
        request.metadata_mut().insert("grpc-encoding", "gzip".parse().unwrap());
        request.metadata_mut().insert("accept-language", "en".parse().unwrap());
        let status = send(admin, path, request).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented);
        says(&status, "COMPRESSION_UNSUPPORTED", "without compression");
        let status = call(admin, path, vec![0xff; 100], "ru").await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        says(&status, "MESSAGE_MALFORMED", "не читается");
    }
    let status = call(admin, "/raschet.clients.v1.Clients/Nothing", vec![], "ru").await;
    says(&status.unwrap_err(), "METHOD_UNKNOWN", "нет");
    done(ClientsClient::new(admin.clone()).list_clients(ListClientsRequest::default()).await);
}

/// A text that is not UTF-8, in every text field of every request: INVALID_ARGUMENT that names the
/// field; a field that no contract knows is passed over.
#[tokio::test]
async fn texts_are_utf8_and_unknown_fields_are_passed_over() {
    let suite = Suite::here(NOW).await;
    let mut tried = 0;
    for (path, method) in methods() {
        for field in method.input().fields().filter(|f| matches!(f.kind(), Kind::String)) {
            let key = field.number() << 3 | 2;
            let mut bytes = Vec::new();
            prost::encoding::encode_varint(key.into(), &mut bytes);
            bytes.extend([3, b'a', 0xff, 0xfe]);
            let status = call(&suite.admin, &path, bytes, "ru").await.unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument, "{}", field.full_name());
            says(&status, "MESSAGE_MALFORMED", "UTF-8");
            tried += 1;
        }
    }
    assert!(tried > 60, "only {tried} fields were tried");
    // Field 9999 of every wire type: number, 8 bytes, text, 4 bytes.
    let mut unknown = ListClientsRequest::default().encode_to_vec();
    for (wire, rest) in [(0, vec![1]), (1, vec![7; 8]), (2, vec![1, b'x']), (5, vec![7; 4])] {
        prost::encoding::encode_varint(9999 << 3 | wire, &mut unknown);
        unknown.extend(rest);
    }
    call(&suite.admin, LIST, unknown, "en").await.unwrap();
}

/// Negative pages, pages without end, damaged tokens, tokens of another list and of another
/// filter, on every list.
#[tokio::test]
async fn pages_are_bounded() {
    let suite = Suite::here(NOW).await;
    let mut token = String::new();
    for n in 0..2 {
        let client = Client {
            kind: ClientKind::Individual.into(),
            given_name: "Пётр".into(),
            family_name: "Примеров".into(),
            email: format!("petr{n}@primer.example"),
            ..Default::default()
        };
        let request = CreateClientRequest { client: Some(client), request_id: request_id() };
        let mut clients = ClientsClient::new(suite.admin.clone());
        done(clients.create_client(request).await);
        let list = ListClientsRequest { page_size: 1, ..Default::default() };
        token = done(clients.list_clients(list).await).next_page_token;
    }
    assert!(!token.is_empty());
    let mut tried = 0;
    for (path, method) in methods() {
        let input = method.input();
        let (Some(size), Some(page)) =
            (input.get_field_by_name("page_size"), input.get_field_by_name("page_token"))
        else {
            continue;
        };
        let with = |number: i32, token: &str| {
            let mut bytes = Vec::new();
            prost::encoding::int32::encode(size.number(), &number, &mut bytes);
            prost::encoding::string::encode(page.number(), &token.to_owned(), &mut bytes);
            bytes
        };
        for (bytes, what) in [
            (with(-1, ""), "a negative page"),
            (with(i32::MIN, ""), "the most negative page"),
            (with(1, "bm9uc2Vuc2U"), "a damaged token"),
            (with(1, &"A".repeat(100_000)), "a token without end"),
        ] {
            let status = call(&suite.admin, &path, bytes, "en").await.expect_err(what);
            assert_eq!(status.code(), Code::InvalidArgument, "{path}, {what}: {status:?}");
        }
        if path != LIST {
            let status = call(&suite.admin, &path, with(1, &token), "en").await.unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument, "{path}, a foreign token");
        }
        // What else a list needs it may ask for; a page too large is none of its complaints.
        if let Err(status) = call(&suite.admin, &path, with(i32::MAX, ""), "en").await {
            assert!(!status.message().contains("page"), "{path}: {status:?}");
            assert_eq!(status.code(), Code::InvalidArgument, "{path}: {status:?}");
        }
        tried += 1;
    }
    assert!(tried > 10, "only {tried} lists were tried");
    let other =
        ListClientsRequest { page_token: token, query: "прим".into(), ..Default::default() };
    let status = ClientsClient::new(suite.admin.clone()).list_clients(other).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "a token of another filter");
}

/// The same `request_id` with another body is refused, and changes nothing; with the same body it
/// is answered as before; one that is no UUID is named.
#[tokio::test]
async fn a_request_id_is_for_one_body() {
    let suite = Suite::here(NOW).await;
    let mut clients = ClientsClient::new(suite.admin.clone());
    let client = |email: &str| Client {
        kind: ClientKind::Individual.into(),
        given_name: "Пётр".into(),
        family_name: "Примеров".into(),
        email: email.into(),
        ..Default::default()
    };
    let id = request_id();
    let request = |email: &str, id: &str| CreateClientRequest {
        client: Some(client(email)),
        request_id: id.into(),
    };
    let first = done(clients.create_client(request("a@primer.example", &id)).await);
    let again = done(clients.create_client(request("a@primer.example", &id)).await);
    assert_eq!(first.name, again.name);
    let other = clients.create_client(request("b@primer.example", &id)).await.unwrap_err();
    assert_eq!(other.code(), Code::InvalidArgument);
    says(&other, "REQUEST_ID_REUSED", "request_id");
    for bad in ["", "1", "не UUID", "00000000-0000-0000-0000-00000000000g"] {
        let status = clients.create_client(request("c@primer.example", bad)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{bad:?}");
    }
    let all = done(clients.list_clients(ListClientsRequest::default()).await);
    assert_eq!(all.clients.len(), 1);
}

/// Headers over their limit and without end: an answer of 4xx or a closed connection, by both
/// protocols, and the next call is answered.
#[tokio::test]
async fn headers_are_bounded() {
    let suite = Suite::here(NOW).await;
    let long = "x".repeat(600_000);
    let answer = suite.post(LIST, &[("X-Long", &long)], b"").await;
    assert_eq!(answer.status, 431, "{:?}", answer.headers);
    let many: Vec<(String, String)> =
        (0..5000).map(|n| (format!("X-Many-{n}"), "1".into())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(suite.post(LIST, &many, b"").await.status, 431);

    for (count, length) in [(1, 20_000), (2000, 10)] {
        let mut request = Request::new(Vec::new());
        for n in 0..count {
            let mut key = String::from("x-many-");
            write!(key, "{n}").unwrap();
            let key: tonic::metadata::AsciiMetadataKey = key.parse().unwrap();
            request.metadata_mut().insert(key, "1".repeat(length).parse().unwrap());
        }
        let status = send(&suite.admin, LIST, request).await.unwrap_err();
        assert!(status.code() != Code::Ok, "{status:?}");
    }
    done(ClientsClient::new(suite.admin.clone()).list_clients(ListClientsRequest::default()).await);
}
