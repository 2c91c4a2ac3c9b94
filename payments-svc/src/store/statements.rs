//! Imported files.

use super::money;
use crate::domain::statements::{Remark, StatementDay};
use chrono::{DateTime, NaiveDate, Utc};
use service::Failure;
use service::blobs::BlobId;
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::HashMap;
use types::id::StatementId;
use types::{Currency, Money};
use uuid::Uuid;

/// An imported file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub id: StatementId,
    /// Its bytes.
    pub blob: BlobId,
    /// Name of the file.
    pub filename: String,
    /// Format.
    pub format: String,
    /// Encoding by its bytes.
    pub encoding: String,
    /// Lines stored from it.
    pub line_count: i32,
    /// Lines that were stored before.
    pub repeated_count: i32,
    /// Who imported it.
    pub actor: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// What is stored of a file beside [`Statement`].
#[derive(Debug, Clone)]
pub struct Details<'a> {
    /// Version of the format.
    pub version: Option<&'a str>,
    /// Encoding that the file claims.
    pub declared_encoding: Option<&'a str>,
    /// Who wrote the file.
    pub sender: Option<&'a str>,
    /// First day covered.
    pub from: Option<NaiveDate>,
    /// Last day covered.
    pub to: Option<NaiveDate>,
    /// Own accounts.
    pub accounts: &'a [String],
    /// Documents met.
    pub documents: usize,
    /// Oddities.
    pub warnings: &'a [Remark],
    /// Documents that could not be read.
    pub bad: &'a [Remark],
    /// A person confirmed that the file is whole.
    pub accept_truncated: bool,
}

/// Stores a file; false when one with the same bytes is stored already.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    statement: &Statement,
    details: &Details<'_>,
) -> Result<bool, Failure> {
    let inserted = sqlx::query!(
        "insert into statements (id, sha256, filename, format, version, encoding,
             declared_encoding, sender, from_day, to_day, accounts, documents, line_count,
             repeated_count, warnings, bad_documents, accept_truncated, actor, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, $13, $14, $15, $16, $17)
         on conflict on constraint statements_sha256 do nothing",
        statement.id.0,
        statement.blob.as_bytes(),
        statement.filename,
        statement.format,
        details.version,
        statement.encoding,
        details.declared_encoding,
        details.sender,
        details.from,
        details.to,
        details.accounts,
        i32::try_from(details.documents).unwrap_or(i32::MAX),
        Json(details.warnings) as _,
        Json(details.bad) as _,
        details.accept_truncated,
        statement.actor,
        statement.created_at
    );
    Ok(inserted.execute(conn).await?.rows_affected() == 1)
}

