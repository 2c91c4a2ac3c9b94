//! Lists as members of staff like to look at them.

use super::corrupt;
use crate::domain::views::{Place, Title, View};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::id::{StaffId, ViewId};
use uuid::Uuid;

struct Row {
    id: Uuid,
    staff_id: Uuid,
    title: String,
    place: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for View {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let id = ViewId(row.id);
        Ok(Self {
            id,
            staff: StaffId(row.staff_id),
            title: Title::parse(&row.title).map_err(|_| corrupt("title", id))?,
            place: Place::parse(&row.place).map_err(|_| corrupt("place", id))?,
            created_at: row.created_at,
        })
    }
}

/// Stores a view.
///
/// # Errors
/// Those of the database; constraint `views_title_key` when its owner has one of that title.
pub async fn insert(conn: &mut PgConnection, view: &View) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into views (id, staff_id, title, place, created_at) values ($1, $2, $3, $4, $5)",
        view.id.0,
        view.staff.0,
        view.title.as_str(),
        view.place.as_str(),
        view.created_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes a view of its owner; answers it, unless there is none.
///
/// # Errors
/// Those of the database.
pub async fn delete(
    conn: &mut PgConnection,
    id: ViewId,
    staff: StaffId,
) -> sqlx::Result<Option<View>> {
    sqlx::query_as!(
        Row,
        "delete from views where id = $1 and staff_id = $2
         returning id, staff_id, title, place, created_at",
        id.0,
        staff.0,
    )
    .fetch_optional(conn)
    .await?
    .map(View::try_from)
    .transpose()
}

/// A page of one's views, by title, behind a title.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    staff: StaffId,
    after: Option<&str>,
    limit: i64,
) -> sqlx::Result<Vec<View>> {
    sqlx::query_as!(
        Row,
        "select id, staff_id, title, place, created_at from views
         where staff_id = $1 and ($2::text is null or title > $2) order by title limit $3",
        staff.0,
        after,
        limit,
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(View::try_from)
    .collect()
}

/// How many views somebody has.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, staff: StaffId) -> sqlx::Result<i64> {
    sqlx::query_scalar!("select count(*) as \"count!\" from views where staff_id = $1", staff.0)
        .fetch_one(conn)
        .await
}
