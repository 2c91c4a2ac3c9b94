//! What every call passes before it reaches a service's own code: one list, a reason per layer.

mod wording;

use crate::{
    Failure, Locale, Scope, Text, Verifier, authority,
    feed::receipt::{self, Follows},
    health, telemetry,
};
use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
};
use futures::FutureExt;
use http::{Extensions, HeaderMap, HeaderValue, header::ACCEPT_LANGUAGE};
use proto::system::v1::Role;
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Semaphore, time::Instant};
use tonic::Status;
use tower::ServiceBuilder;

/// Metadata key of a call's deadline (gRPC over HTTP/2, "Timeout").
pub(crate) const TIMEOUT: &str = "grpc-timeout";
/// Metadata key of the events that a mutating call has emitted.
pub(crate) const EVENTS: &str = "raschet-events";
/// Deadline of a call that names none.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);
/// No call may take longer than this, whatever it asks for.
const MAX_DEADLINE: Duration = Duration::from_secs(15 * 60);
/// Calls of one service that are worked on at a time; more are refused at once.
const MAX_CALLS: usize = 512;
/// Services that answer whoever can connect: what orchestrators and `grpcurl` need.
const OPEN: [&str; 3] = [
    "/grpc.health.v1.Health/",
    "/grpc.reflection.v1.ServerReflection/",
    "/grpc.reflection.v1alpha.ServerReflection/",
];

/// Puts the layers around a service's routes; the first one is the outermost.
pub(crate) fn wrap(
    routes: Router,
    service: &'static str,
    verifier: Verifier,
    follows: Follows,
) -> Router {
    let frame = follows.frame.clone();
    // Innermost, because it asks the database: only for callers who may be answered at all.
    let routes = routes.layer(from_fn_with_state(Arc::new(follows), receipt::wait));
    // Nobody waits for a database that is away.
    let routes = routes.layer(from_fn_with_state(frame, health::answer_while_there));
    // Nothing of a service runs before its caller is known and allowed.
    outer(authorised(routes, verifier), service)
}

/// The layers that do not ask who calls.
pub fn outer(routes: Router, service: &'static str) -> Router {
    let calls = Arc::new(Semaphore::new(MAX_CALLS));
    routes.layer(
        ServiceBuilder::new()
            // Outermost, so that calls refused below are traced and counted too.
            .layer(from_fn_with_state(service, telemetry::trace))
            // Language, deadline and panics: from here on every error has a text and a code.
            .layer(from_fn(context))
            // Bounded: a burst is refused at once rather than queued until everybody times out.
            .layer(from_fn_with_state(calls, limit)),
    )
}

/// The layers that verify identities and check roles, and put the [`Scope`] into the request.
pub fn authorised(routes: Router, verifier: Verifier) -> Router {
    routes.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(Arc::new(verifier), authorise))
            // What the transport says of a message that it cannot read, in our words.
            .layer(from_fn(wording::reword)),
    )
}

/// What the code below the layers may ask about the call at hand.
struct Context {
    locale: Locale,
    deadline: Instant,
    /// `raschet-events` of the call: what its caller has seen.
    seen: Option<HeaderValue>,
    /// `raschet-events` of the reply: what the call has done.
    events: Mutex<Vec<String>>,
}

impl Context {
    fn of(headers: &HeaderMap) -> Self {
        let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        let timeout = header(TIMEOUT).and_then(timeout).unwrap_or(DEFAULT_DEADLINE);
        Self {
            locale: Locale::negotiate(header(ACCEPT_LANGUAGE.as_str()).unwrap_or_default()),
            // A little before the caller gives up, so that it is still told why.
            deadline: Instant::now() + timeout.min(MAX_DEADLINE) * 9 / 10,
            seen: headers.get(EVENTS).cloned(),
            events: Mutex::default(),
        }
    }
}

tokio::task_local! {
    static CONTEXT: Context;
}

/// Language of the call at hand; the default outside of one.
pub(crate) fn locale() -> Locale {
    CONTEXT.try_with(|c| c.locale).unwrap_or_default()
}

/// Time that the call at hand has left; `None` outside of one.
pub(crate) fn remaining() -> Option<Duration> {
    CONTEXT.try_with(|c| c.deadline.saturating_duration_since(Instant::now())).ok()
}

/// Events that the caller of the call at hand has seen, for the calls that it causes.
pub(crate) fn seen() -> Option<HeaderValue> {
    CONTEXT.try_with(|c| c.seen.clone()).ok().flatten()
}

/// Notes events, each as `invoicing={uuid}`, for the `raschet-events` header of the reply.
pub(crate) fn note_events(ids: impl IntoIterator<Item = String>) {
    // Outside of a call (jobs, followers) nobody waits for them.
    let _ = CONTEXT.try_with(|c| {
        c.events.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
    });
}

/// Path of the method, as the layers noted it.
#[derive(Debug, Clone)]
struct MethodPath(String);

