//! `raschet up`: everything in one process, started in order and stopped in reverse.
//!
//! PostgreSQL (private unless `--database-url`), roles and databases, the services (which migrate
//! their databases), the first administrator, the gateway.

use crate::{
    cli::Up,
    console::{Console, Outcome},
    databases,
    demo::{self, Demo},
    first_login::{self, FirstLogin},
    home::Home,
    services::Services,
};
use anyhow::{Context, Result};
use launcher::{Cluster, Profile, provision};
use serde_json::json;
use service::{Config, Peers, Text, authority::GATEWAY, secrets, telemetry};
use std::{fs, net::SocketAddr, path::PathBuf};
use tokio::signal::unix::{SignalKind, signal};

/// Most connections of one service: four of them stay well below PostgreSQL's hundred.
const POOL: u32 = 16;

/// A suite that runs in this process.
#[derive(Debug)]
pub struct Suite {
    /// Where the gateway listens.
    pub address: SocketAddr,
    /// The first administrator, when this start made one.
    pub first_login: Option<FirstLogin>,
    /// Where letters are written, when no SMTP server is set.
    pub letters: Option<PathBuf>,
    /// Where its data is.
    pub home: Home,
    gateway: gateway::Running,
    services: Services,
    cluster: Option<Cluster>,
}

impl Suite {
    /// Starts everything. What was started is stopped again when a later part cannot start.
    ///
    /// # Errors
    /// Which part did not start, and what to do.
    pub async fn start(options: &Up) -> Result<Self> {
        let home = Home::open(options.data.as_deref(), options.database_url.is_none())?;
        home.refuse_other(options.demo)?;
        secrets::create(&home.secrets())?;
        let (cluster, database_url) = match &options.database_url {
            Some(url) => (None, url.clone()),
            None => {
                let cluster = Cluster::start(&home.postgres(), Profile::Durable)?;
                let admin = provision::parse(&cluster.url("postgres"))?;
                databases::create(&admin, &home.secrets()).await?;
                let url = cluster.template();
                (Some(cluster), url)
            }
        };
        let sockets = home.sockets()?;
        let config = Config {
            listen: sockets.clone(),
            peers: sockets.clone(),
            database_url,
            secrets: home.secrets(),
            clock: options.clock,
            pool_size: POOL,
            // The private cluster is locked by this process.
            alone: cluster.is_some(),
        };
        let mut settings = options.settings.clone();
        settings.keep_letters_in(home.letters(), site(options));
        let letters = match settings.tickets.smtp_url {
            None => Some(settings.tickets.mail_dir.clone()),
            Some(_) => None,
        };
        let services = Services::start(&config, settings).await;
        let services = services.with_context(|| match options.database_url {
            Some(_) => "if roles or databases are missing, `raschet db create` makes them",
            None => "see the data directory's postgres/postgres.log for what the database says",
        })?;
        let opened = open(options, &home, &sockets).await;
        let (gateway, first_login) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                // The reason why it did not open matters more than what a stop says.
                let _ = services.stop().await;
                return Err(error);
            }
        };
        let address = gateway.address;
        fs::write(home.address_file(), url(address)).context("cannot write run/address")?;
        Ok(Self { address, first_login, letters, home, gateway, services, cluster })
    }

    /// Waits until a part ends, which none should.
    ///
    /// # Errors
    /// Always: which part it was, and why.
    pub async fn wait(&mut self) -> Result<()> {
        tokio::select! {
            ended = self.services.wait() => ended,
            ended = self.gateway.wait() => {
                ended.context("the gateway failed")?;
                anyhow::bail!("the gateway ended by itself")
            }
        }
    }

    /// Stops everything, in reverse: the door, the services, the database.
    ///
    /// # Errors
    /// The first part that did not stop well; the others are stopped all the same.
    pub async fn stop(self) -> Result<()> {
        // Whoever looks for a running suite must not find this one any more.
        let _ = fs::remove_file(self.home.address_file());
        let gateway = self.gateway.stop().await;
        let services = self.services.stop().await;
        if let Some(cluster) = self.cluster {
            tokio::task::spawn_blocking(|| cluster.stop()).await??;
        }
        gateway.and(services)
    }
}

/// The first administrator and the door.
async fn open(
    options: &Up,
    home: &Home,
    sockets: &str,
) -> Result<(gateway::Running, Option<FirstLogin>)> {
    let peers = Peers::new(sockets, secrets::signer(&home.secrets(), GATEWAY)?);
    let first_login = first_login::ensure(&peers, &options.admin).await;
    let first_login = first_login.context("cannot make the first administrator")?;
    let config = gateway::Config {
        listen: options.listen.clone(),
        peers: sockets.to_owned(),
        secrets: home.secrets(),
        behind_proxy: options.behind_proxy,
        tls_certificate: options.tls_certificate.clone(),
        tls_key: options.tls_key.clone(),
        logins_per_minute: options.logins_per_minute,
        calls_per_second: options.calls_per_second,
    };
    Ok((gateway::start(&config).await?, first_login))
}

/// Where customers of this machine reach the gateway; none while nobody knows its port.
fn site(options: &Up) -> Option<String> {
    let scheme = if options.tls_certificate.is_some() { "https" } else { "http" };
    (!options.listen.ends_with(":0")).then(|| format!("{scheme}://{}", options.listen))
}

/// Address of the gateway for clients.
#[must_use]
pub fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Runs the suite until Ctrl-C or SIGTERM.
///
/// # Errors
/// When it cannot start, a part fails, or it does not stop well.
pub async fn run(options: Up, console: &Console) -> Result<Outcome> {
    let _telemetry = telemetry::install("up", options.log, options.otlp.as_deref())?;
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let start = async {
        let mut options = options;
        let demo = match options.demo {
            true => Some(demo::ready(&mut options, console).await?),
            false => None,
        };
        anyhow::Ok((Suite::start(&options).await?, demo))
    };
    let (mut suite, demo) = tokio::select! {
        started = start => started?,
        // What was started so far is dropped, and PostgreSQL with it.
        _ = terminate.recv() => return Ok(Outcome::Done),
        _ = interrupt.recv() => return Ok(Outcome::Done),
    };
    greet(&suite, demo.as_ref(), console);
    let ended = tokio::select! {
        ended = suite.wait() => ended,
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    };
    console.say(&Text::new("Останавливаюсь…", "Stopping…"));
    let stopped = suite.stop().await;
    ended.and(stopped).map(|()| Outcome::Done)
}

/// What whoever started it must know.
fn greet(suite: &Suite, demo: Option<&Demo>, console: &Console) {
    let (address, data) = (url(suite.address), suite.home.dir().display());
    console.say(&Text::new(
        format!("Raschet работает: {address}  (данные: {data}; остановить: Ctrl-C)"),
        format!("Raschet runs: {address}  (data: {data}; Ctrl-C stops it)"),
    ));
    if let Some(FirstLogin { login, password }) = &suite.first_login {
        console.say(&Text::new(
            format!("Первый администратор: {login}, пароль на один вход: {password}"),
            format!("First administrator: {login}, password for one login: {password}"),
        ));
    }
    if let Some(demo) = demo {
        demo.greet(console);
    }
    let login = suite
        .first_login
        .as_ref()
        .map(|first| json!({ "login": first.login, "one_time_password": first.password }));
    console.json(&json!({
        "address": address, "data": suite.home.dir(), "first_login": login,
        "letters": suite.letters, "demo": demo.map(Demo::json),
    }));
}
