//! Issue 3 §7: what monitoring sees of the suite.

use e2e::{
    Suite,
    otlp::{Metric, OtlpSink, Span},
    request_id,
    steps::{done, orders::line},
};
use proto::invoicing::v1::{IssueInvoiceRequest, invoices_client::InvoicesClient};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use tonic::Request;

/// A trace that somebody else has begun, and the span that calls us.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// design.md §2 "Observable": one trace goes from the caller through the gateway and invoicing-svc
/// over the feed to tickets-svc and its letter, over five processes; and what is exported as
/// metrics is what docs/operations.md lists.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_from_the_call_to_the_letter() {
    let sink = tokio::task::spawn_blocking(OtlpSink::start).await.unwrap();
    let environment = [("RASCHET_OTLP", sink.address())];
    let suite = Suite::processes_with("2019-03-01T09:00:00Z", &environment).await;
    let catalogue = suite.catalogue().await;
    let customer = suite.customer(31, &catalogue).await;
    suite.settle().await;
    let order = suite.order(&customer, vec![line(&catalogue.users, &customer.hosting, 1, 3)]).await;
    issue_traced(&suite, &order.invoices[0]).await;
    suite.settle().await;
    assert_eq!(suite.sink.letters().len(), 1);
    suite.stop(); // what was not exported yet is flushed

    let (spans, metrics) = sink.told();
    assert_one_trace(&spans);
    assert_metrics(&metrics);
}

async fn issue_traced(suite: &Suite, invoice: &str) {
    let mut request = Request::new(IssueInvoiceRequest {
        name: invoice.into(),
        request_id: request_id(),
        ..Default::default()
    });
    let traceparent = format!("00-{TRACE}-{CALLER}-01");
    request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    done(InvoicesClient::new(suite.admin.clone()).issue_invoice(request).await);
}

/// Every hop is in the trace, and every span of it leads back to the caller.
fn assert_one_trace(spans: &[Span]) {
    let ours: Vec<&Span> = spans.iter().filter(|span| span.trace == TRACE).collect();
    let parents: BTreeMap<&str, &str> =
        ours.iter().map(|span| (span.span.as_str(), span.parent.as_str())).collect();
    for span in &ours {
        let mut at = span.span.as_str();
        while at != CALLER {
            at = parents.get(at).unwrap_or_else(|| panic!("{span:?} hangs on {at}: {ours:#?}"));
        }
    }
    let seen: BTreeSet<(&str, &str)> =
        ours.iter().map(|span| (span.service.as_str(), span.name.as_str())).collect();
    let issue = "raschet.invoicing.v1.Invoices/IssueInvoice";
    for hop in [
        ("raschet-gateway", issue),
        ("raschet-invoicing", issue),
        ("raschet-tickets", "apply event"),
        ("raschet-tickets", "job"),
        // The letter's document is fetched by its job.
        ("raschet-invoicing", "raschet.invoicing.v1.Invoices/GetInvoiceDocument"),
    ] {
        assert!(seen.contains(&hop), "{hop:?} is not among {seen:#?}");
    }
}

/// What is told is documented, and what the business counts is told.
fn assert_metrics(metrics: &[Metric]) {
    let documented = documented();
    let told: BTreeSet<&str> = metrics.iter().map(|m| m.metric.as_str()).collect();
    for name in &told {
        assert!(documented.contains(*name), "docs/operations.md does not tell of {name}");
    }
    for name in ["tickets.overdue", "lines.review", "invoices.held", "jobs"] {
        assert!(told.contains(name), "{name} is not among {told:?}");
    }
    let events: BTreeSet<&str> = metrics
        .iter()
        .filter(|m| m.metric == "feed.events")
        .flat_map(|m| m.kinds.iter().map(String::as_str))
        .collect();
    for kind in ["raschet.clients.v1.ClientChanged", "raschet.invoicing.v1.InvoiceIssued"] {
        assert!(events.contains(kind), "{kind} is not among {events:?}");
    }
}

/// Alerts are about metrics that exist, by the names that Prometheus gives them.
#[test]
fn alerts_are_about_documented_metrics() {
    let rules = fs::read_to_string(root().join("monitoring/alerts.yml")).unwrap();
    let names: BTreeSet<String> = documented().iter().map(|name| name.replace('.', "_")).collect();
    let mut used = 0;
    for line in rules.lines().filter_map(|line| line.trim().strip_prefix("expr:")) {
        for word in line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            let plain = word.trim_end_matches("_total").trim_end_matches("_microseconds_bucket");
            let (first, _) = plain.split_once('_').unwrap_or_default();
            if ["database", "rpc", "feed", "jobs", "tickets", "lines", "workers"].contains(&first) {
                assert!(names.contains(plain), "{word} is none of {names:?}");
                used += 1;
            }
        }
    }
    assert!(used > 5, "{used} metrics are watched");
}

/// Names in the table of metrics.
fn documented() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let (_, section) = text.split_once("## Metrics").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('`').next().unwrap().to_owned()).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
