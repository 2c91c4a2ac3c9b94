//! Connections, roles and migrations.

use crate::{Config, secrets};
use anyhow::{Context, Result};
use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{path::Path, time::Duration};

/// The tables that every service has; each service's own migrations come after them.
static FRAME: Migrator = sqlx::migrate!();

/// A statement, a wait for a lock and an idle transaction all end: nothing waits for ever. And
/// nothing is compiled: a plan that looks dear costs seconds of compiling and milliseconds of work.
const SESSION: [(&str, &str); 4] = [
    ("statement_timeout", "120s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("jit", "off"),
];

/// As whom to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseRole {
    /// `{service}_owner`: owns the tables, runs migrations.
    Owner,
    /// `{service}_app`: reads and writes rows, as far as grants let it.
    App,
}

/// How to connect to the database of a service: the URL's `{service}` filled in, and, unless the
/// URL names a user itself, the role's name and its password from the secrets directory.
///
/// # Errors
/// When the URL or the password file is damaged.
pub fn options(
    url: &str,
    secrets: &Path,
    service: &str,
    role: DatabaseRole,
) -> Result<PgConnectOptions> {
    let names_user = url.contains('@');
    let options: PgConnectOptions = url
        .replace("{service}", service)
        .parse()
        // The URL may hold a password, so it is not repeated.
        .context(
            "the database URL is not one such as postgres:///{service}?host=/run/postgresql",
        )?;
    let options = options.application_name(&format!("raschet-{service}"));
    if names_user {
        return Ok(options);
    }
    let role = match role {
        DatabaseRole::Owner => format!("{service}_owner"),
        DatabaseRole::App => format!("{service}_app"),
    };
    let options = options.username(&role);
    Ok(match secrets::database_password(secrets, &role)? {
        Some(password) => options.password(&password),
        None => options,
    })
}

/// All migrations of a service: the frame's, then its own.
#[must_use]
pub fn migrator(own: &Migrator) -> Migrator {
    let migrations: Vec<_> = FRAME.iter().chain(own.iter()).cloned().collect();
    Migrator { migrations: migrations.into(), ..Migrator::DEFAULT }
}

/// Brings a database up to date. Replicas that start together wait for each other.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub async fn migrate(owner: &PgConnectOptions, own: &Migrator) -> Result<()> {
    let mut conn = PgConnection::connect_with(owner).await.context("cannot reach the database")?;
    migrator(own).run_direct(None, &mut conn, false).await.map_err(explain)?;
    Ok(conn.close().await?)
}

/// What to do about a database that cannot be brought up to date. Each migration is a transaction
/// that also notes it as done, so one that was cut off is simply made again.
fn explain(error: MigrateError) -> anyhow::Error {
    let what = match &error {
        MigrateError::VersionMissing(version) => format!(
            "the database is newer than this program, which does not know its migration {version}: \
             start the version that made it, or a later one; or restore a backup of before"
        ),
        MigrateError::VersionMismatch(version) => format!(
            "migration {version} of the database is not the one of this program: \
             start the version that made it, or a later one"
        ),
        _ => "a migration failed; the database stands where the last whole one left it".to_owned(),
    };
    anyhow::Error::new(error).context(what)
}

/// The pool that a service works with.
pub(crate) async fn pool(config: &Config, service: &str) -> Result<PgPool> {
    let options = options(&config.database_url, &config.secrets, service, DatabaseRole::App)?;
    PgPoolOptions::new()
        .max_connections(config.pool_size)
        // A caller is told UNAVAILABLE rather than kept in a queue that only grows.
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(options.options(SESSION))
        .await
        .context("cannot reach the database")
}
