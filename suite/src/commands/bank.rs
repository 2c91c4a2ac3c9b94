//! `raschet bank`: import sends each file in chunks, and a bad file does not stop the others;
//! inspect and decide need no running suite.

mod decide;
mod inspect;

use super::request_id;
use crate::{
    cli::{Bank, BankCommand},
    console::{Console, Outcome, status_reason, status_text},
    remote::Remote,
};
use anyhow::{Context, Result};
use indicatif::ProgressBar;
use proto::payments::v1::{
    ImportHeader, ImportStatementRequest, ImportStatementResponse,
    statements_client::StatementsClient,
};
use serde_json::{Value, json};
use service::Text;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::{fs::File, io::AsyncReadExt, sync::mpsc};
use tokio_stream::wrappers::ReceiverStream;

/// Bytes in one message; the service takes up to 1 MiB.
const CHUNK: usize = 256 * 1024;
/// How long a file may take: the largest one is 100,000 lines.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs the command.
///
/// # Errors
/// When the suite cannot be reached or a file cannot be read.
pub async fn run(options: Bank, console: &Console) -> Result<Outcome> {
    match options.command {
        BankCommand::Import { files, accept_truncated } => {
            let client = StatementsClient::new(options.server.connect(console).await?);
            import_all(client, &files, accept_truncated, console).await
        }
        BankCommand::Inspect { file, profiles } => {
            inspect::run(&file, profiles.as_deref(), console)
        }
        BankCommand::Decide(options) => decide::run(&options, console),
    }
}

async fn import_all(
    client: StatementsClient<Remote>,
    files: &[PathBuf],
    accept_truncated: bool,
    console: &Console,
) -> Result<Outcome> {
    let (mut answers, mut problems) = (Vec::new(), false);
    for file in files {
        match import(client.clone(), file, accept_truncated, console).await? {
            Ok(done) => {
                problems |= !done.bad_documents.is_empty();
                say(file, &done, console);
                answers.push(imported_json(file, &done));
            }
            Err(status) => {
                problems = true;
                let text = status_text(&status);
                let line = format!("{}: {text}", file.display());
                console.say(&Text::new(line.clone(), line));
                answers.push(json!({
                    "file": file, "error": text, "reason": status_reason(&status),
                }));
            }
        }
    }
    console.json(&json!({ "files": answers }));
    Ok(Outcome::of_problems(problems))
}

/// Sends one file. The inner error is the service's refusal of this file.
async fn import(
    mut client: StatementsClient<Remote>,
    path: &Path,
    accept_truncated: bool,
    console: &Console,
) -> Result<Result<ImportStatementResponse, tonic::Status>> {
    let open = || async {
        let file = File::open(path).await?;
        let length = file.metadata().await?.len();
        std::io::Result::Ok((file, length))
    };
    let (file, length) = open().await.with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let header =
        ImportHeader { filename: name.clone(), accept_truncated, request_id: request_id() };
    let bar = console.progress(&Text::new(name.clone(), name));
    bar.set_length(length);
    let (sender, receiver) = mpsc::channel(4);
    let reading = tokio::spawn(read(file, header, sender, bar.clone()));
    let mut request = tonic::Request::new(ReceiverStream::new(receiver));
    request.set_timeout(PATIENCE);
    let answer = client.import_statement(request).await;
    bar.finish_and_clear();
    let read = reading.await?;
    match answer {
        Ok(done) => Ok(Ok(done.into_inner())),
        Err(status) => {
            // A disk that fails half way looks like a truncated file to the service.
            read.with_context(|| format!("cannot read {}", path.display()))?;
            if matches!(status.code(), tonic::Code::Unavailable | tonic::Code::Unauthenticated) {
                return Err(status.into());
            }
            Ok(Err(status))
        }
    }
}

/// Feeds a file into the call. A call that ended early closes the channel; that is no error here.
async fn read(
    mut file: File,
    header: ImportHeader,
    sender: mpsc::Sender<ImportStatementRequest>,
    bar: ProgressBar,
) -> std::io::Result<()> {
    let mut header = Some(header);
    loop {
        let mut chunk = vec![0; CHUNK];
        let count = file.read(&mut chunk).await?;
        chunk.truncate(count);
        bar.inc(u64::try_from(count).unwrap_or_default());
        if count == 0 && header.is_none() {
            return Ok(());
        }
        let message = ImportStatementRequest { header: header.take(), chunk };
        if sender.send(message).await.is_err() {
            return Ok(());
        }
    }
}

fn say(path: &Path, done: &ImportStatementResponse, console: &Console) {
    let file = path.display();
    console.say(&Text::new(
        format!("{file}: новых строк {}, известных {}", done.imported, done.repeated_lines),
        format!("{file}: new lines {}, known {}", done.imported, done.repeated_lines),
    ));
    for bad in &done.bad_documents {
        let (line, field, text) = (bad.line, &bad.field, &bad.text);
        console.say(&Text::new(
            format!("  строка {line}: {field}: {text}"),
            format!("  line {line}: {field}: {text}"),
        ));
    }
    for warning in &done.warnings {
        let line = format!("  {} {}: {}", warning.line, warning.code, warning.text);
        console.say(&Text::new(line.clone(), line));
    }
}

fn imported_json(path: &Path, done: &ImportStatementResponse) -> Value {
    let statement = done.statement.clone().unwrap_or_default();
    let bad: Vec<Value> = done
        .bad_documents
        .iter()
        .map(|bad| json!({ "line": bad.line, "field": bad.field, "text": bad.text }))
        .collect();
    let warnings: Vec<Value> = done
        .warnings
        .iter()
        .map(|one| json!({ "line": one.line, "code": one.code, "text": one.text }))
        .collect();
    json!({
        "file": path, "statement": statement.name, "format": statement.format,
        "encoding": statement.encoding, "imported": done.imported,
        "repeated": done.repeated_lines, "bad_documents": bad, "warnings": warnings,
    })
}
