//! `raschet bank decide`: the matcher alone, over tables of invoices and lines.

use crate::cli::Decide;
use crate::console::{Console, Outcome};
use anyhow::{Context, Result};
use payments_svc::readers::decisions::{Problem, World};
use service::Text;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read};
use std::path::Path;

/// Decides about the lines. Each answer is one JSON object, whoever asks.
///
/// # Errors
/// When a file cannot be read, or the answer cannot be written.
pub fn run(options: &Decide, console: &Console) -> Result<Outcome> {
    let mut invoices = open(&options.invoices)?;
    let mut accounts = options.accounts.as_deref().map(open).transpose()?;
    let accounts = accounts.as_mut().map(|file| file as &mut dyn Read);
    let mut lines = open(&options.lines)?;
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let decided = World::read(&mut invoices, accounts).and_then(|mut world| {
        world.language = options.texts;
        world.decide(&mut lines, options.preset, &mut out)
    });
    match decided {
        Ok(_) => Ok(Outcome::Done),
        Err(Problem::Output(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(Outcome::Done),
        Err(Problem::Output(error)) => Err(error).context("cannot write the answer"),
        Err(problem @ Problem::Input { .. }) => {
            let text = problem.to_string();
            console.complain(&Text::new(text.clone(), text));
            Ok(Outcome::Refused)
        }
    }
}

fn open(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(BufReader::with_capacity(256 * 1024, file))
}
