//! A database per test: cloned from a template that is migrated once, dropped when the test ends.
//!
//! The server is the one that `RASCHET_TEST_POSTGRES` names (`make test` and
//! `sqlx-prepare serve` start one), else a private one that lives as long as any test of this
//! process needs it. Tests connect as `<service>_app`, so that grants are tested too.

use launcher::{
    Scratch,
    binaries::Binaries,
    provision::{self, Passwords},
};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    env,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    process::Command,
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
};
use uuid::Uuid;

/// Password of every role of a test server, which only this machine's tests can reach.
pub const PASSWORD: &str = "raschet-test";
/// Held while roles and templates are made; many processes test at once.
const TEMPLATE_LOCK: i64 = 0x7261_7363_6865_7400;

/// A server for tests: somebody's, or ours.
#[derive(Debug)]
struct Server {
    url: String,
    /// Stops with the last test that uses it.
    _ours: Option<Scratch>,
}

static SERVER: Mutex<Weak<Server>> = Mutex::new(Weak::new());

fn server() -> Arc<Server> {
    let mut shared = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = shared.upgrade() {
        return server;
    }
    let server = match env::var("RASCHET_TEST_POSTGRES") {
        Ok(url) => Server { url, _ours: None },
        Err(_) => {
            let ours = Scratch::start().expect("a private PostgreSQL for the tests");
            Server { url: ours.url("postgres"), _ours: Some(ours) }
        }
    };
    let server = Arc::new(server);
    *shared = Arc::downgrade(&server);
    server
}

/// A migrated database of one service. Dropping it drops the database.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    service: String,
    admin: PgConnectOptions,
    server: Arc<Server>,
}

impl TestDatabase {
    /// A copy of the service's template; the template is made if this server has none for these
    /// migrations yet.
    ///
    /// # Panics
    /// When the server cannot be had or a migration fails.
    pub async fn create(service: &str, migrations: &Migrator) -> Self {
        // Starting a server blocks for a second; other tests of this runtime go on.
        let server = tokio::task::spawn_blocking(server).await.expect("starts a server");
        let admin = provision::parse(&server.url).expect("RASCHET_TEST_POSTGRES is a database URL");
        let mut connection =
            PgConnection::connect_with(&admin).await.expect("the test server answers");
        let template = template(&mut connection, &admin, service, migrations).await;
        let name = format!("{service}_{}", Uuid::now_v7().simple());
        provision::database(&admin, &mut connection, service, &name, Some(&template))
            .await
            .expect("clones the template");
        connection.close().await.expect("disconnects");
        Self { name, service: service.to_owned(), admin, server }
    }

    /// This database as it is now, dumped and restored into another cluster.
    ///
    /// # Panics
    /// When PostgreSQL's programs are missing or refuse.
    pub async fn restored_elsewhere(&self) -> Self {
        let scratch = tokio::task::spawn_blocking(Scratch::start).await.expect("is not cut off");
        let scratch = scratch.expect("another private PostgreSQL");
        let admin = provision::parse(&scratch.url("postgres")).expect("a database URL");
        let mut connection =
            PgConnection::connect_with(&admin).await.expect("the other server answers");
        let passwords = Passwords { owner: PASSWORD.to_owned(), app: PASSWORD.to_owned() };
        provision::roles(&mut connection, &self.service, &passwords).await.expect("makes roles");
        provision::database(&admin, &mut connection, &self.service, &self.name, None)
            .await
            .expect("makes the database");
        connection.close().await.expect("disconnects");
        let from = self.server.url.replacen("/postgres?", &format!("/{}?", self.name), 1);
        let (to, file) = (scratch.url(&self.name), scratch.dir().join("dump"));
        let copied = tokio::task::spawn_blocking(move || copy(&from, &to, &file)).await;
        copied.expect("is not cut off");
        let server = Arc::new(Server { url: scratch.url("postgres"), _ours: Some(scratch) });
        Self { name: self.name.clone(), service: self.service.clone(), admin, server }
    }

