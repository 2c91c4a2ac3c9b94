//! Runs a service: in a process of its own, or inside another one.

use crate::{
    App, ClockSetting, Config, Frame, Listen, Peers, clock_service,
    config::{self, ConfigFile},
    database,
    feed::{self, receipt::Follows},
    health, layers,
    listener::{Listener, open_routes},
    queue, secrets,
    supervise::supervise,
    telemetry::{self, LogFormat},
};
use anyhow::{Context, Result, anyhow};
use clap::{Args, FromArgMatches, Parser};
use sqlx::{PgPool, migrate::Migrator};
use std::{future::Future, time::Duration};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::{JoinHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;

/// The services of the suite, in the order in which they are started.
pub const SERVICES: [&str; 4] = ["clients", "invoicing", "payments", "tickets"];

/// How long calls and jobs at hand may take after a stop before they are cut off.
const DRAIN: Duration = Duration::from_secs(25);

/// One service of the suite.
pub trait Service: 'static {
    /// Its name, such as `invoicing`: of its database, its socket, and in identities.
    const NAME: &'static str;

    /// Settings beyond [`Config`].
    type Settings: Args + FromArgMatches + Send + 'static;

    /// Its own migrations, `sqlx::migrate!()`.
    fn migrations() -> &'static Migrator;

    /// Its RPCs, followers, workers, schedules and checks.
    fn app(frame: Frame, settings: Self::Settings) -> impl Future<Output = Result<App>> + Send;
}

/// A service that runs.
#[derive(Debug)]
pub struct Running {
    /// What its code works with.
    pub frame: Frame,
    /// Where it listens; the port that was taken when 0 was asked for.
    pub address: Listen,
    stop: CancellationToken,
    done: JoinHandle<Result<()>>,
}

impl Running {
    /// Waits until the service ends, by itself only when its listener fails.
    ///
    /// # Errors
    /// Why it ended.
    pub async fn wait(&mut self) -> Result<()> {
        (&mut self.done).await?
    }

    /// Stops gracefully: takes no more calls and jobs, finishes those at hand, at most 25 s.
    ///
    /// # Errors
    /// When it had failed already, or was cut off.
    pub async fn stop(self) -> Result<()> {
        self.stop.cancel();
        let stopped = tokio::time::timeout(DRAIN + Duration::from_secs(5), self.done).await;
        stopped.context("the service did not stop in time")??
    }

    /// Ends at once, in the middle of whatever it does, like a process that is killed (crash
    /// tests).
    pub fn kill(self) {
        self.done.abort();
    }
}

/// Starts a service in this process: migrates, connects, serves, works. Everything it needs is in
/// the configuration; logging is the program's ([`telemetry::install`]).
///
/// # Errors
/// When the database, the secrets or the address cannot be used.
pub async fn start<S: Service>(config: &Config, settings: S::Settings) -> Result<Running> {
    let owner = database::DatabaseRole::Owner;
    let owner = database::options(&config.database_url, &config.secrets, S::NAME, owner)?;
    database::migrate(&owner, S::migrations()).await?;
    let pool = database::pool(config, S::NAME).await?;
    feed::sequencer::open_feed(&pool).await?;
    if config.alone {
        let freed = queue::worker::free_leases(&pool).await?;
        tracing::debug!(service = S::NAME, freed, "jobs that a dead process had at hand");
    }
    let clock = clock_service::open(&pool, config.clock).await?;
    let peers = Peers::new(&config.peers, secrets::signer(&config.secrets, S::NAME)?);
    let frame = Frame::new(S::NAME, pool, clock, peers);
    let stop = CancellationToken::new();
    let app = S::app(frame.clone(), settings).await?.complete(&stop);
    let verifier = secrets::verifier(&config.secrets, S::NAME)?;
    let App { routes, names, tasks, replays, .. } = app;
    let (routes, reporter) = open_routes(routes, &names).await?;
    let producers: Vec<_> = replays.into_keys().collect();
    feed::follower::open_cursors(&frame.pool, &producers).await?;
    let follows = Follows { frame: frame.clone(), producers };
    let routes = layers::wrap(routes.into_axum_router(), S::NAME, verifier, follows);

    let address: Listen =
        config.listen.replace("{service}", S::NAME).parse().map_err(|e: String| anyhow!(e))?;
    let listener = Listener::bind(&address).await?;
    let address = listener.address(address)?;
    tracing::info!(service = S::NAME, %address, "serving");
    let mut all = JoinSet::new();
    for (name, work) in tasks {
        let (frame, stop) = (frame.clone(), stop.clone());
        let name = format!("{}: {name}", S::NAME);
        all.spawn(async move {
            supervise(&name, &stop, || work(frame.clone(), stop.clone())).await;
            Ok(())
        });
    }
    let report = health::report(frame.clone(), reporter, names, stop.clone());
    all.spawn(async move {
        report.await;
        Ok(())
    });
    all.spawn(listener.serve(routes, stop.clone()));
    let done = tokio::spawn(finish(all, stop.clone(), frame.pool.clone()));
    Ok(Running { frame, address, stop, done })
}

/// Waits for the parts of a service; the first one that ends, ends the others.
async fn finish(mut all: JoinSet<Result<()>>, stop: CancellationToken, pool: PgPool) -> Result<()> {
    let first = all.join_next().await.context("nothing runs")?;
    stop.cancel();
    let rest = async { while all.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, rest).await.is_err() {
        tracing::warn!("calls or jobs were cut off: they took longer than {DRAIN:?} to end");
        all.shutdown().await;
    }
    pool.close().await;
    first?
}

/// The command line of a service's program.
#[derive(Parser)]
struct Program<S: Args> {
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    config: Config,
    /// Address of an OpenTelemetry collector (gRPC); nothing is exported without one.
    #[arg(long, env = "RASCHET_OTLP")]
    otlp: Option<String>,
    /// How log lines are written.
    #[arg(long, env = "RASCHET_LOG", default_value = "text")]
    log: LogFormat,
    #[command(flatten)]
    settings: S,
}

/// The whole `main` of a service's program.
///
/// # Errors
/// When the settings are wrong or the service cannot run.
#[tokio::main]
pub async fn main<S: Service>() -> Result<()> {
    let program: Program<S::Settings> = config::read()?;
    let _telemetry = telemetry::install(S::NAME, program.log, program.otlp.as_deref())?;
    if let ClockSetting::Manual(_) = program.config.clock {
        tracing::warn!("business time stands until it is advanced: --clock manual");
    }
    let mut running = start::<S>(&program.config, program.settings).await?;
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        ended = running.wait() => return ended,
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await
}
