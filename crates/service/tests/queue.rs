//! Jobs, schedules and the clock that they go by.

use crate::harness::{
    Producer, Suite, bare, count, eventually, owner, queue_status, request_id, start,
};
use chrono::{NaiveDate, TimeDelta};
use proto::system::v1::{
    AdvanceRequest, GetClockRequest, ListParkedRequest, RetryParkedRequest, RunAuditRequest,
    audit_client::AuditClient, audit_report::Report, clock_client::ClockClient,
    queue_client::QueueClient,
};
use service::{
    App, Frame, Running,
    queue::{self, JobError, Lease, NewJob, Schedule, Worker},
};
use sqlx::PgConnection;
use std::sync::{Arc, Mutex};
use testkit::TestDatabase;
use tokio::sync::Semaphore;
use tonic::Code;

/// What was done: by whom, which job, at which try.
type Done = Arc<Mutex<Vec<(&'static str, String, i32)>>>;

/// Does what a job says, and writes down that it did.
#[derive(Clone)]
struct Hand {
    frame: Frame,
    name: &'static str,
    done: Done,
    /// Lets "wait" jobs go on.
    gate: Arc<Semaphore>,
}

impl Worker for Hand {
    const KIND: &'static str = "hand";
    const CONCURRENCY: usize = 2;
    const TRIES: i32 = 3;
    type Job = String;

    async fn run(&self, job: String, lease: &Lease) -> Result<(), JobError> {
        let attempt = lease.attempt();
        self.done.lock().expect("not poisoned").push((self.name, job.clone(), attempt));
        match job.as_str() {
            "fail" => Err(JobError::Retry("no luck".into())),
            "away" if self.count("away") <= 4 => Err(JobError::Away("nobody answers".into())),
            "park" => Err(JobError::Park("hopeless".into())),
            "panic" if attempt == 1 => panic!("expected by the test"),
            "later" if self.frame.clock.now() < start() + TimeDelta::hours(2) => {
                let at = start() + TimeDelta::hours(2);
                Err(JobError::Later { at, why: "too early".into() })
            }
            "wait" => {
                self.gate.acquire().await.map_err(|e| JobError::Park(e.to_string()))?.forget();
                Ok(())
            }
            "finish" => {
                let mut tx = self.frame.begin().await?;
                lease.finish(&mut tx).await?;
                tx.commit().await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Hand {
    fn count(&self, job: &str) -> usize {
        self.done.lock().expect("not poisoned").iter().filter(|(_, done, _)| done == job).count()
    }
}

struct Shop {
    suite: Suite,
    database: TestDatabase,
    done: Done,
    gate: Arc<Semaphore>,
}

impl Shop {
    async fn new() -> Self {
        let suite = Suite::new();
        let database = suite.database::<Producer>().await;
        Self { suite, database, done: Arc::default(), gate: Arc::new(Semaphore::new(0)) }
    }

    /// A service with one worker; `name` tells replicas apart.
    async fn open(&self, name: &'static str) -> Running {
        self.open_as(name, false).await
    }

    async fn open_as(&self, name: &'static str, alone: bool) -> Running {
        let (done, gate) = (Arc::clone(&self.done), Arc::clone(&self.gate));
        let build = move |app: App| {
            let frame = app.frame().clone();
            app.worker(Hand { frame, name, done: Arc::clone(&done), gate: Arc::clone(&gate) })
        };
        self.suite.start_as::<Producer>(&self.database, alone, build).await
    }

    fn queue(&self) -> QueueClient<service::PeerChannel> {
        QueueClient::new(self.suite.peers("gateway").channel("invoicing"))
    }

    fn done(&self) -> Vec<(&'static str, String, i32)> {
        self.done.lock().expect("not poisoned").clone()
    }

    /// Waits until no job is due or running.
    async fn drained(&self) {
        eventually("the queue is drained", || async {
            let status = queue_status(self.suite.peers("gateway").channel("invoicing")).await;
            status.due == 0 && status.running == 0
        })
        .await;
    }
}

async fn push(frame: &Frame, key: Option<&str>, job: &str) -> bool {
    let mut tx = frame.begin().await.expect("begins");
    let pushed = queue::push(&mut tx, Hand::KIND, key, None, frame.clock.now(), &job).await;
    tx.commit().await.expect("commits");
    frame.wake();
    pushed.expect("pushes")
}

/// Issue 3 §6: what fails because somebody is away is no try, and is not parked for it.
#[tokio::test]
async fn outages_are_no_tries() {
    let shop = Shop::new().await;
    let running = shop.open("a").await;
    push(&running.frame, None, "away").await;
    eventually("it is done", || async {
        let done = "select count(*) from jobs where state = 'DONE'";
        count(&running.frame.pool, done).await == 1
    })
    .await;
    let attempts: Vec<_> = shop.done().into_iter().map(|(_, _, attempt)| attempt).collect();
    assert_eq!(attempts, [1; 5], "more often than a job is tried");
    running.stop().await.expect("stops");
}

/// A job with a key is one job, even after it is done.
#[tokio::test]
async fn a_key_makes_a_job_once() {
    let shop = Shop::new().await;
    let running = shop.open("a").await;
    assert!(push(&running.frame, Some("k"), "work").await);
    assert!(!push(&running.frame, Some("k"), "work").await);
    shop.drained().await;
    assert!(!push(&running.frame, Some("k"), "work").await);
    assert!(push(&running.frame, None, "finish").await);
    shop.drained().await;
    let done: Vec<_> = shop.done().into_iter().map(|(_, job, _)| job).collect();
    assert_eq!(done, ["work", "finish"]);
    assert_eq!(
        count(&running.frame.pool, "select count(*) from jobs where state = 'DONE'").await,
        2
    );
    running.stop().await.expect("stops");
}

/// Two workers share the work: each job is done once, by one of them.
#[tokio::test]
async fn workers_share_the_jobs() {
    let shop = Shop::new().await;
    let first = shop.open("a").await;
    // The second replica takes the socket over; the first goes on working.
    std::fs::remove_file(
        shop.suite.address().replace("unix:", "").replace("{service}", "invoicing"),
    )
    .expect("frees the address");
    let second = shop.open("b").await;
    let jobs: Vec<_> =
        (0..60).map(|n| NewJob::new(start(), &format!("job {n}")).expect("a job")).collect();
    let mut tx = first.frame.begin().await.expect("begins");
    assert_eq!(queue::push_all(&mut tx, Hand::KIND, &jobs).await.expect("pushes"), 60);
    // Both hold one each, so that neither can do everything alone.
    for _ in 0..4 {
        queue::push(&mut tx, Hand::KIND, None, None, start() - TimeDelta::hours(1), &"wait")
            .await
            .expect("pushes");
    }
    tx.commit().await.expect("commits");
    eventually("four jobs are being done", || async {
        queue_status(shop.suite.peers("gateway").channel("invoicing")).await.running == 4
    })
    .await;
    shop.gate.add_permits(4);
    shop.drained().await;
    let done = shop.done();
    assert_eq!(done.len(), 64);
    for name in ["a", "b"] {
        assert!(done.iter().any(|(who, ..)| *who == name), "{name} did nothing");
    }
    assert!(done.iter().all(|(_, _, attempt)| *attempt == 1));
    first.stop().await.expect("stops");
    second.stop().await.expect("stops");
}

/// design.md §2: parked with a reason after the last try; staff try it again.
#[tokio::test]
async fn a_hopeless_job_is_parked() {
    let shop = Shop::new().await;
    let running = shop.open("a").await;
    push(&running.frame, None, "fail").await;
    push(&running.frame, None, "park").await;
    push(&running.frame, None, "panic").await;
    shop.drained().await;
    let tries = |what: &str| shop.done().iter().filter(|(_, job, _)| job == what).count();
    assert_eq!((tries("fail"), tries("park"), tries("panic")), (3, 1, 2));

    let parked = shop.queue().list_parked(ListParkedRequest {}).await.expect("lists").into_inner();
    let errors: BTreeErrors = parked.items.iter().map(|i| (i.error.clone(), i.attempts)).collect();
    let expected = [("hopeless".to_owned(), 1), ("no luck".to_owned(), 3)].into_iter().collect();
    assert_eq!(errors, expected);

    let name = parked.items[0].name.clone();
    let retry =
        |name: String| RetryParkedRequest { name, request_id: request_id(), ..Default::default() };
    let again = retry(name.clone());
    let item = shop.queue().retry_parked(again.clone()).await.expect("tries again").into_inner();
    shop.drained().await;
    let twice = || tries("fail") == 6 || tries("park") == 2;
    assert!(twice());
    let repeated = shop.queue().retry_parked(again).await.expect("answers").into_inner();
    shop.drained().await;
    assert_eq!(repeated, item);
    assert!(twice(), "the same request id tries once");
    let gone = retry(name.replace("jobs", "events"));
    let gone = shop.queue().retry_parked(gone).await.expect_err("no such event");
    assert_eq!(gone.code(), Code::NotFound);
    running.stop().await.expect("stops");
}

type BTreeErrors = std::collections::BTreeSet<(String, i32)>;

/// design.md §2: what a dead process was doing, another one does.
#[tokio::test]
async fn an_expired_lease_frees_the_job() {
    let shop = Shop::new().await;
    let first = shop.open("dead").await;
    push(&first.frame, None, "wait").await;
    eventually("it is taken", || async { shop.done().len() == 1 }).await;
    first.kill();
    let second = shop.open("alive").await;
    assert_eq!(queue_status(shop.suite.peers("gateway").channel("invoicing")).await.running, 1);
    // A minute passes.
    sqlx::query("update jobs set lease_until = lease_until - interval '61 seconds'")
        .execute(&mut owner(&shop.database).await)
        .await
        .expect("updates");
    shop.gate.add_permits(1);
    shop.drained().await;
    let done = shop.done();
    assert_eq!(done[1], ("alive", "wait".into(), 2));
    second.stop().await.expect("stops");
}

/// Issue 3 §1: whoever is alone with its database takes up at once what its dead self was doing.
#[tokio::test]
async fn who_is_alone_waits_for_no_lease() {
    let shop = Shop::new().await;
    let first = shop.open("dead").await;
    push(&first.frame, None, "wait").await;
    eventually("it is taken", || async { shop.done().len() == 1 }).await;
    first.kill();
    let second = shop.open_as("alive", true).await;
    // Long before the lease runs out, which is a minute.
    eventually("it is taken again", || async { shop.done().len() == 2 }).await;
    shop.gate.add_permits(1);
    shop.drained().await;
    assert_eq!(shop.done()[1], ("alive", "wait".into(), 2));
    second.stop().await.expect("stops");
}

/// design.md §2 "Time": jobs are due by business time, which the clock of each database keeps.
#[tokio::test]
async fn jobs_wait_for_business_time() {
    let shop = Shop::new().await;
    let running = shop.open("a").await;
    push(&running.frame, None, "later").await;
    shop.drained().await;
    let status = queue_status(shop.suite.peers("gateway").channel("invoicing")).await;
    assert_eq!((status.waiting, status.parked), (1, 0));

    let mut clock = ClockClient::new(shop.suite.peers("gateway").channel("invoicing"));
    let at = |hours| {
        let at = start() + TimeDelta::hours(hours);
        AdvanceRequest { to: Some(prost_types::Timestamp { seconds: at.timestamp(), nanos: 0 }) }
    };
    let state = clock.advance(at(3)).await.expect("advances").into_inner();
    assert!(state.manual);
    let back = clock.advance(at(1)).await.expect("stays").into_inner();
    assert_eq!(state, back, "a clock never goes back");
    shop.drained().await;
    let attempts: Vec<_> = shop.done().iter().map(|(_, _, attempt)| *attempt).collect();
    assert_eq!(attempts, [1, 1], "waiting is no try");
    running.stop().await.expect("stops");

    let again = shop.open("a").await;
    let now = clock.get_clock(GetClockRequest {}).await.expect("tells").into_inner();
    assert_eq!(now, state, "a restart does not turn it back");
    again.stop().await.expect("stops");
}

/// Pushes a job per day, and fails once.
struct Daily {
    failed: Arc<Mutex<bool>>,
}

impl Schedule for Daily {
    const NAME: &'static str = "daily";

    async fn run(&self, conn: &mut PgConnection, day: NaiveDate) -> Result<(), JobError> {
        queue::push(conn, Hand::KIND, Some(&day.to_string()), None, start(), &day.to_string())
            .await?;
        if !std::mem::replace(&mut *self.failed.lock().expect("not poisoned"), true) {
            return Err(JobError::Retry("expected by the test".into()));
        }
        Ok(())
    }
}

/// A schedule runs for each day passed, in order, once, even when it failed in between.
#[tokio::test]
async fn a_schedule_runs_for_every_day() {
    let shop = Shop::new().await;
    let (done, gate) = (Arc::clone(&shop.done), Arc::clone(&shop.gate));
    let build = move |app: App| {
        let (frame, name) = (app.frame().clone(), "a");
        app.worker(Hand { frame, name, done: Arc::clone(&done), gate: Arc::clone(&gate) })
            .schedule(Daily { failed: Arc::default() })
    };
    let running = shop.suite.start::<Producer>(&shop.database, build).await;
    let mut clock = ClockClient::new(shop.suite.peers("gateway").channel("invoicing"));
    let to = start() + TimeDelta::days(3);
    let to = prost_types::Timestamp { seconds: to.timestamp(), nanos: 0 };
    clock.advance(AdvanceRequest { to: Some(to) }).await.expect("advances");
    shop.drained().await;
    let mut days: Vec<_> = shop.done().into_iter().map(|(_, day, _)| day).collect();
    days.sort();
    assert_eq!(days, ["2026-01-31", "2026-02-01", "2026-02-02", "2026-02-03"]);
    running.stop().await.expect("stops");
}

/// design.md §2: SIGTERM drains: the job at hand is finished, the next one is left.
#[tokio::test]
async fn a_stop_finishes_the_job_at_hand() {
    let shop = Shop::new().await;
    let running = shop.open("a").await;
    push(&running.frame, None, "wait").await;
    push(&running.frame, None, "wait").await;
    eventually("both are taken", || async { shop.done().len() == 2 }).await;
    push(&running.frame, None, "not today").await;
    let pool = shop.database.pool().await;
    let stopping = tokio::spawn(running.stop());
    shop.gate.add_permits(2);
    stopping.await.expect("joins").expect("stops");
    assert_eq!(count(&pool, "select count(*) from jobs where state = 'DONE'").await, 2);
    assert_eq!(count(&pool, "select count(*) from jobs where state = 'READY'").await, 1);
}

/// The audit finds a feed that is not what it was.
#[tokio::test]
async fn the_audit_checks_the_feed() {
    let (suite, database, _frame) = bare().await;
    let running = suite.start::<Producer>(&database, |app| app).await;
    let audit = || async {
        let mut client = AuditClient::new(suite.peers("gateway").channel("invoicing"));
        let mut reports = client.run_audit(RunAuditRequest {}).await.expect("runs").into_inner();
        let (mut found, mut summaries) = (Vec::new(), 0);
        while let Some(report) = reports.message().await.expect("reports") {
            match report.report.expect("is set") {
                Report::Discrepancy(discrepancy) => found.push(discrepancy.check),
                Report::Summary(summary) => {
                    summaries += 1;
                    assert!(summary.checks.len() >= 2);
                }
            }
        }
        assert_eq!(summaries, 1);
        found
    };
    assert_eq!(audit().await, Vec::<String>::new());
    sqlx::query("update feed_state set position = 5")
        .execute(&running.frame.pool)
        .await
        .expect("updates");
    assert_eq!(audit().await, ["FEED_DENSE"]);
    running.stop().await.expect("stops");
}
