//! Mailboxes.

use crate::{World, fields, refused, request_id};
use proto::tickets::v1::{
    CreateMailboxRequest, ListMailboxesRequest, Mailbox, mailboxes_client::MailboxesClient,
};
use service::Role;
use tonic::Code;

fn support() -> Mailbox {
    Mailbox {
        address: "ok@company.example".into(),
        department: "support".into(),
        ..Mailbox::default()
    }
}

fn create(mailbox: Mailbox) -> CreateMailboxRequest {
    CreateMailboxRequest { mailbox: Some(mailbox), request_id: request_id() }
}

/// A27: a mailbox promises two hours of processing unless told otherwise.
#[tokio::test]
async fn a_mailbox_promises_two_hours() {
    let world = World::bare().await;
    let mut mailboxes = MailboxesClient::new(world.harness.client_as(Role::Admin));
    let request = create(support());
    let made = mailboxes.create_mailbox(request.clone()).await.unwrap().into_inner();
    assert_eq!((made.processing_minutes, made.first_response_minutes), (120, 30));

    // The same call again is answered, not repeated.
    let again = mailboxes.create_mailbox(request.clone()).await.unwrap().into_inner();
    assert_eq!(again, made);
    let other = Mailbox { display_name: "x".into(), ..support() };
    let reused = CreateMailboxRequest { mailbox: Some(other), ..request };
    let reused = mailboxes.create_mailbox(reused).await;
    refused(reused, Code::InvalidArgument, "REQUEST_ID_REUSED");

    let taken = Mailbox { address: "OK@company.example".into(), ..support() };
    let taken = mailboxes.create_mailbox(create(taken)).await;
    refused(taken, Code::AlreadyExists, "MAILBOX_EXISTS");
    world.finish().await;
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let world = World::bare().await;
    let mut mailboxes = MailboxesClient::new(world.harness.client_as(Role::Operator));
    let bad = Mailbox {
        address: "ok".into(),
        display_name: "a\nb".into(),
        department: "Поддержка".into(),
        processing_minutes: -1,
        first_response_minutes: 50_000,
        ..Mailbox::default()
    };
    let status = mailboxes.create_mailbox(create(bad)).await;
    let status = refused(status, Code::InvalidArgument, "INVALID_FIELDS");
    let named = fields(&status);
    for field in
        ["address", "display_name", "department", "processing_minutes", "first_response_minutes"]
    {
        assert!(named.contains(&format!("mailbox.{field}")), "{named:?}");
    }
    let nameless = CreateMailboxRequest { request_id: "1".into(), ..create(support()) };
    let status = mailboxes.create_mailbox(nameless).await;
    let status = refused(status, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&status), ["request_id"]);
    let mut support_staff = MailboxesClient::new(world.harness.client_as(Role::Support));
    let denied = support_staff.create_mailbox(create(support())).await;
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied);
    world.finish().await;
}

/// G30: the clocks of a letter run by the calendar of the mailbox that it came to.
#[tokio::test]
async fn clocks_run_by_the_calendar_of_the_mailbox() {
    let world = World::bare().await;
    world.mailbox("ok@company.example", |mailbox| mailbox.calendar_country = "RU".into()).await;
    world
        .mailbox("kz@company.example", |mailbox| {
            mailbox.calendar_country = "KZ".into();
            mailbox.working_hours = "10:00-13:00,14:00-19:00".into();
            mailbox.time_zone = "Asia/Aqtau".into();
        })
        .await;
    // Friday 15.03.2019 at 17:30 in Moscow, 19:30 in Aqtau.
    world.harness.advance("2019-03-15T14:30:00Z").await;
    for (mailbox, due) in [
        ("ok@company.example", "2019-03-18T07:30:00Z"),
        ("kz@company.example", "2019-03-18T07:00:00Z"),
    ] {
        let raw = crate::letter(mailbox, "", mailbox).replace("ok@company.example", mailbox);
        let done = world.ingest(raw).await;
        let due: chrono::DateTime<chrono::Utc> = due.parse().unwrap();
        let ticket = world.ticket(&done.ticket).await;
        assert_eq!(ticket.due_time.map(|t| t.seconds), Some(due.timestamp()), "{mailbox}");
    }
    let mut mailboxes = MailboxesClient::new(world.harness.client_as(Role::Admin));
    for (country, hours, zone, field) in [
        ("DE", "", "", "calendar_country"),
        ("RU", "18-9", "", "working_hours"),
        ("RU", "", "Mars/Base", "time_zone"),
    ] {
        let bad = Mailbox {
            calendar_country: country.into(),
            working_hours: hours.into(),
            time_zone: zone.into(),
            ..support()
        };
        let status = mailboxes.create_mailbox(create(bad)).await;
        let status = refused(status, Code::InvalidArgument, "INVALID_FIELDS");
        assert_eq!(fields(&status), [format!("mailbox.{field}")]);
    }
    world.finish().await;
}

#[tokio::test]
async fn mailboxes_are_listed_by_pages() {
    let world = World::bare().await;
    for n in 0..3 {
        world.mailbox(&format!("box{n}@company.example"), |_| {}).await;
    }
    let mut mailboxes = MailboxesClient::new(world.harness.client_as(Role::Auditor));
    let mut token = String::new();
    let mut seen = Vec::new();
    loop {
        let request = ListMailboxesRequest { page_size: 2, page_token: token };
        let page = mailboxes.list_mailboxes(request).await.unwrap().into_inner();
        assert_eq!(page.total_size, 3);
        seen.extend(page.mailboxes.into_iter().map(|mailbox| mailbox.address));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["box0@company.example", "box1@company.example", "box2@company.example"]);
    let request = ListMailboxesRequest { page_size: -1, page_token: String::new() };
    refused(mailboxes.list_mailboxes(request).await, Code::InvalidArgument, "INVALID_FIELDS");
    world.finish().await;
}
