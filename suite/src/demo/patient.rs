//! Calls that are said again while a service has no answer: a machine that is busy with other
//! things must not cost the demo its history. Every change carries a request id: it is done once.

use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use service::peers::PeerChannel;
use std::{
    task::{Context, Poll},
    time::Duration,
};
use tonic::{
    Code, Status,
    body::Body,
    codegen::{Service, http},
};
use tower::ServiceExt;

/// Tries of one call.
pub const TRIES: u32 = 60;
/// Pause between two of them.
pub const PAUSE: Duration = Duration::from_millis(500);

/// A channel whose calls are repeated while the answer is `UNAVAILABLE`.
#[derive(Debug, Clone)]
pub struct Patient(PeerChannel);

impl Patient {
    /// Makes a channel patient.
    #[must_use]
    pub fn new(channel: PeerChannel) -> Self {
        Self(channel)
    }
}

impl Service<http::Request<Body>> for Patient {
    type Response = http::Response<Body>;
    type Error = tonic::transport::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(())) // each try waits for the channel by itself
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let channel = self.0.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body: Bytes = match body.collect().await {
                Ok(whole) => whole.to_bytes(),
                Err(status) => return Ok(Status::into_http(status)),
            };
            let mut tries = 1;
            loop {
                let again = Body::new(Full::new(body.clone()));
                let request = http::Request::from_parts(head.clone(), again);
                let answer = channel.clone().oneshot(request).await?;
                if !is_unavailable(&answer) || tries == TRIES {
                    return Ok(answer);
                }
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
        })
    }
}

/// A refusal stands in the headers; it has no body.
fn is_unavailable(answer: &http::Response<Body>) -> bool {
    let code = answer.headers().get("grpc-status");
    code.is_some_and(|code| Code::from_bytes(code.as_bytes()) == Code::Unavailable)
}
