//! Clients.

use crate::{company, create, fields, refused, request_id, start};
use proto::{
    clients::v1::{self as wire, clients_client::ClientsClient, staff_client::StaffClient},
    invoicing::v1::InvoicePaid,
    system::v1::Role,
};
use service::feed::Handler;
use tonic::Code;

/// A33, A40–A43: numbers are sequential, and what was typed is what is stored.
#[tokio::test]
async fn a_client_gets_the_next_number() {
    let harness = start().await;
    let first = create(&harness, company("buh@one.example")).await.unwrap();
    let second = create(&harness, company("buh@two.example")).await.unwrap();
    assert_eq!((first.number, second.number), (1, 2));
    assert_eq!(first.company, "ООО «Пример»");
    assert_eq!(first.language, "ru");
    assert_eq!(first.zone, "Europe/Moscow");
    assert_eq!(first.stage(), wire::client::Stage::Sales);

    let mut clients = ClientsClient::new(harness.client_as(Role::Auditor));
    let name = first.name.clone();
    let read = clients.get_client(wire::GetClientRequest { name }).await.unwrap().into_inner();
    assert_eq!(read, first);
    let gone = types::id::ClientId::generate().to_string();
    let names = vec![second.name.clone(), gone, first.name.clone()];
    let batch = clients.batch_get_clients(wire::BatchGetClientsRequest { names }).await;
    let mut batch = batch.unwrap().into_inner().clients;
    batch.sort_by_key(|client| client.number);
    assert_eq!(batch, [first, second]);
    let names = vec!["clients/nobody".into()];
    let bad = clients.batch_get_clients(wire::BatchGetClientsRequest { names }).await;
    assert_eq!(bad.unwrap_err().code(), Code::InvalidArgument);
    harness.finish().await;
}

/// A35, G48: the main address is unique whatever its case; the refusal names the other client.
#[tokio::test]
async fn the_main_address_is_unique() {
    let harness = start().await;
    let first = create(&harness, company("a@x.example")).await.unwrap();
    let taken = create(&harness, company("A@X.example")).await;
    let status = refused(taken, Code::AlreadyExists, "MAIN_ADDRESS_TAKEN");
    assert!(status.message().contains("№ 1"), "{}", status.message());
    let resource = tonic_types::StatusExt::get_details_resource_info(&status).unwrap();
    assert_eq!(resource.resource_name, first.name);

    // The refused client took no number.
    let next = create(&harness, company("b@x.example")).await.unwrap();
    assert_eq!(next.number, 2);
    harness.finish().await;
}

/// A35: of calls at the same time with one address, one creates the client.
#[tokio::test]
async fn the_main_address_is_unique_at_the_same_time_too() {
    let harness = start().await;
    let calls = (0..8).map(|_| create(&harness, company("same@x.example")));
    let results = futures::future::join_all(calls).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    for result in results.into_iter().filter(Result::is_err) {
        refused(result, Code::AlreadyExists, "MAIN_ADDRESS_TAKEN");
    }
    harness.finish().await;
}

/// All malformed fields are named at once, and nothing is stored.
#[tokio::test]
async fn malformed_fields_are_named_at_once() {
    let harness = start().await;
    let bad = wire::Client {
        email: "no address".into(),
        phone: "8 902".into(),
        zone: "Mars/Olympus".into(),
        ..Default::default()
    };
    let status = refused(create(&harness, bad).await, Code::InvalidArgument, "INVALID_FIELDS");
    let named = fields(&status);
    for field in ["kind", "given_name", "family_name", "email", "phone", "zone"] {
        assert!(named.contains(&format!("client.{field}")), "{field} is missing in {named:?}");
    }
    harness.finish().await;
}

/// The same request id answers the same; another body with it is refused.
#[tokio::test]
async fn a_repeated_request_is_answered_not_repeated() {
    let harness = start().await;
    let mut clients = ClientsClient::new(harness.client_as(Role::Sales));
    let request = wire::CreateClientRequest {
        client: Some(company("a@x.example")),
        request_id: request_id(),
    };
    let once = clients.create_client(request.clone()).await.unwrap().into_inner();
    let again = clients.create_client(request.clone()).await.unwrap().into_inner();
    assert_eq!(once, again);
    let other = wire::CreateClientRequest { client: Some(company("b@x.example")), ..request };
    let reused = clients.create_client(other).await;
    refused(reused, Code::InvalidArgument, "REQUEST_ID_REUSED");
    let all = clients.list_clients(wire::ListClientsRequest::default()).await.unwrap();
    assert_eq!(all.into_inner().total_size, 1);
    harness.finish().await;
}

