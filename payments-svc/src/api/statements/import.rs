//! ImportStatement: bytes in, one transaction, every line once (A230, G28).

use super::whole;
use crate::api::said;
use crate::domain::lines::{self, Class};
use crate::domain::statements::verdict::{self, Confirmation, Refusal};
use crate::domain::statements::{Direction, Remark, StatementDay, StatementFile, arithmetic};
use crate::jobs::matching::Job;
use crate::store::bank_accounts::BankAccount;
use crate::store::lines::import::NewLine;
use crate::store::statements::{Details, Statement};
use crate::{events, jobs, readers, store};
use proto::payments::v1::{self as pb};
use service::blobs::{self, BlobId};
use service::idempotency::{self, Key};
use service::{Failure, Frame, Scope, Text, Violations, feed, queue};
use std::collections::BTreeSet;
use tonic::Streaming;
use types::id::{LineId, StatementId};
use types::{Currency, Money};

/// Method name of request ids: the stream has no message of its own to take it from.
const METHOD: &str = "/raschet.payments.v1.Statements/ImportStatement";

/// Largest chunk of one message, bytes.
const MAX_CHUNK: usize = 1024 * 1024;

/// Lines stored in one statement: each is encoded several times on its way.
const AT_ONCE: usize = 1_000;

/// Longest file name, characters.
const MAX_FILENAME: usize = 255;

/// A file as it was sent.
pub(super) struct Upload {
    header: pb::ImportHeader,
    bytes: Vec<u8>,
}

/// Takes the stream: a header first, then chunks, up to the limits.
///
/// # Errors
/// `INVALID_ARGUMENT` for a stream of another shape or over a limit, which is named.
pub(super) async fn receive(
    mut stream: Streaming<pb::ImportStatementRequest>,
) -> Result<Upload, tonic::Status> {
    let first = stream.message().await?.unwrap_or_default();
    let header = header(first.header)?;
    let mut bytes = Vec::new();
    let mut chunk = first.chunk;
    loop {
        if chunk.len() > MAX_CHUNK {
            return Err(too_large("chunk", MAX_CHUNK).into());
        }
        if bytes.len() + chunk.len() > readers::MAX_BYTES {
            return Err(too_large("file", readers::MAX_BYTES).into());
        }
        bytes.extend_from_slice(&chunk);
        let Some(next) = stream.message().await? else { break };
        if next.header.is_some() {
            let text = Text::new(
                "Заголовок передаётся только в первом сообщении.",
                "The header belongs in the first message only.",
            );
            return Err(Failure::invalid("header", text).into());
        }
        chunk = next.chunk;
    }
    Ok(Upload { header, bytes })
}

fn header(header: Option<pb::ImportHeader>) -> Result<pb::ImportHeader, Failure> {
    let Some(header) = header else {
        let text = Text::new(
            "Первое сообщение должно содержать заголовок.",
            "The first message must hold the header.",
        );
        return Err(Failure::invalid("header", text));
    };
    let mut violations = Violations::default();
    let length = header.filename.chars().count();
    if length == 0 || length > MAX_FILENAME || header.filename.contains('\0') {
        let text = Text::new(
            "Укажите имя файла, не длиннее 255 знаков.",
            "Give the name of the file, at most 255 characters.",
        );
        violations.field("header.filename", text);
    }
    violations.finish()?;
    Ok(header)
}

fn too_large(what: &str, limit: usize) -> Failure {
    Failure::invalid(
        "chunk",
        Text::new(
            format!("Слишком много данных ({what}): не больше {limit} байт."),
            format!("Too much data ({what}): at most {limit} bytes."),
        ),
    )
}

/// Reads the file and stores it in one transaction.
///
/// # Errors
/// The refusals of [`readers::read`] and [`verdict::admit`]; accounts that are not ours.
pub(super) async fn import(
    frame: &Frame,
    scope: &Scope,
    upload: Upload,
) -> Result<pb::ImportStatementResponse, Failure> {
    let Upload { header, bytes } = upload;
    let blob = BlobId::of(&bytes);
    // The hash stands for the bytes: same id and another file is an error.
    let body = pb::ImportStatementRequest {
        header: Some(header.clone()),
        chunk: blob.as_bytes().to_vec(),
    };
    let key = Key::new(&scope.actor, METHOD, &header.request_id, &body)?;
    let known = {
        let mut conn = frame.pool.acquire().await?;
        store::statements::find(&mut conn, blob).await?
    };
    let file = match known {
        Some(_) => None,
        None => Some(read(&header, bytes).await?),
    };
    let mut tx = frame.pool.begin().await?;
    if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
        return Ok(saved);
    }
    let reply = match (known, file) {
        (Some(statement), _) => seen_before(&mut tx, scope, statement).await?,
        (None, Some(file)) => new_file(&mut tx, frame, scope, &header, file).await?,
        (None, None) => return Err(Failure::internal("a file was neither known nor read")),
    };
    let reply = idempotency::finish(&mut tx, key, reply).await?;
    tx.commit().await?;
    Ok(reply)
}

