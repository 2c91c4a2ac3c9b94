//! The gateway as a process of its own.

use anyhow::Result;
use clap::Parser;
use service::{
    config::{self, ConfigFile},
    telemetry::{self, LogFormat},
};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    config: gateway::Config,
    /// Address of an OpenTelemetry collector (gRPC); nothing is exported without one.
    #[arg(long, env = "RASCHET_OTLP")]
    otlp: Option<String>,
    /// How log lines are written.
    #[arg(long, env = "RASCHET_LOG", default_value = "text")]
    log: LogFormat,
}

#[tokio::main]
async fn main() -> Result<()> {
    let program: Program = config::read()?;
    let _telemetry = telemetry::install("gateway", program.log, program.otlp.as_deref())?;
    let mut running = gateway::start(&program.config).await?;
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        ended = running.wait() => return ended,
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    running.stop().await
}
