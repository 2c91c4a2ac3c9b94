//! Logs, traces and counts.
//!
//! The W3C trace context passes through every hop whether or not anything is exported: without an
//! OpenTelemetry layer the context of a span would be empty and the caller's trace would end here,
//! so a tracer provider is always installed and only its exporter is optional.

use crate::authority;
use anyhow::Result;
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::HeaderMap;
use http_body_util::BodyExt;
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Gauge, Histogram, Meter},
    propagation::Extractor,
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_otlp::WithExportConfig;
use opentelemetry_sdk::{
    Resource, metrics::SdkMeterProvider, propagation::TraceContextPropagator,
    trace::SdkTracerProvider,
};
use std::{
    collections::HashMap,
    io::IsTerminal,
    sync::{LazyLock, Mutex, PoisonError},
    time::Instant,
};
use tonic::Code;
use tracing::{Instrument, Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// Name of our instrumentation.
const SCOPE: &str = "raschet";

/// Flushes what was not exported yet when it is dropped; keep it till the program ends.
#[derive(Debug)]
pub struct Guard {
    tracer: SdkTracerProvider,
    meter: Option<SdkMeterProvider>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        // The program ends: an exporter that is gone has nobody to tell.
        let _ = self.tracer.shutdown();
        let _ = self.meter.as_ref().map(SdkMeterProvider::shutdown);
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Installs logging and tracing for the whole program; call it once, inside a Tokio runtime.
/// `otlp` is the address of an OpenTelemetry collector (gRPC), such as `http://localhost:4317`.
///
/// # Errors
/// When the exporter cannot be made or logging is installed already.
pub fn install(name: &str, format: LogFormat, otlp: Option<&str>) -> Result<Guard> {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let resource = Resource::builder().with_service_name(format!("raschet-{name}")).build();
    let mut tracer = SdkTracerProvider::builder().with_resource(resource.clone());
    let mut meter = None;
    if let Some(otlp) = otlp {
        let spans = opentelemetry_otlp::SpanExporter::builder().with_tonic();
        tracer = tracer.with_batch_exporter(spans.with_endpoint(otlp).build()?);
        let metrics = opentelemetry_otlp::MetricExporter::builder().with_tonic();
        let metrics = metrics.with_endpoint(otlp).build()?;
        let provider =
            SdkMeterProvider::builder().with_resource(resource).with_periodic_exporter(metrics);
        let provider = provider.build();
        global::set_meter_provider(provider.clone());
        meter = Some(provider);
    }
    let tracer = tracer.build();
    global::set_tracer_provider(tracer.clone());
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,h2=warn,hyper=warn,tower=warn"));
    let lines = match format {
        LogFormat::Text => tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal())
            .boxed(),
        LogFormat::Json => {
            tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr).boxed()
        }
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(tracing_opentelemetry::layer().with_tracer(tracer.tracer(SCOPE)))
        .try_init()?;
    Ok(Guard { tracer, meter })
}

/// Writes the current trace context into the headers of an outgoing call.
pub fn inject(headers: &mut HeaderMap) {
    let context = Span::current().context();
    global::get_text_map_propagator(|p| p.inject_context(&context, &mut HeaderInjector(headers)));
}

/// The current trace context as a W3C `traceparent`; empty when there is none. Rides in events.
#[must_use]
pub fn traceparent() -> String {
    let mut carrier = HashMap::new();
    let context = Span::current().context();
    global::get_text_map_propagator(|p| p.inject_context(&context, &mut carrier));
    carrier.remove("traceparent").unwrap_or_default()
}

/// Makes a span continue the trace of a stored `traceparent`.
pub fn set_parent(span: &Span, traceparent: &str) {
    if !traceparent.is_empty() {
        let carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
        continue_trace(span, &carrier);
    }
}

fn continue_trace(span: &Span, carrier: &dyn Extractor) {
    let context = global::get_text_map_propagator(|p| p.extract(carrier));
    // Fails only when no OpenTelemetry layer is installed (unit tests): then nothing is traced.
    let _ = span.set_parent(context);
}

/// Id of the current trace, as 32 hexadecimal digits; zeros when there is none.
#[must_use]
pub fn trace_id() -> String {
    Span::current().context().span().span_context().trace_id().to_string()
}

fn meter() -> Meter {
    global::meter(SCOPE)
}

/// Counts what the business or the frame counts: `count("invoices.issued", 3)`.
pub fn count(name: &'static str, by: u64) {
    count_by(name, by, &[]);
}

/// Counts with labels of few values: `count_by("jobs.failed", 1, &[("kind", "letter")])`.
pub fn count_by(name: &'static str, by: u64, labels: &[(&'static str, &str)]) {
    static COUNTERS: LazyLock<Mutex<HashMap<&'static str, Counter<u64>>>> =
        LazyLock::new(Mutex::default);
    let labels: Vec<_> =
        labels.iter().map(|(key, value)| KeyValue::new(*key, (*value).to_owned())).collect();
    let mut counters = COUNTERS.lock().unwrap_or_else(PoisonError::into_inner);
    counters.entry(name).or_insert_with(|| meter().u64_counter(name).build()).add(by, &labels);
}

