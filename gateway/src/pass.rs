//! Hands a call to the owning service by its path, without decoding it.

use crate::door::{Door, audience};
use axum::{
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use service::{Failure, authority::GATEWAY, layers, telemetry};
use std::sync::Arc;
use tower::ServiceExt;

/// The call has a signed identity by now, or needs none.
pub async fn pass(State(door): State<Arc<Door>>, request: Request<Body>) -> Response {
    let path = request.uri().path();
    let service = match audience(path) {
        Some(service) if service != GATEWAY => service,
        _ => return layers::refuse(layers::no_method(path)),
    };
    let mut request = request.map(tonic::body::Body::new);
    telemetry::inject(request.headers_mut());
    let answered = match door.peers().transport(service).ready_oneshot().await {
        Ok(mut channel) => tower::Service::call(&mut channel, request).await,
        Err(e) => Err(e),
    };
    match answered {
        Ok(response) => response.map(Body::new).into_response(),
        Err(e) => layers::refuse(Failure::unavailable(format!("{service}: {e}"))),
    }
}
