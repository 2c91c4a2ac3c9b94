//! Migrations that are cut off, made twice at once, or unknown to an older program.

use crate::harness::{Producer, Suite, owner};
use service::database;
use sqlx::{
    AssertSqlSafe, PgConnection, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};
use std::time::Duration;
use testkit::TestDatabase;

/// Held by the test while the second migration is to wait in the middle of itself.
const GATE: i64 = 4711;

/// The first so many of three migrations.
fn own(count: usize) -> Migrator {
    let sql = [
        "create table one (id bigint)".to_owned(),
        format!(
            "create table two (id bigint);
             insert into two values (2);
             select pg_advisory_xact_lock({GATE});
             alter table one add column more text"
        ),
        "create table three (id bigint)".to_owned(),
    ];
    let migrations = sql.into_iter().take(count).enumerate().map(|(number, sql)| {
        let version = 99_990_101_000_000 + i64::try_from(number).expect("a few");
        let sql = AssertSqlSafe(sql).into_sql_str();
        Migration::new(version, "own".into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}

async fn holds(conn: &mut PgConnection, table: &str) -> bool {
    let sql = "select to_regclass($1) is not null";
    sqlx::query_scalar(sql).bind(table).fetch_one(conn).await.expect("looks")
}

/// Backends that wait for a lock of ours, once there are so many.
async fn waiting(conn: &mut PgConnection, count: usize) -> Vec<i32> {
    let found = async {
        loop {
            let found = look(conn).await;
            if found.len() == count {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), found).await.expect("they wait")
}

async fn look(conn: &mut PgConnection) -> Vec<i32> {
    let sql = "select pid from pg_stat_activity where wait_event = 'advisory'
               and datname = current_database()";
    sqlx::query_scalar(sql).fetch_all(conn).await.expect("looks")
}

async fn set_gate(conn: &mut PgConnection, shut: bool) {
    let sql = if shut { "select pg_advisory_lock($1)" } else { "select pg_advisory_unlock($1)" };
    sqlx::query(sql).bind(GATE).execute(conn).await.expect("sets the gate");
}

async fn database() -> (TestDatabase, PgConnection) {
    let database = Suite::new().database::<Producer>().await;
    let conn = owner(&database).await;
    (database, conn)
}

/// Issue 3 §6: killed within a migration, hence between two: what was whole stays, what was not
/// leaves no trace, and the next start makes the rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_is_cut_off() {
    let (database, mut conn) = database().await;
    for how in ["the server ends it", "the program dies"] {
        set_gate(&mut conn, true).await;
        let options = database.owner();
        let migrating = tokio::spawn(async move { database::migrate(&options, &own(3)).await });
        let mut beside = owner(&database).await;
        let found = waiting(&mut beside, 1).await;
        if how == "the server ends it" {
            let sql = "select pg_terminate_backend($1)";
            sqlx::query(sql).bind(found[0]).execute(&mut beside).await.expect("ends it");
            let error = migrating.await.expect("does not panic").expect_err("it was cut off");
            assert!(format!("{error:#}").contains("last whole one"), "{error:#}");
        } else {
            migrating.abort();
            assert!(migrating.await.expect_err("it is gone").is_cancelled());
        }
        assert!(holds(&mut conn, "one").await, "{how}: the first was whole");
        assert!(!holds(&mut conn, "two").await, "{how}: the second left no trace");
        set_gate(&mut conn, false).await;
    }
    database::migrate(&database.owner(), &own(3)).await.expect("the rest is made");
    assert!(holds(&mut conn, "two").await && holds(&mut conn, "three").await);
    let rows: i64 = sqlx::query_scalar("select count(*) from two where id = 2")
        .fetch_one(&mut conn)
        .await
        .expect("counts");
    assert_eq!(rows, 1, "made once");
}

/// Issue 3 §6: two replicas that start at once migrate once; the second waits for the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_migrate_at_once() {
    let (database, mut conn) = database().await;
    set_gate(&mut conn, true).await;
    let both: Vec<_> = (0..2)
        .map(|_| {
            let options = database.owner();
            tokio::spawn(async move { database::migrate(&options, &own(3)).await })
        })
        .collect();
    waiting(&mut owner(&database).await, 2).await; // one at the gate, one at the other's lock
    set_gate(&mut conn, false).await;
    for one in both {
        one.await.expect("does not panic").expect("both start");
    }
    assert!(holds(&mut conn, "three").await);
}

/// Issue 3 §6: a program that is older than the database refuses to touch it, and says what to do.
#[tokio::test]
async fn an_older_program_refuses() {
    let (database, mut conn) = database().await;
    database::migrate(&database.owner(), &own(3)).await.expect("migrates");
    let refused = database::migrate(&database.owner(), &own(2)).await.expect_err("it is older");
    let text = format!("{refused:#}");
    assert!(text.contains("newer than this program") && text.contains("restore"), "{text}");
    assert!(holds(&mut conn, "three").await, "nothing was touched");

    let changed = "create table another (id bigint)".into_sql_str();
    let version = 99_990_101_000_000;
    let changed = Migration::new(version, "own".into(), MigrationType::Simple, changed, false);
    let mut all: Vec<_> = own(3).iter().cloned().collect();
    all[0] = changed;
    let changed = Migrator::with_migrations(all);
    let refused = database::migrate(&database.owner(), &changed).await.expect_err("it differs");
    let text = format!("{refused:#}");
    assert!(text.contains("is not the one of this program"), "{text}");
    // The refusal holds no lock: the right program starts.
    database::migrate(&database.owner(), &own(3)).await.expect("it fits");
}
