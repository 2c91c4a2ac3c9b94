//! Every mutation of the service, repeated.

use crate::{company, request_id, start};
use proto::{
    clients::v1::{
        self as wire, clients_client::ClientsClient, contacts_client::ContactsClient,
        legal_entities_client::LegalEntitiesClient, notes_client::NotesClient,
        staff_client::StaffClient, views_client::ViewsClient,
    },
    system::v1::Role,
};
use testkit::{Company, Harness, Once};

/// design.md §2: each mutation is done once for its request id, and answered again the same.
#[tokio::test]
async fn what_is_repeated_is_answered_and_not_done_again() {
    let harness = start().await;
    let mut once = Once::of(&harness, "clients").await;
    let client = clients(&harness, &mut once).await;
    contacts(&harness, &mut once, &client).await;
    legal_entities(&harness, &mut once, &client).await;
    notes(&harness, &mut once, &client).await;
    staff(&harness, &mut once).await;
    views(&harness, &mut once).await;
    once.finish();
    harness.finish().await;
}

async fn clients(harness: &Harness, once: &mut Once<'_>) -> String {
    let clients = ClientsClient::new(harness.client_as(Role::Sales));
    let create = wire::CreateClientRequest {
        client: Some(company("a@x.example")),
        request_id: request_id(),
    };
    let other = |r: &mut wire::CreateClientRequest| r.client = Some(company("b@x.example"));
    let made = once
        .call("Clients.CreateClient", create, other, async |r| {
            clients.clone().create_client(r).await
        })
        .await;
    let update = wire::UpdateClientRequest {
        client: Some(wire::Client {
            company: "ООО «Новое имя»".into(), ..made.clone()
        }),
        update_mask: None,
        request_id: request_id(),
    };
    let other = |r: &mut wire::UpdateClientRequest| r.client = Some(made.clone());
    once.call("Clients.UpdateClient", update, other, async |r| {
        clients.clone().update_client(r).await
    })
    .await;
    made.name
}

async fn contacts(harness: &Harness, once: &mut Once<'_>, client: &str) {
    let contacts = ContactsClient::new(harness.client_as(Role::Support));
    let contact = wire::Contact {
        client: client.into(),
        email: "p@y.example".into(),
        given_name: "Пётр".into(),
        ..Default::default()
    };
    let create =
        wire::CreateContactRequest { contact: Some(contact.clone()), request_id: request_id() };
    let other = |r: &mut wire::CreateContactRequest| {
        r.contact = Some(wire::Contact { phone: "+7 495 000-00-00".into(), ..contact });
    };
    let made = once
        .call("Contacts.CreateContact", create, other, async |r| {
            contacts.clone().create_contact(r).await
        })
        .await;
    let update = wire::UpdateContactRequest {
        contact: Some(wire::Contact { given_name: "Павел".into(), ..made.clone() }),
        update_mask: None,
        request_id: request_id(),
    };
    let other = |r: &mut wire::UpdateContactRequest| r.contact = Some(made);
    let changed = once
        .call("Contacts.UpdateContact", update, other, async |r| {
            contacts.clone().update_contact(r).await
        })
        .await;
    let delete = wire::DeleteContactRequest {
        name: changed.name,
        etag: changed.etag,
        request_id: request_id(),
    };
    let other = |r: &mut wire::DeleteContactRequest| r.etag.clear();
    once.call("Contacts.DeleteContact", delete, other, async |r| {
        contacts.clone().delete_contact(r).await
    })
    .await;
}

async fn legal_entities(harness: &Harness, once: &mut Once<'_>, client: &str) {
    let payers = LegalEntitiesClient::new(harness.client_as(Role::Accountant));
    let company = Company::number(1);
    let payer = wire::LegalEntity {
        client: client.into(),
        title: company.name,
        tax_id: company.inn,
        kpp: company.kpp,
        ..Default::default()
    };
    let titled = |title: &str, payer: wire::LegalEntity| {
        Some(wire::LegalEntity { title: title.into(), ..payer })
    };
    let create = wire::CreateLegalEntityRequest {
        legal_entity: Some(payer.clone()),
        request_id: request_id(),
    };
    let other = |r: &mut wire::CreateLegalEntityRequest| r.legal_entity = titled("Другое", payer);
    let made = once
        .call("LegalEntities.CreateLegalEntity", create, other, async |r| {
            payers.clone().create_legal_entity(r).await
        })
        .await;
    let update = wire::UpdateLegalEntityRequest {
        legal_entity: titled("ООО «Иное»", made.clone()),
        update_mask: None,
        request_id: request_id(),
    };
    let other = |r: &mut wire::UpdateLegalEntityRequest| r.legal_entity = Some(made);
    once.call("LegalEntities.UpdateLegalEntity", update, other, async |r| {
        payers.clone().update_legal_entity(r).await
    })
    .await;
}

