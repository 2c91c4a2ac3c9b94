//! Letters: how many a second become tickets, by one producer and by eight, each kept durably
//! before and after it is processed; against COPY of the same rows in the same transactions.
//!
//! tickets-svc runs alone, as its own process. `letters 2000` names how many each round brings,
//! which is also the default.

use anyhow::{Context, Result, ensure};
use bench::{
    door::request_id,
    letters::{arrange, letter},
    limit::{self, Part},
    measure::callers,
    report::{Figure, Report},
    stage::Stage,
};
use proto::tickets::v1::{
    IngestLetterRequest, inbound_letter::State, letters_client::LettersClient,
};
use sqlx::{Connection, PgConnection};
use std::time::Duration;
use uuid::Uuid;

/// Rounds of one number of producers.
const ROUNDS: usize = 3;
/// What one producer, and eight, reach at least, letters a second (issue 7).
const FLOORS: [f64; 2] = [100.0, 400.0];
/// Tables that a letter is written into.
const TABLES: [&str; 11] = [
    "blobs",
    "inbound_letters",
    "jobs",
    "tickets",
    "ticket_participants",
    "ticket_clocks",
    "ticket_changes",
    "messages",
    "request_ids",
    "events",
    "feed_positions",
];

#[tokio::main]
async fn main() -> Result<()> {
    let letters = std::env::args().nth(1).map(|n| n.parse().context("letters"));
    let letters: usize = letters.transpose()?.unwrap_or(2_000);
    let stage = Stage::open().await?;
    let mut report = Report::new("letters", stage.machine().await?);
    let process = stage.start("tickets", &[]).await?;
    let pool = stage.pool("tickets").await?;
    arrange(&stage, &pool).await?;
    for (producers, floor) in [1, 8].into_iter().zip(FLOORS) {
        process.forget_peak()?;
        let (mut runs, mut calls, mut limits) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let first = (producers * 10 + round) * 1_000_000;
            let told: i64 = sqlx::query_scalar("select coalesce(max(seq), 0) from events")
                .fetch_one(&pool)
                .await?;
            let (times, all) = bring(&stage, producers, letters, first).await?;
            runs.push(all);
            calls.extend(times);
            limits.push(bare(&stage, told, letters).await?);
        }
        let what = if producers == 1 { "producer" } else { "producers" };
        let name = format!("letters to tickets, {producers} {what}");
        let mut figure =
            Figure::new(name, "letters", letters as u64, &runs).calls(&calls).peak(process.peak()?);
        if producers == 1 {
            figure = figure.limit(&limits);
        }
        let holds = figure.rate >= floor;
        figure = figure.floor(format!("rate >= {floor}/s"), holds);
        report.add(figure)?;
    }
    process.stop()?;
    report.finish()
}

/// Brings letters by so many producers at once; how long each call took, and all of them.
async fn bring(
    stage: &Stage,
    producers: usize,
    letters: usize,
    first: usize,
) -> Result<(Vec<Duration>, Duration)> {
    let channels: Vec<_> = (0..producers).map(|_| stage.channel("tickets")).collect();
    let each = letters / producers;
    callers(producers, each, |n| {
        let mut client = LettersClient::new(channels[n / each].clone());
        let request = IngestLetterRequest {
            raw: letter(first + n).into_bytes(),
            source_key: format!("imap:{}", first + n),
            request_id: request_id(),
            ..IngestLetterRequest::default()
        };
        async move {
            let done = client.ingest_letter(request).await?.into_inner();
            ensure!(done.state() == State::Processed, "{done:?}");
            Ok(())
        }
    })
    .await
}

/// The limit: the rows of those letters, each in two transactions (what is journalled, and what
/// comes of it), one after another. Their events come after `told`.
async fn bare(stage: &Stage, told: i64, letters: usize) -> Result<Duration> {
    let mut conn = PgConnection::connect_with(&stage.administrator("tickets")?).await?;
    limit::prepare(&mut conn, &TABLES).await?;
    // A tenth of them is enough to know the limit: reading them back takes longer than writing.
    let some = (letters / 10).max(1);
    let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "select id, ticket_id from inbound_letters where state = 'processed'
         order by id desc limit $1",
    )
    .bind(i64::try_from(some)?)
    .fetch_all(&mut conn)
    .await?;
    let mut all = Duration::ZERO;
    for (at, (letter, ticket)) in rows.into_iter().enumerate() {
        for parts in parts(letter, ticket, told, at) {
            all += limit::batch(&mut conn, &parts).await?;
        }
    }
    Ok(all.mul_f64(letters as f64 / some as f64))
}

fn parts(letter: Uuid, ticket: Uuid, told: i64, at: usize) -> [Vec<Part>; 2] {
    let of = |table: &'static str, what: String| Part {
        table,
        rows: format!("select {table}.* from {table} {what}"),
    };
    let one = format!("where seq > {told} order by seq offset {at} limit 1");
    let request = format!("order by created_at desc limit 1 offset {at}");
    [
        vec![
            of("blobs", format!("join inbound_letters i using (sha256) where i.id = '{letter}'")),
            of("inbound_letters", format!("where id = '{letter}'")),
            of("jobs", format!("where key = '{letter}'")),
        ],
        vec![
            of("tickets", format!("where id = '{ticket}'")),
            of("ticket_participants", format!("where ticket_id = '{ticket}'")),
            of("ticket_clocks", format!("where ticket_id = '{ticket}'")),
            of("ticket_changes", format!("where ticket_id = '{ticket}'")),
            of("messages", format!("where ticket_id = '{ticket}'")),
            of("request_ids", request),
            of("events", one.clone()),
            of("feed_positions", format!("where event_id in (select id from events {one})")),
        ],
    ]
}
