//! ImportStatement: bytes in, every line once (A230, G28).

use super::whole;
use crate::api::said;
use crate::domain::matching::Preset;
use crate::domain::statements::{Remark, StatementDay, StatementFile, arithmetic};
use crate::jobs::importing::{self, file};
use crate::store::bank_accounts::BankAccount;
use crate::store::statements::{Details, Statement};
use crate::{readers, store};
use proto::payments::v1::{self as pb};
use service::blobs::{self, BlobId};
use service::idempotency::{self, Key};
use service::{Failure, Frame, Scope, Text, Violations};
use tokio::sync::Mutex;
use tonic::Streaming;
use types::Currency;
use types::id::StatementId;

/// Method name of request ids: the stream has no message of its own to take it from.
const METHOD: &str = "/raschet.payments.v1.Statements/ImportStatement";

/// Largest chunk of one message, bytes.
const MAX_CHUNK: usize = 1024 * 1024;

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

/// A call of this method.
pub(super) struct Call<'a> {
    pub(super) frame: &'a Frame,
    pub(super) preset: Preset,
    pub(super) scope: &'a Scope,
    pub(super) turn: &'a Mutex<()>,
}

impl Call<'_> {
    /// Reads the file and stores its lines, all of them in one transaction.
    ///
    /// # Errors
    /// The refusals of [`file::read`] and [`file::of_our_accounts`].
    pub(super) async fn import(
        &self,
        upload: Upload,
    ) -> Result<pb::ImportStatementResponse, Failure> {
        let Upload { header, bytes } = upload;
        let blob = BlobId::of(&bytes);
        // The hash stands for the bytes: same id and another file is an error.
        let body = pb::ImportStatementRequest {
            header: Some(header.clone()),
            chunk: blob.as_bytes().to_vec(),
        };
        let key = Key::new(&self.scope.actor, METHOD, &header.request_id, &body)?;
        let known = {
            let mut conn = self.frame.pool.acquire().await?;
            store::statements::find(&mut conn, blob).await?
        };
        if known.is_some() {
            return self.known_file(key, blob).await;
        }
        let (bytes, file) = file::read(bytes, header.accept_truncated).await?;
        match self.new_file(&header, &key, &bytes, file).await? {
            Some(reply) => Ok(reply),
            // The same file was being imported beside us, and has won.
            None => self.known_file(key, blob).await,
        }
    }

    /// The very same bytes are stored: the call that brought them is answered as then, another one
    /// is told so.
    async fn known_file(
        &self,
        key: Key,
        blob: BlobId,
    ) -> Result<pb::ImportStatementResponse, Failure> {
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let statement = store::statements::find(&mut tx, blob).await?;
        let statement = statement.ok_or_else(|| Failure::unavailable("a statement vanished"))?;
        let reply = seen_before(&mut tx, self.scope, statement).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await?;
        Ok(reply)
    }

    /// Stores a file and answers; nothing when it is known by now.
    async fn new_file(
        &self,
        header: &pb::ImportHeader,
        key: &Key,
        bytes: &[u8],
        file: StatementFile,
    ) -> Result<Option<pb::ImportStatementResponse>, Failure> {
        let Self { frame, preset, .. } = *self;
        let _turn = self.turn.lock().await;
        let beside = frame.pool.acquire().await?;
        let mut tx = frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, key).await? {
            return Ok(Some(saved));
        }
        let own = store::bank_accounts::all(&mut tx).await?;
        let own_tax_ids = store::bank_accounts::own_tax_ids(&mut tx).await?;
        let mut file = file::of_our_accounts(file, &own)?;
        let days = days(&file, &own);
        let count = file.lines.len();
        let taken = std::mem::take(&mut file.lines);
        let lines = tokio::task::spawn_blocking(move || file::lines(taken));
        let statement = self.statement(header, &file, BlobId::of(bytes));
        let (id, at) = (statement.id, statement.created_at);
        blobs::put(&mut tx, bytes).await?;
        if !store::statements::insert(&mut tx, &statement, &details(header, &file)).await? {
            return Ok(None);
        }
        store::statements::insert_days(&mut tx, id, &days).await?;
        let ours = file::Ours::new(id, at, own, own_tax_ids);
        let lines = lines.await.map_err(Failure::internal)?;
        importing::all(&mut tx, beside, frame, preset, ours, lines).await?;
        let statement = store::statements::counted(&mut tx, id, count).await?;
        let reply = self.reply(&mut tx, statement, &file).await?;
        let reply = idempotency::finish(&mut tx, key.clone(), reply).await?;
        tx.commit().await?;
        frame.wake();
        Ok(Some(reply))
    }

    fn statement(
        &self,
        header: &pb::ImportHeader,
        file: &StatementFile,
        blob: BlobId,
    ) -> Statement {
        Statement {
            id: StatementId::generate(),
            blob,
            filename: header.filename.clone(),
            format: file.format.into(),
            encoding: file.encoding.into(),
            line_count: 0,
            repeated_count: 0,
            actor: self.scope.actor.clone(),
            created_at: self.frame.clock.now(),
        }
    }

    async fn reply(
        &self,
        conn: &mut sqlx::PgConnection,
        statement: Statement,
        file: &StatementFile,
    ) -> Result<pb::ImportStatementResponse, Failure> {
        let bad = file.bad.iter().take(readers::MAX_REMARKS);
        Ok(pb::ImportStatementResponse {
            imported: statement.line_count,
            repeated_lines: statement.repeated_count,
            statement: Some(whole(conn, statement).await?),
            bad_documents: bad
                .map(|remark| pb::BadDocument {
                    line: i32::try_from(remark.line).unwrap_or(i32::MAX),
                    field: remark.field.clone(),
                    text: said(remark, self.scope.locale),
                })
                .collect(),
            warnings: file.warnings.iter().map(|remark| warning(remark, self.scope)).collect(),
        })
    }
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

fn details<'f>(header: &pb::ImportHeader, file: &'f StatementFile) -> Details<'f> {
    Details {
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
    }
}

fn days(file: &StatementFile, own: &[BankAccount]) -> Vec<(StatementDay, Currency, bool)> {
    let complete = arithmetic::check(file) == arithmetic::Arithmetic::Closes;
    let of = |account: &str| own.iter().find(|own| own.account == account);
    file.days
        .iter()
        .filter_map(|day| Some((day.clone(), of(&day.own_account)?.currency, complete)))
        .collect()
}

fn warning(remark: &Remark, scope: &Scope) -> pb::Warning {
    pb::Warning {
        line: i32::try_from(remark.line).unwrap_or(i32::MAX),
        code: remark.code.clone(),
        text: said(remark, scope.locale),
    }
}
