//! A call of any method by its path, and what its answer says about the caller.

use e2e::steps::reason;
use std::time::Duration;
use tonic::{
    Code, Request, Status,
    client::Grpc,
    codegen::http::uri::PathAndQuery,
    metadata::{Ascii, AsciiMetadataKey, MetadataValue},
    transport::Channel,
};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt as _;

/// What became of the caller; what became of the call is not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// He was let through, whatever the method thought of an empty request.
    Passed,
    /// UNAUTHENTICATED, with this reason.
    Nobody(String),
    /// PERMISSION_DENIED.
    Denied,
    /// UNIMPLEMENTED.
    Absent,
    /// He was not even looked at: a code that says nothing about him, and what was said.
    Unseen(Code, String),
}

impl Verdict {
    /// Nobody, for this reason.
    pub fn nobody(reason: &str) -> Self {
        Self::Nobody(reason.into())
    }
}

/// Calls with an empty request. Reasons of the method itself, such as a token that is missing in
/// the request, say nothing about the caller: only those that begin with `about` do.
pub async fn call(
    channel: &Channel,
    path: &str,
    metadata: &[(&'static str, &str)],
    about: &str,
) -> Verdict {
    let path = PathAndQuery::try_from(path).unwrap();
    loop {
        let mut request = Request::new(());
        for (key, value) in metadata {
            let value: MetadataValue<Ascii> = value.parse().unwrap();
            request.metadata_mut().insert(AsciiMetadataKey::from_static(key), value);
        }
        request.set_timeout(Duration::from_secs(20));
        let mut grpc = Grpc::new(channel.clone());
        grpc.ready().await.unwrap();
        // A unary method is a stream of one: what a stream would go on to say is not awaited.
        let codec = ProstCodec::<(), ()>::default();
        let Err(status) = grpc.server_streaming(request, path.clone(), codec).await else {
            return Verdict::Passed;
        };
        match rate(&status) {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return verdict(&status, about),
        }
    }
}

/// When to come back, where this address asks about more sessions than one address may.
fn rate(status: &Status) -> Option<Duration> {
    (reason(status) == "SESSION_CHECK_RATE").then_some(())?;
    status.get_details_retry_info()?.retry_delay
}

fn verdict(status: &Status, about: &str) -> Verdict {
    let reason = reason(status);
    match status.code() {
        Code::Unauthenticated if reason.starts_with(about) => Verdict::Nobody(reason),
        Code::PermissionDenied => Verdict::Denied,
        Code::Unimplemented => Verdict::Absent,
        // `Login` itself, to whom has asked too often for nobody's account.
        _ if reason == "LOGIN_LOCKED" => Verdict::Passed,
        code @ (Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted) => {
            Verdict::Unseen(code, format!("{reason} {}", status.message()))
        }
        _ => Verdict::Passed,
    }
}

/// Differences between what was expected and what was seen.
#[derive(Default)]
pub struct Report {
    calls: usize,
    wrong: Vec<String>,
}

impl Report {
    pub fn note(&mut self, what: &str, expected: &Verdict, seen: &Verdict) {
        self.calls += 1;
        if expected != seen {
            self.wrong.push(format!("{what}: {seen:?} instead of {expected:?}"));
        }
    }

    /// Fails when anything was not as declared, or hardly anything was called.
    pub fn finish(self, at_least: usize) {
        assert!(self.calls >= at_least, "only {} calls were made", self.calls);
        assert!(
            self.wrong.is_empty(),
            "{} of {} calls ended otherwise:\n{}",
            self.wrong.len(),
            self.calls,
            self.wrong.join("\n")
        );
    }
}
