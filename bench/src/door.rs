//! Calls through the gateway, as the operator.

use anyhow::Result;
use std::time::Duration;
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

/// A channel to the gateway that authenticates every call.
pub type Door = InterceptedService<Channel, Bearer>;

/// Puts a bearer token into every call.
#[derive(Debug, Clone)]
pub struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        request.set_timeout(Duration::from_secs(3600));
        Ok(request)
    }
}

/// Connects to a gateway with a token.
///
/// # Errors
/// When nobody listens there.
pub async fn connect(address: &str, token: &str) -> Result<Door> {
    let channel = Endpoint::from_shared(address.to_owned())?.tcp_nodelay(true).connect().await?;
    let token = Bearer(format!("Bearer {token}").parse()?);
    Ok(InterceptedService::new(channel, token))
}

/// A fresh request id.
#[must_use]
pub fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