/// The very same bytes were imported before: nothing happens, and the caller is told when.
async fn seen_before(
    conn: &mut sqlx::PgConnection,
    scope: &Scope,
    statement: Statement,
) -> Result<pb::ImportStatementResponse, Failure> {
    let at = statement.created_at.format("%d.%m.%Y %H:%M UTC");
    let remark = Remark::new(
        0,
        "ALREADY_IMPORTED",
        format!("Этот файл уже загружен {at}; ничего не изменилось"),
        format!("This file was imported on {at}; nothing has changed"),
    );
    let repeated_lines = statement.line_count + statement.repeated_count;
    Ok(pb::ImportStatementResponse {
        statement: Some(whole(conn, statement).await?),
        imported: 0,
        repeated_lines,
        bad_documents: Vec::new(),
        warnings: vec![warning(&remark, scope)],
    })
}

/// Reads and admits a file before any transaction: 32 MiB take longer than a turn of the runtime
/// may.
async fn read(
    header: &pb::ImportHeader,
    bytes: Vec<u8>,
) -> Result<(Vec<u8>, StatementFile), Failure> {
    let confirmation =
        if header.accept_truncated { Confirmation::Truncated } else { Confirmation::None };
    let read = tokio::task::spawn_blocking(move || {
        let file = readers::read(&bytes).and_then(|file| verdict::admit(file, confirmation))?;
        Ok((bytes, file))
    });
    read.await.map_err(Failure::internal)?.map_err(refused)
}

async fn new_file(
    conn: &mut sqlx::PgConnection,
    frame: &Frame,
    scope: &Scope,
    header: &pb::ImportHeader,
    (bytes, file): (Vec<u8>, StatementFile),
) -> Result<pb::ImportStatementResponse, Failure> {
    let own = store::bank_accounts::all(&mut *conn).await?;
    let file = of_our_accounts(file, &own).map_err(refused)?;
    let blob = blobs::put(&mut *conn, &bytes).await?;
    let statement = Statement {
        id: StatementId::generate(),
        blob,
        filename: header.filename.clone(),
        format: file.format.into(),
        encoding: file.encoding.into(),
        line_count: 0,
        repeated_count: 0,
        actor: scope.actor.clone(),
        created_at: frame.clock.now(),
    };
    let details = Details {
        version: file.version.as_deref(),
        declared_encoding: file.declared_encoding.as_deref(),
        sender: file.sender.as_deref(),
        from: file.from,
        to: file.to,
        accounts: &file.accounts,
        documents: file.documents,
        warnings: &file.warnings,
        bad: &file.bad,
        accept_truncated: header.accept_truncated,
    };
    if !store::statements::insert(&mut *conn, &statement, &details).await? {
        // The same file is being imported beside us; it has won, and its answer is ours.
        let won = store::statements::find(&mut *conn, blob).await?;
        let won = won.ok_or_else(|| Failure::unavailable("a statement vanished"))?;
        return seen_before(conn, scope, won).await;
    }
    let stored = store_lines(&mut *conn, frame, statement, &file, &own).await?;
    Ok(reply(whole(conn, stored).await?, &file, scope))
}

/// Stores lines, figures and what follows from them: events of money that came, and the match job.
async fn store_lines(
    conn: &mut sqlx::PgConnection,
    frame: &Frame,
    statement: Statement,
    file: &StatementFile,
    own: &[BankAccount],
) -> Result<Statement, Failure> {
    let own_tax_ids = store::bank_accounts::own_tax_ids(&mut *conn).await?;
    let mut new = new_lines(file, own, &own_tax_ids);
    new.sort_by(|a, b| (a.bank_account, &a.identity).cmp(&(b.bank_account, &b.identity)));
    let at = statement.created_at;
    let mut stored = 0;
    for new in new.chunks(AT_ONCE) {
        let inserted = store::lines::import::insert(&mut *conn, statement.id, new, at).await?;
        let came = new.iter().filter(|new| {
            inserted.contains(&new.id)
                && new.line.direction == Direction::In
                && new.class != Class::OwnTransfer
        });
        let came: Vec<_> = came.filter_map(events::line_imported).collect();
        feed::append_all(&mut *conn, frame, &came).await?;
        stored += inserted.len();
    }
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let (line_count, repeated_count) = (count(stored), count(new.len() - stored));
    store::statements::count_lines(&mut *conn, statement.id, line_count, repeated_count).await?;
    store::statements::insert_days(&mut *conn, statement.id, &days(file, own)).await?;
    if stored > 0 {
        let job = Job::Statement(statement.id);
        let key = statement.id.to_string();
        let now = frame.clock.now();
        queue::push(&mut *conn, jobs::matching::KIND, Some(&key), None, now, &job).await?;
    }
    Ok(Statement { line_count, repeated_count, ..statement })
}

