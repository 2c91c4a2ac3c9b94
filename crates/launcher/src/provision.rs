//! Roles and databases of the services in a server, private or somebody else's.
//!
//! Each service `s` has a database, a role `s_owner` that owns it and runs the migrations, and a
//! role `s_app` that the running service uses: it may read and write rows of whatever tables the
//! owner creates (by default privileges) and nothing more. Migrations take rights away where a
//! row must never change (`revoke update, delete on … from s_app`). CONNECT is granted to these
//! two alone.

use crate::LauncherError;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, postgres::PgConnectOptions};
use std::str::FromStr;

/// The services that have a database.
pub const SERVICES: [&str; 4] = ["clients", "invoicing", "payments", "tickets"];

/// Passwords of a service's two roles.
#[derive(Clone)]
pub struct Passwords {
    /// Of `<service>_owner`.
    pub owner: String,
    /// Of `<service>_app`.
    pub app: String,
}

impl Passwords {
    /// Two new ones.
    #[must_use]
    pub fn generate() -> Self {
        Self { owner: crate::secret::generate(), app: crate::secret::generate() }
    }
}

/// Makes sure of a service's roles (with these passwords) and its database. Running it again
/// changes nothing but the passwords.
///
/// # Errors
/// When the administrator's connection fails or lacks the rights (superuser, or CREATEROLE and
/// CREATEDB).
pub async fn service(
    admin: &PgConnectOptions,
    service: &str,
    passwords: &Passwords,
) -> Result<(), LauncherError> {
    let mut connection = connect(admin, "connect as administrator").await?;
    roles(&mut connection, service, passwords).await?;
    database(admin, &mut connection, service, service, None).await?;
    close(connection).await
}

/// Creates the roles of a service, or renews their passwords.
///
/// # Errors
/// As [`service`].
pub async fn roles(
    connection: &mut PgConnection,
    service: &str,
    passwords: &Passwords,
) -> Result<(), LauncherError> {
    for (suffix, password) in [("owner", &passwords.owner), ("app", &passwords.app)] {
        let role = format!("{service}_{suffix}");
        let exists = sqlx::query("select 1 from pg_roles where rolname = $1")
            .bind(&role)
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed("look up roles"))?
            .is_some();
        let verb = if exists { "alter" } else { "create" };
        // Utility statements take no parameters; literal() quotes what is put in.
        let sql = format!("{verb} role {} login password {}", ident(&role), literal(password));
        run(connection, &sql, "make roles").await?;
    }
    Ok(())
}

/// Creates `name` for a service, empty or as a copy of `template`, and closes it to others.
/// Leaves an existing one as it is, but renews the grants.
///
/// # Errors
/// As [`service`].
pub async fn database(
    admin: &PgConnectOptions,
    connection: &mut PgConnection,
    service: &str,
    name: &str,
    template: Option<&str>,
) -> Result<(), LauncherError> {
    let (owner, app) = (format!("{service}_owner"), format!("{service}_app"));
    let copied = template.is_some();
    let exists = sqlx::query("select 1 from pg_database where datname = $1")
        .bind(name)
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed("look up databases"))?
        .is_some();
    if !exists {
        // Not every administrator is a superuser: giving a database away needs membership.
        let superuser: bool =
            sqlx::query("select rolsuper from pg_roles where rolname = current_user")
                .fetch_one(&mut *connection)
                .await
                .and_then(|row| row.try_get(0))
                .map_err(failed("look up roles"))?;
        if !superuser {
            run(connection, &format!("grant {} to current_user", ident(&owner)), "join the owner")
                .await?;
        }
        let template = template.unwrap_or("template0"); // pristine, so any encoding may be asked
        let sql = format!(
            "create database {} owner {} template {} encoding 'UTF8'",
            ident(name),
            ident(&owner),
            ident(template)
        );
        run(connection, &sql, &format!("create database {name}")).await?;
    }
    for sql in [
        format!("revoke all on database {} from public", ident(name)),
        format!("grant connect on database {} to {}, {}", ident(name), ident(&owner), ident(&app)),
    ] {
        run(connection, &sql, &format!("grant on database {name}")).await?;
    }
    if !exists && !copied {
        defaults(&admin.clone().database(name), service).await?;
    }
    Ok(())
}

/// What the app role may do with tables that the owner will create.
async fn defaults(database: &PgConnectOptions, service: &str) -> Result<(), LauncherError> {
    let (owner, app) = (ident(&format!("{service}_owner")), ident(&format!("{service}_app")));
    let mut connection = connect(database, "connect to the new database").await?;
    for sql in [
        "revoke all on schema public from public".to_owned(),
        format!("alter schema public owner to {owner}"),
        format!("grant usage on schema public to {app}"),
        format!(
            "alter default privileges for role {owner} in schema public \
             grant select, insert, update, delete on tables to {app}"
        ),
        format!(
            "alter default privileges for role {owner} in schema public \
             grant usage, select on sequences to {app}"
        ),
        // Trusted since PostgreSQL 13, but only the database's owner or a superuser may.
        "create extension if not exists btree_gist".to_owned(),
    ] {
        run(&mut connection, &sql, "prepare the new database").await?;
    }
    close(connection).await
}

/// Parses a URL; the error names no password.
///
/// # Errors
/// When it is not a PostgreSQL URL.
pub fn parse(url: &str) -> Result<PgConnectOptions, LauncherError> {
    PgConnectOptions::from_str(url).map_err(failed("read the database URL"))
}

async fn connect(options: &PgConnectOptions, action: &str) -> Result<PgConnection, LauncherError> {
    PgConnection::connect_with(options).await.map_err(failed(action))
}

async fn close(connection: PgConnection) -> Result<(), LauncherError> {
    connection.close().await.map_err(failed("disconnect"))
}

async fn run(connection: &mut PgConnection, sql: &str, action: &str) -> Result<(), LauncherError> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map_err(failed(action))?;
    Ok(())
}

fn failed(action: &str) -> impl FnOnce(sqlx::Error) -> LauncherError {
    let action = action.to_owned();
    move |source| LauncherError::Database { action, source }
}

/// A quoted identifier.
#[must_use]
pub fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A quoted string literal (standard_conforming_strings is on by default since 9.1).
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
