//! What the screens of staff are composed of, in one call each.

use e2e::{
    Suite, request_id,
    steps::{customers::Customer, done, letters::letter, orders::line, refused},
};
use proto::{
    clients::v1::{CreateStaffMemberRequest, StaffMember, staff_client::StaffClient},
    gateway::v1::{
        Board, ChangePasswordRequest, ClientCard, GetCallerRequest, GetClientCardRequest,
        GetDashboardRequest, LoginRequest, client_cards_client::ClientCardsClient,
        dashboard_client::DashboardClient, directory_client::DirectoryClient,
        sessions_client::SessionsClient,
    },
    invoicing::v1::{
        CreateTaxExemptionRequest, InvoiceSum, TaxExemption, invoice_sum::Standing,
        tax_exemptions_client::TaxExemptionsClient,
    },
    system::v1::Role,
    tickets::v1::{
        CalendarEvent, CreateCalendarEventRequest, CreateTaskRequest, Task,
        calendar_events_client::CalendarEventsClient, tasks_client::TasksClient,
    },
};
use tonic::Code;

const NOW: &str = "2019-02-08T09:00:00Z";

async fn board(suite: &Suite) -> Board {
    let request = GetDashboardRequest::default();
    done(DashboardClient::new(suite.admin.clone()).get_dashboard(request).await)
}

async fn card(suite: &Suite, customer: &Customer) -> ClientCard {
    let request = GetClientCardRequest { client: customer.client.name.clone() };
    done(ClientCardsClient::new(suite.admin.clone()).get_client_card(request).await)
}

fn sum(card: &ClientCard, standing: Standing) -> Option<&InvoiceSum> {
    card.overview.as_ref().unwrap().invoices.iter().find(|sum| sum.standing() == standing)
}

/// A17, A21–A23: the calendar has what staff are to do and when they meet, whoever's it is; one's
/// own list has one's own, and what whoever comes first is to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dashboard_shows_plans() {
    let suite = Suite::here(NOW).await;
    let support = member(&suite, Role::Support).await;
    let day = |text: &str| text.parse::<chrono::NaiveDate>().ok().map(Into::into);
    let mut tasks = TasksClient::new(suite.admin.clone());
    let mut directory = DirectoryClient::new(support.clone());
    let colleague = done(directory.get_caller(GetCallerRequest {}).await).actor;
    for (text, due, assignee) in [
        ("Позвонить", "2019-02-11", ""),
        ("Отвезти акт", "2019-02-28", colleague.as_str()),
        ("Закрыть квартал", "2019-03-31", ""),
    ] {
        let (text, assignee) = (text.into(), assignee.into());
        let task = Task { text, due_date: day(due), assignee, ..Default::default() };
        let request = CreateTaskRequest { task: Some(task), request_id: request_id() };
        done(tasks.create_task(request).await);
    }
    let mut events = CalendarEventsClient::new(suite.admin.clone());
    for (title, date) in [("Планёрка", "2019-02-28"), ("Отпуск", "2019-03-01")] {
        let event = CalendarEvent { title: title.into(), date: day(date), ..Default::default() };
        let request =
            CreateCalendarEventRequest { calendar_event: Some(event), request_id: request_id() };
        done(events.create_calendar_event(request).await);
    }
    let texts = |tasks: &[Task]| tasks.iter().map(|one| one.text.clone()).collect::<Vec<_>>();
    let shown = board(&suite).await;
    assert_eq!(texts(&shown.month_tasks), ["Позвонить", "Отвезти акт"]);
    assert_eq!(texts(&shown.tasks), ["Позвонить", "Закрыть квартал"]);
    assert_eq!(shown.task_count, 2);
    let titles: Vec<_> = shown.month_events.iter().map(|event| event.title.as_str()).collect();
    assert_eq!(titles, ["Планёрка"]);
    let request = GetDashboardRequest { month: day("2019-03-10") };
    let march = done(DashboardClient::new(support).get_dashboard(request).await);
    assert_eq!(texts(&march.month_tasks), ["Закрыть квартал"]);
    assert_eq!((march.month_events.len(), march.task_count), (1, 3));
}

/// A2–A5, A17, A18, A24: counters, what needs a person, the month's renewals, and who is here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dashboard_shows_what_needs_a_person() {
    let suite = Suite::here(NOW).await;
    let catalogue = suite.catalogue().await;
    let customer = suite.customer(1, &catalogue).await;
    let empty = board(&suite).await;
    assert_eq!(empty.overview.unwrap().held_invoices, 0);
    assert_eq!(empty.now.unwrap().seconds, 1_549_616_400, "the clock of the suite");
    assert_eq!(empty.staff.len(), 1, "whoever looks is here");

    let made = suite.order(&customer, vec![line(&catalogue.users, &customer.hosting, 1, 5)]).await;
    suite.mailbox().await;
    let raw = letter(&customer.client.email, "1@a.example", "", "Не открывается", "Помогите");
    suite.ingest(raw).await;
    suite.settle().await;
    let shown = board(&suite).await;
    let overview = shown.overview.unwrap();
    assert_eq!(overview.held_invoices, 1);
    assert_eq!(shown.held_invoices[0].name, made.invoices[0]);
    assert_eq!(shown.ticket_counts.unwrap().waiting, 1);
    assert_eq!(shown.tickets.len(), 1);
    assert_eq!(overview.overdue_invoices, 0);

    suite.issue(&made.invoices[0]).await;
    suite.advance("2019-02-28T09:00:00Z").await;
    suite.settle().await;
    let late = board(&suite).await;
    let overview = late.overview.unwrap();
    assert_eq!((overview.held_invoices, overview.overdue_invoices >= 1), (0, true));
    // The letter, and the work that the issued invoice asked for.
    let counts = late.ticket_counts.unwrap();
    assert_eq!((counts.waiting, counts.breached), (2, 2));
}

