//! Where a figure is measured: a private PostgreSQL as `raschet up` runs it (every commit is on
//! disk), the services' databases, and whichever programs of the suite the figure needs.
//!
//! Everything is in a directory of its own below `TMPDIR` and goes away with it. What is measured
//! is called as in production; what only has to be there is arranged by its owner's pool.

use crate::{door::Door, machine::Machine, process::Process};
use anyhow::{Context, Result};
use launcher::{Cluster, Profile, provision, secret};
use service::{Identity, PeerChannel, Peers, Role, authority::GATEWAY, secrets};
use sqlx::{
    Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tokio::net::{TcpListener, TcpStream, UnixStream};

/// How long a program may take to listen: its first start migrates.
const PATIENCE: Duration = Duration::from_secs(60);
/// Business time, standing still.
pub const NOW: &str = "2026-01-01T09:00:00Z";

/// A gateway that runs, by itself or in `raschet up`.
#[derive(Debug)]
pub struct Gate {
    /// The process that it runs in.
    pub process: Process,
    /// Where it listens, such as `http://127.0.0.1:4711`.
    pub address: String,
    /// The operator's calls.
    pub operator: Door,
}

/// A cluster, keys and databases. Dropping it stops the server and removes all of it.
#[derive(Debug)]
pub struct Stage {
    /// Taken (and so stopped) before its directory is removed.
    cluster: Option<Cluster>,
    dir: PathBuf,
    url: String,
    peers: Peers,
}

impl Stage {
    /// Makes a cluster with every service's roles and database, and the keys.
    ///
    /// # Errors
    /// When PostgreSQL cannot be started.
    pub async fn open() -> Result<Self> {
        let dir = std::env::temp_dir().join(format!("raschet-bench-{}", &secret::generate()[..8]));
        // PostgreSQL's user has to pass, not to list.
        fs::DirBuilder::new().mode(0o711).create(&dir)?;
        fs::create_dir(dir.join("run"))?;
        let keys = dir.join("secrets");
        secrets::create(&keys)?;
        let signer = secrets::signer(&keys, GATEWAY)?;
        let peers = Peers::new(&format!("unix:{}/run/{{service}}.sock", dir.display()), signer);
        let mut stage = Self { cluster: None, dir, url: String::new(), peers };
        let home = stage.dir.join("postgres");
        let start = move || Cluster::start(&home, Profile::Durable);
        let cluster = tokio::task::spawn_blocking(start).await??;
        stage.url = cluster.template();
        let mut create = stage.program("raschet")?;
        create.args(["db", "create", "--admin-url", &cluster.url("postgres")]);
        let created = create.stdout(Stdio::null()).status();
        let created = created.context("build first: cargo build --release --workspace")?;
        anyhow::ensure!(created.success(), "raschet db create: {created}");
        stage.cluster = Some(cluster);
        Ok(stage)
    }

    /// What it all runs on.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn machine(&self) -> Result<Machine> {
        let mut conn = PgConnection::connect_with(&self.administrator("postgres")?).await?;
        Machine::look(&mut conn).await
    }

    /// How the server's administrator connects to a database.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn administrator(&self, database: &str) -> Result<PgConnectOptions> {
        let cluster = self.cluster.as_ref().context("the server is gone")?;
        Ok(provision::parse(&cluster.url(database))?)
    }

    /// A pool of the administrator on a service's database, to arrange and to measure the limit.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn pool(&self, service: &str) -> Result<PgPool> {
        let pool = PgPoolOptions::new().max_connections(8);
        Ok(pool.connect_with(self.administrator(service)?).await?)
    }

    /// Starts a service in a process of its own, business time standing at [`NOW`], with further
    /// arguments such as `&["--pool-size", "4"]`; waits until it listens.
    ///
    /// # Errors
    /// When it is not built, or does not start.
    pub async fn start(&self, service: &str, arguments: &[&str]) -> Result<Process> {
        let mut command = self.program(&format!("{service}-svc"))?;
        command.args(["--clock", &format!("manual:{NOW}"), "--database-url", &self.url]);
        command.args(["--listen", &self.sockets(), "--peers", &self.sockets()]);
        let mut process = Process::start(service, command.args(arguments))?;
        let socket = self.dir.join("run").join(format!("{service}.sock"));
        let start = Instant::now();
        while UnixStream::connect(&socket).await.is_err() {
            wait(&mut process, start).await?;
        }
        Ok(process)
    }

    /// Starts the gateway in a process of its own; waits until it listens.
    ///
    /// # Errors
    /// When it is not built, or does not start.
    pub async fn gateway(&self) -> Result<Gate> {
        let port = free_port().await?;
        let mut command = self.program("gateway")?;
        command.args(["--listen", &format!("127.0.0.1:{port}"), "--peers", &self.sockets()]);
        self.gate(Process::start("gateway", &mut command)?, port).await
    }

    /// Starts all of it in one process, `raschet up`, over this server; waits until its gateway
    /// listens. Services started by [`Self::start`] must not run beside.
    ///
    /// # Errors
    /// When it is not built, or does not start.
    pub async fn up(&self, arguments: &[&str]) -> Result<Gate> {
        let port = free_port().await?;
        let mut command = self.program("raschet")?;
        command.args(["up", "--listen", &format!("127.0.0.1:{port}")]);
        command.args(["--clock", &format!("manual:{NOW}"), "--database-url", &self.url]);
        command.arg("--data").arg(&self.dir).args(arguments).stdout(Stdio::null());
        self.gate(Process::start("raschet up", &mut command)?, port).await
    }

    /// A channel straight to the socket of a service, by itself or in `raschet up`, for an
    /// administrator who is operator too.
    #[must_use]
    pub fn channel(&self, service: &str) -> PeerChannel {
        let actor = format!("staff/{}", uuid::Uuid::from_u128(2));
        let roles = vec![Role::Admin, Role::Operator];
        self.peers.channel(service).acting(Identity { actor, roles, client: None })
    }

    /// The directory of all of it.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    async fn gate(&self, mut process: Process, port: u16) -> Result<Gate> {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            wait(&mut process, start).await?;
        }
        let token = secrets::text(&self.dir.join("secrets"), "operator.token")?;
        let address = format!("http://127.0.0.1:{port}");
        let operator = crate::door::connect(&address, &token).await?;
        Ok(Gate { process, address, operator })
    }

    fn sockets(&self) -> String {
        format!("unix:{}/run/{{service}}.sock", self.dir.display())
    }

    /// A program that was built with this one.
    fn program(&self, name: &str) -> Result<Command> {
        let here = std::env::current_exe()?;
        let mut command = Command::new(here.with_file_name(name));
        command.current_dir(&self.dir).stdin(Stdio::null());
        if std::env::var_os("RUST_LOG").is_none() {
            // Services whose peers are not part of a figure say so again and again.
            command.env("RUST_LOG", "off");
        }
        Ok(command)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(self.cluster.take());
        let _ = fs::remove_dir_all(&self.dir); // only a temporary directory is lost sight of
    }
}

async fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port())
}

async fn wait(process: &mut Process, since: Instant) -> Result<()> {
    process.check()?;
    anyhow::ensure!(since.elapsed() < PATIENCE, "it does not listen after {PATIENCE:?}");
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(())
}
