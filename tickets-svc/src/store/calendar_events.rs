//! The calendar of staff.

use super::rows;
use crate::domain::calendar_events::{CalendarEvent, Title};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use service::Failure;
use sqlx::PgConnection;
use types::id::{CalendarEventId, StaffId};
use uuid::Uuid;

struct Row {
    id: Uuid,
    title: String,
    day: NaiveDate,
    start_time: Option<NaiveTime>,
    staff: Vec<Uuid>,
    author: String,
    revision: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for CalendarEvent {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.into(),
            title: rows::word("calendar_events.title", Title::parse(&row.title).ok())?,
            day: row.day,
            start: row.start_time,
            staff: row.staff.into_iter().map(StaffId::from).collect(),
            author: row.author,
            revision: row.revision,
            created: row.created_at,
            updated: row.updated_at,
        })
    }
}

fn people(event: &CalendarEvent) -> Vec<Uuid> {
    event.staff.iter().map(|staff| staff.0).collect()
}

/// Stores a new event.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut PgConnection, event: &CalendarEvent) -> Result<(), Failure> {
    sqlx::query!(
        "insert into calendar_events (id, title, day, start_time, staff, author, revision,
             created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        event.id.0,
        event.title.as_str(),
        event.day,
        event.start,
        &people(event),
        event.author,
        event.revision,
        event.created,
        event.updated,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores what changed of a locked event, its revision included.
///
/// # Errors
/// Those of the database.
pub async fn update(conn: &mut PgConnection, event: &CalendarEvent) -> Result<(), Failure> {
    sqlx::query!(
        "update calendar_events
         set title = $2, day = $3, start_time = $4, staff = $5, revision = $6, updated_at = $7
         where id = $1",
        event.id.0,
        event.title.as_str(),
        event.day,
        event.start,
        &people(event),
        event.revision,
        event.updated,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes an event.
///
/// # Errors
/// Those of the database.
pub async fn delete(conn: &mut PgConnection, id: CalendarEventId) -> Result<(), Failure> {
    sqlx::query!("delete from calendar_events where id = $1", id.0).execute(conn).await?;
    Ok(())
}

/// An event, locked until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn lock(
    conn: &mut PgConnection,
    id: CalendarEventId,
) -> Result<Option<CalendarEvent>, Failure> {
    let row = sqlx::query_as!(
        Row,
        "select id, title, day, start_time, staff, author, revision, created_at, updated_at
         from calendar_events where id = $1 for update",
        id.0,
    )
    .fetch_optional(conn)
    .await?;
    row.map(CalendarEvent::try_from).transpose()
}

/// Where a page begins: behind this event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct After {
    /// Its day.
    pub day: NaiveDate,
    /// When it begins.
    pub start: Option<NaiveTime>,
    /// Its id.
    pub id: Uuid,
}

/// A page of the events from a day until before another, in order; those of the whole day first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    (first, end): (NaiveDate, NaiveDate),
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<CalendarEvent>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, title, day, start_time, staff, author, revision, created_at, updated_at
         from calendar_events
         where day >= $1 and day < $2
           and ($3::date is null
                or (day, coalesce(start_time, '00:00'), id)
                    > ($3, coalesce($4::time, '00:00'), $5::uuid))
         order by day, coalesce(start_time, '00:00'), id limit $6",
        first,
        end,
        after.map(|after| after.day),
        after.and_then(|after| after.start),
        after.map(|after| after.id),
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(CalendarEvent::try_from).collect()
}

/// How many events there are from a day until before another, counted up to a limit.
///
/// # Errors
/// Those of the database.
pub async fn count(
    conn: &mut PgConnection,
    (first, end): (NaiveDate, NaiveDate),
    limit: i64,
) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
             select 1 from calendar_events where day >= $1 and day < $2 limit $3) as counted"#,
        first,
        end,
        limit,
    );
    Ok(count.fetch_one(conn).await?)
}
