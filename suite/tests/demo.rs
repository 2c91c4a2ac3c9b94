//! `raschet up --demo`: three months of an invented company, and what waits in them.

use crate::program::{Temp, Up, run};
use proto::{
    gateway::v1::{
        GetDashboardRequest, GetHomeRequest, LoginRequest, cabinet_client::CabinetClient,
        dashboard_client::DashboardClient, sessions_client::SessionsClient,
    },
    invoicing::v1::{
        ListInvoicesRequest,
        invoice::{Kind, State},
        invoices_client::InvoicesClient,
    },
    payments::v1::{ListLinesRequest, line, lines_client::LinesClient},
    tickets::v1::{ListTicketsRequest, tickets_client::TicketsClient},
};
use serde_json::Value;
use service::Locale;
use std::{fs, time::Instant};
use suite::remote::{Remote, connect};

const DEMO: [&str; 3] = ["--demo", "--demo-months", "3"];

/// Logs in; calls as that person.
async fn log_in(address: &str, login: &Value) -> Remote {
    let nobody = connect(address, "", Locale::En).await.unwrap();
    let request = LoginRequest {
        login: login["login"].as_str().unwrap().into(),
        password: login["password"].as_str().unwrap().into(),
    };
    let session = SessionsClient::new(nobody).login(request).await.unwrap().into_inner();
    assert!(!session.must_change_password, "usable at once");
    connect(address, &session.token, Locale::En).await.unwrap()
}

/// Leaves what a demo leaves whose making was cut off.
fn cut_off(temp: &Temp) {
    let dir = temp.join("data");
    fs::create_dir_all(dir.join("secrets")).unwrap();
    let login = serde_json::json!({ "login": "", "password": "of the one before" });
    let marker =
        serde_json::json!({ "made": null, "months": 3, "staff": login, "customer": login });
    fs::write(dir.join("demo.json"), marker.to_string()).unwrap();
    fs::write(dir.join("secrets/operator.token"), "of the one before").unwrap();
}

/// Issue 4 §1: a life made by calls, audited, with something to do at every desk; one that was cut
/// off is begun anew, and one that is there is started as it is.
#[test]
fn three_months_are_made_once_and_wait_for_people() {
    let temp = Temp::new();
    cut_off(&temp);
    let arguments = [&DEMO[..], &["--data", "data"]].concat();
    let began = Instant::now();
    let mut up = Up::start(&temp, &arguments);
    eprintln!("three months took {:?}", began.elapsed());
    let (code, audit, errors) = run(&temp, &["audit"]);
    assert_eq!(code, 0, "{errors}{audit}");
    let token = fs::read_to_string(temp.join("data/secrets/operator.token")).unwrap();
    assert_ne!(token, "of the one before");
    let address = up.said["address"].as_str().unwrap().to_owned();
    let demo = up.said["demo"].clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        a_customer_has_something_to_pay(log_in(&address, &demo["customer"]).await).await;
        staff_have_something_to_do(log_in(&address, &demo["staff"]).await).await;
    });
    // A connection that nobody serves would be waited for.
    drop(runtime);

    // What nobody has imported yet.
    let file = demo["statement"].as_str().unwrap();
    let (code, answer, errors) = run(&temp, &["bank", "import", file]);
    assert_eq!(code, 0, "{errors}");
    assert!(answer["files"][0]["imported"].as_i64().unwrap() >= 4, "{answer}");
    let letters = fs::read_dir(temp.join("data/letters/new")).unwrap().count();
    assert_eq!(letters, 0, "nobody gets a letter of the history");

    assert!(up.signal("-TERM").success());
    let (code, _, errors) = run(&temp, &["up", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, 1, "no real work in a demo");
    assert!(errors.contains("raschet up --demo"), "{errors}");
    let up = Up::start(&temp, &arguments);
    assert_eq!(up.said["demo"], demo, "the same one again");
}

async fn a_customer_has_something_to_pay(remote: Remote) {
    let home = CabinetClient::new(remote).get_home(GetHomeRequest {}).await.unwrap().into_inner();
    assert!(!home.subscriptions.is_empty(), "{home:?}");
    assert!(!home.unpaid_invoices.is_empty(), "{home:?}");
}

async fn staff_have_something_to_do(remote: Remote) {
    let mut invoices = InvoicesClient::new(remote.clone());
    let request = ListInvoicesRequest { state: State::Held.into(), ..Default::default() };
    let held = invoices.list_invoices(request).await.unwrap().into_inner().invoices;
    assert!(held.iter().any(|i| i.kind() == Kind::Extra), "changes of a package: {held:?}");
    assert!(held.iter().any(|i| i.kind() == Kind::Order), "an order: {held:?}");
    let request = ListInvoicesRequest { page_size: 1000, ..Default::default() };
    let all = invoices.list_invoices(request).await.unwrap().into_inner().invoices;
    assert!(all.iter().any(|i| i.overdue), "a debtor");

    let request = ListLinesRequest { state: line::State::Review.into(), ..Default::default() };
    let mut lines = LinesClient::new(remote.clone());
    let waiting = lines.list_lines(request).await.unwrap().into_inner().lines;
    assert!(waiting.iter().any(|l| !l.proposals.is_empty()), "doubtful ones: {waiting:?}");
    assert!(waiting.iter().any(|l| l.proposals.is_empty()), "foreign ones: {waiting:?}");

    let request = ListTicketsRequest { page_size: 100, ..Default::default() };
    let mut tickets = TicketsClient::new(remote.clone());
    let tickets = tickets.list_tickets(request).await.unwrap().into_inner().tickets;
    let waiting = || tickets.iter().filter(|t| t.due_time.is_some());
    assert!(waiting().any(|t| t.breached), "past its two hours");
    assert!(waiting().filter(|t| !t.breached).count() >= 2, "near them, and fresh");

    let mut boards = DashboardClient::new(remote);
    let board = boards.get_dashboard(GetDashboardRequest::default()).await.unwrap().into_inner();
    assert!(board.tasks.iter().any(|t| t.due_date.is_some()), "things to do: {board:?}");
    assert!(!board.month_events.is_empty(), "events");
    assert_eq!(board.overview.unwrap().suspended_subscriptions, 1);
}

/// A demo and real work never share a directory, and a demo writes to nobody.
#[test]
fn a_demo_refuses_real_data_and_a_mail_server() {
    let temp = Temp::new();
    fs::create_dir_all(temp.join("data/secrets")).unwrap();
    let start = [&["up", "--listen", "127.0.0.1:0", "--data", "data"][..], &DEMO].concat();
    let (code, _, errors) = run(&temp, &start);
    assert_eq!(code, 1);
    assert!(errors.contains("holds real data"), "{errors}");
    let start = [&["up", "--smtp-url", "smtp://127.0.0.1:25"][..], &DEMO].concat();
    let (code, _, errors) = run(&temp, &start);
    assert_eq!(code, 1);
    assert!(errors.contains("sends no letters"), "{errors}");
    assert!(!temp.join("demo").exists());
}
