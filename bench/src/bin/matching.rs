//! How right the matcher decides, and how fast: lines of three splits, and rules of others over the
//! same ones. `matching 100000 1000000 number_and_amount` names how many lines of each split there
//! are, how many invoices at least, and a preset other than `standard`.

use anyhow::{Context, Result};
use bench::matching::{
    baselines::{self, Rule},
    chance::Chance,
    lines::{Line, Maker},
    score::{Decided, Score, at_least, wrong_at_most},
    texts::Split,
    world::World,
};
use bench::process::peak_of;
use payments_svc::{domain::matching::Preset, readers::decisions};
use serde_json::Value;
use std::{
    io::{Write, stdout},
    time::Instant,
};

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
        let score = ours(&world, &lines, preset)?;
        writeln!(out, "{}", score.table())?;
        for example in score.examples.iter().filter(|_| std::env::var("EXAMPLES").is_ok()) {
            writeln!(out, "WRONG {example}")?;
        }
        for example in score.missed.iter().filter(|_| std::env::var("EXAMPLES").is_ok()) {
            writeln!(out, "MISSED {example}")?;
        }
        writeln!(
            out,
            "| rule | auto | wrong | precision | recall of A |\n|---|---:|---:|---:|---:|"
        )?;
        row(&mut out, "Raschet", &score)?;
        for rule in Rule::ALL {
            let decided = baselines::decide(&world, &lines, rule);
            let decided = decided.into_iter().map(|auto| Decided { auto, ..Decided::default() });
            let decided: Vec<Decided> = decided.collect();
            row(&mut out, rule.name(), &Score::of(&lines, &decided))?;
        }
    }
    writeln!(out, "\npeak of all of it, with the world: {:.0} MiB", peak_of(std::process::id())?)?;
    Ok(())
}

fn row(out: &mut impl Write, name: &str, score: &Score) -> Result<()> {
    let (all, usual) = (score.sum(""), score.sum("A"));
    let precision = 1.0 - all.wrong as f64 / all.auto.max(1) as f64;
    let recall = usual.found as f64 / usual.decidable.max(1) as f64;
    writeln!(
        out,
        "| {name} | {} | {} | {precision:.5} (≥ {:.5}) | {recall:.4} (≥ {:.4}) |",
        all.auto,
        all.wrong,
        1.0 - wrong_at_most(all.wrong, all.auto),
        at_least(usual.found, usual.decidable)
    )?;
    Ok(())
}

/// Decides as `raschet bank decide` does, from the same tables.
fn ours(world: &World, lines: &[Line], preset: Preset) -> Result<Score> {
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
    Ok(Score::of(lines, &decided))
}