/// Roles: support reads clients but creates none; a stranger does neither.
#[tokio::test]
async fn only_sales_and_managers_create_clients() {
    let harness = start().await;
    let request = wire::CreateClientRequest {
        client: Some(company("a@x.example")),
        request_id: request_id(),
    };
    let mut support = ClientsClient::new(harness.client_as(Role::Support));
    let denied = support.create_client(request.clone()).await;
    refused(denied, Code::PermissionDenied, "ROLE_MISSING");
    let mut stranger = ClientsClient::new(harness.stranger());
    let unknown = stranger.create_client(request).await;
    refused(unknown, Code::Unauthenticated, "IDENTITY_MISSING");
    harness.finish().await;
}

/// The mask decides what changes; a stale etag is refused; another main address makes another
/// main contact.
#[tokio::test]
async fn an_update_changes_what_the_mask_names() {
    let harness = start().await;
    let client = create(&harness, company("a@x.example")).await.unwrap();
    let mut clients = ClientsClient::new(harness.client_as(Role::AccountManager));
    let update = |client: wire::Client, paths: &[&str]| wire::UpdateClientRequest {
        client: Some(client),
        update_mask: Some(prost_types::FieldMask {
            paths: paths.iter().map(|&p| p.to_owned()).collect(),
        }),
        request_id: request_id(),
    };
    let given = wire::Client {
        company: "ООО «Другое»".into(),
        email: "b@x.example".into(),
        ..client.clone()
    };
    let changed = clients.update_client(update(given, &["company"])).await.unwrap().into_inner();
    assert_eq!(changed.company, "ООО «Другое»");
    assert_eq!(changed.email, "a@x.example");
    assert_ne!(changed.etag, client.etag);

    let stale = clients.update_client(update(client.clone(), &["company"])).await;
    refused(stale, Code::Aborted, "STALE_ETAG");
    let unknown = clients.update_client(update(changed.clone(), &["stage"])).await;
    refused(unknown, Code::InvalidArgument, "INVALID_FIELDS");

    let given = wire::Client { email: "b@x.example".into(), ..changed };
    let moved = clients.update_client(update(given, &["email"])).await.unwrap().into_inner();
    assert_eq!(moved.email, "b@x.example");
    let mut service = ClientsClient::new(harness.peer("tickets"));
    let request = wire::GetProfileRequest { client: moved.name.clone() };
    let profile = service.get_profile(request).await.unwrap().into_inner();
    let main: Vec<_> = profile.contacts.iter().filter(|c| c.main).collect();
    assert_eq!(main.len(), 1);
    assert_eq!(main[0].email, "b@x.example");
    assert_eq!(profile.contacts.len(), 2, "the person before stays a contact");
    harness.finish().await;
}

/// Search finds by number, company, family name, address and its beginning; pages follow the
/// number.
#[tokio::test]
async fn lists_search_and_page() {
    let harness = start().await;
    for n in 1..=5 {
        let mut client = company(&format!("buh{n}@x.example"));
        client.company = format!("ООО «Пример {n}»");
        client.family_name = format!("Иванов-{n}");
        create(&harness, client).await.unwrap();
    }
    let mut clients = ClientsClient::new(harness.client_as(Role::Support));
    for (query, found) in
        [("3", 1), ("пример", 5), ("ооо «пример", 5), ("иванов-2", 1), ("BUH4@", 1), ("%", 0)]
    {
        let request = wire::ListClientsRequest { query: query.into(), ..Default::default() };
        let page = clients.list_clients(request).await.unwrap().into_inner();
        assert_eq!(page.total_size, found, "{query}");
    }
    let mut numbers = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = wire::ListClientsRequest { page_size: 2, page_token, ..Default::default() };
        let page = clients.list_clients(request).await.unwrap().into_inner();
        assert_eq!(page.total_size, 5);
        numbers.extend(page.clients.iter().map(|c| c.number));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(numbers, [5, 4, 3, 2, 1]);
    let request = wire::ListClientsRequest { page_size: -1, ..Default::default() };
    let negative = clients.list_clients(request).await;
    refused(negative, Code::InvalidArgument, "INVALID_FIELDS");
    harness.finish().await;
}

