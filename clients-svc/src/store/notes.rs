//! Notes about clients.

use super::corrupt;
use crate::domain::notes::{Note, NoteText};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::id::{ClientId, NoteId};
use uuid::Uuid;

struct Row {
    id: Uuid,
    client_id: Uuid,
    text: String,
    important: bool,
    author: String,
    revision: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Note {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let id = NoteId(row.id);
        Ok(Self {
            id,
            client: ClientId(row.client_id),
            text: NoteText::parse(&row.text).map_err(|_| corrupt("text", id))?,
            important: row.important,
            author: row.author,
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Stores a note.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut PgConnection, note: &Note) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into notes (id, client_id, text, important, author, revision, created_at,
                            updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        note.id.0,
        note.client.0,
        note.text.as_str(),
        note.important,
        note.author,
        note.revision,
        note.created_at,
        note.updated_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores what changed of a note, its revision included.
///
/// # Errors
/// Those of the database.
pub async fn update(conn: &mut PgConnection, note: &Note) -> sqlx::Result<()> {
    sqlx::query!(
        "update notes set text = $2, important = $3, revision = $4, updated_at = $5 where id = $1",
        note.id.0,
        note.text.as_str(),
        note.important,
        note.revision,
        note.updated_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes a note.
///
/// # Errors
/// Those of the database.
pub async fn delete(conn: &mut PgConnection, id: NoteId) -> sqlx::Result<()> {
    sqlx::query!("delete from notes where id = $1", id.0).execute(conn).await?;
    Ok(())
}

/// One note, locked until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: NoteId) -> sqlx::Result<Option<Note>> {
    sqlx::query_as!(
        Row,
        "select id, client_id, text, important, author, revision, created_at, updated_at
         from notes where id = $1 for update",
        id.0,
    )
    .fetch_optional(conn)
    .await?
    .map(Note::try_from)
    .transpose()
}

/// Which notes a list shows.
#[derive(Debug)]
pub struct Filter {
    /// The client.
    pub client: ClientId,
    /// Only important ones.
    pub important: bool,
}

/// Notes of a client: important ones first, then newest first, after a note.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<(bool, Uuid)>,
    limit: i64,
) -> sqlx::Result<Vec<Note>> {
    sqlx::query_as!(
        Row,
        "select id, client_id, text, important, author, revision, created_at, updated_at
         from notes
         where client_id = $1 and (important or not $2)
           and ($3::boolean is null or (important, id) < ($3, $4::uuid))
         order by important desc, id desc
         limit $5",
        filter.client.0,
        filter.important,
        after.map(|a| a.0),
        after.map(|a| a.1),
        limit,
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Note::try_from)
    .collect()
}

/// How many notes a filter finds, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, filter: &Filter, cap: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "select count(*) as \"count!\" from (
             select 1 from notes where client_id = $1 and (important or not $2) limit $3) found",
        filter.client.0,
        filter.important,
        cap,
    )
    .fetch_one(conn)
    .await
}
