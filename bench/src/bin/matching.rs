//! How right the matcher decides, and how fast: lines of three splits, and rules of others over the
//! same ones. `matching 100000 1000000 number_and_amount` names how many lines of each split there
//! are, how many invoices at least, and a preset other than `standard`. `bench/matching.json` in
//! the target directory holds the same for programs.

use anyhow::{Context, Result};
use bench::matching::{
    baselines::{self, Rule},
    chance::Chance,
    lines::{Line, Maker},
    score::{Decided, Score, at_least, wrong_at_most},
    texts::Split,
    world::World,
};
use bench::{process::peak_of, report};
use payments_svc::{domain::matching::Preset, readers::decisions};
use serde::Serialize;
use serde_json::Value;
use std::{
    io::{Write, stdout},
    time::Instant,
};

/// What was found about one split.
#[derive(Debug, Serialize)]
struct Found {
    split: String,
    lines: usize,
    invoices: usize,
    clients: usize,
    /// Seconds of one core: the tables read, and the lines decided.
    read: f64,
    decided: f64,
    /// By class, of ours.
    score: Score,
    /// Ours first, then those of others.
    rules: Vec<Right>,
}

/// How right a rule is, and how right at least, at 95 %.
#[derive(Debug, Serialize)]
struct Right {
    rule: String,
    auto: u64,
    wrong: u64,
    precision: f64,
    precision_at_least: f64,
    recall: f64,
    recall_at_least: f64,
}

fn main() -> Result<()> {
    let number = |place: usize, usual: usize| {
        std::env::args().nth(place).map_or(Ok(usual), |n| n.parse()).context("a number")
    };
    let (count, invoices) = (number(1, 100_000)?, number(2, 300_000)?);
    let preset = match std::env::args().nth(3).as_deref() {
        Some("number_and_amount") => Preset::NumberAndAmount,
        _ => Preset::Standard,
    };
    let mut out = stdout();
    let mut all = Vec::new();
    let splits = [(Split::Develop, 101_u64), (Split::Calibrate, 202), (Split::Sealed, 303)];
    for (split, seed) in splits {
        let world = World::new(&mut Chance::of(seed), invoices);
        let lines = Maker::new(&world, split, seed + 1).lines(count);
        writeln!(
            out,
            "\n## {split:?}: {} lines, {} invoices, {} clients\n",
            lines.len(),
            world.invoices.len(),
            world.clients.len()
        )?;
        let (score, read, decided) = ours(&world, &lines, preset)?;
        writeln!(out, "{}", score.table())?;
        for example in score.examples.iter().filter(|_| std::env::var("EXAMPLES").is_ok()) {
            writeln!(out, "WRONG {example}")?;
        }
        for example in score.missed.iter().filter(|_| std::env::var("EXAMPLES").is_ok()) {
            writeln!(out, "MISSED {example}")?;
        }
        for example in score.misplaced.iter().filter(|_| std::env::var("EXAMPLES").is_ok()) {
            writeln!(out, "MISPLACED {example}")?;
        }
        writeln!(
            out,
            "| rule | auto | wrong | precision | recall of A |\n|---|---:|---:|---:|---:|"
        )?;
        let mut rules = vec![row(&mut out, "Raschet", &score)?];
        for rule in Rule::ALL {
            let decided = baselines::decide(&world, &lines, rule);
            let decided = decided.into_iter().map(|auto| Decided { auto, ..Decided::default() });
            let decided: Vec<Decided> = decided.collect();
            rules.push(row(&mut out, rule.name(), &Score::of(&lines, &decided))?);
        }
        all.push(Found {
            split: format!("{split:?}").to_lowercase(),
            lines: lines.len(),
            invoices: world.invoices.len(),
            clients: world.clients.len(),
            read,
            decided,
            score,
            rules,
        });
    }
    writeln!(out, "\npeak of all of it, with the world: {:.0} MiB", peak_of(std::process::id())?)?;
    report::keep("matching", &all)
}

fn row(out: &mut impl Write, name: &str, score: &Score) -> Result<Right> {
    let (all, usual) = (score.sum(""), score.sum("A"));
    let right = Right {
        rule: name.into(),
        auto: all.auto,
        wrong: all.wrong,
        precision: 1.0 - all.wrong as f64 / all.auto.max(1) as f64,
        precision_at_least: 1.0 - wrong_at_most(all.wrong, all.auto),
        recall: usual.found as f64 / usual.decidable.max(1) as f64,
        recall_at_least: at_least(usual.found, usual.decidable),
    };
    writeln!(
        out,
        "| {name} | {} | {} | {:.5} (≥ {:.5}) | {:.4} (≥ {:.4}) |",
        right.auto,
        right.wrong,
        right.precision,
        right.precision_at_least,
        right.recall,
        right.recall_at_least
    )?;
    Ok(right)
}

/// Decides as `raschet bank decide` does, from the same tables; and how long it read and decided.
fn ours(world: &World, lines: &[Line], preset: Preset) -> Result<(Score, f64, f64)> {
    let (invoices, accounts) = (world.invoices_csv(), world.accounts_csv());
    let rows: String = lines.iter().map(|line| format!("{}\n", line.json)).collect();
    let start = Instant::now();
    let mut known =
        decisions::World::read(&mut invoices.as_bytes(), Some(&mut accounts.as_bytes()))?;
    let read = start.elapsed();
    let mut answers = Vec::new();
    known.decide(&mut rows.as_bytes(), preset, &mut answers)?;
    let whole = start.elapsed();
    let answers = std::str::from_utf8(&answers)?.lines();
    let decided: Vec<Decided> = answers
        .map(|row| Ok(Decided::of(&serde_json::from_str::<Value>(row)?)))
        .collect::<Result<_>>()?;
    writeln!(
        stdout(),
        "tables read in {:.2} s, {:.0} lines decided a second, {:.2} s in all on one core\n",
        read.as_secs_f64(),
        lines.len() as f64 / (whole - read).as_secs_f64(),
        whole.as_secs_f64()
    )?;
    let (read, whole) = (read.as_secs_f64(), whole.as_secs_f64());
    Ok((Score::of(lines, &decided), read, whole - read))
}
