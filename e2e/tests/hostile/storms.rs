//! Logins by the hundred beside people who work.

use super::NOW;
use super::raw::{says, wait_of};
use e2e::{
    ADMIN, PASSWORD, Suite,
    steps::{done, reason},
};
use proto::{
    clients::v1::{ListStaffRequest, staff_client::StaffClient},
    gateway::v1::{LoginRequest, sessions_client::SessionsClient},
};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

/// Callers who try passwords all the time.
const CALLERS: usize = 100;
/// Calls of one who works.
const CALLS: usize = 50;
/// Pause of one who tries: the callers run on the cores of this test too.
const PAUSE: Duration = Duration::from_millis(200);

/// Tries passwords until it is told to stop; what it was told.
async fn tries(suite_address: String, n: usize, stop: CancellationToken) -> Vec<Status> {
    let mut sessions = SessionsClient::new(e2e::door::connect(&suite_address, ""));
    let mut told = Vec::new();
    while !stop.is_cancelled() {
        let login = format!("nobody{n}@primer.example");
        let request = LoginRequest { login, password: "угаданный пароль".into() };
        told.push(sessions.login(request).await.unwrap_err());
        tokio::time::sleep(PAUSE).await;
    }
    told
}

/// A storm is refused with a reason and a time to come back; everybody else is answered, and soon;
/// when it is over, logins are as before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_logins_leaves_calls_alone() {
    let suite = Suite::here(NOW).await;
    let mut staff = StaffClient::new(suite.admin.clone());
    done(staff.list_staff(ListStaffRequest::default()).await);
    let stop = CancellationToken::new();
    let mut storm = JoinSet::new();
    for n in 0..CALLERS {
        storm.spawn(tries(suite.address.clone(), n, stop.clone()));
    }
    let mut times = Vec::new();
    for _ in 0..CALLS {
        let begun = Instant::now();
        done(staff.list_staff(ListStaffRequest::default()).await);
        times.push(begun.elapsed());
    }
    stop.cancel();
    let told: Vec<Status> = storm.join_all().await.into_iter().flatten().collect();
    times.sort();
    let median = times[CALLS / 2];
    assert!(median < Duration::from_secs(2), "calls took {median:?} beside a storm");

    let busy: Vec<&Status> =
        told.iter().filter(|status| status.code() == Code::ResourceExhausted).collect();
    assert!(!busy.is_empty(), "none of {} was refused", told.len());
    for status in &told {
        let known = ["LOGIN_FAILED", "LOGIN_LOCKED", "LOGINS_BUSY", "TOO_MANY_ENTERING"];
        assert!(known.contains(&reason(status).as_str()), "{status:?}");
    }
    for status in busy {
        assert!(wait_of(status) > Duration::ZERO, "{status:?}");
        if reason(status) == "TOO_MANY_ENTERING" {
            says(status, "TOO_MANY_ENTERING", "не больше 64");
        }
    }
    let request = LoginRequest { login: ADMIN.into(), password: PASSWORD.into() };
    done(SessionsClient::new(suite.door("")).login(request).await);
}
