//! Calls through the gateway with a bearer token.

use std::time::Duration;
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

/// A channel to the gateway that authenticates every call.
pub type Door = InterceptedService<Channel, Bearer>;

/// Deadline of a call: a simulated month takes its time.
const DEADLINE: Duration = Duration::from_secs(600);

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
    InterceptedService::new(endpoint.connect_lazy(), Bearer(token))
}
