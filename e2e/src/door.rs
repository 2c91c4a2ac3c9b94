//! Calls through the gateway with a bearer token.

use crate::patience::Patience;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tonic::{
    Request, Status,
    body::Body,
    codegen::{StdError, http},
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};
use tower::{Service, ServiceExt};

/// Deadline of a call: a simulated month takes its time.
const DEADLINE: Duration = Duration::from_secs(600);

/// A channel to the gateway that authenticates every call; with patience, one that repeats what got
/// no answer.
#[derive(Debug, Clone)]
pub struct Door {
    channel: InterceptedService<Channel, Bearer>,
    patience: Option<Patience>,
}

impl Door {
    /// The same door, whose calls are repeated until they are answered.
    #[must_use]
    pub fn patient(self, patience: Patience) -> Self {
        Self { patience: Some(patience), ..self }
    }
}

/// What a call comes to.
pub type Answered = Result<http::Response<Body>, StdError>;

impl Service<http::Request<Body>> for Door {
    type Response = http::Response<Body>;
    type Error = StdError;
    type Future = Pin<Box<dyn Future<Output = Answered> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), StdError>> {
        Poll::Ready(Ok(())) // each try waits for the channel by itself
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let (channel, patience) = (self.channel.clone(), self.patience.clone());
        Box::pin(async move {
            match patience {
                None => once(channel, request).await,
                Some(patience) => patience.call(|r| once(channel.clone(), r), request).await,
            }
        })
    }
}

async fn once(
    channel: InterceptedService<Channel, Bearer>,
    request: http::Request<Body>,
) -> Answered {
    Ok(channel.oneshot(request).await?.map(Body::new))
}

/// Puts a bearer token into every call.
#[derive(Debug, Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        request.set_timeout(DEADLINE);
        Ok(request)
    }
}

/// A door for a token; nobody's with an empty one.
///
/// # Panics
/// When the address is none.
#[must_use]
pub fn connect(address: &str, token: &str) -> Door {
    let endpoint = Endpoint::from_shared(address.to_owned()).expect("an address");
    let token = (!token.is_empty())
        .then(|| format!("Bearer {token}").parse().expect("a token of visible characters"));
    let channel = InterceptedService::new(endpoint.connect_lazy(), Bearer(token));
    Door { channel, patience: None }
}
