//! What staff are to do.

use super::rows;
use crate::domain::tasks::{Done, Task, TaskText};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use service::Failure;
use sqlx::PgConnection;
use types::id::{ClientId, StaffId, TaskId};
use uuid::Uuid;

struct Row {
    id: Uuid,
    text: String,
    due: Option<NaiveDate>,
    client_id: Option<Uuid>,
    assignee: Option<Uuid>,
    author: String,
    done_at: Option<DateTime<Utc>>,
    done_by: String,
    revision: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Task {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.into(),
            text: rows::word("tasks.text", TaskText::parse(&row.text).ok())?,
            due: row.due,
            client: row.client_id.map(ClientId::from),
            assignee: row.assignee.map(StaffId::from),
            author: row.author,
            done: row.done_at.map(|at| Done { by: row.done_by, at }),
            revision: row.revision,
            created: row.created_at,
            updated: row.updated_at,
        })
    }
}

/// Stores a new one.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut PgConnection, task: &Task) -> Result<(), Failure> {
    sqlx::query!(
        "insert into tasks (id, text, due, client_id, assignee, author, done_at, done_by, revision,
             created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        task.id.0,
        task.text.as_str(),
        task.due,
        task.client.map(|client| client.0),
        task.assignee.map(|staff| staff.0),
        task.author,
        task.done.as_ref().map(|done| done.at),
        task.done.as_ref().map_or("", |done| &done.by),
        task.revision,
        task.created,
        task.updated,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores what changed of a locked one, its revision included.
///
/// # Errors
/// Those of the database.
pub async fn update(conn: &mut PgConnection, task: &Task) -> Result<(), Failure> {
    sqlx::query!(
        "update tasks
         set text = $2, due = $3, client_id = $4, assignee = $5, done_at = $6, done_by = $7,
             revision = $8, updated_at = $9
         where id = $1",
        task.id.0,
        task.text.as_str(),
        task.due,
        task.client.map(|client| client.0),
        task.assignee.map(|staff| staff.0),
        task.done.as_ref().map(|done| done.at),
        task.done.as_ref().map_or("", |done| &done.by),
        task.revision,
        task.updated,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One of them, locked until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: TaskId) -> Result<Option<Task>, Failure> {
    let row = sqlx::query_as!(
        Row,
        "select id, text, due, client_id, assignee, author, done_at, done_by, revision, created_at,
             updated_at
         from tasks where id = $1 for update",
        id.0,
    )
    .fetch_optional(conn)
    .await?;
    row.map(Task::try_from).transpose()
}

/// Which of them a list has.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Filter {
    /// Only about this client.
    pub client: Option<ClientId>,
    /// Only this colleague's, and those of whoever comes first.
    pub assignee: Option<StaffId>,
    /// Done ones too.
    pub done: bool,
    /// Only those due on this day or later.
    pub since: Option<NaiveDate>,
    /// Only those due on this day or earlier.
    pub until: Option<NaiveDate>,
}

/// Where a page begins: behind this one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct After {
    /// It is done.
    pub done: bool,
    /// Day by which.
    pub due: Option<NaiveDate>,
    /// Its id.
    pub id: Uuid,
}

/// A page of them: open ones first, soonest due first, those without a day last.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Task>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, text, due, client_id, assignee, author, done_at, done_by, revision, created_at,
             updated_at
         from tasks
         where ($1::uuid is null or client_id = $1)
           and ($2::uuid is null or assignee is null or assignee = $2)
           and ($3 or done_at is null)
           and ($4::date is null or due >= $4) and ($5::date is null or due <= $5)
           and ($8::uuid is null
                or (done_at is not null, coalesce(due, 'infinity'), id)
                    > ($6, coalesce($7::date, 'infinity'), $8::uuid))
         order by done_at is not null, coalesce(due, 'infinity'), id limit $9",
        filter.client.map(|client| client.0),
        filter.assignee.map(|staff| staff.0),
        filter.done,
        filter.since,
        filter.until,
        after.is_some_and(|after| after.done),
        after.and_then(|after| after.due),
        after.map(|after| after.id),
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Task::try_from).collect()
}

/// How many a list has, counted up to a limit.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, filter: &Filter, limit: i64) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
             select 1 from tasks
             where ($1::uuid is null or client_id = $1)
               and ($2::uuid is null or assignee is null or assignee = $2)
               and ($3 or done_at is null)
               and ($4::date is null or due >= $4) and ($5::date is null or due <= $5)
             limit $6) as counted"#,
        filter.client.map(|client| client.0),
        filter.assignee.map(|staff| staff.0),
        filter.done,
        filter.since,
        filter.until,
        limit,
    );
    Ok(count.fetch_one(conn).await?)
}
