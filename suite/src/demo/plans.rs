//! What staff are to do around today, and when they meet.

use super::{
    clients::Customer,
    office::{Desk, Office, request_id},
};
use anyhow::Result;
use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use proto::tickets::v1::{
    CalendarEvent, CreateCalendarEventRequest, CreateTaskRequest, Task,
    calendar_events_client::CalendarEventsClient, tasks_client::TasksClient,
};

/// Something to do: text, days from today, at which desk (or whoever comes first), about which
/// client, and whether it is done.
type Item = (&'static str, i64, Option<Desk>, Option<usize>, bool);

const ITEMS: [Item; 14] = [
    ("Сверить остаток в банке с книгами за месяц", -16, Some(Desk::Treasury), None, true),
    ("Отправить оригиналы актов курьером", -9, Some(Desk::Accountant), Some(4), true),
    ("Поздравить с годовщиной договора", -6, Some(Desk::Care), Some(11), true),
    ("Проверить резервные копии на сервере 3", -2, Some(Desk::Technician), None, false),
    ("Перезвонить: просили счёт на год вперёд", -1, None, Some(7), false),
    ("Подписать доп. соглашение о новых ценах", 0, None, Some(5), false),
    ("Спросить про продление лицензий", 0, Some(Desk::Care), Some(2), false),
    ("Договориться с должником о графике оплаты", 1, Some(Desk::Treasury), Some(12), false),
    ("Подготовить акт сверки за квартал", 2, None, Some(9), false),
    ("Заказать два телефонных аппарата на склад", 3, Some(Desk::Technician), None, false),
    ("Обновить прайс на сайте", 6, None, None, false),
    ("Предложить годовую оплату со скидкой", 8, Some(Desk::Sales), Some(15), false),
    ("Продлить сертификат почтового сервера", 13, Some(Desk::Technician), None, false),
    ("Разобрать старые шаблоны писем", 0, None, None, false),
];

/// An event: title, days from today, when it begins, and who comes (nobody: everybody).
type Meeting = (&'static str, i64, &'static str, &'static [Desk]);

const MEETINGS: [Meeting; 9] = [
    ("Планёрка", -14, "10:00", &[]),
    ("Планёрка", -7, "10:00", &[]),
    ("Обучение: новая телефония", -4, "15:30", &[Desk::Support, Desk::Night]),
    ("Планёрка", 0, "10:00", &[]),
    ("Встреча с арендодателем", 0, "16:00", &[Desk::Accountant]),
    ("Работы на сервере 2", 2, "23:00", &[Desk::Technician, Desk::Night]),
    ("Отчётность в налоговую", 5, "", &[Desk::Accountant, Desk::Treasury]),
    ("Планёрка", 7, "10:00", &[]),
    ("Закрытие месяца", 10, "", &[Desk::Accountant]),
];

/// Fills the calendar and the lists around today.
///
/// # Errors
/// When that is refused.
pub async fn make(office: &Office, customers: &[Customer]) -> Result<()> {
    for (index, (text, days, desk, client, done)) in ITEMS.into_iter().enumerate() {
        let client = client.and_then(|n| customers.get(n)).map(|one| one.client.clone());
        // The last one is for some day.
        let due = (index + 1 < ITEMS.len()).then(|| working_day(office.today(), days).into());
        let task = Task {
            text: text.into(),
            due_date: due,
            client: client.unwrap_or_default(),
            assignee: desk.map(|desk| office.name(desk)).unwrap_or_default(),
            done,
            ..Default::default()
        };
        let request = CreateTaskRequest { task: Some(task), request_id: request_id() };
        let mut tasks = TasksClient::new(office.at(desk.unwrap_or(Desk::Care), "tickets"));
        tasks.create_task(request).await?;
    }
    let mut events = CalendarEventsClient::new(office.at(Desk::Care, "tickets"));
    for (title, days, start, who) in MEETINGS {
        let event = CalendarEvent {
            title: title.into(),
            date: Some(working_day(office.today(), days).into()),
            start_time: start.into(),
            staff: who.iter().map(|desk| office.name(*desk)).collect(),
            ..Default::default()
        };
        let request =
            CreateCalendarEventRequest { calendar_event: Some(event), request_id: request_id() };
        events.create_calendar_event(request).await?;
    }
    Ok(())
}

/// The day so many days from another; instead of a weekend, the working day beyond it.
fn working_day(day: NaiveDate, days: i64) -> NaiveDate {
    let mut moved = day + TimeDelta::days(days);
    while days != 0 && matches!(moved.weekday(), Weekday::Sat | Weekday::Sun) {
        moved += TimeDelta::days(days.signum());
    }
    moved
}
