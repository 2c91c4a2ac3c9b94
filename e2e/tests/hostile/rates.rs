//! How often one address may log in and one session may call; what a proxy says about addresses.

use super::NOW;
use super::raw::{says, wait_of};
use e2e::{ADMIN, PASSWORD, Suite, door::Door};
use futures::future::join_all;
use proto::{
    clients::v1::{ListStaffRequest, staff_client::StaffClient},
    gateway::v1::{
        LoginRequest, RetryParkedRequest, operations_client::OperationsClient,
        sessions_client::SessionsClient,
    },
    payments::v1::{ImportStatementRequest, statements_client::StatementsClient},
};
use std::time::Duration;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Status};

/// Two logins that the suite makes itself, and five.
const LOGINS: u32 = 7;

async fn log_in(suite: &Suite, password: &str, from: Option<&str>) -> Result<String, Status> {
    let mut request = Request::new(LoginRequest { login: ADMIN.into(), password: password.into() });
    request.metadata_mut().insert("accept-language", "en".parse().unwrap());
    if let Some(from) = from {
        request.metadata_mut().insert("x-forwarded-for", from.parse().unwrap());
    }
    let session = SessionsClient::new(suite.door("")).login(request).await?;
    Ok(session.into_inner().token)
}

/// A call that the gateway answers by itself, however busy everything behind it is.
async fn ask(door: &Door) -> Result<(), Status> {
    let request = RetryParkedRequest { service: "nothing".into(), ..Default::default() };
    let status = OperationsClient::new(door.clone()).retry_parked(request).await.unwrap_err();
    if status.code() == Code::InvalidArgument { Ok(()) } else { Err(status) }
}

async fn list(door: &Door) -> Result<(), Status> {
    let mut staff = StaffClient::new(door.clone());
    staff.list_staff(ListStaffRequest::default()).await.map(drop)
}

/// The sixth login of one address within a minute is refused, by gRPC and by the browser's way,
/// with the limit and when to come back. What the caller writes about his address changes nothing.
/// Who is in already goes on.
#[tokio::test]
async fn an_address_logs_in_so_often() {
    let suite = Suite::here_with(NOW, |config| config.logins_per_minute = LOGINS).await;
    let token = log_in(&suite, PASSWORD, None).await.unwrap();
    for _ in 0..4 {
        let wrong = log_in(&suite, "не тот пароль", None).await.unwrap_err();
        says(&wrong, "LOGIN_FAILED", "wrong");
    }
    for from in [None, Some("203.0.113.1"), Some("203.0.113.2")] {
        let refused = log_in(&suite, PASSWORD, from).await.unwrap_err();
        assert_eq!(refused.code(), Code::ResourceExhausted);
        says(&refused, "LOGIN_RATE", "7 a minute");
        assert!(wait_of(&refused) <= Duration::from_secs(60 / 7 + 1), "{refused:?}");
    }
    let body = serde_json::json!({ "login": ADMIN, "password": PASSWORD }).to_string();
    let answer = suite.post("/auth/login", &[], body.as_bytes()).await;
    assert_eq!(answer.status, 429, "{answer:?}");
    let after: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=10).contains(&after), "{after}");
    assert!(String::from_utf8_lossy(&answer.body).contains("7 в минуту"));
    list(&suite.door(&token)).await.unwrap();
}

/// Behind a proxy its word counts: the last address of `x-forwarded-for`; those before it are the
/// caller's own invention.
#[tokio::test]
async fn a_proxy_tells_addresses_apart() {
    let suite = Suite::here_with(NOW, |config| {
        config.logins_per_minute = LOGINS;
        config.behind_proxy = true;
    })
    .await;
    for n in 0..20 {
        let from = format!("198.51.100.9, 203.0.113.{n}");
        log_in(&suite, PASSWORD, Some(&from)).await.unwrap();
    }
    let mut refused = 0;
    for n in 0..10 {
        let from = format!("203.0.113.{n}, 198.51.100.7");
        refused += u32::from(log_in(&suite, PASSWORD, Some(&from)).await.is_err());
    }
    assert!((2..=3).contains(&refused), "{refused} of 10 were refused, 7 are allowed");
}

/// One session may call so often; another one is not held back by it, and after the time that the
/// refusal names the first may go on.
#[tokio::test]
async fn a_session_calls_so_often() {
    let suite = Suite::here_with(NOW, |config| config.calls_per_second = 1).await;
    let other = suite.door(&log_in(&suite, PASSWORD, None).await.unwrap());
    let answers = join_all((0..60).map(|_| ask(&suite.admin))).await;
    let refused: Vec<Status> = answers.into_iter().filter_map(Result::err).collect();
    assert!(!refused.is_empty() && refused.len() <= 56, "{} of 60 were refused", refused.len());
    for status in &refused {
        assert_eq!(status.code(), Code::ResourceExhausted);
        says(status, "CALL_RATE", "1 в секунду");
    }
    ask(&other).await.unwrap();
    // The first of them may have named a moment that another call has used since.
    let until_then = match ask(&suite.admin).await {
        Ok(()) => Duration::ZERO,
        Err(refused) => wait_of(&refused),
    };
    assert!(until_then <= Duration::from_secs(1), "{until_then:?}");
    tokio::time::sleep(until_then).await;
    if until_then > Duration::ZERO {
        ask(&suite.admin).await.unwrap();
    }
}

/// So many calls of one session at a time: uploads that never end fill its own places only, and
/// give them back when they are given up.
#[tokio::test]
async fn a_session_has_so_many_calls_at_a_time() {
    let suite = Suite::here(NOW).await;
    let other = suite.door(&log_in(&suite, PASSWORD, None).await.unwrap());
    let mut uploads = Vec::new();
    let refused = loop {
        assert!(uploads.len() < 1000, "a session holds more than 128 calls");
        let (sender, receiver) = tokio::sync::mpsc::channel::<ImportStatementRequest>(1);
        let mut statements = StatementsClient::new(suite.admin.clone());
        let upload = tokio::spawn(async move {
            statements.import_statement(ReceiverStream::new(receiver)).await.map(drop)
        });
        uploads.push((sender, upload));
        // A busy machine may have refused some of them for other reasons, so there may be more.
        if uploads.len() >= 128
            && let Err(refused) = ask(&suite.admin).await
            && refused.code() == Code::ResourceExhausted
        {
            break refused;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(refused.code(), Code::ResourceExhausted);
    says(&refused, "TOO_MANY_CALLS_OF_SESSION", "до 128");
    until(|| async { ask(&other).await.ok() }).await;
    for (_, upload) in &uploads {
        upload.abort();
    }
    uploads.clear();
    until(|| async { ask(&suite.admin).await.ok() }).await;
}

/// What comes to be, within a while.
async fn until<T, F: Future<Output = Option<T>>>(what: impl Fn() -> F) -> T {
    let found = async {
        loop {
            if let Some(found) = what().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), found).await.unwrap()
}
