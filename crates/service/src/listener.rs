//! Where a service listens, and what is open to whoever can connect.

use crate::Listen;
use anyhow::{Context, Result};
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio_stream::wrappers::UnixListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::{
    service::{Routes, RoutesBuilder},
    transport::{Server, server::TcpIncoming},
};
use tonic_health::{ServingStatus, server::HealthReporter};

/// Adds health and reflection, which orchestrators and `grpcurl` expect.
pub(crate) async fn open_routes(
    mut routes: RoutesBuilder,
    names: &[&'static str],
) -> Result<(Routes, HealthReporter)> {
    let (health, server) = tonic_health::server::health_reporter();
    for name in names {
        health.set_service_status(*name, ServingStatus::Serving).await;
    }
    let reflection = || {
        let builder = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .with_service_name("grpc.health.v1.Health");
        // The contracts of the whole suite are known; only what is served here is shown.
        names.iter().fold(builder, |builder, name| builder.with_service_name(*name))
    };
    routes.add_service(server);
    routes.add_service(reflection().build_v1()?);
    routes.add_service(reflection().build_v1alpha()?);
    Ok((routes.routes(), health))
}

/// A bound address.
pub(crate) enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Listener {
    pub(crate) async fn bind(address: &Listen) -> Result<Self> {
        let bound = match address {
            Listen::Tcp(address) => TcpListener::bind(address).await.map(Self::Tcp),
            Listen::Unix(path) => {
                let mut patience = 20;
                while UnixStream::connect(path).await.is_ok() {
                    // Somebody who is being stopped may take a moment to let go.
                    patience -= 1;
                    anyhow::ensure!(
                        patience > 0,
                        "{} is in use: is the service running?",
                        path.display()
                    );
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                // What a process that was killed left behind.
                let _ = std::fs::remove_file(path);
                if let Some(dir) = path.parent() {
                    std::fs::create_dir_all(dir)
                        .with_context(|| format!("cannot make {}", dir.display()))?;
                }
                UnixListener::bind(path).map(Self::Unix)
            }
        };
        bound.with_context(|| format!("cannot listen at {address}"))
    }

    pub(crate) fn address(&self, asked: Listen) -> Result<Listen> {
        Ok(match self {
            Self::Unix(_) => asked,
            Self::Tcp(listener) => Listen::Tcp(listener.local_addr()?.to_string()),
        })
    }

    /// Serves until `stop`, then until the calls at hand have ended.
    pub(crate) async fn serve(self, routes: axum::Router, stop: CancellationToken) -> Result<()> {
        let server = Server::builder()
            // A peer that is gone without a word is noticed.
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .http2_keepalive_timeout(Some(Duration::from_secs(10)))
            .max_concurrent_streams(1024)
            .add_routes(Routes::from(routes));
        let stop = stop.cancelled_owned();
        match self {
            Self::Unix(listener) => {
                server
                    .serve_with_incoming_shutdown(UnixListenerStream::new(listener), stop)
                    .await?;
            }
            Self::Tcp(listener) => {
                // Without it a reply of two packets waits 40 ms for the caller's acknowledgement.
                let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
                server.serve_with_incoming_shutdown(incoming, stop).await?;
            }
        }
        Ok(())
    }
}
