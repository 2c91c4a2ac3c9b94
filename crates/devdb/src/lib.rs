//! Databases for development: what `sqlx-prepare` and `testkit-postgres` share.
//!
//! Depends on no service and reads migrations at run time, so that it builds when a service does
//! not: it is what brings their query cache (`.sqlx/`) up to date.

pub mod touch;

use anyhow::{Context, Result};
use launcher::{
    Scratch,
    provision::{self, Passwords},
};
use sqlx::{
    Connection, PgConnection,
    migrate::{Migration, Migrator},
};
use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
};

/// Databases by name: the services', and `frame` for the tables of `crates/service` alone.
pub const DATABASES: [&str; 5] = ["frame", "clients", "invoicing", "payments", "tickets"];

/// The repository's root: the nearest directory upwards that holds `crates/devdb`.
///
/// # Errors
/// When started outside of the repository.
pub fn root() -> Result<PathBuf> {
    let here = env::current_dir()?;
    let found = here.ancestors().find(|dir| dir.join("crates/devdb/Cargo.toml").is_file());
    found.map(Path::to_path_buf).context("start it inside the repository")
}

/// Directories whose migrations a database gets, the frame's first.
fn migration_dirs(root: &Path, database: &str) -> Vec<PathBuf> {
    let own = root.join(format!("{database}-svc/migrations"));
    [root.join("crates/service/migrations"), own].into_iter().filter(|dir| dir.is_dir()).collect()
}

/// All migrations of a database in the order in which a service applies them.
///
/// # Errors
/// When a file cannot be read or two have the same version.
pub async fn migrations(root: &Path, database: &str) -> Result<Migrator> {
    let mut all: Vec<Migration> = Vec::new();
    for dir in migration_dirs(root, database) {
        let read = Migrator::new(dir.as_path()).await;
        all.extend(read.with_context(|| format!("read {}", dir.display()))?.iter().cloned());
    }
    all.sort_by_key(|one| one.version);
    if let Some(pair) = all.windows(2).find(|pair| pair[0].version == pair[1].version) {
        anyhow::bail!("{database}: two migrations have version {}", pair[0].version);
    }
    Ok(Migrator::with_migrations(all))
}

/// A number that changes whenever a migration of any database does.
///
/// # Errors
/// When a file cannot be read.
pub fn fingerprint(root: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for dir in DATABASES.iter().flat_map(|name| migration_dirs(root, name)) {
        let mut files: Vec<PathBuf> =
            fs::read_dir(&dir)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.sort();
        for file in files {
            file.hash(&mut hasher);
            fs::read(&file)?.hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

/// Name and value of environment variables; the frame's is `SERVICE_DATABASE_URL`, as its crate.
pub type Variables = Vec<(String, String)>;

/// Creates (again) and migrates all databases in a scratch cluster; answers the URLs of their
/// owners as `<SERVICE>_DATABASE_URL`. All services share the passwords.
///
/// # Errors
/// When a migration fails: the error names the database.
pub async fn databases(root: &Path, scratch: &Scratch, passwords: &Passwords) -> Result<Variables> {
    let admin = provision::parse(&scratch.url("postgres"))?;
    let mut variables = Variables::new();
    for name in DATABASES {
        let mut connection = PgConnection::connect_with(&admin).await?;
        let drop = format!("drop database if exists {} with (force)", provision::ident(name));
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut connection).await?;
        connection.close().await?;
        provision::service(&admin, name, passwords).await?;
        let owner = format!("{name}_owner");
        let options = admin.clone().database(name).username(&owner).password(&passwords.owner);
        let mut connection = PgConnection::connect_with(&options).await?;
        let run = migrations(root, name).await?.run(&mut connection).await;
        run.with_context(|| format!("migrate the database {name}"))?;
        connection.close().await?;
        let variable = if name == "frame" { "service" } else { name };
        let url = scratch.url_of(&owner, &passwords.owner, name);
        variables.push((format!("{}_DATABASE_URL", variable.to_uppercase()), url));
    }
    Ok(variables)
}

/// Runs a command to its end; Ctrl-C reaches it too, and we outlive it to clean up.
///
/// # Errors
/// When it cannot be started.
pub async fn run(command: Command) -> Result<ExitStatus> {
    let name = command.get_program().to_string_lossy().into_owned();
    let spawned = tokio::process::Command::from(command).spawn();
    let mut child = spawned.with_context(|| format!("start {name}"))?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    loop {
        tokio::select! {
            status = child.wait() => return Ok(status?),
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => child.start_kill()?,
        }
    }
}

/// Our exit code for a command's end: its own, or 128 + signal as shells have it.
#[must_use]
pub fn exit_code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}
