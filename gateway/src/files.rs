//! Files from browsers, which cannot stream to an RPC: `POST /files/statements` does what
//! `Statements.ImportStatement` does, with the same roles, and answers its reply in protobuf.

use crate::{
    address::CallerAddress,
    auth,
    door::{Door, bearer, cookie},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Query, Request, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::post,
};
use futures::stream;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use prost::Message;
use proto::payments::v1::{
    ImportHeader, ImportStatementRequest, ImportStatementResponse,
    statements_client::StatementsClient,
};
use serde::Deserialize;
use service::{Failure, Identity, Text};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, time::timeout};
use tonic::Status;

/// The method behind the path: whoever may call it may send files.
const IMPORT: &str = "/raschet.payments.v1.Statements/ImportStatement";
/// Largest file, bytes.
const MOST: usize = 32 * 1024 * 1024;
/// Bytes of one message on the way to payments-svc.
const CHUNK: usize = 1024 * 1024;
/// Files that are held in memory at a time.
const AT_A_TIME: usize = 4;
/// How long a file may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long it may take to be stored after that: the largest one is 100,000 lines.
const STORED: Duration = Duration::from_secs(120);

#[derive(Clone)]
struct Files {
    door: Arc<Door>,
    places: Arc<Semaphore>,
}

#[derive(Deserialize)]
struct Header {
    filename: String,
    request_id: String,
    #[serde(default)]
    accept_truncated: bool,
}

/// The routes for files.
pub(crate) fn routes(door: Arc<Door>) -> Router {
    let places = Arc::new(Semaphore::new(AT_A_TIME));
    Router::new().route("/files/statements", post(statement)).with_state(Files { door, places })
}

async fn statement(
    State(files): State<Files>,
    Query(header): Query<Header>,
    request: Request,
) -> Response {
    match files.import(header, request).await {
        Ok(reply) => {
            let kind = [(header::CONTENT_TYPE, "application/x-protobuf")];
            (kind, reply.encode_to_vec()).into_response()
        }
        Err(status) => auth::failed(&status),
    }
}

impl Files {
    async fn import(
        &self,
        header: Header,
        request: Request,
    ) -> Result<ImportStatementResponse, Status> {
        let address = CallerAddress::of(request.extensions());
        let token = token(request.headers());
        // Nothing is read before its sender is known and allowed.
        let (identity, _place) = self.door.admit(token, address, IMPORT).await?;
        let _held = self.places.try_acquire().map_err(|_| Status::from(busy()))?;
        let bytes = read(request.into_body()).await?;
        self.send(identity, header, bytes).await
    }

    async fn send(
        &self,
        identity: Identity,
        header: Header,
        bytes: Bytes,
    ) -> Result<ImportStatementResponse, Status> {
        let Header { filename, request_id, accept_truncated } = header;
        let header = ImportHeader { filename, accept_truncated, request_id };
        let first = ImportStatementRequest { header: Some(header), chunk: Vec::new() };
        let count = bytes.len().div_ceil(CHUNK);
        let chunks = (0..count).map(move |at| {
            let end = bytes.len().min((at + 1) * CHUNK);
            ImportStatementRequest { header: None, chunk: bytes[at * CHUNK..end].to_vec() }
        });
        let channel = self.door.peers().channel("payments").acting(identity);
        let messages = stream::iter(std::iter::once(first).chain(chunks));
        let mut request = tonic::Request::new(messages);
        request.set_timeout(STORED);
        let reply = StatementsClient::new(channel).import_statement(request).await?;
        Ok(reply.into_inner())
    }
}

/// The bearer token of a program, or the cookie that a page of ours sends along.
fn token(headers: &HeaderMap) -> Option<String> {
    if headers.contains_key(header::AUTHORIZATION) {
        return bearer(headers);
    }
    if is_of_a_page_of_ours(headers) { cookie(headers) } else { None }
}

/// A browser says where a request comes from: in `Sec-Fetch-Site`, an old one in `Origin`. What
/// says neither is no page of ours.
fn is_of_a_page_of_ours(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = text("origin").and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    origin.is_some() && origin == text("host")
}

async fn read(body: Body) -> Result<Bytes, Failure> {
    match timeout(PATIENCE, Limited::new(body, MOST).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Failure::invalid_request(
            "MESSAGE_TOO_LARGE",
            Text::new(
                "Файл слишком большой: не больше 32 МиБ.",
                "The file is too large: 32 MiB at most.",
            ),
        )),
        Ok(Err(_)) => Err(Failure::invalid_request(
            "MESSAGE_MALFORMED",
            Text::new("Файл не дошёл целиком.", "The file did not arrive whole."),
        )),
        Err(_) => Err(Failure::exhausted(
            "MESSAGE_TOO_SLOW",
            Text::new(
                "Файл идёт слишком долго: не больше 20 секунд.",
                "The file takes too long to arrive: 20 seconds at most.",
            ),
        )),
    }
}

fn busy() -> Failure {
    Failure::exhausted(
        "TOO_MANY_FILES",
        Text::new(
            format!("Сейчас загружаются другие файлы: не больше {AT_A_TIME} одновременно."),
            format!("Other files are being sent: {AT_A_TIME} at a time at most."),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    /// Issue 4, part 3: a cookie opens nothing to a foreign page, by either header.
    #[test]
    fn a_cookie_is_taken_from_pages_of_ours_only() {
        let cookie = ("cookie", "raschet_session=abc");
        let host = ("host", "bill.example:8080");
        let ours = [("sec-fetch-site", "same-origin"), ("origin", "https://bill.example:8080")];
        let foreign = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "none"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ];
        for page in ours {
            assert_eq!(token(&headers(&[cookie, host, page])).as_deref(), Some("abc"), "{page:?}");
        }
        for page in foreign {
            assert_eq!(token(&headers(&[cookie, host, page])), None, "{page:?}");
        }
        assert_eq!(token(&headers(&[cookie, host])), None);
        let program = [("authorization", "Bearer abc")];
        assert_eq!(token(&headers(&program)).as_deref(), Some("abc"));
    }
}