    /// How the running service connects: as `<service>_app`.
    #[must_use]
    pub fn app(&self) -> PgConnectOptions {
        self.role("app")
    }

    /// How migrations connect: as `<service>_owner`. Tests use it to arrange and to look.
    #[must_use]
    pub fn owner(&self) -> PgConnectOptions {
        self.role("owner")
    }

    fn role(&self, suffix: &str) -> PgConnectOptions {
        let role = format!("{}_{suffix}", self.service);
        self.admin.clone().database(&self.name).username(&role).password(PASSWORD)
    }

    /// The server's URL for this database without a user: roles and passwords come from secrets.
    #[must_use]
    pub fn url(&self) -> String {
        let (_, rest) = self.server.url.split_once('@').expect("the URL names a user");
        let (host, query) = rest.split_once('?').map_or((rest, ""), |(host, query)| (host, query));
        let host = host.split('/').next().unwrap_or_default();
        format!("postgres://{host}/{}?{query}", self.name)
    }

    /// Ends every connection to the database and lets nobody in, until [`open`](Self::open): it is
    /// away, though the server stands.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn shut(&self) {
        self.administer(&format!(
            "alter database {} with allow_connections false;
             select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'",
            provision::ident(&self.name),
            self.name
        ))
        .await;
    }

    /// Lets everybody in again.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn open(&self) {
        let name = provision::ident(&self.name);
        self.administer(&format!("alter database {name} with allow_connections true")).await;
    }

    /// Has the database take no changes (a standby), or take them again: for new connections, and
    /// the old ones are ended.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn read_only(&self, on: bool) {
        self.administer(&format!(
            "alter database {} set default_transaction_read_only = {on};
             select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'",
            provision::ident(&self.name),
            self.name
        ))
        .await;
    }

    /// Lets at most so many connections in, beside those of superusers; -1 for any number. Those
    /// that are there are ended.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn limit_connections(&self, most: i32) {
        self.administer(&format!(
            "alter database {} with connection limit {most};
             select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'",
            provision::ident(&self.name),
            self.name
        ))
        .await;
    }

    async fn administer(&self, sql: &str) {
        let mut admin = PgConnection::connect_with(&self.admin).await.expect("the server answers");
        // `alter database` may not stand in the transaction that several statements make.
        for statement in sql.split(';') {
            run(&mut admin, statement.to_owned()).await;
        }
        admin.close().await.expect("disconnects");
    }

    /// A pool as `<service>_app`.
    ///
    /// # Panics
    /// When the role cannot connect.
    pub async fn pool(&self) -> PgPool {
        let pool = PgPoolOptions::new().max_connections(8).connect_with(self.app()).await;
        pool.expect("the app role can connect")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let drop = format!("drop database if exists {} with (force)", provision::ident(&self.name));
        let admin = self.admin.clone();
        // A test's runtime may be ending: a thread with its own can still wait for the server.
        let dropped = thread::spawn(move || -> Result<(), sqlx::Error> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut connection = PgConnection::connect_with(&admin).await?;
                sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await?;
                connection.close().await
            })
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            eprintln!("the test database {} was left behind", self.name);
        }
    }
}

