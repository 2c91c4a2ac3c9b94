//! Figures, as a table for people and as JSON for programs.

use crate::{
    machine::Machine,
    measure::{milliseconds, percentile},
};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::{
    fs,
    io::{Write, stdout},
    path::PathBuf,
    time::Duration,
};

/// One figure. What was not measured is absent.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figure {
    /// What was done, such as `billing run, 1000 clients`.
    pub name: String,
    /// What is counted, such as `invoices`.
    pub unit: String,
    /// How many of them a run does.
    pub items: u64,
    /// Runs whose median this is.
    pub runs: usize,
    /// Items a second.
    pub rate: f64,
    /// Milliseconds of a call or chunk: half of them took no longer.
    pub p50: Option<f64>,
    /// Milliseconds of a call or chunk: 99 of 100 took no longer.
    pub p99: Option<f64>,
    /// Most memory of the process under test, in MiB.
    pub peak: Option<f64>,
    /// Items a second of the limit, measured by turns with the runs.
    pub limit: Option<f64>,
    /// Rate over limit.
    pub ratio: Option<f64>,
    /// What must hold, such as `ratio >= 0.333`, and whether it does.
    pub floor: Option<(String, bool)>,
}

impl Figure {
    /// A figure of so many items, whose runs took these times.
    #[must_use]
    pub fn new(name: impl Into<String>, unit: &str, items: u64, runs: &[Duration]) -> Self {
        let rate = rate(items, runs);
        Self {
            name: name.into(),
            unit: unit.into(),
            items,
            runs: runs.len(),
            rate,
            ..Self::default()
        }
    }

    /// How long calls or chunks took.
    #[must_use]
    pub fn calls(mut self, times: &[Duration]) -> Self {
        self.p50 = Some(milliseconds(percentile(times, 0.5)));
        self.p99 = Some(milliseconds(percentile(times, 0.99)));
        self
    }

    /// Most memory of the process under test.
    #[must_use]
    pub fn peak(mut self, mib: f64) -> Self {
        self.peak = Some(mib);
        self
    }

    /// How long the limit took for the same items, each run.
    #[must_use]
    pub fn limit(mut self, runs: &[Duration]) -> Self {
        let limit = rate(self.items, runs);
        self.limit = Some(limit);
        self.ratio = Some(self.rate / limit);
        self
    }

    /// What must hold.
    #[must_use]
    pub fn floor(mut self, what: impl Into<String>, holds: bool) -> Self {
        self.floor = Some((what.into(), holds));
        self
    }
}

fn rate(items: u64, runs: &[Duration]) -> f64 {
    items as f64 / percentile(runs, 0.5).as_secs_f64()
}

/// What a program has measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The program.
    pub program: String,
    /// Where it ran.
    pub machine: Machine,
    /// What it found.
    pub figures: Vec<Figure>,
}

impl Report {
    /// Begins a report.
    #[must_use]
    pub fn new(program: &str, machine: Machine) -> Self {
        Self { program: program.into(), machine, figures: Vec::new() }
    }

    /// Adds a figure, and shows it at once: the next one may take minutes.
    ///
    /// # Errors
    /// When nobody reads.
    pub fn add(&mut self, figure: Figure) -> Result<()> {
        if self.figures.is_empty() {
            self.head()?;
        }
        writeln!(stdout(), "{}", row(&figure))?;
        self.figures.push(figure);
        Ok(())
    }

    fn head(&self) -> Result<()> {
        let Machine { cores, processor, memory, postgres, fsync, synchronous_commit, load, .. } =
            &self.machine;
        let mut out = stdout();
        writeln!(out, "# {}: {cores} cores ({processor}), {memory} MiB", self.program)?;
        writeln!(
            out,
            "# PostgreSQL {postgres}, fsync {fsync}, synchronous_commit {synchronous_commit}; \
             load {load}\n"
        )?;
        writeln!(
            out,
            "| figure | items | rate/s | p50 ms | p99 ms | peak MiB | limit/s | ratio | floor |"
        )?;
        Ok(writeln!(out, "|---|---:|---:|---:|---:|---:|---:|---:|---|")?)
    }

    /// Writes `bench/<program>.json` in the target directory; fails when a floor does not hold.
    ///
    /// # Errors
    /// Which floors do not hold.
    pub fn finish(self) -> Result<()> {
        keep(&self.program, &self)?;
        let missed: Vec<_> = self
            .figures
            .iter()
            .filter_map(|f| f.floor.as_ref().filter(|(_, holds)| !holds).map(|(t, _)| (&f.name, t)))
            .collect();
        ensure!(missed.is_empty(), "floors that do not hold: {missed:?}");
        Ok(())
    }
}

/// Writes what a program found to `bench/<program>.json` in the target directory, and says where.
///
/// # Errors
/// Those of the disk.
pub fn keep(program: &str, found: &impl Serialize) -> Result<()> {
    let here = std::env::current_exe()?;
    let target = here.parent().and_then(|dir| dir.parent()).context("not in target/release")?;
    let path: PathBuf = target.join("bench").join(format!("{program}.json"));
    fs::create_dir_all(path.with_file_name(""))?;
    fs::write(&path, serde_json::to_vec_pretty(found)?)?;
    Ok(writeln!(stdout(), "\n{}", path.display())?)
}

fn row(f: &Figure) -> String {
    let number = |value: Option<f64>| match value {
        None => String::new(),
        Some(value) if value >= 100.0 => format!("{value:.0}"),
        Some(value) => format!("{value:.2}"),
    };
    let floor = f.floor.as_ref().map_or_else(String::new, |(text, holds)| {
        format!("{text}: {}", if *holds { "holds" } else { "MISSED" })
    });
    format!(
        "| {} | {} {} | {} | {} | {} | {} | {} | {} | {floor} |",
        f.name,
        f.items,
        f.unit,
        number(Some(f.rate)),
        number(f.p50),
        number(f.p99),
        number(f.peak),
        number(f.limit),
        number(f.ratio),
    )
}