/// The first payment moves a client from sales to care, once; an event seen again changes nothing.
#[tokio::test]
async fn the_first_payment_moves_a_client_to_care() {
    let harness = start().await;
    let client = create(&harness, company("a@x.example")).await.unwrap();
    let frame = harness.frame();
    let follower = clients_svc::jobs::follow_invoicing::FollowInvoicing::new(frame);
    let paid = InvoicePaid { first: true, ..Default::default() };
    let event = testkit::event(client.name.parse().unwrap(), &paid);
    for _ in 0..2 {
        let mut tx = frame.begin().await.unwrap();
        follower.apply(&mut tx, &event, ()).await.unwrap();
        tx.commit().await.unwrap();
    }
    frame.wake();
    let mut clients = ClientsClient::new(harness.client_as(Role::Sales));
    let request = wire::GetClientRequest { name: client.name };
    let read = clients.get_client(request).await.unwrap().into_inner();
    assert_eq!(read.stage(), wire::client::Stage::Care);
    assert_eq!(read.etag, "\"2\"", "the second time changed nothing");
    harness.finish().await;
}

/// A48, A57, A93: a client is marked, for all who follow, and the mark is taken back by the mask
/// alone.
#[tokio::test]
async fn a_client_is_marked() {
    let harness = start().await;
    let client = create(&harness, company("buh@one.example")).await.unwrap();
    assert!(!client.never_suspend && !client.no_overdue_notices);
    let mut clients = ClientsClient::new(harness.client_as(Role::AccountManager));
    let mut told = ClientsClient::new(harness.peer("invoicing"));
    let marks = [("never_suspend", true, false), ("no_overdue_notices", true, true)];
    let unmarks = [("never_suspend", false, true), ("no_overdue_notices", false, false)];
    for (path, never_suspend, no_overdue_notices) in marks.into_iter().chain(unmarks) {
        let request = wire::UpdateClientRequest {
            client: Some(wire::Client {
                name: client.name.clone(),
                never_suspend,
                no_overdue_notices,
                ..Default::default()
            }),
            update_mask: Some(prost_types::FieldMask { paths: vec![path.into()] }),
            request_id: request_id(),
        };
        let changed = clients.update_client(request).await.unwrap().into_inner();
        let told_now = (changed.never_suspend, changed.no_overdue_notices);
        assert_eq!(
            (told_now, &changed.company),
            ((never_suspend, no_overdue_notices), &client.company)
        );
        let request = wire::GetProfileRequest { client: client.name.clone() };
        let profile = told.get_profile(request).await.unwrap().into_inner();
        assert_eq!((profile.never_suspend, profile.no_overdue_notices), told_now);
    }
    harness.finish().await;
}

/// A93: a colleague looks after a client; nobody else may be named.
#[tokio::test]
async fn a_colleague_looks_after_a_client() {
    let harness = start().await;
    let mut staff = StaffClient::new(harness.client_as(Role::Admin));
    let member = wire::StaffMember {
        email: "care@company.example".into(),
        display_name: "Тимофей Заботин".into(),
        roles: vec![Role::AccountManager.into()],
        ..Default::default()
    };
    let request =
        wire::CreateStaffMemberRequest { staff_member: Some(member), request_id: request_id() };
    let made = staff.create_staff_member(request).await.unwrap().into_inner();
    let manager = made.staff_member.unwrap().name;
    let mut wish = company("buh@one.example");
    wish.manager = manager.clone();
    let client = create(&harness, wish).await.unwrap();
    assert_eq!(client.manager, manager);
    let mut clients = ClientsClient::new(harness.client_as(Role::AccountManager));
    let update = |to: &str| {
        let client = wire::Client { manager: to.into(), etag: String::new(), ..client.clone() };
        let request = wire::UpdateClientRequest {
            client: Some(client),
            update_mask: Some(prost_types::FieldMask { paths: vec!["manager".into()] }),
            request_id: request_id(),
        };
        let mut clients = clients.clone();
        async move { clients.update_client(request).await }
    };
    let stranger = update(&types::id::StaffId::generate().to_string()).await.unwrap_err();
    assert_eq!(fields(&stranger), ["client.manager"]);
    let nobody = update("").await.unwrap().into_inner();
    assert_eq!(nobody.manager, "");
    assert_eq!(nobody.company, client.company, "nothing else changes");
    let name = client.name.clone();
    let read = clients.get_client(wire::GetClientRequest { name }).await.unwrap().into_inner();
    assert_eq!(read.manager, "");
    harness.finish().await;
}