/// Tells how much of something there is now: `gauge("jobs.waiting", 3, &[("kind", …)])`.
pub fn gauge(name: &'static str, value: i64, labels: &[(&'static str, String)]) {
    static GAUGES: LazyLock<Mutex<HashMap<&'static str, Gauge<i64>>>> =
        LazyLock::new(Mutex::default);
    let labels: Vec<_> =
        labels.iter().map(|(key, value)| KeyValue::new(*key, value.clone())).collect();
    let mut gauges = GAUGES.lock().unwrap_or_else(PoisonError::into_inner);
    gauges.entry(name).or_insert_with(|| meter().i64_gauge(name).build()).record(value, &labels);
}

/// The layer that opens a call's span, and counts the call by its gRPC status.
///
/// gRPC says how a call ended in the trailers, or in the headers when there is no body; an HTTP
/// status of 200 says nothing.
pub(crate) async fn trace(
    State(service): State<&'static str>,
    request: Request,
    next: Next,
) -> Response {
    // A page's path may hold what opens it: only its first part is told to anybody.
    let path = request.uri().path().trim_start_matches('/');
    let shown = match authority::method(&format!("/{path}")) {
        Some(_) => path,
        None => path.split('/').next().unwrap_or_default(),
    };
    let span = info_span!(
        "rpc",
        otel.name = shown,
        otel.kind = "server",
        otel.status_code = Empty,
        rpc.system = "grpc",
        rpc.grpc.status_code = Empty,
        service,
    );
    continue_trace(&span, &HeaderExtractor(request.headers()));
    // Paths that strangers invent would make counters without end.
    let known = shown.len() == path.len() && shown.contains('/');
    let path = if known { format!("/{path}") } else { "other".into() };
    let mut call = Call { path, service, started: Instant::now(), span: span.clone(), open: true };
    let response = next.run(request).instrument(span).await;
    if let Some(code) = status(response.headers()) {
        call.end(code);
        return response;
    }
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            if let Some(code) = frame.trailers_ref().and_then(status) {
                call.end(code);
            }
            frame
        }))
    })
}

fn status(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|value| Code::from_bytes(value.as_bytes()))
}

/// A call that is counted once: at its status, or as cancelled when its body is dropped before.
struct Call {
    path: String,
    service: &'static str,
    started: Instant,
    span: Span,
    open: bool,
}

impl Call {
    fn end(&mut self, code: Code) {
        static SECONDS: LazyLock<Histogram<u64>> =
            LazyLock::new(|| meter().u64_histogram("rpc.server.duration").with_unit("us").build());
        if !std::mem::take(&mut self.open) {
            return;
        }
        self.span.record("rpc.grpc.status_code", code as i32);
        if code != Code::Ok {
            self.span.record("otel.status_code", "ERROR");
        }
        let status = format!("{code:?}");
        count_by(
            "rpc.server.calls",
            1,
            &[("method", &self.path), ("service", self.service), ("status", &status)],
        );
        let took = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        SECONDS.record(took, &[KeyValue::new("method", self.path.clone())]);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// design.md §2 "Observable": the context passes although nothing is exported.
    #[test]
    fn the_trace_goes_on_without_an_exporter() {
        const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
        global::set_text_map_propagator(TraceContextPropagator::new());
        let tracer = SdkTracerProvider::builder().build().tracer(SCOPE);
        let subscriber =
            tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(tracer));
        tracing::subscriber::with_default(subscriber, || {
            let span = info_span!("call");
            set_parent(&span, &format!("00-{TRACE}-b7ad6b7169203331-01"));
            span.in_scope(|| {
                assert_eq!(trace_id(), TRACE);
                let mut headers = HeaderMap::new();
                inject(&mut headers);
                let sent = headers["traceparent"].to_str().unwrap();
                assert!(sent.starts_with(&format!("00-{TRACE}-")), "{sent}");
                assert!(!sent.contains("b7ad6b7169203331"), "the parent is our own span: {sent}");
                assert_eq!(traceparent(), sent);
            });
        });
    }
}
