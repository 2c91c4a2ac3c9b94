//! `Contracts`.

use crate::world::{World, fields, refused, request_id};
use proto::{
    invoicing::v1::{self as pb, contracts_client::ContractsClient},
    system::v1::Role,
};
use tonic::Code;
use types::id::LegalEntityId;

/// The number defaults to the client's, terms to prepaid and the seller's days.
#[tokio::test]
async fn takes_defaults_from_client_and_seller() {
    let world = World::start().await;
    let read = pb::GetContractRequest { name: world.contract.clone() };
    let contract = world.contracts().get_contract(read).await.unwrap().into_inner();
    assert_eq!((contract.number.as_str(), contract.due_days), ("7583", 7));
    assert_eq!(contract.payment, i32::from(pb::contract::Payment::Prepaid));
    assert_eq!(contract.kind, i32::from(pb::contract::Kind::Offer));
    world.create_contract("17/2019").await.unwrap();
    let list = pb::ListContractsRequest {
        client: world.client.clone(),
        page_size: 1,
        ..Default::default()
    };
    let page = world.contracts().list_contracts(list.clone()).await.unwrap().into_inner();
    assert_eq!((page.contracts[0].number.as_str(), page.total_size), ("17/2019", 2));
    let next = pb::ListContractsRequest { page_token: page.next_page_token, ..list };
    let page = world.contracts().list_contracts(next).await.unwrap().into_inner();
    assert_eq!((page.contracts[0].number.as_str(), page.next_page_token.as_str()), ("7583", ""));
    world.harness.finish().await;
}

/// The payer must be the client's, the number free, the client known.
#[tokio::test]
async fn refuses_foreign_payers_and_taken_numbers() {
    let world = World::start().await;
    let foreign = LegalEntityId::generate().to_string();
    let status = world.create_contract_of(&world.client, &foreign, "2").await.unwrap_err();
    assert_eq!(fields(&status), ["contract.payer"]);
    let taken = world.create_contract("7583").await;
    refused(taken, Code::AlreadyExists, "CONTRACT_NUMBER_TAKEN");
    let nobody = types::id::ClientId::generate().to_string();
    let unknown = world.create_contract_of(&nobody, &world.payer, "3").await;
    refused(unknown, Code::NotFound, "NOT_FOUND");
    let empty = pb::CreateContractRequest {
        contract: Some(pb::Contract::default()),
        request_id: request_id(),
    };
    let status = world.contracts().create_contract(empty).await.unwrap_err();
    assert_eq!(
        fields(&status),
        ["contract.client", "contract.payer", "contract.seller", "contract.date"]
    );
    world.harness.finish().await;
}

/// Who may not create contracts is told so; a repetition is answered.
#[tokio::test]
async fn roles_and_repetition() {
    let world = World::start().await;
    let contract = pb::Contract {
        client: world.client.clone(),
        payer: world.payer.clone(),
        seller: world.seller.clone(),
        number: "5".into(),
        date: crate::world::date("2019-02-01"),
        ..Default::default()
    };
    let request = pb::CreateContractRequest { contract: Some(contract), request_id: request_id() };
    let mut auditor = ContractsClient::new(world.harness.client_as(Role::Auditor));
    let denied = auditor.create_contract(request.clone()).await;
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied);
    let first = world.contracts().create_contract(request.clone()).await.unwrap().into_inner();
    let again = world.contracts().create_contract(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    world.harness.finish().await;
}
