//! `raschet up`: first start, second start, what is left after the end.

use crate::program::{Temp, Up, gone, postmaster, run};
use proto::gateway::v1::{LoginRequest, sessions_client::SessionsClient};
use std::{fs, time::Instant};

fn login(address: &str, login: &str, password: &str) -> Result<bool, tonic::Status> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut sessions = SessionsClient::connect(address.to_owned()).await.unwrap();
        let request = LoginRequest { login: login.into(), password: password.into() };
        sessions.login(request).await.map(|reply| reply.into_inner().must_change_password)
    })
}

#[test]
fn it_starts_stops_and_starts_again() {
    let temp = Temp::new();
    let mut up = Up::start(&temp, &["--admin", "boss@primer.example"]);
    let address = up.said["address"].as_str().unwrap().to_owned();
    let first = up.said["first_login"].clone();
    assert_eq!(first["login"], "boss@primer.example");
    let password = first["one_time_password"].as_str().unwrap();
    assert!(login(&address, "boss@primer.example", password).unwrap(), "must set a real one");
    assert!(up.said["letters"].as_str().unwrap().ends_with("data/letters"));

    let (code, audit, errors) = run(&temp, &["audit"]);
    assert_eq!(code, 0, "{errors}");
    let audited: Vec<&str> = audit["services"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|s| s["service"].as_str())
        .collect();
    assert_eq!(audited, ["clients", "invoicing", "payments", "tickets", "gateway"]);

    let (code, _, errors) = run(&temp, &["up", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, 1, "two suites on one directory");
    assert!(errors.contains("stop it first"), "{errors}");

    let server = postmaster(&temp);
    assert!(up.signal("-TERM").success());
    assert!(gone(server), "PostgreSQL stops with it");
    assert!(!temp.join("data/run/address").exists());
    let (code, _, errors) = run(&temp, &["audit"]);
    assert_eq!(code, 1);
    assert!(errors.contains("raschet up"), "{errors}");

    let began = Instant::now();
    let mut up = Up::start(&temp, &[]);
    // Under 10 s on an idle machine; told, not asserted: tests share their machine.
    eprintln!("the second start took {:?}", began.elapsed());
    assert!(up.said["first_login"].is_null(), "somebody works here already");
    assert!(up.signal("-INT").success());
}

#[test]
fn after_kill_9_everything_is_there() {
    let temp = Temp::new();
    let mut up = Up::start(&temp, &[]);
    let first = up.said["first_login"].clone();
    let server = postmaster(&temp);
    up.signal("-KILL");
    let up = Up::start(&temp, &[]);
    assert!(gone(server), "the old server is not used");
    assert!(up.said["first_login"].is_null());
    let address = up.said["address"].as_str().unwrap();
    let (name, word) = (first["login"].as_str().unwrap(), first["one_time_password"].as_str());
    assert!(login(address, name, word.unwrap()).unwrap());
    let refused = login(address, name, "guess").unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unauthenticated);
}

#[test]
fn it_refuses_to_serve_passwords_in_clear_to_the_world() {
    let temp = Temp::new();
    let (code, _, errors) = run(&temp, &["up", "--listen", "0.0.0.0:0"]);
    assert_eq!(code, 1);
    assert!(errors.contains("--behind-proxy"), "{errors}");
    let data = temp.join("data/postgres/data/postmaster.pid");
    assert!(!data.exists(), "what was started is stopped");
}

#[test]
fn another_server_is_used_by_url() {
    let temp = Temp::new();
    let scratch = launcher::Scratch::start().unwrap();
    let admin = scratch.url("postgres");
    for _ in 0..2 {
        let create = ["db", "create", "--admin-url", &admin, "--secrets", "data/secrets"];
        let (code, answer, errors) = run(&temp, &create);
        assert_eq!(code, 0, "{errors}");
        assert_eq!(answer["databases"].as_array().unwrap().len(), 4);
    }
    // A role of one service cannot even connect to another's database.
    let password = fs::read_to_string(temp.join("data/secrets/database/clients_app")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let connect = |database: &str| {
        let url = scratch.url_of("clients_app", &password, database);
        runtime.block_on(async { <sqlx::PgConnection as sqlx::Connection>::connect(&url).await })
    };
    connect("clients").unwrap();
    let refused = connect("invoicing").unwrap_err().to_string();
    assert!(refused.contains("permission denied for database"), "{refused}");

    let url = scratch.template();
    let up = Up::start(&temp, &["--database-url", &url]);
    assert!(up.said["first_login"].is_object());
    assert!(!temp.join("data/postgres").exists(), "no private cluster");
}
