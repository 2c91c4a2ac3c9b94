//! What people and programs do with the suite: a step is a call or a few, through the gateway.

pub mod bank;
pub mod billing;
pub mod catalogue;
pub mod customers;
pub mod laws;
pub mod letters;
pub mod orders;

use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

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
