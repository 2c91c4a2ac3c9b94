//! The cookie of browsers around `Sessions.Login` (`/auth/login`, `/auth/logout`).

use crate::{
    address::CallerAddress,
    door::{COOKIE, Door, cookie},
    entrance,
};
use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::post,
};
use proto::clients::v1 as clients;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tonic::{Code, Status};
use tonic_types::StatusExt;

#[derive(Deserialize)]
struct Login {
    login: String,
    password: String,
}

#[derive(Serialize)]
struct LoggedIn {
    actor: String,
    roles: Vec<&'static str>,
    client: String,
    must_change_password: bool,
    display_name: String,
}

#[derive(Serialize)]
struct Refused {
    text: String,
    /// For programs, such as `STATEMENT_TRUNCATED`; empty where there is none.
    reason: String,
}

/// The routes for browsers.
pub(crate) fn routes(door: Arc<Door>) -> Router {
    Router::new()
        .route("/auth/login", post(login))
        .route("/auth/logout", post(logout))
        .layer(from_fn_with_state(Arc::clone(&door), enter))
        .with_state(door)
}

async fn enter(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    match entrance::enter(door.limits(), request).await {
        Ok((request, _place)) => next.run(request).await,
        Err(failure) => failed(&failure.into()),
    }
}

async fn login(
    State(door): State<Arc<Door>>,
    address: Option<Extension<CallerAddress>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_ours(&headers) {
        return refused(StatusCode::FORBIDDEN, "Откройте страницу входа. Open the login page.");
    }
    let Ok(login) = serde_json::from_slice::<Login>(&body) else {
        let text = r#"Ожидается {"login": …, "password": …}. That JSON is expected."#;
        return refused(StatusCode::BAD_REQUEST, text);
    };
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok());
    let request = clients::OpenSessionRequest {
        login: login.login,
        password: login.password,
        remote_address: address.map(|Extension(address)| address.0.to_string()).unwrap_or_default(),
        user_agent: agent.unwrap_or_default().into(),
    };
    match door.identities().open_session(request).await {
        Ok(session) => logged_in(&door, session.into_inner()),
        Err(status) => failed(&status),
    }
}

fn logged_in(door: &Door, session: clients::Session) -> Response {
    let secure = if door.secure_cookies { "; Secure" } else { "" };
    let token = &session.token;
    let value = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}");
    let body = LoggedIn {
        roles: session.roles().map(|r| r.as_str_name()).collect(),
        actor: session.actor,
        client: session.client,
        must_change_password: session.must_change_password,
        display_name: session.display_name,
    };
    with_cookie(&value, Json(body).into_response())
}

async fn logout(State(door): State<Arc<Door>>, headers: HeaderMap) -> Response {
    if !is_ours(&headers) {
        return refused(StatusCode::FORBIDDEN, "Выйдите на странице. Log out on the page.");
    }
    if let Some(token) = cookie(&headers) {
        let close = clients::CloseSessionRequest { token: token.clone() };
        // A session that has ended already is what was asked for.
        let _ = door.identities().close_session(close).await;
        door.forget(&token);
    }
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    with_cookie(&gone, StatusCode::NO_CONTENT.into_response())
}

/// Foreign pages cannot log anybody in or out: browsers say where a request comes from.
fn is_ours(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_none_or(|v| v == "same-origin" || v == "none")
}

/// An error of a call as a browser's request is answered.
pub(crate) fn failed(status: &Status) -> Response {
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    let code = match status.code() {
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::InvalidArgument if reason == "MESSAGE_TOO_LARGE" => StatusCode::PAYLOAD_TOO_LARGE,
        Code::InvalidArgument => StatusCode::BAD_REQUEST,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::FailedPrecondition | Code::Aborted => StatusCode::CONFLICT,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let refusal = Refused { text: status.message().into(), reason };
    let mut response = (code, Json(refusal)).into_response();
    let wait = retry_after(status);
    response.headers_mut().extend(wait.map(|seconds| (header::RETRY_AFTER, seconds)));
    response
}

/// When to come back: whole seconds, and not a moment too early.
pub(crate) fn retry_after(status: &Status) -> Option<HeaderValue> {
    let wait = status.get_details_retry_info()?.retry_delay?;
    Some(HeaderValue::from(wait.as_secs() + 1))
}

fn refused(code: StatusCode, text: &str) -> Response {
    (code, Json(Refused { text: text.into(), reason: String::new() })).into_response()
}

fn with_cookie(value: &str, mut response: Response) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}
