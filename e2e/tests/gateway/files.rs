//! Files from browsers: a statement by `POST`, for whom the RPC is allowed, from pages of ours.

use e2e::{
    ADMIN, PASSWORD, Suite, request_id,
    steps::{
        bank::{Payment, cp1251, statement},
        customers,
    },
    web::Answer,
};
use prost::Message;
use proto::payments::v1::{ImportStatementResponse, line::State};
use testkit::Company;

const NOW: &str = "2019-02-26T09:00:00Z";
const OURS: (&str, &str) = ("Sec-Fetch-Site", "same-origin");

/// Sends a file under a request id.
async fn send(suite: &Suite, headers: &[(&str, &str)], id: &str, file: &[u8]) -> Answer {
    let name = "%D0%B2%D1%8B%D0%BF%D0%B8%D1%81%D0%BA%D0%B0.txt";
    let path = format!("/files/statements?filename={name}&request_id={id}");
    suite.post(&path, headers, file).await
}

async fn cookie(suite: &Suite, login: &str, password: &str) -> String {
    let body = serde_json::json!({ "login": login, "password": password }).to_string();
    let json = ("Content-Type", "application/json");
    let answer = suite.post("/auth/login", &[json, OURS], body.as_bytes()).await;
    answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

fn reply(answer: &Answer) -> ImportStatementResponse {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.header("content-type"), Some("application/x-protobuf"));
    ImportStatementResponse::decode(&*answer.content()).unwrap()
}

fn told(answer: &Answer) -> (u16, String) {
    let body: serde_json::Value = serde_json::from_slice(&answer.content()).unwrap();
    assert!(!body["text"].as_str().unwrap().is_empty(), "{body}");
    (answer.status, body["reason"].as_str().unwrap().to_owned())
}

fn file(own: &Company, number: u32) -> Vec<u8> {
    let payment = Payment {
        number,
        date: "2019-02-25".into(),
        amount: "860.00".into(),
        from: Company::number(77),
        purpose: "За услуги".into(),
    };
    cp1251(&statement(own, &[payment]))
}

/// Issue 4, part 3: a person at the screen imports a statement; the same try again is answered the
/// same, the same file again changes nothing.
#[tokio::test]
async fn a_page_of_ours_imports_a_statement() {
    let suite = Suite::here(NOW).await;
    let catalogue = suite.catalogue().await;
    suite.settle().await;
    let own = &catalogue.hosting.company;
    let cookie = cookie(&suite, ADMIN, PASSWORD).await;
    let page = [("Cookie", cookie.as_str()), OURS];
    let (id, bytes) = (request_id(), file(own, 1));
    let first = reply(&send(&suite, &page, &id, &bytes).await);
    assert_eq!((first.imported, first.repeated_lines), (1, 0));
    assert_eq!(first.statement.as_ref().unwrap().filename, "выписка.txt");
    assert_eq!(reply(&send(&suite, &page, &id, &bytes).await), first);
    let again = reply(&send(&suite, &page, &request_id(), &bytes).await);
    assert_eq!((again.imported, again.repeated_lines), (0, 1));
    suite.settle().await;
    assert_eq!(suite.lines(State::Review).await.len(), 1);

    // A file of two messages, and one that was cut until a person says that it is whole.
    let mut long = file(own, 2);
    long.resize(long.len() + 1024 * 1024, b'\n');
    assert_eq!(reply(&send(&suite, &page, &request_id(), &long).await).imported, 1);
    let mut cut = file(own, 3);
    cut.truncate(cut.len() - "КонецФайла\r\n".chars().count());
    let id = request_id();
    let refused = told(&send(&suite, &page, &id, &cut).await);
    assert_eq!(refused, (409, "STATEMENT_TRUNCATED".into()));
    let id = format!("{id}&accept_truncated=true");
    assert_eq!(reply(&send(&suite, &page, &id, &cut).await).imported, 1);
}

/// Nobody, foreign pages and those who may not: refused before a byte of the file counts.
#[tokio::test]
async fn who_may_not_import_sends_no_files() {
    let suite = Suite::here(NOW).await;
    let catalogue = suite.catalogue().await;
    let customer = suite.customer(9, &catalogue).await;
    suite.settle().await;
    let bytes = file(&catalogue.hosting.company, 1);
    let admin = cookie(&suite, ADMIN, PASSWORD).await;
    let admin = ("Cookie", admin.as_str());
    let nobody = (401, "SESSION_MISSING".to_owned());
    for headers in [
        &[OURS][..],
        &[admin],
        &[admin, ("Sec-Fetch-Site", "cross-site")],
        &[admin, ("Sec-Fetch-Site", "same-site")],
        &[admin, ("Origin", "https://evil.example")],
    ] {
        assert_eq!(told(&send(&suite, headers, &request_id(), &bytes).await), nobody);
    }
    let person = cookie(&suite, &customer.client.email, customers::PASSWORD).await;
    let page = [("Cookie", person.as_str()), OURS];
    let refused = told(&send(&suite, &page, &request_id(), &bytes).await);
    assert_eq!(refused, (403, "ROLE_MISSING".into()));
    assert!(suite.lines(State::Review).await.is_empty());
}

/// What is no statement, too large, or has no request id is refused with a text.
#[tokio::test]
async fn bad_files_are_refused() {
    let suite = Suite::here(NOW).await;
    let token = format!("Bearer {}", suite.operator_token);
    let program = [("Authorization", token.as_str())];
    let status = told(&send(&suite, &program, &request_id(), &[0, 1, 2]).await).0;
    assert_eq!(status, 400);
    let status = told(&send(&suite, &program, "no-uuid", b"x").await).0;
    assert_eq!(status, 400);
    let large = vec![b'x'; 32 * 1024 * 1024 + 1];
    let refused = told(&send(&suite, &program, &request_id(), &large).await);
    assert_eq!(refused, (413, "MESSAGE_TOO_LARGE".into()));
}
