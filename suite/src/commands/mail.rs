//! `raschet mail ingest`: hands letters in, one after the other. `raschet mail inspect`: shows what
//! the reader makes of one.

mod inspect;

use super::request_id;
use crate::{
    cli::{Mail, MailCommand},
    console::{Console, Outcome, status_reason, status_text},
    remote::Server,
};
use anyhow::{Context, Result};
use proto::tickets::v1::{
    InboundLetter, IngestLetterRequest, inbound_letter::State, letters_client::LettersClient,
};
use serde_json::json;
use service::Text;
use std::path::PathBuf;
use tickets_svc::readers::letters::inspection::Knowledge;

/// Largest message that is sent: a letter of 32 MiB and its envelope.
const LARGEST: usize = 33 * 1024 * 1024;

/// Ingests letters, or inspects one.
///
/// # Errors
/// When the suite cannot be reached or a file cannot be read.
pub async fn run(options: Mail, console: &Console) -> Result<Outcome> {
    match options.command {
        MailCommand::Ingest { files, mailbox } => {
            ingest(&options.server, files, mailbox, console).await
        }
        MailCommand::Inspect { file, trust, own } => {
            inspect::run(&file, Knowledge { trusted: &trust, own: &own }, console)
        }
    }
}

async fn ingest(
    server: &Server,
    files: Vec<PathBuf>,
    mailbox: Option<String>,
    console: &Console,
) -> Result<Outcome> {
    let remote = server.connect(console).await?;
    let mut client = LettersClient::new(remote).max_encoding_message_size(LARGEST);
    let bar = console.progress(&Text::new("Письма", "Letters"));
    bar.set_length(u64::try_from(files.len()).unwrap_or_default());
    let (mut answers, mut problems) = (Vec::new(), false);
    for path in &files {
        let raw = tokio::fs::read(path).await;
        let raw = raw.with_context(|| format!("cannot read {}", path.display()))?;
        let request = IngestLetterRequest {
            raw,
            mailbox: mailbox.clone().unwrap_or_default(),
            request_id: request_id(),
            ..IngestLetterRequest::default()
        };
        match client.ingest_letter(request).await {
            Ok(letter) => {
                let letter = letter.into_inner();
                problems |= matches!(letter.state(), State::Failed | State::Quarantined);
                let line = format!("{}: {}", path.display(), outcome(&letter));
                bar.suspend(|| console.say(&Text::new(line.clone(), line)));
                answers.push(json!({
                    "file": path, "letter": letter.name, "state": letter.state().as_str_name(),
                    "reason": letter.reason, "ticket": letter.ticket,
                }));
            }
            Err(status)
                if status.code() == tonic::Code::InvalidArgument
                    || status.code() == tonic::Code::ResourceExhausted =>
            {
                problems = true;
                let text = status_text(&status);
                let line = format!("{}: {text}", path.display());
                bar.suspend(|| console.say(&Text::new(line.clone(), line)));
                answers.push(json!({
                    "file": path, "error": text, "reason": status_reason(&status),
                }));
            }
            Err(status) => return Err(status.into()),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    console.json(&json!({ "files": answers }));
    Ok(Outcome::of_problems(problems))
}

/// State, where it went, and why it did not.
fn outcome(letter: &InboundLetter) -> String {
    let words = [letter.state().as_str_name(), &letter.ticket, &letter.reason];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