fn new_lines<'f>(
    file: &'f StatementFile,
    own: &[BankAccount],
    own_tax_ids: &BTreeSet<String>,
) -> Vec<NewLine<'f>> {
    let own_accounts: BTreeSet<String> = own.iter().map(|a| a.account.clone()).collect();
    file.lines
        .iter()
        .zip(lines::identities(&file.lines))
        .filter_map(|(line, identity)| {
            let account = own.iter().find(|own| own.account == line.own_account)?;
            Some(NewLine {
                id: LineId::generate(),
                line,
                bank_account: account.id,
                seller: account.seller,
                class: lines::classify(line, &own_accounts, own_tax_ids),
                identity,
            })
        })
        .collect()
}

/// The file with the currency of each line taken from its account, or the refusal of a file that
/// names an account which is not ours.
fn of_our_accounts(mut file: StatementFile, own: &[BankAccount]) -> Result<StatementFile, Refusal> {
    let of = |account: &str| own.iter().find(|own| own.account == account);
    let foreign: Vec<&str> =
        file.accounts.iter().map(String::as_str).filter(|a| of(a).is_none()).collect();
    if !foreign.is_empty() {
        return Err(verdict::of_another_account(&foreign));
    }
    for line in &mut file.lines {
        if let Some(account) = of(&line.own_account) {
            line.currency = account.currency;
        }
    }
    let too_fine = |line: &crate::domain::statements::StatementLine| {
        Money::new(line.amount, line.currency).is_err()
    };
    let (bad, good) = std::mem::take(&mut file.lines).into_iter().partition(too_fine);
    file.lines = good;
    file.bad.extend::<Vec<Remark>>(bad.iter().map(finer_than_currency).collect());
    Ok(file)
}

fn finer_than_currency(line: &crate::domain::statements::StatementLine) -> Remark {
    let currency = line.currency;
    Remark::new(
        line.line,
        "AMOUNT_TOO_FINE",
        format!("Сумма {} мельче минимальной единицы {currency}", line.amount),
        format!("The amount {} is finer than the minor unit of {currency}", line.amount),
    )
    .of("Сумма")
}

fn days(file: &StatementFile, own: &[BankAccount]) -> Vec<(StatementDay, Currency, bool)> {
    let complete = arithmetic::check(file) == arithmetic::Arithmetic::Closes;
    let of = |account: &str| own.iter().find(|own| own.account == account);
    file.days
        .iter()
        .filter_map(|day| Some((day.clone(), of(&day.own_account)?.currency, complete)))
        .collect()
}

fn reply(
    statement: pb::Statement,
    file: &StatementFile,
    scope: &Scope,
) -> pb::ImportStatementResponse {
    let imported = statement.lines;
    let all = i32::try_from(file.lines.len()).unwrap_or(i32::MAX);
    pb::ImportStatementResponse {
        statement: Some(statement),
        imported,
        repeated_lines: all - imported,
        bad_documents: file
            .bad
            .iter()
            .take(readers::MAX_REMARKS)
            .map(|remark| pb::BadDocument {
                line: i32::try_from(remark.line).unwrap_or(i32::MAX),
                field: remark.field.clone(),
                text: said(remark, scope.locale),
            })
            .collect(),
        warnings: file.warnings.iter().map(|remark| warning(remark, scope)).collect(),
    }
}

fn warning(remark: &Remark, scope: &Scope) -> pb::Warning {
    pb::Warning {
        line: i32::try_from(remark.line).unwrap_or(i32::MAX),
        code: remark.code.clone(),
        text: said(remark, scope.locale),
    }
}

/// A refusal of the whole file; what was found in it rides along, by line.
fn refused(refusal: Refusal) -> Failure {
    let listed: Vec<&Remark> = refusal.details.iter().take(20).collect();
    let list = |text: fn(&Remark) -> &str, line: &str| {
        let each = listed.iter().map(|r| format!(" [{line} {}: {}]", r.line, text(r)));
        each.collect::<String>()
    };
    let text = Text::new(
        format!("{}{}", refusal.reason.ru, list(|r| &r.ru, "строка")),
        format!("{}{}", refusal.reason.en, list(|r| &r.en, "line")),
    );
    if refusal.curable {
        Failure::precondition(refusal.code, text)
    } else {
        Failure::invalid_request(refusal.code, text)
    }
}
