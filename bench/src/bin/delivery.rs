//! Letters as a mail server hands them over: how long LMTP takes to acknowledge one that is durably
//! kept, and from there until its ticket can be seen; and what the worst letters cost in memory.
//!
//! tickets-svc runs alone, as its own process. `delivery 2000` names how many letters come at a
//! steady hundred a second, which is also the default.

use anyhow::{Context, Result, ensure};
use bench::{
    door::request_id,
    letters::{arrange, letter, worst},
    measure::percentile,
    report::{Figure, Report},
    stage::Stage,
};
use proto::tickets::v1::{IngestLetterRequest, letters_client::LettersClient};
use sqlx::PgPool;
use std::{
    collections::HashMap,
    net::TcpListener,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpStream, tcp},
    sync::mpsc,
    time::{sleep, sleep_until},
};

/// Letters a second.
const RATE: u32 = 100;
/// Sessions that they come by.
const SESSIONS: usize = 8;
/// Longest acknowledgement of 99 in 100 (issue 7).
const ACKNOWLEDGED: Duration = Duration::from_millis(50);
/// Longest until 99 in 100 tickets can be seen (issue 7).
const VISIBLE: Duration = Duration::from_millis(150);
/// Most memory, whatever comes, in MiB (issue 7).
const PEAK: f64 = 300.0;
/// How often it is looked for tickets.
const LOOK: Duration = Duration::from_millis(2);
/// Longest wait for the last ticket.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<()> {
    let count = std::env::args().nth(1).map_or(Ok(2_000), |n| n.parse()).context("letters")?;
    let stage = Stage::open().await?;
    let mut report = Report::new("delivery", stage.machine().await?);
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let address = format!("127.0.0.1:{port}");
    let process = stage.start("tickets", &["--lmtp", &address]).await?;
    let pool = stage.pool("tickets").await?;
    arrange(&stage, &pool).await?;

    // The first letters find cold caches.
    steady(&address, &pool, 100, 0).await?;
    let (acknowledged, visible) = steady(&address, &pool, count, 1_000_000).await?;
    let all = Duration::from_secs_f64(count as f64 / f64::from(RATE));
    for (name, times, longest) in [
        ("acknowledged by LMTP, 100/s", &acknowledged, ACKNOWLEDGED),
        ("letter to visible ticket, 100/s", &visible, VISIBLE),
    ] {
        let holds = percentile(times, 0.99) <= longest;
        let figure = Figure::new(name, "letters", count as u64, &[all]).calls(times);
        let floor = format!("p99 <= {} ms", longest.as_millis());
        report.add(figure.peak(process.peak()?).floor(floor, holds))?;
    }
    let start = Instant::now();
    let pause = Duration::ZERO;
    let times = hand(&address, count, 2_000_000, pause, None).await?;
    let figure = Figure::new(
        "acknowledged by LMTP, as fast as 8 sessions can",
        "letters",
        count as u64,
        &[start.elapsed()],
    );
    report.add(figure.calls(&times).peak(process.peak()?))?;

    let mut letters = LettersClient::new(stage.channel("tickets"));
    for (name, raw) in worst() {
        process.forget_peak()?;
        let request = IngestLetterRequest {
            raw: raw.into_bytes(),
            source_key: format!("worst {name}"),
            request_id: request_id(),
            ..IngestLetterRequest::default()
        };
        let start = Instant::now();
        letters.ingest_letter(request).await?;
        let figure = Figure::new(name, "letters", 1, &[start.elapsed()]);
        let peak = process.peak()?;
        report.add(figure.peak(peak).floor("peak <= 300 MiB", peak <= PEAK))?;
    }
    process.stop()?;
    report.finish()
}

/// Letters at a steady rate: how long each waited for its acknowledgement, and for its ticket.
async fn steady(
    address: &str,
    pool: &PgPool,
    count: usize,
    first: usize,
) -> Result<(Vec<Duration>, Vec<Duration>)> {
    let (tell, told) = mpsc::unbounded_channel();
    let looking = tokio::spawn(look(pool.clone(), told, count));
    let pause = Duration::from_secs(1) / RATE;
    let acknowledged = hand(address, count, first, pause, Some(tell)).await?;
    Ok((acknowledged, looking.await??))
}

/// When a letter was begun, by its Message-ID.
type Begun = (String, Instant);

/// Hands letters over by several sessions, each at its time; how long each acknowledgement took.
async fn hand(
    address: &str,
    count: usize,
    first: usize,
    pause: Duration,
    tell: Option<mpsc::UnboundedSender<Begun>>,
) -> Result<Vec<Duration>> {
    let start = tokio::time::Instant::now() + Duration::from_millis(100);
    let lanes = (0..SESSIONS).map(|lane| {
        let tell = tell.clone();
        async move {
            let mut session = Session::open(address).await?;
            let mut times = Vec::new();
            for n in (lane..count).step_by(SESSIONS) {
                sleep_until(start + pause * u32::try_from(n)?).await;
                let begun = Instant::now();
                session.hand(&letter(first + n)).await?;
                times.push(begun.elapsed());
                if let Some(tell) = &tell {
                    tell.send((format!("{}@client.example", first + n), begun))?;
                }
            }
            anyhow::Ok(times)
        }
    });
    Ok(futures::future::try_join_all(lanes).await?.concat())
}

/// Looks for the tickets of letters as they come.
async fn look(
    pool: PgPool,
    mut told: mpsc::UnboundedReceiver<Begun>,
    count: usize,
) -> Result<Vec<Duration>> {
    let mut waiting: HashMap<String, Instant> = HashMap::new();
    let mut times = Vec::with_capacity(count);
    let begun = Instant::now();
    while times.len() < count {
        while let Ok((id, begun)) = told.try_recv() {
            waiting.insert(id, begun);
        }
        let ids: Vec<&String> = waiting.keys().collect();
        let seen: Vec<String> =
            sqlx::query_scalar("select msgid from messages where msgid = any($1)")
                .bind(&ids)
                .fetch_all(&pool)
                .await?;
        for id in seen {
            times.extend(waiting.remove(&id).map(|begun| begun.elapsed()));
        }
        ensure!(begun.elapsed() < PATIENCE, "only {} of {count} tickets came", times.len());
        sleep(LOOK).await;
    }
    Ok(times)
}

/// A mail server that hands letters over.
struct Session {
    heard: tokio::io::Lines<BufReader<tcp::OwnedReadHalf>>,
    said: tcp::OwnedWriteHalf,
}

impl Session {
    async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (heard, said) = stream.into_split();
        let mut session = Self { heard: BufReader::new(heard).lines(), said };
        session.expect("220").await?;
        session.say("LHLO bench.example\r\n", "250").await?;
        Ok(session)
    }

    async fn hand(&mut self, raw: &str) -> Result<()> {
        self.say("MAIL FROM:<buh@client.example>\r\n", "250").await?;
        self.say("RCPT TO:<ok@company.example>\r\n", "250").await?;
        self.say("DATA\r\n", "354").await?;
        let stuffed = raw.replace("\r\n.", "\r\n..");
        self.say(&format!("{stuffed}.\r\n"), "250").await
    }

    async fn say(&mut self, lines: &str, code: &str) -> Result<()> {
        self.said.write_all(lines.as_bytes()).await?;
        self.expect(code).await
    }

    async fn expect(&mut self, code: &str) -> Result<()> {
        loop {
            let line = self.heard.next_line().await?.context("the service hung up")?;
            ensure!(line.starts_with(code), "{line}");
            if !line.starts_with(&format!("{code}-")) {
                return Ok(());
            }
        }
    }
}