async fn notes(harness: &Harness, once: &mut Once<'_>, client: &str) {
    let notes = NotesClient::new(harness.client_as(Role::Support));
    let note = wire::Note { client: client.into(), text: "было".into(), ..Default::default() };
    let says =
        |text: &str, note: &wire::Note| Some(wire::Note { text: text.into(), ..note.clone() });
    let create = wire::CreateNoteRequest { note: Some(note.clone()), request_id: request_id() };
    let other = |r: &mut wire::CreateNoteRequest| r.note = says("иное", &note);
    let made = once
        .call("Notes.CreateNote", create, other, async |r| notes.clone().create_note(r).await)
        .await;
    let update = wire::UpdateNoteRequest {
        note: says("стало", &made),
        update_mask: None,
        request_id: request_id(),
    };
    let other = |r: &mut wire::UpdateNoteRequest| r.note = says("иное", &made);
    let changed = once
        .call("Notes.UpdateNote", update, other, async |r| notes.clone().update_note(r).await)
        .await;
    let delete = wire::DeleteNoteRequest {
        name: changed.name,
        etag: changed.etag,
        request_id: request_id(),
    };
    let other = |r: &mut wire::DeleteNoteRequest| r.etag.clear();
    once.call("Notes.DeleteNote", delete, other, async |r| notes.clone().delete_note(r).await)
        .await;
}

async fn staff(harness: &Harness, once: &mut Once<'_>) {
    let staff = StaffClient::new(harness.client_as(Role::Admin));
    let member = wire::StaffMember {
        email: "maria@raschet.example".into(),
        display_name: "Мария".into(),
        roles: vec![Role::Sales.into()],
        ..Default::default()
    };
    let named = |name: &str, member: &wire::StaffMember| {
        Some(wire::StaffMember { display_name: name.into(), ..member.clone() })
    };
    let create = wire::CreateStaffMemberRequest {
        staff_member: Some(member.clone()),
        request_id: request_id(),
    };
    let other = |r: &mut wire::CreateStaffMemberRequest| r.staff_member = named("Марья", &member);
    let made = once
        .secret("Staff.CreateStaffMember", create, other, async |r| {
            staff.clone().create_staff_member(r).await
        })
        .await
        .staff_member
        .expect("was hired");
    let update = wire::UpdateStaffMemberRequest {
        staff_member: named("Мария П.", &made),
        update_mask: None,
        request_id: request_id(),
    };
    let other = |r: &mut wire::UpdateStaffMemberRequest| r.staff_member = named("М. П.", &made);
    let changed = once
        .call("Staff.UpdateStaffMember", update, other, async |r| {
            staff.clone().update_staff_member(r).await
        })
        .await;
    let reset =
        wire::ResetStaffPasswordRequest { name: changed.name.clone(), request_id: request_id() };
    let other = |r: &mut wire::ResetStaffPasswordRequest| {
        r.name = testkit::harness::staff(&[]).actor;
    };
    once.secret("Staff.ResetStaffPassword", reset, other, async |r| {
        staff.clone().reset_staff_password(r).await
    })
    .await;
}

/// A view is kept, and deleted.
async fn views(harness: &Harness, once: &mut Once<'_>) {
    let views = ViewsClient::new(harness.client_as(Role::Sales));
    let view = wire::View {
        title: "Должники".into(),
        place: "/invoices?overdue=true".into(),
        ..Default::default()
    };
    let request = wire::CreateViewRequest { view: Some(view.clone()), request_id: request_id() };
    let other = |r: &mut wire::CreateViewRequest| {
        r.view = Some(wire::View { place: "/invoices".into(), ..view.clone() });
    };
    let view = once
        .call("Views.CreateView", request, other, async |r| views.clone().create_view(r).await)
        .await;
    let request = wire::DeleteViewRequest { name: view.name, request_id: request_id() };
    let other =
        |r: &mut wire::DeleteViewRequest| r.name = types::id::ViewId::generate().to_string();
    once.call("Views.DeleteView", request, other, async |r| views.clone().delete_view(r).await)
        .await;
}
