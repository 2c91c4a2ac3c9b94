//! What monitoring is told of feeds and queues. A program of its own: meters are one per process.

#![expect(clippy::expect_used, reason = "a test that cannot be set up fails, saying what it lacks")]
#![expect(dead_code, reason = "the harness serves the other tests too")]

mod harness;
#[path = "feed/pair.rs"]
mod pair;

use chrono::TimeDelta;
use harness::{eventually, start};
use opentelemetry::global;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{
        PeriodicReader, SdkMeterProvider, Temporality,
        data::{AggregatedMetrics, MetricData, ResourceMetrics},
        exporter::PushMetricExporter,
    },
};
use pair::{Pair, Scribe, emit, follow};
use proto::system::v1::{AdvanceRequest, clock_client::ClockClient};
use service::queue;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};
use types::id::ClientId;

/// Keeps the last value of every gauge, by its name and its labels except the service.
#[derive(Clone, Default)]
struct Board(Arc<Mutex<BTreeMap<(String, String), i64>>>);

impl PushMetricExporter for Board {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let mut board = self.0.lock().expect("not poisoned");
        for metric in metrics.scope_metrics().flat_map(|scope| scope.metrics()) {
            let AggregatedMetrics::I64(MetricData::Gauge(gauge)) = metric.data() else { continue };
            for point in gauge.data_points() {
                let mut labels: Vec<String> = point
                    .attributes()
                    .map(|label| format!("{}={}", label.key, label.value))
                    .collect();
                labels.sort();
                board.insert((metric.name().to_owned(), labels.join(",")), point.value());
            }
        }
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

impl Board {
    fn value(&self, name: &str, labels: &str) -> Option<i64> {
        self.0.lock().expect("not poisoned").get(&(name.to_owned(), labels.to_owned())).copied()
    }
}

/// Issue 3 §3, lag is a metric: how far a follower is behind in events and seconds, what is parked,
/// and how long the oldest due job waits.
#[tokio::test]
async fn monitoring_sees_who_is_behind() {
    let board = Board::default();
    let reader = PeriodicReader::builder(board.clone()).with_interval(Duration::from_secs(600));
    let provider = SdkMeterProvider::builder().with_reader(reader.build()).build();
    global::set_meter_provider(provider.clone());

    let (scribe, gate) = Scribe::gated();
    let mut pair = Pair::with(scribe.clone()).await;
    scribe.broken.store(true, Ordering::SeqCst);
    let client = Some(ClientId::generate());
    gate.add_permits(100);
    for text in ["bad 1", "2"] {
        emit(&pair.producer.frame, client, text).await;
    }
    eventually("two are dealt with", || async { pair.parked().await.len() == 2 }).await;
    gate.forget_permits(100);
    for text in ["3", "4", "5"] {
        emit(&pair.producer.frame, client, text).await;
    }
    // Nobody does jobs of this kind.
    let mut tx = pair.consumer.frame.begin().await.expect("begins");
    queue::push(&mut tx, "orphan", None, None, start(), &()).await.expect("pushes");
    sqlx::query("update jobs set changed_at = changed_at - interval '90 seconds'")
        .execute(&mut *tx)
        .await
        .expect("updates");
    tx.commit().await.expect("commits");
    let later = start() + TimeDelta::seconds(70);
    let to = prost_types::Timestamp { seconds: later.timestamp(), nanos: 0 };
    let mut clock = ClockClient::new(pair.suite.peers("gateway").channel("clients"));
    clock.advance(AdvanceRequest { to: Some(to) }).await.expect("advances");

    // It tells at its start, and every 15 seconds.
    pair.consumer.kill();
    pair.consumer = follow(&pair.suite, &pair.databases[1], &scribe).await;
    let follower = "producer=invoicing,service=clients";
    let seen = |name, labels: &str, expected| {
        provider.force_flush().expect("flushes");
        board.value(name, labels).is_some_and(|value| expected == value)
    };
    eventually("its lag is told", || async { seen("feed.lag_events", follower, 3) }).await;
    assert_eq!(board.value("feed.lag_seconds", follower), Some(70));
    for state in ["PARKED", "HELD_BACK"] {
        let labels = format!("{follower},state={state}");
        assert_eq!(board.value("feed.parked_events", &labels), Some(1), "{state}");
    }
    let orphan = "kind=orphan,service=clients";
    assert_eq!(board.value("jobs.oldest_due_seconds", orphan), Some(70), "the later moment counts");
    assert_eq!(board.value("jobs.waiting", &format!("{orphan},state=READY")), Some(1));

    gate.add_permits(100);
    pair.drained().await;
    eventually("it has caught up", || async { seen("feed.lag_events", follower, 0) }).await;
    assert_eq!(board.value("feed.lag_seconds", follower), Some(0));
    pair.stop().await;
}
