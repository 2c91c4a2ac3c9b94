//! Import and matching: statements of so many lines against 100,000 open invoices, from the first
//! byte sent until every line is decided and told, against COPY of the same rows.
//!
//! payments-svc runs alone, as its own process. `import 1000 10000` names the sizes, which is also
//! the default.

use anyhow::{Context, Result, ensure};
use bench::{
    bank,
    limit::{self, Part},
    measure::median,
    report::{Figure, Report},
    stage::Stage,
};
use sqlx::{Connection, PgConnection, PgPool};
use std::time::{Duration, Instant};
use types::id::StatementId;

/// Clients; the invoices are theirs by turns.
const CLIENTS: u32 = 10_000;
/// Open invoices that are never fewer.
const OPEN: u32 = 100_000;
/// Files of one size.
const ROUNDS: u32 = 5;
/// Events given a position in one transaction.
const PLACED: usize = 5_000;
/// It is at least this share of the limit.
const FLOOR: f64 = 1.0 / 3.0;
/// Tables that it inserts into.
const TABLES: [&str; 6] =
    ["blobs", "statements", "lines", "allocations", "events", "feed_positions"];

#[tokio::main]
async fn main() -> Result<()> {
    let sizes: Vec<u32> =
        std::env::args().skip(1).map(|n| n.parse().context("lines")).collect::<Result<_>>()?;
    let sizes = if sizes.is_empty() { vec![1_000, 10_000] } else { sizes };
    let mut report = None;
    for size in sizes {
        let stage = Stage::open().await?;
        if report.is_none() {
            report = Some(Report::new("import", stage.machine().await?));
        }
        let figure = measure(&stage, size).await?;
        if let Some(report) = &mut report {
            report.add(figure)?;
        }
    }
    report.context("no sizes")?.finish()
}

async fn measure(stage: &Stage, size: u32) -> Result<Figure> {
    let process = stage.start("payments", &[]).await?;
    let pool = stage.pool("payments").await?;
    let clients = bank::payers(&pool, CLIENTS).await?;
    bank::invoices(&pool, &clients, OPEN + ROUNDS * size).await?;
    let channel = stage.channel("payments");
    process.forget_peak()?;
    let (mut runs, mut limits) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let first = 1 + round * size;
        let bytes = bank::statement(bank::payments(first, size, CLIENTS));
        let told: i64 =
            sqlx::query_scalar("select coalesce(max(seq), 0) from events").fetch_one(&pool).await?;
        let start = Instant::now();
        let statement = bank::import(&channel, &bytes).await?;
        settle(&pool).await?;
        runs.push(start.elapsed());
        let matched: i64 = sqlx::query_scalar(
            "select count(*) from lines where statement_id = $1 and state = 'matched'",
        )
        .bind(statement.0)
        .fetch_one(&pool)
        .await?;
        let certain = bank::certain(first, size);
        ensure!(usize::try_from(matched)? == certain, "{matched} of {certain} were matched");
        let mut conn = PgConnection::connect_with(&stage.administrator("payments")?).await?;
        bank::answered(&mut conn).await?;
        limits.push(bare(&mut conn, statement, told).await?);
    }
    let name = format!("import and matching, {size} lines, {OPEN} open invoices");
    let figure =
        Figure::new(name, "lines", u64::from(size), &runs).peak(process.peak()?).limit(&limits);
    process.stop()?;
    let ratio = median(&limits).as_secs_f64() / median(&runs).as_secs_f64();
    Ok(figure.floor("ratio >= 1/3", ratio >= FLOOR))
}

/// Waits until every line is decided and every event has its place.
async fn settle(pool: &PgPool) -> Result<()> {
    let waits = "select exists (select from lines where state = 'imported')
        or exists (select from feed_pending)";
    while sqlx::query_scalar(waits).fetch_one(pool).await? {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// The limit: the rows of this statement in one transaction, as the import stores them, then the
/// places of its events, which come after `told`.
async fn bare(conn: &mut PgConnection, statement: StatementId, told: i64) -> Result<Duration> {
    limit::prepare(conn, &TABLES).await?;
    let id = statement.0;
    let of = |table: &'static str, what: String| Part {
        table,
        rows: format!("select {table}.* from {table} {what}"),
    };
    let lines = format!("from lines where statement_id = '{id}'");
    let count = "select count(*) from events where seq > $1";
    let events: i64 = sqlx::query_scalar(count).bind(told).fetch_one(&mut *conn).await?;
    let events = usize::try_from(events)?;
    let blob = format!("join statements s using (sha256) where s.id = '{id}'");
    let parts = [
        Part { table: "lines", rows: format!("select lines.* {lines} order by id") },
        of("allocations", format!("where line_id in (select id {lines})")),
        of("events", format!("where seq > {told} order by seq")),
        of("blobs", blob),
        of("statements", format!("where id = '{id}'")),
    ];
    let mut all = limit::batch(conn, &parts).await?;
    for done in (0..events).step_by(PLACED) {
        let page = format!("limit {PLACED} offset {done}");
        let placed = format!("join events e on e.id = event_id where e.seq > {told}");
        let placed = of("feed_positions", format!("{placed} order by position {page}"));
        all += limit::batch(conn, &[placed]).await?;
    }
    Ok(all)
}
