//! Mailboxes.

use crate::{World, fields, refused, request_id};
use proto::tickets::v1::{
    CreateMailboxRequest, ListMailboxesRequest, Mailbox, UpdateMailboxRequest,
    mailboxes_client::MailboxesClient,
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

fn update(mailbox: Mailbox, paths: &[&str]) -> UpdateMailboxRequest {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    UpdateMailboxRequest {
        mailbox: Some(mailbox),
        update_mask: Some(prost_types::FieldMask { paths }),
        request_id: request_id(),
    }
}

/// What a mailbox promises may be changed; clocks that run keep what was promised.
#[tokio::test]
async fn a_mailbox_is_changed() {
    let world = World::bare().await;
    let mut mailboxes = MailboxesClient::new(world.harness.client_as(Role::Admin));
    let made = mailboxes.create_mailbox(create(support())).await.unwrap().into_inner();
    let asked = Mailbox {
        name: made.name.clone(),
        etag: made.etag.clone(),
        display_name: "Забота".into(),
        calendar_country: "KZ".into(),
        working_hours: "10:00-19:00".into(),
        processing_minutes: 60,
        address: "other@company.example".into(),
        ..Mailbox::default()
    };
    let changed = mailboxes.update_mailbox(update(asked.clone(), &[])).await.unwrap().into_inner();
    assert_eq!(changed.address, made.address, "the address stays");
    assert_eq!((changed.display_name.as_str(), changed.processing_minutes), ("Забота", 60));
    assert_eq!(
        (changed.calendar_country.as_str(), changed.working_hours.as_str()),
        ("KZ", "10:00-19:00")
    );
    assert!(changed.time_zone.starts_with("Asia/"), "{}", changed.time_zone);
    assert_eq!(changed.department, "support");

    // Who looked at it before the change is told so.
    let stale = mailboxes.update_mailbox(update(asked.clone(), &["display_name"])).await;
    assert_eq!(stale.unwrap_err().code(), Code::Aborted);
    // Another country has its own hours; none has none.
    let moved = Mailbox { calendar_country: "RU".into(), etag: String::new(), ..asked.clone() };
    let moved = mailboxes.update_mailbox(update(moved, &["calendar_country"])).await.unwrap();
    let moved = moved.into_inner();
    assert_eq!(
        (moved.working_hours.as_str(), moved.time_zone.as_str()),
        ("09:00-18:00", "Europe/Moscow")
    );
    let round = Mailbox { calendar_country: String::new(), ..moved };
    let round = mailboxes.update_mailbox(update(round, &["calendar_country"])).await.unwrap();
    assert_eq!(round.into_inner().working_hours, "");

    // tickets.md §5.5 (22): what is promised stays promised.
    let opened = world.ingest(crate::letter("1", "", "Прошу счёт")).await;
    let due = world.ticket(&opened.ticket).await.due_time;
    let later = Mailbox { processing_minutes: 600, etag: String::new(), ..asked.clone() };
    mailboxes.update_mailbox(update(later, &["processing_minutes"])).await.unwrap();
    assert_eq!(world.ticket(&opened.ticket).await.due_time, due);

    world.finish().await;
}

/// Fields, names and people that an update is refused for.
#[tokio::test]
async fn a_mailbox_is_not_changed_by_anybody_into_anything() {
    let world = World::bare().await;
    let mut mailboxes = MailboxesClient::new(world.harness.client_as(Role::Admin));
    let made = mailboxes.create_mailbox(create(support())).await.unwrap().into_inner();
    let asked = Mailbox { name: made.name, ..Mailbox::default() };
    let bad = Mailbox { department: "Отдел".into(), ..asked.clone() };
    let bad = mailboxes.update_mailbox(update(bad, &["department"])).await;
    let bad = refused(bad, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&bad), ["mailbox.department"]);
    let fixed = mailboxes.update_mailbox(update(asked.clone(), &["address"])).await;
    assert_eq!(fixed.unwrap_err().code(), Code::InvalidArgument);
    let nowhere = Mailbox { name: format!("mailboxes/{}", uuid::Uuid::now_v7()), ..asked.clone() };
    let nowhere = mailboxes.update_mailbox(update(nowhere, &[])).await;
    assert_eq!(nowhere.unwrap_err().code(), Code::NotFound);
    let mut support_staff = MailboxesClient::new(world.harness.client_as(Role::Support));
    let denied = support_staff.update_mailbox(update(asked, &[])).await;
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied);
    world.finish().await;
}