/// A89–A105: who the client is, what stands on the books, services, tickets and signed notes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_shows_a_client_at_once() {
    let suite = Suite::here(NOW).await;
    let catalogue = suite.catalogue().await;
    let customer = suite.customer(1, &catalogue).await;
    suite.note(&customer.client.name, "Платит по пятницам").await;
    let made = suite.order(&customer, vec![line(&catalogue.users, &customer.hosting, 1, 5)]).await;
    let held = card(&suite, &customer).await;
    assert_eq!(held.client.as_ref().unwrap().number, customer.client.number);
    assert_eq!((held.legal_entities.len(), held.note_count), (1, 1));
    assert!(!held.notes[0].author_name.starts_with("staff/"), "{:?}", held.notes[0]);
    assert_eq!(sum(&held, Standing::Held).unwrap().count, 1);
    assert!(sum(&held, Standing::Due).is_none());
    let services = &held.overview.as_ref().unwrap().services;
    assert_eq!((services[0].active, services[0].count), (1, 1));

    let issued = suite.issue(&made.invoices[0]).await;
    let due = card(&suite, &customer).await;
    assert_eq!(sum(&due, Standing::Due).unwrap().residual, issued.total);
    assert_eq!(due.sellers.len(), due.balance.as_ref().unwrap().sellers.len());
    suite.advance("2019-02-28T09:00:00Z").await;
    suite.settle().await;
    let late = card(&suite, &customer).await;
    assert!(sum(&late, Standing::Overdue).is_some_and(|sum| sum.count >= 1));
    assert_eq!((late.tax_exemptions.len(), late.overview.unwrap().quotes), (0, 0));

    // A93, A104: whether it is charged VAT, and what it was offered.
    let exemption = TaxExemption {
        client: customer.client.name.clone(),
        from: "2019-03-01".parse::<chrono::NaiveDate>().ok().map(Into::into),
        basis: "Письмо МИД".into(),
        ..Default::default()
    };
    let request =
        CreateTaxExemptionRequest { tax_exemption: Some(exemption), request_id: request_id() };
    done(TaxExemptionsClient::new(suite.admin.clone()).create_tax_exemption(request).await);
    suite.sent_quote(&customer, line(&catalogue.hour, &customer.works, 0, 1), "2019-03-08").await;
    let shown = card(&suite, &customer).await;
    assert_eq!(shown.tax_exemptions[0].basis, "Письмо МИД");
    let overview = shown.overview.unwrap();
    assert_eq!((overview.quotes_accepted, overview.quotes), (0, 1));
}

/// Whoever may not do what a composed call does is not let in by the gateway's own name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn screens_are_for_staff() {
    let suite = Suite::here(NOW).await;
    let catalogue = suite.catalogue().await;
    let customer = suite.customer(1, &catalogue).await;
    suite.settle().await;
    let door = suite.log_in_as(&customer).await;
    let mut boards = DashboardClient::new(door.clone());
    refused(boards.get_dashboard(GetDashboardRequest::default()).await, Code::PermissionDenied);
    let request = GetClientCardRequest { client: customer.client.name.clone() };
    refused(ClientCardsClient::new(door).get_client_card(request).await, Code::PermissionDenied);

    // Parked items are told to those only who look after them; all else every department sees.
    let support = member(&suite, Role::Support).await;
    let shown =
        done(DashboardClient::new(support).get_dashboard(GetDashboardRequest::default()).await);
    assert_eq!((shown.parked_items, shown.staff.len()), (0, 2));
}

async fn member(suite: &Suite, role: Role) -> e2e::door::Door {
    let email = "support@raschet.example";
    let member = StaffMember {
        email: email.into(),
        display_name: "Поддержка".into(),
        roles: vec![role.into()],
        ..Default::default()
    };
    let request = CreateStaffMemberRequest { staff_member: Some(member), request_id: request_id() };
    let made = done(StaffClient::new(suite.admin.clone()).create_staff_member(request).await);
    let login = LoginRequest { login: email.into(), password: made.one_time_password.clone() };
    let session = done(SessionsClient::new(suite.door("")).login(login).await);
    let door = suite.door(&session.token);
    let change = ChangePasswordRequest {
        old_password: made.one_time_password,
        new_password: e2e::PASSWORD.into(),
    };
    done(SessionsClient::new(door.clone()).change_password(change).await);
    door
}
