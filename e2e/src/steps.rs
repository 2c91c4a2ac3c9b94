//! What people and programs do with the suite: a step is a call or a few, through the gateway.

pub mod bank;
pub mod billing;
pub mod catalogue;
pub mod customers;
pub mod laws;
pub mod letters;
pub mod orders;

use crate::Suite;
use std::fmt::Debug;
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

impl Suite {
    /// A change, by one request. Where the suite repeats itself it is now and then said twice: the
    /// answers must be equal, and whatever the books say afterwards must be as if it was said once.
    ///
    /// # Panics
    /// When it is refused, or the second answer is another one.
    pub async fn change<C: Clone, R: Clone, T: Debug + PartialEq, F>(
        &self,
        client: &C,
        request: &R,
        say: impl Fn(C, R) -> F,
    ) -> T
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let answer = done(say(client.clone(), request.clone()).await);
        if self.repeats() {
            let again = done(say(client.clone(), request.clone()).await);
            assert_eq!(again, answer, "the same request, another answer");
        }
        answer
    }
}

/// What a call answered.
///
/// # Panics
/// When it was refused; says why.
#[track_caller]
pub fn done<T>(answer: Result<Response<T>, Status>) -> T {
    match answer {
        Ok(response) => response.into_inner(),
        Err(status) => panic!(
            "{:?} {}: {} {:?}",
            status.code(),
            reason(&status),
            status.message(),
            status.get_details_bad_request()
        ),
    }
}

/// The refusal of a call, which must have this code.
///
/// # Panics
/// When it was not refused, or otherwise.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>, code: Code) -> Status {
    let status = answer.expect_err("a refusal");
    assert_eq!(status.code(), code, "{} ({})", status.message(), reason(&status));
    status
}

/// The reason of a refusal, for programs.
#[must_use]
pub fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}