/// Path of the method that is called, such as `/raschet.invoicing.v1.Invoices/IssueInvoice`.
pub(crate) fn method(extensions: &Extensions) -> &str {
    extensions.get::<MethodPath>().map_or("", |path| &path.0)
}

async fn context(request: Request, next: Next) -> Response {
    CONTEXT
        .scope(Context::of(request.headers()), async {
            let deadline = CONTEXT.with(|c| c.deadline);
            let call = AssertUnwindSafe(next.run(request)).catch_unwind();
            let mut response = match tokio::time::timeout_at(deadline, call).await {
                Ok(Ok(response)) => response,
                Ok(Err(panic)) => {
                    telemetry::count("rpc.panics", 1);
                    refuse(Failure::internal(format!("panicked: {}", panic_text(&*panic))))
                }
                Err(_) => refuse(Failure::expired()),
            };
            send_events(response.headers_mut());
            response
        })
        .await
}

/// Puts the ids of the emitted events into the reply's headers, unless the call failed.
fn send_events(headers: &mut HeaderMap) {
    let ids = CONTEXT
        .with(|c| std::mem::take(&mut *c.events.lock().unwrap_or_else(PoisonError::into_inner)));
    // A large act emits more than a header may hold; then the last ones are what to wait for.
    let ids: Vec<_> = ids.into_iter().rev().take(receipt::MOST).collect();
    if !ids.is_empty()
        && !headers.contains_key("grpc-status")
        && let Ok(value) = ids.join(",").parse()
    {
        headers.insert(EVENTS, value);
    }
}

async fn limit(State(calls): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    match calls.try_acquire() {
        Ok(_permit) => next.run(request).await,
        Err(_) => refuse(Failure::exhausted(
            "TOO_MANY_CALLS",
            Text::new(
                "Слишком много запросов одновременно. Повторите чуть позже.",
                "Too many calls at once. Try again a little later.",
            ),
        )),
    }
}

/// True for what orchestrators and `grpcurl` ask, whoever they are.
pub(crate) fn is_open(path: &str) -> bool {
    OPEN.iter().any(|service| path.starts_with(service))
}

async fn authorise(
    State(verifier): State<Arc<Verifier>>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if is_open(path) {
        return next.run(request).await;
    }
    let Some(method) = authority::method(path) else { return refuse(no_method(path)) };
    let path = MethodPath(path.to_owned());
    if !method.roles.contains(&Role::Public) {
        match scope(&verifier, request.headers(), &method.roles) {
            Ok(scope) => request.extensions_mut().insert(scope),
            Err(failure) => return refuse(failure),
        };
    }
    request.extensions_mut().insert(path);
    next.run(request).await
}

/// The caller's scope, when its identity holds and one of its roles is declared.
fn scope(verifier: &Verifier, headers: &HeaderMap, declared: &[Role]) -> Result<Scope, Failure> {
    let token = headers.get(authority::HEADER).and_then(|v| v.to_str().ok());
    let token = token.ok_or_else(|| Failure::unauthenticated("IDENTITY_MISSING"))?;
    let identity = verifier.verify(token)?;
    if !authority::allows(declared, &identity.roles) {
        return Err(Failure::denied());
    }
    let authority::Identity { actor, roles, client } = identity;
    let told = headers.get(ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok());
    let ukrainian = Locale::prefers_ukrainian(told.unwrap_or_default());
    Ok(Scope { actor, roles, client, locale: locale(), ukrainian })
}

/// What no contract names.
#[must_use]
pub fn no_method(path: &str) -> Failure {
    let (ru, en) = (format!("Метода {path} нет."), format!("There is no method {path}."));
    Failure::unimplemented("METHOD_UNKNOWN", Text::new(ru, en))
}

/// The reply to a call that never reaches its handler.
pub fn refuse(failure: Failure) -> Response {
    Status::from(failure).into_http()
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Reads a `grpc-timeout` value: up to eight digits and a unit.
fn timeout(value: &str) -> Option<Duration> {
    let unit = value.chars().last()?;
    let digits = value.strip_suffix(unit)?;
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    match unit {
        'H' => Some(Duration::from_secs(amount * 3600)),
        'M' => Some(Duration::from_secs(amount * 60)),
        'S' => Some(Duration::from_secs(amount)),
        'm' => Some(Duration::from_millis(amount)),
        'u' => Some(Duration::from_micros(amount)),
        'n' => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_timeouts() {
        assert_eq!(timeout("250m"), Some(Duration::from_millis(250)));
        assert_eq!(timeout("2S"), Some(Duration::from_secs(2)));
        assert_eq!(timeout("99999999H"), Some(Duration::from_secs(99_999_999 * 3600)));
        for bad in ["", "S", "1", "-1S", "1с", "123456789S", "1.5S"] {
            assert_eq!(timeout(bad), None, "{bad:?}");
        }
    }
}
