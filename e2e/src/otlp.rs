//! A collector of traces and metrics that only listens (`e2e/python/otlp_sink.py`).

use crate::python::{home, interpreter};
use serde::Deserialize;
use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};
use uuid::Uuid;

/// A span as it was exported; ids in hexadecimal.
#[derive(Debug, Clone, Deserialize)]
pub struct Span {
    /// Name of the program that exported it, such as `raschet-invoicing`.
    pub service: String,
    /// Its name.
    pub name: String,
    /// Its trace.
    pub trace: String,
    /// Its id.
    pub span: String,
    /// The span that caused it; empty at the root.
    pub parent: String,
}

/// A metric as it was exported, once an export.
#[derive(Debug, Clone, Deserialize)]
pub struct Metric {
    /// Name of the program that exported it.
    pub service: String,
    /// Its name, such as `rpc.server.calls`.
    pub metric: String,
    /// Its unit; empty for mere counts.
    pub unit: String,
    /// Values of its label `kind`.
    pub kinds: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Span(Span),
    Metric(Metric),
}

/// A collector that listens. Dropping it stops it.
pub struct OtlpSink {
    child: Child,
    port: u16,
    output: PathBuf,
}

impl OtlpSink {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start() -> Self {
        let output = env::temp_dir().join(format!("raschet-otlp-{}.jsonl", Uuid::new_v4()));
        let mut command = Command::new(interpreter());
        command.arg(home().join("otlp_sink.py")).arg(&output);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the collector starts");
        let mut line = String::new();
        let said = child.stdout.as_mut().expect("it can speak");
        BufReader::new(said).read_line(&mut line).expect("it tells its port");
        let port = line.trim().parse().expect("a port");
        Self { child, port, output }
    }

    /// Where to export to.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Everything that was exported until now.
    ///
    /// # Panics
    /// When it wrote what cannot be read.
    #[must_use]
    pub fn told(&self) -> (Vec<Span>, Vec<Metric>) {
        let (mut spans, mut metrics) = (Vec::new(), Vec::new());
        for line in fs::read_to_string(&self.output).expect("its output").lines() {
            match serde_json::from_str(line).expect("a span or a metric") {
                Told::Span(span) => spans.push(span),
                Told::Metric(metric) => metrics.push(metric),
            }
        }
        (spans, metrics)
    }
}

impl Drop for OtlpSink {
    fn drop(&mut self) {
        drop(self.child.stdin.take()); // it ends when nobody can speak to it any more
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.output);
    }
}
