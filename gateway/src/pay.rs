//! The pay page of an invoice, `/pay/{token}`: whoever has the link sees it, without a login and
//! without a script. A token that nobody knows and one that was never made look the same.

mod view;
mod words;

use crate::{address::CallerAddress, auth::retry_after, door::Door};
use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY,
            CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
            X_FRAME_OPTIONS,
        },
    },
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use proto::invoicing::v1::{
    GetInvoiceDocumentRequest, GetPayCodeRequest, GetPayPageRequest, InvoiceDocument, PayPage,
    invoice::State as InvoiceState, invoices_client::InvoicesClient,
    pay_links_client::PayLinksClient,
};
use service::{Failure, Locale, PeerChannel};
use std::sync::Arc;
use tonic::{Code, Status};
use view::Instead;

const HTML: &str = "text/html; charset=utf-8";

/// The routes of pay pages.
pub(crate) fn routes(door: Arc<Door>) -> Router {
    Router::new()
        .route("/pay/{token}", get(page))
        .route("/pay/{token}/code.svg", get(code))
        .route("/pay/{token}/invoice.pdf", get(document))
        .layer(from_fn_with_state(Arc::clone(&door), admit))
        .with_state(door)
}

/// Counts a call by its address, and gives it a place while it is worked on.
async fn admit(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let locale = locale(request.headers());
    let address = CallerAddress::of(request.extensions());
    let admitted = door.limits().page(address).and_then(|()| door.limits().read());
    match admitted {
        Ok(_place) => next.run(request).await,
        Err(failure) => {
            let wait = retry_after(&Status::from(failure));
            let mut response = instead(locale, Instead::Busy);
            response.headers_mut().extend(wait.map(|wait| (RETRY_AFTER, wait)));
            response
        }
    }
}

async fn page(
    State(door): State<Arc<Door>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let locale = locale(&headers);
    let drawn = match find(&door, &token).await {
        Ok(page) => view::draw(locale, &token, &page).map_err(Status::from),
        Err(status) => Err(status),
    };
    match drawn {
        Ok(html) => answer(StatusCode::OK, HTML, html),
        Err(status) => refused(locale, &status),
    }
}

async fn code(
    State(door): State<Arc<Door>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    match links(&door).get_pay_code(GetPayCodeRequest { token }).await {
        Ok(code) => answer(StatusCode::OK, "image/svg+xml", code.into_inner().svg),
        Err(status) => refused(locale(&headers), &status),
    }
}

async fn document(
    State(door): State<Arc<Door>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    match pdf(&door, &token).await {
        Ok(InvoiceDocument { content, filename, .. }) => {
            let mut response = answer(StatusCode::OK, "application/pdf", content);
            let name = percent(&filename);
            let disposition = format!("inline; filename=\"invoice.pdf\"; filename*=UTF-8''{name}");
            if let Ok(value) = HeaderValue::from_str(&disposition) {
                response.headers_mut().insert(CONTENT_DISPOSITION, value);
            }
            // The browser's own viewer of PDFs is a page with styles and scripts.
            response.headers_mut().remove(CONTENT_SECURITY_POLICY);
            response
        }
        Err(status) => refused(locale(&headers), &status),
    }
}

/// The document of an invoice that may be paid or was; what was cancelled must not go round.
async fn pdf(door: &Door, token: &str) -> Result<InvoiceDocument, Status> {
    let page = find(door, token).await?;
    if page.state() != InvoiceState::Issued {
        return Err(Failure::not_found("payLinks/-").into());
    }
    let mut invoices = InvoicesClient::new(door.peers().channel("invoicing"));
    let request = GetInvoiceDocumentRequest { name: page.invoice };
    Ok(invoices.get_invoice_document(request).await?.into_inner())
}

fn links(door: &Door) -> PayLinksClient<PeerChannel> {
    PayLinksClient::new(door.peers().channel("invoicing"))
}

async fn find(door: &Door, token: &str) -> Result<PayPage, Status> {
    let request = GetPayPageRequest { token: token.into() };
    Ok(links(door).get_pay_page(request).await?.into_inner())
}

fn locale(headers: &HeaderMap) -> Locale {
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Locale::negotiate(asked.unwrap_or_default())
}

fn refused(locale: Locale, status: &Status) -> Response {
    let why = match status.code() {
        Code::NotFound => Instead::Unknown,
        Code::ResourceExhausted => Instead::Busy,
        _ => Instead::Away,
    };
    instead(locale, why)
}

fn instead(locale: Locale, why: Instead) -> Response {
    let code = match why {
        Instead::Unknown => StatusCode::NOT_FOUND,
        Instead::Busy => StatusCode::TOO_MANY_REQUESTS,
        Instead::Away => StatusCode::SERVICE_UNAVAILABLE,
    };
    match view::instead(locale, why) {
        Ok(html) => answer(code, HTML, html),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Nothing of it is kept or found anywhere, and its address goes nowhere.
fn answer(code: StatusCode, media_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = code;
    let fixed = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (VARY, "accept-language"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ];
    for (name, value) in fixed {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&view::POLICY) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A file name as RFC 8187 writes it.
fn percent(name: &str) -> String {
    use std::fmt::Write;
    name.bytes().fold(String::new(), |mut written, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            written.push(char::from(byte));
        } else {
            let _ = write!(written, "%{byte:02X}");
        }
        written
    })
}