/// Dumps one database and restores it as another one, as an operator would.
fn copy(from: &str, to: &str, file: &Path) {
    let binaries = Binaries::find(None).expect("PostgreSQL is installed");
    let dump = Command::new(binaries.program("pg_dump"))
        .args(["--format=custom", "--file"])
        .arg(file)
        .arg(format!("--dbname={from}"))
        .output();
    let restore = || {
        let mut restore = Command::new(binaries.program("pg_restore"));
        restore.args(["--exit-on-error", "--clean", "--if-exists"]);
        restore.arg(format!("--dbname={to}")).arg(file).output()
    };
    for done in [dump, restore()] {
        let done = done.expect("the program starts");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

/// Name of the migrated template of a service; makes roles and template when missing.
async fn template(
    connection: &mut PgConnection,
    admin: &PgConnectOptions,
    service: &str,
    migrations: &Migrator,
) -> String {
    let name = format!("template_{service}_{:016x}", fingerprint(migrations));
    if exists(connection, &name).await {
        return name;
    }
    sqlx::query("select pg_advisory_lock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut *connection)
        .await
        .expect("waits for its turn");
    if !exists(connection, &name).await {
        make_template(connection, admin, service, migrations, &name).await;
    }
    sqlx::query("select pg_advisory_unlock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut *connection)
        .await
        .expect("gives its turn away");
    name
}

/// Builds under another name and renames: a template is whole or absent.
async fn make_template(
    connection: &mut PgConnection,
    admin: &PgConnectOptions,
    service: &str,
    migrations: &Migrator,
    name: &str,
) {
    let passwords = Passwords { owner: PASSWORD.to_owned(), app: PASSWORD.to_owned() };
    provision::roles(connection, service, &passwords).await.expect("makes the roles");
    let part = format!("{name}_part");
    let drop = format!("drop database if exists {} with (force)", provision::ident(&part));
    run(connection, drop).await;
    provision::database(admin, connection, service, &part, None).await.expect("makes the template");
    let owner = admin.clone().database(&part).username(&format!("{service}_owner"));
    let mut migrated = PgConnection::connect_with(&owner.password(PASSWORD))
        .await
        .expect("the owner role can connect");
    migrations.run_direct(None, &mut migrated, false).await.expect("the migrations apply");
    migrated.close().await.expect("disconnects");
    let (part, name) = (provision::ident(&part), provision::ident(name));
    run(connection, format!("alter database {part} rename to {name}")).await;
}

async fn run(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.expect("prepares a template");
}

async fn exists(connection: &mut PgConnection, database: &str) -> bool {
    let found = sqlx::query("select 1 from pg_database where datname = $1")
        .bind(database)
        .fetch_optional(connection)
        .await;
    found.expect("lists databases").is_some()
}

/// Changes whenever a migration does.
fn fingerprint(migrations: &Migrator) -> u64 {
    let mut hasher = DefaultHasher::new();
    for migration in migrations.iter() {
        (migration.version, &migration.checksum).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{
        SqlSafeStr,
        migrate::{Migration, MigrationType},
    };

    fn migrations() -> Migrator {
        let sql = "create table facts (id bigint primary key, said text not null);
                   revoke update, delete on facts from clients_app;";
        let migration =
            Migration::new(1, "facts".into(), MigrationType::Simple, sql.into_sql_str(), false);
        Migrator::with_migrations(vec![migration])
    }

    #[tokio::test]
    async fn tests_do_not_see_each_other_and_grants_hold() {
        let (one, two) = (
            TestDatabase::create("clients", &migrations()).await,
            TestDatabase::create("clients", &migrations()).await,
        );
        let (pool, other) = (one.pool().await, two.pool().await);
        sqlx::query("insert into facts (id, said) values (1, 'x')").execute(&pool).await.unwrap();
        let count: i64 =
            sqlx::query_scalar("select count(*) from facts").fetch_one(&other).await.unwrap();
        assert_eq!(count, 0);
        for refused in ["delete from facts", "create table mine (id int)", "drop table facts"] {
            let error = sqlx::query(refused).execute(&pool).await.unwrap_err().to_string();
            assert!(error.contains("permission denied") || error.contains("owner"), "{error}");
        }
        assert!(one.url().contains(&one.name), "{}", one.url());
        let name = one.name.clone();
        drop(one); // although the pool is still connected
        let mut admin = PgConnection::connect_with(&two.admin).await.unwrap();
        assert!(!exists(&mut admin, &name).await);
    }
}
