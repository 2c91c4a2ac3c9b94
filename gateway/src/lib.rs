//! The gateway: the only public door. It keeps nothing durable.
//!
//! A call passes, in this order: trace, language and deadline, the bound on calls at a time
//! (`service::layers`), then [`door`], which turns a session or the operator's token into a signed
//! identity and checks the declared roles, then either [`pass`], which hands it to the owning
//! service by path without decoding it, or one of the services of `api/` that compose several.

pub mod api;
pub mod auth;
pub mod config;
pub mod door;
pub mod pass;

pub use config::Config;

use anyhow::{Context, Result};
use api::{cabinet::CabinetApi, operations::OperationsApi, sessions::SessionsApi};
use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header::CONTENT_TYPE},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use door::Door;
use proto::gateway::v1::{
    cabinet_server::CabinetServer, operations_server::OperationsServer,
    sessions_server::SessionsServer,
};
use service::{
    Peers,
    authority::{self, GATEWAY},
    layers, secrets,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic::{
    Status,
    service::Routes,
    transport::{Identity as Certificate, Server, ServerTlsConfig, server::TcpIncoming},
};
use tonic_web::GrpcWebLayer;

/// Services whose calls are handed through, by the package of their contracts.
const PASSED: [&str; 4] = ["clients", "invoicing", "payments", "tickets"];
/// How long calls at hand may take after a stop.
const DRAIN: Duration = Duration::from_secs(25);

/// A gateway that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it listens; the port that was taken when 0 was asked for.
    pub address: SocketAddr,
    stop: CancellationToken,
    done: JoinHandle<Result<()>>,
}

impl Running {
    /// Waits until it ends, by itself only when its listener fails.
    ///
    /// # Errors
    /// Why it ended.
    pub async fn wait(&mut self) -> Result<()> {
        (&mut self.done).await?
    }

    /// Stops gracefully: takes no more calls, finishes those at hand.
    ///
    /// # Errors
    /// When it had failed already, or was cut off.
    pub async fn stop(self) -> Result<()> {
        self.stop.cancel();
        tokio::time::timeout(DRAIN, self.done).await.context("calls were cut off")??
    }
}

/// Starts the gateway in this process.
///
/// # Errors
/// When the secrets, the certificate or the address cannot be used.
pub async fn start(config: &Config) -> Result<Running> {
    config.check()?;
    let peers = Peers::new(&config.peers, secrets::signer(&config.secrets, GATEWAY)?);
    let operator = secrets::text(&config.secrets, "operator.token")?;
    let door = Arc::new(Door::new(peers.clone(), &operator, config.is_encrypted()));
    let routes = routes(config, &door, &peers).await?;
    let listener = TcpListener::bind(&config.listen)
        .await
        .with_context(|| format!("cannot listen at {}; is it in use?", config.listen))?;
    let address = listener.local_addr()?;
    let mut server = Server::builder()
        .accept_http1(true)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .max_concurrent_streams(256);
    if let Some((certificate, key)) = config.certificate()? {
        let identity = Certificate::from_pem(certificate, key);
        server = server.tls_config(ServerTlsConfig::new().identity(identity))?;
    }
    let stop = CancellationToken::new();
    let ends = stop.clone().cancelled_owned();
    // Without it a reply of two packets waits 40 ms for the caller's delayed acknowledgement.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tracing::info!(%address, "the gateway serves");
    let done = tokio::spawn(async move {
        let served = server.add_routes(Routes::from(routes));
        served.serve_with_incoming_shutdown(incoming, ends).await.map_err(Into::into)
    });
    Ok(Running { address, stop, done })
}

/// Everything that the public port answers.
async fn routes(config: &Config, door: &Arc<Door>, peers: &Peers) -> Result<Router> {
    let verifier = secrets::verifier(&config.secrets, GATEWAY)?;
    let mut own = Routes::builder();
    own.add_service(SessionsServer::new(SessionsApi::new(Arc::clone(door))))
        .add_service(CabinetServer::new(CabinetApi::new(peers.clone())))
        .add_service(OperationsServer::new(OperationsApi::new(peers.clone())));
    let own = layers::authorised(own.routes().into_axum_router().reset_fallback(), verifier);

    let mut open = Routes::builder();
    let (health, server) = tonic_health::server::health_reporter();
    health.set_service_status("", tonic_health::ServingStatus::Serving).await;
    open.add_service(server);
    // The contracts of the whole suite are known; only what can be called here is shown.
    let public: Vec<&str> = authority::services()
        .into_iter()
        .filter(|service| door::audience(&format!("/{service}/")).is_some())
        .chain(["grpc.health.v1.Health"])
        .collect();
    let reflection = || {
        let builder = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
        public.iter().fold(builder, |builder, name| builder.with_service_name(*name))
    };
    open.add_service(reflection().build_v1()?).add_service(reflection().build_v1alpha()?);
    let open = open.routes().into_axum_router().reset_fallback();

    let grpc = Router::new()
        .route("/{service}/{method}", post(pass::pass))
        .with_state(Arc::clone(door))
        .merge(own)
        .merge(open)
        .layer(from_fn_with_state(Arc::clone(door), door::authenticate))
        .layer(GrpcWebLayer::new());
    let all = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .merge(auth::routes(Arc::clone(door)))
        .merge(grpc)
        .fallback(nothing_here);
    Ok(layers::outer(all, GATEWAY))
}

/// What lies nowhere: a program that speaks gRPC learns it in gRPC.
async fn nothing_here(request: Request) -> Response {
    let grpc = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|t| t.as_bytes().starts_with(b"application/grpc"));
    if grpc {
        let path = request.uri().path();
        return Status::unimplemented(format!("there is no method {path}")).into_http();
    }
    (StatusCode::NOT_FOUND, "Здесь ничего нет. Nothing is here.\n").into_response()
}
