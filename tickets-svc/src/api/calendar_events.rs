//! `CalendarEvents`: the calendar of staff (A22, A23).

use super::{colleagues, parse};
use crate::{
    domain::calendar_events::{self, CalendarEvent, STAFF_MAX, Title},
    store::{self, calendar_events::After},
};
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Europe::Moscow;
use proto::{
    convert,
    tickets::v1::{
        CalendarEvent as Wire, CreateCalendarEventRequest, DeleteCalendarEventRequest,
        ListCalendarEventsRequest, ListCalendarEventsResponse, UpdateCalendarEventRequest,
        calendar_events_server::CalendarEvents,
    },
};
use service::{
    Failure, Frame, Scope, Text, Violations, check_etag, etag, idempotency, mask::Mask, page,
};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::id::{CalendarEventId, StaffId};

/// Fields that an update may change.
const FIELDS: [&str; 4] = ["title", "date", "start_time", "staff"];
/// The form of a name.
const FORM: &str = "calendarEvents/{calendar_event}";

/// The gRPC service.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
}

/// What a request says of the fields that it is about.
struct Given {
    title: Option<Title>,
    day: Option<NaiveDate>,
    start: Option<NaiveTime>,
    staff: Vec<StaffId>,
}

impl Api {
    /// The service over a frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }

    async fn list(
        &self,
        request: ListCalendarEventsRequest,
    ) -> Result<ListCalendarEventsResponse, Failure> {
        let mut v = Violations::default();
        let day = parse::date(&mut v, "month", request.month.as_ref());
        v.finish()?;
        let day = day.unwrap_or_else(|| self.frame.clock.today(Moscow));
        let month = calendar_events::month(day);
        let page = page::Page::read(request.page_size, &request.page_token, &month)?;
        let mut conn = self.frame.pool.acquire().await?;
        let after = page.after();
        let rows = store::calendar_events::list(&mut conn, month, after, page.limit()).await?;
        let total = store::calendar_events::count(&mut conn, month, page::TOTAL_CAP).await?;
        let cursor =
            |event: &CalendarEvent| After { day: event.day, start: event.start, id: event.id.0 };
        let (rows, next_page_token) = page.finish(rows, cursor);
        Ok(ListCalendarEventsResponse {
            calendar_events: rows.into_iter().map(wire).collect(),
            next_page_token,
            total_size: parse::total(total),
        })
    }

    async fn create(&self, request: Request<CreateCalendarEventRequest>) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let author = Scope::of(&request)?.actor;
        let asked = request.into_inner().calendar_event.unwrap_or_default();
        let given = parsed(&asked, |_, _| true)?;
        self.known(&given.staff).await?;
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let event = CalendarEvent {
            id: CalendarEventId::generate(),
            title: given.title.ok_or_else(unparsed)?,
            day: given.day.ok_or_else(unparsed)?,
            start: given.start,
            staff: given.staff,
            author,
            revision: 1,
            created: now,
            updated: now,
        };
        store::calendar_events::insert(&mut tx, &event).await?;
        let reply = idempotency::finish(&mut tx, key, wire(event)).await?;
        tx.commit().await?;
        Ok(reply)
    }

    async fn update(&self, request: Request<UpdateCalendarEventRequest>) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let request = request.into_inner();
        let asked = request.calendar_event.unwrap_or_default();
        let id: CalendarEventId = parse::only_name("calendar_event.name", &asked.name, FORM)?;
        let mask = Mask::read(request.update_mask.as_ref(), &FIELDS)?;
        let has = |field: &str, populated| mask.has(field, populated);
        let given = parsed(&asked, has)?;
        self.known(&given.staff).await?;
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let event = locked(&mut tx, id).await?;
        check_etag(&asked.etag, event.revision)?;
        let start = has("start_time", !asked.start_time.is_empty());
        let staff = has("staff", !asked.staff.is_empty());
        let event = CalendarEvent {
            title: given.title.unwrap_or(event.title),
            day: given.day.unwrap_or(event.day),
            start: if start { given.start } else { event.start },
            staff: if staff { given.staff } else { event.staff },
            revision: event.revision + 1,
            updated: now,
            ..event
        };
        store::calendar_events::update(&mut tx, &event).await?;
        let reply = idempotency::finish(&mut tx, key, wire(event)).await?;
        tx.commit().await?;
        Ok(reply)
    }

    async fn delete(&self, request: Request<DeleteCalendarEventRequest>) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let request = request.into_inner();
        let id: CalendarEventId = parse::only_name("name", &request.name, FORM)?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let event = locked(&mut tx, id).await?;
        check_etag(&request.etag, event.revision)?;
        store::calendar_events::delete(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, wire(event)).await?;
        tx.commit().await?;
        Ok(reply)
    }

    /// Asks, before anything begins, whether there are such people.
    async fn known(&self, staff: &[StaffId]) -> Result<(), Failure> {
        for one in staff {
            colleagues::known(&self.frame, "calendar_event.staff", *one).await?;
        }
        Ok(())
    }
}

