//! A session that has lived its time: by the machine's clock, while business time stands.

use super::NOW;
use e2e::{
    ADMIN, PASSWORD, Suite,
    steps::{done, reason, refused},
};
use proto::{
    gateway::v1::{LoginRequest, sessions_client::SessionsClient},
    invoicing::v1::{ListInvoicesRequest, invoices_client::InvoicesClient},
};
use std::time::{Duration, Instant};
use tonic::Code;

/// Longest that a gateway believes a session without asking again, and some.
const PATIENCE: Duration = Duration::from_secs(15);

/// Lets a session's time pass: the owner of the database sets its end before now, which is what
/// twelve hours would do.
pub async fn age(suite: &Suite, token: &str) {
    let owner = suite.harness().owner("clients").await;
    let aged = sqlx::query(
        "update sessions set expires_at = created_at - interval '1 second'
         where token_hash = sha256($1::bytea)",
    )
    .bind(token.as_bytes())
    .execute(&owner)
    .await
    .unwrap();
    assert_eq!(aged.rows_affected(), 1, "there is one such session");
}

/// A session that a gateway has just believed ends for it too, within seconds; a new login opens a
/// new one, and the old token stays worthless.
#[tokio::test]
async fn a_session_ends_by_itself() {
    let suite = Suite::here(NOW).await;
    let request = LoginRequest { login: ADMIN.into(), password: PASSWORD.into() };
    let old = done(SessionsClient::new(suite.door("")).login(request.clone()).await).token;
    let mut invoices = InvoicesClient::new(suite.door(&old));
    let list = ListInvoicesRequest::default();
    done(invoices.list_invoices(list.clone()).await);
    age(&suite, &old).await;
    let since = Instant::now();
    let status = loop {
        match invoices.list_invoices(list.clone()).await {
            Err(status) => break status,
            Ok(_) => assert!(since.elapsed() < PATIENCE, "an expired session is still believed"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!((status.code(), &*reason(&status)), (Code::Unauthenticated, "SESSION_UNKNOWN"));

    let new = done(SessionsClient::new(suite.door("")).login(request).await).token;
    done(InvoicesClient::new(suite.door(&new)).list_invoices(list.clone()).await);
    refused(invoices.list_invoices(list).await, Code::Unauthenticated);
}
