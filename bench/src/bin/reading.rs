//! Letters read a second on one core: bytes to facts, nothing stored. Typical ones in three ways of
//! writing, the worst that we know, and the collection of others' letters where it is at hand.
//! `reading 5000` names how many of each kind; that is also the default.

use anyhow::{Context, Result, ensure};
use bench::{
    letters::worst,
    report::{Figure, Report},
    stage::Stage,
};
use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tickets_svc::readers::letters;

/// What one core reaches at least, typical letters a second (issue 7).
const FLOOR: f64 = 1_000.0;
/// Longest that the worst letter may take.
const LONGEST: Duration = Duration::from_secs(1);
/// Rounds of one kind.
const ROUNDS: usize = 3;

#[tokio::main]
async fn main() -> Result<()> {
    let count = std::env::args().nth(1).map_or(Ok(5_000), |n| n.parse()).context("letters")?;
    let stage = Stage::open().await?;
    let mut report = Report::new("reading", stage.machine().await?);
    for (name, letter) in typical() {
        let runs = runs(&vec![letter.as_bytes(); count])?;
        let figure = Figure::new(name, "letters", u64::try_from(count)?, &runs);
        let holds = figure.rate >= FLOOR;
        report.add(figure.floor("rate >= 1,000/s", holds))?;
    }
    for (name, letter) in worst() {
        let runs = runs(&[letter.as_bytes()])?;
        let holds = runs.iter().max().is_some_and(|longest| *longest <= LONGEST);
        report.add(Figure::new(name, "letters", 1, &runs).floor("<= 1 s each", holds))?;
    }
    if let Some(root) = testkit::samples() {
        let all = files(&root.join("mail"))?;
        let letters: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
        let items = u64::try_from(letters.len())?;
        report.add(Figure::new("letters of others", "letters", items, &runs(&letters)?))?;
    }
    report.finish()
}

/// Reads all, several times over; how long each round took.
fn runs(letters: &[&[u8]]) -> Result<Vec<Duration>> {
    let mut runs = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let read = letters.iter().filter(|raw| black_box(letters::read(raw)).is_ok()).count();
        runs.push(start.elapsed());
        ensure!(read * 2 > letters.len(), "only {read} of {} were read", letters.len());
    }
    Ok(runs)
}

/// Letters of two to six kilobytes, as an accountant writes them.
fn typical() -> [(&'static str, String); 3] {
    let lines: Vec<String> = (1..=20)
        .map(|line| format!("{line}. Просим добавить рабочее место и 5 ГБ диска с 1 числа."))
        .collect();
    let head = "Received: from mx.client.example by mx.company.example\r\n\
        From: =?utf-8?B?0JHRg9GF0LPQsNC70YLQtdGA0LjRjw==?= <buh@client.example>\r\n\
        To: ok@company.example\r\nSubject: =?utf-8?B?0JfQsNGP0LLQutCw?=\r\n\
        Message-ID: <1@client.example>\r\nDate: Thu, 1 Jan 2026 12:00:00 +0300\r\n\
        MIME-Version: 1.0\r\n";
    let text = lines.join("\r\n");
    let quoted = lines.iter().map(|line| format!("> {line}\r\n")).collect::<String>();
    let introduction = "01.01.2026, 12:00, \"Поддержка\" <ok@company.example>:";
    let plain = "Content-Type: text/plain; charset=utf-8\r\n\r\n";
    let rich: String = lines
        .iter()
        .map(|line| format!("<p class=a><span lang=RU>{line}</span></p>\r\n"))
        .collect();
    let both = format!(
        "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n{plain}{text}\r\n--b\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n<html><body>{rich}</body></html>\r\n\
         --b--\r\n"
    );
    [
        ("text", format!("{head}{plain}{text}\r\n-- \r\nБухгалтерия\r\n")),
        (
            "an answer with its quote",
            format!("{head}{plain}Спасибо!\r\n\r\n{introduction}\r\n{quoted}"),
        ),
        ("text and HTML", format!("{head}{both}")),
    ]
}

/// Every file below a directory, but the descriptions.
fn files(dir: &Path) -> Result<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir)? {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with("expect") {
                open.push(path);
            } else if path.is_file() {
                found.push(fs::read(&path)?);
            }
        }
    }
    Ok(found)
}
