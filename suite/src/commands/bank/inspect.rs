//! `raschet bank inspect`: what a file says, read as the import reads it.

use crate::console::{Console, Outcome};
use anyhow::{Context, Result};
use payments_svc::domain::statements::verdict::Refusal;
use payments_svc::readers::csv::Profile;
use payments_svc::readers::inspect::{self, Problem};
use service::Text;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Shows the file. JSON goes out as it is read, in constant memory.
///
/// # Errors
/// When profiles cannot be read, or the answer cannot be written.
pub fn run(file: &Path, profiles: Option<&Path>, console: &Console) -> Result<Outcome> {
    let profiles = profiles.map(read_profiles).transpose()?.unwrap_or_default();
    let mut out: Box<dyn Write> = if console.is_json() {
        Box::new(BufWriter::with_capacity(64 * 1024, io::stdout().lock()))
    } else {
        Box::new(io::sink())
    };
    let read = match inspect::write(&file, &profiles, &mut out) {
        Ok(read) => read,
        Err(Problem::Refused(refusal)) => {
            refused(&refusal, console);
            return Ok(Outcome::Refused);
        }
        // A reader that has seen enough, such as `head`, closes the pipe.
        Err(Problem::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            return Ok(Outcome::Done);
        }
        Err(Problem::Output(error)) => return Err(error).context("cannot write the answer"),
    };
    let (format, encoding, documents) = (read.format, read.encoding, read.documents);
    let (bad, warnings) = (read.bad.len(), read.warnings.len());
    console.say(&Text::new(
        format!(
            "{format}, {encoding}: документов {documents}, не прочитано {bad}, замечаний {warnings}"
        ),
        format!(
            "{format}, {encoding}: documents {documents}, unreadable {bad}, remarks {warnings}"
        ),
    ));
    for account in &read.accounts {
        console.say(&Text::new(format!("  {account}"), format!("  {account}")));
    }
    for remark in read.bad.iter().chain(&read.warnings) {
        let line = |text: &str| format!("  {} {}: {text}", remark.line, remark.code);
        console.say(&Text::new(line(&remark.ru), line(&remark.en)));
    }
    Ok(Outcome::Done)
}

fn read_profiles(path: &Path) -> Result<Vec<Profile>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} holds no profiles", path.display()))
}

fn refused(refusal: &Refusal, console: &Console) {
    let details = |text: fn(&payments_svc::domain::statements::Remark) -> &str| {
        let list = refusal.details.iter().take(20);
        list.map(|r| format!("\n  {}: {}", r.line, text(r))).collect::<String>()
    };
    console.complain(&Text::new(
        format!("{}: {}{}", refusal.code, refusal.reason.ru, details(|r| &r.ru)),
        format!("{}: {}{}", refusal.code, refusal.reason.en, details(|r| &r.en)),
    ));
}