async fn locked(conn: &mut PgConnection, id: CalendarEventId) -> Result<CalendarEvent, Failure> {
    let event = store::calendar_events::lock(conn, id).await?;
    event.ok_or_else(|| Failure::not_found(id.to_string()))
}

/// Reads the fields that a request is about; `has` tells which those are.
fn parsed(asked: &Wire, has: impl Fn(&str, bool) -> bool) -> Result<Given, Failure> {
    let mut v = Violations::default();
    let title = has("title", !asked.title.is_empty()).then(|| Title::parse(&asked.title));
    let title = title.transpose().map_err(|e| Text::of(&e));
    let title = v.take("calendar_event.title", title).flatten();
    let day = parse::date(&mut v, "calendar_event.date", asked.date.as_ref());
    if has("date", asked.date.is_some()) && asked.date.is_none() {
        v.field("calendar_event.date", Text::new("Укажите день.", "Give the day."));
    }
    let start = calendar_events::time(&asked.start_time);
    if start.is_none() && !asked.start_time.is_empty() {
        let text = Text::new("Время вида 09:30.", "A time such as 09:30.");
        v.field("calendar_event.start_time", text);
    }
    if asked.staff.len() > STAFF_MAX {
        let text = Text::new(
            format!("До {STAFF_MAX} человек; никого — значит все."),
            format!("At most {STAFF_MAX} people; nobody means everybody."),
        );
        v.field("calendar_event.staff", text);
    }
    let people = asked.staff.iter().take(STAFF_MAX);
    let mut staff: Vec<StaffId> = people
        .filter_map(|name| parse::name(&mut v, "calendar_event.staff", name, "staff/{staff}"))
        .collect();
    staff.sort_unstable();
    staff.dedup();
    v.finish()?;
    Ok(Given { title, day, start, staff })
}

fn unparsed() -> Failure {
    Failure::internal("a field is missing without a violation")
}

#[tonic::async_trait]
impl CalendarEvents for Api {
    async fn list_calendar_events(
        &self,
        request: Request<ListCalendarEventsRequest>,
    ) -> Result<Response<ListCalendarEventsResponse>, Status> {
        Ok(Response::new(self.list(request.into_inner()).await?))
    }

    async fn create_calendar_event(
        &self,
        request: Request<CreateCalendarEventRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.create(request).await?))
    }

    async fn update_calendar_event(
        &self,
        request: Request<UpdateCalendarEventRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.update(request).await?))
    }

    async fn delete_calendar_event(
        &self,
        request: Request<DeleteCalendarEventRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.delete(request).await?))
    }
}

fn wire(event: CalendarEvent) -> Wire {
    Wire {
        name: event.id.to_string(),
        title: event.title.as_str().into(),
        date: Some(event.day.into()),
        start_time: event.start.map(calendar_events::written).unwrap_or_default(),
        staff: event.staff.iter().map(ToString::to_string).collect(),
        author: event.author,
        etag: etag(event.revision),
        create_time: Some(convert::timestamp(event.created)),
        update_time: Some(convert::timestamp(event.updated)),
    }
}
