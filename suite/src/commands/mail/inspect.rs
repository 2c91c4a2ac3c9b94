//! `raschet mail inspect`: a letter's facts, without a running suite.

use crate::console::{Console, Outcome};
use anyhow::{Context, Result};
use service::Text;
use std::{fs, path::Path};
use tickets_svc::readers::letters::inspection::{Inspection, Knowledge, Named, inspect};

/// Shows the letter.
///
/// # Errors
/// When the file cannot be read, or is no letter that could be.
pub fn run(file: &Path, known: Knowledge<'_>, console: &Console) -> Result<Outcome> {
    let shown = file.display();
    let raw = fs::read(file).with_context(|| format!("cannot read {shown}"))?;
    let facts = inspect(&raw, known).with_context(|| format!("{shown} is no letter"))?;
    console.json(&serde_json::to_value(&facts)?);
    for (russian, english, value) in lines(&facts) {
        if !value.is_empty() {
            console.say(&Text::new(format!("{russian}: {value}"), format!("{english}: {value}")));
        }
    }
    let reply = format!("\n{}", facts.reply_text);
    console.say(&Text::new(reply.clone(), reply));
    Ok(Outcome::Done)
}

/// What people are shown, line by line.
fn lines(facts: &Inspection) -> Vec<(&'static str, &'static str, String)> {
    let from = facts.from.iter().map(person).collect::<Vec<_>>();
    let to = facts.to.iter().map(person).collect::<Vec<_>>();
    let auth = format!("{} ({})", facts.auth.level, facts.auth.reason);
    let files = facts.attachments.iter().map(|file| format!("{} ({})", file.filename, file.size));
    let mut lines = vec![
        ("От", "From", from.join(", ")),
        ("Кому", "To", to.join(", ")),
        ("Тема", "Subject", facts.subject.clone()),
        ("Дата", "Date", facts.date.clone().unwrap_or_default()),
        ("Вид", "Class", facts.class.to_owned()),
        ("Доверие", "Trust", auth),
        ("Файлы", "Files", files.collect::<Vec<_>>().join(", ")),
    ];
    lines.extend(facts.warnings.iter().map(|warning| ("Внимание", "Warning", warning.clone())));
    lines
}

fn person(named: &Named) -> String {
    format!("{} <{}>", named.name, named.address).trim_start().to_owned()
}
