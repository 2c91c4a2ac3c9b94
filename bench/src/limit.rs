//! The limit of a bulk write (design.md §6): COPY of the same rows into empty copies of the same
//! tables with keys, checks and indexes, but without exclusion constraints, triggers and foreign
//! keys, in batches of the same size, each its own durable transaction.

use anyhow::Result;
use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::time::{Duration, Instant};

/// Schema of the copies.
const SCHEMA: &str = "bench_limit";

/// Rows of a batch: a table, and the query whose rows go into its copy.
#[derive(Debug, Clone)]
pub struct Part {
    /// The table.
    pub table: &'static str,
    /// Every column of those rows, in the table's order.
    pub rows: String,
}

/// Makes the copies anew, empty.
///
/// # Errors
/// Those of the database.
pub async fn prepare(conn: &mut PgConnection, tables: &[&str]) -> Result<()> {
    run(conn, &format!("drop schema if exists {SCHEMA} cascade")).await?;
    run(conn, &format!("create schema {SCHEMA}")).await?;
    for table in tables {
        let copy = format!("{SCHEMA}.{table}");
        let like = "including indexes including constraints including storage";
        run(conn, &format!("create table {copy} (like public.{table} {like})")).await?;
    }
    let excluding: Vec<(String, String)> = sqlx::query_as(
        "select conrelid::regclass::text, conname::text from pg_constraint
         where contype = 'x' and connamespace = $1::regnamespace",
    )
    .bind(SCHEMA)
    .fetch_all(&mut *conn)
    .await?;
    for (table, constraint) in excluding {
        run(conn, &format!("alter table {table} drop constraint \"{constraint}\"")).await?;
    }
    Ok(())
}

/// Copies a batch in a transaction; how long that took, reading the rows apart.
///
/// # Errors
/// Those of the database.
pub async fn batch(conn: &mut PgConnection, parts: &[Part]) -> Result<Duration> {
    let mut read = Vec::new();
    for part in parts {
        let copy = format!("copy ({}) to stdout (format binary)", part.rows);
        let mut stream = conn.copy_out_raw(&copy).await?;
        let mut bytes = Vec::new();
        while let Some(piece) = stream.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        read.push((part.table, bytes));
    }
    let start = Instant::now();
    let mut tx = conn.begin().await?;
    for (table, bytes) in read {
        let copy = format!("copy {SCHEMA}.{table} from stdin (format binary)");
        let mut copy = tx.copy_in_raw(&copy).await?;
        copy.send(bytes).await?;
        copy.finish().await?;
    }
    tx.commit().await?;
    Ok(start.elapsed())
}

async fn run(conn: &mut PgConnection, sql: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(conn).await?;
    Ok(())
}