/// Notes that more lines of a file were stored.
///
/// # Errors
/// Those of the database.
pub async fn count_lines(
    conn: &mut PgConnection,
    id: StatementId,
    more: usize,
) -> Result<(), Failure> {
    sqlx::query!(
        "update statements set line_count = line_count + $2 where id = $1",
        id.0,
        i32::try_from(more).unwrap_or(i32::MAX)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes of how many lines of a file, so many in all, others had stored before; answers it.
///
/// # Errors
/// Those of the database.
pub async fn counted(
    conn: &mut PgConnection,
    id: StatementId,
    lines: usize,
) -> Result<Statement, Failure> {
    sqlx::query_as!(
        Row,
        "update statements set repeated_count = $2 - line_count where id = $1
         returning id, sha256, filename, format, encoding, line_count, repeated_count, actor,
             created_at",
        id.0,
        i32::try_from(lines).unwrap_or(i32::MAX)
    )
    .fetch_one(conn)
    .await?
    .try_into()
}

/// Stores the control figures of a file, with the currency of each account and whether its figures
/// agree.
///
/// # Errors
/// Those of the database.
pub async fn insert_days(
    conn: &mut PgConnection,
    id: StatementId,
    days: &[(StatementDay, Currency, bool)],
) -> Result<(), Failure> {
    let places: Vec<i32> = (0..).take(days.len()).collect();
    let accounts: Vec<String> = days.iter().map(|(day, ..)| day.own_account.clone()).collect();
    let currencies: Vec<String> = days.iter().map(|(_, c, _)| c.code().to_owned()).collect();
    let from: Vec<_> = days.iter().map(|(day, ..)| day.from).collect();
    let to: Vec<_> = days.iter().map(|(day, ..)| day.to).collect();
    let opening: Vec<_> = days.iter().map(|(day, ..)| day.opening).collect();
    let turnover_in: Vec<_> = days.iter().map(|(day, ..)| day.turnover_in).collect();
    let turnover_out: Vec<_> = days.iter().map(|(day, ..)| day.turnover_out).collect();
    let closing: Vec<_> = days.iter().map(|(day, ..)| day.closing).collect();
    let complete: Vec<bool> = days.iter().map(|(.., complete)| *complete).collect();
    sqlx::query!(
        "insert into statement_days (statement_id, place, account, currency, from_day, to_day,
             opening, turnover_in, turnover_out, closing, complete)
         select $1, place, account, currency, from_day, to_day, opening, turnover_in, turnover_out,
             closing, complete
         from unnest($2::int[], $3::text[], $4::text[], $5::date[], $6::date[], $7::numeric[],
             $8::numeric[], $9::numeric[], $10::numeric[], $11::boolean[])
             as given (place, account, currency, from_day, to_day, opening, turnover_in,
                 turnover_out, closing, complete)",
        id.0,
        &places,
        &accounts,
        &currencies,
        &from as _,
        &to as _,
        &opening as _,
        &turnover_in as _,
        &turnover_out as _,
        &closing as _,
        &complete
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct Row {
    id: Uuid,
    sha256: Vec<u8>,
    filename: String,
    format: String,
    encoding: String,
    line_count: i32,
    repeated_count: i32,
    actor: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Statement {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        let blob = BlobId::from_slice(&row.sha256);
        Ok(Self {
            id: StatementId(row.id),
            blob: super::stored(blob, "statements.sha256", "")?,
            filename: row.filename,
            format: row.format,
            encoding: row.encoding,
            line_count: row.line_count,
            repeated_count: row.repeated_count,
            actor: row.actor,
            created_at: row.created_at,
        })
    }
}

/// A file by the hash of its bytes.
///
/// # Errors
/// Those of the database.
pub async fn find(conn: &mut PgConnection, blob: BlobId) -> Result<Option<Statement>, Failure> {
    sqlx::query_as!(
        Row,
        "select id, sha256, filename, format, encoding, line_count, repeated_count, actor,
             created_at
         from statements where sha256 = $1",
        blob.as_bytes()
    )
    .fetch_optional(conn)
    .await?
    .map(Statement::try_from)
    .transpose()
}

/// A file by its id.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: StatementId) -> Result<Option<Statement>, Failure> {
    sqlx::query_as!(
        Row,
        "select id, sha256, filename, format, encoding, line_count, repeated_count, actor,
             created_at
         from statements where id = $1",
        id.0
    )
    .fetch_optional(conn)
    .await?
    .map(Statement::try_from)
    .transpose()
}

/// A page of files, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    after: Option<StatementId>,
    limit: i64,
) -> Result<Vec<Statement>, Failure> {
    sqlx::query_as!(
        Row,
        "select id, sha256, filename, format, encoding, line_count, repeated_count, actor,
             created_at
         from statements where $1::uuid is null or id < $1 order by id desc limit $2",
        after.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Statement::try_from)
    .collect()
}

/// How many there are, up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, cap: i64) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select from statements limit $1) counted"#,
        cap
    );
    Ok(count.fetch_one(conn).await?)
}

/// Control figures of one account and period, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Own account.
    pub account: String,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
    /// Balance before.
    pub opening: Option<Money>,
    /// Balance after.
    pub closing: Option<Money>,
    /// All figures agree.
    pub complete: bool,
}

/// Control figures of these files, in their order.
///
/// # Errors
/// Those of the database.
pub async fn days(
    conn: &mut PgConnection,
    statements: &[StatementId],
) -> Result<HashMap<StatementId, Vec<Day>>, Failure> {
    let ids: Vec<Uuid> = statements.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select statement_id, account, currency, from_day, to_day, opening, closing, complete
         from statement_days where statement_id = any($1) order by statement_id, place",
        &ids
    )
    .fetch_all(conn)
    .await?;
    let mut found: HashMap<StatementId, Vec<Day>> = HashMap::new();
    for row in rows {
        let figure = |amount: Option<_>| amount.map(|a| money(a, &row.currency)).transpose();
        found.entry(StatementId(row.statement_id)).or_default().push(Day {
            account: row.account.clone(),
            from: row.from_day,
            to: row.to_day,
            opening: figure(row.opening)?,
            closing: figure(row.closing)?,
            complete: row.complete,
        });
    }
    Ok(found)
}
