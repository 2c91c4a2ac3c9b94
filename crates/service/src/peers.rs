//! Calls to the other services: signed, traced, and never without a deadline.

use crate::{
    Listen,
    authority::{self, HEADER, Identity, Signer},
    layers, telemetry,
};
use futures::future::BoxFuture;
use http::{HeaderValue, Request, Response};
use hyper_util::rt::TokioIo;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::net::UnixStream;
use tonic::{
    body::Body,
    transport::{Channel, Endpoint},
};
use tower::Service;

/// Deadline of a call that sets none and is not made on behalf of another one.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);
/// A signed identity is used again for this long; it lives longer than that.
const REUSE: Duration = Duration::from_secs(20);
/// Time to open a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Where the other services are, and who we are to them.
#[derive(Debug, Clone)]
pub struct Peers {
    signer: Arc<Signer>,
    /// Address of every service: a template with `{service}`.
    address: Arc<str>,
    channels: Arc<Mutex<HashMap<String, Channel>>>,
}

impl Peers {
    /// Peers at `address` (a [`Listen`] with `{service}` in it), called as the signer's caller.
    #[must_use]
    pub fn new(address: &str, signer: Signer) -> Self {
        let channels = Arc::default();
        Self { signer: Arc::new(signer), address: address.into(), channels }
    }

    /// A channel to a service, for its generated client: `InvoicesClient::new(peers.channel(…))`.
    /// It calls as this process (role `SERVICE`); connections are opened when needed and shared.
    #[must_use]
    pub fn channel(&self, service: &str) -> PeerChannel {
        PeerChannel {
            channel: self.transport(service),
            signer: Arc::clone(&self.signer),
            identity: Identity::service(self.signer.caller()),
            audience: service.into(),
            token: Arc::default(),
        }
    }

    /// The signer of this process, for whoever forwards calls itself (the gateway).
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The bare connection to a service, without identity, trace or deadline (the gateway).
    #[must_use]
    pub fn transport(&self, service: &str) -> Channel {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let connect = || connect(&self.address.replace("{service}", service));
        channels.entry(service.to_owned()).or_insert_with(connect).clone()
    }
}

/// A lazy connection; a wrong address shows as `UNAVAILABLE` on the first call.
fn connect(address: &str) -> Channel {
    let endpoint = |uri: String| {
        Endpoint::from_shared(uri)
            .unwrap_or_else(|_| Endpoint::from_static("http://address.invalid"))
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(10))
            .keep_alive_while_idle(true)
    };
    match address.parse() {
        Ok(Listen::Unix(path)) => {
            let connector = tower::service_fn(move |_| {
                let path = path.clone();
                async move { UnixStream::connect(path).await.map(TokioIo::new) }
            });
            endpoint("http://unix.invalid".into()).connect_with_connector_lazy(connector)
        }
        _ => endpoint(format!("http://{address}")).connect_lazy(),
    }
}

/// A connection to one service that adds to every call: the signed identity, the trace context,
/// the caller's language, and a deadline.
#[derive(Debug, Clone)]
pub struct PeerChannel {
    channel: Channel,
    signer: Arc<Signer>,
    identity: Identity,
    audience: Arc<str>,
    token: Arc<Mutex<Option<(HeaderValue, Instant)>>>,
}

impl PeerChannel {
    /// The same connection on behalf of somebody else; only the gateway's key may do that.
    #[must_use]
    pub fn acting(mut self, identity: Identity) -> Self {
        self.identity = identity;
        self.token = Arc::default();
        self
    }

    fn token(&self) -> Option<HeaderValue> {
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        match &*token {
            Some((value, signed)) if signed.elapsed() < REUSE => Some(value.clone()),
            _ => {
                let signed = self.signer.sign(&self.identity, &self.audience);
                let mut value = HeaderValue::from_str(&signed).ok()?;
                value.set_sensitive(true);
                *token = Some((value.clone(), Instant::now()));
                Some(value)
            }
        }
    }
}

impl Service<Request<Body>> for PeerChannel {
    type Response = Response<Body>;
    type Error = tonic::transport::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.channel.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let unary = !authority::method(request.uri().path()).is_some_and(|m| m.server_streaming);
        let headers = request.headers_mut();
        if let Some(token) = self.token() {
            headers.insert(HEADER, token);
        }
        if let Ok(tag) = HeaderValue::from_str(layers::locale().tag()) {
            headers.entry(http::header::ACCEPT_LANGUAGE).or_insert(tag);
        }
        // A stream such as Feed.Follow has no end to wait for.
        if unary && !headers.contains_key(layers::TIMEOUT) {
            let deadline = layers::remaining().unwrap_or(DEFAULT_DEADLINE);
            if let Ok(value) = HeaderValue::from_str(&format!("{}m", deadline.as_millis())) {
                headers.insert(layers::TIMEOUT, value);
            }
        }
        if let Some(seen) = layers::seen() {
            headers.entry(layers::EVENTS).or_insert(seen);
        }
        telemetry::inject(headers);
        let reply = self.channel.call(request);
        Box::pin(async move {
            let reply = reply.await?;
            // What our peer has done for us, we have done for our caller.
            let events = reply.headers().get(layers::EVENTS).and_then(|v| v.to_str().ok());
            layers::note_events(events.into_iter().flat_map(|e| e.split(',')).map(str::to_owned));
            Ok(reply)
        })
    }
}
