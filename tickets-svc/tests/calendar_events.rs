//! The calendar of staff.

use crate::{World, date, fields, refused, request_id};
use prost_types::FieldMask;
use proto::{
    google::r#type::Date,
    tickets::v1::{
        CalendarEvent, CreateCalendarEventRequest, DeleteCalendarEventRequest,
        ListCalendarEventsRequest, UpdateCalendarEventRequest,
        calendar_events_client::CalendarEventsClient,
    },
};
use service::{PeerChannel, Role};
use testkit::harness::staff;
use tonic::{Code, Response, Status};

fn events(world: &World) -> CalendarEventsClient<PeerChannel> {
    CalendarEventsClient::new(world.harness.client_as(Role::Treasury))
}

fn event(title: &str, day: &str, time: &str) -> CalendarEvent {
    CalendarEvent {
        title: title.into(),
        date: date(day),
        start_time: time.into(),
        ..Default::default()
    }
}

async fn create(world: &World, event: CalendarEvent) -> Result<Response<CalendarEvent>, Status> {
    let request =
        CreateCalendarEventRequest { calendar_event: Some(event), request_id: request_id() };
    events(world).create_calendar_event(request).await
}

async fn change(
    world: &World,
    event: CalendarEvent,
    paths: &[&str],
) -> Result<Response<CalendarEvent>, Status> {
    let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
    let request = UpdateCalendarEventRequest {
        calendar_event: Some(event),
        update_mask: Some(FieldMask { paths }),
        request_id: request_id(),
    };
    events(world).update_calendar_event(request).await
}

async fn delete(world: &World, name: &str, etag: &str) -> Result<Response<CalendarEvent>, Status> {
    let request = DeleteCalendarEventRequest {
        name: name.into(),
        etag: etag.into(),
        request_id: request_id(),
    };
    events(world).delete_calendar_event(request).await
}

/// The titles of a month, read by pages of two.
async fn month(world: &World, day: &str) -> Vec<String> {
    let mut request =
        ListCalendarEventsRequest { month: date(day), page_size: 2, ..Default::default() };
    let mut titles = Vec::new();
    loop {
        let page = events(world).list_calendar_events(request.clone()).await.unwrap().into_inner();
        titles.extend(page.calendar_events.into_iter().map(|event| event.title));
        if page.next_page_token.is_empty() {
            assert_eq!(usize::try_from(page.total_size).unwrap(), titles.len());
            return titles;
        }
        request.page_token = page.next_page_token;
    }
}

/// A17, A22, A23: events stand on their days in order, those of the whole day first; no month is
/// this one.
#[tokio::test]
async fn events_stand_on_their_days() {
    let world = World::bare().await;
    for (title, day, time) in [
        ("Вечер", "2019-02-28", "18:00"),
        ("Утро", "2019-02-28", "09:30"),
        ("Выходной", "2019-02-28", ""),
        ("Начало", "2019-02-01", "10:00"),
        ("Март", "2019-03-01", ""),
    ] {
        let made = create(&world, event(title, day, time)).await.unwrap().into_inner();
        assert_eq!((made.start_time.as_str(), made.author), (time, staff(&[]).actor));
    }
    assert_eq!(month(&world, "2019-02-15").await, ["Начало", "Выходной", "Утро", "Вечер"]);
    assert_eq!(month(&world, "").await, month(&world, "2019-02-15").await, "it is February");
    assert_eq!(month(&world, "2019-03-31").await, ["Март"]);
    assert_eq!(month(&world, "2019-04-01").await, Vec::<String>::new());
    world.finish().await;
}

/// A23: an event is moved, is given people, loses its time, and is called off.
#[tokio::test]
async fn an_event_changes_and_goes() {
    let world = World::bare().await;
    let made = create(&world, event("Планёрка", "2019-02-28", "10:00")).await.unwrap().into_inner();
    let me = staff(&[]).actor;
    let wish = CalendarEvent {
        date: date("2019-03-01"),
        start_time: String::new(),
        staff: vec![me.clone(), me.clone()],
        ..made.clone()
    };
    let moved = change(&world, wish, &["date", "start_time", "staff"]).await.unwrap().into_inner();
    assert_eq!((moved.title.as_str(), moved.date), ("Планёрка", date("2019-03-01")));
    assert_eq!((moved.start_time.as_str(), moved.staff.as_slice()), ("", &[me][..]));
    refused(change(&world, made.clone(), &["title"]).await, Code::Aborted, "STALE_ETAG");
    refused(delete(&world, &made.name, &made.etag).await, Code::Aborted, "STALE_ETAG");
    delete(&world, &moved.name, &moved.etag).await.unwrap();
    refused(delete(&world, &moved.name, "").await, Code::NotFound, "NOT_FOUND");
    refused(change(&world, moved, &["title"]).await, Code::NotFound, "NOT_FOUND");
    world.finish().await;
}

#[tokio::test]
async fn every_bad_field_of_an_event_is_named_at_once() {
    let world = World::bare().await;
    let bad = CalendarEvent { staff: vec!["я".into()], ..event(" ", "", "9:30") };
    let named = fields(&create(&world, bad).await.unwrap_err());
    let all = ["title", "date", "start_time", "staff"].map(|f| format!("calendar_event.{f}"));
    assert_eq!(named, all);
    let nobody = types::id::StaffId::generate().to_string();
    let nobodys =
        CalendarEvent { staff: vec![nobody], ..event("Встреча", "2019-03-01", "") };
    let refusal = create(&world, nobodys).await.unwrap_err();
    assert_eq!(fields(&refusal), ["calendar_event.staff"]);
    let many = vec![staff(&[]).actor; 51];
    let crowd = CalendarEvent { staff: many, ..event("Встреча", "2019-03-01", "") };
    assert_eq!(fields(&create(&world, crowd).await.unwrap_err()), ["calendar_event.staff"]);
    let made = create(&world, event("Встреча", "2019-03-01", "")).await.unwrap().into_inner();
    let dateless = CalendarEvent { date: None, ..made.clone() };
    let refusal = change(&world, dateless, &["date"]).await.unwrap_err();
    assert_eq!(fields(&refusal), ["calendar_event.date"]);
    let refusal = change(&world, made.clone(), &["author"]).await.unwrap_err();
    assert_eq!(fields(&refusal), ["update_mask"]);
    assert_eq!(fields(&delete(&world, "events/1", "").await.unwrap_err()), ["name"]);
    let no_day = ListCalendarEventsRequest {
        month: Some(Date { year: 2019, month: 13, day: 1 }),
        ..Default::default()
    };
    let mut auditor = CalendarEventsClient::new(world.harness.client_as(Role::Auditor));
    assert_eq!(fields(&auditor.list_calendar_events(no_day).await.unwrap_err()), ["month"]);
    let request =
        CreateCalendarEventRequest { calendar_event: Some(made), request_id: request_id() };
    let denied = auditor.create_calendar_event(request).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    world.finish().await;
}
