//! The cookie of browsers around `Sessions.Login` (`/auth/login`, `/auth/logout`).

use crate::door::{COOKIE, Door, cookie};
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use proto::clients::v1 as clients;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tonic::{Code, Status};

/// Largest body of a login.
const LIMIT: usize = 4096;

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
}

/// The routes for browsers.
pub(crate) fn routes(door: Arc<Door>) -> Router {
    Router::new()
        .route("/auth/login", post(login))
        .route("/auth/logout", post(logout))
        .layer(axum::extract::DefaultBodyLimit::max(LIMIT))
        .with_state(door)
}

async fn login(State(door): State<Arc<Door>>, headers: HeaderMap, body: Bytes) -> Response {
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
        remote_address: String::new(),
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
        door.forget(&token);
        // A session that has ended already is what was asked for.
        let _ = door.identities().close_session(clients::CloseSessionRequest { token }).await;
    }
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    with_cookie(&gone, StatusCode::NO_CONTENT.into_response())
}

/// Foreign pages cannot log anybody in or out: browsers say where a request comes from.
fn is_ours(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_none_or(|v| v == "same-origin" || v == "none")
}

fn failed(status: &Status) -> Response {
    let code = match status.code() {
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::InvalidArgument => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    refused(code, status.message())
}

fn refused(code: StatusCode, text: &str) -> Response {
    (code, Json(Refused { text: text.into() })).into_response()
}

fn with_cookie(value: &str, mut response: Response) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}
