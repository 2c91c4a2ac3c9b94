//! The operator's commands against a running suite.

use crate::program::{Temp, Up, run};
use proto::tickets::v1::{CreateMailboxRequest, Mailbox, mailboxes_client::MailboxesClient};
use std::{fs, path::Path};

const LETTER: &str = "From: Anna <anna@primer-1.example>\r\nTo: help@primer.example\r\n\
    Subject: No dial tone\r\nMessage-ID: <1@primer-1.example>\r\n\r\nPlease help.\r\n";

/// Makes the mailbox of the letter, as the operator.
fn make_mailbox(dir: &Path, address: &str) {
    let token = fs::read_to_string(dir.join("data/secrets/operator.token")).unwrap();
    let mailbox = Mailbox {
        address: "help@primer.example".into(),
        department: "support".into(),
        accept_unknown: true,
        ..Mailbox::default()
    };
    let request_id = uuid::Uuid::new_v4().to_string();
    let mut request =
        tonic::Request::new(CreateMailboxRequest { mailbox: Some(mailbox), request_id });
    let bearer = format!("Bearer {}", token.trim()).parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut mailboxes = MailboxesClient::connect(address.to_owned()).await.unwrap();
        mailboxes.create_mailbox(request).await.unwrap();
    });
}

#[test]
fn files_are_taken_in_and_what_is_wrong_is_named() {
    let temp = Temp::new();
    let up = Up::start(&temp, &["--clock", "manual:2026-01-31T09:00:00Z"]);

    let stray = LETTER.replace("help@", "nobody@").replace("<1@", "<2@");
    fs::write(temp.join("stray.eml"), stray).unwrap();
    let (code, answer, errors) = run(&temp, &["mail", "ingest", "stray.eml"]);
    assert_eq!(code, 3, "{errors}");
    assert_eq!(answer["files"][0]["state"], "QUARANTINED", "{answer}");
    make_mailbox(&temp, up.said["address"].as_str().unwrap());
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

/// Issue 7, 1: a letter is inspected without a running suite; bytes that are none are shown as they
/// are or refused, never a panic.
#[test]
fn letters_are_inspected_without_a_suite() {
    let temp = Temp::new();
    let letter = LETTER.replace("Please help.", "Works.\r\n\r\nOn 1.1.2026, Help wrote:\r\n> Try.");
    let results =
        "Authentication-Results: mx.primer.example; dkim=pass header.d=primer-1.example\r\n";
    fs::write(temp.join("one.eml"), format!("{results}{letter}")).unwrap();
    let (code, facts, errors) = run(&temp, &["mail", "inspect", "one.eml"]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(facts["from"]["address"], "anna@primer-1.example", "{facts}");
    assert_eq!(facts["message_id"], "<1@primer-1.example>");
    assert_eq!(facts["reply_text"], "Works.");
    assert_eq!(
        (facts["class"].as_str(), facts["sender_identity"].as_str()),
        (Some("human"), Some("one"))
    );
    assert_eq!(
        (facts["auth"]["level"].as_str(), facts["auth"]["proof"].as_str()),
        (Some("M"), Some("none"))
    );
    let trusting = ["mail", "inspect", "one.eml", "--trust", "primer.example"];
    let (_, facts, _) = run(&temp, &trusting);
    assert_eq!(facts["auth"]["level"], "V", "{facts}");
    fs::write(temp.join("bytes"), [0xff, 0, 13, 10, 7]).unwrap();
    let (code, facts, _) = run(&temp, &["mail", "inspect", "bytes"]);
    assert_eq!((code, facts["sender_identity"].as_str()), (0, Some("none")), "{facts}");
    assert!(!facts["warnings"].as_array().unwrap().is_empty(), "{facts}");
    fs::write(temp.join("empty"), "").unwrap();
    let (code, _, errors) = run(&temp, &["mail", "inspect", "empty"]);
    assert_eq!(code, 1);
    assert!(errors.contains("empty"), "{errors}");
}

#[test]
fn wrong_usage_is_told_apart() {
    let temp = Temp::new();
    assert_eq!(run(&temp, &["billing", "run"]).0, 2);
    assert_eq!(run(&temp, &["billing", "close", "--month", "2026-13"]).0, 2);
    // A directory of its own: without one, what else runs on this machine is found.
    let arguments = ["audit", "--url", "http://127.0.0.1:1", "--data", "data"];
    let (code, answer, errors) = run(&temp, &arguments);
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

#[test]
fn an_operator_repairs_feeds_and_resets_a_password() {
    let temp = Temp::new();
    let up = Up::start(&temp, &[]);
    let (code, answer, errors) = run(&temp, &["repair", "feeds"]);
    assert_eq!(code, 0, "{errors}");
    assert!(answer["cursors"].as_i64().unwrap() > 0, "{answer}");
    let login = up.said["first_login"]["login"].as_str().unwrap();
    let (code, answer, errors) = run(&temp, &["staff", "reset-password", login]);
    assert_eq!(code, 0, "{errors}");
    assert_ne!(answer["one_time_password"], up.said["first_login"]["one_time_password"]);
    let (code, _, errors) = run(&temp, &["staff", "reset-password", "no@primer.example"]);
    assert_eq!(code, 1);
    assert!(errors.contains("no@primer.example"), "{errors}");
}

const EXAMPLE: [&str; 11] = [
    "prorate",
    "--price",
    "800.00",
    "--months",
    "6",
    "--quantity",
    "5..6",
    "--change-on",
    "2019-03-04",
    "--period",
    "2019-02-01..2019-07-31",
];

/// G6: the example of issue 5, without a running suite.
#[test]
fn proration_needs_no_suite() {
    let temp = Temp::new();
    let (code, answer, errors) = run(&temp, &EXAMPLE);
    assert_eq!(code, 0, "{errors}");
    let told: Vec<(&str, &str)> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["convention"].as_str().unwrap(), one["amount"].as_str().unwrap()))
        .collect();
    let expected = [
        ("SEED30", "3893.33"),
        ("ACT_MONTH", "3922.58"),
        ("ACT_CYCLE", "3977.90"),
        ("NONE", "0.00"),
        ("FULL", "4800.00"),
    ];
    assert_eq!(told, expected);
    let discounted = ["--convention", "SEED30", "--discount", "5%", "--vat", "20%-included"];
    let (_, one, _) = run(&temp, &[&EXAMPLE[..], &discounted].concat());
    assert_eq!(one[0]["amount"], "3698.67");
    assert_eq!(
        one[0]["formula"],
        "800.00 × (26/30 + 4) × 0.95 = 3698.67; 3698.67 × 20/120 = 616.45"
    );
    assert!(one[0]["explanation_ru"].as_str().unwrap().contains("со скидкой 5 %"), "{one}");
    let bad = [
        ("--quantity", "six"),
        ("--change-on", "2019-08-01"),
        ("--period", "2019-07-31..2019-02-01"),
        ("--price", "800,00"),
        ("--price", "-1"),
        ("--convention", "SEED31"),
        ("--discount", "101%"),
        ("--vat", "19%-included"),
        ("--months", "0"),
    ];
    for (option, value) in bad {
        let mut arguments = EXAMPLE.to_vec();
        match arguments.iter().position(|a| *a == option) {
            Some(at) => arguments[at + 1] = value,
            None => arguments.extend([option, value]),
        }
        let (code, answer, errors) = run(&temp, &arguments);
        assert!(code != 0 && !errors.is_empty(), "{option} {value}: {answer}");
    }
}

/// The example of docs/bill-plan.md: what is due, and nothing once that is billed.
#[test]
fn a_bill_plan_of_the_documented_history() {
    let temp = Temp::new();
    let document = include_str!("../../docs/bill-plan.md");
    let example = document.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let mut history: serde_json::Value = serde_json::from_str(example).unwrap();
    let plan = |history: &serde_json::Value| {
        fs::write(temp.join("history.json"), history.to_string()).unwrap();
        let (code, answer, errors) =
            run(&temp, &["bill-plan", "history.json", "--as-of", "2019-03-04"]);
        assert_eq!(code, 0, "{errors}");
        answer
    };
    let first = plan(&history);
    let lines = first["lines"].as_array().unwrap();
    let told: Vec<(&str, &str, &str)> = lines
        .iter()
        .map(|l| {
            let text = |field: &str| l[field].as_str().unwrap();
            (text("id"), text("amount"), text("formula"))
        })
        .collect();
    let expected = [
        ("users/cloud-user/CHANGE/2019-03-04", "3698.67", "800.00 × (26/30 + 4) × 0.95"),
        ("disk/disk-5gb/RENEWAL/2019-02-08", "1035.00", "60.00 × 3 × (21/28 + 5)"),
    ];
    assert_eq!(told, expected);
    assert_eq!(lines[0]["months"][0]["amount"], "658.67", "G53");
    assert_eq!(first["invoices"][0]["amount"], "4733.67");
    let asked = ["bill-plan", "history.json", "--as-of", "2019-03-04", "--lint"];
    let (_, linted, _) = run(&temp, &asked);
    let found = linted["findings"].as_array().unwrap();
    assert_eq!((found.len(), &found[0]["rule"]), (1, &"NO_ACCOUNTING_CODE".into()));
    assert_eq!(found[0]["fix"]["accounting_code_of"], "disk-5gb");
    assert_eq!(found[0]["subject"]["line"], "disk/disk-5gb/RENEWAL/2019-02-08");
    assert_eq!(linted["lines"], first["lines"]);
    let more = lines.clone();
    history["billed"].as_array_mut().unwrap().extend(more);
    assert_eq!(plan(&history)["lines"], serde_json::json!([]));
    history["subscriptions"][0]["events"][0]["what"] = "SOMETHING".into();
    fs::write(temp.join("history.json"), history.to_string()).unwrap();
    let (code, _, errors) = run(&temp, &["bill-plan", "history.json", "--as-of", "2019-03-04"]);
    assert!(code == 1 && errors.contains("SOMETHING"), "{errors}");
}
