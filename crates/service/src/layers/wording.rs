//! What the transport refuses by itself (a message over its limit, bytes that are none of ours, a
//! compression that we do not take) carries an English sentence and nothing for programs. Here it
//! becomes a [`Failure`]: both languages, a reason, and the limit.

use super::refuse;
use crate::{Failure, Text};
use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, HeaderName};
use tonic::{Code, Status};

/// Present where an error is one of ours.
const DETAILS: &str = "grpc-status-details-bin";
/// Tells which compressions are taken; the caller may go by it.
const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");
/// How the transport names the size that it takes at most.
const LIMIT_IS: &str = "the limit is: ";

pub(super) async fn reword(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(failure) = failure(response.headers()) else { return response };
    let mut reworded = refuse(failure);
    if let Some(accepted) = response.headers().get(ACCEPT_ENCODING) {
        reworded.headers_mut().insert(ACCEPT_ENCODING, accepted.clone());
    }
    reworded
}

/// Our words for a refusal of the transport; `None` for every other answer.
fn failure(headers: &HeaderMap) -> Option<Failure> {
    if headers.contains_key(DETAILS) {
        return None;
    }
    let status = Status::from_header_map(headers)?;
    match status.code() {
        Code::OutOfRange => Some(too_large(status.message())),
        Code::Unimplemented if status.message().contains("compressed") => {
            Some(Failure::unimplemented(
                "COMPRESSION_UNSUPPORTED",
                Text::new(
                    "Сжатые сообщения не принимаются. Отправьте без сжатия.",
                    "Compressed messages are not taken. Send it without compression.",
                ),
            ))
        }
        // A service's own errors carry details, so this one speaks of the request's bytes.
        Code::Internal => Some(
            Failure::invalid_request(
                "MESSAGE_MALFORMED",
                Text::new(
                    "Сообщение не читается: это не protobuf по контракту или текст не в UTF-8.",
                    "The message cannot be read: it is no protobuf of the contract, or a text is \
                     not UTF-8.",
                ),
            )
            .with("detail", status.message()),
        ),
        _ => None,
    }
}

fn too_large(message: &str) -> Failure {
    let (_, rest) = message.split_once(LIMIT_IS).unwrap_or_default();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let (ru, en) = match digits.parse::<u64>() {
        Ok(bytes) => (
            format!("Сообщение слишком большое: не больше {bytes} байт."),
            format!("The message is too large: {bytes} bytes at most."),
        ),
        Err(_) => ("Сообщение слишком большое.".into(), "The message is too large.".into()),
    };
    Failure::invalid_request("MESSAGE_TOO_LARGE", Text::new(ru, en)).with("limit_bytes", digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(status: &Status) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        status.add_header(&mut headers).unwrap();
        failure(&headers).map(|failure| failure.reason())
    }

    /// Issue 3, §5: what is refused names its limit.
    #[test]
    fn refusals_of_the_transport_get_a_reason() {
        let text = "Error, decoded message length too large: found 5 bytes, the limit is: 4 bytes";
        assert_eq!(reason(&Status::out_of_range(text)), Some("MESSAGE_TOO_LARGE"));
        assert!(too_large(text).text().en.contains(" 4 bytes"), "{}", too_large(text));
        let text = "Content is compressed with `gzip` which isn't supported";
        assert_eq!(reason(&Status::unimplemented(text)), Some("COMPRESSION_UNSUPPORTED"));
        let text = "failed to decode Protobuf message: invalid string value";
        assert_eq!(reason(&Status::internal(text)), Some("MESSAGE_MALFORMED"));
    }

    #[test]
    fn errors_of_our_own_stay() {
        assert_eq!(reason(&Failure::internal("a bug").into()), None);
        assert_eq!(reason(&super::super::no_method("/x").into()), None);
        assert_eq!(reason(&Status::cancelled("gone")), None);
        assert!(failure(&HeaderMap::new()).is_none());
    }
}
