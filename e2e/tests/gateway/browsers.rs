//! Browsers: a cookie from `/auth/login`, calls by gRPC-Web, and foreign pages that get nowhere.

use e2e::{ADMIN, PASSWORD, Suite, web::Answer};
use proto::clients::v1::ListStaffRequest;

const NOW: &str = "2019-02-26T09:00:00Z";
const LIST: &str = "/raschet.clients.v1.Staff/ListStaff";
const JSON: (&str, &str) = ("Content-Type", "application/json");
const OURS: (&str, &str) = ("Sec-Fetch-Site", "same-origin");
/// UNAUTHENTICATED, as a number.
const UNAUTHENTICATED: i32 = 16;

async fn log_in(suite: &Suite, password: &str, from: (&str, &str)) -> Answer {
    let body = serde_json::json!({ "login": ADMIN, "password": password }).to_string();
    suite.post("/auth/login", &[JSON, from], body.as_bytes()).await
}

async fn list(suite: &Suite, headers: &[(&str, &str)]) -> i32 {
    suite.call_web(LIST, headers, &ListStaffRequest::default()).await.grpc_status()
}

/// Issue 2, §3 step 1: a cookie for browsers, which scripts cannot read and foreign pages cannot
/// use, and which ends with the session.
#[tokio::test]
async fn a_cookie_opens_the_door_to_pages_of_ours() {
    let suite = Suite::here(NOW).await;
    let answer = log_in(&suite, PASSWORD, OURS).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let text = String::from_utf8_lossy(&answer.body);
    assert!(text.contains("\"must_change_password\":false"), "{text}");
    let pair = cookie.split(';').next().unwrap();
    assert!(!text.contains(pair.split_once('=').unwrap().1), "scripts do not see the token");

    let page = [("Cookie", pair), ("X-Grpc-Web", "1")];
    assert_eq!(list(&suite, &page).await, 0);
    // A form of a foreign page carries the cookie at most, never the header.
    assert_eq!(list(&suite, &[("Cookie", pair)]).await, UNAUTHENTICATED);
    assert_eq!(list(&suite, &[("X-Grpc-Web", "1")]).await, UNAUTHENTICATED);

    let foreign = ("Sec-Fetch-Site", "cross-site");
    assert_eq!(suite.post("/auth/logout", &[("Cookie", pair), foreign], b"").await.status, 403);
    assert_eq!(list(&suite, &page).await, 0, "a foreign page logs nobody out");
    let out = suite.post("/auth/logout", &[("Cookie", pair), OURS], b"").await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(list(&suite, &page).await, UNAUTHENTICATED);
}

/// A login that is refused says so, and nothing more.
#[tokio::test]
async fn logins_are_refused() {
    let suite = Suite::here(NOW).await;
    assert_eq!(log_in(&suite, "не тот пароль", OURS).await.status, 401);
    assert_eq!(log_in(&suite, PASSWORD, ("Sec-Fetch-Site", "cross-site")).await.status, 403);
    assert_eq!(suite.post("/auth/login", &[JSON, OURS], b"{").await.status, 400);
    let long = vec![b' '; 5000];
    assert_eq!(suite.post("/auth/login", &[JSON, OURS], &long).await.status, 413);
}
