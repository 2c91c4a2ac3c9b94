//! The operator's commands against a running suite.

use crate::program::{Temp, Up, run};
use std::fs;

const LETTER: &str = "From: Anna <anna@primer-1.example>\r\nTo: help@primer.example\r\n\
    Subject: No dial tone\r\nMessage-ID: <1@primer-1.example>\r\n\r\nPlease help.\r\n";

#[test]
fn files_are_taken_in_and_what_is_wrong_is_named() {
    let temp = Temp::new();
    let _up = Up::start(&temp, &["--clock", "manual:2026-01-31T09:00:00Z"]);

    fs::write(temp.join("one.eml"), LETTER).unwrap();
    let (code, answer, errors) = run(&temp, &["mail", "ingest", "one.eml"]);
    assert_eq!(code, 0, "{errors}{answer}");
    assert_eq!(answer["files"][0]["state"], "PROCESSED", "{answer}");
    assert!(answer["files"][0]["ticket"].as_str().unwrap().starts_with("tickets/"), "{answer}");
    let (code, again, errors) = run(&temp, &["mail", "ingest", "one.eml"]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(again["files"][0]["state"], "DUPLICATE", "{again}");

    fs::write(temp.join("no.txt"), "not a statement\n").unwrap();
    let (code, answer, _) = run(&temp, &["bank", "import", "no.txt"]);
    assert_eq!(code, 3, "{answer}");
    assert!(answer["files"][0]["reason"].is_string(), "{answer}");

    let (code, _, errors) = run(&temp, &["bank", "import", "absent.txt"]);
    assert_eq!(code, 1);
    assert!(errors.contains("absent.txt"), "{errors}");

    let run_billing = ["billing", "run", "--date", "2026-01-31"];
    let (code, answer, errors) = run(&temp, &run_billing);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(answer["invoices"], 0, "{answer}");
    let (code, answer, errors) =
        run(&temp, &["billing", "close", "--month", "2025-12", "--dry-run"]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(answer["count"], 0, "{answer}");
}

#[test]
fn wrong_usage_is_told_apart() {
    let temp = Temp::new();
    assert_eq!(run(&temp, &["billing", "run"]).0, 2);
    assert_eq!(run(&temp, &["billing", "close", "--month", "2026-13"]).0, 2);
    let (code, answer, errors) = run(&temp, &["audit", "--url", "http://127.0.0.1:1"]);
    assert_eq!(code, 1, "{answer}");
    assert!(errors.contains("operator.token"), "{errors}");
    fs::write(temp.join("token"), "x").unwrap();
    let arguments = ["audit", "--url", "http://127.0.0.1:1", "--token-file", "token"];
    let (code, _, errors) = run(&temp, &arguments);
    assert_eq!(code, 1);
    assert!(errors.contains("raschet up"), "{errors}");
}

#[test]
fn secrets_are_made_once() {
    let temp = Temp::new();
    assert_eq!(run(&temp, &["init"]).0, 0);
    let token = fs::read_to_string(temp.join("secrets/operator.token")).unwrap();
    assert_eq!(run(&temp, &["init"]).0, 0);
    assert_eq!(fs::read_to_string(temp.join("secrets/operator.token")).unwrap(), token);
}
