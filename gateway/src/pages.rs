//! The screens: the console and the cabinet, built by `web/` and put into the program.
//!
//! A path below `/console` or `/cabinet` is a place inside those screens, so all of them answer the
//! same page.
//! What lies below `/assets` has the hash of its bytes in its name and never changes.

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
            CONTENT_TYPE, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

/// Built files: path below `web/dist`, and bytes. A compressed one stands beside its original.
type Files = &'static [(&'static str, &'static [u8])];

const BUILT: Files = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Scripts, fonts and calls of this origin only. The components' library writes style elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src blob:; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

const NOT_BUILT: &str = "<!doctype html><html lang=\"ru\"><meta charset=\"utf-8\">\
    <title>Raschet</title><h1>Экраны не собраны</h1>\
    <p>Выполните <code>make web</code> и соберите программу заново: <code>make run</code>.</p>\
    <h1 lang=\"en\">The screens are not built</h1>\
    <p lang=\"en\">Run <code>make web</code>, then build the program anew: \
    <code>make run</code>.</p></html>";

/// The routes of the screens.
pub(crate) fn routes() -> Router {
    of(BUILT)
}

fn of(files: Files) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/console") }))
        .route("/console", get(console))
        .route("/console/", get(console))
        .route("/console/{*place}", get(console))
        .route("/cabinet", get(cabinet))
        .route("/cabinet/", get(cabinet))
        .route("/cabinet/{*place}", get(cabinet))
        .route("/assets/{*name}", get(asset))
        .with_state(files)
}

async fn console(State(files): State<Files>, headers: HeaderMap) -> Response {
    page(files, "console/index.html", &headers)
}

async fn cabinet(State(files): State<Files>, headers: HeaderMap) -> Response {
    page(files, "cabinet/index.html", &headers)
}

async fn asset(
    State(files): State<Files>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(response) = file(files, &format!("assets/{name}"), &headers) else {
        return (StatusCode::NOT_FOUND, "Здесь ничего нет. Nothing is here.\n").into_response();
    };
    with(response, &[(CACHE_CONTROL, "public, max-age=31536000, immutable")])
}

fn page(files: Files, name: &str, headers: &HeaderMap) -> Response {
    let response = file(files, name, headers).unwrap_or_else(|| {
        let html = [(CONTENT_TYPE, "text/html; charset=utf-8")];
        (StatusCode::SERVICE_UNAVAILABLE, html, NOT_BUILT).into_response()
    });
    let fixed = [
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    with(response, &fixed)
}

/// A built file, compressed where the browser takes that.
fn file(files: Files, name: &str, headers: &HeaderMap) -> Option<Response> {
    let find = |name: &str| files.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes);
    let plain = find(name)?;
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let takes_gzip = accepted.is_some_and(|value| value.contains("gzip"));
    let packed = takes_gzip.then(|| find(&format!("{name}.gz"))).flatten();
    let mut response = Response::new(Body::from(packed.unwrap_or(plain)));
    if packed.is_some() {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let fixed = [
        (CONTENT_TYPE, media_type(name)),
        (VARY, "accept-encoding"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Some(with(response, &fixed))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

fn with(mut response: Response, headers: &[(HeaderName, &'static str)]) -> Response {
    for (name, value) in headers {
        response.headers_mut().insert(name.clone(), HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::Request;
    use tower::ServiceExt;

    const SAMPLE: Files = &[
        ("console/index.html", b"<!doctype html>"),
        ("cabinet/index.html", b"<!doctype html>"),
        ("assets/console-4f2a.js", b"let a = 1"),
        ("assets/console-4f2a.js.gz", b"packed"),
    ];

    async fn answer(files: Files, path: &str, encoding: &str) -> Response {
        let request = Request::builder().uri(path).header(ACCEPT_ENCODING, encoding);
        of(files).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    fn header(response: &Response, name: HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Issue 4, parts 2 and 4: every place inside the console, or the cabinet, is its one page,
    /// never kept and never allowed to run what is not ours.
    #[tokio::test]
    async fn places_are_one_page() {
        let places = ["", "/", "/clients/0192-a"]
            .map(|place| ["/console", "/cabinet"].map(|area| format!("{area}{place}")));
        for path in places.as_flattened() {
            let response = answer(SAMPLE, path, "").await;
            assert_eq!(response.status(), 200, "{path}");
            assert_eq!(header(&response, CONTENT_TYPE), "text/html; charset=utf-8");
            assert_eq!(header(&response, CACHE_CONTROL), "no-cache");
            let policy = header(&response, CONTENT_SECURITY_POLICY);
            assert!(policy.contains("script-src 'self';"), "{policy}");
        }
        assert_eq!(answer(SAMPLE, "/", "").await.status(), 307);
    }

    /// Issue 4, part 2: what has a hash in its name is kept, and comes packed to who takes that.
    #[tokio::test]
    async fn assets_are_kept_and_packed() {
        let packed = answer(SAMPLE, "/assets/console-4f2a.js", "gzip, br").await;
        assert_eq!(header(&packed, CONTENT_ENCODING), "gzip");
        assert!(header(&packed, CACHE_CONTROL).contains("immutable"));
        let plain = answer(SAMPLE, "/assets/console-4f2a.js", "").await;
        assert_eq!(header(&plain, CONTENT_ENCODING), "");
        assert_eq!(header(&plain, CONTENT_TYPE), "text/javascript; charset=utf-8");
        assert_eq!(answer(SAMPLE, "/assets/none.js", "").await.status(), 404);
        assert_eq!(answer(SAMPLE, "/assets/../console/index.html", "").await.status(), 404);
    }

    /// A program that was built without the screens says how to build them.
    #[tokio::test]
    async fn unbuilt_screens_say_so() {
        assert_eq!(answer(&[], "/console", "").await.status(), 503);
        assert!(NOT_BUILT.contains("make web"));
    }
}
