//! What the figures were measured on.

use anyhow::Result;
use serde::Serialize;
use sqlx::PgConnection;
use std::fs;

/// The machine and its PostgreSQL.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Processors.
    pub cores: usize,
    /// What kind.
    pub processor: String,
    /// Memory in MiB.
    pub memory: u64,
    /// Such as `15.14`.
    pub postgres: String,
    /// `on` when a commit waits for the disk.
    pub fsync: String,
    /// `on` when a commit waits for its own log.
    pub synchronous_commit: String,
    /// Memory that PostgreSQL keeps pages in.
    pub shared_buffers: String,
    /// Load of the last minute when the program began: other work disturbs.
    pub load: String,
}

impl Machine {
    /// Looks.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn look(conn: &mut PgConnection) -> Result<Self> {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let field = |text: &str, name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned())
        };
        let kib = field(&read("/proc/meminfo"), "MemTotal").unwrap_or_default();
        let kib: u64 = kib.trim_end_matches(" kB").parse().unwrap_or_default();
        Ok(Self {
            cores: std::thread::available_parallelism()?.get(),
            processor: field(&read("/proc/cpuinfo"), "model name").unwrap_or_default(),
            memory: kib / 1024,
            postgres: setting(conn, "server_version").await?,
            fsync: setting(conn, "fsync").await?,
            synchronous_commit: setting(conn, "synchronous_commit").await?,
            shared_buffers: setting(conn, "shared_buffers").await?,
            load: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
        })
    }
}

async fn setting(conn: &mut PgConnection, name: &str) -> Result<String> {
    Ok(sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(conn).await?)
}
