//! The audit of all services, and what only all of them together can tell.

use futures::{StreamExt, stream::BoxStream};
use proto::system::v1::{
    AuditReport, AuditSummary, CheckCount, Discrepancy, GetFeedStatusRequest, GetTotalsRequest,
    RunAuditRequest, audit_client::AuditClient, audit_report::Report, feed_client::FeedClient,
};
use service::{Peers, run::SERVICES};
use std::collections::BTreeMap;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

/// Reports that wait for a slow reader.
const BUFFER: usize = 64;

type Sender = mpsc::Sender<Result<AuditReport, Status>>;

/// Streams the reports of every service, then the comparison between them.
pub(super) fn run(peers: Peers) -> BoxStream<'static, Result<AuditReport, Status>> {
    let (sender, receiver) = mpsc::channel(BUFFER);
    tokio::spawn(async move {
        if let Err(status) = audit(&peers, &sender).await {
            // Nobody listens any more, or this is the last thing they hear.
            let _ = sender.send(Err(status)).await;
        }
    });
    ReceiverStream::new(receiver).boxed()
}

async fn audit(peers: &Peers, sender: &Sender) -> Result<(), Status> {
    for service in SERVICES {
        let mut client = AuditClient::new(peers.channel(service));
        let mut reports = client.run_audit(RunAuditRequest {}).await?.into_inner();
        while let Some(report) = reports.message().await? {
            if sender.send(Ok(report)).await.is_err() {
                return Ok(());
            }
        }
    }
    let mut found = compare_totals(peers).await?;
    found.extend(compare_cursors(peers).await?);
    let checks = vec![count("TOTALS", &found), count("CURSOR", &found)];
    let summary = AuditSummary { service: "gateway".into(), checks };
    let reports = found.into_iter().map(Report::Discrepancy).chain([Report::Summary(summary)]);
    for report in reports {
        if sender.send(Ok(AuditReport { report: Some(report) })).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn count(check: &str, found: &[Discrepancy]) -> CheckCount {
    let discrepancies = found.iter().filter(|d| d.check == check).count();
    CheckCount {
        check: check.into(),
        examined: i64::try_from(SERVICES.len()).unwrap_or_default(),
        discrepancies: i64::try_from(discrepancies).unwrap_or(i64::MAX),
    }
}

/// The money law across services: a total that two of them name is the same in both.
async fn compare_totals(peers: &Peers) -> Result<Vec<Discrepancy>, Status> {
    let mut known: BTreeMap<String, (&str, String)> = BTreeMap::new();
    let mut found = Vec::new();
    for service in SERVICES {
        let mut client = AuditClient::new(peers.channel(service));
        let totals = client.get_totals(GetTotalsRequest {}).await?.into_inner().totals;
        for (name, total) in totals {
            match known.get(&name) {
                Some((_, expected)) if *expected == total => {}
                Some((other, expected)) => found.push(Discrepancy {
                    service: service.into(),
                    check: "TOTALS".into(),
                    subject: name,
                    expected: format!("{expected} ({other})"),
                    found: total,
                }),
                None => {
                    known.insert(name, (service, total));
                }
            }
        }
    }
    Ok(found)
}

/// No follower is ahead of its producer, and each knows the feed that the producer has.
async fn compare_cursors(peers: &Peers) -> Result<Vec<Discrepancy>, Status> {
    let mut followers = Vec::new();
    for service in SERVICES {
        let mut client = FeedClient::new(peers.channel(service));
        let status = client.get_feed_status(GetFeedStatusRequest {}).await?.into_inner();
        followers.push((service, status));
    }
    // Producers are asked after their followers: what is followed can only be older.
    let mut feeds = BTreeMap::new();
    for service in SERVICES {
        let mut client = FeedClient::new(peers.channel(service));
        let status = client.get_feed_status(GetFeedStatusRequest {}).await?.into_inner();
        feeds.insert(service, (status.feed, status.position));
    }
    let mut found = Vec::new();
    for (service, status) in followers {
        for cursor in status.cursors {
            let Some((feed, position)) = feeds.get(cursor.producer.as_str()) else { continue };
            let same = cursor.feed.is_empty() || cursor.feed == *feed;
            if same && cursor.position <= *position {
                continue;
            }
            found.push(Discrepancy {
                service: service.into(),
                check: "CURSOR".into(),
                subject: cursor.producer,
                expected: format!("at most {position} of feed {feed}"),
                found: format!("{} of feed {}", cursor.position, cursor.feed),
            });
        }
    }
    Ok(found)
}
