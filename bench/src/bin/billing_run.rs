//! The billing run: so many clients with three subscriptions each, against COPY of the same rows.
//!
//! invoicing-svc runs alone, as its own process, and is called as the operator calls it. Every
//! round bills one more month of all clients; then the limit writes what that round wrote, in the
//! same chunks. `billing_run 1000 10000 100000` names the sizes, which is also the default.

use anyhow::{Context, Result};
use bench::{
    billing::{self, FIRST},
    limit::{self, Part},
    measure::median,
    report::{Figure, Report},
    stage::Stage,
};
use chrono::{Months, NaiveDate};
use sqlx::{Connection, PgConnection, PgPool};
use std::time::Duration;
use uuid::Uuid;

/// The run is at least this share of the limit.
const FLOOR: f64 = 1.0 / 3.0;
/// Tables that the run inserts into.
const TABLES: [&str; 7] = [
    "invoices",
    "invoice_lines",
    "tax_segments",
    "billed_periods",
    "invoice_numbers",
    "events",
    "feed_positions",
];

#[tokio::main]
async fn main() -> Result<()> {
    let sizes: Vec<usize> =
        std::env::args().skip(1).map(|n| n.parse().context("clients")).collect::<Result<_>>()?;
    let sizes = if sizes.is_empty() { vec![1_000, 10_000, 100_000] } else { sizes };
    let mut report = None;
    let mut rates = Vec::new();
    for size in sizes {
        let stage = Stage::open().await?;
        if report.is_none() {
            report = Some(Report::new("billing_run", stage.machine().await?));
        }
        let figure = measure(&stage, size).await?;
        rates.push(figure.rate);
        if let Some(report) = &mut report {
            report.add(figure)?;
        }
    }
    let mut report = report.context("no sizes")?;
    if let [first, .., last] = rates[..] {
        // The same again, as cost per item: the largest against the smallest.
        let grows = first / last;
        let text = format!("cost per item grows {grows:.2} times <= 1.25");
        let figure = Figure { name: "billing run, flat".into(), ..Figure::default() };
        report.add(figure.floor(text, grows <= 1.25))?;
    }
    report.finish()
}

async fn measure(stage: &Stage, size: usize) -> Result<Figure> {
    let pool = billing::arrange(stage, size).await?;
    let process = stage.start("invoicing", &[]).await?;
    let channel = stage.channel("invoicing");
    process.forget_peak()?;
    let rounds = if size > 20_000 { 3 } else { 5 };
    let first: NaiveDate = FIRST.parse()?;
    let (mut runs, mut chunks, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let date = first + Months::new(round);
        let told: i64 =
            sqlx::query_scalar("select coalesce(max(seq), 0) from events").fetch_one(&pool).await?;
        let run = billing::run(channel.clone(), date, size).await?;
        runs.push(run.all);
        chunks.extend(run.chunks);
        settle(&pool).await?;
        let mut conn = PgConnection::connect_with(&stage.administrator("invoicing")?).await?;
        limits.push(bare(&mut conn, date, told).await?);
    }
    let name = format!("billing run, {size} clients × 3");
    let figure = Figure::new(name, "invoices", u64::try_from(size)?, &runs)
        .calls(&chunks)
        .peak(process.peak()?)
        .limit(&limits);
    process.stop()?;
    let ratio = median(&limits).as_secs_f64() / median(&runs).as_secs_f64();
    Ok(figure.floor("ratio >= 1/3", ratio >= FLOOR))
}

/// Waits until the sequencer has placed every event.
async fn settle(pool: &PgPool) -> Result<()> {
    while sqlx::query_scalar("select exists (select from feed_pending)").fetch_one(pool).await? {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// The limit: the rows of this date's run, chunk by chunk; its events come after `told`.
async fn bare(conn: &mut PgConnection, date: NaiveDate, told: i64) -> Result<Duration> {
    limit::prepare(conn, &TABLES).await?;
    // Which chunk told what: events have no index by client.
    sqlx::query(
        "create temporary table told as
         select c.number, e.id
         from billing_runs r join billing_chunks c on c.run_id = r.id
            cross join unnest(c.clients) as client
            join events e on e.client_id = client and e.seq > $2
         where r.date = $1",
    )
    .bind(date)
    .bind(told)
    .execute(&mut *conn)
    .await?;
    sqlx::query("create index on told (number)").execute(&mut *conn).await?;
    sqlx::query("analyze told").execute(&mut *conn).await?;
    let chunks: Vec<(Uuid, i32)> = sqlx::query_as(
        "select c.run_id, c.number from billing_chunks c join billing_runs r on r.id = c.run_id
         where r.date = $1 order by c.number",
    )
    .bind(date)
    .fetch_all(&mut *conn)
    .await?;
    let mut all = Duration::ZERO;
    for (run, number) in chunks {
        all += limit::batch(conn, &parts(run, number)).await?;
    }
    Ok(all)
}

/// What a chunk wrote, in the order of writing.
fn parts(run: Uuid, number: i32) -> Vec<Part> {
    let invoices = format!(
        "select i.id from invoices i join billing_chunks c on i.client_id = any (c.clients)
         where i.run_id = '{run}' and c.run_id = '{run}' and c.number = {number}"
    );
    let lines = format!("select id from invoice_lines where invoice_id in ({invoices})");
    let events = format!("select id from told where number = {number}");
    let of = |table: &'static str, what: &str| Part {
        table,
        rows: format!("select * from {table} where {what}"),
    };
    vec![
        of("invoices", &format!("id in ({invoices})")),
        of("billed_periods", &format!("invoice_id in ({invoices})")),
        of("invoice_lines", &format!("invoice_id in ({invoices})")),
        of("tax_segments", &format!("line_id in ({lines})")),
        of("invoice_numbers", &format!("invoice_id in ({invoices})")),
        of("events", &format!("id in ({events})")),
        of("feed_positions", &format!("event_id in ({events})")),
    ]
}
