//! The gateway: the only public door. It keeps nothing durable.
//!
//! A connection has a place and greets in time (`incoming`). A call of it passes, in this order:
//! its [`address`], trace, language and deadline, the bound on calls at a time
//! (`service::layers`), then [`door`] with the caller's `limits`, which turns a session or the
//! operator's token into a signed identity and checks the declared roles, then either [`pass`],
//! which hands it to the owning service by path without decoding it, or one of the services of
//! `api/` that compose several.

pub mod address;
pub mod api;
pub mod auth;
pub mod config;
pub mod door;
mod entrance;
mod files;
mod incoming;
mod limits;
mod pages;
pub mod pass;
mod pay;
pub mod presence;

pub use config::Config;

use anyhow::{Context, Result};
use api::{
    cabinet::CabinetApi, client_cards::ClientCardsApi, dashboard::DashboardApi,
    directory::DirectoryApi, operations::OperationsApi, sessions::SessionsApi,
};
use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header::CONTENT_TYPE},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use door::Door;
use limits::Limits;
use proto::gateway::v1::{
    cabinet_server::CabinetServer, client_cards_server::ClientCardsServer,
    dashboard_server::DashboardServer, directory_server::DirectoryServer,
    operations_server::OperationsServer, sessions_server::SessionsServer,
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
    service::Routes,
    transport::{Identity as Certificate, Server, ServerTlsConfig},
};
use tonic_web::GrpcWebLayer;

/// Services whose calls are handed through, by the package of their contracts.
const PASSED: [&str; 4] = ["clients", "invoicing", "payments", "tickets"];
/// Metadata of a call, in all.
const HEADER_BYTES: u32 = 16 * 1024;
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

    /// Stops gracefully: takes no more calls, finishes those at hand, at most 25 s.
    ///
    /// # Errors
    /// When it had failed already.
    pub async fn stop(mut self) -> Result<()> {
        self.stop.cancel();
        let Ok(ended) = tokio::time::timeout(DRAIN, &mut self.done).await else {
            // A caller who does not end his call must not keep us from ending well.
            tracing::warn!("calls were cut off: they took longer than {DRAIN:?} to end");
            self.done.abort();
            return Ok(());
        };
        ended?
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
    let limits = Limits::new(config.logins_per_minute, config.calls_per_second);
    let door = Arc::new(Door::new(peers.clone(), &operator, config.is_encrypted(), limits));
    let routes = routes(config, &door, &peers).await?;
    let listener = TcpListener::bind(&config.listen)
        .await
        .with_context(|| format!("cannot listen at {}; is it in use?", config.listen))?;
    let address = listener.local_addr()?;
    let mut server = Server::builder()
        .accept_http1(true)
        .http2_max_header_list_size(HEADER_BYTES)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .max_concurrent_streams(256);
    if let Some((certificate, key)) = config.certificate()? {
        let identity = Certificate::from_pem(certificate, key);
        let tls = ServerTlsConfig::new().identity(identity).timeout(incoming::GREETING);
        server = server.tls_config(tls)?;
    }
    let stop = CancellationToken::new();
    let ends = stop.clone().cancelled_owned();
    let most = incoming::most();
    let connections = Box::pin(incoming::of(listener, most, incoming::GREETING));
    tracing::info!(%address, connections = most, "the gateway serves");
    let done = tokio::spawn(async move {
        let server = server.add_routes(Routes::from(routes));
        tokio::select! {
            served = server.serve_with_incoming_shutdown(connections, ends) => Ok(served?),
            () = door.limits().forget() => Ok(()),
        }
    });
    Ok(Running { address, stop, done })
}

/// Everything that the public port answers.
async fn routes(config: &Config, door: &Arc<Door>, peers: &Peers) -> Result<Router> {
    let verifier = secrets::verifier(&config.secrets, GATEWAY)?;
    let mut own = Routes::builder();
    own.add_service(SessionsServer::new(SessionsApi::new(Arc::clone(door))))
        .add_service(CabinetServer::new(CabinetApi::new(peers.clone())))
        .add_service(ClientCardsServer::new(ClientCardsApi::new(peers.clone())))
        .add_service(DashboardServer::new(DashboardApi::new(Arc::clone(door))))
        .add_service(DirectoryServer::new(DirectoryApi::new(peers.clone())))
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
        .merge(files::routes(Arc::clone(door)))
        .merge(pages::routes())
        .merge(pay::routes(Arc::clone(door)))
        .merge(grpc)
        .fallback(nothing_here);
    let all = layers::outer(all, GATEWAY);
    Ok(all.layer(from_fn_with_state(config.behind_proxy, address::note)))
}

/// What lies nowhere: a program that speaks gRPC learns it in gRPC.
async fn nothing_here(request: Request) -> Response {
    let grpc = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|t| t.as_bytes().starts_with(b"application/grpc"));
    if grpc {
        let path = request.uri().path();
        return layers::refuse(layers::no_method(path));
    }
    (StatusCode::NOT_FOUND, "Здесь ничего нет. Nothing is here.\n").into_response()
}
