//! Legal entities.

use crate::{company, create, fields, refused, request_id, start};
use proto::{
    clients::v1::{self as wire, legal_entities_client::LegalEntitiesClient},
    system::v1::Role,
};
use testkit::Company;
use tonic::Code;

fn payer(client: &str, n: u32) -> wire::LegalEntity {
    let company = Company::number(n);
    wire::LegalEntity {
        client: client.into(),
        title: company.name,
        tax_id: company.inn,
        kpp: company.kpp,
        ogrn: company.ogrn,
        accounts: vec![wire::BankAccount {
            account: company.account,
            bic: company.bic,
            correspondent_account: company.correspondent_account,
            bank: "Банк «Пример»".into(),
        }],
        ..Default::default()
    }
}

fn request(legal_entity: wire::LegalEntity) -> wire::CreateLegalEntityRequest {
    wire::CreateLegalEntityRequest { legal_entity: Some(legal_entity), request_id: request_id() }
}

/// A53, A123: several payers under one client, each with checked requisites; the profile that
/// other services project has them.
#[tokio::test]
async fn a_client_has_several_payers() {
    let harness = start().await;
    let client = create(&harness, company("a@x.example")).await.unwrap();
    let mut payers = LegalEntitiesClient::new(harness.client_as(Role::AccountManager));
    for n in 1..=4 {
        payers.create_legal_entity(request(payer(&client.name, n))).await.unwrap();
    }
    let list = wire::ListLegalEntitiesRequest { client: client.name.clone(), ..Default::default() };
    let all = payers.list_legal_entities(list).await.unwrap().into_inner();
    assert_eq!(all.total_size, 4);
    let mut service = wire::clients_client::ClientsClient::new(harness.peer("invoicing"));
    let profile = service
        .get_profile(wire::GetProfileRequest { client: client.name })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(profile.revision, 5, "one revision for each change");
    assert_eq!(profile.legal_entities, all.legal_entities);
    harness.finish().await;
}

/// A54: the KPP before a change is kept, with who changed it.
#[tokio::test]
async fn requisites_before_a_change_are_kept() {
    let harness = start().await;
    let client = create(&harness, company("a@x.example")).await.unwrap();
    let mut payers = LegalEntitiesClient::new(harness.client_as(Role::Accountant));
    let made = payers.create_legal_entity(request(payer(&client.name, 1))).await.unwrap();
    let made = made.into_inner();
    let before = made.kpp.clone();
    let given = wire::LegalEntity { kpp: "990101777".into(), ..made };
    let update = wire::UpdateLegalEntityRequest {
        legal_entity: Some(given),
        update_mask: Some(prost_types::FieldMask { paths: vec!["kpp".into()] }),
        request_id: request_id(),
    };
    let changed = payers.update_legal_entity(update).await.unwrap().into_inner();
    assert_eq!(changed.kpp, "990101777");
    let kept: Vec<_> = changed.previous.iter().map(|p| (p.field.as_str(), &p.value)).collect();
    assert_eq!(kept, [("kpp", &before)]);
    assert!(changed.previous[0].actor.starts_with("staff/"));
    harness.finish().await;
}

/// A53, G25–G27: each broken rule names its field; a misread BIC comes with what was meant.
#[tokio::test]
async fn broken_requisites_are_named() {
    let harness = start().await;
    let client = create(&harness, company("a@x.example")).await.unwrap();
    let mut payers = LegalEntitiesClient::new(harness.client_as(Role::Sales));
    let mut bad = payer(&client.name, 1);
    bad.tax_id = "7709983033".into();
    bad.kpp = "1".into();
    bad.accounts[0] = wire::BankAccount {
        account: "40702810502080001823".into(),
        bic: "044525933".into(),
        correspondent_account: "30101810200000000593".into(),
        ..Default::default()
    };
    let result = payers.create_legal_entity(request(bad)).await;
    let status = refused(result, Code::InvalidArgument, "INVALID_FIELDS");
    let named = fields(&status);
    for field in ["tax_id", "kpp", "accounts[0]"] {
        assert!(named.contains(&format!("legal_entity.{field}")), "{field}: {named:?}");
    }
    let details = tonic_types::StatusExt::get_details_bad_request(&status).unwrap();
    let account = details.field_violations.iter().find(|v| v.field.contains("accounts")).unwrap();
    assert!(account.description.contains("044525593"), "{}", account.description);

    let mut none = payer(&client.name, 2);
    none.tax_id = String::new();
    let result = payers.create_legal_entity(request(none)).await;
    let status = refused(result, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&status), ["legal_entity.tax_id"]);
    harness.finish().await;
}
