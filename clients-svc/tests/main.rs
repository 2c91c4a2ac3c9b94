//! clients-svc through its RPCs, against real PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails, saying what it lacks"
)]

mod clients;
mod contacts;
mod identities;
mod legal_entities;
mod notes;
mod repetition;
mod staff;
mod views;

use proto::{
    clients::v1::{self as wire, clients_client::ClientsClient},
    system::v1::Role,
};
use testkit::Harness;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

/// Starts clients-svc on a morning of 2019.
pub async fn start() -> Harness {
    Harness::start::<clients_svc::Service>("2019-02-08T09:00:00Z", &[]).await
}

/// A fresh request id.
pub fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// An invented company with this main address.
pub fn company(email: &str) -> wire::Client {
    wire::Client {
        kind: wire::client::Kind::Company.into(),
        given_name: "Анна".into(),
        family_name: "Примерова".into(),
        company: "ООО «Пример»".into(),
        email: email.into(),
        ..Default::default()
    }
}

/// Creates a client as sales does.
pub async fn create(harness: &Harness, client: wire::Client) -> Result<wire::Client, Status> {
    let request = wire::CreateClientRequest { client: Some(client), request_id: request_id() };
    let mut clients = ClientsClient::new(harness.client_as(Role::Sales));
    clients.create_client(request).await.map(tonic::Response::into_inner)
}

/// The status of a call that must be refused.
pub fn refused<T>(result: Result<T, Status>, code: Code, reason: &str) -> Status {
    let status = match result {
        Ok(_) => panic!("must be refused with {reason}"),
        Err(status) => status,
    };
    let info = status.get_error_details().error_info().cloned();
    let found = info.map(|i| i.reason).unwrap_or_default();
    assert_eq!((status.code(), found.as_str()), (code, reason), "{status:?}");
    status
}

/// Paths of the fields that a refusal names.
pub fn fields(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let bad = details.bad_request().cloned().expect("names fields");
    bad.field_violations.into_iter().map(|v| v.field).collect()
}
