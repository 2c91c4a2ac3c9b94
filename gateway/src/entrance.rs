//! Calls that anybody may make: small, sent in time, and few at a time.

use crate::{address::CallerAddress, limits::Limits};
use axum::{
    body::{Body, Bytes},
    extract::Request,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use service::{Failure, Text};
use std::time::Duration;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

/// Largest body: an address, a password or two, a token.
const MOST: usize = 4096;
/// How long it may take to arrive.
const PATIENCE: Duration = Duration::from_secs(5);
/// Paths behind which a password is hashed, which takes a core.
const HASHING: [&str; 3] = [
    "/auth/login",
    "/raschet.gateway.v1.Sessions/Login",
    "/raschet.gateway.v1.Sessions/ChangePassword",
];

/// Lets a call in, with all of its body and a place that it keeps while it is worked on. The body
/// is read first: who sends it slowly holds nobody's place.
pub(crate) async fn enter(
    limits: &Limits,
    request: Request,
) -> Result<(Request, OwnedSemaphorePermit), Failure> {
    let address = CallerAddress::of(request.extensions());
    if HASHING.contains(&request.uri().path()) {
        limits.login(address)?;
    } else {
        limits.ask(address)?;
    }
    let (parts, body) = request.into_parts();
    let body = read(body).await?;
    let place = limits.enter()?;
    Ok((Request::from_parts(parts, Body::from(body)), place))
}

async fn read(body: Body) -> Result<Bytes, Failure> {
    match timeout(PATIENCE, Limited::new(body, MOST).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Failure::invalid_request(
            "MESSAGE_TOO_LARGE",
            Text::new(
                format!("Сообщение слишком большое: не больше {MOST} байт."),
                format!("The message is too large: {MOST} bytes at most."),
            ),
        )
        .with("limit_bytes", MOST.to_string())),
        Ok(Err(_)) => Err(Failure::invalid_request(
            "MESSAGE_MALFORMED",
            Text::new("Сообщение не дошло целиком.", "The message did not arrive whole."),
        )),
        Err(_) => {
            let seconds = PATIENCE.as_secs();
            Err(Failure::exhausted(
                "MESSAGE_TOO_SLOW",
                Text::new(
                    format!("Сообщение идёт слишком долго: не больше {seconds} секунд."),
                    format!("The message takes too long to arrive: {seconds} seconds at most."),
                ),
            )
            .with("limit_seconds", seconds.to_string()))
        }
    }
}
