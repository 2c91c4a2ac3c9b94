//! What staff are to do, and their calendar.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Europe::Moscow;
use proto::{
    convert,
    google::r#type::Date,
    system::v1::{GetClockRequest, clock_client::ClockClient},
    tickets::v1::{
        CalendarEvent, ListCalendarEventsRequest, ListTasksRequest, Task,
        calendar_events_client::CalendarEventsClient, tasks_client::TasksClient,
    },
};
use service::{Scope, peers::PeerChannel};
use tonic::Status;

/// Of one's own items, those shown.
const OWN: i32 = 10;
/// Most items, and most events, of a month.
const MONTH: i32 = 1000;

/// What staff are to do, and their calendar.
pub struct Plans {
    /// What the caller is to do, soonest due first.
    pub own: Vec<Task>,
    /// How much that is in all.
    pub count: i32,
    /// What anybody is to do by a day of the month.
    pub tasks: Vec<Task>,
    /// Events of the month.
    pub events: Vec<CalendarEvent>,
}

/// The plans of a day's month, for whoever looks; of this one when no day is given.
///
/// # Errors
/// What the service answers.
pub async fn of(
    tickets: PeerChannel,
    clock: PeerChannel,
    scope: &Scope,
    day: Option<Date>,
) -> Result<Plans, Status> {
    let day = match day {
        Some(day) => day,
        None => today(clock).await?,
    };
    let (first, last) = month(day);
    let mut own = TasksClient::new(tickets.clone());
    let mut tasks = TasksClient::new(tickets.clone());
    let mut events = CalendarEventsClient::new(tickets);
    let is_staff = scope.actor.starts_with("staff/");
    let (own, tasks, events) = tokio::try_join!(
        own.list_tasks(ListTasksRequest {
            assignee: if is_staff { scope.actor.clone() } else { String::new() },
            page_size: OWN,
            ..Default::default()
        }),
        tasks.list_tasks(ListTasksRequest {
            show_done: true,
            start_date: first,
            last_day: last,
            page_size: MONTH,
            ..Default::default()
        }),
        events.list_calendar_events(ListCalendarEventsRequest {
            month: Some(day),
            page_size: MONTH,
            ..Default::default()
        }),
    )?;
    let own = own.into_inner();
    Ok(Plans {
        count: own.total_size,
        own: own.tasks,
        tasks: tasks.into_inner().tasks,
        events: events.into_inner().calendar_events,
    })
}

/// Today in Moscow, by the clock of the suite.
async fn today(clock: PeerChannel) -> Result<Date, Status> {
    let now = ClockClient::new(clock).get_clock(GetClockRequest {}).await?.into_inner().now;
    let now = now.as_ref().and_then(|now| convert::instant(now).ok());
    let now = now.ok_or_else(|| Status::internal("the clock tells no time"))?;
    Ok(now.with_timezone(&Moscow).date_naive().into())
}

/// The first and the last day of a day's month; none for what is no day, which is refused where the
/// events of its month are asked for.
fn month(day: Date) -> (Option<Date>, Option<Date>) {
    let Ok(day) = NaiveDate::try_from(&day) else { return (None, None) };
    let last = day.with_day(u32::from(day.num_days_in_month()));
    (day.with_day(1).map(Into::into), last.map(Into::into))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_days() {
        let date = |year, month, day| Date { year, month, day };
        let whole = month(date(2024, 2, 10));
        assert_eq!(whole, (Some(date(2024, 2, 1)), Some(date(2024, 2, 29))));
        assert_eq!(month(date(2024, 2, 30)), (None, None));
    }
}
