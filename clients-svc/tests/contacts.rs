//! Contacts.

use crate::{company, create, refused, request_id, start};
use proto::{
    clients::v1::{self as wire, contacts_client::ContactsClient},
    system::v1::Role,
};
use tonic::Code;

fn contact(client: &str, email: &str) -> wire::CreateContactRequest {
    wire::CreateContactRequest {
        contact: Some(wire::Contact {
            client: client.into(),
            email: email.into(),
            given_name: "Пётр".into(),
            access: wire::contact::Access::Accountant.into(),
            letters: vec![wire::contact::LetterKind::Billing.into()],
            ..Default::default()
        }),
        request_id: request_id(),
    }
}

/// A35, features.md §1.9 item 3: one accountant acts for several clients, and is one person.
#[tokio::test]
async fn a_person_may_act_for_several_clients() {
    let harness = start().await;
    let one = create(&harness, company("one@x.example")).await.unwrap();
    let two = create(&harness, company("two@x.example")).await.unwrap();
    let mut contacts = ContactsClient::new(harness.client_as(Role::AccountManager));
    let request = contact(&one.name, "outsource@y.example");
    let first = contacts.create_contact(request).await.unwrap().into_inner();
    let request = contact(&two.name, "Outsource@Y.example");
    let second = contacts.create_contact(request).await.unwrap().into_inner();
    assert_eq!(first.person, second.person);

    let twice = contacts.create_contact(contact(&one.name, "outsource@y.example")).await;
    refused(twice, Code::AlreadyExists, "CONTACT_EXISTS");
    let nobody = contacts.create_contact(contact(&first.name, "z@y.example")).await;
    refused(nobody, Code::InvalidArgument, "INVALID_FIELDS");
    harness.finish().await;
}

/// A person's new name shows on every client; the address stays; the main contact stays.
#[tokio::test]
async fn contacts_change_and_end() {
    let harness = start().await;
    let one = create(&harness, company("one@x.example")).await.unwrap();
    let mut contacts = ContactsClient::new(harness.client_as(Role::Support));
    let request = contact(&one.name, "p@y.example");
    let added = contacts.create_contact(request).await.unwrap().into_inner();
    let update = |contact: wire::Contact| wire::UpdateContactRequest {
        contact: Some(contact),
        update_mask: None,
        request_id: request_id(),
    };
    let given = wire::Contact { family_name: "Новый".into(), ..added.clone() };
    let changed = contacts.update_contact(update(given)).await.unwrap().into_inner();
    assert_eq!(changed.family_name, "Новый");
    let given = wire::Contact { email: "other@y.example".into(), ..changed.clone() };
    let moved = contacts.update_contact(update(given)).await;
    refused(moved, Code::InvalidArgument, "INVALID_FIELDS");

    let list = wire::ListContactsRequest { client: one.name.clone(), ..Default::default() };
    let all = contacts.list_contacts(list.clone()).await.unwrap().into_inner();
    assert_eq!(all.total_size, 2);
    let main = all.contacts.iter().find(|c| c.main).unwrap();
    let delete = |name: &str| wire::DeleteContactRequest {
        name: name.into(),
        etag: String::new(),
        request_id: request_id(),
    };
    let stays = contacts.delete_contact(delete(&main.name)).await;
    refused(stays, Code::FailedPrecondition, "MAIN_CONTACT_STAYS");
    contacts.delete_contact(delete(&added.name)).await.unwrap();
    let gone = contacts.get_contact(wire::GetContactRequest { name: added.name }).await;
    refused(gone, Code::NotFound, "NOT_FOUND");
    assert_eq!(contacts.list_contacts(list).await.unwrap().into_inner().total_size, 1);
    harness.finish().await;
}
