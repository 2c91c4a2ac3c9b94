//! What a client does whose server dies under it: the same request again, with the same
//! `request_id`, until there is an answer.

use crate::door::Answered;
use http_body_util::{BodyExt, Collected, Full};
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tonic::{
    Code,
    body::Body,
    codegen::{Bytes, StdError, http},
};

/// How long an answer may fail to come.
const LIMIT: Duration = Duration::from_secs(180);
/// Pause between two tries.
const PAUSE: Duration = Duration::from_millis(25);

/// Repeats calls that got no answer, or `UNAVAILABLE`; nothing else is repeated, for nothing else
/// may be said by a suite whose database is away.
#[derive(Debug, Clone, Default)]
pub struct Patience(Arc<Mutex<BTreeMap<String, u32>>>);

impl Patience {
    /// How often a call was repeated, by what it came to.
    #[must_use]
    pub fn repeated(&self) -> BTreeMap<String, u32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, why: &str) {
        let mut repeated = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *repeated.entry(why.into()).or_default() += 1;
    }

    /// One call, as often as it takes.
    pub(crate) async fn call<F: Future<Output = Answered>>(
        &self,
        send: impl Fn(http::Request<Body>) -> F,
        request: http::Request<Body>,
    ) -> Answered {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let began = Instant::now();
        loop {
            let again = Body::new(Full::new(body.clone()));
            let answer = whole(send(http::Request::from_parts(head.clone(), again)).await).await;
            let why = match &answer {
                Ok((_, None | Some(Code::Ok))) => None,
                Ok((_, Some(Code::Unavailable))) => Some("UNAVAILABLE"),
                Ok(_) => None,
                Err(_) => Some("no answer"),
            };
            match why {
                Some(why) if began.elapsed() < LIMIT => {
                    self.note(why);
                    tokio::time::sleep(PAUSE).await;
                }
                _ => return answer.map(|(response, _)| response.map(Body::new)),
            }
        }
    }
}

/// An answer with all of its body, and its code where one was said.
async fn whole(
    answer: Answered,
) -> Result<(http::Response<Collected<Bytes>>, Option<Code>), StdError> {
    let (head, body) = answer?.into_parts();
    let body = body.collect().await?;
    let said = body.trailers().and_then(|t| t.get("grpc-status"));
    let code = head.headers.get("grpc-status").or(said).map(|v| Code::from_bytes(v.as_bytes()));
    if code.is_none() {
        return Err("the answer was cut off".into());
    }
    Ok((http::Response::from_parts(head, body), code))
}
