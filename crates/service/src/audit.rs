//! Re-derives what must hold, from first facts: the service's own checks and those of the frame.

use crate::{Failure, Frame, feed};
use futures::{Stream, StreamExt, future::BoxFuture};
use proto::system::v1::{self as pb, audit_server::Audit, feed_client::FeedClient};
use std::{collections::BTreeMap, pin::Pin, sync::Arc};
use tonic::{Request, Response, Status};

/// The outcome of one check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Check {
    /// Invariant, such as `SERIES_GAP`.
    pub name: &'static str,
    /// How many things were looked at.
    pub examined: i64,
    /// What does not hold.
    pub discrepancies: Vec<Discrepancy>,
}

impl Check {
    /// A check that has looked at this many things and found nothing yet.
    #[must_use]
    pub const fn new(name: &'static str, examined: i64) -> Self {
        Self { name, examined, discrepancies: Vec::new() }
    }

    /// Notes what does not hold.
    pub fn found(
        &mut self,
        subject: impl Into<String>,
        expected: impl ToString,
        found: impl ToString,
    ) {
        self.discrepancies.push(Discrepancy {
            subject: subject.into(),
            expected: expected.to_string(),
            found: found.to_string(),
        });
    }
}

/// One thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy {
    /// What it concerns: a resource name.
    pub subject: String,
    /// What was derived.
    pub expected: String,
    /// What is stored.
    pub found: String,
}

type Checks = dyn Fn(Frame) -> BoxFuture<'static, Result<Vec<Check>, Failure>> + Send + Sync;
type Totals =
    dyn Fn(Frame) -> BoxFuture<'static, Result<BTreeMap<String, String>, Failure>> + Send + Sync;

/// `raschet.system.v1.Audit` of one service.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) frame: Frame,
    pub(crate) checks: Vec<Arc<Checks>>,
    pub(crate) totals: Vec<Arc<Totals>>,
}

impl Server {
    /// Every check of the service and of the frame.
    async fn run(&self) -> Result<Vec<Check>, Failure> {
        let mut checks = feed_checks(&self.frame).await?;
        checks.push(cursor_check(&self.frame).await?);
        for own in &self.checks {
            checks.extend(own(self.frame.clone()).await?);
        }
        Ok(checks)
    }
}

#[tonic::async_trait]
impl Audit for Server {
    type RunAuditStream = Pin<Box<dyn Stream<Item = Result<pb::AuditReport, Status>> + Send>>;

    async fn run_audit(
        &self,
        _: Request<pb::RunAuditRequest>,
    ) -> Result<Response<Self::RunAuditStream>, Status> {
        let checks = self.run().await?;
        Ok(Response::new(futures::stream::iter(reports(self.frame.name, checks)).map(Ok).boxed()))
    }

    async fn get_totals(
        &self,
        _: Request<pb::GetTotalsRequest>,
    ) -> Result<Response<pb::AuditTotals>, Status> {
        let mut totals = BTreeMap::new();
        for own in &self.totals {
            totals.extend(own(self.frame.clone()).await?);
        }
        Ok(Response::new(pb::AuditTotals { totals }))
    }
}

/// Every discrepancy, then the summary.
fn reports(service: &str, checks: Vec<Check>) -> Vec<pb::AuditReport> {
    let mut summary = pb::AuditSummary { service: service.into(), checks: Vec::new() };
    let mut reports = Vec::new();
    for check in checks {
        summary.checks.push(pb::CheckCount {
            check: check.name.into(),
            examined: check.examined,
            discrepancies: i64::try_from(check.discrepancies.len()).unwrap_or(i64::MAX),
        });
        reports.extend(check.discrepancies.into_iter().map(|found| {
            pb::audit_report::Report::Discrepancy(pb::Discrepancy {
                service: service.into(),
                check: check.name.into(),
                subject: found.subject,
                expected: found.expected,
                found: found.found,
            })
        }));
    }
    reports.push(pb::audit_report::Report::Summary(summary));
    reports.into_iter().map(|report| pb::AuditReport { report: Some(report) }).collect()
}

/// No follower can have taken what its producer has not made.
async fn cursor_check(frame: &Frame) -> Result<Check, Failure> {
    let cursors = feed::server::status(&frame.pool).await?.cursors;
    let mut check = Check::new("FEED_CURSORS", 0);
    for cursor in cursors {
        let mut producer = FeedClient::new(frame.peers.channel(&cursor.producer));
        let status = producer.get_feed_status(pb::GetFeedStatusRequest {}).await;
        let status = status.map_err(|e| Failure::unavailable(e.message()))?.into_inner();
        check.examined += 1;
        if cursor.position > status.position || cursor.position > 0 && cursor.feed != status.feed {
            let expected = format!("{} at most {}", status.feed, status.position);
            let subject = format!("cursors/{}", cursor.producer);
            check.found(subject, expected, format!("{} at {}", cursor.feed, cursor.position));
        }
    }
    Ok(check)
}

/// What must hold of every service's feed.
async fn feed_checks(frame: &Frame) -> Result<Vec<Check>, Failure> {
    // One statement, hence one snapshot of a database that goes on working.
    let (events, positions, newest, recorded, pending): (i64, i64, i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from events), (select count(*) from feed_positions),
                    (select coalesce(max(position), 0) from feed_positions),
                    (select position from feed_state), (select count(*) from feed_pending)",
    )
    .fetch_one(&frame.pool)
    .await?;
    let mut dense = Check::new("FEED_DENSE", positions);
    if newest != positions || recorded != positions {
        dense.found("feed", format!("1..={positions}"), format!("1..={newest}, at {recorded}"));
    }
    let mut placed = Check::new("FEED_PLACED", events);
    if events != positions + pending {
        placed.found("feed", events, format!("{positions} placed, {pending} waiting"));
    }
    Ok(vec![dense, placed])
}
